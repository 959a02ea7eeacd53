//! Telephone numbers and numbers by which a person is known, told from amounts, years and ranges.

use std::collections::HashSet;
use std::ops::Range;

use super::Finding;
use super::kind::Kind;
use super::tables::NumberTables;

/// Fewer digits than that are an age, a year, a dose, a count or a time.
const FEWEST: usize = 5;
/// The most digits of an amount.
const LARGEST_AMOUNT: usize = 7;
/// As many digits as the shortest telephone numbers have that are written with blanks.
const SHORTEST_WITH_BLANKS: usize = 7;
/// The digits before the letter X at the end of a Chinese identity number.
const IDENTITY_DIGITS: usize = 17;

/// What amounts and crisis lines are known by.
#[derive(Debug)]
pub(super) struct Numbers {
    kept: HashSet<String>,
    longest_kept: usize,
    currencies: Vec<String>,
    units: Vec<String>,
}

/// Digits with the separators between them.
#[derive(Debug, Default)]
struct Run {
    range: Range<usize>,
    groups: Vec<String>,
    separators: Vec<String>,
}

impl Numbers {
    pub(super) fn of(tables: NumberTables) -> Self {
        let NumberTables { kept, currencies, units } = tables;
        let longest_kept = kept.iter().map(String::len).max().unwrap_or_default();
        Self { kept, longest_kept, currencies, units }
    }

    pub(super) fn find(&self, text: &str) -> Vec<Finding> {
        let mut found = Vec::new();
        for run in runs(text) {
            let before = text.get(..run.range.start).unwrap_or_default();
            let behind = text.get(run.range.end..).unwrap_or_default();
            if run.digits() < FEWEST || self.keeps(&run, before, behind) {
                continue;
            }
            let start = before.len() - prefix(before);
            let end = run.range.end + usize::from(ends_identity(&run, behind));
            found.push(Finding { kind: Kind::Number, range: start..end });
        }
        let codes = codes(text).into_iter().filter(|range| {
            let code = text.get(range.clone()).unwrap_or_default().replace('-', "");
            !self.kept.contains(&code)
        });
        found.extend(codes.map(|range| Finding { kind: Kind::Number, range }));
        found
    }

    fn keeps(&self, run: &Run, before: &str, behind: &str) -> bool {
        self.are_all_kept(&run.groups)
            || self.is_kept_with_letters(run, behind)
            || run.is_date()
            || run.are_decimals()
            || run.is_range()
            || run.is_list()
            || (run.digits() <= LARGEST_AMOUNT && self.is_amount(before, behind))
    }

    /// A number of which the end is a word, as 1-800-273-TALK.
    fn is_kept_with_letters(&self, run: &Run, behind: &str) -> bool {
        let word = behind.strip_prefix('-').unwrap_or_default();
        let word: String = word.chars().take_while(char::is_ascii_uppercase).collect();
        !word.is_empty() && self.kept.contains(&(run.groups.concat() + &word))
    }

    fn is_amount(&self, before: &str, behind: &str) -> bool {
        let (before, behind) = (before.trim_end(), behind.trim_start());
        self.currencies.iter().any(|currency| before.ends_with(currency.as_str()))
            || self.units.iter().any(|unit| {
                behind.strip_prefix(unit.as_str()).is_some_and(|rest| {
                    let next = rest.chars().next();
                    !unit.is_ascii() || !next.is_some_and(|letter| letter.is_ascii_alphanumeric())
                })
            })
    }

    /// Whether the groups are numbers of crisis lines, one or several in a row.
    fn are_all_kept(&self, groups: &[String]) -> bool {
        let mut reached = vec![true];
        for end in 1..=groups.len() {
            let mut digits = String::new();
            let ends = groups.iter().take(end).enumerate().rev().any(|(start, group)| {
                digits.insert_str(0, group);
                digits.len() <= self.longest_kept
                    && reached.get(start) == Some(&true)
                    && self.kept.contains(&digits)
            });
            reached.push(ends);
            // No crisis line is written in so many groups.
            if end >= 16 {
                return false;
            }
        }
        reached.last() == Some(&true)
    }
}

impl Run {
    fn digits(&self) -> usize {
        self.groups.iter().map(String::len).sum()
    }

    fn values(&self) -> Vec<u64> {
        self.groups.iter().filter_map(|group| group.parse().ok()).collect()
    }

    fn lengths(&self) -> Vec<usize> {
        self.groups.iter().map(String::len).collect()
    }

    fn is_parted_by(&self, separator: &str) -> bool {
        self.separators.iter().all(|between| between == separator)
    }

    /// A date in numbers; those of birth have patterns of their own.
    fn is_date(&self) -> bool {
        let part = |value: u64| (1..=31).contains(&value);
        let year = |value: u64| (1900..=2100).contains(&value);
        let alike = self.is_parted_by("-") || self.is_parted_by(".");
        match (self.values().as_slice(), self.lengths().as_slice()) {
            ([y, m, d], [4, 1..=2, 1..=2]) => alike && year(*y) && part(*m) && part(*d),
            ([d, m, y], [1..=2, 1..=2, 4]) => alike && year(*y) && part(*m) && part(*d),
            ([d, m, _], [1..=2, 1..=2, 2]) => alike && part(*m) && part(*d),
            _ => false,
        }
    }

    /// One decimal fraction, or several in a row.
    fn are_decimals(&self) -> bool {
        let points = self.separators.iter().step_by(2).all(|between| between == ".");
        let blanks = self.separators.iter().skip(1).step_by(2).all(|between| between == " ");
        self.groups.len().is_multiple_of(2) && points && blanks
    }

    /// Two numbers of up to four digits with a dash between, unless they are three and four, as local telephone numbers.
    fn is_range(&self) -> bool {
        let dash = ["-", "–", " - ", " – "].iter().any(|dash| self.is_parted_by(dash));
        match self.lengths().as_slice() {
            [3, 4] if self.is_parted_by("-") => false,
            [1..=4, 1..=4] => dash,
            _ => false,
        }
    }

    /// Several numbers side by side: years, counting, or too few digits for one number.
    fn is_list(&self) -> bool {
        if self.groups.len() < 2 {
            return false;
        }
        let values = self.values();
        let are_years = self.lengths().iter().all(|length| *length == 4)
            && values.iter().all(|value| (1900..=2100).contains(value));
        let counts = |step: u64| {
            let mut pairs = values.iter().zip(values.iter().skip(1));
            pairs.all(|(one, next)| one.abs_diff(*next) == step)
        };
        let is_short = self.is_parted_by(" ")
            && self.digits() < SHORTEST_WITH_BLANKS
            && self.lengths().iter().all(|length| *length < FEWEST);
        are_years || (counts(1) && self.lengths().iter().all(|length| *length <= 2)) || is_short
    }
}

/// The bytes before a run that belong to it: a plus, a bracket, up to three capitals that stand alone.
fn prefix(before: &str) -> usize {
    let bare = before.trim_end_matches(['+', '(']);
    let signs = before.len() - bare.len();
    let letters = bare.bytes().rev().take_while(u8::is_ascii_uppercase).count();
    let front = bare.get(..bare.len() - letters).unwrap_or_default();
    let stands_alone = !front.ends_with(|letter: char| letter.is_ascii_alphanumeric());
    if signs == 0 && (1..=3).contains(&letters) && stands_alone { letters } else { signs.min(2) }
}

fn ends_identity(run: &Run, behind: &str) -> bool {
    run.digits() == IDENTITY_DIGITS && behind.starts_with(['X', 'x'])
}

const fn digit(letter: char) -> Option<char> {
    match letter {
        '0'..='9' => Some(letter),
        // Digits of full width, as Chinese keyboards write them.
        '\u{ff10}'..='\u{ff19}' => char::from_u32(letter as u32 - 0xff10 + 0x30),
        _ => None,
    }
}

/// Whether digits on both sides of this are one number.
fn is_separator(between: &str) -> bool {
    matches!(
        between,
        " " | "\u{a0}"
            | "-"
            | "–"
            | "."
            | "·"
            | " - "
            | " – "
            | "- "
            | ") "
            | ")"
            | ")-"
            | " ("
            | "("
    )
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (place, letter) in text.char_indices() {
        let Some(digit) = digit(letter) else { continue };
        let end = place + letter.len_utf8();
        let between = runs.last().and_then(|run| text.get(run.range.end..place));
        match (runs.last_mut(), between) {
            (Some(run), Some("")) => {
                if let Some(group) = run.groups.last_mut() {
                    group.push(digit);
                }
                run.range.end = end;
            }
            (Some(run), Some(between)) if is_separator(between) => {
                run.separators.push(between.to_owned());
                run.groups.push(digit.to_string());
                run.range.end = end;
            }
            _ => runs.push(Run {
                range: place..end,
                groups: vec![digit.to_string()],
                separators: Vec::new(),
            }),
        }
    }
    runs
}

/// Tokens of capitals and digits with hyphens between, as numbers of cases and cards are: six characters or more, four digits or more.
fn codes(text: &str) -> Vec<Range<usize>> {
    let is_of_codes = |letter: char| matches!(letter, 'A'..='Z' | '0'..='9' | '-');
    let mut codes = Vec::new();
    let mut start = 0;
    while let Some(first) = text.get(start..).and_then(|rest| rest.find(is_of_codes)) {
        let begin = start + first;
        let rest = text.get(begin..).unwrap_or_default();
        let token = rest.split(|letter| !is_of_codes(letter)).next().unwrap_or_default();
        start = begin + token.len();
        let token = token.trim_end_matches('-');
        let before = text.get(..begin).and_then(|before| before.chars().next_back());
        let next = text.get(begin + token.len()..).and_then(|rest| rest.chars().next());
        let is_glued =
            |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
        if is_code(token) && !is_glued(before) && !is_glued(next) {
            codes.push(begin..begin + token.len());
        }
    }
    codes
}

fn is_code(token: &str) -> bool {
    let digits: String = token.chars().filter(char::is_ascii_digit).collect();
    let has_letter = token.bytes().any(|byte| byte.is_ascii_uppercase());
    let is_year = digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
    token.len() >= 6 && digits.len() >= 4 && has_letter && !is_year
}
