//! The words of a reply without their dress: one case, plain quotes and dashes, no markup, and cut into sentences.

use regex_lite::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::sound;

/// Compiles a pattern that is part of the program, where it is first used.
macro_rules! pattern {
    ($($part:expr),+ $(,)?) => {{
        static PATTERN: std::sync::LazyLock<regex_lite::Regex> = std::sync::LazyLock::new(|| {
            $crate::parse::sound(regex_lite::Regex::new(concat!($($part),+)))
        });
        Some(&*PATTERN)
    }};
}
pub(super) use pattern;

/// Whether any of these pieces, parted by blanks, occurs in the text. Far quicker than a pattern that needs one of them.
pub(super) fn has_one_of(pieces: &str, text: &str) -> bool {
    pieces.split(' ').any(|piece| text.contains(piece))
}

/// Whether a pattern occurs in the text.
pub(super) fn says(pattern: Option<&Regex>, text: &str) -> bool {
    pattern.is_some_and(|pattern| pattern.is_match(text))
}

/// Tags and boxes that say "this is my answer" become those words, so that one rule reads them all.
fn answer_marks(text: &str) -> String {
    if !text.contains(['<', '\\', '~']) {
        return text.to_owned();
    }
    static MARK: LazyLock<Regex> = LazyLock::new(|| {
        sound(Regex::new(concat!(
            r"(?i)\\f?boxed\s*\{(?:\s*\\(?:text|textbf|mathrm|mathbf)\s*\{)?",
            r"|<(?:final[_ -]?)?(?:answer|label|rating|severity|category|choice)>"
        )))
    });
    static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
        sound(Regex::new(
            r"(?i)~~[^~\n]{1,200}~~|</?[a-z][a-z0-9_-]{0,15}\s*/?>|\\(?:text|textbf|mathrm|mathbf)\s*\{",
        ))
    });
    let text = MARK.replace_all(text, " answer: ");
    MARKUP.replace_all(&text, " ").into_owned()
}

/// The reply in lower case and plain characters: full-width forms, typographic quotes and dashes made plain,
/// Markdown, LaTeX and invisible characters taken out, blanks single. Lines stay apart, but what stands on the
/// line below a colon joins it; quoted lines are left out where other lines stand beside them.
pub(super) fn plain(reply: &str) -> String {
    let marked = answer_marks(reply);
    let chars: String = marked.chars().filter_map(plain_char).collect();
    let chars = chars.to_lowercase().replace("\\_", "_").replace('\u{2014}', " - ");
    let chars = without_emphasis(&chars);
    let lines: Vec<String> = chars.lines().map(squeezed).filter(|line| !line.is_empty()).collect();
    let own = |line: &&String| !line.starts_with('>');
    let only_quoted = !lines.iter().any(|line| own(&line));
    let mut text = String::with_capacity(chars.len());
    for line in lines.iter().filter(|line| only_quoted || own(line)) {
        if text.ends_with(':') {
            text.push(' ');
            // What may be a minus here is marked as the dash of a list.
            if let Some(listed) = line.strip_prefix("- ") {
                text.extend(["\u{2022} ", listed]);
                continue;
            }
        } else if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line.trim_start_matches(['>', ' ']));
    }
    text
}

fn plain_char(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => {
            let plain = char::from_u32(c as u32 - 0xfee0).unwrap_or(c);
            (!matches!(plain, '*' | '`' | '$')).then_some(plain)
        }
        '\u{201c}'
        | '\u{201d}'
        | '\u{201e}'
        | '\u{201f}'
        | '\u{ab}'
        | '\u{bb}'
        | '\u{300c}'..='\u{300f}'
        | '\u{300a}'
        | '\u{300b}' => Some('"'),
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{b4}' => Some('\''),
        '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{fe63}' => Some('-'),
        '\u{2015}' => Some('\u{2014}'),
        '\u{3002}' => Some('\u{3002}'),
        '\u{3001}' => Some(','),
        '\u{3010}' | '\u{3014}' => Some('['),
        '\u{3011}' | '\u{3015}' => Some(']'),
        '\u{2192}' | '\u{21d2}' => Some('='),
        '\u{a0}' | '\u{3000}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '{' | '}' => Some(' '),
        '\u{200b}'..='\u{200f}'
        | '\u{2060}'
        | '\u{feff}'
        | '\u{ad}'
        | '\u{fe0e}'
        | '\u{fe0f}'
        | '*'
        | '`'
        | '$'
        | '#' => None,
        other => Some(other),
    }
}

/// Takes out underscores that join no words: those of `_emphasis_`, not those of a label's name.
fn without_emphasis(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let joins =
            before.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric());
        if c != '_' || joins {
            out.push(c);
        }
        before = c;
    }
    out
}

fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A sentence, or a line without an end mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    /// Where it stands, end mark included.
    pub span: Range<usize>,
    /// Whether it ends with a question mark.
    pub question: bool,
}

/// The sentences of a plain text. A point ends one only before a blank or the end, so "2.5" stays whole.
pub(super) fn sentences(text: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let ends = match c {
            '\n' | '!' | '?' | '\u{3002}' => true,
            '.' => {
                next.is_none_or(|next| next.is_whitespace() || matches!(next, '"' | ')' | '\''))
                    && !abbreviates(&text[start..at])
            }
            _ => false,
        };
        if ends {
            let end = at + c.len_utf8();
            found.push(Sentence { span: start..end, question: c == '?' });
            start = end;
        }
    }
    if start < text.len() {
        found.push(Sentence { span: start..text.len(), question: false });
    }
    found.retain(|sentence| !text[sentence.span.clone()].trim().is_empty());
    found
}

/// Whether the point after this text belongs to a short form or to the number of a list.
fn abbreviates(before: &str) -> bool {
    let word = before.rsplit([' ', '(', '\n']).next().unwrap_or_default();
    let numbers_a_list = before.trim() == word && word.len() < 3 && word.parse::<u8>().is_ok();
    numbers_a_list || matches!(word, "e.g" | "i.e" | "vs" | "dr" | "mr" | "mrs" | "ms")
}

/// Spans of quoted words, quote marks aside. A mark without its partner on the line quotes nothing.
pub(super) fn quotations(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let marks: Vec<usize> = line.match_indices('"').map(|(at, _)| line_start + at).collect();
        if marks.len().is_multiple_of(2) {
            for pair in marks.chunks_exact(2) {
                if let [open, close] = pair {
                    found.push(open + 1..*close);
                }
            }
        }
        line_start += line.len();
    }
    found
}

/// The reply before a line that opens a further question of the model's own, where there is one.
pub(super) fn before_further_questions(reply: &str) -> Option<&str> {
    let opening = pattern!(
        r"^\n[ *#>]*(?i:(?:next )?(?:message|posts?|text|user|human|questions?|input|example|conversation|dialogue|information|scenario|case|statement)|消息|帖子|文本|对话|问题|用户|例子|示例)[ *#]*\d{0,3}[ *]*[:：]"
    )?;
    let opens = |at: &usize| opening.is_match(head(reply.get(*at..).unwrap_or_default()));
    let start = reply.match_indices('\n').map(|(at, _)| at).find(opens)?;
    reply.get(..start).filter(|before| !before.trim().is_empty())
}

/// At most this much of a sentence is looked at on either side of what is named in it.
const REACH: usize = 240;

/// The end of a text, cut at a character.
pub(super) fn tail(text: &str) -> &str {
    let mut start = text.len().saturating_sub(REACH);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.get(start..).unwrap_or_default()
}

/// The beginning of a text, cut at a character.
pub(super) fn head(text: &str) -> &str {
    let mut end = text.len().min(REACH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
