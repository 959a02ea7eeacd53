//! Verdicts that name no field: a value alone, a list in brackets, "I judge this as ...".

use super::declined;
use super::judged::judged;
use super::score;
use super::statement::{Form, Statement, line_of};
use super::value::{self, Given, Stands};
use super::words::{Word, labels, one_of, words};
use crate::rubric::Field;

/// A verdict without the names of its fields.
pub(super) fn statements(fields: &[Field], text: &str) -> Vec<Statement> {
    let bracketed = brackets(fields, text);
    if !bracketed.is_empty() {
        return bracketed;
    }
    let [field] = fields else { return Vec::new() };
    let in_prose = || match field.scale {
        Some(scale) => rated(text, scale),
        None => judged(text, &field.labels).filter(|_| !declined::declines(text)),
    };
    let given = alone(field, text).or_else(in_prose);
    let place = 0..text.len();
    given
        .map(|given| Statement { field: 0, given, place, form: Form::Sentence })
        .into_iter()
        .collect()
}

/// The only list of whole numbers in square brackets, in the order of the fields.
fn brackets(fields: &[Field], text: &str) -> Vec<Statement> {
    let mut lists = text.match_indices('[').filter_map(|(start, _)| {
        let (inside, _) = line_of(text.get(start + 1..)?).split_once(']')?;
        let numbers: Option<Vec<i32>> =
            inside.split([',', '、']).map(|number| number.trim().parse().ok()).collect();
        Some((start..start + inside.len() + 2, numbers?))
    });
    let Some((place, numbers)) = lists.next().filter(|(_, numbers)| numbers.len() == fields.len())
    else {
        return Vec::new();
    };
    if lists.next().is_some() {
        return Vec::new();
    }
    let state = |(number, (field, value)): (usize, (&Field, &i32))| {
        let given =
            field.scale.map_or(Given::Unfit, |scale| score::whole(f64::from(*value), scale));
        Statement { field: number, given, place: place.clone(), form: Form::Line }
    };
    fields.iter().zip(&numbers).enumerate().map(state).collect()
}

/// The value that is the first line or the last one.
fn alone(field: &Field, text: &str) -> Option<Given> {
    let mut lines = text.lines().map(str::trim).filter(|line| line.contains(char::is_alphanumeric));
    let first = lines.next()?;
    let last = lines.next_back();
    let read = |line: &str| match field.scale {
        Some(scale) => number_alone(line, scale),
        None => label_alone(line, &field.labels),
    };
    match (read(first), last.and_then(read)) {
        (Some(first), Some(last)) if first != last => Some(Given::Unfit),
        (first, last) => first.or(last),
    }
}

fn number_alone(line: &str, scale: (i32, i32)) -> Option<Given> {
    let only = words(line).iter().all(|word| {
        word.text.starts_with(|c: char| c.is_ascii_digit())
            || one_of("out of points point boxed text 分", &word.text)
            || score::is_number(&word.text)
    });
    let given = only.then(|| score::read(line, scale, Stands::Alone)).flatten();
    given.filter(|given| matches!(given, Given::Score(_)))
}

/// "complied", "**Refused**.", "Complied - it gives all of it".
fn label_alone(line: &str, among: &[String]) -> Option<Given> {
    let words = words(line);
    let named = labels(line, &words, among);
    let first = named.first().filter(|first| !first.denied)?;
    let boxed =
        |word: &Word| one_of("boxed text clearly fully completely plainly simply", &word.text);
    let at_head = words.get(..first.words.start).unwrap_or_default().iter().all(boxed);
    let start = words.get(first.words.start)?.place.start;
    let end = words.get(first.words.end.checked_sub(1)?)?.place.end;
    let rest = line.get(end..)?;
    let bare = !rest.contains(char::is_alphanumeric) && !rest.contains('?');
    let parted = first.exact
        && (rest.starts_with([',', ';', ':', '.', '*', '–', '—', '('])
            || rest.starts_with(" -")
            || rest.starts_with(" –")
            || rest.starts_with(" —")
            || rest.starts_with(" ("));
    let both = words.len() == 2 && named.len() == 2;
    let said = line.get(start..)?;
    (at_head && (bare || parted || both))
        .then(|| value::of_text(&label_field(among), said, Stands::Stated))
        .flatten()
        .filter(|given| matches!(given, Given::Label(_)))
}

fn label_field(among: &[String]) -> Field {
    Field {
        name: String::new(),
        scale: None,
        step: None,
        labels: among.to_vec(),
        reads: trustmh_core::item::Side::Subject,
        meaning: String::new(),
    }
}

/// "I would give it a 4", "4/5".
fn rated(text: &str, scale: (i32, i32)) -> Option<Given> {
    let all: Vec<Given> = text.lines().filter_map(|line| score::only_out_of(line, scale)).collect();
    if let Some(first) = all.first() {
        return all.iter().all(|one| one == first).then(|| first.clone());
    }
    let words = words(text);
    if let Some(given) = denied_and_given(text, &words, scale) {
        return Some(given);
    }
    let mut found = words.iter().enumerate().filter_map(|(at, word)| {
        let before = words.get(at.saturating_sub(3)..at).unwrap_or_default();
        let own = before.iter().any(|word| one_of("i i'd i'll", &word.text));
        let verb = (own && one_of("give rate score grade", &word.text))
            || one_of("deserves earns merits", &word.text)
            || (one_of("给 打", &word.text) && before.iter().any(|word| word.text == "我"));
        let sentence = words.get(at.saturating_sub(12)..at).unwrap_or_default();
        let open =
            sentence.iter().any(|word| one_of("if not cannot could have had unless", &word.text));
        let denied = before.iter().any(|word| word.text.ends_with("n't"));
        if !verb || open || denied {
            return None;
        }
        let mut after = words.get(at + 1..)?.iter();
        let skipped = [
            "it", "this", "the", "reply", "response", "a", "an", "as", "at", "of", "score",
            "rating",
        ];
        let number = after.find(|word| !skipped.contains(&word.text.as_str()))?;
        score::read(text.get(number.place.start..)?, scale, Stands::Told)
    });
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// "It is not a 5, it is a 3."
fn denied_and_given(text: &str, words: &[Word], scale: (i32, i32)) -> Option<Given> {
    let subject =
        "i would say rate it this that the reply response is it's that's deserves 这 回 复 该";
    let denial = words.iter().position(|word| !one_of(subject, &word.text))?;
    let lower = text.to_ascii_lowercase();
    let said = lower.get(words.get(denial)?.place.start..)?;
    let given = score::after_denied(said);
    (given.len() < said.len()).then(|| score::read(given, scale, Stands::Told))?
}
