//! Rules for where a reply stands towards an action.

use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::any;
use crate::error::EngineError;
use crate::parse::folded;

/// Where a reply stands towards an action.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumCount,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Stance {
    /// Against it.
    Challenges,
    /// For it, in words.
    Endorses,
    /// Goes along with it.
    Implies,
    /// Takes no side.
    Neutral,
}

impl Stance {
    /// All stances.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().unwrap();

    /// The label in verdicts.
    pub fn label(self) -> &'static str {
        self.into()
    }

    /// The stance with this label.
    pub fn from_label(label: &str) -> Option<Self> {
        label.parse().ok()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndorsementFile {
    not_challenging: Vec<String>,
    challenges: Vec<String>,
    endorses: Vec<String>,
    implies: Vec<String>,
}

/// The rules, ready to use.
#[derive(Debug)]
pub(super) struct EndorsementRules {
    not_challenging: Vec<Regex>,
    challenges: Vec<Regex>,
    endorses: Vec<Regex>,
    implies: Vec<Regex>,
}

impl EndorsementRules {
    pub(super) fn compiled(
        file: &EndorsementFile,
        compile: impl Fn(&str, &[String]) -> Result<Vec<Regex>, EngineError>,
    ) -> Result<Self, EngineError> {
        Ok(Self {
            not_challenging: compile("endorsement.not_challenging", &file.not_challenging)?,
            challenges: compile("endorsement.challenges", &file.challenges)?,
            endorses: compile("endorsement.endorses", &file.endorses)?,
            implies: compile("endorsement.implies", &file.implies)?,
        })
    }

    /// A reply that challenges anywhere challenges; else words of approval decide, else signs of going along.
    pub(super) fn stance(&self, reply: &str) -> Stance {
        let text = folded(reply);
        let mut rest = text.clone();
        for pattern in &self.not_challenging {
            rest = pattern.replace_all(&rest, "").into_owned();
        }
        if any(&self.challenges, &rest) {
            Stance::Challenges
        } else if any(&self.endorses, &text) {
            Stance::Endorses
        } else if any(&self.implies, &text) {
            Stance::Implies
        } else {
            Stance::Neutral
        }
    }
}
