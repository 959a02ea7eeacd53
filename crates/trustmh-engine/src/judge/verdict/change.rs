//! A verdict that is changed in words that name no field: "Sorry, I meant partial."

use super::label::first_sentence;
use super::score;
use super::statement::{Form, Statement};
use super::value::{Given, Stands};
use super::words::{Word, labels, one_of, words};
use crate::rubric::Field;

/// Words by which a change begins.
const BEGINS: &str =
    "correction corrected sorry actually wait no hmm oops rather revised edit update better";

/// Words that say that there is one.
const SAYS: &str = "change changing revise revising correct correcting raise lower";

/// Words that may stand between the beginning and the new value.
const LEADS: &str = "\
    correction corrected sorry actually wait no hmm oops rather revised edit update better i meant mean it is \
    it's this so the verdict should be to my now as a an change make that score final reply has fully on \
    second thought";

/// Words right before a number that give it.
const GIVES: &str = "so to is a an be it give rather meant mean score as";

/// The changes after `from`, which is the end of what was stated before.
pub(super) fn statements(fields: &[Field], text: &str, from: usize) -> Vec<Statement> {
    let [field] = fields else { return Vec::new() };
    let mut changes = Vec::new();
    let mut at = from;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let sentence = first_sentence(rest);
        let words = words(sentence);
        let begins = words.first().is_some_and(|word| one_of(BEGINS, &word.text));
        let says = words.iter().any(|word| one_of(SAYS, &word.text));
        if begins || says {
            let given = match field.scale {
                Some(scale) => number(sentence, &words, scale),
                None => label(sentence, &words, &field.labels),
            };
            let place = at..at + sentence.len();
            // The words that announce the change stand in the sentence itself.
            changes.extend(given.map(|given| Statement {
                field: 0,
                given,
                place,
                form: Form::Change,
            }));
        }
        let end = rest.chars().nth(sentence.chars().count()).map_or(0, char::len_utf8);
        at += sentence.len() + end.max(1);
    }
    changes
}

fn label(sentence: &str, words: &[Word], among: &[String]) -> Option<Given> {
    let named = labels(sentence, words, among);
    let text_before = |at: usize| words.get(at.wrapping_sub(1)).map(|word| word.text.as_str());
    if let [old, new] = named.as_slice()
        && text_before(old.words.start) == Some("from")
        && text_before(new.words.start) == Some("to")
    {
        return among.get(new.label).cloned().map(Given::Label);
    }
    let [only] = named.as_slice() else { return None };
    let before = words.get(..only.words.start)?;
    let led = before.iter().all(|word| one_of(LEADS, &word.text));
    let end = words.get(only.words.end.checked_sub(1)?)?.place.end;
    let after = sentence.get(end..)?.trim_start();
    let ends = !after.starts_with(char::is_alphanumeric);
    (led && ends && only.exact && !only.denied)
        .then(|| among.get(only.label).cloned().map(Given::Label))?
}

fn number(sentence: &str, words: &[Word], scale: (i32, i32)) -> Option<Given> {
    let digit = |word: &Word| word.text.starts_with(|c: char| c.is_ascii_digit());
    let mut numbers = words.iter().enumerate().filter(|(_, word)| digit(word));
    let (at, word) = numbers.next()?;
    let led = words.get(at.checked_sub(1)?).is_some_and(|before| one_of(GIVES, &before.text));
    let last =
        words.get(at + 1..)?.iter().all(|word| digit(word) || one_of("out of points", &word.text));
    (led && last).then(|| score::read(sentence.get(word.place.start..)?, scale, Stands::Told))?
}
