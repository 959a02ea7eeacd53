//! A conversation as a file tells it, before it is put into our shape.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trustmh_core::item::Side;

use super::clean::Clean;

/// A conversation.
#[derive(Debug)]
pub(super) struct Told {
    /// The line on which it begins.
    pub(super) line: u64,
    /// The id that the file gives it.
    pub(super) id: Option<String>,
    pub(super) turns: Vec<Heard>,
    pub(super) about: About,
}

/// A turn.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Heard {
    pub(super) speaker: Side,
    pub(super) text: Clean,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
}

/// What is told of a conversation as a whole.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct About {
    /// When it took place, where no turn says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    /// The hash that stands for the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) persona: Option<String>,
    /// Further columns.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) kept: BTreeMap<String, Clean>,
}

impl About {
    /// What is told later counts where nothing was told before.
    pub(super) fn or(&mut self, later: Self) {
        let Self { at, language, version, model, region, persona, kept } = later;
        self.at = self.at.or(at);
        for (mine, other) in [
            (&mut self.language, language),
            (&mut self.version, version),
            (&mut self.model, model),
            (&mut self.region, region),
            (&mut self.persona, persona),
        ] {
            if mine.is_none() {
                *mine = other;
            }
        }
        for (name, value) in kept {
            self.kept.entry(name).or_insert(value);
        }
    }
}
