//! What Inspect's own scorer read in a reply.

use serde::Deserialize;
use serde_json::Value;

use trustmh_core::item::{option_index, option_letter};

use super::sample::Sample;

/// Scorers of Inspect that record the letter they read, and nothing where they read none.
const READERS: [&str; 3] = ["choice", "answer", "pattern"];

#[derive(Debug, Deserialize)]
pub(super) struct Score {
    #[serde(default)]
    value: Value,
    #[serde(default)]
    answer: Value,
}

/// What a log says of how Inspect read a sample's reply.
#[derive(Debug, PartialEq)]
pub(super) enum Reading {
    /// The letter that its scorer read; none where it read none, or several.
    Answer(Option<char>),
    /// There are scores, but none tells which choice was read.
    Unfit,
    /// There are no scores.
    None,
}

/// Whether a score says right or wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grade {
    Right,
    Wrong,
}

impl Sample {
    /// The first reading that fits its own grade, the scorer of choices first.
    pub(super) fn reading(&self, key: char, options: usize) -> Reading {
        let named = self.scores.iter().flatten().map(|(name, score)| (name.as_str(), score));
        let named: Vec<_> = named.chain(self.score.iter().map(|score| ("", score))).collect();
        let is_choice = |(name, _): &&(&str, &Score)| *name == READERS[0];
        let first = named.iter().filter(is_choice);
        let rest = named.iter().filter(|pair| !is_choice(pair));
        let mut read = first.chain(rest).filter_map(|(name, score)| score.read(name, key, options));
        match read.next() {
            Some(letter) => Reading::Answer(letter),
            None if named.is_empty() => Reading::None,
            None => Reading::Unfit,
        }
    }

    /// Whether Inspect's scorer of choices counts the sample as right.
    pub(super) fn is_right(&self) -> bool {
        let scores = self.scores.iter().flatten().map(|(_, score)| score).chain(&self.score);
        scores.map(Score::grade).any(|grade| grade == Some(Grade::Right))
    }
}

impl Score {
    /// The letter read, none where none was; nothing where the score does not tell.
    fn read(&self, scorer: &str, key: char, options: usize) -> Option<Option<char>> {
        let grade = self.grade()?;
        let answer = self.answer.as_str().unwrap_or_default().trim();
        let letters: Option<Vec<char>> = answer
            .split([',', ' '])
            .filter(|part| !part.is_empty())
            .map(|part| letter(part, options))
            .collect();
        match (letters.as_deref(), grade) {
            (Some([only]), Grade::Right) => (*only == key).then_some(Some(*only)),
            (Some([only]), Grade::Wrong) => (*only != key).then_some(Some(*only)),
            // Several choices where one is right, or none.
            (Some([_, ..]), Grade::Wrong) => Some(None),
            (Some([]), Grade::Wrong) => READERS.contains(&scorer).then_some(None),
            (Some(_) | None, _) => None,
        }
    }

    /// The values that Inspect takes for 1 and 0; parts of a point and what was not scored are neither.
    fn grade(&self) -> Option<Grade> {
        match &self.value {
            Value::String(word) => match word.as_str() {
                "C" => Some(Grade::Right),
                "I" | "N" => Some(Grade::Wrong),
                _ => None,
            },
            Value::Bool(right) => Some(if *right { Grade::Right } else { Grade::Wrong }),
            Value::Number(number) => match number.as_f64() {
                Some(1.0) => Some(Grade::Right),
                Some(0.0) => Some(Grade::Wrong),
                _ => None,
            },
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

fn letter(part: &str, options: usize) -> Option<char> {
    let mut signs = part.chars();
    let (Some(only), None) = (signs.next(), signs.next()) else { return None };
    let letter = only.to_ascii_uppercase();
    let index = option_index(letter).filter(|index| *index < options)?;
    option_letter(index)
}
