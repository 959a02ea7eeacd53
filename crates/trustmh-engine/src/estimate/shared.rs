//! Trials that several tables of scores have in common.

use std::collections::BTreeMap;

use trustmh_core::id::MeasureName;
use trustmh_core::metric::Direction;
use trustmh_core::scores::Scores;

use super::coverage::is_gap;
use super::matches_tags;
use crate::task::MetricRule;

/// A trial's cluster, and its measure in each table.
pub(super) type Shared<'s> = (&'s str, Vec<f64>);

/// The trials of which every table has the measure, in the order of their names. What is missing of a table stands at the worse end
/// of the metric's range: who is silent on hard items must not rank higher for it. So does a trial that a table lacks as long
/// as it has fewer than the trials `planned` for it.
pub(super) fn by_all<'s>(
    rule: &MetricRule,
    of: &MeasureName,
    tables: &[&'s Scores],
    planned: &[u64],
) -> Vec<Shared<'s>> {
    let mut shared: BTreeMap<&str, (&str, Vec<Option<f64>>)> = BTreeMap::new();
    for (place, table) in tables.iter().enumerate() {
        for score in table.iter().filter(|score| matches_tags(*score, &rule.select)) {
            let gap = is_gap(score).then_some(worse_end(rule));
            let Some(value) = score.measure(of).or(gap) else { continue };
            let (_, values) =
                shared.entry(score.trial()).or_insert((score.cluster(), vec![None; tables.len()]));
            if let Some(own) = values.get_mut(place) {
                *own = Some(value);
            }
        }
    }
    let is_whole = |(table, planned): (&&Scores, &u64)| table.len() as u64 >= *planned;
    let whole: Vec<bool> = tables.iter().zip(planned).map(is_whole).collect();
    let filled = |(cluster, values): (&'s str, Vec<Option<f64>>)| {
        let row = values.into_iter().zip(&whole);
        let row: Option<Vec<f64>> = row
            .map(|(value, whole)| value.or_else(|| (!whole).then_some(worse_end(rule))))
            .collect();
        Some((cluster, row?))
    };
    shared.into_values().filter_map(filled).collect()
}

/// The end of the metric's range that is worse.
fn worse_end(rule: &MetricRule) -> f64 {
    let (low, high) = rule.range;
    match rule.direction {
        Direction::Higher => low,
        Direction::Lower => high,
        Direction::NearZero if low.abs() > high.abs() => low,
        Direction::NearZero | Direction::None => high,
    }
}
