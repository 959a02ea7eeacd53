//! The interval of a difference of means of shares and means: recovered from the intervals of the differences of its parts.

use std::collections::BTreeMap;

use trustmh_core::id::MetricName;
use trustmh_core::metric::Estimate;
use trustmh_core::protocol::Protocol;
use trustmh_stats::mover;
use trustmh_stats::paired::{mean_difference, share_difference};
use trustmh_stats::sample::Sample;

use super::compare::{Both, Pair, by_item, is_share, measured};
use super::matches_tags;
use super::mean_of::{Valued, correlation, means_by_item};
use crate::task::{MetricRule, Statistic, Task};

/// The difference of a share or a mean on the same trials, with the score interval of shares, which has width where nothing differs, or that
/// of means on the metric's range.
pub(super) fn of_measures(rule: &MetricRule, both: &[Both<'_>]) -> Option<(Estimate, Sample)> {
    let differences: Vec<f64> = both.iter().map(|(one, two, _)| two - one).collect();
    let clusters: Vec<&str> = both.iter().map(|(.., cluster)| *cluster).collect();
    let sample = Sample::clustered(differences, &clusters).ok()?;
    let (low, high) = rule.range;
    let estimate = if both.iter().all(|(one, two, _)| is_share(*one) && is_share(*two)) {
        share_difference(&sample)
    } else {
        mean_difference(&sample, (low - high, high - low))
    };
    Some((estimate, sample))
}

/// The difference of a mean of metrics that are shares and means, or means of these, with its interval (MOVER); parts that share items are
/// taken to be correlated as their differences on these items are. None where a part is anything else.
pub(super) fn of_means(
    task: &Task,
    rule: &MetricRule,
    pairs: &[Pair<'_>],
    protocol: Protocol,
) -> Option<Valued> {
    let selected = || pairs.iter().copied().filter(|(one, _)| matches_tags(*one, &rule.select));
    let both = match &rule.statistic {
        Statistic::Proportion { of } | Statistic::Mean { of, .. } => {
            measured(&selected().collect::<Vec<_>>(), of)
        }
        Statistic::MeanOfItems { of } => by_item(&measured(&selected().collect::<Vec<_>>(), of)),
        Statistic::MeanOf { metrics } => {
            let part = |name: &MetricName| task.metrics(protocol).find(|part| part.name == *name);
            let parts: Vec<Valued> = metrics
                .iter()
                .map(|name| of_means(task, part(name)?, pairs, protocol))
                .collect::<Option<_>>()?;
            let estimates: Vec<Estimate> = parts.iter().map(|part| part.estimate).collect();
            let together = |one: usize, two: usize| match (parts.get(one), parts.get(two)) {
                (Some(one), Some(two)) => correlation(&one.by_item, &two.by_item),
                _ => 0.0,
            };
            let estimate = mover::mean(&estimates, together)?;
            let by_item = means_by_item(&parts.iter().collect::<Vec<_>>());
            return Some(Valued { estimate, by_item });
        }
        Statistic::Pearson { .. }
        | Statistic::Spearman { .. }
        | Statistic::QuadraticKappa { .. }
        | Statistic::AlarmF1
        | Statistic::SumOfItems { .. }
        | Statistic::SdOfItems { .. }
        | Statistic::SdWithinItems { .. }
        | Statistic::F1 { .. }
        | Statistic::Bleu { .. }
        | Statistic::Distinct { .. }
        | Statistic::Parity { .. }
        | Statistic::DropRate { .. }
        | Statistic::Flips { .. }
        | Statistic::Contrast { .. }
        | Statistic::FailedBy { .. }
        | Statistic::TurnShare { .. }
        | Statistic::DimensionScore { .. }
        | Statistic::Maximum { .. } => return None,
    };
    let (estimate, _) = of_measures(rule, &both)?;
    let items = by_item(&both).into_iter();
    let by_item: BTreeMap<String, f64> =
        items.map(|(one, two, item)| (item.to_owned(), two - one)).collect();
    Some(Valued { estimate, by_item })
}
