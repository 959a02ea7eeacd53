//! A task in one card: what it asks, its main number, what else matters, one picture, and all the rest folded.

use maud::{Markup, html};

use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{ItemOrigin, MetricEstimate, Scorecard, TaskResult};

use super::limits::Shared;
use super::worst::worst as worst_replies;
use super::{anchor, details, picture};
use crate::chart::{Line, track};
use crate::client::fidelity;
use crate::facts::Companions;
use crate::findings::sentence::{ends_said, said, short};
use crate::findings::{Items, does, unmeasured};
use crate::number::{count, decimal, direction, interval};
use crate::terminal::APART;
use crate::tone::Tone;
use crate::validity;

/// All tasks: the benchmark's grouped by pillar, then each other suite.
pub(super) fn cards(card: &Scorecard, companions: &Companions, shared: &Shared<'_>) -> Markup {
    let items = Items::of(card);
    let one = |id: &TaskId, result: &TaskResult| task(id, result, companions, (shared, items));
    html! {
        @for (suite, tasks) in card.by_suite() {
            @if suite.is_trustmh_bench() {
                @for pillar in Pillar::ALL {
                    @let of_pillar: Vec<_> = tasks.iter().filter(|(id, _)| id.pillar() == pillar).collect();
                    @if !of_pillar.is_empty() {
                        section.pillar aria-labelledby=(pillar.slug()) {
                            h2 id=(pillar.slug()) { (pillar.title()) (anchor::sign(pillar.slug(), pillar.title())) }
                            div.cards { @for (id, result) in of_pillar { (one(id, result)) } }
                        }
                    }
                }
            } @else {
                @let place = format!("suite-{suite}");
                section.pillar aria-labelledby=(place) {
                    h2 id=(place) { (suite.heading()) (anchor::sign(&place, &suite.heading())) }
                    p.small { (APART) }
                    div.cards { @for (id, result) in &tasks { (one(id, result)) } }
                }
            }
        }
    }
}

fn task(
    id: &TaskId,
    result: &TaskResult,
    companions: &Companions,
    (shared, items): (&Shared<'_>, Items),
) -> Markup {
    let place = anchor::of_task(id);
    let beside = companions.beside.as_ref().and_then(|beside| beside.values.get(id).copied());
    html! {
        article.card id=(place) aria-labelledby={ (place) "-title" } {
            h3 id={ (place) "-title" } { (capital(&does(id, result))) (anchor::sign(&place, &result.title)) }
            p.small.about {
                (result.title) " · " code { (id) }
                @if items == Items::Mixed && result.source.origin == ItemOrigin::Starter { " " span.chip { "starter items" } }
                @if result.pending > 0 { " " span.chip.alarm { "INCOMPLETE: " (result.pending) " trials pending" } }
            }
            @match result.primary() {
                Some((name, metric)) => (main_number(name, metric, beside)),
                None => p { strong { "Not scored" } ": "
                    (result.not_scored.values().next().map_or("no metric applies", String::as_str)) "." },
            }
            (sentences(result))
            @if let Some(drawn) = picture::picture(result) { div.picture { (drawn) } }
            (details::foot(result, shared))
            @if let Some(client) = &result.client { p.small { (fidelity(client)) } }
            (details::folded(result, shared))
            @if let Some(found) = companions.worst.get(id) { (worst_replies(found)) }
        }
    }
}

fn main_number(name: &MetricName, metric: &MetricEstimate, beside: Option<f64>) -> Markup {
    html! {
        div.main-number {
            span class={ "big " (Tone::of(metric).word()) } { (short(metric.value)) }
            span { (metric.title) " " span.small { code { (name) } ", " (direction(metric.direction)) } br;
                span.small {
                    (interval(metric.low, metric.high)) " · n " (count(metric.n, metric.clusters))
                    @if !validity::level(metric).is_empty() { " · judge " (validity::level(metric)) }
                    @if let Some(coverage) = metric.coverage {
                        " · " strong { (coverage.missing) " not measured" } ": " (decimal(coverage.lowest)) " to " (decimal(coverage.highest))
                    }
                }
            }
        }
        (track(&metric.title, &Line::of(metric, beside)))
    }
}

/// The metrics that have a sentence, without the main one.
fn sentences(result: &TaskResult) -> Markup {
    let told =
        result.metrics.values().filter_map(|metric| Some((metric.sentence.as_ref()?, metric)));
    html! {
        ul.said { @for (sentence, metric) in told {
            @let tone = Tone::of(metric);
            li {
                span class={ "sign " (tone.word()) } aria-hidden="true" { (tone.sign()) }
                span.sr { (tone.word()) ": " }
                (said(sentence, metric)) " " span.small {
                    "(" @if let Some(missing) = unmeasured(metric) { (missing) "; " } (ends_said(sentence, metric)) ")"
                }
            }
        } }
    }
}

fn capital(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}
