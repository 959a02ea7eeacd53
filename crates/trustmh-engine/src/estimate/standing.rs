//! Several runs of a task in order.

use trustmh_core::comparison::RankedBy;
use trustmh_core::id::{MeasureName, MetricName};
use trustmh_core::metric::Direction;
use trustmh_core::scorecard::TaskResult;
use trustmh_core::scores::Scores;

use super::Basis;
use super::shared::by_all;
use crate::task::{MetricRule, Statistic, Task};

/// Runs of one task in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// The metric.
    pub metric: MetricName,
    /// What values are taken over.
    pub by: RankedBy,
    /// Trials that all runs scored; none where each run is taken by its own trials.
    pub shared: Option<u64>,
    /// Value of each run, in the order given.
    pub values: Vec<f64>,
    /// Which way is better.
    pub direction: Direction,
}

/// Several runs of a task by the metric it is ranked by. Shares and means are taken over the trials that all
/// runs have; any other metric as each run's result has it. What is missing stands at the worse end of the range. None where a run
/// lacks the metric.
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
            let planned = |result: &&TaskResult| result.n + result.pending;
            let planned = results.iter().map(planned).collect::<Vec<_>>();
            by_items(rule, of, tables, &planned)
        }
        _ => by_estimates(rule, results),
    }
}

fn by_estimates(rule: &MetricRule, results: &[&TaskResult]) -> Option<Ranking> {
    let values: Option<Vec<f64>> =
        results.iter().map(|result| Some(result.metrics.get(&rule.name)?.at_worst())).collect();
    Some(Ranking {
        metric: rule.name.clone(),
        by: RankedBy::OwnIntervals,
        shared: None,
        values: values?,
        direction: rule.direction,
    })
}

fn by_items(
    rule: &MetricRule,
    of: &MeasureName,
    tables: &[&Scores],
    planned: &[u64],
) -> Option<Ranking> {
    let whole = by_all(rule, of, tables, planned);
    let column = |place: usize| whole.iter().filter_map(move |(_, row)| row.get(place).copied());
    let mean = |place: usize| column(place).sum::<f64>() / whole.len() as f64;
    (!whole.is_empty()).then(|| Ranking {
        metric: rule.name.clone(),
        by: RankedBy::SharedItems,
        shared: Some(whole.len() as u64),
        values: (0..tables.len()).map(mean).collect(),
        direction: rule.direction,
    })
}
