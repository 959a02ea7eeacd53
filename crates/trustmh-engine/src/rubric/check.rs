//! What can be wrong with a rubric that is sound TOML.

use std::collections::BTreeSet;

use serde_json::Value;

use super::RubricFile;
use super::tree::{Question, Then};
use crate::error::EngineError;
use crate::parse::json::{folded_key, repeats_form};

pub(super) fn check(path: &str, file: &RubricFile) -> Result<(), EngineError> {
    let rule = |field: &str, message: &str| Err(EngineError::rule(path, field, message));
    match (file.fields.is_empty(), file.questions.is_empty()) {
        (true, true) => {
            return rule(
                "fields",
                "a verdict needs at least one field, or a decision tree `questions`",
            );
        }
        (false, false) => {
            return rule("questions", "a rubric has either `fields` or `questions`, and not both");
        }
        (false, true) if !file.dimensions.is_empty() => {
            return rule("dimensions", "only the `questions` of a decision tree have dimensions");
        }
        (false, true) => fields(path, file)?,
        (true, false) => tree(path, file)?,
    }
    anchors(path, file)
}

fn fields(path: &str, file: &RubricFile) -> Result<(), EngineError> {
    for field in &file.fields {
        if let Some(fault) = field.fault() {
            return Err(EngineError::rule(path, format!("fields.{}", field.name), fault));
        }
    }
    Ok(())
}

/// Every label needs as many anchors as the first scale has scores.
pub(super) fn anchors(path: &str, file: &RubricFile) -> Result<(), EngineError> {
    let scaled = file.fields.iter().find(|field| field.scale.is_some());
    let wanted = scaled.map_or(0, |field| field.scores().len());
    match file.anchors.iter().find(|(_, anchors)| anchors.len() != wanted) {
        Some((label, anchors)) => {
            let message = format!("has {} anchors for {wanted} scores", anchors.len());
            Err(EngineError::rule(path, format!("anchors.{label}"), message))
        }
        None => Ok(()),
    }
}

fn tree(path: &str, file: &RubricFile) -> Result<(), EngineError> {
    if file.from.is_some() {
        let message =
            "belongs to a rubric for turns; a decision tree is about the whole conversation";
        return Err(EngineError::rule(path, "from", message));
    }
    let mut known = BTreeSet::new();
    for dimension in &file.dimensions {
        if !known.insert(&dimension.id) {
            let field = format!("dimensions.{}", dimension.id);
            return Err(EngineError::rule(path, field, "is there twice"));
        }
    }
    let mut names = BTreeSet::new();
    for (place, question) in file.questions.iter().enumerate() {
        if let Some((part, fault)) = fault(file, place, question, &mut names) {
            let field = format!("questions.{}{part}", question.id);
            return Err(EngineError::rule(path, field, fault));
        }
    }
    let unasked = file.dimensions.iter().find(|dimension| {
        !file.questions.iter().any(|question| question.dimension == dimension.id)
    });
    match unasked {
        Some(dimension) => {
            let field = format!("dimensions.{}", dimension.id);
            Err(EngineError::rule(path, field, "no question is about it"))
        }
        None => Ok(()),
    }
}

/// What is wrong with a question, and in which part of it.
fn fault(
    file: &RubricFile,
    place: usize,
    question: &Question,
    names: &mut BTreeSet<String>,
) -> Option<(String, String)> {
    let whole = |fault: String| Some((String::new(), fault));
    let name = folded_key(question.id.as_str());
    if name.is_empty() || Then::is_word(question.id.as_str()) {
        return whole(
            "its id must have a letter or digit, and cannot be `end` or `next`".to_owned(),
        );
    }
    if !names.insert(name) {
        return whole(
            "another question has this id, or one that differs only in case or signs".to_owned(),
        );
    }
    if question.asks.trim().is_empty() || is_placeholder(&question.asks) {
        return Some((".asks".to_owned(), "says nothing that could be answered".to_owned()));
    }
    if !file.dimensions.iter().any(|dimension| dimension.id == question.dimension) {
        let known: Vec<&str> = file.dimensions.iter().map(|known| known.id.as_str()).collect();
        let fault =
            format!("no dimension `{}`; there are {}", question.dimension, known.join(", "));
        return Some((".dimension".to_owned(), fault));
    }
    let mut answers = BTreeSet::new();
    for rule in &question.answers {
        let part = || format!(".answers `{}`", rule.answer);
        let word = folded_key(&rule.answer);
        if word.is_empty() || is_placeholder(&rule.answer) {
            return Some((part(), "is no answer that a judge could give".to_owned()));
        }
        if !answers.insert(word) {
            return Some((part(), "is there twice, or differs only in case or signs".to_owned()));
        }
        if let Some(fault) = jump_fault(file, place, &rule.then) {
            return Some((part(), fault));
        }
    }
    // One with a single answer is not asked: it only says where the walk goes on, and what it found.
    let none = question.answers.is_empty();
    none.then(|| (".answers".to_owned(), "is empty: a question needs answers".to_owned()))
}

fn jump_fault(file: &RubricFile, from: usize, then: &Then) -> Option<String> {
    let Then::Question(to) = then else { return None };
    match file.questions.iter().position(|question| question.id == *to) {
        Some(at) if at > from => None,
        Some(_) => Some(format!(
            "leads back to `{to}`; answers lead only to questions that stand later, so that every walk ends"
        )),
        None => Some(format!("leads to `{to}`, and there is no such question")),
    }
}

/// Whether a text says what should stand there: a judge that repeats it answers nothing.
fn is_placeholder(text: &str) -> bool {
    repeats_form(&Value::from(text))
}
