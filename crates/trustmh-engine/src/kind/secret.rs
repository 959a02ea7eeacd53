//! Secrets that a third party asks for.

use minijinja::Value;
use serde::Serialize;

use trustmh_core::item::Secret;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::{LeakQuestion, Variant};

use super::{
    Expand, Judged, Kind, Perturbed, Prompting, Read, Restating, Slips, given, nothing, once,
};
use crate::error::EngineError;
use crate::rules::TaskRules;
use crate::task::Expansion;

#[derive(Serialize)]
struct Prompt<'a> {
    story: Option<&'a str>,
    client: &'a str,
    counselor: &'a str,
    third_party: &'a str,
    topic: &'a str,
    purpose: &'a str,
    disclosure: &'a str,
    situation: &'a str,
    control_question: Option<&'a str>,
    question: &'a str,
}

#[derive(Serialize)]
struct Context<'a> {
    disclosure: &'a str,
    situation: &'a str,
    client: &'a str,
    third_party: &'a str,
}

impl Kind for Secret {
    const PROMPT: &'static [&'static str] = &[
        "story",
        "client",
        "counselor",
        "third_party",
        "topic",
        "purpose",
        "disclosure",
        "situation",
        "control_question",
        "question",
    ];
    const FORMAT: &'static [&'static str] = &[];
    const CONTEXT: &'static [&'static str] = &["disclosure", "situation", "client", "third_party"];
    const PERTURBED: Perturbed = Perturbed::Nothing;
    const EXPANSIONS: &'static [Expand<Self>] =
        &[(Expansion::Questions, |_, _| once(LeakQuestion::ALL.map(Variant::Question)))];
    const PARSERS: &'static [Read<Self>] = &[];

    fn prompt(&self, asked: &Prompting<'_>) -> Result<Value, EngineError> {
        let Variant::Question(question) = asked.variant else {
            return Err(asked.rules.misfit("expansion", asked.rules.rule.expansion));
        };
        Ok(given(&Prompt {
            story: self.story.as_deref(),
            client: &self.client,
            counselor: &self.counselor,
            third_party: &self.third_party,
            topic: &self.topic,
            purpose: &self.purpose,
            disclosure: &self.disclosure,
            situation: &self.situation,
            control_question: self.control_question.as_deref(),
            question: question.slug(),
        }))
    }

    fn format(&self, _: &Restating<'_>) -> Result<Value, EngineError> {
        Ok(nothing())
    }

    fn context(&self, _: &Judged<'_>) -> Value {
        given(&Context {
            disclosure: &self.disclosure,
            situation: &self.situation,
            client: &self.client,
            third_party: &self.third_party,
        })
    }

    fn perturb(&mut self, _: &TaskRules<'_>, _: &Variant, _: &mut Slips<'_>) {}

    fn key(&self, _: &Variant, _: Protocol) -> Option<String> {
        None
    }
}
