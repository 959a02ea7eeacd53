//! Verdicts that name no field: a value alone, a list in brackets, "I judge this as ...".

use super::declined;
use super::label::first_sentence;
use super::score;
use super::statement::{Form, Statement, line_of};
use super::value::{self, Given, Stands};
use super::words::{Named, Word, labels, one_of, words};
use crate::rubric::Field;

/// Words of judging.
const DECIDES: &str = "\
    judge judged rate rated classify classified label labelled labeled call mark marked consider considered deem \
    deemed assess assessed categorise categorize categorised categorized described scored counted counts count \
    qualifies amounts falls conclude conclusion therefore thus hence say give score grade settle choose 判 判定 认 属";

/// Who is judged.
const JUDGED: &[&str] =
    &["reply", "response", "it", "it's", "assistant", "answer", "this", "model", "text"];

/// What may stand between the judged and what it did.
const DOES: &str = "\
    has had have is was fully clearly completely simply plainly flatly then still a an therefore thus outright \
    politely ultimately actually here entirely also just only openly firmly case of one clear plain";

/// What leaves the decision open.
const OPEN: &str = "\
    if would could might may whether perhaps maybe unclear unsure seems possibly either almost nearly \
    mostly partly somewhat tries wants asks unless";

/// A verdict without the names of its fields.
pub(super) fn statements(fields: &[Field], text: &str) -> Vec<Statement> {
    let bracketed = brackets(fields, text);
    if !bracketed.is_empty() {
        return bracketed;
    }
    let [field] = fields else { return Vec::new() };
    let in_prose = || {
        let given = match field.scale {
            Some(scale) => rated(text, scale),
            None => judged(text, &field.labels),
        };
        given.filter(|_| !declined::declines(text))
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
    Field { name: String::new(), scale: None, labels: among.to_vec(), meaning: String::new() }
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
        if !verb || open {
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
    let said = text.get(words.get(denial)?.place.start..)?;
    let given = score::after_denied(said);
    (given.len() < said.len()).then(|| score::read(given, scale, Stands::Told))?
}

/// "I judge this as complied", "It did not refuse; it complied."
fn judged(text: &str, among: &[String]) -> Option<Given> {
    let words = words(text);
    let named = labels(text, &words, among);
    let held = |one: &&Named| !one.denied && !is_draft(text, &words, one);
    let given: Vec<&Named> = named.iter().filter(held).collect();
    let first = given.first()?;
    let one = given.iter().all(|other| other.label == first.label);
    let decided = given.iter().any(|one| is_decided(text, &words, &named, one));
    let open = given.iter().any(|one| is_open(text, &words, one));
    (one && decided && !open).then(|| among.get(first.label).cloned().map(Given::Label)).flatten()
}

/// So many words before a label its sentence may have.
const SENTENCE: usize = 40;

/// The words of the label's sentence before it.
fn before<'w>(text: &str, words: &'w [Word], one: &Named) -> &'w [Word] {
    let far = one.words.start.saturating_sub(SENTENCE);
    let start = (far..one.words.start).rev().find(|at| {
        let (Some(word), Some(next)) = (words.get(*at), words.get(at + 1)) else { return true };
        let gap = text.get(word.place.end..next.place.start).unwrap_or_default();
        gap.contains(['.', ';', '!', '?', '\n', '。', '\u{1}'])
    });
    words.get(start.map_or(far, |at| at + 1)..one.words.start).unwrap_or_default()
}

/// "I leaned towards refused at first, but ...": what the judge once thought.
fn is_draft(text: &str, words: &[Word], one: &Named) -> bool {
    let before = before(text, words, one);
    let draft = before.iter().rposition(|word| {
        one_of(
            "initially originally first leaned leaning tempted considered hesitated 最 起 原",
            &word.text,
        )
    });
    let turned = before.iter().rposition(|word| one_of("but so yet however 但 改", &word.text));
    let own = before.iter().any(|word| one_of("i my 我", &word.text));
    own && draft.is_some_and(|draft| turned.is_none_or(|turned| turned < draft))
}

fn is_decided(text: &str, words: &[Word], named: &[Named], one: &Named) -> bool {
    let before = before(text, words, one);
    let next = words.get(one.words.end).map(|word| word.text.as_str());
    if next == Some("that") {
        return false;
    }
    let near = before.get(before.len().saturating_sub(8)..).unwrap_or_default();
    let decides = near.iter().any(|word| one_of(DECIDES, word.text.as_str()));
    let subject = before.iter().rposition(|word| JUDGED.contains(&word.text.as_str()));
    // "It did not refuse but complied": the subject is still the same.
    let turn =
        before.iter().rposition(|word| word.text == "but").filter(|turn| Some(*turn) > subject);
    let does = subject.map(|subject| turn.unwrap_or(subject)).is_some_and(|at| {
        before.get(at + 1..).unwrap_or_default().iter().all(|word| one_of(DOES, &word.text))
    });
    let last = words.get(one.words.end.saturating_sub(1)).map_or(text.len(), |word| word.place.end);
    let rest = line_of(text.get(last..).unwrap_or_default());
    let ends =
        first_sentence(rest).split([',', ';', ':', '-', '–', '—', '(']).next().unwrap_or_default();
    let is_deed = words
        .get(one.words.start)
        .is_some_and(|word| word.text.ends_with("ed") || (!one.exact && word.text.ends_with('s')));
    // "Not refused, not partial: complied."
    let denials = !before.is_empty()
        && before.iter().enumerate().all(|(at, word)| {
            let at = one.words.start - before.len() + at;
            one_of("not nor neither no but rather and 不 是 并 非 而 也 既", &word.text)
                || named.iter().any(|other| other.denied && other.words.contains(&at))
        });
    let closes = !ends.contains(char::is_alphanumeric);
    let so = near.iter().rposition(|word| word.text == "so").is_some_and(|so| {
        let link = near.get(so + 1..).unwrap_or_default();
        link.iter().all(|word| one_of("it is it's this that's i'd say the verdict", &word.text))
    });
    decides || denials || (so && closes) || (does && (is_deed || closes))
}

fn is_open(text: &str, words: &[Word], one: &Named) -> bool {
    let last = words.get(one.words.end.saturating_sub(1)).map_or(text.len(), |word| word.place.end);
    let asks =
        text.get(last..).unwrap_or_default().trim_start_matches(['"', '*', ' ']).starts_with('?');
    let before = before(text, words, one);
    let saying = before.iter().any(|word| {
        ["say", "call", "rate", "classify", "judge", "give"].contains(&word.text.as_str())
    });
    asks || before
        .iter()
        .any(|word| one_of(OPEN, word.text.as_str()) && !(saying && word.text == "would"))
}
