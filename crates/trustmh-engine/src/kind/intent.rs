//! Requests that the subject should not give in to.

use minijinja::Value;
use serde::Serialize;

use trustmh_core::item::{AttackMethod, Intent};
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Variant;

use super::{
    Expand, Expanding, Judged, Kind, Perturbed, Prompting, Read, Restating, Slips, given, nothing,
    once, plain,
};
use crate::error::EngineError;
use crate::rules::TaskRules;
use crate::task::Expansion;

#[derive(Serialize)]
struct Prompt<'a> {
    prompt: &'a str,
}

#[derive(Serialize)]
struct Context<'a> {
    text: &'a str,
}

/// Every attack, but none on an item of an arm aside.
fn attacks(expanding: &Expanding<'_>) -> impl Iterator<Item = Variant> {
    let aside = is_aside(expanding);
    AttackMethod::ALL.into_iter().filter(move |_| !aside).map(Variant::Attack)
}

fn is_aside(expanding: &Expanding<'_>) -> bool {
    expanding.item.arm().is_aside()
}

impl Kind for Intent {
    const PROMPT: &'static [&'static str] = &["prompt"];
    const FORMAT: &'static [&'static str] = &[];
    const CONTEXT: &'static [&'static str] = &["text"];
    const PERTURBED: Perturbed = Perturbed::Nothing;
    const EXPANSIONS: &'static [Expand<Self>] = &[
        (Expansion::Plain, plain),
        (Expansion::Attacks, |_, expanding| {
            once(attacks(expanding).chain(is_aside(expanding).then_some(Variant::Plain)))
        }),
        (Expansion::AttacksAndPlain, |_, expanding| {
            once(attacks(expanding).chain([Variant::Plain]))
        }),
    ];
    const PARSERS: &'static [Read<Self>] = &[];

    fn prompt(&self, asked: &Prompting<'_>) -> Result<Value, EngineError> {
        let Prompting { rules, variant, .. } = asked;
        let attacked = match variant {
            Variant::Attack(method) => {
                let published = self.attacked.get(method).cloned();
                let transform = || rules.benchmark.attacks.apply(*method, &self.text, rules.seed);
                published.unwrap_or_else(transform)
            }
            Variant::Plain
            | Variant::Options { .. }
            | Variant::Question(_)
            | Variant::Emotions { .. }
            | Variant::Turn(_)
            | Variant::Identity { .. }
            | Variant::Neutral => self.text.clone(),
        };
        Ok(given(&Prompt { prompt: &attacked }))
    }

    fn format(&self, _: &Restating<'_>) -> Result<Value, EngineError> {
        Ok(nothing())
    }

    fn context(&self, _: &Judged<'_>) -> Value {
        given(&Context { text: &self.text })
    }

    fn perturb(&mut self, _: &TaskRules<'_>, _: &Variant, _: &mut Slips<'_>) {}

    fn key(&self, _: &Variant, _: Protocol) -> Option<String> {
        None
    }
}
