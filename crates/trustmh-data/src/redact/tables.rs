//! `benchmark/redaction.toml`: what the rules go by.

use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};

use super::kind::Kind;
use crate::error::{DataError, Place};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tables {
    /// Raised whenever the tables change.
    pub(super) version: u32,
    /// Hosts of crisis services, whose pages and mail addresses stay.
    pub(super) kept_hosts: Vec<String>,
    /// What stands before a Chinese address.
    pub(super) address_leads: Vec<String>,
    /// Pieces of patterns by name; `{{name}}` in a pattern stands for one.
    pub(super) parts: BTreeMap<String, String>,
    /// Regular expressions by kind.
    pub(super) patterns: BTreeMap<Kind, Vec<String>>,
    pub(super) numbers: NumberTables,
    pub(super) english: EnglishTables,
    pub(super) chinese: ChineseTables,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NumberTables {
    /// Numbers of crisis lines and emergency services: digits alone.
    pub(super) kept: HashSet<String>,
    /// What stands before an amount.
    pub(super) currencies: Vec<String>,
    /// What stands behind an amount.
    pub(super) units: Vec<String>,
}

/// Lists of words stand in strings, parted by blanks and line breaks; lists of phrases in arrays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnglishTables {
    pub(super) introductions: Vec<String>,
    pub(super) nicknames: Vec<String>,
    pub(super) claims: Vec<String>,
    pub(super) presentations: Vec<String>,
    pub(super) labels: Vec<String>,
    pub(super) calls: String,
    pub(super) persons: String,
    pub(super) owners: String,
    pub(super) titles: String,
    pub(super) greetings: Vec<String>,
    pub(super) closings: Vec<String>,
    pub(super) acts: String,
    pub(super) done_to: String,
    pub(super) particles: String,
    pub(super) given: String,
    pub(super) ambiguous: String,
    pub(super) of_places: String,
    pub(super) never: String,
    pub(super) never_endings: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChineseTables {
    pub(super) introductions: Vec<String>,
    pub(super) nicknames: Vec<String>,
    pub(super) claims: Vec<String>,
    pub(super) persons: String,
    pub(super) titles: String,
    pub(super) double_surnames: String,
    pub(super) surnames: String,
    pub(super) rare_surnames: String,
    pub(super) given: String,
    pub(super) transliterated: String,
    pub(super) after: String,
    pub(super) company: String,
    pub(super) acts: String,
    pub(super) words: String,
}

impl Tables {
    /// # Errors
    /// [`DataError::Malformed`].
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, DataError> {
        toml::from_str(text).map_err(|error| DataError::malformed(Place::file(file), error))
    }
}

/// The words of a list.
pub(super) fn listed(text: &str) -> HashSet<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
