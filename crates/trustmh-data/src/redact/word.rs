//! The words of a text in letters other than Chinese characters.

use std::ops::Range;

use super::gap::Gap;

/// A word and what stands around it.
#[derive(Debug, Clone)]
pub(super) struct Word<'t> {
    /// As it is written, without a genitive's ending.
    pub(super) text: &'t str,
    /// In lower case, with straight apostrophes and with its ending.
    pub(super) folded: String,
    /// Where `text` stands.
    pub(super) range: Range<usize>,
    /// What stands before it.
    pub(super) before: Gap,
    /// What stands behind it.
    pub(super) after: Gap,
}

impl Word<'_> {
    /// Whether it is of letters alone, as names are; apostrophes and hyphens inside aside.
    pub(super) fn is_of_letters(&self) -> bool {
        self.text.chars().all(|letter| letter.is_alphabetic() || is_joint(letter))
    }

    /// Whether it has a genitive's ending.
    pub(super) fn is_genitive(&self) -> bool {
        self.folded.ends_with("'s")
    }

    /// Whether it begins with a capital.
    pub(super) fn is_capitalised(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }

    /// Whether it begins with two capitals, as abbreviations and words in capitals do.
    pub(super) fn is_shouted(&self) -> bool {
        self.text.chars().take(2).filter(|letter| letter.is_uppercase()).count() == 2
    }

    /// In lower case, without an ending.
    pub(super) fn stem(&self) -> String {
        fold(self.text)
    }
}

/// Whether a character is a Chinese one.
pub(super) const fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

const fn is_joint(letter: char) -> bool {
    matches!(letter, '\'' | '’' | '-')
}

fn is_of_words(letter: char) -> bool {
    (letter.is_alphanumeric() || letter == '_') && !is_han(letter)
}

pub(super) fn fold(text: &str) -> String {
    text.to_lowercase().replace('’', "'")
}

/// The words of a text, in order.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let ranges = ranges(text);
    let gap = |start: usize, end: usize| Gap::of(text.get(start..end).unwrap_or_default());
    let place = |word: Option<&Range<usize>>| word.cloned();
    let mut words = Vec::with_capacity(ranges.len());
    for (nth, range) in ranges.iter().enumerate() {
        let before = match nth.checked_sub(1).and_then(|last| place(ranges.get(last))) {
            Some(last) => gap(last.end, range.start),
            None => edge(gap(0, range.start)),
        };
        let after = match place(ranges.get(nth + 1)) {
            Some(next) => gap(range.end, next.start),
            None => edge(gap(range.end, text.len())),
        };
        let whole = text.get(range.clone()).unwrap_or_default();
        let bare = ["'s", "’s", "'S"].iter().find_map(|ending| whole.strip_suffix(ending));
        let bare = bare.unwrap_or(whole);
        words.push(Word {
            text: bare,
            folded: fold(whole),
            range: range.start..range.start + bare.len(),
            before,
            after,
        });
    }
    words
}

/// A text's own beginning and end part lines.
const fn edge(gap: Gap) -> Gap {
    match gap {
        Gap::Blank | Gap::Line => Gap::Line,
        Gap::Comma | Gap::Colon | Gap::Dot | Gap::Stop | Gap::Dash | Gap::Wall | Gap::Other => gap,
    }
}

fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut open: Option<Range<usize>> = None;
    for (place, letter) in text.char_indices() {
        let end = place + letter.len_utf8();
        match &mut open {
            // A joint is part of a word only if a letter follows at once.
            Some(word) if is_of_words(letter) && joins(text, word.end, place) => word.end = end,
            _ if is_of_words(letter) => {
                ranges.extend(open.take());
                open = Some(place..end);
            }
            Some(word) if is_joint(letter) && word.end == place => {}
            _ => ranges.extend(open.take()),
        }
    }
    ranges.extend(open);
    ranges
}

/// Whether between the end of a word and a letter there is nothing, or a single joint.
fn joins(text: &str, end: usize, place: usize) -> bool {
    let mut between = text.get(end..place).unwrap_or_default().chars();
    match (between.next(), between.next()) {
        (None, _) => true,
        (Some(joint), None) => is_joint(joint),
        (Some(_), Some(_)) => false,
    }
}
