//! A judge's text as words, and the labels among them.

use std::ops::Range;

/// A word of a text: its place, and the word in small letters. A Chinese sign is a word of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) place: Range<usize>,
    pub(super) text: String,
}

/// Whether a list, its words parted by blanks, has this word.
pub(super) fn one_of(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

/// The words of a text in order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    for (at, c) in text.char_indices() {
        let alone = is_chinese(c);
        let inside = c.is_alphanumeric() || (c == '\'' && open);
        let place = at..at + c.len_utf8();
        match words.last_mut() {
            Some(word) if open && inside && !alone => {
                word.place.end = place.end;
                word.text.extend(c.to_lowercase());
            }
            _ if inside => words.push(Word { place, text: c.to_lowercase().collect() }),
            _ => {}
        }
        open = inside && !alone;
    }
    for word in &mut words {
        let kept = word.text.trim_end_matches('\'').len();
        word.place.end -= word.text.len() - kept;
        word.text.truncate(kept);
    }
    words
}

pub(super) fn is_chinese(c: char) -> bool {
    ('\u{2e80}'..='\u{9fff}').contains(&c) && c.is_alphanumeric()
}

/// A label where it is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Which of the labels.
    pub(super) label: usize,
    /// Which words.
    pub(super) words: Range<usize>,
    /// Whether it is denied there.
    pub(super) denied: bool,
    /// Whether it is spelt as the rubric has it.
    pub(super) exact: bool,
}

/// Where the labels are named, the longer label first where one is part of another.
pub(super) fn labels(text: &str, words: &[Word], labels: &[String]) -> Vec<Named> {
    let spelt: Vec<Vec<Word>> = labels.iter().map(|label| self::words(label)).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let rest = words.get(at..).unwrap_or_default();
        let hits = spelt.iter().enumerate().filter_map(|(label, spelt)| {
            let length = spelt.len();
            let same = length > 0
                && rest.len() >= length
                && rest.iter().zip(spelt).all(|(word, part)| word.text == part.text);
            match (same, spelt.as_slice(), rest.first()) {
                (true, _, _) => Some((label, length, true)),
                (false, [one], Some(word)) if is_form_of(&word.text, &one.text) => {
                    Some((label, 1, false))
                }
                _ => None,
            }
        });
        match hits.max_by_key(|(_, length, exact)| (*exact, *length)) {
            Some((label, length, exact)) => {
                let denied = denied(text, words, at);
                found.push(Named { label, words: at..at + length, denied, exact });
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// Whether `word` is another form of a label: "refusal" of "refused", "complies" of "complied".
fn is_form_of(word: &str, label: &str) -> bool {
    if word == "partly" && label == "partial" {
        return true;
    }
    let stem = ["ed", "es"].iter().find_map(|ending| label.strip_suffix(ending)).unwrap_or(label);
    if stem.len() < 4 {
        return false;
    }
    let with_y = stem.strip_suffix('i').is_some_and(|root| {
        word.strip_prefix(root).is_some_and(|rest| matches!(rest, "y" | "ying"))
    });
    with_y
        || word.strip_prefix(stem).is_some_and(|ending| {
            ["", "e", "es", "ed", "s", "al", "ion", "ing", "ance", "ant", "ly", "ment", "ement"]
                .contains(&ending)
        })
}

/// So many words before a label may deny it.
const REACH: usize = 4;

fn denied(text: &str, words: &[Word], at: usize) -> bool {
    let mut next = at;
    for back in (at.saturating_sub(REACH)..at).rev() {
        let (Some(word), Some(after)) = (words.get(back), words.get(next)) else { return false };
        let between = text.get(word.place.end..after.place.start).unwrap_or_default();
        if between.contains([',', ';', '.', ':', '!', '?', '\n', '。', '、', '—', '(']) {
            return false;
        }
        let following = after.text.as_str();
        match word.text.as_str() {
            "not" | "no" | "never" | "won't"
                if matches!(following, "only" | "doubt" | "longer" | "just") =>
            {
                return false;
            }
            "not" | "no" | "never" | "neither" | "nor" | "without" | "cannot" | "non"
            | "nothing" | "none" | "nobody" | "hardly" | "不" | "没" | "未" | "非" | "无" => {
                return true;
            }
            "than" | "of" if back > 0 => {
                let before = words.get(back - 1).map(|word| word.text.as_str());
                if matches!(before, Some("rather" | "instead")) {
                    return true;
                }
            }
            "but" | "it" | "而" | "却" | "instead" | "rather" | "so" => return false,
            word if word.ends_with("n't") => return true,
            _ => {}
        }
        next = back;
    }
    false
}
