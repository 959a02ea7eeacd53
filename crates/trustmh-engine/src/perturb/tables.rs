//! What texts are perturbed with, by language: benchmark/perturbations/<language>.toml.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use unicode_segmentation::UnicodeSegmentation;

use crate::error::EngineError;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TablesFile {
    language: String,
    negations: BTreeSet<String>,
    negation_endings: Vec<String>,
    negation_spellings: BTreeSet<String>,
    stop_words: BTreeSet<String>,
    fillers: Vec<String>,
    irrelevant: Vec<String>,
    marks: Vec<String>,
    keyboard: BTreeMap<char, String>,
    homoglyphs: BTreeMap<char, String>,
    misspellings: BTreeMap<String, Vec<String>>,
    contractions: BTreeMap<String, String>,
    abbreviations: BTreeMap<String, String>,
    synonyms: BTreeMap<String, Vec<String>>,
}

/// The tables of a language, ready to use.
#[derive(Debug)]
pub struct Tables {
    /// The language they are for, as in items.
    pub language: String,
    negations: BTreeSet<String>,
    negation_endings: Vec<String>,
    pub(super) stop_words: BTreeSet<String>,
    pub(super) fillers: Vec<String>,
    pub(super) irrelevant: Vec<String>,
    pub(super) marks: Vec<String>,
    keyboard: HashMap<char, Vec<char>>,
    homoglyphs: HashMap<char, Vec<char>>,
    phrases: HashMap<String, Vec<String>>,
    /// Clusters of the longest phrase, in tokens.
    pub(super) longest_phrase: usize,
}

impl Tables {
    /// Reads a file of tables.
    ///
    /// # Errors
    /// [`EngineError::Malformed`], and [`EngineError::Rule`] for an empty table that every text needs.
    pub fn parse(path: &str, text: &str) -> Result<Self, EngineError> {
        let file: TablesFile =
            toml::from_str(text).map_err(|error| EngineError::toml(path, &error))?;
        for (field, table) in
            [("fillers", &file.fillers), ("irrelevant", &file.irrelevant), ("marks", &file.marks)]
        {
            if table.is_empty() {
                return Err(EngineError::rule(path, field, "must not be empty".to_owned()));
            }
        }
        let signs = |table: &BTreeMap<char, String>| {
            table.iter().map(|(sign, like)| (*sign, like.chars().collect())).collect()
        };
        let mut phrases: HashMap<String, Vec<String>> = HashMap::new();
        let mut add = |from: &str, to: &str| {
            phrases.entry(from.to_lowercase()).or_default().push(to.to_owned());
        };
        for (from, to) in &file.contractions {
            add(from, to);
            add(to, from);
        }
        file.abbreviations.iter().for_each(|(from, to)| add(from, to));
        for (from, several) in file.misspellings.iter().chain(&file.synonyms) {
            several.iter().for_each(|to| add(from, to));
        }
        let longest_phrase =
            phrases.keys().map(|phrase| phrase.split_word_bounds().count()).max().unwrap_or(1);
        let (keyboard, homoglyphs) = (signs(&file.keyboard), signs(&file.homoglyphs));
        Ok(Self {
            language: file.language,
            negations: file.negations.union(&file.negation_spellings).cloned().collect(),
            negation_endings: file.negation_endings,
            stop_words: file.stop_words,
            fillers: file.fillers,
            irrelevant: file.irrelevant,
            marks: file.marks,
            keyboard,
            homoglyphs,
            phrases,
            longest_phrase,
        })
    }

    /// Keys beside a key.
    pub(super) fn beside(&self, sign: char) -> &[char] {
        self.keyboard.get(&sign.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default()
    }

    /// Signs that look or sound alike.
    pub(super) fn alike(&self, sign: char) -> &[char] {
        self.homoglyphs.get(&sign).map(Vec::as_slice).unwrap_or_default()
    }

    /// What a word or phrase may become.
    pub(super) fn instead_of(&self, phrase: &str) -> &[String] {
        self.phrases.get(&phrase.to_lowercase()).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a word negates.
    pub fn negates(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        self.negations.contains(&word)
            || self.negation_endings.iter().any(|ending| word.ends_with(ending.as_str()))
    }

    /// The negations of a text, in order.
    pub fn negations(&self, text: &str) -> Vec<String> {
        let words = text.split_word_bounds().filter(|word| self.negates(word));
        words.map(str::to_lowercase).collect()
    }
}
