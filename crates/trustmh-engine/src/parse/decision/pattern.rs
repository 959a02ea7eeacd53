//! Patterns of decisions, of which a sentence is tried with many.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Force;
use crate::parse::sound;

/// A pattern, compiled where it is first used.
pub(super) type Pattern = LazyLock<Regex>;

/// Words that decide, and with what force.
pub(super) struct Cue {
    pub(super) force: Force,
    pub(super) pattern: Regex,
}

/// The patterns, ready to use.
pub(super) fn cues(patterns: Vec<(Force, String)>) -> Vec<Cue> {
    let cue = |(force, pattern): (Force, String)| Cue { force, pattern: compiled(&pattern) };
    patterns.into_iter().map(cue).collect()
}

/// The text with every match replaced.
pub(super) fn replaced(
    pattern: &Pattern,
    text: &str,
    with: impl Fn(&Captures) -> String,
) -> String {
    pattern.replace_all(text, |found: &Captures| with(found)).into_owned()
}

/// The pattern, with words, digits and blanks those of ASCII, as everywhere else among the parsers. The `regex` crate tells in one
/// pass that a pattern is not there, which is what most answer to most sentences.
pub(super) fn compiled(pattern: &str) -> Regex {
    sound(Regex::new(&in_ascii(pattern)))
}

fn in_ascii(pattern: &str) -> String {
    let mut ascii = String::with_capacity(pattern.len() + 64);
    let mut signs = pattern.chars();
    let mut in_class = false;
    while let Some(c) = signs.next() {
        if c != '\\' {
            in_class = match c {
                '[' => true,
                ']' => false,
                _ => in_class,
            };
            ascii.push(c);
            continue;
        }
        match (signs.next(), in_class) {
            (Some('b'), false) => ascii.push_str(r"(?-u:\b)"),
            (Some('w'), false) => ascii.push_str("[0-9A-Za-z_]"),
            (Some('w'), true) => ascii.push_str("0-9A-Za-z_"),
            (Some('W'), false) => ascii.push_str("[^0-9A-Za-z_]"),
            (Some('d'), false) => ascii.push_str("[0-9]"),
            (Some('d'), true) => ascii.push_str("0-9"),
            (Some('s'), false) => ascii.push_str(r"[\t-\r ]"),
            (Some('s'), true) => ascii.push_str(r"\t-\r "),
            (Some('S'), false) => ascii.push_str(r"[^\t-\r ]"),
            (Some(other), _) => ascii.extend(['\\', other]),
            (None, _) => ascii.push('\\'),
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::compiled;

    #[test]
    fn words_and_blanks_are_those_of_ascii() {
        let found = |pattern: &str, text: &str| compiled(pattern).is_match(text);
        assert!(found(r"\bB\b", "选B项"));
        assert!(!found(r"\w", "选项"));
        assert!(found(r"^\W+$", "选项"));
        assert!(!found(r"[\s\d]", "\u{a0}\u{ff11}"));
        assert!(found(r"^[\w\s]+\S$", "a 1\t_选"));
    }
}
