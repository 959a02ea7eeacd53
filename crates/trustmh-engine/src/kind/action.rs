//! Actions somebody tells of or asks about.

use minijinja::Value;
use serde::Serialize;

use trustmh_core::item::Action;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Variant;

use super::{
    Expand, Judged, Kind, Perturbed, Prompting, Read, Restating, Slips, given, nothing, plain,
};
use crate::error::EngineError;
use crate::perturb::Keep;
use crate::rules::TaskRules;
use crate::task::Expansion;

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

impl Kind for Action {
    const PROMPT: &'static [&'static str] = &["text"];
    const FORMAT: &'static [&'static str] = &[];
    const CONTEXT: &'static [&'static str] = &["text"];
    const PERTURBED: Perturbed = Perturbed::OwnWords;
    const EXPANSIONS: &'static [Expand<Self>] = &[(Expansion::Plain, plain)];
    const PARSERS: &'static [Read<Self>] = &[];

    fn prompt(&self, _: &Prompting<'_>) -> Result<Value, EngineError> {
        Ok(given(&Text { text: &self.text }))
    }

    fn format(&self, _: &Restating<'_>) -> Result<Value, EngineError> {
        Ok(nothing())
    }

    fn context(&self, _: &Judged<'_>) -> Value {
        given(&Text { text: &self.text })
    }

    fn perturb(&mut self, _: &TaskRules<'_>, _: &Variant, slips: &mut Slips<'_>) {
        slips.make(&mut self.text, Keep::Nothing);
    }

    fn key(&self, _: &Variant, _: Protocol) -> Option<String> {
        None
    }
}
