//! Phrases by which turns of a client are told, and the lines of personas that have none of their own: benchmark/client.toml.

use regex_lite::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;

use trustmh_core::item::{ClientLine, Mark, PersonaLines};

use crate::error::EngineError;
use crate::parse::folded;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TablesFile {
    version: u32,
    languages: BTreeMap<String, SignsFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignsFile {
    asks_well: Vec<String>,
    lecture_words: usize,
    breaks: Vec<String>,
    not_breaking: Vec<String>,
    marks: BTreeMap<Mark, Vec<String>>,
    lines: PersonaLines,
}

/// The tables of all languages.
#[derive(Debug)]
pub struct ClientTables {
    /// Raised whenever a change makes conversations incomparable.
    pub version: u32,
    languages: BTreeMap<String, Signs>,
    english: Signs,
}

/// The phrases of one language.
#[derive(Debug)]
pub struct Signs {
    asks_well: Vec<Regex>,
    /// A reply of so many words without a question is a lecture.
    pub(super) lecture_words: usize,
    breaks: Vec<Regex>,
    not_breaking: Vec<Regex>,
    marks: BTreeMap<Mark, Vec<Regex>>,
    /// What a persona says that has no lines of its own.
    pub(super) lines: PersonaLines,
}

impl ClientTables {
    /// Reads and compiles the tables.
    ///
    /// # Errors
    /// [`EngineError::Malformed`] for broken TOML or a table without English, [`EngineError::Rule`] for a pattern that is no regular
    /// expression.
    pub fn parse(path: &str, text: &str) -> Result<Self, EngineError> {
        let file: TablesFile =
            toml::from_str(text).map_err(|error| EngineError::toml(path, &error))?;
        let mut languages = BTreeMap::new();
        for (language, signs) in file.languages {
            let signs = Signs::compiled(path, &language, signs)?;
            languages.insert(language, signs);
        }
        let english = languages.remove("en").ok_or_else(|| EngineError::Malformed {
            file: path.to_owned(),
            message: "has no [languages.en]".to_owned(),
        })?;
        Ok(Self { version: file.version, languages, english })
    }

    /// The phrases of a language; the English ones for one that has none.
    pub fn of(&self, language: &str) -> &Signs {
        let primary = language.split('-').next().unwrap_or(language);
        self.languages.get(primary).unwrap_or(&self.english)
    }
}

impl Signs {
    fn compiled(path: &str, language: &str, file: SignsFile) -> Result<Self, EngineError> {
        let compile = |field: &str, patterns: &[String]| {
            let compiled = patterns.iter().map(|pattern| {
                Regex::new(pattern).map_err(|error| {
                    let field = format!("languages.{language}.{field}");
                    EngineError::rule(path, field, format!("`{pattern}`: {error}"))
                })
            });
            compiled.collect::<Result<Vec<_>, _>>()
        };
        let mut marks = BTreeMap::new();
        for (mark, patterns) in &file.marks {
            marks.insert(*mark, compile(&format!("marks.{}", mark.slug()), patterns)?);
        }
        Ok(Self {
            asks_well: compile("asks_well", &file.asks_well)?,
            lecture_words: file.lecture_words,
            breaks: compile("breaks", &file.breaks)?,
            not_breaking: compile("not_breaking", &file.not_breaking)?,
            marks,
            lines: file.lines,
        })
    }

    /// Whether a reply of the subject asks with care about feelings, safety or what lies behind.
    pub(super) fn asks_well(&self, reply: &str) -> bool {
        any(&self.asks_well, &folded(reply))
    }

    /// Whether whoever plays the client has left the role: says that it is a machine, offers help, or declines to play.
    pub fn breaks_role(&self, words: &str) -> bool {
        let mut text = folded(words);
        for pattern in &self.not_breaking {
            text = pattern.replace_all(&text, " ").into_owned();
        }
        any(&self.breaks, &text)
    }

    /// What a turn of the client is: the marks of its line, or those told by phrases.
    pub fn marks(&self, words: &str, line: Option<&ClientLine>) -> Vec<Mark> {
        if let Some(line) = line {
            return line.marks.clone();
        }
        let text = folded(words);
        let marked = self.marks.iter().filter(|(_, patterns)| any(patterns, &text));
        marked.map(|(mark, _)| *mark).collect()
    }

    /// Whether a turn of the client has this mark by its phrases.
    pub fn has(&self, mark: Mark, words: &str) -> bool {
        self.marks.get(&mark).is_some_and(|patterns| any(patterns, &folded(words)))
    }
}

fn any(patterns: &[Regex], text: &str) -> bool {
    patterns.iter().any(|pattern| pattern.is_match(text))
}
