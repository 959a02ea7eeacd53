//! How far the judges behind numbers have been checked against human ratings, in words.

use trustmh_core::scorecard::{MetricEstimate, Scorecard, TaskResult};
use trustmh_core::validity::{Level, Validity};

/// So many metrics are named before the others are counted.
const NAMED: usize = 3;

/// What stands behind the judged metrics of a task, a line for each judge and rubric.
pub(crate) fn lines(result: &TaskResult) -> Vec<String> {
    let found = result.validities();
    let alone = found.len() == 1;
    let line = |(validity, names): &(&Validity, Vec<_>)| {
        if alone {
            return format!("judge: {}", validity.in_words());
        }
        let named: Vec<String> = names.iter().take(NAMED).map(ToString::to_string).collect();
        let more = match names.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("judge of {}{more}: {}", named.join(", "), validity.in_words())
    };
    found.iter().map(line).collect()
}

/// What stands behind the metrics that tasks are ranked by, each judge and rubric once; none where no judge has a part in any.
pub(crate) fn of_primaries(card: &Scorecard) -> Option<String> {
    let metrics = card.tasks.values().flat_map(|result| result.metrics.values());
    let primaries = metrics.filter(|metric| metric.primary);
    let mut found: Vec<String> = Vec::new();
    for words in primaries.filter_map(|metric| metric.validity.as_ref()).map(Validity::in_words) {
        if !found.contains(&words) {
            found.push(words);
        }
    }
    (!found.is_empty()).then(|| format!("Judges: {}.", found.join("; ")))
}

/// The level of a metric, for a table's cell; empty where no judge has a part in it.
pub(crate) fn level(metric: &MetricEstimate) -> &'static str {
    metric.validity.as_ref().map_or("", |validity| validity.level.word())
}

/// What an order of subjects says of its judge, if anything must be said.
pub(crate) fn of_order(validity: Option<&Validity>) -> Option<String> {
    validity.and_then(Validity::behind_an_order)
}

/// Whether the judge is one of which nothing is known.
pub fn is_unvalidated(validity: Option<&Validity>) -> bool {
    validity.is_some_and(|validity| validity.level == Level::Unvalidated)
}
