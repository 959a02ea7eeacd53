//! A reader of objects as language models write them.
//!
//! The libraries that mend JSON answer with one mended text for a whole reply. They close what was cut off,
//! so that half a word becomes a value, and they do not tell where in the reply an object stood or how many
//! there were. Both decide here what was answered, so the reader is our own.

use serde_json::{Map, Number, Value};

use super::Found;
use super::lexis::{
    BareKey, Quote, Within, after_blanks, char_at, closes_list, closes_object, comma_goes_on,
    comment_length, is_blank, is_comma, key_at, opens_list, opens_object, quote_at, rest,
    value_may_end,
};

// Deeper than this nobody answers.
const DEEPEST: usize = 24;
// So many times the text's length may be read again after false starts.
const READ_AGAIN: usize = 4;
const LONGEST_BARE: usize = 400;

/// Every object in the text, in order of appearance.
pub(super) fn objects(text: &str) -> Vec<Found> {
    let mut reader = Reader { text, at: 0, depth: 0, list: None, found: Vec::new() };
    let mut read_again = 0;
    while let Some(next) = rest(text, reader.at).find(|c| opens_object(c) || opens_list(c)) {
        reader.at += next;
        let start = reader.at;
        let begins_list = char_at(text, start).is_some_and(opens_list);
        if begins_list && !opens_with_object(text, start) {
            reader.bump();
            continue;
        }
        let taken = if begins_list { reader.list().is_some() } else { reader.object().is_some() };
        if !taken && !reader.found.iter().rev().any(|found| found.place.end > start) {
            read_again += reader.at - start;
            reader.at = start;
            reader.bump();
        }
        if read_again > READ_AGAIN * text.len() {
            break;
        }
    }
    reader.found.sort_by_key(|found| (found.place.start, found.depth));
    reader.found
}

fn opens_with_object(text: &str, list: usize) -> bool {
    let inside = list + char_at(text, list).map_or(0, char::len_utf8);
    char_at(text, after_blanks(text, inside)).is_some_and(opens_object)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    list: Option<usize>,
    found: Vec<Found>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        char_at(self.text, self.at)
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn skip_blanks(&mut self) {
        self.at = after_blanks(self.text, self.at);
    }

    fn skip_commas(&mut self) {
        self.skip_blanks();
        while self.peek().is_some_and(is_comma) {
            self.bump();
            self.skip_blanks();
        }
    }

    /// The object that opens here, as far as it goes. None where it holds no whole field and does not close.
    fn object(&mut self) -> Option<Map<String, Value>> {
        let (start, list) = (self.at, self.list.take());
        self.bump();
        self.depth += 1;
        let mut object = Map::new();
        let mut closed = false;
        while self.depth <= DEEPEST {
            self.skip_commas();
            if self.peek().is_some_and(closes_object) {
                self.bump();
                closed = true;
                break;
            }
            let Some((key, value)) = key_at(self.text, self.at, BareKey::Words) else { break };
            self.at = value;
            let Some(value) = self.value(Within::Object) else { break };
            object.insert(key.trim().to_owned(), value);
        }
        self.depth -= 1;
        self.list = list;
        if object.is_empty() && !closed {
            return None;
        }
        let place = start..self.at;
        self.found.push(Found { object: object.clone(), place, depth: self.depth, list });
        Some(object)
    }

    /// The list that opens here. None where it was cut off.
    fn list(&mut self) -> Option<Value> {
        let around = self.list.replace(self.at);
        self.bump();
        self.depth += 1;
        let list = self.values(closes_list);
        self.depth -= 1;
        self.list = around;
        list
    }

    fn values(&mut self, closes: impl Fn(char) -> bool) -> Option<Value> {
        let mut values = Vec::new();
        while self.depth <= DEEPEST {
            self.skip_commas();
            match self.peek()? {
                c if closes(c) => {
                    self.bump();
                    return Some(Value::Array(values));
                }
                // The bracket is missing; the brace is the object's around.
                c if closes_object(c) => return Some(Value::Array(values)),
                _ => values.push(self.value(Within::List)?),
            }
        }
        None
    }

    fn value(&mut self, within: Within) -> Option<Value> {
        self.skip_blanks();
        let c = self.peek()?;
        if opens_object(c) {
            let start = self.at;
            return self.object().map(Value::Object).or_else(|| self.braced_values(start));
        }
        if opens_list(c) {
            return self.list();
        }
        match quote_at(self.text, self.at) {
            Some(quote) => self.string(quote, within).map(Value::String),
            None => self.bare(within),
        }
    }

    /// `{"B"}`, where a list was meant.
    fn braced_values(&mut self, start: usize) -> Option<Value> {
        let quoted = self.at > start && quote_at(self.text, self.at).is_some();
        if !quoted || self.depth >= DEEPEST {
            return None;
        }
        self.depth += 1;
        let values = self.values(closes_object);
        self.depth -= 1;
        values
    }

    /// The text between quotes. A quote inside it ends it only where a value may end.
    fn string(&mut self, quote: Quote, within: Within) -> Option<String> {
        let start = self.at + quote.opening;
        self.at = start;
        let (mut opened_inside, mut lines) = (false, 1);
        while let Some(c) = self.peek() {
            let closing = quote.closing_length(self.text, self.at);
            if closing > 0 {
                let after = self.at + closing;
                let pair_inside = c == '”' && opened_inside;
                if !pair_inside && value_may_end(self.text, after, within) {
                    let value = unescaped(self.text.get(start..self.at)?);
                    self.at = after;
                    return Some(value);
                }
                if let Some(end) = self.ends_before_next_key(start) {
                    return Some(unescaped(self.text.get(start..end)?));
                }
            } else if c == '\\' && quote.escapes() {
                self.bump();
            } else if another_begins(self.text, self.at, lines) {
                break;
            }
            opened_inside |= c == '“';
            lines += usize::from(c == '\n');
            self.bump();
        }
        self.closed_by_brace(start)
    }

    /// `"B, "why": ...`: the closing quote is missing, for a key opens where this text seems to close.
    fn ends_before_next_key(&mut self, start: usize) -> Option<usize> {
        let before = self.text.get(start..self.at)?.trim_end();
        let value = before.strip_suffix(is_comma)?;
        key_at(self.text, self.at, BareKey::No)?;
        Some(start + value.len())
    }

    /// `"B}`: the closing quote is missing, and the brace ends the line.
    fn closed_by_brace(&mut self, start: usize) -> Option<String> {
        let line = rest(self.text, start).lines().next()?.trim_end();
        let value = line.trim_end_matches(|c| closes_object(c) || c == '`');
        line.get(value.len()..)?.starts_with(closes_object).then(|| {
            self.at = start + value.len();
            unescaped(value)
        })
    }

    /// A word, number or sentence without quotes. One that the text's end cuts off is none.
    fn bare(&mut self, within: Within) -> Option<Value> {
        let start = self.at;
        let mut open = 0_usize;
        loop {
            let c = self.peek().filter(|_| self.at - start < LONGEST_BARE)?;
            let after = self.at + c.len_utf8();
            let ends = match c {
                '\n' => true,
                _ if opens_object(c) => {
                    open += 1;
                    false
                }
                _ if closes_object(c) && open > 0 => {
                    open -= 1;
                    false
                }
                _ if closes_object(c) || closes_list(c) => true,
                _ if is_comma(c) => {
                    within == Within::List || comma_goes_on(self.text, self.at, within)
                }
                _ if is_blank(c) => {
                    comment_length(rest(self.text, after)) > 0
                        || key_at(self.text, after, BareKey::Word).is_some()
                }
                _ => false,
            };
            if ends {
                break;
            }
            self.at = after;
        }
        literal(self.text.get(start..self.at)?)
    }
}

/// Whether an object or a fence begins here, on a later line than the text before, which so was cut off.
fn another_begins(text: &str, at: usize, lines: usize) -> bool {
    let here = rest(text, at);
    if here.starts_with("\n```") {
        return true;
    }
    lines > 1
        && here.starts_with('{')
        && key_at(text, after_blanks(text, at + 1), BareKey::No).is_some()
}

fn literal(text: &str) -> Option<Value> {
    let text = text.trim_matches(|c| is_blank(c) || matches!(c, '"' | '\'' | '”' | '“' | '`'));
    Some(match text {
        "" => return None,
        "null" | "None" | "nil" | "undefined" | "Null" | "NULL" => Value::Null,
        "true" | "True" => Value::Bool(true),
        "false" | "False" => Value::Bool(false),
        _ => match text.strip_prefix('+').unwrap_or(text).parse::<Number>() {
            Ok(number) => Value::Number(number),
            Err(_) => Value::String(text.to_owned()),
        },
    })
}

fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (sign, length) = escape(after);
        text.extend(sign);
        rest = &after[length..];
    }
    text.push_str(rest);
    text
}

/// What a backslash before this stands for, and how many bytes belong to it.
fn escape(after: &str) -> (Option<char>, usize) {
    // Mathematics, not a backspace or a tab.
    if ["boxed", "text", "mathrm", "mathbf", "rightarrow", "frac"]
        .iter()
        .any(|word| after.starts_with(word))
    {
        return (Some('\\'), 0);
    }
    let Some(c) = after.chars().next() else { return (None, 0) };
    match c {
        'n' => (Some('\n'), 1),
        't' => (Some('\t'), 1),
        'r' => (Some('\r'), 1),
        'b' => (Some('\u{8}'), 1),
        'f' => (Some('\u{c}'), 1),
        'u' => unicode_escape(after).unwrap_or((Some('\u{fffd}'), 1)),
        other => (Some(other), other.len_utf8()),
    }
}

fn unicode_escape(after: &str) -> Option<(Option<char>, usize)> {
    let unit = |from: usize| u32::from_str_radix(after.get(from..from + 4)?, 16).ok();
    let high = unit(1)?;
    if (0xd800..0xdc00).contains(&high) && after.get(5..7) == Some("\\u") {
        let low = unit(7).filter(|low| (0xdc00..0xe000).contains(low))?;
        return Some((char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 11));
    }
    Some((Some(char::from_u32(high).unwrap_or('\u{fffd}')), 5))
}
