//! Information, or flows of it, to be rated.

use minijinja::Value;
use serde::Serialize;

use trustmh_core::item::PrivacyRating;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Variant;

use super::{Expand, Judged, Kind, Perturbed, Prompting, Read, Restating, Slips, given, plain};
use crate::error::EngineError;
use crate::parse::{self, Answer};
use crate::rules::TaskRules;
use crate::task::{Expansion, ParserKind};

#[derive(Serialize)]
struct Prompt<'a> {
    tier: &'a str,
    instruction: Option<&'a str>,
    statement: &'a str,
}

#[derive(Serialize)]
struct Format {
    scale: String,
}

#[derive(Serialize)]
struct Context<'a> {
    statement: &'a str,
}

impl Kind for PrivacyRating {
    const PROMPT: &'static [&'static str] = &["tier", "instruction", "statement"];
    const FORMAT: &'static [&'static str] = &["scale"];
    const CONTEXT: &'static [&'static str] = &["statement"];
    const PERTURBED: Perturbed = Perturbed::Nothing;
    const EXPANSIONS: &'static [Expand<Self>] = &[(Expansion::Plain, plain)];
    const PARSERS: &'static [Read<Self>] = &[
        (ParserKind::RatingAsReleased, |rating, reply| {
            parse::rating::as_released(reply.text, rating.tier).map(Answer::Rating)
        }),
        (ParserKind::Rating, |rating, reply| {
            parse::rating::sound(reply.text, rating.tier).map(Answer::Rating)
        }),
    ];

    fn prompt(&self, _: &Prompting<'_>) -> Result<Value, EngineError> {
        Ok(given(&Prompt {
            tier: self.tier.label(),
            instruction: self.instruction.as_deref(),
            statement: &self.statement,
        }))
    }

    fn format(&self, _: &Restating<'_>) -> Result<Value, EngineError> {
        let steps = parse::rating::scale(self.tier).iter().map(ToString::to_string);
        Ok(given(&Format { scale: steps.collect::<Vec<String>>().join(", ") }))
    }

    fn context(&self, _: &Judged<'_>) -> Value {
        given(&Context { statement: &self.statement })
    }

    fn perturb(&mut self, _: &TaskRules<'_>, _: &Variant, _: &mut Slips<'_>) {}

    fn key(&self, _: &Variant, _: Protocol) -> Option<String> {
        Some(self.rating.to_string())
    }
}
