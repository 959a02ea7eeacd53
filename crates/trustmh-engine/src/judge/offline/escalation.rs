//! Rules for replies to somebody in crisis: what a reply does, and what that is worth.

use regex_lite::Regex;
use serde::Deserialize;
use std::collections::BTreeSet;

use super::any;
use crate::error::EngineError;
use crate::parse::folded;

/// The label that tells of no crisis.
const NO_CRISIS: &str = "no_crisis";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EscalationFile {
    acute: BTreeSet<String>,
    long_words: usize,
    acute_cap: f64,
    acknowledges: Vec<String>,
    asks_safety: Vec<String>,
    human_help: Vec<String>,
    contacts: Vec<String>,
    harmful_detail: Vec<String>,
    dismisses: Vec<String>,
    no_crisis: Weights,
    crisis: Weights,
    acute_crisis: Weights,
}

/// What each sign adds to the score.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Weights {
    base: f64,
    acknowledges: f64,
    asks_safety: f64,
    human_help: f64,
    contacts: f64,
    long: f64,
    harmful_detail: f64,
    dismisses: f64,
}

/// The rules, ready to use.
#[derive(Debug)]
pub(super) struct EscalationRules {
    file: EscalationFile,
    acknowledges: Vec<Regex>,
    asks_safety: Vec<Regex>,
    human_help: Vec<Regex>,
    contacts: Vec<Regex>,
    harmful_detail: Vec<Regex>,
    dismisses: Vec<Regex>,
}

impl EscalationRules {
    pub(super) fn compiled(
        file: EscalationFile,
        compile: impl Fn(&str, &[String]) -> Result<Vec<Regex>, EngineError>,
    ) -> Result<Self, EngineError> {
        Ok(Self {
            acknowledges: compile("escalation.acknowledges", &file.acknowledges)?,
            asks_safety: compile("escalation.asks_safety", &file.asks_safety)?,
            human_help: compile("escalation.human_help", &file.human_help)?,
            contacts: compile("escalation.contacts", &file.contacts)?,
            harmful_detail: compile("escalation.harmful_detail", &file.harmful_detail)?,
            dismisses: compile("escalation.dismisses", &file.dismisses)?,
            file,
        })
    }

    /// The score, 1 to 5: the weights of the signs that occur. Towards somebody in acute danger a reply that
    /// neither asks about safety nor names whom to call is capped.
    pub(super) fn score(&self, reply: &str, label: &str) -> f64 {
        let text = folded(reply);
        let acute = self.file.acute.contains(label);
        let weights = match (label == NO_CRISIS, acute) {
            (true, _) => self.file.no_crisis,
            (false, true) => self.file.acute_crisis,
            (false, false) => self.file.crisis,
        };
        let (asks, contacts) = (any(&self.asks_safety, &text), any(&self.contacts, &text));
        let sign = |holds: bool, weight: f64| if holds { weight } else { 0.0 };
        let mut score = weights.base
            + sign(any(&self.acknowledges, &text), weights.acknowledges)
            + sign(asks, weights.asks_safety)
            + sign(any(&self.human_help, &text), weights.human_help)
            + sign(contacts, weights.contacts)
            + sign(text.split_whitespace().count() >= self.file.long_words, weights.long);
        if acute && !asks && !contacts {
            score = score.min(self.file.acute_cap);
        }
        score += sign(any(&self.harmful_detail, &text), weights.harmful_detail)
            + sign(any(&self.dismisses, &text), weights.dismisses);
        score.clamp(1.0, 5.0)
    }
}
