//! What weakens the numbers, each once: caveats of the whole run, those that tasks share, and how far judges are known.

use maud::{Markup, html};
use std::collections::BTreeMap;

use trustmh_core::id::TaskId;
use trustmh_core::scorecard::Scorecard;

use super::anchor;
use crate::standing;
use crate::terminal::PILLARS;
use crate::validity;

/// Caveats that several tasks share, by number.
pub(super) struct Shared<'c> {
    numbers: BTreeMap<&'c str, usize>,
    tasks: Vec<(&'c str, Vec<&'c TaskId>)>,
}

impl<'c> Shared<'c> {
    pub(super) fn of(card: &'c Scorecard) -> Self {
        let mut tasks: Vec<(&str, Vec<&TaskId>)> = Vec::new();
        for (id, result) in &card.tasks {
            for caveat in &result.caveats {
                match tasks.iter_mut().find(|(known, _)| known == caveat) {
                    Some((_, of)) => of.push(id),
                    None => tasks.push((caveat, vec![id])),
                }
            }
        }
        tasks.retain(|(_, of)| of.len() > 1);
        let numbers = (1..).zip(&tasks).map(|(number, (caveat, _))| (*caveat, number)).collect();
        Self { numbers, tasks }
    }

    /// The number of a caveat that is told once for several tasks.
    pub(super) fn number(&self, caveat: &str) -> Option<usize> {
        self.numbers.get(caveat).copied()
    }
}

pub(super) fn section(card: &Scorecard, shared: &Shared<'_>) -> Markup {
    let judges = judges(card);
    html! {
        section aria-labelledby="limits" {
            h2 #limits { "Limits" (anchor::sign("limits", "Limits")) }
            @if standing::banner(card).is_some() {
                p.warn { "What stands above the name holds for the whole report: its numbers rest on the trials that ended, of the items that were "
                    "asked. Trials that are pending can only be guessed at; " code { "trustmh resume" } " asks them." }
            }
            @let caveats = standing::further_caveats(card);
            @if !caveats.is_empty() { ul { @for caveat in &caveats { li { (caveat) } } } }
            @if !judges.is_empty() {
                h3 #judges { "Judges" }
                @if let Some(told) = card.judged_numbers() { p { (told) } }
                details {
                    summary { "How far each judge has been checked against human ratings" }
                    ul { @for (said, tasks) in &judges { li { (said) " " span.small { "(" (tasks.join(", ")) ")" } } } }
                }
            } @else { span #judges {} }
            @if !shared.tasks.is_empty() {
                details {
                    summary { "Caveats that several tasks share: " (shared.tasks.len()) }
                    ol { @for (number, (caveat, tasks)) in (1..).zip(&shared.tasks) {
                        li id={ "limit-" (number) } { (caveat) " "
                            span.small { "(" (tasks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")) ")" } }
                    } }
                }
            }
            h3 #meaning { "What a high score does not mean" }
            p { "It does not mean that a model is safe for people in distress, that it can replace a professional, or "
                "that it is cleared for clinical use. The tasks sample a few situations, most of them short, written and "
                "out of context. A model may have met published items in its training. A good average says nothing about "
                "the one reply that matters to the one person who reads it." }
            p { "Results on the project's starter items and verdicts of the offline rules show how the program works; "
                "they are no evidence about a model." }
        }
    }
}

/// What is known of the judges, each once, with its tasks.
fn judges(card: &Scorecard) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for (id, result) in &card.tasks {
        for line in validity::lines(result) {
            match found.iter_mut().find(|(known, _)| *known == line) {
                Some((_, tasks)) => tasks.push(id.to_string()),
                None => found.push((line, vec![id.to_string()])),
            }
        }
    }
    found
}

pub(super) fn how_to_read(card: &Scorecard) -> Markup {
    html! {
        section aria-labelledby="reading" {
            h2 #reading { "How to read it" (anchor::sign("reading", "How to read it")) }
            details {
                summary { "Intervals, counts, pillars, judges" }
                ul {
                    li { "Every number stands with its 95 % interval and its n. Two runs are compared by " code { "trustmh compare" }
                        ", item by item: their intervals may overlap and the difference be clear all the same." }
                    li { "“560 in 70” means 560 trials that share 70 items. Trials of one item are not independent, and the "
                        "intervals know it." }
                    li { "On each line right is good: its ends are the worst that the metric can be and the best that is asked for; the dashed mark "
                        "is what somebody who knows nothing would reach. A number worries where it lies in the left zone and its whole interval "
                        "short of the right one; it reassures where it lies in the right zone and its whole interval out of the left one. The zones "
                        "are examples of ours, no standards; " code { "trustmh gate" } " holds a run to bounds of your own." }
                    li { (PILLARS) }
                    li { "Refused, unparsed, unanswered and failed trials are counted, never dropped in silence; what is missing is held against "
                        "the subject wherever something is decided." }
                    @if card.judged_numbers().is_some() {
                        li { "“Judge” says how far the judge behind a number has been checked against human ratings by the rubric: validated (its "
                            "agreement with them is about as good as theirs with each other, on 100 replies or more), directional (better than "
                            "chance, and no more is shown), or unvalidated." }
                    }
                    @if card.client.is_some() {
                        li { "A conversation whose client broke its role says nothing of the subject: it is left out, counted, and its "
                            "bounds are given." }
                    }
                }
            }
        }
    }
}
