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

/// Subjects' ranks, the sets of ranks that the data leave open, and the pairs that are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankSets {
    /// Each subject's rank and its set.
    pub ranges: Vec<RankRange>,
    apart: Vec<Apart>,
}

/// Each subject's rank, and the ranks that the tests of all pairs leave open: it is behind those only that are found
/// better, and ahead of those only that are found worse (Mogstad, Romano, Shaikh & Wilhelm 2024, doi 10.1093/restud/rdad006). Where
/// the tests together make a false finding with a chance of alpha at most, as after Holm's correction, all true ranks lie in
/// their sets at once with a chance of 1 - alpha. A pair without a test is not told apart.
pub fn confidence_sets(ranks: &[usize], apart: Vec<Apart>) -> RankSets {
    let subjects = ranks.len();
    let of = |(subject, rank): (usize, &usize)| {
        let ahead = apart.iter().filter(|pair| pair.worse == subject).count();
        let behind = apart.iter().filter(|pair| pair.better == subject).count();
        range(*rank, 1 + ahead, subjects.saturating_sub(behind))
    };
    RankSets { ranges: ranks.iter().enumerate().map(of).collect(), apart }
}

/// The ranks of the subjects' sums of ranks, as [`of_rank_sums`], and those that the sets behind them leave open: two subjects are told
/// apart where no ranks in their sets could turn the order of their sums. In a task in which one is found better it is
/// at least one rank ahead. If the sets of all `tasks` hold at once, so do these. None without tasks.
pub fn confidence_sets_of_sums(tasks: &[&RankSets]) -> Option<RankSets> {
    let subjects = tasks.first()?.ranges.len();
    let own: Vec<Vec<usize>> = tasks
        .iter()
        .map(|task| task.ranges.iter().map(|set| set.rank as usize).collect())
        .collect();
    // How many ranks one subject is ahead of another at least, over all tasks.
    let lead = |one: usize, other: usize| -> i64 {
        tasks.iter().map(|task| task.least_lead(one, other)).sum()
    };
    let pairs = (0..subjects).flat_map(|one| (0..subjects).map(move |other| (one, other)));
    let apart = pairs
        .filter(|(one, other)| one != other && lead(*one, *other) > 0)
        .map(|(better, worse)| Apart { better, worse })
        .collect();
    Some(confidence_sets(&of_rank_sums(&own), apart))
}

impl RankSets {
    /// How many ranks `one` is ahead of `other` at least; below 0 where it may be behind.
    fn least_lead(&self, one: usize, other: usize) -> i64 {
        let (Some(own), Some(others)) = (self.ranges.get(one), self.ranges.get(other)) else {
            return i64::MIN / 1024;
        };
        let open = others.best.cast_signed() - own.worst.cast_signed();
        if self.apart.contains(&Apart { better: one, worse: other }) { open.max(1) } else { open }
    }
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
        let found = confidence_sets(&[1, 2, 2], Vec::new());
        assert_eq!(found.ranges, [set(1, 1, 3), set(2, 1, 3), set(2, 1, 3)]);
    }

    fn apart(pairs: &[(usize, usize)]) -> Vec<Apart> {
        pairs.iter().map(|(better, worse)| Apart { better: *better, worse: *worse }).collect()
    }

    #[test]
    fn tests_of_pairs_bound_the_ranks() {
        // The first is better than the last two, the second than the last.
        let found = confidence_sets(&[1, 2, 3, 4], apart(&[(0, 2), (0, 3), (1, 3)]));
        assert_eq!(found.ranges, [set(1, 1, 2), set(2, 1, 3), set(3, 2, 4), set(4, 3, 4)]);
    }

    #[test]
    fn the_sum_of_one_task_is_that_task() {
        let found = confidence_sets(&[1, 2, 3, 4], apart(&[(0, 2), (0, 3), (1, 3)]));
        assert_eq!(confidence_sets_of_sums(&[&found]).unwrap().ranges, found.ranges);
        assert_eq!(confidence_sets_of_sums(&[]), None);
    }

    #[test]
    fn sums_are_apart_only_where_no_ranks_in_the_sets_could_turn_them() {
        let sure = confidence_sets(&[1, 2, 3], apart(&[(0, 1), (0, 2)]));
        let found = confidence_sets_of_sums(&[&sure, &sure]).unwrap();
        assert_eq!(found.ranges, [set(1, 1, 1), set(2, 2, 3), set(3, 2, 3)]);
        // One rank ahead at least in one task, up to two behind in the other.
        let open = confidence_sets(&[1, 2, 3], Vec::new());
        let found = confidence_sets_of_sums(&[&sure, &open]).unwrap();
        assert_eq!(found.ranges, [set(1, 1, 3), set(2, 1, 3), set(3, 1, 3)]);
        // Three such tasks outweigh an open one.
        let found = confidence_sets_of_sums(&[&sure, &sure, &sure, &open]).unwrap();
        assert_eq!(found.ranges.first(), Some(&set(1, 1, 1)));
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
