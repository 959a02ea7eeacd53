//! All tasks by their primary metric, grouped by pillar, on lines turned so that right is good.

use maud::{Markup, html};

use trustmh_core::id::TaskId;
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{ItemOrigin, Scorecard, TaskResult};

use super::anchor;
use crate::chart::{Line, track};
use crate::facts::Beside;
use crate::findings::sentence::{ends, short};
use crate::findings::{Items, does, short_of};
use crate::number::count;
use crate::terminal::{hundred, lacks};
use crate::validity::is_unvalidated;

/// The plot, which is a table.
pub(super) fn forest(card: &Scorecard, beside: Option<&Beside>) -> Markup {
    let items = Items::of(card);
    html! {
        table.forest {
            colgroup { col.does; col.value; col.line; col.n; }
            thead.sr { tr {
                th scope="col" { "The model …" } th scope="col" { "Value" } th scope="col" { "On its line" } th scope="col" { "n" }
            } }
            @for (suite, tasks) in card.by_suite() {
                @if suite.is_trustmh_bench() {
                    @for pillar in Pillar::ALL {
                        @let of_pillar: Vec<_> = tasks.iter().filter(|(id, _)| id.pillar() == pillar).collect();
                        @if !of_pillar.is_empty() {
                            tbody {
                                tr.group { th colspan="4" scope="rowgroup" {
                                    a href={ "#" (pillar.slug()) } { (pillar.short_title()) } " " (of_pillar_score(card, pillar))
                                } }
                                @for (id, result) in of_pillar { (row(id, result, items, beside)) }
                            }
                        }
                    }
                } @else {
                    tbody {
                        tr.group { th colspan="4" scope="rowgroup" { a href={ "#suite-" (suite) } { (suite.heading()) } } }
                        @for (id, result) in tasks { (row(id, result, items, beside)) }
                    }
                }
            }
        }
    }
}

fn of_pillar_score(card: &Scorecard, pillar: Pillar) -> Markup {
    html! {
        @if let Some(score) = card.pillars.get(&pillar) {
            span.pillar-score { strong { (format!("{:.0}", score.value)) } " of 100 " span.small { (if score.low.is_some() { hundred(score) } else { "no interval".to_owned() }) } }
        } @else if let Some(missing) = card.pillars_without_score.get(&pillar) {
            span.pillar-score.small title=(lacks(missing)) { "no score: " (missing.len()) " of its tasks missing or not scored" }
        }
    }
}

fn row(id: &TaskId, result: &TaskResult, items: Items, beside: Option<&Beside>) -> Markup {
    let does = does(id, result);
    let marks = html! {
        @if result.pending > 0 { " " span.chip.alarm { "incomplete" } }
        @if items == Items::Mixed && result.source.origin == ItemOrigin::Starter { " " span.chip { "starter" } }
    };
    html! {
        @match result.primary() {
            Some((name, metric)) => tr {
                th scope="row" { a href={ "#" (anchor::of_task(id)) } { (does) } (marks) }
                td.number {
                    strong { (short(metric.value)) }
                    @if is_unvalidated(metric.validity.as_ref()) { sup title="judge not validated" { "†" } }
                    " " span.small { (name) }
                }
                td.line { (track(&does, &Line::of(metric, beside.and_then(|beside| beside.values.get(id).copied())))) }
                td.number.small title=(ends(metric)) {
                    "n " (count(metric.n, metric.clusters))
                    @if let Some(coverage) = metric.coverage.filter(|coverage| coverage.missing > 0) {
                        br; strong { (coverage.missing) " missing" }
                    }
                }
            },
            None => tr {
                th scope="row" { a href={ "#" (anchor::of_task(id)) } { (does) } (marks) }
                td.number { "–" }
                td.small colspan="2" { "not scored: " (short_of(result.not_scored.values().next().map_or("no metric applies", String::as_str))) }
            },
        }
    }
}
