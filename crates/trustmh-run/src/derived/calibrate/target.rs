//! Which metric is put right, and what it counts.

use trustmh_core::id::{MeasureName, MetricName, TaskId};
use trustmh_core::metric::Estimate;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{TaskResult, UNANSWERED_RATE};
use trustmh_core::scores::Score;
use trustmh_engine::task::{MetricRule, Statistic, Task};

use super::Calibrating;

/// What is to be put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'w> {
    /// The metric that the task is ranked by; of a mean of metrics the first of its parts.
    Primary,
    /// A metric.
    Metric(&'w str),
    /// The metric that rests on a measure: the one the task is ranked by, or else the first. A measure on which no share or
    /// mean rests is taken over all trials that have it.
    Measure(&'w str),
}

/// A metric, or a bare measure.
pub(super) struct Target<'b> {
    pub(super) task: TaskId,
    pub(super) measure: MeasureName,
    rule: Option<&'b MetricRule>,
}

/// The measure of a share or mean; none of any other statistic, which single replies do not add up to.
fn measure(rule: &MetricRule) -> Option<&MeasureName> {
    match &rule.statistic {
        Statistic::Proportion { of }
        | Statistic::Mean { of, .. }
        | Statistic::MeanOfItems { of } => Some(of),
        _ => None,
    }
}

/// The metric that the task is ranked by, or the first of those that it is a mean of.
fn first_part(task: &Task, protocol: Protocol) -> Option<&MetricRule> {
    let mut rule = task.metrics(protocol).find(|rule| rule.primary.contains(&protocol))?;
    // A mean names only metrics that stand before it, so this ends.
    while let Statistic::MeanOf { metrics } = &rule.statistic {
        let first = metrics.first()?;
        rule = task.metrics(protocol).find(|part| part.name == *first)?;
    }
    Some(rule)
}

impl<'b> Target<'b> {
    pub(super) fn of(
        task: &'b Task,
        protocol: Protocol,
        wanted: Wanted<'_>,
    ) -> Result<Self, Calibrating> {
        let id = &task.file.id;
        let means = || task.metrics(protocol).filter_map(|rule| Some((rule, measure(rule)?)));
        let ranked_first = |of: &dyn Fn(&MetricRule, &MeasureName) -> bool| {
            let fitting = || means().filter(|(rule, measure)| of(rule, measure));
            fitting()
                .find(|(rule, _)| rule.primary.contains(&protocol))
                .or_else(|| fitting().next())
        };
        let found = match wanted {
            Wanted::Primary => {
                let first = first_part(task, protocol);
                ranked_first(&|rule, _| first.is_some_and(|first| first.name == rule.name))
            }
            Wanted::Metric(name) => ranked_first(&|rule, _| rule.name.as_str() == name),
            Wanted::Measure(name) => ranked_first(&|_, measure| measure.as_str() == name),
        };
        match (found, wanted) {
            (Some((rule, measure)), _) => {
                Ok(Self { task: id.clone(), measure: measure.clone(), rule: Some(rule) })
            }
            (None, Wanted::Measure(name)) => {
                Ok(Self { task: id.clone(), measure: MeasureName::new(name), rule: None })
            }
            (None, Wanted::Primary | Wanted::Metric(_)) => {
                let name = match wanted {
                    Wanted::Metric(name) => name.to_owned(),
                    Wanted::Primary | Wanted::Measure(_) => "the one it is ranked by".to_owned(),
                };
                // Whether there was a reply at all is no matter of judgement.
                let judged = means().filter(|(rule, _)| rule.name.as_str() != UNANSWERED_RATE);
                let known = judged.map(|(rule, _)| rule.name.to_string()).collect::<Vec<_>>();
                Err(Calibrating::NoMetric { task: id.clone(), name, known: known.join(", ") })
            }
        }
    }

    /// Whether the metric counts a trial.
    pub(super) fn counts(&self, score: Score<'_>) -> bool {
        self.rule.is_none_or(|rule| {
            rule.select.iter().all(|(facet, value)| score.tag(facet) == Some(value))
        })
    }

    /// Whether items count alike, however many trials they have.
    pub(super) fn by_items(&self) -> bool {
        self.rule.is_some_and(|rule| matches!(rule.statistic, Statistic::MeanOfItems { .. }))
    }

    pub(super) fn metric(&self) -> Option<MetricName> {
        self.rule.map(|rule| rule.name.clone())
    }

    /// Lowest and highest value.
    pub(super) fn range(&self) -> (f64, f64) {
        self.rule.map_or((f64::NEG_INFINITY, f64::INFINITY), |rule| rule.range)
    }

    pub(super) fn in_words(&self) -> String {
        match self.rule {
            Some(rule) => format!("the metric {}", rule.name),
            None => format!("the measure {}", self.measure),
        }
    }

    /// A rating that the metric can take.
    pub(super) fn in_range(&self, value: f64) -> Result<f64, Calibrating> {
        let (low, high) = self.range();
        match self.rule {
            Some(rule) if !(low..=high).contains(&value) => {
                Err(Calibrating::OffScale { value, what: rule.name.clone(), low, high })
            }
            _ => Ok(value),
        }
    }

    pub(super) fn other_field(&self, field: &str) -> Calibrating {
        Calibrating::OtherField {
            field: field.to_owned(),
            what: self.in_words(),
            measure: self.measure.clone(),
        }
    }

    /// The metric as the scorecard has it.
    pub(super) fn recorded(&self, found: &TaskResult) -> Option<Estimate> {
        Some(found.metrics.get(&self.rule?.name)?.estimate())
    }

    /// Trials without a verdict that the metric should count.
    pub(super) fn missing(&self, found: &TaskResult) -> Option<u64> {
        Some(found.metrics.get(&self.rule?.name)?.coverage?.missing)
    }
}
