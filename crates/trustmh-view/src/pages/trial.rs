//! One trial: transcript, verdicts, measures, and what went over the wire.

pub(super) mod judge;

use maud::{Markup, html};
use std::collections::BTreeMap;
use std::sync::PoisonError;

use trustmh_core::call::{Exchange, JudgedPart, Purpose};
use trustmh_core::outcome::Outcome;
use trustmh_core::trial::{TrialScore, Variant};
use trustmh_engine::estimate::at_bad_end_measure;
use trustmh_engine::judge::verdict;
use trustmh_engine::walk::Reading;
use trustmh_report::number::decimal;
use trustmh_run::derived::marks::Mark;
use trustmh_run::derived::remains::forgotten_on;
use trustmh_run::derived::score::score_of;
use trustmh_run::journal::{Recorded, TrialRecord};

use super::tabs::tabs;
use super::trials::{Asked, unit, unit_in_words};
use super::{Site, Width, beginning, forgotten, marks, talk};
use crate::error::ViewError;
use crate::runs::Opened;

/// The trial of this name, among those that were asked for.
pub(crate) fn trial(
    site: &Site<'_>,
    run: &str,
    name: &str,
    asked: &Asked,
) -> Result<String, ViewError> {
    let opened = site.open(run)?;
    let marked = trustmh_run::derived::marks::read(&opened.folder)?;
    let (nav, here) = (
        ways(site, &opened, name, (asked, &marked))?,
        site.of_run(&opened.name, "/trial", &asked.of_trial(name)),
    );
    let body = match record(&opened, name)? {
        TrialRecord::Whole(recorded) => {
            let benchmark = opened.benchmark(&site.viewer.benchmark);
            let score = score_of(benchmark, &opened.manifest, &recorded)?;
            html! {
            (nav)
            main {
                h1 { code { (name) } }
                p { button type="button" data-copy=(site.of_run(&opened.name, "/trial", &[("name", name)])) hidden { "Copy link" } " " span.small role="status" data-copied {} }
                (headline(site, &opened, &recorded, &score)?)
                @if talk::is_one(&recorded) { (talk::conversation(site, &opened, &recorded)?) }
                @else { (asked_and_judged(site, &opened, &recorded)?) }
                (marks::section(site, &opened, (name, marked.get(name)), &here))
                (measures(&recorded, &score))
                (raw(&recorded))
            }
            }
        }
        TrialRecord::Forgotten(remains) => html! { (nav) (forgotten::page(&opened, &remains)) },
    };
    Ok(site.page_of(Width::Wide, name, &body))
}

/// To the run, to the list that one comes from, and to the neighbours there.
fn ways(
    site: &Site<'_>,
    opened: &Opened,
    name: &str,
    (asked, marked): (&Asked, &BTreeMap<String, Mark>),
) -> Result<Markup, ViewError> {
    let filter = asked.filter(marked)?;
    let beside =
        opened.index.lock().unwrap_or_else(PoisonError::into_inner).beside(&filter, name)?;
    let to = |name: &str| site.of_run(&opened.name, "/trial", &asked.of_trial(name));
    let list = asked.of_list();
    let words = if list.is_empty() { "All trials" } else { "The trials that were found" };
    Ok(html! {
        (tabs(site, opened, None))
        nav.beside-trial aria-label="Trials" {
            a href=(site.of_run(&opened.name, "/trials", &list)) { (words) }
            @if let Some(name) = &beside.before { a href=(to(name)) rel="prev" { "Previous" } }
            @if let Some(name) = &beside.after { a href=(to(name)) rel="next" { "Next" } }
            span.small { "Keys: " kbd { "j" } " next, " kbd { "k" } " previous" }
        }
    })
}

/// What was asked once, what came back, and what was said of it.
fn asked_and_judged(
    site: &Site<'_>,
    opened: &Opened,
    recorded: &Recorded,
) -> Result<Markup, ViewError> {
    let name = recorded.trial.id.as_str();
    let benchmark = opened.benchmark(&site.viewer.benchmark);
    let walk = opened.manifest.walk(benchmark, &recorded.trial.task)?;
    let reading = walk.reading(&recorded.trial, &recorded.exchanges);
    Ok(html! {
        (transcript(recorded, &reading))
        @if let Some(exchange) = last_reply(recorded) {
            @if !beginning(exchange.text().unwrap_or_default()).1 {
                p { a href=(site.of_run(&opened.name, "/reply", &[("name", name)])) { "Save the whole reply" } }
            }
        }
        (verdicts(site, opened, recorded))
    })
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

/// What was asked and what came back, as far as it is not too long, with what is right beside it.
fn transcript(recorded: &Recorded, reading: &Reading) -> Markup {
    html! {
        section aria-labelledby="transcript" {
            h2 #transcript { "Transcript" }
            @if recorded.trial.messages.is_empty() {
                p.small { "The source did not record what the subject was asked; the item is below, as recorded." }
            }
            @for message in &recorded.trial.messages {
                (said(message.role.name(), &message.content))
            }
            div.answered {
                div { (replies(recorded)) }
                (right(reading))
            }
        }
    }
}

fn replies(recorded: &Recorded) -> Markup {
    html! {
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

/// The answer as it was read, and the right one, letters as the subject saw them.
pub(super) fn right(reading: &Reading) -> Markup {
    let Reading { answer, key } = reading;
    html! {
        @if answer.is_some() || key.is_some() {
            dl.right {
                dt { "Read from the reply" }
                dd { @match answer { Some(answer) => (answer), None => span.missing { "nothing" } } }
                @if let Some(key) = key {
                    dt { "Right" }
                    dd { (key)
                        @if let Some(answer) = answer { " " @if answer == key { span.fits { "✓ the same" } } @else { span.differs { "✗ not the same" } } } }
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

pub(super) fn verdicts(site: &Site<'_>, opened: &Opened, recorded: &Recorded) -> Markup {
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
                    Some(verdict) => {
                        table {
                            thead { tr { th scope="col" { "Field" } th scope="col" { "Verdict" } } }
                            tbody {
                                @for (field, score) in &verdict.scores { tr { th scope="row" { (field) } td { (score) } } }
                                @for (field, label) in &verdict.labels { tr { th scope="row" { (field) } td { (label) } } }
                            }
                        }
                        (judge::in_words(text, &verdict.scores.keys().chain(verdict.labels.keys()).map(String::as_str).collect::<Vec<_>>()))
                    },
                    None => {
                        p { "No verdict could be read from what the judge said." }
                        (judge::in_words(text, &[]))
                    }
                }
            }
        }
    }
}

/// The trial's score by the measure of its task, what became of it, and what must be known besides.
pub(super) fn headline(
    site: &Site<'_>,
    opened: &Opened,
    recorded: &Recorded,
    score: &TrialScore,
) -> Result<Markup, ViewError> {
    let benchmark = opened.benchmark(&site.viewer.benchmark);
    let task = benchmark.task(&recorded.trial.task)?;
    let measure = at_bad_end_measure(task, opened.manifest.protocol);
    let value = measure.and_then(|measure| score.measures.get(measure));
    let unit = unit(site, opened, &recorded.trial.task.to_string());
    Ok(html! {
        p { strong { @match value { Some(value) => (decimal(*value)), None => "No score" } }
            @if let Some(unit) = unit { " " span.small { (unit_in_words(unit)) } }
            ". Outcome: " (outcome_words(score.outcome.slug())) "."
            @for flag in &score.flags { " " (flag.title()) "." }
            @if let Some(missing) = score.verdict_missing { " " (missing.reason()) "." }
        }
    })
}

/// An outcome as people read it, by its word in tables.
pub(super) fn outcome_words(slug: &str) -> &str {
    if slug == Outcome::BrokenClient.slug() { "client broke" } else { slug }
}

fn measures(recorded: &Recorded, score: &TrialScore) -> Markup {
    let shuffled =
        matches!(recorded.trial.variant, Variant::Options { .. } | Variant::Emotions { .. });
    html! {
        section aria-labelledby="measures" {
            h2 #measures { "Measures" }
            @if shuffled { p.small { "Letters in the names of measures are those of the file; the options were shown in another order. Beside the reply, letters are as the subject saw them." } }
            div.wide role="region" tabindex="0" aria-label="Table of measures" { table {
                tbody {
                    @for (name, value) in &score.measures { tr { th scope="row" { code { (name) } } td.number { (decimal(*value)) } } }
                    @for (name, value) in &score.texts {
                        @if value.len() < 200 { tr { th scope="row" { code { (name) } } td { (value) } } }
                    }
                    @for (facet, value) in &score.tags { tr { th scope="row" { (facet) } td { (value) } } }
                }
            } }
        }
    }
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
