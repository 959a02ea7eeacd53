//! Dilemmas as EthicMH and records made with it tell them.

use std::collections::BTreeMap;

use trustmh_core::id::ItemId;
use trustmh_core::item::{Dilemma, Item, ItemContent, option_index, option_letter};

use crate::error::{DataError, Place};
use crate::slug::slug;

/// The texts of one dilemma, as a file has them.
pub(crate) struct DilemmaTexts {
    pub(crate) theme: String,
    pub(crate) scenario: String,
    pub(crate) options: String,
    pub(crate) task: String,
    pub(crate) key: String,
    pub(crate) watch_for: String,
}

impl DilemmaTexts {
    /// The item number `index`.
    pub(crate) fn item(self, index: u32, place: &Place) -> Result<Item, DataError> {
        let options = options(&self.options).ok_or_else(|| {
            let expected = "lines that begin with `A.`, `B.` and so on";
            DataError::value(place.clone(), "options", &self.options, expected)
        })?;
        let key = key(&self.key, options.len()).ok_or_else(|| {
            let last = option_letter(options.len() - 1).unwrap_or('Z');
            let expected = format!("one letter from A to {last}");
            DataError::value(place.clone(), "expected_reasoning", &self.key, expected)
        })?;
        Ok(Item {
            id: ItemId::new(format!("ethicmh-{index:03}")),
            language: "en".to_owned(),
            tags: BTreeMap::from([("theme".to_owned(), slug(&self.theme))]),
            content: ItemContent::Dilemma(Dilemma {
                scenario: self.scenario,
                options,
                key,
                task: self.task,
                watch_for: self.watch_for,
            }),
        })
    }
}

/// Splits lettered lines; a line without the next letter goes on with the option before it.
fn options(text: &str) -> Option<Vec<String>> {
    let mut options: Vec<String> = Vec::new();
    for line in text.lines() {
        let next = option_letter(options.len())
            .and_then(|letter| line.strip_prefix(letter)?.strip_prefix('.'));
        match (next, options.last_mut()) {
            (Some(option), _) => options.push(option.to_owned()),
            (None, Some(last)) => {
                last.push('\n');
                last.push_str(line);
            }
            (None, None) => return None,
        }
    }
    (!options.is_empty()).then_some(options)
}

fn key(text: &str, options: usize) -> Option<char> {
    let mut letters = text.trim().chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => {
            option_index(letter).filter(|index| *index < options).map(|_| letter)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_lose_their_letters_and_keep_their_lines() {
        assert_eq!(
            options("A.one\nB. two\r\nmore\nC.three").unwrap(),
            ["one", " two\nmore", "three"]
        );
        assert_eq!(options("A.A.D. wins\nD.odd").unwrap(), ["A.D. wins\nD.odd"]);
        assert_eq!(options("one\nA.two"), None);
        assert_eq!(options(""), None);
    }

    #[test]
    fn keys_must_be_letters_of_an_option() {
        assert_eq!(key(" B ", 2), Some('B'));
        for wrong in ["C", "b", "", "AB", "\u{416}"] {
            assert_eq!(key(wrong, 2), None, "{wrong}");
        }
    }
}
