//! Questions with one right option.

use minijinja::Value;
use serde::Serialize;

use trustmh_core::item::MultipleChoice;
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
    question: &'a str,
    options: Vec<LetteredOption<'a>>,
    letters: String,
}

#[derive(Serialize)]
struct Format {
    letters: String,
}

#[derive(Serialize)]
struct Context<'a> {
    question: &'a str,
}

impl Kind for MultipleChoice {
    const PROMPT: &'static [&'static str] = &["question", "options", "letters"];
    const FORMAT: &'static [&'static str] = &["letters"];
    const CONTEXT: &'static [&'static str] = &["question"];
    const PERTURBED: Perturbed = Perturbed::Nothing;
    const EXPANSIONS: &'static [Expand<Self>] = &[
        (Expansion::Plain, plain),
        (Expansion::ShuffledOptions, |question, expanding| {
            shuffled_options(question.options.len(), expanding)
        }),
    ];
    const PARSERS: &'static [Read<Self>] = &[(ParserKind::Choice, |question, reply| {
        let options = options::texts(&question.options, reply.variant);
        parse::choice::explicit(reply.text, &options).map(Answer::Choice)
    })];

    fn prompt(&self, asked: &Prompting<'_>) -> Result<Value, EngineError> {
        let options = lettered(&self.options, order_of(asked.variant));
        let letters = letters(&options);
        Ok(given(&Prompt { question: &self.question, options, letters }))
    }

    fn format(&self, _: &Restating<'_>) -> Result<Value, EngineError> {
        Ok(given(&Format { letters: letters(&lettered(&self.options, None)) }))
    }

    fn context(&self, _: &Judged<'_>) -> Value {
        given(&Context { question: &self.question })
    }

    fn perturb(&mut self, _: &TaskRules<'_>, _: &Variant, _: &mut Slips<'_>) {}

    fn options(&self) -> Vec<&str> {
        self.options.iter().map(String::as_str).collect()
    }

    fn key(&self, variant: &Variant, _: Protocol) -> Option<String> {
        options::shown(self.key, variant).map(String::from)
    }
}
