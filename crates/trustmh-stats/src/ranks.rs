//! Ranks: those of scores, those of rank sums, and how far resampling the items moves them.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use statrs::distribution::{ContinuousCDF, Normal};
use trustmh_core::comparison::RankRange;
use trustmh_core::metric::{Direction, Estimate};

use crate::bootstrap::{RESAMPLES, Resampler};

/// Ranks from 1, the best first; equals share the best rank that is theirs (1, 2, 2, 4).
pub fn ranks(values: &[f64], direction: Direction) -> Vec<usize> {
    let worth = |value: f64| match direction {
        Direction::Higher => -value,
        Direction::Lower => value,
        Direction::NearZero => value.abs(),
        // Nobody is before anybody.
        Direction::None => 0.0,
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

/// Ranks of subjects, and those they take in each of [`RESAMPLES`] draws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankDraws {
    own: Vec<usize>,
    drawn: Vec<Vec<usize>>,
}

impl RankDraws {
    /// By the subjects' means over the same items, drawn anew: bootstrap resamples of whole items (Goldstein & Spiegelhalter
    /// 1996, doi 10.2307/2983325, on what rankings can say). `scores[subject][row]`, with every subject in
    /// every row, and the number of each row's item in `clusters`. None without subjects or rows.
    pub fn of_items(
        scores: &[Vec<f64>],
        clusters: &[usize],
        direction: Direction,
        seed: u64,
    ) -> Option<Self> {
        let uneven = scores.iter().any(|row| row.len() != clusters.len());
        if clusters.is_empty() || scores.is_empty() || uneven {
            return None;
        }
        let at = |rows: &[usize]| -> Vec<usize> {
            let means: Vec<f64> = scores.iter().map(|row| mean_at(row, rows)).collect();
            ranks(&means, direction)
        };
        let mut drawn = Vec::with_capacity(RESAMPLES);
        Resampler::new(clusters, seed).each(|rows| drawn.push(at(rows)));
        Some(Self { own: at(&(0..clusters.len()).collect::<Vec<_>>()), drawn })
    }

    /// By estimates that are no means over shared items: each is drawn from a normal distribution of its own standard error,
    /// apart from all others, so that ranges come out rather too wide than too narrow where subjects share items. An
    /// estimate without an interval stays where it is. None without estimates.
    pub fn of_estimates(estimates: &[Estimate], direction: Direction, seed: u64) -> Option<Self> {
        let normal = Normal::new(0.0, 1.0).ok()?;
        let width = normal.inverse_cdf(0.975);
        let error = |estimate: &Estimate| {
            estimate.interval.map_or(0.0, |interval| (interval.high - interval.low) / (2.0 * width))
        };
        let values: Vec<f64> = estimates.iter().map(|estimate| estimate.value).collect();
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        let mut draw = |estimate: &Estimate| {
            let open: f64 = 1.0 - rng.random::<f64>();
            let z = normal.inverse_cdf(open.min(1.0 - f64::EPSILON));
            estimate.value + z * error(estimate)
        };
        let drawn = (0..RESAMPLES)
            .map(|_| ranks(&estimates.iter().map(&mut draw).collect::<Vec<_>>(), direction))
            .collect();
        (!values.is_empty()).then(|| Self { own: ranks(&values, direction), drawn })
    }

    /// By the sums of ranks, as [`of_rank_sums`], draw by draw. None without parts.
    pub fn of_sums(parts: &[&Self]) -> Option<Self> {
        let sums = |rows: Vec<Vec<usize>>| of_rank_sums(&rows);
        let draw =
            |at: usize| sums(parts.iter().filter_map(|part| part.drawn.get(at).cloned()).collect());
        let own = sums(parts.iter().map(|part| part.own.clone()).collect());
        (!own.is_empty()).then(|| Self { own, drawn: (0..RESAMPLES).map(draw).collect() })
    }

    /// Each subject's rank, and the middle 95 % of those it takes.
    pub fn ranges(&self) -> Vec<RankRange> {
        let taken =
            |subject: usize| self.drawn.iter().filter_map(move |row| row.get(subject).copied());
        let ranked = self.own.iter().enumerate();
        ranked.map(|(subject, rank)| range(*rank, taken(subject).collect())).collect()
    }
}

fn mean_at(of_subject: &[f64], rows: &[usize]) -> f64 {
    rows.iter().filter_map(|row| of_subject.get(*row)).sum::<f64>() / rows.len() as f64
}

/// The middle 95 % of the ranks taken, and the rank itself.
fn range(rank: usize, mut taken: Vec<usize>) -> RankRange {
    taken.sort_unstable();
    let at = |level: f64| {
        let place = (level * (taken.len().saturating_sub(1)) as f64).round() as usize;
        taken.get(place).copied().unwrap_or(rank)
    };
    RankRange {
        rank: rank as u64,
        best: at(0.025).min(rank) as u64,
        worst: at(0.975).max(rank) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use trustmh_core::metric::{Interval, IntervalMethod};

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
        let of = |one: &[f64], two: &[f64]| {
            RankDraws::of_items(&[one.to_vec(), two.to_vec()], &items, Direction::Higher, 1)
                .unwrap()
        };
        let apart = of(&high, &low).ranges();
        assert_eq!(
            apart,
            [RankRange { rank: 1, best: 1, worst: 1 }, RankRange { rank: 2, best: 2, worst: 2 }]
        );
        let alike = of(&noisy, &other).ranges();
        assert!(alike.iter().all(|range| (range.best, range.worst) == (1, 2)), "{alike:?}");
    }

    #[test]
    fn estimates_overlap_as_their_errors_say() {
        let estimate = |value: f64, half: f64| {
            let method = IntervalMethod::Normal;
            let interval = Interval { low: value - half, high: value + half, method };
            Estimate { value, interval: Some(interval), n: 50, clusters: 50 }
        };
        let of = |estimates: &[Estimate]| {
            RankDraws::of_estimates(estimates, Direction::Lower, 1).unwrap().ranges()
        };
        let [one, two, far] =
            of(&[estimate(0.5, 0.2), estimate(0.51, 0.2), estimate(3.0, 0.2)])[..]
        else {
            panic!("three ranges")
        };
        assert_eq!((one.rank, one.best, one.worst), (1, 1, 2));
        assert_eq!((two.rank, two.best, two.worst), (2, 1, 2));
        assert_eq!((far.rank, far.best, far.worst), (3, 3, 3));
        // Phi(d / sqrt(2 se^2)) with d = 0.2 * sqrt 2 / 1.96 * 1.645: the better one is ahead in 95 % of draws.
        let gap = 0.2 * 2_f64.sqrt() / 1.959964 * 1.644854;
        let draws =
            RankDraws::of_estimates(&[estimate(0.0, 0.2), estimate(gap, 0.2)], Direction::Lower, 7);
        let drawn = draws.unwrap().drawn;
        let ahead =
            drawn.iter().filter(|row| row[..] == [1, 2]).count() as f64 / drawn.len() as f64;
        assert!((ahead - 0.95).abs() < 0.015, "{ahead}");
        assert_eq!(RankDraws::of_estimates(&[], Direction::Lower, 1), None);
    }

    #[test]
    fn sums_of_ranks_are_drawn_together() {
        let draws = |drawn: Vec<Vec<usize>>, own: &[usize]| RankDraws { own: own.to_vec(), drawn };
        let steady = draws(vec![vec![1, 2]; RESAMPLES], &[1, 2]);
        let turned = draws(vec![vec![2, 1]; RESAMPLES], &[2, 1]);
        let ranges = |parts: &[&RankDraws]| RankDraws::of_sums(parts).unwrap().ranges();
        let [first, second] = ranges(&[&steady, &steady, &turned])[..] else { panic!("two") };
        assert_eq!([first.rank, first.worst, second.rank, second.best], [1, 1, 2, 2]);
        let [first, second] = ranges(&[&steady, &turned])[..] else { panic!("two") };
        assert_eq!([first.rank, second.rank, first.worst], [1, 1, 1], "a tie");
        assert_eq!(RankDraws::of_sums(&[]), None);
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
