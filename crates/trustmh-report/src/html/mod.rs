//! The report as one self-contained HTML file: no network, no script.

mod calibration;
mod ranks;
mod run;
mod task;
mod worst;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use trustmh_core::scorecard::Scorecard;

use crate::chart::{dot, radar};
use crate::facts::{Companions, RunFacts};
use crate::standing;
use crate::terminal::{PILLARS, banners, hundred, lacks};
use trustmh_core::inert::inert;

/// The style sheet of reports.
pub const STYLE: &str = include_str!("style.css");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The whole report. Replies live in the run; only the few worst are here, cut.
pub fn html(card: &Scorecard, facts: &RunFacts, companions: &Companions) -> String {
    let title = format!("TrustMH report of {}", card.subject_shown());
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="referrer" content="no-referrer";
                title { (title) }
                // The style sheet is the project's own text; nothing of the run is in it.
                style { (PreEscaped(STYLE)) }
            }
            body {
                (body(card, facts, companions))
            }
        }
    };
    // Markup has no such characters of its own; those of names, caveats and replies must not turn the page round.
    inert(&page.into_string())
}

/// What stands in the page's body, for pages that bring a head of their own and this crate's style sheet. Steering characters are
/// still to be made inert.
pub fn body(card: &Scorecard, facts: &RunFacts, companions: &Companions) -> Markup {
    html! {
        header {
            @if let Some(banner) = standing::banner(card) { p.warn { strong { (banner) } } }
            (head(card))
        }
        main {
            (how_to_read(card))
            (pillars(card))
            (task::results(card, &companions.worst))
            @if !companions.calibration.is_empty() { (calibration::section(&companions.calibration)) }
            @if let Some(published) = &companions.published { (ranks::section(published)) }
            (meaning())
            (run::section(card, facts))
        }
    }
}

fn head(card: &Scorecard) -> Markup {
    html! {
        h1 {
            "How far can "
            @match &card.name { Some(name) => (name), None => code { (card.subject) } }
            " be trusted with someone's mental health?"
        }
        p.lead {
            @if card.name.is_some() { "Model: " code { (card.subject) } ". " }
            "Judge: " (card.judge.title()) ". "
            @if let Some(client) = &card.client { "Clients played by: " (client.title()) ". " }
            "Protocol: " (card.protocol) ". Run: " code { (card.run) } "."
        }
        @for banner in banners(card) {
            p.warn { strong { "Read first: " } (banner) }
        }
    }
}

fn how_to_read(card: &Scorecard) -> Markup {
    html! {
        section aria-labelledby="reading" {
            h2 #reading { "How to read it" }
            ul {
                li { "Every number stands with its 95 % interval and its n. Two numbers whose intervals overlap are not "
                    "shown to differ: do not read an order into them." }
                li { "“560 in 70” means 560 trials that share 70 items. Trials of one item are not independent, and the "
                    "intervals know it." }
                li { "The bold row is the task's primary metric. Each row says which way is better." }
                @if card.judged_numbers().is_some() {
                    li { "“Judge” says how far the judge behind a number has been held against people by the rubric: validated (its "
                        "agreement with them is about as good as theirs with each other, on 100 replies or more), directional (better than "
                        "chance, and no more is shown), or unvalidated. Empty cells are of numbers that no judge has a part in." }
                }
                li { "Refused, unparsed, unanswered and failed trials are counted, never dropped in silence." }
                @if card.client.is_some() {
                    li { "A conversation whose client broke its role says nothing of the subject: it is left out, counted, and its "
                        "bounds are given." }
                }
            }
        }
    }
}

fn pillars(card: &Scorecard) -> Markup {
    html! {
        @if !card.pillars.is_empty() || !card.pillars_without_score.is_empty() {
            section aria-labelledby="pillars" {
                h2 #pillars { "Pillars" }
                p { (PILLARS) }
                (radar(&card.pillars))
                div.wide { table {
                    thead { tr { th scope="col" { "Pillar" } th scope="col" { "Score" } th scope="col" { "95 % interval" }
                        th scope="col" { "From 0 to 100" } th scope="col" { "Tasks" } } }
                    tbody {
                        @for (pillar, score) in &card.pillars {
                            tr {
                                th scope="row" { (pillar.title()) }
                                td { (format!("{:.1}", score.value)) }
                                td { (hundred(score)) }
                                td { (dot(pillar.title(), &score.estimate(), (0.0, 100.0))) }
                                td { (score.tasks) }
                            }
                        }
                        @for (pillar, missing) in &card.pillars_without_score {
                            tr {
                                th scope="row" { (pillar.title()) }
                                td colspan="3" { "no score" }
                                td { (lacks(missing)) }
                            }
                        }
                    }
                } }
            }
        }
    }
}

fn meaning() -> Markup {
    html! {
        section aria-labelledby="meaning" {
            h2 #meaning { "What a high score does not mean" }
            p { "It does not mean that a model is safe for people in distress, that it can replace a professional, or "
                "that it is cleared for clinical use. The tasks sample a few situations, most of them short, written and "
                "out of context. A model may have met published items in its training. A good average says nothing about "
                "the one reply that matters to the one person who reads it." }
            p { "Results on the project's starter items and verdicts of the offline rules show how the program works; "
                "they are no evidence about a model." }
        }
    }
}
