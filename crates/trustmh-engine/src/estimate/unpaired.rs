//! Two runs of a task that rest on different items: conversations of different months, say.

use trustmh_core::comparison::{Difference, TaskComparison, TestName};
use trustmh_core::scorecard::{Coverage, MetricEstimate};
use trustmh_core::scores::Scores;
use trustmh_stats::mover;

use super::compare::{described, matched, plain, uncompared};
use super::{Basis, task_result};
use crate::task::{MetricRule, Task};

/// A run's scores of the task, and what they rest on.
#[derive(Debug, Clone, Copy)]
pub struct Side<'s> {
    /// The scores.
    pub scores: &'s Scores,
    /// What they rest on.
    pub basis: &'s Basis,
}

/// Compares each run's own estimates, taken as independent. Conversations that both hold make the intervals too wide, never too narrow.
/// P values are not corrected yet, see [`settle`](super::compare::settle).
pub fn unpaired_comparison(task: &Task, first: Side<'_>, second: Side<'_>) -> TaskComparison {
    let mut comparison = uncompared(task, &matched(first.scores, second.scores));
    let of = |side: Side<'_>| task_result(task, side.scores, side.basis.clone());
    let (one, two) = (of(first), of(second));
    for rule in task.metrics(first.basis.protocol) {
        let why = |result: &trustmh_core::scorecard::TaskResult| {
            result.not_scored.get(&rule.name).cloned()
        };
        match (one.metrics.get(&rule.name), two.metrics.get(&rule.name)) {
            (Some(one), Some(two)) => {
                let found = described(difference(rule, one, two, first.basis));
                comparison.metrics.insert(rule.name.clone(), found);
            }
            (None, _) => {
                let why = why(&one).unwrap_or_else(|| "it has no value".to_owned());
                let told = format!("not scored in the first run: {why}");
                comparison.not_compared.insert(rule.name.clone(), told);
            }
            (Some(_), None) => {
                let why = why(&two).unwrap_or_else(|| "it has no value".to_owned());
                let told = format!("not scored in the second run: {why}");
                comparison.not_compared.insert(rule.name.clone(), told);
            }
        }
    }
    comparison
}

fn difference(
    rule: &MetricRule,
    one: &MetricEstimate,
    two: &MetricEstimate,
    basis: &Basis,
) -> Difference {
    let estimate = mover::difference(&one.estimate(), &two.estimate());
    let p = mover::p_of(&estimate);
    let no_test = "there is too little data for an interval".to_owned();
    let lacking = |side: &MetricEstimate| side.coverage.map_or(0, |found| found.missing);
    let missing = lacking(one) + lacking(two);
    let measured = [one, two].map(|side| side.coverage.map_or(side.n, |found| found.judged));
    let found = plain(rule, (one.value, two.value), estimate, basis);
    Difference {
        test: TestName::Independent,
        p,
        untested: p.is_none().then_some(no_test),
        measured: measured.iter().sum(),
        missing,
        at_worst: if missing > 0 { at_worst(rule, &found, one, two) } else { None },
        ..found
    }
}

/// The ends of the interval with all that each run lacks at its worse end for that run, and the other way round.
fn at_worst(
    rule: &MetricRule,
    found: &Difference,
    one: &MetricEstimate,
    two: &MetricEstimate,
) -> Option<(f64, f64)> {
    let (low, high) = found.low.zip(found.high)?;
    let ends = |side: &MetricEstimate| {
        let moved = |found: Coverage| (found.lowest, found.highest);
        side.coverage.map_or((side.value, side.value), moved)
    };
    let ((least_1, most_1), (least_2, most_2)) = (ends(one), ends(two));
    let widest = rule.range.1 - rule.range.0;
    let (below, above) = (found.difference - low, high - found.difference);
    let (from, to) = (least_2 - most_1 - below, most_2 - least_1 + above);
    Some((from.min(low).max(-widest), to.max(high).min(widest)))
}
