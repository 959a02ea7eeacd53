//! The first screen: what was tested, what weakens it, what stands out, and all tasks on one line each.

use maud::{Markup, html};

use trustmh_core::scorecard::{ItemOrigin, JudgeName, Scorecard};

use super::{anchor, forest};
use crate::ending::{is_judged, progress, silence, unvalidated};
use crate::facts::{Beside, Companions, RunFacts};
use crate::findings::{Finding, Findings, Unsaid, short_of};
use crate::number::duration;
use crate::standing;

/// How the names of subjects begin that follow a rule.
const SCRIPTED: &str = "scripted/";

/// So many tasks of which nothing can be said are named.
const UNSAID: usize = 8;

/// Subject, other run, date, judge, trials, time and cost; and what weakens them, each with a link to where it is explained.
pub(super) fn head(card: &Scorecard, facts: &RunFacts, beside: Option<&Beside>) -> Markup {
    html! {
        @if let Some(banner) = standing::banner(card) {
            p.warn.alarm { strong { (banner) } " " a href="#limits" { "What that means" } }
        }
        h1 {
            @match &card.name { Some(name) => (name), None => (card.subject) }
            @if let Some(beside) = beside { " " span.beside-name { "beside " (beside.name) } }
        }
        p.lead { (facts_line(card, facts)) }
        ul.chips aria-label="Read first" {
            @if let Some(said) = silence(card) { li { a.chip.alarm href="#limits" { (said) } } }
            @for (text, to) in chips(card) {
                li { a.chip href={ "#" (to) } { (text) } }
            }
        }
    }
}

fn facts_line(card: &Scorecard, facts: &RunFacts) -> String {
    let (ended, planned) = progress(card);
    let mut parts: Vec<String> = Vec::new();
    if card.name.is_some() {
        parts.push(card.subject.to_string());
    }
    parts.extend(facts.began.as_ref().and_then(|began| began.get(..10)).map(str::to_owned));
    parts.push(format!("judge {}", card.judge.title()));
    parts
        .extend(card.client.as_ref().map(|client| format!("clients played by {}", client.title())));
    parts.push(format!("{} protocol", card.protocol));
    parts.push(format!("{ended} of {planned} trials"));
    parts.extend(facts.seconds.map(duration));
    parts.push(
        facts
            .dollars
            .map_or_else(|| "cost not known".to_owned(), |dollars| format!("${dollars:.2}")),
    );
    parts.join(" · ")
}

/// What weakens the numbers, and where it is explained.
fn chips(card: &Scorecard) -> Vec<(String, &'static str)> {
    let mut chips = Vec::new();
    if card.subject.as_str().starts_with(SCRIPTED) {
        chips.push(("a scripted subject, not a model".to_owned(), "limits"));
    }
    match card.judge {
        _ if !is_judged(card) => {}
        JudgeName::Offline => chips.push(("judged by offline rules".to_owned(), "judges")),
        JudgeName::Embedded(_) => chips.push(("judged by the embedded judge".to_owned(), "judges")),
        JudgeName::Model(_) | JudgeName::None => {}
    }
    match unvalidated(card) {
        0 => {}
        1 => chips.push(("judge not validated in 1 task".to_owned(), "judges")),
        count => chips.push((format!("judge not validated in {count} tasks"), "judges")),
    }
    let starter = |origin: ItemOrigin| origin == ItemOrigin::Starter;
    match card.tasks.values().filter(|result| starter(result.source.origin)).count() {
        0 => {}
        all if all == card.tasks.len() => {
            chips.push(("starter items: no clinical evidence".to_owned(), "limits"))
        }
        count => chips
            .push((format!("starter items in {count} of {} tasks", card.tasks.len()), "limits")),
    }
    match standing::further_caveats(card).len() {
        0 => {}
        1 => chips.push(("1 caveat".to_owned(), "limits")),
        count => chips.push((format!("{count} caveats"), "limits")),
    }
    chips
}

/// Left what stands out, right all tasks.
pub(super) fn overview(card: &Scorecard, companions: &Companions) -> Markup {
    let beside = companions.beside.as_ref();
    let findings = Findings::of(card, beside.and_then(|beside| beside.comparison.as_ref()));
    html! {
        div.overview {
            section.findings aria-labelledby="findings" {
                h2 #findings { "What stands out" span.h2-note { "with 95 % intervals" } }
                @if findings.stand_out.is_empty() { p { "Nothing that the data carry." } }
                ul { @for one in &findings.stand_out { (finding(one)) } }
                @if !findings.cannot_say.is_empty() { (cannot_say(&findings.cannot_say)) }
            }
            section.all aria-labelledby="tasks" {
                h2 #tasks { (card.tasks.len()) " tasks" span.h2-note { "on each line the worst is left, the best right; the bar is the 95 % interval" } }
                (key(card, beside))
                (forest::forest(card, beside))
            }
        }
    }
}

fn finding(one: &Finding) -> Markup {
    html! {
        li class={ "finding " (one.tone.word()) } {
            a href={ "#" (anchor::of_task(&one.task)) } {
                span.sign aria-hidden="true" { (one.tone.sign()) }
                span.sr { (one.tone.word()) ": " }
                strong { (one.sentence) }
            }
            p.small { (one.evidence.whole()) " · " code { (one.task) } }
        }
    }
}

fn cannot_say(unsaid: &[Unsaid]) -> Markup {
    let more = unsaid.len().saturating_sub(UNSAID);
    html! {
        div.finding.unknown {
            strong { span.sign aria-hidden="true" { "?" } "Cannot say" }
            ul.small {
                @for one in unsaid.iter().take(UNSAID) {
                    li { "whether it " a href={ "#" (anchor::of_task(&one.task)) } { (one.does) } ": " (short_of(&one.why)) }
                }
                @if more > 0 { li { "and of " (more) " more tasks" } }
            }
        }
    }
}

fn key(card: &Scorecard, beside: Option<&Beside>) -> Markup {
    html! {
        p.small.forest-key {
            span.sign.worrying aria-hidden="true" { "■" } " worrying  "
            span.sign.unclear aria-hidden="true" { "◆" } " unclear  "
            span.sign.reassuring aria-hidden="true" { "●" } " reassuring  "
            span.sign.dot aria-hidden="true" { "●" } " no interval  "
            @if let Some(beside) = beside { span.sign aria-hidden="true" { "○" } " " (beside.name) "  " }
            span.sign aria-hidden="true" { "┆" } " chance. Shaded left: where a reader should worry; right: where not; the bounds are examples of ours. n 264 in 68: 264 trials of 68 items. "
            @if unvalidated(card) > 0 { "† by a judge that is not validated. " }
            a href="#reading" { "How to read it" } "."
            @if let Some(beside) = beside { @if !beside.not_comparable.is_empty() {
                " Not comparable with " (beside.name) ": " (beside.not_comparable.join("; ")) "."
            } }
        }
    }
}
