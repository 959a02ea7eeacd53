//! What is said of a conversation: codes of replies, answers of decision trees, scores of the whole.

use maud::{Markup, html};

use trustmh_core::id::RubricId;
use trustmh_core::trial::MissingVerdict;
use trustmh_engine::judge::{Answered, Evidence, Found, TreeVerdict, whole_verdict};
use trustmh_engine::rubric::{Finding, Rating, Rubric};
use trustmh_engine::score::{Kind, OverTurns};
use trustmh_engine::walk::JudgeRule;
use trustmh_report::number::decimal;

use super::evidence::answer_anchor;
use super::{Shown, number};
use crate::error::ViewError;

/// A code or score of a reply.
pub(super) fn code(series: &OverTurns, value: Result<f64, MissingVerdict>) -> Markup {
    html! {
        li {
            (series.name) " "
            @match (series.kind, value) {
                (_, Err(missing)) => span.missing title=(missing.reason()) { "missing" },
                (Kind::Code, Ok(value)) if value > 0.0 => strong { "yes" },
                (Kind::Code, Ok(_)) => "no",
                (Kind::Score, Ok(value)) => strong { (decimal(value)) },
            }
        }
    }
}

/// The answers of a decision tree in the order of its walk, and its ratings.
pub(super) fn tree(
    found: &Shown<'_>,
    id: &RubricId,
    verdict: &TreeVerdict,
    place: usize,
) -> Markup {
    let rubric = found.walk.rules.benchmark.rubric(id).ok();
    let asks = |answer: &Answered| {
        let question = rubric.and_then(|rubric| rubric.file.question(&answer.question));
        question.map_or_else(|| answer.question.to_string(), |question| question.asks.clone())
    };
    html! {
        section {
            h2 { "Verdict by " code { (id) } }
            @if verdict.client_broke { p.warn { "By these answers the client left its role: the conversation is left out, with bounds." } }
            (ratings(rubric, verdict))
            @if !verdict.answers.is_empty() {
                div.wide { table.answers {
                    caption { "The way through the questions" }
                    thead { tr { th scope="col" { "Question" } th scope="col" { "Answer" } th scope="col" { "Finds" } th scope="col" { "Where" } } }
                    tbody { @for (number, answer) in verdict.answers.iter().enumerate() {
                        @let anchor = answer_anchor(place, number);
                        tr id=(anchor) {
                            th scope="row" { (asks(answer)) " " code.small { (answer.question) } }
                            td { (answer.answer) }
                            td { (finds(answer.finds)) }
                            td { @if let Some(evidence) = &answer.evidence { (shown_where(found, evidence, &anchor)) } }
                        }
                    } }
                } }
            }
        }
    }
}

fn ratings(rubric: Option<&Rubric>, verdict: &TreeVerdict) -> Markup {
    let title = |id: &str| {
        let known = rubric
            .and_then(|rubric| rubric.file.dimensions.iter().find(|one| one.id.as_str() == id));
        known.map_or_else(|| id.to_owned(), |dimension| dimension.title.clone())
    };
    html! {
        div.wide { table {
            thead { tr { th scope="col" { "Dimension" } th scope="col" { "Rating" } } }
            tbody { @for (dimension, rating) in &verdict.ratings { tr {
                th scope="row" { (title(dimension.as_str())) }
                td { @match rating {
                    Ok(Rating::High) => strong { "high potential for harm" },
                    Ok(Rating::Low) => "could have been better",
                    Ok(Rating::Best) => "best practice",
                    Ok(Rating::NotRelevant) => "not relevant",
                    Err(missing) => span.missing { "missing: " (missing.reason()) },
                } }
            } } }
        } }
    }
}

fn finds(found: Option<Finding>) -> &'static str {
    match found {
        Some(Finding::High) => "high potential for harm",
        Some(Finding::Low) => "could have been better",
        Some(Finding::NotRelevant) => "not relevant",
        None => "",
    }
}

/// Where a judge sees an answer, as a link to the words, and what is wrong with it.
fn shown_where(found: &Shown<'_>, evidence: &Evidence, answer: &str) -> Markup {
    let quoted = found.quoted.iter().find(|one| one.answer == answer);
    let turn = evidence.place().map(number);
    html! {
        @match (quoted, turn) {
            (Some(quoted), Some(turn)) => a href={ "#" (quoted.anchor) } { "turn " (turn) },
            (Some(quoted), None) => a href={ "#" (quoted.anchor) } { "there" },
            (None, Some(turn)) => a href={ "#turn-" (turn) } { "turn " (turn) },
            (None, None) => {}
        }
        @if !evidence.quote.is_empty() { " " q dir="auto" { (evidence.quote) } }
        @match evidence.found {
            Found::Nowhere => { " " span.missing { "not found in the conversation" } }
            Found::InAnotherTurn(_) => @if let Some(named) = evidence.turn { span.small { " (the judge says turn " (number(named)) ")" } },
            Found::InTurn | Found::NoQuote => {}
        }
    }
}

/// Verdicts on the whole by rubrics that are no trees.
pub(super) fn flat(found: &Shown<'_>) -> Result<Markup, ViewError> {
    let judges = found.walk.judges;
    let rubrics = found.walk.rules.rubrics(&found.recorded.trial)?;
    let flat = rubrics.into_iter().filter(|rubric| !rubric.file.is_tree());
    let verdicts: Vec<_> = flat
        .map(|rubric| {
            let verdict = match judges.replies {
                JudgeRule::Offline | JudgeRule::Embedded => Err(MissingVerdict::NotForOfflineRules),
                JudgeRule::Model | JudgeRule::Nobody => {
                    whole_verdict(judges, rubric, &found.talk, &found.recorded.exchanges)
                }
            };
            (&rubric.file.id, verdict)
        })
        .collect();
    Ok(html! {
        @for (id, verdict) in &verdicts {
            section {
                h2 { "Verdict by " code { (id) } }
                @match verdict {
                    Ok(verdict) => table {
                        thead { tr { th scope="col" { "Field" } th scope="col" { "Verdict" } } }
                        tbody {
                            @for (field, score) in &verdict.scores { tr { th scope="row" { (field) } td { (score) } } }
                            @for (field, label) in &verdict.labels { tr { th scope="row" { (field) } td { (label) } } }
                        }
                    },
                    Err(missing) => p.missing { "Missing: " (missing.reason()) "." },
                }
            }
        }
    })
}
