//! Parts of a judge's text that are somebody else's words by their form: block quotes, quoting tags, quotation marks.

use std::ops::Range;

use super::words::words;

/// Tags around the text that is judged.
const TAGS: &[&str] = &["reply", "response", "quote", "blockquote", "q", "text"];

/// Block quotes and tagged quotations.
pub(super) fn blocks(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('>') {
            spans.push(at..at + line.len());
        }
        at += line.len();
    }
    let lower = text.to_ascii_lowercase();
    for tag in TAGS {
        let (opening, closing) = (format!("<{tag}>"), format!("</{tag}>"));
        let mut from = 0;
        while let Some(start) =
            lower.get(from..).and_then(|rest| rest.find(&opening)).map(|at| from + at)
        {
            let Some(length) = lower.get(start..).and_then(|rest| rest.find(&closing)) else {
                break;
            };
            from = start + length + closing.len();
            spans.push(start..from);
        }
    }
    if something_outside(text, &spans) { spans } else { Vec::new() }
}

/// Sentences in quotation marks, and shorter quotations in which a field is named.
pub(super) fn sentences(text: &str, names: &[String]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut line_at = 0;
    for line in text.split_inclusive('\n') {
        let mut open: Option<(usize, char)> = None;
        let mut before = ' ';
        let mut signs = line.char_indices().peekable();
        while let Some((at, c)) = signs.next() {
            let next = signs.peek().map_or(' ', |(_, next)| *next);
            match open {
                Some((start, closing)) if c == closing && !(c == '"' && next.is_alphanumeric()) => {
                    let inside = line.get(start..at).unwrap_or_default();
                    if is_said(inside, names) {
                        spans.push(line_at + start..line_at + at);
                    }
                    open = None;
                }
                None if closes(c).is_some() && !before.is_alphanumeric() => {
                    open = closes(c).map(|closing| (at + c.len_utf8(), closing));
                }
                Some(_) | None => {}
            }
            before = c;
        }
        line_at += line.len();
    }
    if something_outside(text, &spans) { spans } else { Vec::new() }
}

fn closes(c: char) -> Option<char> {
    match c {
        '"' => Some('"'),
        '“' => Some('”'),
        '「' => Some('」'),
        '『' => Some('』'),
        '«' => Some('»'),
        _ => None,
    }
}

/// So many words in quotation marks are no value of a field.
const SENTENCE: usize = 4;

fn is_said(inside: &str, names: &[String]) -> bool {
    let lower = inside.trim().to_lowercase();
    let names_field = names.iter().any(|name| lower.contains(name.as_str()) && lower != *name);
    (names_field && inside.contains([':', '=', ' '])) || words(inside).len() >= SENTENCE
}

fn something_outside(text: &str, spans: &[Range<usize>]) -> bool {
    without(text, spans).contains(char::is_alphanumeric)
}

/// The text with a sign that means nothing in the place of every byte of the spans; line breaks stay.
pub(super) fn without(text: &str, spans: &[Range<usize>]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in spans {
        for byte in bytes.get_mut(span.clone()).unwrap_or_default() {
            if *byte != b'\n' {
                *byte = 1;
            }
        }
    }
    // Spans end between signs, so that what is left is text.
    String::from_utf8(bytes).unwrap_or_default()
}
