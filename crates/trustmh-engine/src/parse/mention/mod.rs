//! Where a text names options: by letter or by their words.

mod letter;
mod word;

use std::collections::HashMap;

use letter::{Letter, begins_line, letter_at};
use word::{Word, words};

const LETTERS: u32 = 0xe000;
const TEXTS: u32 = 0xe100;
/// A letter that is on no list.
pub(super) const OFF: char = '\u{e1f0}';
/// A letter beside the words of another option.
pub(super) const CONFLICT: char = '\u{e1f1}';
/// Several options in one breath.
pub(super) const SEVERAL: char = '\u{e1f2}';

/// The options of one question as the subject saw them, A first.
#[derive(Debug)]
pub(super) struct Options {
    texts: Vec<Vec<String>>,
    by_first_word: HashMap<String, Vec<usize>>,
}

/// What a sign that stands for a mention names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Letter(usize),
    Text(usize),
    /// Several options, one that is not on the list, or a letter with the words of another.
    Undecidable,
}

pub(super) fn named(sign: char) -> Option<Named> {
    let index = |from: u32| usize::try_from(u32::from(sign) - from).ok();
    match u32::from(sign) {
        code if (LETTERS..TEXTS).contains(&code) => index(LETTERS).map(Named::Letter),
        code if (TEXTS..u32::from(OFF)).contains(&code) => index(TEXTS).map(Named::Text),
        _ => [OFF, CONFLICT, SEVERAL].contains(&sign).then_some(Named::Undecidable),
    }
}

pub(super) fn is_mention(c: char) -> bool {
    named(c).is_some()
}

impl Options {
    /// Options with these texts.
    pub(super) fn new<S: AsRef<str>>(texts: &[S]) -> Self {
        let texts: Vec<Vec<String>> = texts
            .iter()
            .map(|text| super::dress::plain_signs(text.as_ref()))
            .map(|text| words(&text).into_iter().map(|w| w.folded).collect())
            .collect();
        let mut by_first_word: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, text) in texts.iter().enumerate() {
            // An option that is but a letter is no text to be found.
            if let Some(first) = text
                .first()
                .filter(|_| text.len() > 1 || text.iter().any(|w| w.chars().count() > 1))
            {
                by_first_word.entry(first.clone()).or_default().push(index);
            }
        }
        Self { texts, by_first_word }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.texts.len()
    }

    /// The only option of which these words are a good part of the beginning.
    pub(super) fn begun_by(&self, text: &str) -> Option<usize> {
        let words: Vec<String> = words(text).into_iter().map(|word| word.folded).collect();
        let mut begun = self.texts.iter().enumerate().filter(|(_, option)| {
            option.starts_with(&words)
                && (words.len() == option.len() || words.len() * 2 >= option.len())
        });
        let (index, _) = begun.next().filter(|_| words.len() > 1)?;
        begun.next().is_none().then_some(index)
    }

    fn text_at(&self, words: &[Word], at: usize) -> Option<(usize, usize)> {
        let candidates = self.by_first_word.get(&words.get(at)?.folded)?;
        let fits = |option: &usize| {
            let text = self.texts.get(*option)?;
            let here = words.get(at..at + text.len())?;
            here.iter()
                .zip(text)
                .all(|(word, wanted)| word.folded == *wanted)
                .then_some((*option, text.len()))
        };
        let longest = candidates.iter().filter_map(fits).max_by_key(|(_, length)| *length)?;
        // Two options with the same words are not told apart by them.
        let same =
            candidates.iter().filter_map(fits).filter(|(_, length)| *length == longest.1).count();
        (same == 1).then_some(longest)
    }

    /// The text in small letters, with a sign in place of every mention of an option.
    pub(super) fn marked(&self, text: &str) -> String {
        let words = words(text);
        let mut marked = String::with_capacity(text.len());
        let (mut index, mut done) = (0, 0);
        while index < words.len() {
            let Some(mention) = self.mention(text, &words, index) else {
                index += 1;
                continue;
            };
            marked.push_str(&text.get(done..mention.start).unwrap_or_default().to_lowercase());
            marked.push(mention.sign);
            if mention.heads_line {
                marked.push(':');
            }
            done = mention.end;
            index = mention.next_word;
        }
        marked.push_str(&text.get(done..).unwrap_or_default().to_lowercase());
        marked
    }

    fn mention(&self, text: &str, words: &[Word], at: usize) -> Option<Mention> {
        if let Some(letter) = letter_at(text, words, at, self.count()) {
            return Some(self.with_text(text, words, at, letter));
        }
        let (option, length) = self.text_at(words, at)?;
        let (first, last) = (words.get(at)?, words.get(at + length - 1)?);
        let after = text.get(last.end..)?;
        let interjection = ["wait", "no", "stop"].contains(&first.folded.as_str()) && length == 1;
        if interjection
            && after.starts_with([',', ':', '!', '.', ' ', '-'])
            && !begins_line(text, first.start)
        {
            return None;
        }
        let mut mention = Mention {
            sign: sign(TEXTS, option),
            start: first.start,
            end: last.end,
            next_word: at + length,
            heads_line: false,
        };
        // "Lithium (B)"
        if after.trim_start().starts_with(['(', '['])
            && let Some(letter) = letter_at(text, words, at + length, self.count())
            && letter.bracketed
        {
            mention.sign =
                if letter.index == Some(option) { sign(LETTERS, option) } else { CONFLICT };
            (mention.end, mention.next_word) = (letter.end, at + length + 1);
        }
        Some(mention)
    }

    /// The letter, together with the option's words where they follow it.
    fn with_text(&self, text: &str, words: &[Word], at: usize, letter: Letter) -> Mention {
        let mut mention = Mention {
            sign: letter.index.map_or(OFF, |index| sign(LETTERS, index)),
            start: letter.start,
            end: letter.end,
            next_word: at + 1,
            heads_line: letter.heads_line,
        };
        let Some((option, length)) = self.text_at(words, at + 1) else { return mention };
        let (Some(first), Some(last)) = (words.get(at + 1), words.get(at + length)) else {
            return mention;
        };
        let gap = text.get(letter.end..first.start).unwrap_or_default();
        let comma = gap.contains(',') && letter.index != Some(option);
        let label = gap.chars().count() < 6 && !comma && !gap.contains(['\n', ';', '/', '。']);
        if !label {
            return mention;
        }
        if letter.index == Some(option) {
            (mention.end, mention.next_word) = (last.end, at + 1 + length);
            if gap.trim_start().starts_with(['(', '[', '"'])
                && text.get(last.end..).is_some_and(|t| t.starts_with([')', ']', '"']))
            {
                mention.end += 1;
            }
        } else if text
            .get(last.end..)
            .is_some_and(|after| after.is_empty() || after.starts_with(['\n', '.', ')', '"']))
        {
            mention.sign = CONFLICT;
            (mention.end, mention.next_word) = (last.end, at + 1 + length);
        }
        mention
    }
}

fn sign(from: u32, index: usize) -> char {
    u32::try_from(index)
        .ok()
        .filter(|index| *index < 0x80)
        .and_then(|index| char::from_u32(from + index))
        .unwrap_or(OFF)
}

struct Mention {
    sign: char,
    start: usize,
    end: usize,
    next_word: usize,
    heads_line: bool,
}
