//! Numbers that a reply names as a level or a rating, and those that only look like one.

use std::ops::Range;

use trustmh_core::codebook::RatingScale;

use super::wording::{pattern, says, tail};

/// A number of the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    pub span: Range<usize>,
    /// Its value; none where it is no plain number, as of a bound or a half.
    pub value: Option<f64>,
    /// Whether a word follows that it may count, as in "2 people".
    pub counts_something: bool,
}

/// The ends of a scale, and how its numbers are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    written: Written,
}

/// How numbers may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// As the levels of the built-in schemes and tiers are: in words up to four, and a hundred.
    Levels,
    /// In words up to ten; a comma parts off thousands.
    Whole,
    /// The same, and a comma may part off a fraction.
    Fractions,
}

impl Scale {
    /// A scale of few whole numbers.
    pub(super) fn of_levels(low: i32, high: i32) -> Self {
        Self { low: f64::from(low), high: f64::from(high), written: Written::Levels }
    }

    /// The numbers of any scale.
    pub(super) fn of(scale: &RatingScale) -> Self {
        let (low, high) = scale.range();
        let written = if scale.has_fractions() { Written::Fractions } else { Written::Whole };
        Self { low, high, written }
    }
}

/// The numbers of a plain text that can be a level: no part of a word, a date, a time or a share, no number
/// of a list. "3 out of 4" and "3/4" are 3 where the scale ends at 4; "1 to 4" are the ends of the scale and
/// no numbers at all.
pub(super) fn numbers(text: &str, scale: Scale) -> Vec<Number> {
    let token = match scale.written {
        Written::Levels => pattern!(
            r"(?:(?:minus|negative|负) ?|[-+])?(?:\d+(?:[.,]\d+)*|one hundred|a hundred|fifty|zero\b|one\b|two\b|three\b|four\b|一百|五十|[零一二两三四五六])"
        ),
        Written::Whole | Written::Fractions => pattern!(
            r"(?:(?:minus|negative|负) ?|[-+])?(?:\d+(?:[.,]\d+)*|\.\d+|one hundred|a hundred|fifty|zero\b|one\b|two\b|three\b|four\b|five\b|six\b|seven\b|",
            r"eight\b|nine\b|ten\b|一百|五十|[零一二两三四五六七八九十])"
        ),
    };
    let Some(token) = token else { return Vec::new() };
    let mut found: Vec<Number> = Vec::new();
    let lines = text.split_inclusive('\n').scan(0, |at, line| {
        *at += line.len();
        Some((*at - line.len(), line))
    });
    let tokens = lines.filter(|(_, line)| has_number(line)).flat_map(|(at, line)| {
        token.find_iter(line).map(move |found| (at + found.start(), at + found.end()))
    });
    for (mut start, mut end) in tokens {
        if found.last().is_some_and(|last| last.span.end > start) {
            continue;
        }
        let word = &text[start..end];
        // A dash behind a word or a number is no minus.
        let dashed = word.starts_with('-')
            && text[..start]
                .chars()
                .next_back()
                .is_some_and(|c| c.is_alphanumeric() || c == ')' || c == '%');
        if dashed {
            start += 1;
        }
        let mut value = value(&text[start..end], scale.written);
        if is_part_of_more(text, start, end) {
            continue;
        }
        // "- 50" at the beginning of a line may be a list's dash or a minus.
        if scale.low < 0.0 && is_bulleted(&text[..start]) {
            value = None;
        } else if scale.low < 0.0 && text[..start].ends_with(": - ") {
            (start, value) = (start - 2, value.map(|value| -value));
        }
        if is_bounded(text, start, end) {
            value = None;
        }
        if let Some((whole, length)) = out_of(&text[end..]) {
            end += length;
            value = value.filter(|_| same(whole, scale.high));
        }
        let counts_something = counts_something(&text[end..]);
        found.push(Number { span: start..end, value, counts_something });
    }
    without_ends(text, found, scale)
}

/// Whether a line has a digit or a numeral at all; a pattern would take long to tell.
fn has_number(line: &str) -> bool {
    let numeral = |word: &str| {
        matches!(
            word,
            "hundred"
                | "fifty"
                | "zero"
                | "one"
                | "two"
                | "three"
                | "four"
                | "five"
                | "six"
                | "seven"
                | "eight"
                | "nine"
                | "ten"
        )
    };
    line.contains(|c: char| c.is_ascii_digit() || "零一二两三四五六七八九十百".contains(c))
        || line.split(|c: char| !c.is_ascii_alphanumeric()).any(numeral)
}

fn value(word: &str, written: Written) -> Option<f64> {
    let negative =
        word.starts_with(['-', '负']) || word.starts_with("minus") || word.starts_with("negative");
    let bare = word
        .trim_start_matches(['-', '+', '负'])
        .trim_start_matches("minus")
        .trim_start_matches("negative")
        .trim();
    let size = match bare {
        "one hundred" | "a hundred" | "一百" | "百" => 100.0,
        "fifty" | "五十" => 50.0,
        "零" | "zero" => 0.0,
        "一" | "one" => 1.0,
        "二" | "两" | "two" => 2.0,
        "三" | "three" => 3.0,
        "四" | "four" => 4.0,
        "五" | "five" => 5.0,
        "六" | "six" => 6.0,
        "七" | "seven" => 7.0,
        "八" | "eight" => 8.0,
        "九" | "nine" => 9.0,
        "十" | "ten" => 10.0,
        digits => match (digits.split_once(','), written) {
            (Some((whole, part)), Written::Fractions) if part.len() < 3 => {
                format!("{whole}.{part}").parse().ok()?
            }
            (Some(_), _) => return None,
            (None, _) => digits.parse().ok()?,
        },
    };
    Some(if negative { -size } else { size })
}

fn is_part_of_more(text: &str, start: usize, end: usize) -> bool {
    let mut before = text[..start].chars().rev();
    let mut after = text[end..].chars();
    let (last, next) = (before.next(), after.next());
    let (last_but_one, next_but_one) = (before.next(), after.next());
    let chinese = text[start..end].chars().any(|c| !c.is_ascii() && c != '负');
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    // A numeral of Chinese prose is a number only behind what calls for one.
    let loose = chinese && !last.is_none_or(|c| "为是:级分选第\"(负= \n".contains(c));
    let dated = text[end..]
        .starts_with(['年', '月', '日', '岁', '天', '周', '次', '人', '个', '小'])
        || (last == Some('/') && digit(last_but_one))
        || (matches!(next, Some('/' | ':')) && digit(next_but_one) && dated_on(&text[end..]));
    let half =
        next == Some('½') || next.is_some_and(|c| c == '%') || text[end..].starts_with(" percent");
    letter(last) && !text[..start].ends_with("level_")
        || letter(next)
        || loose
        || dated
        || half
        || last == Some('.') && digit(last_but_one)
}

fn is_bulleted(before: &str) -> bool {
    before.ends_with("\u{2022} ") || before.ends_with("\n- ") || before == "- "
}

/// "At least 2", "2+": a bound is no value.
fn is_bounded(text: &str, start: usize, end: usize) -> bool {
    text[..start].ends_with(['≥', '≤', '<', '>', '≈', '~'])
        || text[end..].starts_with('+')
        || says(
            pattern!(
                r"(?:\b(?:at least|at most|more than|less than|higher than|lower than|up to|above|below|over|under|around|roughly|approximately)|至少|至多|超过|低于|高于) ?(?:an? |level )?$"
            ),
            tail(&text[..start]),
        )
}

/// "1/2/2024", "3:30".
fn dated_on(rest: &str) -> bool {
    pattern!(r"^(?:/\d+/\d+|:\d\d)").is_some_and(|pattern| pattern.is_match(rest))
}

/// The whole of "3 out of 4", "3/4", and how much of the text says it.
fn out_of(rest: &str) -> Option<(f64, usize)> {
    let found = pattern!(r"^(?: ?/ ?| (?:out )?of )(\d+)\b")?.captures(rest)?;
    Some((found.get(1)?.as_str().parse().ok()?, found.get(0)?.end()))
}

fn counts_something(rest: &str) -> bool {
    let Some(next) = rest.strip_prefix(' ') else { return false };
    let word: String = next.chars().take_while(|c| c.is_alphabetic()).collect();
    !(word.is_empty()
        || matches!(
            word.as_str(),
            "because"
                | "since"
                | "as"
                | "for"
                | "on"
                | "here"
                | "out"
                | "is"
                | "or"
                | "and"
                | "to"
                | "would"
                | "but"
                | "very"
                | "somewhat"
                | "not"
                | "strongly"
                | "neutral"
                | "rather"
                | "than"
                | "in"
                | "at"
                | "if"
                | "with"
                | "fits"
                | "seems"
                | "by"
                | "mild"
                | "moderate"
                | "severe"
                | "low"
                | "high"
                | "none"
                | "overall"
                | "then"
        )
        || !word.is_ascii())
}

/// "1 to 4", "between -100 and 100", "0-3": the ends of the scale are named, not chosen.
fn without_ends(text: &str, numbers: Vec<Number>, scale: Scale) -> Vec<Number> {
    let joins = pattern!(r"^[ )(a-z]{0,30}?(?:-|\bto\b|\band\b|through|until|至|到|~)[ (+]*$");
    let ends_at = |place: usize| {
        let (Some(low), Some(high)) = (numbers.get(place), numbers.get(place + 1)) else {
            return false;
        };
        let between = text.get(low.span.end..high.span.start).unwrap_or_default();
        low.value.is_some_and(|value| same(value, scale.low))
            && high.value.is_some_and(|value| same(value, scale.high))
            && joins.is_some_and(|joins| joins.is_match(between))
    };
    let dropped = |place: usize| ends_at(place) || (place > 0 && ends_at(place - 1));
    let kept: Vec<bool> = (0..numbers.len()).map(|place| !dropped(place)).collect();
    numbers.into_iter().zip(kept).filter_map(|(number, keep)| keep.then_some(number)).collect()
}

fn same(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

/// "0 (none) to 3 (severe)": the word belongs to a number that is an end of the scale and no answer; `numbered` are the
/// places where numbers end that may be one.
pub(super) fn explains_an_end(before: &str, numbered: &[usize]) -> bool {
    let bare = before.trim_end_matches([' ', '(', '=', ':', '"', '-']);
    bare.len() < before.len()
        && bare.ends_with(|c: char| c.is_ascii_digit())
        && !numbered.contains(&bare.len())
}
