//! What fits a kind of item, without an item at hand.

use super::Kind;
use crate::task::{Expansion, ParserKind, Roles};

/// What of an item is perturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Perturbed {
    /// The person's own words.
    OwnWords,
    /// Nothing: slips would change what is asked.
    Nothing,
}

/// What fits items of one kind.
#[derive(Debug, Clone)]
pub struct KindFacts {
    /// Variables that prompts are given.
    pub prompt: &'static [&'static str],
    /// Variables that templates are given which restate the format.
    pub format: &'static [&'static str],
    /// Variables that the template is given of what a judge is shown.
    pub context: &'static [&'static str],
    /// The folder of the schemes or scales that items name.
    pub codebook: Option<&'static str>,
    /// What of it is perturbed.
    pub perturbed: Perturbed,
    /// How it can be shown.
    pub roles: &'static [Roles],
    /// The expansions that fit.
    pub expansions: Vec<Expansion>,
    /// The parsers that fit, beside those of any text.
    pub parsers: Vec<ParserKind>,
}

impl KindFacts {
    pub(super) fn of<K: Kind>() -> Self {
        Self {
            prompt: K::PROMPT,
            format: K::FORMAT,
            context: K::CONTEXT,
            codebook: K::CODEBOOK,
            perturbed: K::PERTURBED,
            roles: K::ROLES,
            expansions: K::EXPANSIONS.iter().map(|(expansion, _)| *expansion).collect(),
            parsers: K::PARSERS.iter().map(|(parser, _)| *parser).collect(),
        }
    }
}
