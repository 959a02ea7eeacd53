//! Over which classes a mean over classes is taken.

use std::collections::BTreeSet;

use trustmh_core::id::MetricName;
use trustmh_core::protocol::Protocol;
use trustmh_core::scores::{Score, Scores};

use super::matches_tags;
use crate::task::{LabelAveraging, MetricRule, Statistic, Task};

/// The classes that a macro-F1 is the mean of: those that are given or predicted, in order. Empty for any other metric.
pub(super) fn averaged(rule: &MetricRule, scores: &[Score<'_>]) -> Vec<String> {
    if !is_macro(rule) {
        return Vec::new();
    }
    let counted = scores.iter().filter(|score| score.text("label").is_some());
    let names: BTreeSet<&str> = counted
        .flat_map(|score| [score.text("label"), score.text("predicted")])
        .flatten()
        .collect();
    names.into_iter().map(str::to_owned).collect()
}

/// Why a macro-F1, or a mean that has one among its parts, is not compared: the samples of the runs hold different classes, so that each is
/// the mean of something else.
pub(super) fn other_classes(
    task: &Task,
    rule: &MetricRule,
    (first, second): (&Scores, &Scores),
    protocol: Protocol,
) -> Option<String> {
    if let Statistic::MeanOf { metrics } = &rule.statistic {
        let part = |name: &MetricName| task.metrics(protocol).find(|part| part.name == *name);
        return metrics.iter().filter_map(part).find_map(|part| {
            let why = other_classes(task, part, (first, second), protocol)?;
            Some(format!("{}: {why}", part.name))
        });
    }
    if !is_macro(rule) {
        return None;
    }
    let (one, two) = (given(rule, first), given(rule, second));
    let only = |these: &BTreeSet<&str>, others: &BTreeSet<&str>| {
        let names: Vec<&str> = these.difference(others).copied().collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    (one != two).then(|| {
        format!(
            "the runs' samples hold different classes (only in the first: {}; only in the second: {}), and a mean over other classes is another number",
            only(&one, &two),
            only(&two, &one)
        )
    })
}

/// The classes that the items of a run have.
fn given<'s>(rule: &MetricRule, scores: &'s Scores) -> BTreeSet<&'s str> {
    let selected = scores.iter().filter(|score| matches_tags(*score, &rule.select));
    selected.filter_map(|score| score.text("label")).collect()
}

fn is_macro(rule: &MetricRule) -> bool {
    matches!(rule.statistic, Statistic::F1 { averaging: LabelAveraging::Macro })
}
