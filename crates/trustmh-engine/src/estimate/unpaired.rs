//! Two runs of a task that rest on different items: conversations of different months, say.

use trustmh_core::comparison::{Difference, TaskComparison, TestName};
use trustmh_core::scorecard::{Coverage, MetricEstimate, TaskResult};
use trustmh_core::scores::Scores;
use trustmh_stats::mover;

use super::Basis;
use super::compare::{described, matched, plain, uncompared};
use crate::task::{MetricRule, Task};

/// A run's scores of the task, and what was estimated from them.
#[derive(Debug, Clone, Copy)]
pub struct Side<'s> {
    /// The scores.
    pub scores: &'s Scores,
    /// The estimates.
    pub result: &'s TaskResult,
}

/// Compares each run's own estimates, taken as independent. Conversations that both hold make the intervals too wide, never too narrow.
/// P values are not corrected yet, see [`settle`](super::compare::settle).
pub fn unpaired_comparison(
    task: &Task,
    first: Side<'_>,
    second: Side<'_>,
    basis: &Basis,
) -> TaskComparison {
    let mut comparison = uncompared(task, &matched(first.scores, second.scores));
    for rule in task.metrics(basis.protocol) {
        match (estimated(rule, first, "first"), estimated(rule, second, "second")) {
            (Ok(one), Ok(two)) => {
                let found = described(difference(rule, one, two, basis));
                comparison.metrics.insert(rule.name.clone(), found);
            }
            (Err(why), _) | (Ok(_), Err(why)) => {
                comparison.not_compared.insert(rule.name.clone(), why);
            }
        }
    }
    comparison
}

/// A run's estimate of a metric, or why there is none.
fn estimated<'s>(
    rule: &MetricRule,
    side: Side<'s>,
    which: &str,
) -> Result<&'s MetricEstimate, String> {
    side.result.metrics.get(&rule.name).ok_or_else(|| {
        let why = side.result.not_scored.get(&rule.name);
        let why = why.map_or("it has no value", String::as_str);
        format!("not scored in the {which} run: {why}")
    })
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
