//! What is missing behind a metric, and what it could make of it.
//!
//! A missing answer, verdict or call never makes a number better: whatever decides something (a pillar's score, a rank, a
//! gate) takes the end of these bounds that is worse.

use std::collections::BTreeMap;

use trustmh_core::id::{MeasureName, MetricName};
use trustmh_core::outcome::Outcome;
use trustmh_core::scorecard::{Coverage, MetricEstimate};
use trustmh_core::scores::Score;

use super::bounds::bounds;
use super::{followed, rated, turn_share};
use crate::task::{MetricRule, Statistic, Task};

/// Whether what would have been measured on the trial is missing: the call broke, the reply holds no answer, or the verdict that was
/// due is not there. What the task does not measure on such trials is not missing.
pub(super) fn is_gap(score: Score<'_>) -> bool {
    match score.outcome() {
        Outcome::Failed | Outcome::BrokenClient | Outcome::Unanswered(_) => true,
        Outcome::Scored | Outcome::Refused | Outcome::Unparsed => {
            score.verdict_missing().is_some_and(|missing| missing.is_gap())
        }
    }
}

/// Whether the statistic would rest on the trial had nothing gone missing. Of a correlation with what people say the model's part is
/// missing too where the reply was read and gives none: who rates only what is easy must not agree better for it.
///
/// Of conversations a part may be missing: the statistic rests on what there is, and the trial counts as missing all the same.
pub(super) fn is_missing(statistic: &Statistic, score: Score<'_>) -> bool {
    match statistic {
        Statistic::FailedBy { of, turn } => return followed::is_missing(score, of, *turn),
        Statistic::DimensionScore { dimension } => {
            return rated::is_missing(score, dimension.as_deref());
        }
        Statistic::TurnShare { .. } => return turn_share::is_missing(score),
        _ if is_taken(statistic, score) => return false,
        _ => {}
    }
    let lacks_only =
        |x: &MeasureName, y: &MeasureName| score.measure(x).is_none() && score.measure(y).is_some();
    is_gap(score)
        || match statistic {
            Statistic::Pearson { x, y }
            | Statistic::Spearman { x, y }
            | Statistic::QuadraticKappa { x, y } => lacks_only(x, y),
            Statistic::Proportion { .. }
            | Statistic::Mean { .. }
            | Statistic::MeanOfItems { .. }
            | Statistic::SumOfItems { .. }
            | Statistic::SdOfItems { .. }
            | Statistic::SdWithinItems { .. }
            | Statistic::Maximum { .. }
            | Statistic::F1 { .. }
            | Statistic::AlarmF1
            | Statistic::Bleu { .. }
            | Statistic::Distinct { .. }
            | Statistic::Parity { .. }
            | Statistic::DropRate { .. }
            | Statistic::Flips { .. }
            | Statistic::Contrast { .. }
            | Statistic::FailedBy { .. }
            | Statistic::TurnShare { .. }
            | Statistic::DimensionScore { .. }
            | Statistic::MeanOf { .. } => false,
        }
}

/// What of the metric's trials is missing, `pending` ones that have not ended among them, and the bounds of `value` whatever they would
/// have been; none where nothing is missing.
pub(super) fn coverage(
    task: &Task,
    rule: &MetricRule,
    scores: &[Score<'_>],
    pending: u64,
    value: f64,
) -> Option<Coverage> {
    let (mut measured, mut missing) = (0_u64, pending);
    for score in scores {
        // Of a conversation a part may be missing.
        if is_missing(&rule.statistic, *score) {
            missing += 1;
        } else if is_taken(&rule.statistic, *score) {
            measured += 1;
        }
    }
    if missing == 0 {
        return None;
    }
    let (lowest, highest) = bounds(task, rule, scores, pending, value);
    Some(Coverage { judged: measured, missing, lowest, highest })
}

/// The bounds of a plain mean of metrics, by those of its parts.
pub(super) fn coverage_of_mean(
    names: &[MetricName],
    metrics: &BTreeMap<MetricName, MetricEstimate>,
) -> Option<Coverage> {
    let parts: Vec<&MetricEstimate> = names.iter().filter_map(|name| metrics.get(name)).collect();
    let count = parts.len() as f64;
    let mean = |end: fn(&Coverage) -> f64| {
        parts.iter().map(|part| part.coverage.as_ref().map_or(part.value, end)).sum::<f64>() / count
    };
    let missing: u64 = parts.iter().filter_map(|part| Some(part.coverage?.missing)).sum();
    let measured = parts.iter().map(|part| part.coverage.map_or(part.n, |found| found.judged));
    (missing > 0).then(|| Coverage {
        judged: measured.sum(),
        missing,
        lowest: mean(|found| found.lowest),
        highest: mean(|found| found.highest),
    })
}

/// Whether the statistic rests on the trial.
pub(super) fn is_taken(statistic: &Statistic, score: Score<'_>) -> bool {
    let has = |of: &MeasureName| score.measure(of).is_some();
    match statistic {
        Statistic::Proportion { of }
        | Statistic::Mean { of, .. }
        | Statistic::MeanOfItems { of }
        | Statistic::SumOfItems { of }
        | Statistic::SdOfItems { of }
        | Statistic::SdWithinItems { of }
        | Statistic::Parity { of, .. }
        | Statistic::DropRate { of, .. }
        | Statistic::Flips { of, .. }
        | Statistic::Contrast { of, .. }
        | Statistic::Maximum { of } => has(of),
        Statistic::Pearson { x, y }
        | Statistic::Spearman { x, y }
        | Statistic::QuadraticKappa { x, y } => has(x) && has(y),
        Statistic::F1 { .. } => score.text("label").is_some(),
        Statistic::AlarmF1 => score.text("alarm").is_some(),
        Statistic::Bleu { .. } | Statistic::Distinct { .. } => score.text("reply").is_some(),
        Statistic::FailedBy { of, .. } => followed::is_taken(score, of),
        Statistic::TurnShare { of, among } => turn_share::is_taken(score, of, among),
        Statistic::DimensionScore { dimension } => rated::is_taken(score, dimension.as_deref()),
        // Its parts are bounded, each by its own trials.
        Statistic::MeanOf { .. } => true,
    }
}
