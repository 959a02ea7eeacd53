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

/// The trials in which every table has the measure, in the order of their names. What is missing of a table stands at the worse end
/// of the metric's range: who is silent on hard items must not rank higher for it.
pub(super) fn by_all<'s>(
    rule: &MetricRule,
    of: &MeasureName,
    tables: &[&'s Scores],
) -> Vec<Shared<'s>> {
    let mut shared: BTreeMap<&str, Shared<'s>> = BTreeMap::new();
    for (place, table) in tables.iter().enumerate() {
        for score in table.iter().filter(|score| matches_tags(*score, &rule.select)) {
            let gap = is_gap(score).then_some(worse_end(rule));
            let Some(value) = score.measure(of).or(gap) else { continue };
            let (_, values) = shared.entry(score.trial()).or_insert((score.cluster(), Vec::new()));
            // A trial that an earlier table lacks stays behind and falls out below.
            if values.len() == place {
                values.push(value);
            }
        }
    }
    shared.into_values().filter(|(_, values)| values.len() == tables.len()).collect()
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
