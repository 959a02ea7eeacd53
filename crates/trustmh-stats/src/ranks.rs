//! Ranks: those of scores, those of rank sums, and how far resampling the items moves them.

use trustmh_core::metric::Direction;

use crate::bootstrap::{RESAMPLES, Resampler};

/// Ranks from 1, the best first; equals share the best rank that is theirs (1, 2, 2, 4).
pub fn ranks(values: &[f64], direction: Direction) -> Vec<usize> {
    let worth = |value: f64| match direction {
        Direction::Higher => -value,
        Direction::Lower => value,
        Direction::NearZero => value.abs(),
    };
    let worths: Vec<f64> = values.iter().map(|value| worth(*value)).collect();
    // Sums that differ in their last bits only are the same.
    let better = |one: f64, other: f64| one < other - 1e-12;
    worths
        .iter()
        .map(|own| 1 + worths.iter().filter(|other| better(**other, *own)).count())
        .collect()
}

/// The rank of each subject's sum of task ranks, lower sums first, which is how a pillar's rank is published (arXiv
/// 2603.03047). `tasks` holds one row of ranks a task.
pub fn of_rank_sums(tasks: &[Vec<usize>]) -> Vec<usize> {
    let subjects = tasks.first().map_or(0, Vec::len);
    let sum = |subject: usize| -> usize { tasks.iter().filter_map(|row| row.get(subject)).sum() };
    let sums: Vec<f64> = (0..subjects).map(|subject| sum(subject) as f64).collect();
    ranks(&sums, Direction::Lower)
}

/// The ranks that a subject takes in 95 % of resamples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankRange {
    /// The rank by the scores themselves.
    pub rank: usize,
    /// The best of the middle 95 %.
    pub best: usize,
    /// The worst of them.
    pub worst: usize,
}

/// How far the ranks of subjects by their mean over the same items move if the items are drawn anew: percentiles of
/// bootstrap resamples of whole items (Goldstein & Spiegelhalter 1996, doi 10.2307/2983325, on what rankings
/// can say). `scores[subject][row]`, with every subject in every row, and the number of each row's item in
/// `clusters`. Empty without subjects or rows.
pub fn under_resampling(
    scores: &[Vec<f64>],
    clusters: &[usize],
    direction: Direction,
    seed: u64,
) -> Vec<RankRange> {
    if clusters.is_empty() || scores.iter().any(|row| row.len() != clusters.len()) {
        return Vec::new();
    }
    let mut taken: Vec<Vec<usize>> = vec![Vec::with_capacity(RESAMPLES); scores.len()];
    Resampler::new(clusters, seed).each(|rows| {
        let means: Vec<f64> = scores.iter().map(|of_subject| mean_at(of_subject, rows)).collect();
        for (rank, taken) in ranks(&means, direction).into_iter().zip(&mut taken) {
            taken.push(rank);
        }
    });
    let all: Vec<usize> = (0..clusters.len()).collect();
    let means: Vec<f64> = scores.iter().map(|row| mean_at(row, &all)).collect();
    let own = ranks(&means, direction);
    own.into_iter().zip(taken).map(|(rank, taken)| range(rank, taken)).collect()
}

fn mean_at(of_subject: &[f64], rows: &[usize]) -> f64 {
    rows.iter().filter_map(|row| of_subject.get(*row)).sum::<f64>() / rows.len() as f64
}

/// The middle 95 % of the ranks taken, and the rank itself.
pub fn range(rank: usize, mut taken: Vec<usize>) -> RankRange {
    taken.sort_unstable();
    let at = |level: f64| {
        let place = (level * (taken.len().saturating_sub(1)) as f64).round() as usize;
        taken.get(place).copied().unwrap_or(rank)
    };
    RankRange { rank, best: at(0.025).min(rank), worst: at(0.975).max(rank) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equals_share_the_best_rank() {
        assert_eq!(ranks(&[0.5, 0.9, 0.5, 0.1], Direction::Higher), [2, 1, 2, 4]);
        assert_eq!(ranks(&[0.5, 0.9, 0.5, 0.1], Direction::Lower), [2, 4, 2, 1]);
        assert_eq!(ranks(&[-0.5, 0.1, 0.3], Direction::NearZero), [3, 1, 2]);
        assert_eq!(of_rank_sums(&[vec![1, 2, 3], vec![2, 1, 3]]), [1, 1, 3]);
    }

    #[test]
    fn far_apart_subjects_keep_their_ranks_and_equal_ones_do_not() {
        let high: Vec<f64> = (0..60).map(|i| 0.9 + f64::from(i % 3) / 100.0).collect();
        let low: Vec<f64> = high.iter().map(|value| value - 0.5).collect();
        let noisy: Vec<f64> = (0..60).map(|i| f64::from(i % 2)).collect();
        let other: Vec<f64> = (0..60).map(|i| f64::from((i + 1) % 2)).collect();
        let items: Vec<usize> = (0..60).collect();
        let apart = under_resampling(&[high, low], &items, Direction::Higher, 1);
        assert_eq!(
            apart,
            [RankRange { rank: 1, best: 1, worst: 1 }, RankRange { rank: 2, best: 2, worst: 2 }]
        );
        let alike = under_resampling(&[noisy, other], &items, Direction::Higher, 1);
        assert!(alike.iter().all(|range| (range.best, range.worst) == (1, 2)), "{alike:?}");
    }

    proptest! {
        #[test]
        fn ranks_ignore_what_keeps_the_order(values in prop::collection::vec(-100_i32..100, 1..15)) {
            let plain: Vec<f64> = values.iter().copied().map(f64::from).collect();
            let stretched: Vec<f64> = plain.iter().map(|value| 3.0 * value - 7.0).collect();
            prop_assert_eq!(ranks(&plain, Direction::Higher), ranks(&stretched, Direction::Higher));
        }
    }
}
