//! How far the judges behind a scorecard's numbers have been checked against human ratings.

use std::collections::BTreeMap;

use super::{Scorecard, TaskResult};
use crate::id::{MetricName, TaskId};
use crate::validity::{Level, Validity};

impl Scorecard {
    /// How many judged numbers are of which level, and of which tasks, in a sentence; none where no judge has a part in any.
    pub fn judged_numbers(&self) -> Option<String> {
        let mut counts: BTreeMap<Level, BTreeMap<&TaskId, u64>> = BTreeMap::new();
        for (id, result) in &self.tasks {
            for validity in result.metrics.values().filter_map(|metric| metric.validity.as_ref()) {
                *counts.entry(validity.level).or_default().entry(id).or_default() += 1;
            }
        }
        // The best first.
        let parts: Vec<String> = counts
            .iter()
            .rev()
            .map(|(level, tasks)| {
                let all: u64 = tasks.values().sum();
                let named: Vec<String> =
                    tasks.iter().map(|(id, count)| format!("{id} {count}")).collect();
                format!("{all} {} ({})", level.word(), named.join(", "))
            })
            .collect();
        (!parts.is_empty()).then(|| format!("Judged numbers: {}.", parts.join("; ")))
    }
}

impl TaskResult {
    /// What stands behind the task's judged metrics, each with those that it is behind, the primary one's first.
    pub fn validities(&self) -> Vec<(&Validity, Vec<&MetricName>)> {
        let mut found: Vec<(&Validity, Vec<&MetricName>)> = Vec::new();
        let mut metrics: Vec<_> = self.metrics.iter().collect();
        metrics.sort_by_key(|(_, metric)| !metric.primary);
        for (name, metric) in metrics {
            let Some(validity) = &metric.validity else { continue };
            match found.iter_mut().find(|(known, _)| *known == validity) {
                Some((_, names)) => names.push(name),
                None => found.push((validity, vec![name])),
            }
        }
        found
    }
}
