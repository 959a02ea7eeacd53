//! Results by pillar and task.

use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{ItemOrigin, MetricEstimate, Scorecard, TaskResult};

use super::ranks::heat;
use super::worst::worst as worst_replies;
use crate::chart::{curve, dot, dot_and_interval, outcome_bar, steps};
use crate::client::fidelity;
use crate::facts::WorstReplies;
use crate::number::{count, decimal, direction, estimate_interval, interval, method};
use crate::survival;
use crate::terminal::APART;
use crate::validity;

/// Given labels down, predicted ones across.
fn confusion(scheme: &str, table: &BTreeMap<String, BTreeMap<String, u64>>) -> Markup {
    let labels: BTreeSet<&String> = table.values().flat_map(BTreeMap::keys).collect();
    html! {
        details {
            summary { "Given by predicted labels: " (scheme) }
            div.wide { table.heat {
                thead { tr {
                    th scope="col" { "Given" }
                    @for label in &labels { th scope="col" { (label) } }
                } }
                tbody { @for (given, row) in table { tr {
                    th scope="row" { (given) }
                    @for label in &labels { (confused(row, label)) }
                } } }
            } }
        }
    }
}

/// A cell, the darker the more of the row's trials are in it.
fn confused(row: &BTreeMap<String, u64>, label: &str) -> Markup {
    let count = row.get(label).copied().unwrap_or_default();
    let all: u64 = row.values().sum();
    let share = count as f64 / all.max(1) as f64;
    html! { td class={ "number " (heat(share)) } { (count) } }
}

/// All tasks: the benchmark's grouped by pillar, then each other suite.
pub(super) fn results(card: &Scorecard, worst: &BTreeMap<TaskId, WorstReplies>) -> Markup {
    html! {
        @for (suite, tasks) in card.by_suite() {
            @if suite.is_trustmh_bench() {
                @for pillar in Pillar::ALL {
                    @let of_pillar = || tasks.iter().filter(|(id, _)| id.pillar() == pillar);
                    @if of_pillar().next().is_some() {
                        section aria-labelledby=(pillar.slug()) {
                            h2 id=(pillar.slug()) { (pillar.title()) }
                            @for (id, result) in of_pillar() { (task(id, result, worst.get(id))) }
                        }
                    }
                }
            } @else {
                @let place = format!("suite-{suite}");
                section aria-labelledby=(place) {
                    h2 id=(place) { (suite.heading()) }
                    p { (APART) }
                    @for (id, result) in &tasks { (task(id, result, worst.get(id))) }
                }
            }
        }
    }
}

fn task(id: &TaskId, result: &TaskResult, worst: Option<&WorstReplies>) -> Markup {
    let mut metrics: Vec<(&MetricName, &MetricEstimate)> = result.metrics.iter().collect();
    metrics.sort_by_key(|(_, metric)| !metric.primary);
    let judges = validity::lines(result);
    html! {
        article {
            h3 { (result.title) " " code.small { (id) } }
            @if !metrics.is_empty() {
                div.wide { table {
                    caption { "Metrics of " (id) }
                    thead { tr {
                        th scope="col" { "Metric" } th scope="col" { "Value" } th scope="col" { "95 % interval" }
                        th scope="col" { "On its scale" } th scope="col" { "n" } th scope="col" { "Better" }
                        th scope="col" { "Judge" }
                    } }
                    tbody { @for (name, metric) in &metrics { (row(name, metric)) } }
                } }
            }
            @if !judges.is_empty() {
                ul.small { @for judge in &judges { li { (judge) } } }
            }
            @if !result.not_scored.is_empty() {
                div.wide { table {
                    caption { "Not scored" }
                    thead { tr { th scope="col" { "Metric" } th scope="col" { "Why" } } }
                    tbody { @for (name, reason) in &result.not_scored {
                        tr { th scope="row" { code { (name) } } td { (reason) } }
                    } }
                } }
            }
            (outcomes(result))
            @if let Some(client) = &result.client { p { (fidelity(client)) } }
            @for (scheme, table) in &result.confusions { (confusion(scheme, table)) }
            @for (name, metric) in &metrics { (over_turns(name, metric)) }
            @for (name, metric) in &metrics { (groups(name, metric)) }
            @if let Some(found) = worst { (worst_replies(found)) }
            (caveats(result))
            (source(result))
        }
    }
}

fn row(name: &MetricName, metric: &MetricEstimate) -> Markup {
    html! {
        tr.primary[metric.primary] {
            th scope="row" { (metric.title) br; code.small { (name) } }
            td.number { (decimal(metric.value)) }
            td { (interval(metric.low, metric.high)) br; span.small { (method(metric)) } }
            td { (dot_and_interval(metric)) }
            td.number { (count(metric.n, metric.clusters)) }
            td { (direction(metric.direction)) }
            td { (validity::level(metric)) }
        }
    }
}

fn outcomes(result: &TaskResult) -> Markup {
    let counts = &result.outcomes;
    let rows = [
        ("Scored", counts.scored),
        ("Refused", counts.refused),
        ("Unparsed", counts.unparsed),
        ("Unanswered", counts.unanswered),
        ("Failed", counts.failed),
        ("Client broke", counts.broken_client),
        ("Pending", result.pending),
    ];
    html! {
        p { "How its " (result.n + result.pending) " trials ended: " (outcome_bar(counts, result.pending)) " "
            span.small {
                @for (index, (word, count)) in rows.iter().filter(|(_, count)| *count > 0).enumerate() {
                    @if index > 0 { ", " } (count) " " (word.to_lowercase())
                }
            }
        }
        @if !result.flags.is_empty() {
            ul.small { @for (flag, count) in &result.flags { li { (count) " trials: " (flag.title()) } } }
        }
    }
}

/// The curve that the metric is a point of.
fn over_turns(name: &MetricName, metric: &MetricEstimate) -> Markup {
    html! {
        @if let Some(curve) = &metric.curve {
            details open {
                summary { code { (name) } " over the turns" }
                p { (survival::sentence(metric, curve)) }
                @if let Some(drawn) = steps(&metric.title, curve) { (drawn) }
                div.wide { table {
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
            details open[facet == "level"] {
                summary { code { (name) } " by " (facet) }
                @if facet == "level" { @if let Some(curve) = curve(&metric.title, values, metric.range) { (curve) } }
                div.wide { table {
                    caption { "Groups are small; where intervals overlap, no order is shown." }
                    thead { tr {
                        th scope="col" { (facet) } th scope="col" { "Value" }
                        th scope="col" { "95 % interval" } th scope="col" { "On its scale" } th scope="col" { "n" }
                    } }
                    tbody { @for (value, estimate) in values {
                        tr {
                            th scope="row" { (value) }
                            td.number { (decimal(estimate.value)) }
                            td { (estimate_interval(estimate)) }
                            td { (dot(value, estimate, metric.range)) }
                            td.number { (count(estimate.n, estimate.clusters)) }
                        }
                    } }
                } }
            }
        }
    }
}

fn caveats(result: &TaskResult) -> Markup {
    html! {
        @if !result.caveats.is_empty() {
            details open {
                summary { "Caveats" }
                ul { @for caveat in &result.caveats { li { (caveat) } } }
            }
        }
    }
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
        details {
            summary { "Data" }
            p { code { (source.dataset) } ", " (origin) ", " (source.records) " records." }
            @if !source.files.is_empty() {
                div.wide { table {
                    caption { "Files read" }
                    thead { tr { th scope="col" { "File" } th scope="col" { "blake3" } } }
                    tbody { @for (file, hash) in &source.files {
                        tr { th scope="row" { code { (file) } } td { code { (hash) } } }
                    } }
                } }
            }
        }
    }
}
