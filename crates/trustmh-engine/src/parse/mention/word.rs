//! Words of a text, and the one spelling under which they are compared.

use super::is_mention;

pub(super) struct Word<'t> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: &'t str,
    pub(super) folded: String,
}

pub(in crate::parse) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Words of letters and digits; every Chinese sign is a word.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut signs = text.char_indices().peekable();
    while let Some((start, c)) = signs.next() {
        if !in_word(c) {
            continue;
        }
        let mut end = start + c.len_utf8();
        while !is_han(c)
            && let Some((at, next)) =
                signs.peek().copied().filter(|(_, next)| in_word(*next) && !is_han(*next))
        {
            end = at + next.len_utf8();
            signs.next();
        }
        let word = text.get(start..end).unwrap_or_default();
        words.push(Word { start, end, text: word, folded: folded(word) });
    }
    words
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() && !is_mention(c)
}

/// Small letters, and one spelling for "-ise" and "-ize", "labelling" and "labeling", "colour" and "color".
fn folded(word: &str) -> String {
    let lower = word.to_lowercase();
    if lower.len() < 5 || !lower.is_ascii() {
        return lower;
    }
    lower.replace('z', "s").replace("ll", "l").replace("our", "or").replace("ae", "e")
}
