//! Letters that stand for options, told apart from articles, pronouns, initials and names.

use trustmh_core::item::option_index;

use super::super::dress::{BOX, BOX_END, YES};
use super::word::{Word, is_han};

pub(super) struct Letter {
    /// None for a letter that is on no list.
    pub(super) index: Option<usize>,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) bracketed: bool,
    pub(super) heads_line: bool,
}

pub(super) fn begins_line(text: &str, at: usize) -> bool {
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
const AFTER_LETTER: [&str; 45] = [
    "is", "isn", "was", "because", "since", "as", "for", "would", "wouldn", "will", "can", "could",
    "should", "must", "may", "might", "and", "or", "but", "over", "rather", "instead", "not",
    "nor", "seems", "looks", "appears", "fits", "does", "doesn", "has", "if", "though", "although",
    "while", "then", "comes", "it", "remains", "stands", "matches", "alone", "here", "both", "to",
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

pub(super) fn letter_at(text: &str, words: &[Word], at: usize, options: usize) -> Option<Letter> {
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
    let said = earlier.map_or("", |w| w.text);
    let earlier = earlier.map_or("", |w| w.folded.as_str());
    let bracketed =
        previous.zip(next).is_some_and(|pair| {
            matches!(pair, ('(', ')') | ('[', ']') | ('"', '"') | ('\'', '\'') | ('<', '>'))
        }) && !before.get(..before.len() - 1)?.ends_with(|c: char| c.is_ascii_alphanumeric());
    let line_start = begins_line(text, word.start);
    let line_end = after.trim_start_matches([' ', '.', ')', ']', '"', '\'', '!', BOX_END]);
    let line_end = line_end.is_empty() || line_end.starts_with('\n');
    let cued = BEFORE_LETTER.contains(&earlier)
        || gap.contains([':', '=', '→', BOX, YES])
        || before.ends_with(BOX);
    let cued = cued || previous.is_some_and(|c| is_han(c) || c == BOX);
    let listed_word = after.starts_with('、')
        && words.get(at + 1).is_some_and(|w| w.text.len() > 1 || w.text.chars().any(is_han));
    let heads = listed_word
        || matches!(next, Some('.' | ')' | ':' | ']'))
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
    // "A yes, B no"
    let called = ["yes", "no", "right", "wrong", "correct", "incorrect", "true", "false"]
        .iter()
        .find_map(|word| after.get(1..)?.strip_prefix(word))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([',', ';', '.', '\n']));
    let before_word = !following.is_empty()
        && !called
        && following.is_ascii()
        && !AFTER_LETTER.contains(&following.to_lowercase().as_str());
    // A capital in the middle of a sentence is no article: "only A helps".
    let in_midsentence = [" ", ", "].contains(&gap)
        && (earlier == "only" || said.len() > 1 && said.chars().all(|c| c.is_ascii_lowercase()));
    let taken = bracketed
        || (line_start && (line_end || heads))
        || match letter {
            'I' if following == "is" => true,
            'I' => {
                let pronoun = !following.is_empty()
                    && !["is", "because", "since", "as", "and", "or"].contains(&following.as_str());
                cued && !pronoun && !gap.contains(',') && !after.starts_with(',')
            }
            'A' | 'E' | 'O' => {
                !before_word || in_midsentence || ["option", "choice", "letter"].contains(&earlier)
            }
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
    let end = if label { end + next.map_or(0, char::len_utf8) } else { end };
    Some(Letter { index, start, end, bracketed, heads_line: label || bracketed_label })
}
