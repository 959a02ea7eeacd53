//! Trials that several tables of scores have in common.

use std::collections::BTreeMap;

use trustmh_core::id::MeasureName;
use trustmh_core::scores::Scores;

use super::matches_tags;
use crate::task::MetricRule;

/// A trial's cluster, and its measure in each table.
pub(super) type Shared<'s> = (&'s str, Vec<f64>);

/// The trials in which every table has the measure, in the order of their names.
pub(super) fn by_all<'s>(
    rule: &MetricRule,
    of: &MeasureName,
    tables: &[&'s Scores],
) -> Vec<Shared<'s>> {
    let mut shared: BTreeMap<&str, Shared<'s>> = BTreeMap::new();
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
    shared.into_values().filter(|(_, values)| values.len() == tables.len()).collect()
}
