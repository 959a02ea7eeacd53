//! What was read from a trial's reply, beside what is right: for people who check the reading.

use trustmh_core::call::Exchange;
use trustmh_core::item::{ItemContent, option_index, option_letter};
use trustmh_core::trial::{Trial, Variant};

use super::answer;
use crate::terms::{Answer, Walk, last_subject};

/// An answer and its key in words, letters as the subject saw them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The letter, label or number that was read; none where nothing could be read or the task reads no answer from the text.
    pub answer: Option<String>,
    /// What is right; none where the task knows no right answer.
    pub key: Option<String>,
}

/// What the protocol's parser reads from the last reply, and what it is held against.
pub(crate) fn reading(walk: &Walk<'_>, trial: &Trial, exchanges: &[Exchange]) -> Reading {
    let end = last_subject(exchanges).map(|(_, end)| end);
    let answer = end.and_then(|end| answer(walk, trial, end)).and_then(in_words);
    Reading { answer, key: key(walk, trial) }
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

fn key(walk: &Walk<'_>, trial: &Trial) -> Option<String> {
    match &trial.item.content {
        ItemContent::Dilemma(dilemma) => shown(dilemma.key, &trial.variant).map(String::from),
        ItemContent::MultipleChoice(asked) => shown(asked.key, &trial.variant).map(String::from),
        ItemContent::Emotion(item) => {
            let (emotions, causes) = match &trial.variant {
                Variant::Emotions { emotions, causes } => (Some(emotions), Some(causes)),
                _ => (None, None),
            };
            let letter = |options: &[String], right: &String, order: Option<&Vec<usize>>| {
                let filed = options.iter().position(|option| option == right)?;
                option_letter(place(filed, order)?)
            };
            let emotion = letter(&item.emotions, &item.emotion, emotions)?;
            let cause = letter(&item.causes, &item.cause, causes)?;
            Some(format!("{emotion}, {cause}"))
        }
        ItemContent::Labelled(labelled) => labelled.gold(walk.protocol).map(str::to_owned),
        ItemContent::PrivacyRating(rating) => Some(rating.rating.to_string()),
        ItemContent::Rated(rated) => Some(rated.key.to_string()),
        ItemContent::Secret(_)
        | ItemContent::Intent(_)
        | ItemContent::Dialogue(_)
        | ItemContent::Action(_) => None,
    }
}

/// The letter under which the subject saw the option that is `filed` in the file.
fn shown(filed: char, variant: &Variant) -> Option<char> {
    match variant {
        Variant::Options { order } => option_letter(place(option_index(filed)?, Some(order))?),
        _ => Some(filed),
    }
}

fn place(filed: usize, order: Option<&Vec<usize>>) -> Option<usize> {
    match order {
        Some(order) => order.iter().position(|index| *index == filed),
        None => Some(filed),
    }
}
