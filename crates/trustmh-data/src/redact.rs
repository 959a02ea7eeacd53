//! Redaction by rule: names, numbers, addresses, mail, links, handles and dates of birth give way to placeholders such as `[NAME]`.
//!
//! The tables are data (`benchmark/redaction.toml`). Rules read no meaning: what they find and what they miss is measured in
//! docs/redaction.md. Crisis lines and emergency numbers stay, or nobody could tell whether a reply refers to help.

mod chinese;
mod english;
mod gap;
mod heard;
mod kind;
mod number;
mod pattern;
mod tables;
mod talk;
mod wall;
mod word;

pub use kind::{Counts, Kind};
pub use talk::TalkRedactor;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use crate::error::DataError;
use chinese::Chinese;
use english::English;
use heard::Heard;
use number::Numbers;
use pattern::Patterns;
use tables::Tables;

const EMBEDDED: &str = include_str!("../../../benchmark/redaction.toml");
const FILE: &str = "redaction.toml";

/// So often a text is searched at most: what was replaced may set free what stood beside it, and redaction of a redacted text finds nothing.
const PASSES: usize = 8;

/// A stretch of a text that has to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Where it stands, in bytes of the text.
    pub range: Range<usize>,
}

/// A text without what had to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted<'t> {
    /// The text with placeholders; borrowed if nothing had to go.
    pub text: Cow<'t, str>,
    /// How many placeholders were put in, by kind.
    pub counts: Counts,
}

/// The rules, compiled.
#[derive(Debug)]
pub struct Redactor {
    version: u32,
    patterns: Patterns,
    numbers: Numbers,
    english: English,
    chinese: Chinese,
}

impl Redactor {
    /// The rules that are built in, compiled when they are first needed.
    #[expect(clippy::expect_used, reason = "the text is a constant; a test reads it")]
    pub fn built_in() -> &'static Self {
        static RULES: LazyLock<Redactor> =
            LazyLock::new(|| Redactor::parse(EMBEDDED).expect("benchmark/redaction.toml is sound"));
        &RULES
    }

    /// Reads tables in the form of `benchmark/redaction.toml`.
    ///
    /// # Errors
    /// [`DataError::Malformed`] for broken TOML, unknown fields and patterns that are no regular expressions.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let tables = Tables::parse(FILE, text)?;
        Ok(Self {
            version: tables.version,
            patterns: Patterns::compiled(FILE, &tables)?,
            numbers: Numbers::of(tables.numbers),
            english: English::of(tables.english),
            chinese: Chinese::of(tables.chinese),
        })
    }

    /// The version of the tables, raised whenever they change.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The text with a placeholder for each thing that has to go. Placeholders that it holds already stay and are not counted.
    pub fn redact<'t>(&self, text: &'t str) -> Redacted<'t> {
        replaced(text, &self.findings(text))
    }

    /// What has to go, in the order of the text; no two overlap.
    pub fn findings(&self, text: &str) -> Vec<Finding> {
        let mut walls = wall::placeholders(text);
        let mut findings = Vec::new();
        let mut heard = Heard::default();
        for _ in 0..PASSES {
            let new = self.pass(&wall::masked(text, &mut walls), &mut heard);
            if new.is_empty() {
                break;
            }
            walls.extend(new.iter().map(|finding| finding.range.clone()));
            findings.extend(new);
        }
        findings.sort_by_key(|finding| finding.range.start);
        findings
    }

    /// What one search finds. `heard` are the names found so far.
    fn pass(&self, text: &str, heard: &mut Heard) -> Vec<Finding> {
        let mut found = self.patterns.find(text);
        found.extend(self.numbers.find(text));
        let mut names = self.english.find(text, heard);
        names.extend(self.chinese.find(text, heard));
        found.extend(names.into_iter().map(|range| Finding { kind: Kind::Name, range }));
        merged(found)
    }
}

/// The text with placeholders for findings in the order of the text, of which none overlap.
fn replaced<'t>(text: &'t str, findings: &[Finding]) -> Redacted<'t> {
    let mut counts = Counts::default();
    if findings.is_empty() {
        return Redacted { text: Cow::Borrowed(text), counts };
    }
    let mut redacted = String::with_capacity(text.len());
    let mut done = 0;
    for finding in findings {
        redacted.push_str(text.get(done..finding.range.start).unwrap_or_default());
        redacted.push_str(finding.kind.placeholder());
        counts.add(finding.kind, 1);
        done = finding.range.end;
    }
    redacted.push_str(text.get(done..).unwrap_or_default());
    Redacted { text: Cow::Owned(redacted), counts }
}

/// Findings of which none overlap: those that do are one, of the kind that comes first.
fn merged(mut found: Vec<Finding>) -> Vec<Finding> {
    found.retain(|finding| !finding.range.is_empty());
    found.sort_by_key(|finding| finding.range.start);
    let mut apart: Vec<Finding> = Vec::new();
    for next in found {
        match apart.last_mut() {
            Some(last) if next.range.start < last.range.end => {
                last.range.end = last.range.end.max(next.range.end);
                last.kind = last.kind.min(next.kind);
            }
            _ => apart.push(next),
        }
    }
    apart
}

#[cfg(test)]
mod tests;
