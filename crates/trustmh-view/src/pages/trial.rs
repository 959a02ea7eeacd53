//! One trial: transcript, verdicts, measures, and what went over the wire.

use maud::{Markup, html};
use std::sync::PoisonError;

use trustmh_core::call::{Exchange, JudgedPart, Purpose};
use trustmh_core::outcome::Outcome;
use trustmh_engine::judge::verdict;
use trustmh_engine::walk::Reading;
use trustmh_report::number::decimal;
use trustmh_run::derived::remains::forgotten_on;
use trustmh_run::derived::score::score_of;
use trustmh_run::journal::{Recorded, TrialRecord};

use super::{Site, beginning, forgotten, talk};
use crate::error::ViewError;
use crate::runs::Opened;

/// The trial of this name.
pub(crate) fn trial(site: &Site<'_>, run: &str, name: &str) -> Result<String, ViewError> {
    let opened = site.open(run)?;
    let recorded = match record(&opened, name)? {
        TrialRecord::Whole(recorded) => *recorded,
        TrialRecord::Forgotten(remains) => {
            return Ok(site.page(name, &forgotten::page(site, &opened, &remains)));
        }
    };
    let [before, after] =
        opened.index.lock().unwrap_or_else(PoisonError::into_inner).beside(name)?;
    let to = |name: &str| site.of_run(&opened.name, "/trial", &[("name", name)]);
    let task = recorded.trial.task.to_string();
    let body = html! {
        nav aria-label="Trials" {
            a href=(site.of_run(&opened.name, "", &[])) { "Scorecard" }
            a href=(site.of_run(&opened.name, "/trials", &[("task", &task)])) { "Trials of " (task) }
            @if let Some(name) = &before { a href=(to(name)) rel="prev" { "Previous" } }
            @if let Some(name) = &after { a href=(to(name)) rel="next" { "Next" } }
        }
        main {
            h1 { code { (name) } }
            @if talk::is_one(&recorded) { (talk::conversation(site, &opened, &recorded)?) }
            @else { (asked_and_judged(site, &opened, &recorded)) }
            (measures(site, &opened, &recorded)?)
            (raw(&recorded))
        }
    };
    Ok(site.page(name, &body))
}

/// What was asked once, what came back, and what was said of it.
fn asked_and_judged(site: &Site<'_>, opened: &Opened, recorded: &Recorded) -> Markup {
    let name = recorded.trial.id.as_str();
    html! {
        (transcript(recorded))
        @if let Some(exchange) = last_reply(recorded) {
            @if !beginning(exchange.text().unwrap_or_default()).1 {
                p { a href=(site.of_run(&opened.name, "/reply", &[("name", name)])) { "Save the whole reply" } }
            }
        }
        (verdicts(site, opened, recorded))
    }
}

/// The subject's last reply, whole.
pub(crate) fn reply(site: &Site<'_>, run: &str, name: &str) -> Result<String, ViewError> {
    let opened = site.open(run)?;
    let recorded = find(&opened, name)?;
    let found = last_reply(&recorded).and_then(Exchange::text).map(str::to_owned);
    found.ok_or_else(|| ViewError::Missing(format!("reply to {name}")))
}

/// The trial of this name, with its words or without.
pub(super) fn record(opened: &Opened, name: &str) -> Result<TrialRecord, ViewError> {
    opened.trials.find(name)?.ok_or_else(|| ViewError::Missing(format!("trial {name}")))
}

/// The trial with all that was said.
pub(super) fn find(opened: &Opened, name: &str) -> Result<Recorded, ViewError> {
    match record(opened, name)? {
        TrialRecord::Whole(recorded) => Ok(*recorded),
        TrialRecord::Forgotten(remains) => Err(ViewError::Forgotten(forgotten_on(
            &opened.trials,
            &remains.trial.id,
            remains.number,
        ))),
    }
}

pub(super) fn last_reply(recorded: &Recorded) -> Option<&Exchange> {
    let subject = |exchange: &&Exchange| matches!(exchange.purpose, Purpose::Subject { .. });
    recorded.exchanges.iter().rev().find(subject)
}

/// What was asked and what came back, as far as it is not too long.
pub(super) fn transcript(recorded: &Recorded) -> Markup {
    html! {
        section aria-labelledby="transcript" {
            h2 #transcript { "Transcript" }
            @if recorded.trial.messages.is_empty() {
                p.small { "The source did not record what the subject was asked; the item is below, as recorded." }
            }
            @for message in &recorded.trial.messages {
                (said(message.role.name(), &message.content))
            }
            @for exchange in recorded.exchanges.iter().filter(|one| matches!(one.purpose, Purpose::Subject { .. })) {
                @if let Some(thought) = exchange.thought() {
                    details {
                        summary { "Thought before the reply; neither read nor judged" }
                        (said("thought", &thought.text))
                    }
                }
                @match exchange.text() {
                    Some(text) if text.trim().is_empty() => p.warn { "The reply holds no answer." },
                    Some(text) => (said("reply", text)),
                    None => p.warn { "No reply came." },
                }
            }
        }
    }
}

pub(super) fn said(who: &str, text: &str) -> Markup {
    let (shown, whole) = beginning(text);
    html! {
        article class={ "said " (who) } {
            h3 { (who) }
            div.text dir="auto" { (shown) }
            @if !whole { p.small { "Cut: it has " (text.chars().count()) " characters." } }
        }
    }
}

fn verdicts(site: &Site<'_>, opened: &Opened, recorded: &Recorded) -> Markup {
    let judged = recorded.exchanges.iter().filter_map(|exchange| match &exchange.purpose {
        Purpose::Judge { rubric, ask, .. } => Some((rubric, *ask, exchange)),
        Purpose::Subject { .. } | Purpose::Client { .. } => None,
    });
    let judged_text = last_reply(recorded).and_then(Exchange::text).unwrap_or_default();
    html! {
        @for (rubric, ask, exchange) in judged {
            @let text = exchange.text().unwrap_or_default();
            @let read = opened.benchmark(&site.viewer.benchmark).rubric(rubric).ok().and_then(|rubric| verdict::read(rubric, text, judged_text));
            section {
                h2 { "Verdict by " code { (rubric) } @if ask > 0 { ", ask " (ask + 1) } }
                @match read {
                    Some(verdict) => table {
                        thead { tr { th scope="col" { "Field" } th scope="col" { "Verdict" } } }
                        tbody {
                            @for (field, score) in &verdict.scores { tr { th scope="row" { (field) } td { (score) } } }
                            @for (field, label) in &verdict.labels { tr { th scope="row" { (field) } td { (label) } } }
                        }
                    },
                    None => p { "No verdict could be read from what the judge said." },
                }
                (said("judge", text))
            }
        }
    }
}

/// An outcome as people read it, by its word in tables.
pub(super) fn outcome_words(slug: &str) -> &str {
    if slug == Outcome::BrokenClient.slug() { "client broke" } else { slug }
}

fn measures(site: &Site<'_>, opened: &Opened, recorded: &Recorded) -> Result<Markup, ViewError> {
    let benchmark = opened.benchmark(&site.viewer.benchmark);
    let score = score_of(benchmark, &opened.manifest, recorded)?;
    let walk = opened.manifest.walk(benchmark, &recorded.trial.task)?;
    let Reading { answer, key } = walk.reading(&recorded.trial, &recorded.exchanges);
    Ok(html! {
        section aria-labelledby="measures" {
            h2 #measures { "Measures" }
            p { "Outcome: " (outcome_words(score.outcome.slug())) "."
                @for flag in &score.flags { " " (flag.title()) "." }
                @if let Some(missing) = score.verdict_missing { " " (missing.reason()) "." }
            }
            div.wide { table {
                tbody {
                    @if let Some(answer) = &answer { tr { th scope="row" { "read from the reply" } td { (answer) } } }
                    @if let Some(key) = &key { tr { th scope="row" { "right" } td { (key) } } }
                    @for (name, value) in &score.measures { tr { th scope="row" { code { (name) } } td.number { (decimal(*value)) } } }
                    @for (name, value) in &score.texts {
                        @if value.len() < 200 { tr { th scope="row" { code { (name) } } td { (value) } } }
                    }
                    @for (facet, value) in &score.tags { tr { th scope="row" { (facet) } td { (value) } } }
                }
            } }
        }
    })
}

/// The trial and its calls as the journal has them.
fn raw(recorded: &Recorded) -> Markup {
    let trial = serde_json::to_string_pretty(&recorded.trial).unwrap_or_default();
    html! {
        section {
            h2 { "As recorded" }
            details { summary { "The trial" } pre { (beginning(&trial).0) } }
            @for exchange in &recorded.exchanges {
                @let text = serde_json::to_string_pretty(exchange).unwrap_or_default();
                details { summary { (purpose(&exchange.purpose)) } pre { (beginning(&text).0) } }
            }
        }
    }
}

pub(super) fn purpose(purpose: &Purpose) -> String {
    match purpose {
        Purpose::Subject { turn } => format!("Call to the subject, ask {}", turn + 1),
        Purpose::Client { turn } => format!("Call to the client, before turn {}", turn + 1),
        Purpose::Judge { rubric, ask, part } => {
            let of = match part {
                JudgedPart::Whole => String::new(),
                JudgedPart::Turn(turn) => format!(", turn {}", turn + 1),
                JudgedPart::Question(question) => format!(", question {question}"),
            };
            let again = if *ask > 0 { format!(", ask {}", ask + 1) } else { String::new() };
            format!("Call to the judge, rubric {rubric}{of}{again}")
        }
    }
}
