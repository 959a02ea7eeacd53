//! Several judges of the same trials: each alone, their mean, their majority, and how far they agree.

use std::collections::BTreeMap;

use trustmh_core::id::MetricName;
use trustmh_core::metric::Estimate;
use trustmh_core::panel::{Majority, PanelMetric};
use trustmh_core::scores::Scores;
use trustmh_stats::agreement::{Distance, Tally, estimate};
use trustmh_stats::proportion::proportion;
use trustmh_stats::sample::{Sample, numbered};

use super::shared::by_all;
use super::{Basis, mean_on};
use crate::task::{MetricRule, Statistic, Task};

/// What each judge says of one trial, or of one item.
struct Judged<'s> {
    cluster: &'s str,
    values: Vec<f64>,
}

/// Shares and means of a task by each of several judges, whose scores of the same trials are in `tables`. Metrics on which
/// no judge differs from another are left out: they are not a matter of judgement.
pub fn panel_metrics(
    task: &Task,
    tables: &[&Scores],
    basis: &Basis,
) -> BTreeMap<MetricName, PanelMetric> {
    task.metrics(basis.protocol)
        .filter_map(|rule| Some((rule.name.clone(), panel_metric(rule, tables, basis)?)))
        .collect()
}

fn panel_metric(rule: &MetricRule, tables: &[&Scores], basis: &Basis) -> Option<PanelMetric> {
    let (of, share) = match &rule.statistic {
        Statistic::Proportion { of } => (of, true),
        Statistic::Mean { of, .. } | Statistic::MeanOfItems { of } => (of, false),
        _ => return None,
    };
    let shared = by_all(rule, of, tables, &vec![0; tables.len()]).into_iter();
    let trials: Vec<Judged<'_>> =
        shared.map(|(cluster, values)| Judged { cluster, values }).collect();
    if !trials
        .iter()
        .any(|trial| trial.values.iter().any(|value| trial.values.first() != Some(value)))
    {
        return None;
    }
    let items = match &rule.statistic {
        Statistic::MeanOfItems { .. } => Some(by_item(&trials)),
        _ => None,
    };
    let counted = items.as_ref().unwrap_or(&trials);
    let sampled = |of_one: &dyn Fn(&[f64]) -> Option<f64>| {
        let values: Option<Vec<f64>> = counted.iter().map(|one| of_one(&one.values)).collect();
        let clusters: Vec<&str> = counted.iter().map(|one| one.cluster).collect();
        Sample::clustered(values?, &clusters).ok()
    };
    let mean_of = |sample: &Sample| {
        let n = trials.len() as u64;
        Estimate { n, ..mean_on(rule.range, basis.protocol, sample) }
    };
    let by_judge: Option<Vec<Estimate>> = (0..tables.len())
        .map(|judge| {
            let sample = sampled(&|values| values.get(judge).copied())?;
            if share { proportion(&sample).ok() } else { Some(mean_of(&sample)) }
        })
        .collect();
    let middle = sampled(&|values| Some(values.iter().sum::<f64>() / values.len() as f64))?;
    Some(PanelMetric {
        title: rule.title.clone(),
        direction: rule.direction,
        primary: rule.primary.contains(&basis.protocol),
        by_judge: by_judge?,
        mean: Some(mean_of(&middle)),
        majority: if share { majority(&trials) } else { None },
        alpha: alpha(&trials, if share { Distance::Nominal } else { Distance::Quadratic }),
    })
}

/// Krippendorff's alpha over trials; those of one item are alike, so its interval counts items.
fn alpha(trials: &[Judged<'_>], distance: Distance) -> Option<Estimate> {
    let tally = Tally::of(&trials.iter().map(|trial| trial.values.as_slice()).collect::<Vec<_>>());
    let items = numbered(&trials.iter().map(|trial| trial.cluster).collect::<Vec<_>>());
    estimate(&items, |rows| tally.alpha(rows, distance))
}

/// The mean of each item's trials, judge by judge.
fn by_item<'s>(trials: &[Judged<'s>]) -> Vec<Judged<'s>> {
    let mut items: BTreeMap<&str, Vec<&Judged<'s>>> = BTreeMap::new();
    for trial in trials {
        items.entry(trial.cluster).or_default().push(trial);
    }
    let mean_of = |trials: &[&Judged<'s>], judge: usize| {
        let values = trials.iter().filter_map(|trial| trial.values.get(judge));
        values.sum::<f64>() / trials.len() as f64
    };
    let judges = trials.first().map_or(0, |trial| trial.values.len());
    items
        .into_iter()
        .map(|(item, trials)| Judged {
            cluster: item,
            values: (0..judges).map(|judge| mean_of(&trials, judge)).collect(),
        })
        .collect()
}

fn majority(judged: &[Judged<'_>]) -> Option<Majority> {
    let mut ties = 0;
    let (mut values, mut clusters) = (Vec::new(), Vec::new());
    for trial in judged {
        let yes = trial.values.iter().filter(|value| **value > 0.5).count();
        let no = trial.values.len() - yes;
        if yes == no {
            ties += 1;
        } else {
            values.push(f64::from(u8::from(yes > no)));
            clusters.push(trial.cluster);
        }
    }
    let sample = Sample::clustered(values, &clusters).ok()?;
    Some(Majority { estimate: proportion(&sample).ok()?, ties })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(values: &[&[f64]]) -> Vec<Judged<'static>> {
        const ITEMS: [&str; 4] = ["a", "b", "c", "d"];
        ITEMS
            .iter()
            .zip(values)
            .map(|(item, of)| Judged { cluster: item, values: of.to_vec() })
            .collect()
    }

    #[test]
    fn ties_have_no_majority() {
        let found =
            majority(&judged(&[&[1.0, 0.0], &[1.0, 1.0], &[0.0, 0.0], &[0.0, 1.0]])).unwrap();
        assert_eq!((found.ties, found.estimate.n, found.estimate.value), (2, 2, 0.5));
        assert_eq!(majority(&judged(&[&[1.0, 0.0]])), None);
        let of_three =
            majority(&judged(&[&[1.0, 0.0, 1.0], &[0.0, 0.0, 1.0], &[1.0, 1.0, 1.0]])).unwrap();
        assert_eq!((of_three.ties, of_three.estimate.n), (0, 3));
        assert!((of_three.estimate.value - 2.0 / 3.0).abs() < 1e-12);
    }

    /// Two judges of ten items by eight trials, who differ by item.
    #[test]
    fn alpha_counts_items_and_not_their_trials() {
        let names: Vec<String> = (0..80).map(|trial| trial.to_string()).collect();
        let trials = |cluster: &dyn Fn(usize) -> usize| -> Vec<(usize, Vec<f64>)> {
            let values = |trial: usize| match trial / 8 {
                0 | 1 => vec![1.0, 0.0],
                item if item % 2 == 0 => vec![1.0, 1.0],
                _ => vec![0.0, 0.0],
            };
            (0..80).map(|trial| (cluster(trial), values(trial))).collect()
        };
        let of = |trials: Vec<(usize, Vec<f64>)>| {
            let judged: Vec<Judged<'_>> = trials
                .into_iter()
                .map(|(cluster, values)| Judged { cluster: &names[cluster], values })
                .collect();
            alpha(&judged, Distance::Nominal).unwrap()
        };
        let (by_item, by_trial) = (of(trials(&|trial| trial / 8)), of(trials(&|trial| trial)));
        assert!((by_item.value - by_trial.value).abs() < 1e-12);
        assert_eq!((by_item.n, by_item.clusters), (80, 10));
        let width = |found: Estimate| found.interval.map(|ends| ends.high - ends.low).unwrap();
        assert!(width(by_item) > 2.5 * width(by_trial), "{by_item:?} {by_trial:?}");
    }
}
