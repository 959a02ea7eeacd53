//! Statistics of whole corpora: F1 of labels, BLEU, variety, means of items.

use std::collections::BTreeMap;

use trustmh_core::id::MeasureName;
use trustmh_core::metric::Estimate;
use trustmh_core::scores::{Score, Scores};
use trustmh_stats::bootstrap::{Draws, Resampler};
use trustmh_stats::labels::{self, Averaging};
use trustmh_stats::mean::mean;
use trustmh_stats::sample::{Sample, numbered};
use trustmh_stats::text::{BleuCounts, bleu, distinct, tokens};

use super::nothing_measured;
use crate::task::LabelAveraging;

/// The name under which an answer without a readable label stands in a confusion table.
const UNREAD: &str = "(unread)";

pub(super) type Drawn = (Estimate, Option<Draws>);

/// Draws resamples of a statistic of rows, and gives it with its interval.
pub(super) fn resampled(
    value: f64,
    clusters: &[&str],
    seed: u64,
    statistic: impl Fn(&[usize]) -> Option<f64>,
) -> Drawn {
    let numbers = numbered(clusters);
    let resampler = Resampler::new(&numbers, seed);
    let count = resampler.cluster_count() as u64;
    let draws = resampler.draw(value, statistic);
    // One cluster says nothing about others.
    let interval = if count > 1 { draws.interval() } else { None };
    (Estimate { value, interval, n: clusters.len() as u64, clusters: count }, Some(draws))
}

pub(super) fn f1(
    scores: &[Score<'_>],
    averaging: LabelAveraging,
    seed: u64,
) -> Result<Drawn, String> {
    let averaging = match averaging {
        LabelAveraging::Macro => Averaging::Macro,
        LabelAveraging::Weighted => Averaging::Weighted,
        LabelAveraging::Micro => Averaging::Micro,
    };
    let (mut estimate, draws) = of_labels(scores, ["label", "predicted"], seed, |pairs| {
        labels::f1(pairs.iter().copied(), averaging)
    })?;
    if averaging == Averaging::Macro {
        let enough = estimate.clusters >= labels::FEWEST_ITEMS_OF_MACRO;
        estimate.interval = draws.as_ref().filter(|_| enough).and_then(Draws::wide_interval);
    }
    Ok((estimate, draws))
}

pub(super) fn alarm_f1(scores: &[Score<'_>], seed: u64) -> Result<Drawn, String> {
    of_labels(scores, ["alarm", "predicted_alarm"], seed, |pairs| {
        labels::f1_of("alarm", pairs.iter().copied())
    })
}

/// A statistic of given and predicted labels, which are the texts of these names.
fn of_labels(
    scores: &[Score<'_>],
    [given, predicted]: [&str; 2],
    seed: u64,
    statistic: impl Fn(&[labels::Pair<'_>]) -> Option<f64>,
) -> Result<Drawn, String> {
    let (pairs, clusters): (Vec<labels::Pair<'_>>, Vec<&str>) = scores
        .iter()
        .filter_map(|score| Some(((score.text(given)?, score.text(predicted)), score.cluster())))
        .unzip();
    let value = statistic(&pairs).ok_or_else(|| nothing_measured(scores))?;
    Ok(resampled(value, &clusters, seed, |rows| {
        let drawn: Vec<labels::Pair<'_>> =
            rows.iter().filter_map(|row| pairs.get(*row).copied()).collect();
        statistic(&drawn)
    }))
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

pub(super) fn corpus_bleu(scores: &[Score<'_>], order: u8, seed: u64) -> Result<Drawn, String> {
    let mut counts = Vec::new();
    let mut clusters = Vec::new();
    for score in scores {
        if let (Some(reply), Some(reference)) = (score.text("reply"), score.text("reference")) {
            counts.push(BleuCounts::of(&tokens(reply), &tokens(reference)));
            clusters.push(score.cluster());
        }
    }
    let of = |rows: &[usize]| {
        let mut sum = BleuCounts::default();
        rows.iter().filter_map(|row| counts.get(*row)).for_each(|count| sum.add(count));
        bleu(&sum, usize::from(order))
    };
    let all: Vec<usize> = (0..counts.len()).collect();
    let value = of(&all).ok_or_else(|| nothing_measured(scores))?;
    Ok(resampled(value, &clusters, seed, of))
}

pub(super) fn variety(scores: &[Score<'_>], order: u8) -> Result<Drawn, String> {
    let replies: Vec<(&str, Vec<String>)> = scores
        .iter()
        .filter_map(|score| Some((score.cluster(), tokens(score.text("reply")?))))
        .collect();
    let (clusters, texts): (Vec<&str>, Vec<Vec<String>>) = replies.into_iter().unzip();
    distinct(&texts, &numbered(&clusters), usize::from(order))
        .map(|estimate| (estimate, None))
        .ok_or_else(|| nothing_measured(scores))
}

pub(super) fn mean_of_items(scores: &[Score<'_>], of: &MeasureName) -> Result<Drawn, String> {
    let items = by_item(scores, of);
    mean_over(scores, items.values().map(|values| average(values)).collect(), &items)
}

/// Mean over items of the population standard deviation of their repeats; items asked once say nothing.
pub(super) fn sd_within_items(scores: &[Score<'_>], of: &MeasureName) -> Result<Drawn, String> {
    let mut items = by_item(scores, of);
    if items.is_empty() {
        return Err(nothing_measured(scores));
    }
    items.retain(|_, values| values.len() > 1);
    if items.is_empty() {
        return Err("no item was scored more than once".to_owned());
    }
    mean_over(scores, items.values().map(|values| spread(values)).collect(), &items)
}

fn mean_over(
    scores: &[Score<'_>],
    of_items: Vec<f64>,
    items: &BTreeMap<&str, Vec<f64>>,
) -> Result<Drawn, String> {
    let sample = Sample::independent(of_items).map_err(|_| nothing_measured(scores))?;
    let n = items.values().map(|values| values.len() as u64).sum();
    Ok((Estimate { n, ..mean(&sample) }, None))
}

/// Population standard deviation of the items' means: over n, as it describes these items.
pub(super) fn sd_of_items(
    scores: &[Score<'_>],
    of: &MeasureName,
    seed: u64,
) -> Result<Drawn, String> {
    let items = by_item(scores, of);
    if items.is_empty() {
        return Err(nothing_measured(scores));
    }
    let n = items.values().map(|values| values.len() as u64).sum();
    let (clusters, means): (Vec<&str>, Vec<f64>) =
        items.into_iter().map(|(item, values)| (item, average(&values))).unzip();
    let (estimate, draws) = resampled(spread(&means), &clusters, seed, |rows| {
        let drawn: Vec<f64> = rows.iter().filter_map(|row| means.get(*row).copied()).collect();
        (!drawn.is_empty()).then(|| spread(&drawn))
    });
    Ok((Estimate { n, ..estimate }, draws))
}

/// A measure's values by item.
fn by_item<'s>(scores: &[Score<'s>], of: &MeasureName) -> BTreeMap<&'s str, Vec<f64>> {
    let mut items: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for score in scores {
        if let Some(value) = score.measure(of) {
            items.entry(score.cluster()).or_default().push(value);
        }
    }
    items
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Population standard deviation.
fn spread(values: &[f64]) -> f64 {
    let mean = average(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}
