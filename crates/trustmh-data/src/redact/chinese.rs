//! Names in Chinese sentences: a surname and one or two characters, or a familiar form, where something says that a person is named.

mod cue;
mod form;

use std::collections::HashSet;
use std::ops::Range;

use super::heard::Heard;
use super::tables::{ChineseTables, listed};
use super::word::is_han;

/// The most characters of a name that is remembered.
const LONGEST: usize = 4;

/// What names are known by.
#[derive(Debug)]
pub(super) struct Chinese {
    /// Phrases behind which any name stands: "my name is".
    introductions: Vec<Vec<char>>,
    /// Phrases behind which a name or a request stands: "call me".
    nicknames: Vec<Vec<char>>,
    /// Phrases behind which people say who or what they are.
    claims: Vec<Vec<char>>,
    /// Who people are to the writer.
    persons: HashSet<String>,
    /// What stands behind a surname.
    titles: HashSet<String>,
    double_surnames: HashSet<String>,
    surnames: HashSet<char>,
    /// Surnames that begin many words.
    rare_surnames: HashSet<char>,
    /// Characters that given names are made of.
    given: HashSet<char>,
    /// Given names of other languages.
    transliterated: HashSet<String>,
    /// Characters that go on behind a name, and do not belong to one.
    after: HashSet<char>,
    /// Characters such as "with", behind which people are named.
    company: HashSet<char>,
    /// Characters that say what people do.
    acts: HashSet<char>,
    /// Words that look like names.
    words: HashSet<String>,
}

/// The characters of one text with the rules.
struct Page<'r> {
    rules: &'r Chinese,
    letters: Vec<char>,
}

impl Chinese {
    pub(super) fn of(tables: ChineseTables) -> Self {
        let phrases = |list: &[String]| list.iter().map(|text| text.chars().collect()).collect();
        let letters = |text: &str| text.chars().filter(|letter| is_han(*letter)).collect();
        Self {
            introductions: phrases(&tables.introductions),
            nicknames: phrases(&tables.nicknames),
            claims: phrases(&tables.claims),
            persons: listed(&tables.persons),
            titles: listed(&tables.titles),
            double_surnames: listed(&tables.double_surnames),
            surnames: letters(&tables.surnames),
            rare_surnames: letters(&tables.rare_surnames),
            given: letters(&tables.given),
            transliterated: listed(&tables.transliterated),
            after: letters(&tables.after),
            company: letters(&tables.company),
            acts: letters(&tables.acts),
            words: listed(&tables.words),
        }
    }

    /// Where names stand. Those of two characters or more are heard, and found wherever else they stand.
    pub(super) fn find(&self, text: &str, heard: &mut Heard) -> Vec<Range<usize>> {
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
        let page = Page { rules: self, letters: text.chars().collect() };
        let byte = |place: usize| places.get(place).copied().unwrap_or(text.len());
        let mut found = Vec::new();
        let mut place = 0;
        while place < page.letters.len() {
            let count = page.name(place);
            if count > 0 {
                found.push(byte(place)..byte(place + count));
                page.hear(place, count, heard);
            }
            place += count.max(1);
        }
        if !heard.is_empty() {
            for place in 0..page.letters.len() {
                let known =
                    (2..=LONGEST).rev().find(|count| heard.knows(&page.text(place, *count)));
                found.extend(known.map(|count| byte(place)..byte(place + count)));
            }
        }
        found
    }
}

impl Page<'_> {
    fn letter(&self, place: usize) -> Option<char> {
        self.letters.get(place).copied()
    }

    /// So many characters from a place on, or fewer at the end.
    fn text(&self, place: usize, count: usize) -> String {
        self.letters.iter().skip(place).take(count).collect()
    }

    /// So many characters before a place, or fewer at the beginning.
    fn before(&self, place: usize, count: usize) -> String {
        let start = place.saturating_sub(count);
        self.text(start, place - start)
    }

    /// Remembers a whole name, and the given part of one.
    fn hear(&self, place: usize, count: usize, heard: &mut Heard) {
        let name = self.text(place, count);
        if count >= 2 && !self.rules.words.contains(&name) {
            heard.note(&name);
        }
        let given = self.text(place + 1, 2);
        let has_given =
            count == 3 && self.rules.surnames.contains(&self.letter(place).unwrap_or(' '));
        if has_given && !self.rules.words.contains(&given) {
            heard.note(&given);
        }
    }

    /// Whether a character ends what stands before it: a mark, a blank, a character of another script.
    fn is_edge(&self, place: usize) -> bool {
        self.letter(place).is_none_or(|letter| !is_han(letter))
    }

    /// Whether a place begins a sentence or a part of one.
    fn opens(&self, place: usize) -> bool {
        place.checked_sub(1).is_none_or(|last| self.is_edge(last))
    }

    /// Whether a name that ends before this place may end there.
    fn closes(&self, place: usize) -> bool {
        self.letter(place)
            .is_none_or(|letter| !is_han(letter) || self.rules.after.contains(&letter))
    }
}
