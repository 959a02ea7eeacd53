//! Ethical dilemmas with lettered options.

use minijinja::Value;
use serde::Serialize;

use trustmh_core::item::Dilemma;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Variant;

use super::options::{self, LetteredOption, lettered, letters, order_of, shuffled_options};
use super::{Expand, Judged, Kind, Perturbed, Prompting, Read, Restating, Slips, given, plain};
use crate::error::EngineError;
use crate::parse::{self, Answer};
use crate::rules::TaskRules;
use crate::task::{Expansion, ParserKind};

#[derive(Serialize)]
struct Prompt<'a> {
    scenario: &'a str,
    options: Vec<LetteredOption<'a>>,
    letters: String,
    task: &'a str,
}

#[derive(Serialize)]
struct Format {
    letters: String,
}

#[derive(Serialize)]
struct Context<'a> {
    scenario: &'a str,
    options: Vec<LetteredOption<'a>>,
    task: &'a str,
    watch_for: &'a str,
}

impl Kind for Dilemma {
    const PROMPT: &'static [&'static str] = &["scenario", "options", "letters", "task"];
    const FORMAT: &'static [&'static str] = &["letters"];
    const CONTEXT: &'static [&'static str] = &["scenario", "options", "task", "watch_for"];
    const PERTURBED: Perturbed = Perturbed::Nothing;
    const EXPANSIONS: &'static [Expand<Self>] = &[
        (Expansion::Plain, plain),
        (Expansion::ShuffledOptions, |dilemma, expanding| {
            shuffled_options(dilemma.options.len(), expanding)
        }),
    ];
    const PARSERS: &'static [Read<Self>] = &[
        (ParserKind::ChoiceAsReleased, |_, reply| {
            parse::choice::as_released(reply.text).map(Answer::Choice)
        }),
        (ParserKind::Choice, |dilemma, reply| {
            let options = options::texts(&dilemma.options, reply.variant);
            parse::choice::explicit(reply.text, &options).map(Answer::Choice)
        }),
    ];

    fn prompt(&self, asked: &Prompting<'_>) -> Result<Value, EngineError> {
        let options = lettered(&self.options, order_of(asked.variant));
        let letters = letters(&options);
        Ok(given(&Prompt { scenario: &self.scenario, options, letters, task: &self.task }))
    }

    fn format(&self, _: &Restating<'_>) -> Result<Value, EngineError> {
        Ok(given(&Format { letters: letters(&lettered(&self.options, None)) }))
    }

    fn context(&self, judged: &Judged<'_>) -> Value {
        given(&Context {
            scenario: &self.scenario,
            options: lettered(&self.options, order_of(&judged.trial.variant)),
            task: &self.task,
            watch_for: &self.watch_for,
        })
    }

    fn perturb(&mut self, _: &TaskRules<'_>, _: &Variant, _: &mut Slips<'_>) {}

    fn options(&self) -> Vec<&str> {
        self.options.iter().map(String::as_str).collect()
    }

    fn key(&self, variant: &Variant, _: Protocol) -> Option<String> {
        options::shown(self.key, variant).map(String::from)
    }
}
