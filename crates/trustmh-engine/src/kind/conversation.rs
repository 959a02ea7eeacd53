//! Conversations of many turns: what stands above them, before anybody speaks.

use minijinja::Value;
use serde::Serialize;

use trustmh_core::item::{Begins, Conversation};
use trustmh_core::message::Message;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Variant;

use super::{
    Expand, Judged, Kind, Perturbed, Prompt, Prompting, Read, Restating, Slips, given, nothing,
    plain,
};
use crate::error::EngineError;
use crate::rules::TaskRules;
use crate::task::Expansion;

/// The template of what is told to a subject that is to speak first.
pub(crate) const OPENS: &str = "conversation-opens";

#[derive(Serialize)]
struct Context<'a> {
    situation: &'a str,
    region: Option<&'a str>,
}

impl Kind for Conversation {
    const PROMPT: &'static [&'static str] = &[];
    const FORMAT: &'static [&'static str] = &[];
    const CONTEXT: &'static [&'static str] = &["situation", "region"];
    const PERTURBED: Perturbed = Perturbed::Nothing;
    const EXPANSIONS: &'static [Expand<Self>] = &[(Expansion::Plain, plain)];
    const PARSERS: &'static [Read<Self>] = &[];

    fn prompt(&self, _: &Prompting<'_>) -> Result<Value, EngineError> {
        Ok(nothing())
    }

    /// The task's instructions, if it has any, and the opening of a conversation that the subject begins.
    fn filled(&self, asked: &Prompting<'_>) -> Result<Prompt, EngineError> {
        let mut messages = Vec::new();
        let instructions = asked.render(self.prompt(asked)?)?;
        if !instructions.trim().is_empty() {
            messages.push(Message::system(instructions.trim()));
        }
        if self.begins == Begins::Subject {
            let benchmark = asked.rules.benchmark;
            let template = benchmark.template_for(OPENS, &asked.item.language);
            let opens = benchmark.templates.render(&template, &nothing())?;
            messages.push(Message::user(opens.trim()));
            messages.extend(self.greeting.iter().map(Message::assistant));
        }
        Ok(Prompt { messages, cut: None })
    }

    fn format(&self, _: &Restating<'_>) -> Result<Value, EngineError> {
        Ok(nothing())
    }

    fn context(&self, _: &Judged<'_>) -> Value {
        given(&Context { situation: &self.situation, region: self.region.as_deref() })
    }

    fn perturb(&mut self, _: &TaskRules<'_>, _: &Variant, _: &mut Slips<'_>) {}

    fn key(&self, _: &Variant, _: Protocol) -> Option<String> {
        None
    }
}
