//! What is missing behind a metric, and what it could make of it.
//!
//! A missing answer, verdict or call never makes a number better: whatever decides something (a pillar's score, a rank, a
//! gate) takes the end of these bounds that is worse.

use std::collections::BTreeMap;

use trustmh_core::id::{MeasureName, MetricName};
use trustmh_core::outcome::Outcome;
use trustmh_core::scorecard::{Coverage, MetricEstimate};
use trustmh_core::scores::Score;

use trustmh_stats::correlation::pearson;

use crate::score::rating::{GREATEST, LEAST};
use crate::task::{MetricRule, Statistic};

/// Whether what would have been measured on the trial is missing: the call broke, the reply holds no answer, or the verdict that was
/// due is not there. What the task does not measure on such trials is not missing.
pub(super) fn is_gap(score: Score<'_>) -> bool {
    match score.outcome() {
        Outcome::Failed | Outcome::Unanswered(_) => true,
        Outcome::Scored | Outcome::Refused | Outcome::Unparsed => {
            score.verdict_missing().is_some_and(|missing| missing.is_gap())
        }
    }
}

/// The bounds of `value` if the trials that are missing all stood at the lower or the upper end of the metric's range; none where
/// nothing is missing. Exact for shares and means, and for correlations with ratings on a known scale. Any other statistic is moved
/// towards the end of its range by the share of trials that is missing, counted within the smallest arm or group that it contrasts.
pub(super) fn coverage(rule: &MetricRule, scores: &[Score<'_>], value: f64) -> Option<Coverage> {
    let (mut measured, mut missing) = (0_u64, 0_u64);
    for score in scores {
        if is_taken(&rule.statistic, *score) {
            measured += 1;
        } else if is_gap(*score) {
            missing += 1;
        }
    }
    if missing == 0 {
        return None;
    }
    let all = (measured + missing) as f64;
    let (low, high) = rule.range;
    let moved = |end: f64| match &rule.statistic {
        Statistic::MeanOfItems { of } => mean_of_items_with(scores, of, end),
        Statistic::Proportion { .. } | Statistic::Mean { .. } => {
            (value * measured as f64 + end * missing as f64) / all
        }
        statistic => {
            let share = (missing as f64 / smallest_arm(statistic, scores)).min(1.0);
            value + (end - value) * share
        }
    };
    let (lowest, highest) = match &rule.statistic {
        Statistic::Pearson { x, y } => {
            correlation_bounds(scores, x, y).unwrap_or((moved(low), moved(high)))
        }
        _ => (moved(low), moved(high)),
    };
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
        // Its parts are bounded, each by its own trials.
        Statistic::MeanOf { .. } => true,
    }
}

/// Trials in the smallest of the parts that a statistic holds against each other, missing ones among them.
fn smallest_arm(statistic: &Statistic, scores: &[Score<'_>]) -> f64 {
    let by = |facet: &str| {
        let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
        for score in scores {
            *sizes.entry(score.tag(facet).unwrap_or_default()).or_default() += 1;
        }
        sizes.into_values().min().unwrap_or(1) as f64
    };
    match statistic {
        Statistic::Parity { .. } => by("identity"),
        Statistic::DropRate { .. } | Statistic::Flips { .. } => by("level"),
        Statistic::Contrast { .. } => by("arm"),
        Statistic::Proportion { .. }
        | Statistic::Mean { .. }
        | Statistic::MeanOfItems { .. }
        | Statistic::SdOfItems { .. }
        | Statistic::SdWithinItems { .. }
        | Statistic::Maximum { .. }
        | Statistic::Pearson { .. }
        | Statistic::Spearman { .. }
        | Statistic::QuadraticKappa { .. }
        | Statistic::F1 { .. }
        | Statistic::AlarmF1
        | Statistic::Bleu { .. }
        | Statistic::Distinct { .. }
        | Statistic::MeanOf { .. } => scores.len().max(1) as f64,
    }
}

/// The least and the greatest correlation that missing ratings could make. Ratings that lower a positive correlation most stand at the ends
/// of the scale, high ones at low human ratings: all ways to part the missing trials so are tried. Below 0 a rating
/// between the ends may do worse; the bound is then the end of the range. None where a scale is not known.
fn correlation_bounds(
    scores: &[Score<'_>],
    x: &MeasureName,
    y: &MeasureName,
) -> Option<(f64, f64)> {
    let (least, greatest) = (MeasureName::new(LEAST), MeasureName::new(GREATEST));
    let (mut there, mut gone) = (Vec::new(), Vec::new());
    for score in scores {
        match (score.measure(x), score.measure(y)) {
            (Some(x), Some(y)) => there.push((x, y)),
            _ if is_gap(*score) => {
                gone.push((score.measure(y)?, score.measure(&least)?, score.measure(&greatest)?));
            }
            _ => {}
        }
    }
    gone.sort_by(|one, other| one.0.total_cmp(&other.0));
    let with = |at: usize, opposed: bool| {
        let filled = gone.iter().enumerate().map(|(place, (y, least, greatest))| {
            (if (place < at) == opposed { *greatest } else { *least }, *y)
        });
        let (x, y): (Vec<f64>, Vec<f64>) = there.iter().copied().chain(filled).unzip();
        pearson(&x, &y).ok()
    };
    let ways = 0..=gone.len();
    let worst = ways.clone().filter_map(|at| with(at, true)).min_by(f64::total_cmp)?;
    let best = ways.filter_map(|at| with(at, false)).max_by(f64::total_cmp)?;
    Some((if worst > 0.0 { worst } else { -1.0 }, if best < 0.0 { 1.0 } else { best }))
}

/// The mean over items of their means, with `end` in the place of what is missing.
fn mean_of_items_with(scores: &[Score<'_>], of: &MeasureName, end: f64) -> f64 {
    let mut items: BTreeMap<&str, (f64, u64)> = BTreeMap::new();
    for score in scores {
        let Some(value) = score.measure(of).or(is_gap(*score).then_some(end)) else { continue };
        let (sum, count) = items.entry(score.cluster()).or_default();
        *sum += value;
        *count += 1;
    }
    let means = items.values().map(|(sum, count)| sum / *count as f64);
    means.sum::<f64>() / items.len().max(1) as f64
}
