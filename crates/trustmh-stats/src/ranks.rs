//! Ranks: those of scores, those of rank sums, and the sets of ranks that the data leave open.

use trustmh_core::comparison::RankRange;
use trustmh_core::metric::Direction;

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

/// Two subjects, by place, of whom a test says that one is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Apart {
    /// The better one.
    pub better: usize,
    /// The other.
    pub worse: usize,
}

/// Each subject's rank, and the ranks that the tests of all pairs leave open: it is behind those only that are told to be
/// better, and ahead of those only that are told to be worse (Mogstad, Romano, Shaikh & Wilhelm 2024, doi 10.1093/restud/rdad006). Where
/// the tests together make a false finding with a chance of alpha at most, as after Holm's correction, all true ranks lie in
/// their sets at once with a chance of 1 - alpha. A pair without a test is not told apart.
pub fn confidence_sets(ranks: &[usize], apart: &[Apart]) -> Vec<RankRange> {
    let subjects = ranks.len();
    let of = |(subject, rank): (usize, &usize)| {
        let ahead = apart.iter().filter(|pair| pair.worse == subject).count();
        let behind = apart.iter().filter(|pair| pair.better == subject).count();
        range(*rank, 1 + ahead, subjects.saturating_sub(behind))
    };
    ranks.iter().enumerate().map(of).collect()
}

/// The ranks of the subjects' sums of ranks, as [`of_rank_sums`], and those that the sets behind them leave open: a subject
/// is behind those only whose largest possible sum is below its smallest. If the sets of all `tasks` (one row a task) hold at once,
/// so do these.
pub fn confidence_sets_of_sums(tasks: &[Vec<RankRange>]) -> Vec<RankRange> {
    let subjects = tasks.first().map_or(0, Vec::len);
    let sums = |of: fn(&RankRange) -> u64| -> Vec<u64> {
        let sum = |subject: usize| tasks.iter().filter_map(|row| row.get(subject)).map(of).sum();
        (0..subjects).map(sum).collect()
    };
    let (own, least, most) = (sums(|set| set.rank), sums(|set| set.best), sums(|set| set.worst));
    let as_scores: Vec<f64> = own.iter().map(|sum| *sum as f64).collect();
    let ranked = ranks(&as_scores, Direction::Lower).into_iter().zip(least.iter().zip(&most));
    ranked
        .map(|(rank, (smallest, largest))| {
            let ahead = most.iter().filter(|other| *other < smallest).count();
            let behind = least.iter().filter(|other| *other > largest).count();
            range(rank, 1 + ahead, subjects.saturating_sub(behind))
        })
        .collect()
}

/// The rank as it is belongs to its set, whatever the tests of pairs say that rest on other trials.
fn range(rank: usize, best: usize, worst: usize) -> RankRange {
    RankRange { rank: rank as u64, best: best.min(rank) as u64, worst: worst.max(rank) as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(rank: u64, best: u64, worst: u64) -> RankRange {
        RankRange { rank, best, worst }
    }

    #[test]
    fn equals_share_the_best_rank() {
        assert_eq!(ranks(&[0.5, 0.9, 0.5, 0.1], Direction::Higher), [2, 1, 2, 4]);
        assert_eq!(ranks(&[0.5, 0.9, 0.5, 0.1], Direction::Lower), [2, 4, 2, 1]);
        assert_eq!(ranks(&[-0.5, 0.1, 0.3], Direction::NearZero), [3, 1, 2]);
        assert_eq!(of_rank_sums(&[vec![1, 2, 3], vec![2, 1, 3]]), [1, 1, 3]);
    }

    #[test]
    fn who_is_told_apart_from_nobody_may_have_any_rank() {
        assert_eq!(confidence_sets(&[1, 2, 2], &[]), [set(1, 1, 3), set(2, 1, 3), set(2, 1, 3)]);
    }

    #[test]
    fn tests_of_pairs_bound_the_ranks() {
        // The first is better than the last two, the second than the last.
        let apart = [(0, 2), (0, 3), (1, 3)].map(|(better, worse)| Apart { better, worse });
        let found = confidence_sets(&[1, 2, 3, 4], &apart);
        assert_eq!(found, [set(1, 1, 2), set(2, 1, 3), set(3, 2, 4), set(4, 3, 4)]);
    }

    #[test]
    fn sums_are_apart_only_where_no_ranks_in_the_sets_could_turn_them() {
        let sure = vec![set(1, 1, 1), set(2, 2, 3), set(3, 2, 3)];
        let found = confidence_sets_of_sums(&[sure.clone(), sure.clone()]);
        assert_eq!(found, [set(1, 1, 1), set(2, 2, 3), set(3, 2, 3)]);
        let open = vec![set(1, 1, 3), set(2, 1, 3), set(3, 1, 3)];
        let found = confidence_sets_of_sums(&[sure, open]);
        // Sums of 2 to 4, 3 to 6 and 3 to 6.
        assert_eq!(found, [set(1, 1, 3), set(2, 1, 3), set(3, 1, 3)]);
        assert_eq!(confidence_sets_of_sums(&[]), []);
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
