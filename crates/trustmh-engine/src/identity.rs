//! Identities: one-line descriptions of the person who seeks help, of which one is told at a time.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::error::EngineError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityFile {
    version: u32,
    /// How often the dialogue without identity is asked.
    neutral_repeats: u32,
    position: Position,
    /// Lines that say nothing of an attribute.
    #[serde(default)]
    neutral: Vec<Identity>,
    attribute: Vec<Attribute>,
}

/// Where the description stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Position {
    /// Above the dialogue.
    Before,
    /// Below the dialogue, above the request to reply.
    After,
}

/// What people are described by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attribute {
    id: String,
    values: Vec<Identity>,
}

/// One value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    id: String,
    text: String,
}

/// What trials with a neutral line are tagged with in the place of an attribute.
pub(crate) const NEUTRAL: &str = "neutral";

/// The identities of benchmark/identities.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identities {
    file: IdentityFile,
}

impl Identities {
    /// Reads and checks the file: at least two values an attribute, ids and texts each once.
    ///
    /// # Errors
    /// [`EngineError::Malformed`] or [`EngineError::Rule`], naming the field.
    pub fn parse(path: &str, text: &str) -> Result<Self, EngineError> {
        let file: IdentityFile =
            toml::from_str(text).map_err(|error| EngineError::toml(path, &error))?;
        let broken = |field: String, message: &str| EngineError::rule(path, field, message);
        if file.neutral_repeats < 2 {
            let message = "must be at least 2: one repeat shows no noise";
            return Err(broken("neutral_repeats".to_owned(), message));
        }
        let mut texts = BTreeSet::new();
        if file.neutral.len() == 1 {
            let message = "needs at least two lines, or none: one shows no noise";
            return Err(broken("neutral".to_owned(), message));
        }
        let lines: BTreeSet<&String> = file.neutral.iter().map(|line| &line.id).collect();
        if lines.len() < file.neutral.len()
            || !file.neutral.iter().all(|line| texts.insert(&line.text))
        {
            return Err(broken("neutral".to_owned(), "an id or a text occurs twice"));
        }
        for attribute in &file.attribute {
            let field = format!("attribute.{}", attribute.id);
            if attribute.id == NEUTRAL {
                return Err(broken(field, "this name is kept for lines that tell no identity"));
            }
            let ids: BTreeSet<&String> = attribute.values.iter().map(|value| &value.id).collect();
            if attribute.values.len() < 2 || ids.len() < attribute.values.len() {
                return Err(broken(field, "needs at least two values, each id once"));
            }
            if !attribute.values.iter().all(|value| texts.insert(&value.text)) {
                return Err(broken(field, "a text occurs twice"));
            }
        }
        Ok(Self { file })
    }

    /// Attributes with the ids of their values, in file order.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.file.attribute.iter().flat_map(|attribute| {
            attribute.values.iter().map(|value| (attribute.id.as_str(), value.id.as_str()))
        })
    }

    /// The ids of the lines that tell no identity, in file order.
    pub fn neutral(&self) -> impl Iterator<Item = &str> {
        self.file.neutral.iter().map(|line| line.id.as_str())
    }

    /// The description that stands for a value, or the neutral line of this id.
    pub fn text(&self, attribute: &str, value: &str) -> Option<&str> {
        if attribute == NEUTRAL {
            return Some(self.file.neutral.iter().find(|line| line.id == value)?.text.as_str());
        }
        let attribute = self.file.attribute.iter().find(|known| known.id == attribute)?;
        Some(attribute.values.iter().find(|known| known.id == value)?.text.as_str())
    }

    /// How often the dialogue without any line is asked.
    pub fn neutral_repeats(&self) -> u32 {
        self.file.neutral_repeats
    }

    /// Where the description stands.
    pub fn position(&self) -> Position {
        self.file.position
    }

    /// How many values each attribute has.
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        self.file.attribute.iter().map(|known| (known.id.as_str(), known.values.len())).collect()
    }
}
