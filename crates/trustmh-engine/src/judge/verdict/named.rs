//! Values that stand behind the names of their fields: in lines, cells, tags and sentences.

use std::ops::Range;

use super::names::{WHOSE, kinds};
use super::score;
use super::statement::{Form, Statement, between, line_of};
use super::value::{self, Given, Stands};
use super::words::{one_of, words};
use crate::rubric::Field;

/// Words that may stand between a field's name and its value.
const GAP: &str = "\
    score rating grade label value is be are gets get receives earns deserves at as of should would must here for \
    this the reply response that it has been therefore thus then so my final remains stays stands becomes now to \
    in case on balance a an still i give gave";

const GAP_CHINESE: &[&str] = &[
    "应为",
    "改为",
    "判定为",
    "判为",
    "评分",
    "得分",
    "分数",
    "就是",
    "是",
    "为",
    "给",
    "打",
    "我",
];

/// So many of them.
const GAP_WORDS: usize = 8;

/// So much may stand before a name in its line, or between two fields of one line.
const BEFORE: usize = 80;

/// So much between a name and the same name again.
const AGAIN: usize = 24;

/// The words under a heading that stand before its value.
const UNDER: &[&str] = &["score", "rating", "grade", "value", "verdict", "label", "final", "my"];

/// How a name is joined with what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// By a colon or another sign.
    Sign,
    /// By words.
    Words,
    /// By nothing.
    Blank,
}

/// The names by which fields are spoken of, in small letters.
pub(super) fn spoken(fields: &[Field]) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    for (number, field) in fields.iter().enumerate() {
        let name = field.name.to_ascii_lowercase();
        let spaced = name.replace(['_', '-'], " ");
        names.extend(kinds(fields, field).iter().map(|kind| (number, (*kind).to_owned())));
        if spaced != name {
            names.push((number, spaced));
        }
        names.push((number, name));
    }
    names.sort();
    names.dedup();
    names
}

/// What is stated behind the fields' names.
pub(super) fn statements(fields: &[Field], text: &str) -> Vec<Statement> {
    let mut stated: Vec<Statement> = Vec::new();
    let places = occurrences(fields, text);
    for (at, (number, place)) in places.iter().enumerate() {
        let Some(field) = fields.get(*number) else { continue };
        // "Verdict: my verdict: ...": the second name holds the value.
        let again = places.get(at + 1).is_some_and(|(next, name)| {
            next == number && between(text, place.end, name.start).len() < AGAIN && {
                let between = between(text, place.end, name.start);
                between.contains(':') && words(between).iter().all(|word| one_of(WHOSE, &word.text))
            }
        });
        if again {
            continue;
        }
        if text.get(..place.start).is_some_and(|before| before.ends_with("</")) {
            continue;
        }
        let previous = stated.last();
        let found = behind(field, text, place, previous).or_else(|| before(field, text, place));
        if let Some((given, place, form)) = found {
            stated.push(Statement { field: *number, given, place, form });
        }
    }
    stated
}

fn occurrences(fields: &[Field], text: &str) -> Vec<(usize, Range<usize>)> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for (number, name) in spoken(fields) {
        for (start, hit) in lower.match_indices(&name) {
            let end = start + hit.len();
            let before = lower.get(..start).and_then(|before| before.chars().next_back());
            let after = lower.get(end..).and_then(|after| after.chars().next());
            let inside = |c: Option<char>| {
                c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') && name.is_ascii()
            };
            if !inside(before) && !inside(after) {
                found.push((number, start..end));
            }
        }
    }
    found.sort_by_key(|(_, place)| (place.start, std::cmp::Reverse(place.end)));
    let mut until = 0;
    found.retain(|(_, place)| {
        let apart = place.start >= until;
        until = until.max(place.end);
        apart
    });
    found
}

fn behind(
    field: &Field,
    text: &str,
    name: &Range<usize>,
    previous: Option<&Statement>,
) -> Option<(Given, Range<usize>, Form)> {
    let heading = is_heading(text, name);
    let (at, joint) = gap(text, name.end, heading)?;
    let said = text.get(at..)?;
    let first = said.chars().next()?;
    if ",;.)。、\n".contains(first) {
        return None;
    }
    let worded = first.is_alphanumeric() || "*_`\"'“「<[({~≈<>-−+\\".contains(first);
    let stands = match joint {
        Joint::Sign => Stands::Stated,
        Joint::Words if worded => Stands::Told,
        Joint::Blank if first.is_ascii_digit() && field.scale.is_some() => Stands::Told,
        // The colon is missing between two quoted words.
        Joint::Blank
            if is_key(text, name) && text.get(..at).is_some_and(|rest| rest.ends_with('"')) =>
        {
            Stands::Stated
        }
        Joint::Words | Joint::Blank => return None,
    };
    let line = line_of(said);
    let given = value::of_text(field, line, stands)?;
    let end = at + value_length(line);
    if cut_off(field, text, name, end, &given) {
        return Some((Given::Unfit, name.start..end, Form::Line));
    }
    let signed = joint == Joint::Sign;
    let goes_on = previous.filter(|previous| {
        let near = previous.place.end + BEFORE > name.start;
        let between = text.get(previous.place.end..name.start).filter(|_| near);
        between.is_some_and(|between| {
            words(between).iter().all(|word| word.text == "and")
                && !between.contains(['\n', '\u{1}'])
        })
    });
    let form = match goes_on {
        _ if signed && starts_line(text, name.start) => Form::Line,
        Some(previous) if signed || joint == Joint::Blank => previous.form,
        Some(_) | None => Form::Sentence,
    };
    Some((given, name.start..end, form))
}

/// Whether the name stands in quotation marks of its own.
fn is_key(text: &str, name: &Range<usize>) -> bool {
    text.get(..name.start).is_some_and(|before| before.ends_with('"'))
        && text.get(name.end..).is_some_and(|after| after.starts_with('"'))
}

/// A number at the end of a text that was cut off may have gone on.
fn cut_off(field: &Field, text: &str, name: &Range<usize>, end: usize, given: &Given) -> bool {
    let Given::Score(number) = given else { return false };
    let high = field.scale.map_or(0, |(_, high)| high);
    let quoted = text.get(..name.start).is_some_and(|before| before.ends_with(['"', '\'', '“']));
    quoted && end >= text.trim_end().len() && *number > 0 && number.saturating_mul(10) <= high
}

/// Whether nothing but the name, and what dresses it, stands in its line.
fn is_heading(text: &str, name: &Range<usize>) -> bool {
    let rest = text.get(name.end..).unwrap_or_default();
    let mut line = rest.chars().take_while(|c| *c != '\n');
    let colon_or_dress = line.all(|c| !c.is_alphanumeric() && c != '\u{1}');
    colon_or_dress && starts_line(text, name.start)
}

/// Whether only list marks and words like "my final" stand before this place in its line.
fn starts_line(text: &str, at: usize) -> bool {
    let before = between(text, at.saturating_sub(BEFORE), at);
    let line = before.rsplit(['\n', '\u{1}']).next().unwrap_or_default();
    let whole = at == before.len() || before.len() > line.len();
    let after_another =
        before.get(..before.len() - line.len()).is_some_and(|rest| rest.ends_with('\u{1}'));
    if !whole || after_another {
        return false;
    }
    let marked = |word: &str| word.chars().all(|c| c.is_ascii_digit());
    words(line).iter().all(|word| one_of(WHOSE, &word.text) || marked(&word.text))
        && !line.contains(", ")
        || line.ends_with('<')
}

/// Where the value behind a name begins, and how it is joined; none where something else follows.
fn gap(text: &str, from: usize, heading: bool) -> Option<(usize, Joint)> {
    let (mut at, mut joint) = (from, Joint::Blank);
    let (mut counted, mut lines) = (0, 0);
    loop {
        let rest = text.get(at..)?;
        let c = rest.chars().next()?;
        let next = rest.chars().nth(1).unwrap_or(' ');
        match c {
            '\u{1}' => return None,
            ':' | '=' | '→' | '|' | '–' | '—' | '>' => joint = Joint::Sign,
            '-' if next == '>' || next == ' ' || (next == '-' && joint == Joint::Blank) => {
                joint = Joint::Sign;
            }
            '-' if lines > 0 && !next.is_ascii_digit() => {}
            '(' | '[' => match bracket(rest) {
                Some(length) => {
                    at += length;
                    continue;
                }
                None => joint = Joint::Sign,
            },
            '\n' if heading && lines < 2 => {
                lines += 1;
                joint = Joint::Sign;
            }
            '.' if next == '.' => {}
            ' ' | '\t' | '\r' | '*' | '_' | '`' | '"' | '\'' | '“' | '”' | '#' | ')' | ']' => {}
            'i' if joint == Joint::Blank && rest.starts_with("isn't ") => {
                return Some((at, Joint::Words));
            }
            _ if c.is_ascii_alphabetic() => {
                let word: String = rest.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
                let folded = word.to_ascii_lowercase();
                let known = match lines {
                    0 => one_of(GAP, &folded),
                    _ => UNDER.contains(&folded.as_str()),
                };
                if counted == GAP_WORDS || !known {
                    return Some((at, joint));
                }
                counted += 1;
                if joint == Joint::Blank {
                    joint = Joint::Words;
                }
                at += word.len();
                continue;
            }
            _ => match GAP_CHINESE.iter().find(|word| rest.starts_with(**word)) {
                Some(word) => {
                    if joint == Joint::Blank {
                        joint = Joint::Words;
                    }
                    at += word.len();
                    continue;
                }
                None => {
                    let denies = rest.starts_with("不是") || rest.starts_with("并非");
                    let blank = joint == Joint::Blank;
                    return Some((at, if denies && blank { Joint::Words } else { joint }));
                }
            },
        }
        at += c.len_utf8();
    }
}

/// The length of a bracket that only says more about the name: "(0-5)", "(warmth):".
fn bracket(rest: &str) -> Option<usize> {
    let line = line_of(rest);
    let end = line.find([')', ']'])? + 1;
    let inside = line.get(1..end - 1)?;
    let after = line.get(end..)?.trim_start_matches([' ', '*', '_', '`', '"']);
    let explains = after.starts_with([':', '=', '|', '–', '—', '-']);
    let digits = inside.chars().filter(char::is_ascii_digit).count();
    let range = digits > 1 && !inside.contains('/') && inside.contains(['-', '–', '~', 't']);
    (explains || range).then_some(end)
}

/// The bytes of a value at the beginning of a line: a word, or a number and what it is out of.
fn value_length(line: &str) -> usize {
    let dress = line.len() - line.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    let value = line.get(dress..).unwrap_or_default();
    let word = value.len() - value.trim_start_matches(char::is_alphanumeric).len();
    let rest = value.get(word..).unwrap_or_default();
    let digits =
        |rest: &str| rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let out_of = ["/", " / ", " out of ", " of "].iter().find_map(|sign| {
        let most = rest.strip_prefix(sign)?;
        Some(sign.len() + digits(most)).filter(|_| digits(most) > 0)
    });
    dress + word + out_of.unwrap_or_default()
}

/// "a 4 out of 5 for empathy": the value stands before the name.
fn before(field: &Field, text: &str, name: &Range<usize>) -> Option<(Given, Range<usize>, Form)> {
    let scale = field.scale?;
    let start = name.start.saturating_sub(60);
    let whole = between(text, start, name.start);
    let line = whole.rsplit(['\n', '\u{1}', ',', ';']).next().unwrap_or_default();
    let trimmed = line.trim_end_matches([' ', '*', '_', '`', '"', '\'']);
    let trimmed = trimmed.strip_suffix(" the").unwrap_or(trimmed);
    let said = [" for", " on", " in"].iter().find_map(|word| trimmed.strip_suffix(word))?;
    let said =
        said.trim_end_matches(" points").trim_end_matches(" point").trim_end_matches(['*', '_']);
    let from = number_from(said)?;
    let amount = said.get(from..)?;
    let given = score::read(amount, scale, Stands::Alone)?;
    let at = name.start - line.len() + from;
    Some((given, at..name.end, Form::Sentence))
}

/// Where the number, or "N out of M", at the end of a text begins.
fn number_from(text: &str) -> Option<usize> {
    let words = words(text);
    let digit = |at: usize| {
        words.get(at).is_some_and(|word| word.text.starts_with(|c: char| c.is_ascii_digit()))
    };
    let last = words.len().checked_sub(1)?;
    let numbers = ["one", "two", "three", "four", "five", "zero"];
    let worded = words.get(last).is_some_and(|word| numbers.contains(&word.text.as_str()));
    if !digit(last) && !worded {
        return None;
    }
    let mut first = last;
    while first > 0 {
        let before = words.get(first - 1).map(|word| word.text.as_str()).unwrap_or_default();
        if digit(first - 1) || ["of", "out", "or", "to"].contains(&before) {
            first -= 1;
        } else {
            break;
        }
    }
    let start = words.get(first)?.place.start;
    let sign = text.get(..start)?.chars().next_back().filter(|c| "-−.~≈".contains(*c));
    Some(start - sign.map_or(0, char::len_utf8))
}
