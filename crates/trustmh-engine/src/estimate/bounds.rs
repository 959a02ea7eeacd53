//! What a metric could be if nothing were missing: the worst and the best that the missing trials could make of it.

mod pairs;
mod parity;

use trustmh_core::id::{MeasureName, SchemeName};
use trustmh_core::item::ARM;
use trustmh_core::metric::Direction;
use trustmh_core::scores::Score;
use trustmh_stats::labels::{Averaging, MissingLabels, f1_bounds};

use super::compare::is_share;
use super::coverage::{is_missing, is_taken};
use super::rows::of_statistic;
use super::{corpus, followed, rated, turn_share};
use crate::task::{LabelAveraging, MetricRule, Statistic, Task};

/// The ends of a measure's scale.
type Scale = (f64, f64);

/// The least and the greatest value of the metric over all that its missing trials could have been: every value of
/// the measure within its scale, every label. Trials that have not ended (`pending`), of which not even the item is known, move the ends by their
/// share of all. Where no scale is known the value moves towards the ends of the metric's range by the share missing. Exact for
/// shares, means, contrasts, drop rates and flips; never too narrow for F1; for correlations, kappa and spreads the worst of the ways to fill in that are
/// tried (docs/statistics.md).
pub(super) fn bounds(
    task: &Task,
    rule: &MetricRule,
    scores: &[Score<'_>],
    pending: u64,
    value: f64,
) -> (f64, f64) {
    let of_statistic = |of: fn(&Statistic, Score<'_>) -> bool| {
        scores.iter().filter(|score| of(&rule.statistic, **score)).count() as f64
    };
    let (there, gone) = (of_statistic(is_taken), of_statistic(is_missing));
    let moved = |value: f64, end: f64, share: f64| value + (end - value) * share;
    let (low, high) = rule.range;
    let unfilled = || {
        let share = gone / (there + gone).max(1.0);
        (moved(value, low, share), moved(value, high, share))
    };
    let known = match &rule.statistic {
        Statistic::FailedBy { of, turn } => followed::bounds(scores, of, *turn, pending),
        Statistic::DimensionScore { dimension } => {
            rated::bounds(scores, dimension.as_deref(), pending)
        }
        Statistic::TurnShare { of, among } => turn_share::bounds(scores, of, among, pending),
        _ => None,
    };
    if let Some((least, greatest)) = known {
        return (least.min(value), greatest.max(value));
    }
    let filled = if gone > 0.0 { filled(task, rule, scores, pending) } else { None };
    let (least, greatest) = match (filled, gone > 0.0) {
        (Some(found), _) => found,
        (None, true) => unfilled(),
        (None, false) => (value, value),
    };
    // F1 has pending trials among those of which nothing is known.
    let share = match &rule.statistic {
        Statistic::F1 { .. } | Statistic::AlarmF1 if pending > 0 => {
            return f1(task, rule, scores, pending).unwrap_or((low, high));
        }
        _ => pending as f64 / (there + gone + pending as f64).max(1.0),
    };
    (
        moved(least.min(value), low, share).max(low),
        moved(greatest.max(value), high, share).min(high),
    )
}

/// The bounds with all ways to fill in the missing trials that are tried; none where the scale of what is missing is not known.
fn filled(
    task: &Task,
    rule: &MetricRule,
    scores: &[Score<'_>],
    pending: u64,
) -> Option<(f64, f64)> {
    let statistic = &rule.statistic;
    match statistic {
        Statistic::Proportion { .. } | Statistic::Mean { .. } | Statistic::MeanOfItems { .. } => {
            Some((
                constant(statistic, scores, rule.range.0)?,
                constant(statistic, scores, rule.range.1)?,
            ))
        }
        Statistic::SumOfItems { .. } => {
            let items = corpus::items(&[scores]);
            Some((
                constant(statistic, scores, rule.range.0 / items)?,
                constant(statistic, scores, rule.range.1 / items)?,
            ))
        }
        Statistic::Maximum { of }
        | Statistic::SdOfItems { of }
        | Statistic::SdWithinItems { of } => {
            let (low, high) = scale(task, of, scores)?;
            let every_second = |score: Score<'_>| is_even(score.trial());
            let split =
                with(statistic, scores, |score| if every_second(score) { low } else { high });
            ends([constant(statistic, scores, low), constant(statistic, scores, high), split])
        }
        Statistic::Contrast { of, arm, .. } => {
            let (low, high) = scale(task, of, scores)?;
            let own = |score: Score<'_>| score.tag(ARM) == Some(arm.as_str());
            ends([
                with(statistic, scores, |score| if own(score) { low } else { high }),
                with(statistic, scores, |score| if own(score) { high } else { low }),
            ])
        }
        Statistic::DropRate { of, .. } => {
            let (low, high) = scale(task, of, scores)?;
            let least = with(statistic, scores, |score| if is_clean(score) { low } else { high })?;
            let most = with(statistic, scores, |score| if is_clean(score) { high } else { low })?;
            Some((least, most))
        }
        Statistic::Flips { of, .. } => {
            let (low, high) = scale(task, of, scores)?;
            let fills = [(low, low), (low, high), (high, low), (high, high)];
            ends(fills.map(|(clean, other)| {
                with(statistic, scores, |score| if is_clean(score) { clean } else { other })
            }))
        }
        Statistic::Pearson { x, y }
        | Statistic::Spearman { x, y }
        | Statistic::QuadraticKappa { x, y } => pairs::bounds(statistic, scores, [x, y]),
        Statistic::Parity { of, part, attribute, .. } => {
            let scale = scale(task, of, scores)?;
            parity::bounds(scores, of, *part, attribute.as_deref(), scale)
        }
        Statistic::F1 { .. } | Statistic::AlarmF1 => f1(task, rule, scores, pending),
        // Of a conversation a part may be missing: these have bounds of their own.
        Statistic::FailedBy { .. }
        | Statistic::TurnShare { .. }
        | Statistic::DimensionScore { .. }
        | Statistic::Bleu { .. }
        | Statistic::Distinct { .. }
        | Statistic::MeanOf { .. } => None,
    }
}

fn is_clean(score: Score<'_>) -> bool {
    score.tag("family") == Some("none")
}

/// Of any two trials next to each other about one.
fn is_even(trial: &str) -> bool {
    trial.bytes().map(u32::from).sum::<u32>() % 2 == 0
}

/// The least and the greatest of the values that are defined.
fn ends<const N: usize>(values: [Option<f64>; N]) -> Option<(f64, f64)> {
    let defined = || values.iter().copied().flatten();
    Some((defined().reduce(f64::min)?, defined().reduce(f64::max)?))
}

/// The statistic with each missing trial's measure as `fill` has it.
fn with(
    statistic: &Statistic,
    scores: &[Score<'_>],
    fill: impl Fn(Score<'_>) -> f64,
) -> Option<f64> {
    let lookup = |score: Score<'_>, of: &MeasureName| {
        score.measure(of).or_else(|| is_missing(statistic, score).then(|| fill(score)))
    };
    of_statistic(statistic, &[scores], &lookup)?.value_of_all()
}

fn constant(statistic: &Statistic, scores: &[Score<'_>], end: f64) -> Option<f64> {
    with(statistic, scores, |_| end)
}

/// The scale of a measure: the range of a metric of the task that is a share or a mean of it, or 0 to 1 where it takes only these.
fn scale(task: &Task, of: &MeasureName, scores: &[Score<'_>]) -> Option<Scale> {
    let averaged = task.file.metrics.iter().find_map(|rule| match &rule.statistic {
        Statistic::Proportion { of: own }
        | Statistic::Mean { of: own, .. }
        | Statistic::MeanOfItems { of: own }
            if own == of && rule.direction != Direction::NearZero =>
        {
            Some(rule.range)
        }
        _ => None,
    });
    let all_shares = || scores.iter().filter_map(|score| score.measure(of)).all(is_share);
    averaged.or_else(|| all_shares().then_some((0.0, 1.0)))
}

/// F1 whatever the missing predictions are.
fn f1(task: &Task, rule: &MetricRule, scores: &[Score<'_>], pending: u64) -> Option<(f64, f64)> {
    let averaging = match &rule.statistic {
        Statistic::F1 { averaging: LabelAveraging::Macro } => Averaging::Macro,
        Statistic::F1 { averaging: LabelAveraging::Weighted } => Averaging::Weighted,
        Statistic::F1 { averaging: LabelAveraging::Micro } => Averaging::Micro,
        _ => return alarm_f1(rule, scores, pending),
    };
    let mut missing = MissingLabels { unknown: pending, ..MissingLabels::default() };
    for score in scores.iter().filter(|score| is_missing(&rule.statistic, **score)) {
        match score.tag("label") {
            Some(label) => *missing.given.entry(label).or_default() += 1,
            None => missing.unknown += 1,
        }
    }
    let pairs =
        || scores.iter().filter_map(|score| Some((score.text("label")?, score.text("predicted"))));
    let mut seen: Vec<&str> =
        pairs().flat_map(|(given, predicted)| [Some(given), predicted]).flatten().collect();
    seen.extend(missing.given.keys());
    seen.sort_unstable();
    seen.dedup();
    let scheme = scores
        .iter()
        .find_map(|score| task.codebook.scheme(&SchemeName::new(score.tag("scheme")?)));
    let classes = scheme.map_or(seen.len(), |scheme| scheme.labels.len());
    missing.further_classes = classes.saturating_sub(seen.len()) as u64;
    f1_bounds(pairs(), &missing, averaging)
}

/// F1 of raising an alarm: of the missing trials it is not known whether one was due.
fn alarm_f1(rule: &MetricRule, scores: &[Score<'_>], pending: u64) -> Option<(f64, f64)> {
    let gone = scores.iter().filter(|score| is_missing(&rule.statistic, **score)).count() as u64;
    let alarms = scores.iter().filter_map(|score| {
        let word = |name: &str| score.text(name).filter(|word| *word == "alarm");
        Some((word("alarm"), word("predicted_alarm"))).filter(|_| score.text("alarm").is_some())
    });
    let (mut due, mut raised, mut hit) = (0_u64, 0_u64, 0_u64);
    for (given, predicted) in alarms {
        due += u64::from(given.is_some());
        raised += u64::from(predicted.is_some());
        hit += u64::from(given.is_some() && predicted.is_some());
    }
    let (both, missing) = ((due + raised) as f64, (gone + pending) as f64);
    let f1 = |hits: f64, all: f64| if all > 0.0 { 2.0 * hits / all } else { 0.0 };
    Some((f1(hit as f64, both + missing), f1(hit as f64 + missing, both + 2.0 * missing)))
}
