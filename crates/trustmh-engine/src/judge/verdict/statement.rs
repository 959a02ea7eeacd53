//! What a judge states of its fields, one after the other, and to which of it the judge commits itself.

use std::ops::Range;

use super::value::Given;

/// How firmly a statement has the form of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A field of an object.
    Object,
    /// A line, a cell or a tag with the field's name.
    Line,
    /// A sentence.
    Sentence,
    /// A sentence that says that the verdict is changed.
    Change,
}

/// What is stated of one field in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// Which field.
    pub(super) field: usize,
    pub(super) given: Given,
    /// The bytes of the object, or those from the field's name to the end of its value.
    pub(super) place: Range<usize>,
    pub(super) form: Form,
}

/// What announces that a verdict is given anew.
const ANEW: &[&str] = &[
    "correct",
    "revis",
    "i change",
    "chang",
    "reconsider",
    "on reflection",
    "second thought",
    "actually",
    "wait",
    "hmm",
    "oops",
    "looking again",
    "look again",
    "等等",
    "scratch that",
    "final",
    "amend",
    "updat",
    "adjust",
    "mistake",
    "take it back",
    "take that back",
    "on closer",
    "re-read",
    "reread",
    "rather,",
    "instead",
    "overall",
    "in the end",
    "my verdict",
    "my score",
    "my rating",
    "mine:",
    "更正",
    "改为",
    "改成",
    "修正",
    "重新",
    "最终",
    "不对",
    "再想",
    "我的",
];

/// What takes a verdict back without giving another one.
const TAKEN_BACK: &[&str] = &[
    "i take that back",
    "i take it back",
    "scratch that",
    "disregard the above",
    "disregard my verdict",
    "ignore my verdict above",
    "that verdict is wrong",
    "我收回",
];

/// So far before a statement its announcement may stand: a block of lines is announced once.
const LINES_BACK: usize = 600;
const SENTENCE_BACK: usize = 160;

/// What stands further off says nothing about a value.
const REACH: usize = 400;

/// The value of one field to which the judge commits itself, of what it states of it in order.
pub(super) fn committed(text: &str, stated: &[Statement]) -> Option<Given> {
    let mut held: Option<Statement> = None;
    for next in stated {
        let Some(before) = &mut held else {
            held = Some(next.clone());
            continue;
        };
        if before.given == next.given && next.form != Form::Object {
            continue;
        }
        let anew = is_anew(text, before.place.end, next);
        match (before.form, next.form) {
            (_, Form::Object | Form::Change) | (Form::Sentence, Form::Line) => {
                *before = next.clone()
            }
            (_, Form::Line | Form::Sentence) if anew => *before = next.clone(),
            (Form::Object | Form::Line | Form::Change, Form::Sentence) => {}
            // Two values, and nothing that says which of them holds.
            (Form::Object | Form::Line | Form::Change, Form::Line)
            | (Form::Sentence, Form::Sentence) => {
                before.given = Given::Unfit;
            }
        }
    }
    let held = held?;
    let after = text.get(held.place.end..).unwrap_or_default().to_lowercase();
    let kept = !TAKEN_BACK.iter().any(|phrase| after.contains(phrase));
    Some(held.given).filter(|_| kept)
}

fn is_anew(text: &str, from: usize, next: &Statement) -> bool {
    let reach = match next.form {
        Form::Object | Form::Line => LINES_BACK,
        Form::Sentence | Form::Change => SENTENCE_BACK,
    };
    let start = from.max(next.place.start.saturating_sub(reach));
    let between = between(text, start, next.place.start).to_lowercase();
    ANEW.iter().any(|phrase| between.contains(phrase))
}

/// The first line of a text, as far as a value or a word about it may reach.
pub(super) fn line_of(text: &str) -> &str {
    let near = between(text, 0, text.len().min(REACH));
    near.split('\n').next().unwrap_or_default()
}

/// The text between two places, moved to where signs begin.
pub(super) fn between(text: &str, start: usize, end: usize) -> &str {
    let start = (start..=end).find(|at| text.is_char_boundary(*at)).unwrap_or(end);
    let end = (start..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(start);
    text.get(start..end).unwrap_or_default()
}
