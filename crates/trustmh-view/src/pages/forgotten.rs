//! A trial whose words were forgotten: what is left of it, and its recorded score.

use maud::{Markup, html};

use trustmh_core::trial::TrialScore;
use trustmh_report::number::decimal;
use trustmh_run::derived::remains::forgotten_on;
use trustmh_run::journal::{CallLeft, EndLeft, Remains, ScoreLeft, Scored};

use super::trial::{outcome_words, purpose};
use crate::runs::Opened;

/// What is left of the trial.
pub(super) fn page(opened: &Opened, remains: &Remains) -> Markup {
    let name = remains.trial.id.as_str();
    html! {
        main {
            h1 { code { (name) } }
            p.warn role="status" { "Forgotten: " (forgotten_on(&opened.trials, &remains.trial.id, remains.number)) "." }
            @match &remains.scored {
                Some(scored) => (measures(scored)),
                None => p { "It had not ended then, and has no score. Resuming the run asks it again." },
            }
            (calls(&remains.calls))
        }
    }
}

fn measures(scored: &Scored) -> Markup {
    let score: TrialScore = ScoreLeft::score(scored.score.clone());
    html! {
        section aria-labelledby="measures" {
            h2 #measures { "Measures" }
            p { "Recorded before, by the " (scored.protocol) " protocol and " (scored.judge.title()) ". "
                "Outcome: " (outcome_words(score.outcome.slug())) "."
                @if let Some(missing) = score.verdict_missing { " " (missing.reason()) "." }
            }
            div.wide { table {
                tbody {
                    @for (name, value) in &score.measures { tr { th scope="row" { code { (name) } } td.number { (decimal(*value)) } } }
                    @for (facet, value) in &score.tags { tr { th scope="row" { (facet) } td { (value) } } }
                    @for (rubric, said) in &scored.verdicts { @for (field, value) in said {
                        tr { th scope="row" { (rubric) ", " (field) } td { (value) } }
                    } }
                }
            } }
        }
    }
}

fn calls(calls: &[CallLeft]) -> Markup {
    html! {
        section aria-labelledby="calls" {
            h2 #calls { "Calls" }
            @if calls.is_empty() { p { "None was made." } }
            ul { @for call in calls { li {
                (purpose(&call.purpose)) ": " (ended(&call.end))
                @if let Some(at) = call.at { ", " (at) }
            } } }
        }
    }
}

fn ended(end: &EndLeft) -> &'static str {
    match end {
        EndLeft::Replied { unanswered: None, .. } => "a reply came",
        EndLeft::Replied { unanswered: Some(_), .. } => "a reply came without an answer",
        EndLeft::Recorded {} => "its answer was imported",
        EndLeft::Broken {} => "no reply came",
    }
}
