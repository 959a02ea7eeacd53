//! Statistics of whole corpora: F1 of labels, BLEU, variety, means of items.

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::id::MeasureName;
use trustmh_core::metric::{Estimate, Interval};
use trustmh_core::scores::{Score, Scores};
use trustmh_core::trial::{Flag, round_of};
use trustmh_stats::bootstrap::Draws;
use trustmh_stats::labels::{self, Averaging};
use trustmh_stats::sample::{Sample, numbered};
use trustmh_stats::text::{BleuCounts, bleu, distinct, tokens};

use super::nothing_measured;
use super::rows::{Lookup, Rows, Tables, as_measured, by_trial};
use crate::task::LabelAveraging;

/// The name under which an answer without a readable label stands in a confusion table.
const UNREAD: &str = "(unread)";

/// The estimate of a statistic of rows.
pub(super) fn drawn(
    rows: &Rows<'_>,
    scores: &[Score<'_>],
    seed: u64,
) -> Result<(Estimate, Draws), String> {
    rows.estimate(seed).ok_or_else(|| nothing_measured(scores))
}

pub(super) fn f1(
    scores: &[Score<'_>],
    averaging: LabelAveraging,
    seed: u64,
) -> Result<Estimate, String> {
    let (mut estimate, draws) = drawn(&f1_rows(&[scores], averaging), scores, seed)?;
    if averaging == LabelAveraging::Macro {
        let enough = estimate.clusters >= labels::FEWEST_ITEMS_OF_MACRO;
        estimate.interval = draws.wide_interval().filter(|_| enough);
    }
    Ok(estimate)
}

pub(super) fn alarm_f1(scores: &[Score<'_>], seed: u64) -> Result<Estimate, String> {
    Ok(drawn(&alarm_f1_rows(&[scores]), scores, seed)?.0)
}

/// Rows of a given and a predicted label.
pub(super) fn f1_rows<'s>(tables: Tables<'_, 's>, averaging: LabelAveraging) -> Rows<'s> {
    let averaging = match averaging {
        LabelAveraging::Macro => Averaging::Macro,
        LabelAveraging::Weighted => Averaging::Weighted,
        LabelAveraging::Micro => Averaging::Micro,
    };
    let rows = by_trial(tables, |score| Some((score.text("label")?, score.text("predicted"))));
    Rows::new(rows, move |pairs: &[&labels::Pair<'s>]| {
        labels::f1(pairs.iter().map(|pair| **pair), averaging)
    })
}

/// Rows of an alarm that was due or not, and raised or not.
pub(super) fn alarm_f1_rows<'s>(tables: Tables<'_, 's>) -> Rows<'s> {
    let rows =
        by_trial(tables, |score| Some((score.text("alarm")?, score.text("predicted_alarm"))));
    Rows::new(rows, |pairs: &[&labels::Pair<'s>]| {
        labels::f1_of("alarm", pairs.iter().map(|pair| **pair))
    })
}

/// Confusion tables by scheme; empty where nothing is labelled.
pub(super) fn confusions(
    scores: &Scores,
) -> BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>> {
    let mut by_scheme: BTreeMap<String, Vec<labels::Pair<'_>>> = BTreeMap::new();
    for score in scores.iter() {
        if let (Some(scheme), Some(given)) = (score.tag("scheme"), score.text("label")) {
            by_scheme.entry(scheme.to_owned()).or_default().push((given, score.text("predicted")));
        }
    }
    by_scheme
        .into_iter()
        .map(|(scheme, pairs)| (scheme, labels::confusion(pairs.into_iter(), UNREAD)))
        .collect()
}

/// A statistic of what some of the replies said would be another one under the same name.
///
/// # Errors
/// The reason, where replies among `scores` were forgotten.
pub(super) fn none_is_forgotten<'s>(
    scores: impl IntoIterator<Item = Score<'s>>,
) -> Result<(), String> {
    let is_forgotten = |score: &Score<'_>| score.flags().any(|flag| flag == Flag::Forgotten);
    match scores.into_iter().filter(is_forgotten).count() {
        0 => Ok(()),
        count => {
            Err(format!("{count} replies were forgotten, and this is measured on what replies say"))
        }
    }
}

pub(super) fn corpus_bleu(scores: &[Score<'_>], order: u8, seed: u64) -> Result<Estimate, String> {
    none_is_forgotten(scores.iter().copied())?;
    Ok(drawn(&bleu_rows(&[scores], order), scores, seed)?.0)
}

/// Rows of what a reply has in common with the human turn.
pub(super) fn bleu_rows<'s>(tables: Tables<'_, 's>, order: u8) -> Rows<'s> {
    let rows = by_trial(tables, |score| {
        Some(BleuCounts::of(&tokens(score.text("reply")?), &tokens(score.text("reference")?)))
    });
    Rows::new(rows, move |counts: &[&BleuCounts]| {
        let mut sum = BleuCounts::default();
        counts.iter().for_each(|count| sum.add(count));
        bleu(&sum, usize::from(order))
    })
}

pub(super) fn variety(scores: &[Score<'_>], order: u8) -> Result<Estimate, String> {
    none_is_forgotten(scores.iter().copied())?;
    // The more text, the less variety: a run with repeats has that of its first round.
    let replies: Vec<(&str, Vec<String>)> = scores
        .iter()
        .filter(|score| round_of(score.trial()).1 == 0)
        .filter_map(|score| Some((score.cluster(), tokens(score.text("reply")?))))
        .collect();
    let (clusters, texts): (Vec<&str>, Vec<Vec<String>>) = replies.into_iter().unzip();
    distinct(&texts, &numbered(&clusters), usize::from(order))
        .ok_or_else(|| nothing_measured(scores))
}

/// Rows of a measure, for its mean.
pub(super) fn mean_rows<'s>(
    tables: Tables<'_, 's>,
    of: &MeasureName,
    lookup: Lookup<'_>,
) -> Rows<'s> {
    Rows::new(by_trial(tables, |score| lookup(score, of)), |values: &[&f64]| average(values))
}

/// Rows of items' means, for their mean.
pub(super) fn mean_of_items_rows<'s>(
    tables: Tables<'_, 's>,
    of: &MeasureName,
    lookup: Lookup<'_>,
) -> Rows<'s> {
    let means = |values: &[f64]| average(&values.iter().collect::<Vec<_>>());
    Rows::new(of_items(tables, of, lookup, means), |values: &[&f64]| average(values))
}

/// How many items were asked.
pub(super) fn items(tables: Tables<'_, '_>) -> f64 {
    let all = tables.iter().flat_map(|scores| scores.iter().map(|score| score.cluster()));
    all.collect::<BTreeSet<_>>().len() as f64
}

/// Rows of items' means, for their sum over all items that were asked.
pub(super) fn sum_of_items_rows<'s>(
    tables: Tables<'_, 's>,
    of: &MeasureName,
    lookup: Lookup<'_>,
) -> Rows<'s> {
    let items = items(tables);
    let means = |values: &[f64]| average(&values.iter().collect::<Vec<_>>());
    Rows::new(of_items(tables, of, lookup, means), move |values: &[&f64]| {
        Some(average(values)? * items)
    })
}

/// The sum over all items that were asked, `range` being that of the sum.
pub(super) fn sum_of_items(
    scores: &[Score<'_>],
    of: &MeasureName,
    (low, high): (f64, f64),
    mean: impl Fn((f64, f64), &Sample) -> Estimate,
) -> Result<Estimate, String> {
    let items = items(&[scores]);
    let of_item = (low / items, high / items);
    let Estimate { value, interval, n, clusters } =
        mean_of_items(scores, of, |sample| mean(of_item, sample))?;
    let interval = interval.map(|interval| Interval {
        low: interval.low * items,
        high: interval.high * items,
        ..interval
    });
    Ok(Estimate { value: value * items, interval, n, clusters })
}

/// Rows of items' means, for their standard deviation.
pub(super) fn sd_of_items_rows<'s>(
    tables: Tables<'_, 's>,
    of: &MeasureName,
    lookup: Lookup<'_>,
) -> Rows<'s> {
    let means = |values: &[f64]| average(&values.iter().collect::<Vec<_>>());
    Rows::new(of_items(tables, of, lookup, means), |values: &[&f64]| spread(values))
}

/// Rows of items' standard deviations, for their mean; items asked once say nothing.
pub(super) fn sd_within_items_rows<'s>(
    tables: Tables<'_, 's>,
    of: &MeasureName,
    lookup: Lookup<'_>,
) -> Rows<'s> {
    let spreads =
        |values: &[f64]| spread(&values.iter().collect::<Vec<_>>()).filter(|_| values.len() > 1);
    Rows::new(of_items(tables, of, lookup, spreads), |values: &[&f64]| average(values))
}

/// A figure of each item's values, table by table.
fn of_items<'s>(
    tables: Tables<'_, 's>,
    of: &MeasureName,
    lookup: Lookup<'_>,
    figure: fn(&[f64]) -> Option<f64>,
) -> Vec<Vec<(&'s str, f64)>> {
    let of_table = |scores: &&[Score<'s>]| {
        let items = by_item(scores, of, lookup).into_iter();
        items.filter_map(|(item, values)| Some((item, figure(&values)?))).collect()
    };
    tables.iter().map(of_table).collect()
}

pub(super) fn mean_of_items(
    scores: &[Score<'_>],
    of: &MeasureName,
    mean: impl Fn(&Sample) -> Estimate,
) -> Result<Estimate, String> {
    let means = |values: &[f64]| average(&values.iter().collect::<Vec<_>>());
    let items = of_items(&[scores], of, &as_measured, means);
    let n = scores.iter().filter(|score| score.measure(of).is_some()).count() as u64;
    mean_over(items, n, mean).ok_or_else(|| nothing_measured(scores))
}

/// Mean over items of the population standard deviation of their repeats; items asked once say nothing.
pub(super) fn sd_within_items(
    scores: &[Score<'_>],
    of: &MeasureName,
    mean: impl Fn(&Sample) -> Estimate,
) -> Result<Estimate, String> {
    let items = by_item(scores, of, &as_measured);
    if items.is_empty() {
        return Err(nothing_measured(scores));
    }
    let n = items.values().map(Vec::len).filter(|repeats| *repeats > 1).sum::<usize>() as u64;
    let spreads =
        |values: &[f64]| spread(&values.iter().collect::<Vec<_>>()).filter(|_| values.len() > 1);
    let spreads = of_items(&[scores], of, &as_measured, spreads);
    mean_over(spreads, n, mean).ok_or_else(|| "no item was scored more than once".to_owned())
}

/// The mean over items, of which there is one table.
fn mean_over(
    items: Vec<Vec<(&str, f64)>>,
    n: u64,
    mean: impl Fn(&Sample) -> Estimate,
) -> Option<Estimate> {
    let values = items.into_iter().flatten().map(|(_, value)| value).collect();
    let sample = Sample::independent(values).ok()?;
    Some(Estimate { n, ..mean(&sample) })
}

/// Population standard deviation of the items' means: over n, as it describes these items.
pub(super) fn sd_of_items(
    scores: &[Score<'_>],
    of: &MeasureName,
    seed: u64,
) -> Result<Estimate, String> {
    let (estimate, _) = drawn(&sd_of_items_rows(&[scores], of, &as_measured), scores, seed)?;
    let n = scores.iter().filter(|score| score.measure(of).is_some()).count() as u64;
    Ok(Estimate { n, ..estimate })
}

/// A measure's values by item.
fn by_item<'s>(
    scores: &[Score<'s>],
    of: &MeasureName,
    lookup: Lookup<'_>,
) -> BTreeMap<&'s str, Vec<f64>> {
    let mut items: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for score in scores {
        if let Some(value) = lookup(*score, of) {
            items.entry(score.cluster()).or_default().push(value);
        }
    }
    items
}

pub(super) fn average(values: &[&f64]) -> Option<f64> {
    let sum: f64 = values.iter().copied().sum();
    (!values.is_empty()).then(|| sum / values.len() as f64)
}

/// Population standard deviation.
fn spread(values: &[&f64]) -> Option<f64> {
    let mean = average(values)?;
    let squares: f64 = values.iter().map(|value| (**value - mean).powi(2)).sum();
    Some((squares / values.len() as f64).sqrt())
}
