//! Several runs of a task in order, and how far that order would move with other items.

use trustmh_core::comparison::RankedBy;
use trustmh_core::id::{MeasureName, MetricName};
use trustmh_core::metric::Estimate;
use trustmh_core::scorecard::TaskResult;
use trustmh_core::scores::Scores;
use trustmh_stats::ranks::RankDraws;
use trustmh_stats::sample::numbered;

use super::Basis;
use super::shared::by_all;
use crate::task::{MetricRule, Statistic, Task};

/// Runs of one task in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// The metric.
    pub metric: MetricName,
    /// How ranks are drawn.
    pub by: RankedBy,
    /// Trials that all runs scored; none where each run is taken by its own trials.
    pub shared: Option<u64>,
    /// Value of each run, in the order given.
    pub values: Vec<f64>,
    /// Their ranks, as they are and as they are drawn.
    pub draws: RankDraws,
}

/// The ranks of several runs of a task by the metric it is ranked by. Shares and means are taken over the trials that all
/// runs scored; any other metric as each run's result has it. What is missing stands at the worse end of the range. None where a run lacks it.
pub fn ranking(
    task: &Task,
    tables: &[&Scores],
    results: &[&TaskResult],
    basis: &Basis,
) -> Option<Ranking> {
    let is_primary = |rule: &&MetricRule| rule.primary.contains(&basis.protocol);
    let rule = task.metrics(basis.protocol).find(is_primary)?;
    match &rule.statistic {
        Statistic::Proportion { of } | Statistic::Mean { of, .. } => {
            by_items(rule, of, tables, basis.seed)
        }
        _ => by_estimates(rule, results, basis.seed),
    }
}

fn by_estimates(rule: &MetricRule, results: &[&TaskResult], seed: u64) -> Option<Ranking> {
    let estimates: Option<Vec<Estimate>> = results
        .iter()
        .map(|result| Some(result.metrics.get(&rule.name)?.estimate_at_worst()))
        .collect();
    let estimates = estimates?;
    Some(Ranking {
        metric: rule.name.clone(),
        by: RankedBy::OwnIntervals,
        shared: None,
        values: estimates.iter().map(|estimate| estimate.value).collect(),
        draws: RankDraws::of_estimates(&estimates, rule.direction, seed)?,
    })
}

fn by_items(rule: &MetricRule, of: &MeasureName, tables: &[&Scores], seed: u64) -> Option<Ranking> {
    let whole = by_all(rule, of, tables);
    let names: Vec<&str> = whole.iter().map(|(cluster, _)| *cluster).collect();
    let column = |place: usize| whole.iter().filter_map(move |(_, row)| row.get(place).copied());
    let scores: Vec<Vec<f64>> = (0..tables.len()).map(|place| column(place).collect()).collect();
    let mean = |row: &Vec<f64>| row.iter().sum::<f64>() / row.len() as f64;
    Some(Ranking {
        metric: rule.name.clone(),
        by: RankedBy::SharedItems,
        shared: Some(whole.len() as u64),
        values: scores.iter().map(mean).collect(),
        draws: RankDraws::of_items(&scores, &numbered(&names), rule.direction, seed)?,
    })
}
