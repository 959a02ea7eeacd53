//! Where a text names options: by letter or by their words.

use std::collections::HashMap;

use trustmh_core::item::option_index;

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

struct Word<'t> {
    start: usize,
    end: usize,
    text: &'t str,
    folded: String,
}

impl Options {
    /// Options with these texts.
    pub(super) fn new<S: AsRef<str>>(texts: &[S]) -> Self {
        let texts: Vec<Vec<String>> = texts
            .iter()
            .map(|text| words(text.as_ref()).into_iter().map(|w| w.folded).collect())
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
        let label = gap.chars().count() < 6 && !gap.contains(['\n', ',', ';', '/', '。']);
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

struct Letter {
    /// None for a letter that is on no list.
    index: Option<usize>,
    start: usize,
    end: usize,
    bracketed: bool,
    heads_line: bool,
}

fn begins_line(text: &str, at: usize) -> bool {
    text.get(..at)
        .and_then(|before| {
            before
                .chars()
                .rev()
                .find(|c| *c == '\n' || !(c.is_whitespace() || matches!(c, '"' | '\'' | '(' | '[')))
        })
        .is_none_or(|c| c == '\n')
}

fn begins_sentence(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end_matches(' ');
    before.is_empty() || before.ends_with(['\n', '.', ';', '!', '?', '。'])
}

/// Words that only a letter, not an article, can stand before.
const AFTER_LETTER: [&str; 44] = [
    "is", "isn", "was", "because", "since", "as", "for", "would", "wouldn", "will", "can", "could",
    "should", "must", "may", "might", "and", "or", "but", "over", "rather", "instead", "not",
    "nor", "seems", "looks", "appears", "fits", "does", "doesn", "has", "if", "though", "although",
    "while", "then", "comes", "remains", "stands", "matches", "alone", "here", "both", "to",
];

/// Words before a letter that make it an answer.
const BEFORE_LETTER: [&str; 26] = [
    "answer",
    "choice",
    "option",
    "letter",
    "is",
    "choose",
    "pick",
    "select",
    "be",
    "ans",
    "therefore",
    "so",
    "hence",
    "thus",
    "with",
    "for",
    "chose",
    "options",
    "emotion",
    "cause",
    "answers",
    "choices",
    "conclusion",
    "solution",
    "selection",
    "only",
];

/// Words whose letter is a part of their own name.
const NAMES: [&str; 22] = [
    "vitamin",
    "hepatitis",
    "cluster",
    "criterion",
    "criteria",
    "type",
    "plan",
    "group",
    "grade",
    "schedule",
    "axis",
    "stage",
    "class",
    "section",
    "part",
    "appendix",
    "category",
    "bipolar",
    "influenza",
    "blood",
    "dr",
    "mr",
];

fn letter_at(text: &str, words: &[Word], at: usize, options: usize) -> Option<Letter> {
    let word = words.get(at)?;
    let letter =
        word.text.chars().next().filter(|c| c.is_ascii_alphabetic() && word.text.len() == 1)?;
    let before = text.get(..word.start)?;
    let after = text.get(word.end..)?;
    let previous = before.chars().next_back();
    let next = after.chars().next();
    let earlier = at
        .checked_sub(1)
        .and_then(|at| words.get(at))
        .filter(|w| text.get(w.end..word.start).is_some_and(|gap| !gap.contains('\n')));
    let gap = earlier.map_or("", |w| text.get(w.end..word.start).unwrap_or_default());
    let earlier = earlier.map_or("", |w| w.folded.as_str());
    let bracketed =
        previous.zip(next).is_some_and(|pair| {
            matches!(pair, ('(', ')') | ('[', ']') | ('"', '"') | ('\'', '\'') | ('<', '>'))
        }) && !before.get(..before.len() - 1)?.ends_with(|c: char| c.is_ascii_alphanumeric());
    let line_start = begins_line(text, word.start);
    let line_end =
        after.trim_start_matches([' ', '.', ')', ']', '"', '\'', '!', super::dress::BOX_END]);
    let line_end = line_end.is_empty() || line_end.starts_with('\n');
    let cued = BEFORE_LETTER.contains(&earlier)
        || gap.contains([':', '=', '→', super::dress::BOX, super::dress::YES])
        || before.ends_with(super::dress::BOX);
    let cued = cued || previous.is_some_and(|c| is_han(c) || c == super::dress::BOX);
    let heads = matches!(next, Some('.' | ')' | ':' | ']'))
        && !after.get(1..).is_some_and(|t| t.starts_with(|c: char| c.is_ascii_lowercase()));

    // A part of another word, a name, an abbreviation.
    let joined = match next {
        Some('-' | '\'' | '+' | '_' | '&' | '’') => {
            after.get(1..).is_some_and(|t| t.starts_with(|c: char| c.is_ascii_alphanumeric()))
        }
        Some('.') => {
            let following: String =
                after.chars().skip(1).take_while(|c| c.is_ascii_alphabetic()).collect();
            following.len() == 1
        }
        Some(_) | None => false,
    };
    if joined && !bracketed
        || NAMES.contains(&earlier)
        || matches!(previous, Some('\'' | '-' | '.' | '&'))
            && !bracketed
            && !gap.contains(' ')
            && !before.ends_with("->")
            && !line_start
            && !earlier.is_empty()
    {
        return None;
    }
    let following: String = after
        .strip_prefix(' ')
        .unwrap_or_default()
        .chars()
        .take_while(|c| c.is_alphabetic())
        .collect();
    let before_word = !following.is_empty()
        && following.is_ascii()
        && !AFTER_LETTER.contains(&following.to_lowercase().as_str());
    let taken = bracketed
        || (line_start && (line_end || heads))
        || match letter {
            'I' => cued && !before_word && !after.starts_with(','),
            'A' | 'E' | 'O' => !before_word || ["option", "choice", "letter"].contains(&earlier),
            'a' | 'i' | 'e' | 'o' | 'y' => {
                cued && !before_word
                    && (line_end
                        || !following.is_empty()
                        || after.starts_with([',', '.', ';', ')', '。']))
                    && earlier != "for"
            }
            'A'..='Z' => true,
            _ => cued && !["for", "with", "so"].contains(&earlier),
        };
    if !taken {
        return None;
    }
    let index = option_index(letter.to_ascii_uppercase()).filter(|index| *index < options);
    // A small letter that is on no list is no letter of an option.
    if index.is_none() && letter.is_ascii_lowercase() && !cued {
        return None;
    }
    let (start, end) =
        if bracketed { (word.start - 1, word.end + 1) } else { (word.start, word.end) };
    let label = line_start && !bracketed && heads;
    let beyond = after.get(1..).unwrap_or_default().trim_start_matches(' ');
    let word_beyond: String = beyond.chars().take_while(|c| c.is_alphanumeric()).collect();
    let bracketed_label = bracketed
        && matches!(next, Some(')' | ']'))
        && begins_sentence(text, start)
        && !word_beyond.is_empty()
        && !AFTER_LETTER.contains(&word_beyond.to_lowercase().as_str());
    let end = end + usize::from(label);
    Some(Letter { index, start, end, bracketed, heads_line: label || bracketed_label })
}

pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Words of letters and digits; every Chinese sign is a word.
fn words(text: &str) -> Vec<Word<'_>> {
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
