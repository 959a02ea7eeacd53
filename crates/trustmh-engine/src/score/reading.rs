//! What was read from a trial's reply, beside what is right: for people who check the reading.

use trustmh_core::call::Exchange;
use trustmh_core::trial::Trial;

use super::answer;
use crate::exchanges::last_subject;
use crate::kind;
use crate::parse::Answer;
use crate::rules::TaskRules;

/// An answer and its key in words, letters as the subject saw them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The letter, label or number that was read; none where nothing could be read or the task reads no answer from the text.
    pub answer: Option<String>,
    /// What is right; none where the task knows no right answer.
    pub key: Option<String>,
}

/// What the protocol's parser reads from the last reply, and what it is held against.
pub(crate) fn reading(rules: &TaskRules<'_>, trial: &Trial, exchanges: &[Exchange]) -> Reading {
    let end = last_subject(exchanges).map(|(_, end)| end);
    let answer = end.and_then(|end| answer(rules, trial, end)).and_then(in_words);
    let key = kind::of(&trial.item.content).key(&trial.variant, rules.protocol);
    Reading { answer, key }
}

fn in_words(answer: Answer) -> Option<String> {
    let letter = |letter: Option<char>| letter.map_or_else(|| "-".to_owned(), String::from);
    match answer {
        Answer::Choice(letter) => Some(letter.to_string()),
        Answer::Rating(value) => Some(value.to_string()),
        Answer::EmotionAndCause(emotion, cause) => {
            Some(format!("{}, {}", letter(emotion), letter(cause)))
        }
        Answer::Label(label) => Some(label),
        Answer::Text(_) => None,
    }
}
