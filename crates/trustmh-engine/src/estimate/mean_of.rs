//! Plain means of metrics: what has to stand together, such as resisting what should be resisted and answering what should be
//! answered.

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::id::{MeasureName, MetricName};
use trustmh_core::metric::Estimate;
use trustmh_core::scores::Score;
use trustmh_stats::correlation::pearson;
use trustmh_stats::mover;

use crate::task::{MetricRule, Statistic};

/// A metric, or a difference, of which a mean may be taken.
#[derive(Debug, Clone)]
pub(super) struct Valued {
    pub(super) estimate: Estimate,
    /// Its value on each item, where it is a share or a mean over trials.
    pub(super) by_item: BTreeMap<String, f64>,
}

/// The parts that were estimated, by name.
pub(super) type Parts = BTreeMap<MetricName, Valued>;

/// What a share or a mean comes to on each item; empty for any other statistic.
pub(super) fn by_item(rule: &MetricRule, scores: &[Score<'_>]) -> BTreeMap<String, f64> {
    let Some(of) = measure(&rule.statistic) else { return BTreeMap::new() };
    let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for score in scores {
        if let Some(value) = score.measure(of) {
            let (sum, count) = sums.entry(score.cluster()).or_default();
            *sum += value;
            *count += 1.0;
        }
    }
    sums.into_iter().map(|(item, (sum, count))| (item.to_owned(), sum / count)).collect()
}

/// The mean of the parts, which stand above it in the file, and its value by item; a part that is missing makes the whole missing.
/// Its interval is recovered from the parts' own; parts that share items are taken to be correlated as their values on these items
/// are (never below 0, which could only narrow the interval).
pub(super) fn mean_of(
    names: &[MetricName],
    known: &Parts,
) -> Result<(Estimate, BTreeMap<String, f64>), String> {
    let missing: Vec<&str> =
        names.iter().filter(|name| !known.contains_key(*name)).map(MetricName::as_str).collect();
    if !missing.is_empty() {
        return Err(format!("parts of it could not be estimated: {}", missing.join(", ")));
    }
    let parts: Vec<&Valued> = names.iter().filter_map(|name| known.get(name)).collect();
    let estimates: Vec<Estimate> = parts.iter().map(|part| part.estimate).collect();
    let together = |one: usize, two: usize| match (parts.get(one), parts.get(two)) {
        (Some(one), Some(two)) => correlation(&one.by_item, &two.by_item),
        _ => 0.0,
    };
    let mut estimate = mover::mean(&estimates, together).ok_or("names no metrics")?;
    // An item that several parts rest on is one item.
    if parts.iter().all(|part| !part.by_item.is_empty()) {
        let items: BTreeSet<&String> = parts.iter().flat_map(|part| part.by_item.keys()).collect();
        estimate.clusters = items.len() as u64;
    }
    Ok((estimate, means_by_item(&parts)))
}

/// The items that all parts share, with the mean of the parts' values.
pub(super) fn means_by_item(parts: &[&Valued]) -> BTreeMap<String, f64> {
    let Some((first, others)) = parts.split_first() else { return BTreeMap::new() };
    let mean = |item: &str, value: f64| -> Option<f64> {
        let rest: Option<f64> = others.iter().map(|part| part.by_item.get(item).copied()).sum();
        Some((value + rest?) / parts.len() as f64)
    };
    let items = first.by_item.iter();
    items.filter_map(|(item, value)| Some((item.clone(), mean(item, *value)?))).collect()
}

/// How far two parts move together over the items they share; 0 where they share too few to say.
pub(super) fn correlation(one: &BTreeMap<String, f64>, two: &BTreeMap<String, f64>) -> f64 {
    let shared = one.iter().filter_map(|(item, first)| Some((*first, *two.get(item)?)));
    let (first, second): (Vec<f64>, Vec<f64>) = shared.unzip();
    pearson(&first, &second).map_or(0.0, |r| r.clamp(0.0, 1.0))
}

fn measure(statistic: &Statistic) -> Option<&MeasureName> {
    match statistic {
        Statistic::Proportion { of } | Statistic::Mean { of, .. } => Some(of),
        _ => None,
    }
}
