//! Which trials stand at the bad end of a task's measure.

use std::cmp::Ordering;

use trustmh_core::id::MeasureName;
use trustmh_core::metric::Direction;
use trustmh_core::protocol::Protocol;
use trustmh_core::scores::Scores;

use super::matches_tags;
use crate::task::{MetricRule, Statistic, Task};

/// Trials that are not at the good end of a measure.
#[derive(Debug, Clone, PartialEq)]
pub struct BadEnd<'s> {
    /// The title of the metric that is made of the measure.
    pub title: String,
    /// Which values are worse.
    pub towards_bad: TowardsBad,
    /// Trials within the task, and their values.
    pub values: Vec<(&'s str, f64)>,
}

/// The order of values, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TowardsBad {
    /// Low values are bad.
    Low,
    /// High values are bad.
    High,
}

impl TowardsBad {
    /// The worse value first.
    pub fn compare(self, one: f64, other: f64) -> Ordering {
        match self {
            Self::Low => one.total_cmp(&other),
            Self::High => other.total_cmp(&one),
        }
    }
}

/// The trials of a task that could be better by the measure behind its primary metric, or the first of its parts, or else behind the
/// first metric that is a share or a mean. None where there is no such measure, or where all is well.
pub fn at_bad_end<'s>(task: &Task, scores: &'s Scores, protocol: Protocol) -> Option<BadEnd<'s>> {
    let (rule, of) = measured(task, protocol)?;
    let (low, high) = rule.range;
    let (towards_bad, best) = match rule.direction {
        Direction::Higher => (TowardsBad::Low, high),
        Direction::Lower => (TowardsBad::High, low),
        Direction::NearZero | Direction::None => return None,
    };
    let values: Vec<(&str, f64)> = scores
        .iter()
        .filter(|score| matches_tags(*score, &rule.select))
        .filter_map(|score| Some((score.trial(), score.measure(of)?)))
        .filter(|(_, value)| towards_bad.compare(*value, best) == Ordering::Less)
        .collect();
    (!values.is_empty()).then(|| BadEnd { title: rule.title.clone(), towards_bad, values })
}

/// The measure that trials of the task are put in order by: that of [`at_bad_end`].
pub fn at_bad_end_measure(task: &Task, protocol: Protocol) -> Option<&MeasureName> {
    measured(task, protocol).map(|(_, of)| of)
}

/// The metric whose measure trials of the task are put in order by: its title, range and direction say what a trial's value is.
pub fn at_bad_end_rule(task: &Task, protocol: Protocol) -> Option<&MetricRule> {
    measured(task, protocol).map(|(rule, _)| rule)
}

fn measured(task: &Task, protocol: Protocol) -> Option<(&MetricRule, &MeasureName)> {
    let primary = task.metrics(protocol).find(|rule| rule.primary.contains(&protocol))?;
    // A mean of metrics is made of its parts' measures.
    let parts = match &primary.statistic {
        Statistic::MeanOf { metrics } => metrics.as_slice(),
        _ => &[],
    };
    let parts =
        parts.iter().filter_map(|name| task.metrics(protocol).find(|rule| rule.name == *name));
    std::iter::once(primary)
        .chain(parts)
        .chain(task.metrics(protocol))
        .filter(|rule| rule.direction != Direction::None)
        .find_map(|rule| Some((rule, measure_of(rule)?)))
}

/// The measure of single trials that a metric is a share or a mean of.
fn measure_of(rule: &MetricRule) -> Option<&MeasureName> {
    match &rule.statistic {
        Statistic::Proportion { of }
        | Statistic::Mean { of, .. }
        | Statistic::MeanOfItems { of } => Some(of),
        _ => None,
    }
}
