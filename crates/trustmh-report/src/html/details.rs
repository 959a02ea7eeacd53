//! What is folded in a task's card: all metrics, groups, confusions, data and caveats.

use maud::{Markup, html};

use std::collections::BTreeMap;

use trustmh_core::id::MetricName;
use trustmh_core::metric::Estimate;
use trustmh_core::scorecard::{ItemOrigin, MetricEstimate, TaskResult};

use super::limits::Shared;
use super::matrix;
use crate::chart::{LEVELS, Line, steps, track};
use crate::number::{count, decimal, direction, estimate_interval, interval, method};
use crate::survival;
use crate::validity;

/// How trials ended, in words.
fn outcomes(result: &TaskResult) -> String {
    let counts = &result.outcomes;
    let rows = [
        ("scored", counts.scored),
        ("refused", counts.refused),
        ("not readable", counts.unparsed),
        ("without an answer", counts.unanswered),
        ("failed", counts.failed),
        ("left out, since the client broke its role", counts.broken_client),
        ("pending", result.pending),
    ];
    let there = rows.into_iter().filter(|(_, count)| *count > 0);
    let mut said: Vec<String> = there.map(|(word, count)| format!("{count} {word}")).collect();
    said.extend(result.flags.iter().map(|(flag, count)| format!("{count}: {}", flag.title())));
    format!("{} trials: {}.", result.n + result.pending, said.join(", "))
}

/// How trials ended, and the numbers of caveats that the task shares with others.
pub(super) fn foot(result: &TaskResult, shared: &Shared<'_>) -> Markup {
    let common: Vec<usize> =
        result.caveats.iter().filter_map(|caveat| shared.number(caveat)).collect();
    html! {
        p.small.foot {
            (outcomes(result))
            @if !common.is_empty() {
                " Shared limits: "
                @for number in &common { a href={ "#limit-" (number) } { "[" (number) "]" } " " }
            }
        }
    }
}

/// Everything else, folded.
pub(super) fn folded(result: &TaskResult, shared: &Shared<'_>) -> Markup {
    let mut metrics: Vec<(&MetricName, &MetricEstimate)> = result.metrics.iter().collect();
    metrics.sort_by_key(|(_, metric)| !metric.primary);
    let judges = validity::lines(result);
    html! {
        details {
            summary { "All " (metrics.len()) " metrics, groups and data" }
            @if !metrics.is_empty() {
                div.wide tabindex="0" role="group" aria-label={ "Metrics of " (result.title) } { table.metrics {
                    thead { tr {
                        th scope="col" { "Metric" } th.number scope="col" { "Value" } th scope="col" { "95 % interval" }
                        th scope="col" { "On its line" } th.number scope="col" { "n" } th scope="col" { "Better" }
                        th scope="col" { "Judge" }
                    } }
                    tbody { @for (name, metric) in &metrics { (row(name, metric)) } }
                } }
            }
            @if !judges.is_empty() { ul.small { @for judge in &judges { li { (judge) } } } }
            @if !result.not_scored.is_empty() {
                p { "Not scored:" }
                ul.small { @for (name, reason) in &result.not_scored { li { code { (name) } ": " (reason) } } }
            }
            @for (scheme, table) in &result.confusions {
                p { "True labels by given ones: " (scheme) }
                (matrix::confusion(table, result.labels.get(scheme).map(Vec::as_slice).unwrap_or_default()))
            }
            @for (name, metric) in &metrics { (over_turns(name, metric)) }
            @for (name, metric) in &metrics { (groups(name, metric)) }
            (source(result))
        }
        (caveats(result, shared))
    }
}

/// Those of the task alone: the first of them in sight, the others folded.
fn caveats(result: &TaskResult, shared: &Shared<'_>) -> Markup {
    let own: Vec<&String> =
        result.caveats.iter().filter(|caveat| shared.number(caveat).is_none()).collect();
    html! {
        @if let Some(first) = own.first() {
            details.caveats {
                summary { (first) @if own.len() > 1 { " " span.small { (own.len() - 1) " more" } } }
                ul { @for caveat in own.iter().skip(1) { li { (caveat) } } }
            }
        }
    }
}

fn row(name: &MetricName, metric: &MetricEstimate) -> Markup {
    html! {
        tr.primary[metric.primary] {
            th scope="row" { (metric.title) br; code.small { (name) } }
            td.number { (decimal(metric.value)) }
            td { (interval(metric.low, metric.high)) br; span.small { (method(metric)) } }
            td.line { (track(&metric.title, &Line::of(metric, None))) }
            td.number { (count(metric.n, metric.clusters)) }
            td { (direction(metric.direction)) }
            td { (validity::level(metric)) }
        }
    }
}

/// The curve that the metric is a point of.
fn over_turns(name: &MetricName, metric: &MetricEstimate) -> Markup {
    html! {
        @if let Some(curve) = &metric.curve {
            p { code { (name) } " over the turns" }
            @if !curve.points.is_empty() {
                p { (survival::sentence(metric, curve)) }
                @if let Some(drawn) = steps(&metric.title, curve) { (drawn) }
                div.wide tabindex="0" role="group" aria-label={ (metric.title) " by turn" } { table {
                    caption { "Conversations without a failure, turn by turn; the band holds all turns at once." }
                    thead { tr { @for head in survival::HEADS { th scope="col" { (head) } } } }
                    tbody { @for point in &curve.points { tr {
                        @for cell in survival::row(point) { td.number { (cell) } }
                    } } }
                } }
            }
        }
    }
}

fn groups(name: &MetricName, metric: &MetricEstimate) -> Markup {
    html! {
        @for (facet, values) in &metric.groups {
            div.wide tabindex="0" role="group" aria-label={ (metric.title) " by " (facet) } { table {
                    caption { code { (name) } " by " (facet) "; groups are small" }
                    thead { tr {
                        th scope="col" { (facet) } th.number scope="col" { "Value" }
                        th scope="col" { "95 % interval" } th scope="col" { "On its line" } th.number scope="col" { "n" }
                    } }
                    tbody { @for (value, estimate) in in_order(facet, values) {
                        tr {
                            th scope="row" { (value) }
                            td.number { (decimal(estimate.value)) }
                            td { (estimate_interval(estimate)) }
                            td.line { (track(value, &Line::within(metric, estimate))) }
                            td.number { (count(estimate.n, estimate.clusters)) }
                        }
                    } }
                } }
        }
    }
}

/// Levels of a perturbation from the clean text on; any other groups by name.
fn in_order<'g>(
    facet: &str,
    groups: &'g BTreeMap<String, Estimate>,
) -> Vec<(&'g str, &'g Estimate)> {
    if facet != "level" {
        return groups.iter().map(|(value, found)| (value.as_str(), found)).collect();
    }
    let place = |value: &str| LEVELS.iter().position(|(level, _)| *level == value);
    let shown = |value: &'g str| {
        place(value).and_then(|at| LEVELS.get(at)).map_or(value, |(_, name)| *name)
    };
    let mut sorted: Vec<(&String, &Estimate)> = groups.iter().collect();
    sorted.sort_by_key(|(value, _)| place(value).unwrap_or(LEVELS.len()));
    sorted.into_iter().map(|(value, found)| (shown(value), found)).collect()
}

fn source(result: &TaskResult) -> Markup {
    let source = &result.source;
    let origin = match source.origin {
        ItemOrigin::Published => "published files",
        ItemOrigin::Starter => "starter items of this project",
        ItemOrigin::Own => "items of the user's own",
        ItemOrigin::Imported => "imported with recorded outputs",
        ItemOrigin::Observed => "conversations that took place",
    };
    html! {
        p { "Data: " code { (source.dataset) } ", " (origin) ", " (source.records) " records." }
            @if !source.files.is_empty() {
                div.wide tabindex="0" role="group" aria-label="Files read" { table {
                    caption { "Files read" }
                    thead { tr { th scope="col" { "File" } th scope="col" { "blake3" } } }
                    tbody { @for (file, hash) in &source.files {
                        tr { th scope="row" { code { (file) } } td { code { (hash) } } }
                    } }
                } }
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_stand_from_clean_to_high() {
        let found = Estimate { value: 0.5, interval: None, n: 4, clusters: 4 };
        let groups =
            |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), found)).collect();
        let order = |facet: &str, names: &[&str]| -> Vec<String> {
            let groups = groups(names);
            in_order(facet, &groups).into_iter().map(|(value, _)| value.to_owned()).collect()
        };
        let levels = ["high", "low", "medium", "none"];
        assert_eq!(order("level", &levels), ["clean", "low", "medium", "high"]);
        assert_eq!(order("theme", &levels), levels);
    }
}
