//! Texts, or replies to them, that people rated on a scale.

use minijinja::Value;
use serde::Serialize;

use trustmh_core::codebook::{RatingScale, SCALES, shown};
use trustmh_core::item::Rated;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Variant;

use super::{Expand, Judged, Kind, Perturbed, Prompting, Read, Restating, Slips, given, plain};
use crate::error::EngineError;
use crate::parse::{self, Answer};
use crate::perturb::Keep;
use crate::rules::TaskRules;
use crate::task::{Expansion, ParserKind};

#[derive(Serialize)]
struct Prompt<'a> {
    text: &'a str,
    reply: Option<&'a str>,
    scale: Scale<'a>,
}

#[derive(Serialize)]
struct Scale<'a> {
    name: &'a str,
    title: &'a str,
    from: String,
    to: String,
    values: String,
    ratings: Vec<String>,
    low_end: &'a str,
    high_end: &'a str,
}

impl<'a> Scale<'a> {
    fn of(scale: &'a RatingScale) -> Self {
        let (from, to) = scale.range();
        let (low_end, high_end) =
            scale.ends.as_ref().map_or(("", ""), |(low, high)| (low.as_str(), high.as_str()));
        Self {
            name: scale.name.as_str(),
            title: &scale.title,
            from: shown(from),
            to: shown(to),
            values: scale.listed(),
            ratings: scale.ratings().into_iter().map(shown).collect(),
            low_end,
            high_end,
        }
    }
}

#[derive(Serialize)]
struct Format {
    scale: String,
}

#[derive(Serialize)]
struct Context<'a> {
    text: &'a str,
    reply: Option<&'a str>,
}

impl Kind for Rated {
    const PROMPT: &'static [&'static str] = &["text", "reply", "scale"];
    const FORMAT: &'static [&'static str] = &["scale"];
    const CONTEXT: &'static [&'static str] = &["text", "reply"];
    const CODEBOOK: Option<&'static str> = Some(SCALES);
    const PERTURBED: Perturbed = Perturbed::OwnWords;
    const EXPANSIONS: &'static [Expand<Self>] = &[(Expansion::Plain, plain)];
    const PARSERS: &'static [Read<Self>] = &[(ParserKind::Rating, |rated, reply| {
        let scale = reply.rules.task.codebook.scale(&rated.scale)?;
        parse::rating::on_scale(reply.text, scale).map(Answer::Rating)
    })];

    fn prompt(&self, asked: &Prompting<'_>) -> Result<Value, EngineError> {
        let scale = asked.rules.task.scale(&asked.item.id, self)?;
        let scale = Scale::of(scale);
        Ok(given(&Prompt { text: &self.text, reply: self.reply.as_deref(), scale }))
    }

    fn format(&self, asked: &Restating<'_>) -> Result<Value, EngineError> {
        let scale = asked.rules.task.scale(&asked.item.id, self)?.listed();
        Ok(given(&Format { scale }))
    }

    fn context(&self, _: &Judged<'_>) -> Value {
        given(&Context { text: &self.text, reply: self.reply.as_deref() })
    }

    fn perturb(&mut self, _: &TaskRules<'_>, _: &Variant, slips: &mut Slips<'_>) {
        slips.make(&mut self.text, Keep::Nothing);
    }

    fn key(&self, _: &Variant, _: Protocol) -> Option<String> {
        Some(self.key.to_string())
    }
}
