//! Fields of a judge's verdict, as the task's rubrics name them.

use trustmh_core::outcome::Outcome;

use super::scorer::{Fits, Judging, Measure, Scorer};
use super::{Context, Measured};
use crate::error::EngineError;
use crate::task::{ParserKind, ScorerKind};

/// A refusal is judged like any other reply; one that is empty or was withheld is missing.
pub(super) const SCORER: Scorer = Scorer {
    kind: ScorerKind::Judged,
    about: "What a judge says in the fields of the task's rubrics.",
    items: Fits::All,
    parsers: &[ParserKind::Text, ParserKind::TextAfterAnswer],
    measures: &[
        Measure::of_rubric("The judge's score in the field of this name."),
        Measure::of_rubric_labels("The judge gave this label in its field."),
    ],
    texts: &[],
    facets: &[],
    judge: Judging::ByAnyField,
    measure,
};

fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
    let mut measured = Measured::default();
    match context.outcome {
        Outcome::Failed | Outcome::BrokenClient | Outcome::Unparsed | Outcome::Unanswered(_) => {
            return Ok(measured);
        }
        Outcome::Scored | Outcome::Refused => {}
    }
    let verdict = match context.model_verdict()? {
        Ok(verdict) => verdict,
        Err(missing) => {
            measured.missing = Some(missing);
            return Ok(measured);
        }
    };
    for (field, score) in &verdict.scores {
        measured.set(field, f64::from(*score));
    }
    for rubric in context.rules.rubrics(context.trial)? {
        for field in &rubric.file.fields {
            let Some(given) = verdict.labels.get(&field.name) else { continue };
            for label in &field.labels {
                measured.mark(&field.measure_of(label), label == given);
            }
        }
    }
    Ok(measured)
}
