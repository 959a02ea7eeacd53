//! Several runs of a task in order, and how far that order would move with other items.

use std::collections::BTreeMap;

use trustmh_core::id::MetricName;
use trustmh_core::scores::Scores;
use trustmh_stats::ranks::{RankRange, under_resampling};
use trustmh_stats::sample::numbered;

use super::{Basis, matches_tags};
use crate::task::{MetricRule, Statistic, Task};

/// What [`ranges`] finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranges {
    /// The metric.
    pub metric: MetricName,
    /// Trials that all runs scored.
    pub shared: u64,
    /// Value and rank range of each run, in the order given.
    pub subjects: Vec<(f64, RankRange)>,
}

/// Values and rank ranges of several runs on the trials that all of them scored, by the metric the task is
/// ranked by; none where that is no share or mean, or where no trial is shared.
pub fn ranges(task: &Task, tables: &[&Scores], basis: &Basis) -> Option<Ranges> {
    let is_primary = |rule: &&MetricRule| rule.primary.contains(&basis.protocol);
    let rule = task.metrics(basis.protocol).find(is_primary)?;
    let (Statistic::Proportion { of } | Statistic::Mean { of, .. }) = &rule.statistic else {
        return None;
    };
    let mut shared: BTreeMap<&str, (&str, Vec<f64>)> = BTreeMap::new();
    for (place, table) in tables.iter().enumerate() {
        for score in table.iter().filter(|score| matches_tags(*score, &rule.select)) {
            let Some(value) = score.measure(of) else { continue };
            let (_, values) = shared.entry(score.trial()).or_insert((score.cluster(), Vec::new()));
            // A trial that an earlier table lacks stays behind and falls out below.
            if values.len() == place {
                values.push(value);
            }
        }
    }
    let whole: Vec<(&str, Vec<f64>)> =
        shared.into_values().filter(|(_, values)| values.len() == tables.len()).collect();
    let names: Vec<&str> = whole.iter().map(|(cluster, _)| *cluster).collect();
    let column = |place: usize| whole.iter().filter_map(move |(_, row)| row.get(place).copied());
    let scores: Vec<Vec<f64>> = (0..tables.len()).map(|place| column(place).collect()).collect();
    let ranges = under_resampling(&scores, &numbered(&names), rule.direction, basis.seed);
    let mean = |row: &Vec<f64>| row.iter().sum::<f64>() / row.len() as f64;
    let values = scores.iter().map(mean);
    (!ranges.is_empty()).then(|| Ranges {
        metric: rule.name.clone(),
        shared: whole.len() as u64,
        subjects: values.zip(ranges).collect(),
    })
}
