//! What the signs of a tolerantly read object are: blanks and comments, quotes, keys, and where a value may end.
//! Each looks only a bounded way ahead, so that a reader that asks at every quote stays linear.

/// Where a value stands; this decides what may follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Object,
    List,
}

/// How the text of a key or string is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quote {
    closing: &'static str,
    /// The opening's length in bytes.
    pub(super) opening: usize,
}

// Further than this a comment or a key is not followed.
const COMMENT: usize = 400;
const BLANK: usize = 4000;
const KEY: usize = 80;

/// Blanks of every script, and signs that cannot be seen.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{00ad}')
}

pub(super) fn is_comma(c: char) -> bool {
    matches!(c, ',' | ';' | '，' | '、' | '；')
}

pub(super) fn opens_object(c: char) -> bool {
    matches!(c, '{' | '｛')
}

pub(super) fn closes_object(c: char) -> bool {
    matches!(c, '}' | '｝')
}

pub(super) fn opens_list(c: char) -> bool {
    matches!(c, '[' | '［')
}

pub(super) fn closes_list(c: char) -> bool {
    matches!(c, ']' | '］')
}

pub(super) fn rest(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

pub(super) fn char_at(text: &str, at: usize) -> Option<char> {
    rest(text, at).chars().next()
}

/// The place of the next sign that is neither blank nor comment.
pub(super) fn after_blanks(text: &str, from: usize) -> usize {
    let mut at = from;
    while at - from < BLANK {
        let here = rest(text, at);
        let blank = here.find(|c| !is_blank(c)).unwrap_or(here.len());
        let comment = comment_length(here.get(blank..).unwrap_or_default());
        at += blank + comment;
        if comment == 0 {
            break;
        }
    }
    at
}

/// The length of the comment that begins here, 0 where none does.
pub(super) fn comment_length(here: &str) -> usize {
    let ending = if here.starts_with("//") || here.starts_with('#') {
        "\n"
    } else if here.starts_with("/*") {
        "*/"
    } else {
        return 0;
    };
    let shown = clipped(here, COMMENT);
    match shown.find(ending) {
        Some(end) => end + ending.len(),
        None if shown.len() == here.len() => here.len(),
        None => 0,
    }
}

/// The text's first `bytes` bytes, or a few less where a sign would be cut.
fn clipped(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The quote that opens here.
pub(super) fn quote_at(text: &str, at: usize) -> Option<Quote> {
    let here = rest(text, at);
    if here.starts_with("\\\"") {
        return Some(Quote { closing: "\\", opening: 2 });
    }
    let opening = here.chars().next()?;
    let closing = match opening {
        '"' | '＂' => "\"”“＂",
        '“' | '”' | '„' => "”“\"",
        '\'' => "'’",
        '‘' | '’' => "’'",
        '`' if !here.starts_with("```") => "`",
        '「' => "」",
        '『' => "』",
        '«' => "»",
        '»' => "«",
        _ => return None,
    };
    Some(Quote { closing, opening: opening.len_utf8() })
}

impl Quote {
    /// The length of this quote's closing sign where one stands, else 0.
    pub(super) fn closing_length(self, text: &str, at: usize) -> usize {
        match char_at(text, at) {
            Some('\\') if self.closing == "\\" && rest(text, at).starts_with("\\\"") => 2,
            Some(c) if c != '\\' && self.closing.contains(c) => c.len_utf8(),
            Some(_) | None => 0,
        }
    }

    /// Whether a backslash makes the next sign an ordinary one.
    pub(super) fn escapes(self) -> bool {
        self.closing != "\\"
    }
}

/// How a key without quotes may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BareKey {
    /// Not at all.
    No,
    /// One word of some length, so that "B:" in a sentence is none.
    Word,
    /// Any words.
    Words,
}

/// The key that stands here with its colon, and the place after the colon.
pub(super) fn key_at(text: &str, at: usize, bare: BareKey) -> Option<(&str, usize)> {
    let (key, after) = match quote_at(text, at) {
        Some(quote) => quoted_key(text, at + quote.opening, quote)?,
        None => bare_key(text, at, bare)?,
    };
    let colon = after_blanks(text, after);
    Some((key, colon + colon_length(rest(text, colon))?))
}

fn quoted_key(text: &str, start: usize, quote: Quote) -> Option<(&str, usize)> {
    let shown = clipped(rest(text, start), KEY);
    for (offset, c) in shown.char_indices() {
        let closing = quote.closing_length(text, start + offset);
        if closing > 0 {
            return Some((shown.get(..offset)?, start + offset + closing));
        }
        if c == '\n' || opens_object(c) || closes_object(c) {
            return None;
        }
    }
    None
}

fn bare_key(text: &str, start: usize, bare: BareKey) -> Option<(&str, usize)> {
    let shown = clipped(rest(text, start), KEY);
    if bare == BareKey::No || !shown.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return None;
    }
    let inside = |c: char| {
        c.is_alphanumeric() || matches!(c, '_' | '-') || (bare == BareKey::Words && c == ' ')
    };
    let end = shown.find(|c| !inside(c))?;
    let key = shown.get(..end)?.trim_end();
    if bare == BareKey::Word && key.chars().count() < 4 {
        return None;
    }
    // A quote that closes what none opened.
    let stray = char_at(text, start + end).filter(|c| matches!(c, '"' | '\'' | '”'));
    Some((key, start + end + stray.map_or(0, char::len_utf8)))
}

fn colon_length(here: &str) -> Option<usize> {
    [":=", "=>", "->", ":", "：", "=", "→"].iter().find(|c| here.starts_with(**c)).map(|c| c.len())
}

/// Whether a value that ends here is followed by what may follow a value.
pub(super) fn value_may_end(text: &str, at: usize, within: Within) -> bool {
    let next = after_blanks(text, at);
    let Some(c) = char_at(text, next) else { return true };
    if closes_object(c) || closes_list(c) || rest(text, next).starts_with("```") {
        return true;
    }
    if is_comma(c) {
        return comma_goes_on(text, next, within);
    }
    // A comma is missing.
    let new_line = text.get(at..next).is_some_and(|blanks| blanks.contains('\n'));
    let bare = if new_line { BareKey::Word } else { BareKey::No };
    within == Within::Object && key_at(text, next, bare).is_some()
}

/// Whether the comma that stands here parts two values, and is no comma of a sentence.
pub(super) fn comma_goes_on(text: &str, comma: usize, within: Within) -> bool {
    let mut next = comma;
    for _ in 0..4 {
        next = after_blanks(text, next);
        match char_at(text, next) {
            Some(c) if is_comma(c) => next += c.len_utf8(),
            _ => break,
        }
    }
    let Some(c) = char_at(text, next) else { return true };
    if closes_object(c) || closes_list(c) {
        return true;
    }
    match within {
        Within::Object => key_at(text, next, BareKey::Word).is_some() || key_is_cut_off(text, next),
        Within::List => {
            opens_object(c)
                || opens_list(c)
                || c.is_ascii_digit()
                || c == '-'
                || quote_at(text, next).is_some()
                || ["null", "None", "true", "True", "false", "False"]
                    .iter()
                    .any(|word| rest(text, next).starts_with(word))
        }
    }
}

/// Whether a quoted key begins here that the text's end cuts off.
fn key_is_cut_off(text: &str, at: usize) -> bool {
    let Some(quote) = quote_at(text, at) else { return false };
    let here = rest(text, at + quote.opening);
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ');
    here.len() < KEY && here.trim_end_matches(|c| !word(c)).chars().all(word)
}
