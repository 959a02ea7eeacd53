//! Choice with reasoning: right or wrong by the key, the reasoning by a judge.

use trustmh_core::item::{ItemContent, ItemKind, option_index, option_letter};
use trustmh_core::outcome::Outcome;
use trustmh_core::trial::Variant;

use super::scorer::{Fits, Judging, Measure, Scorer, every_trial};
use super::{Context, Measured};
use crate::error::EngineError;
use crate::parse::Answer;
use crate::task::{ParserKind, ScorerKind};

pub(super) const SCORER: Scorer = Scorer {
    kind: ScorerKind::ChoiceWithReasoning,
    about: "Whether the choice is the key; a judge scores the reasoning.",
    items: Fits::Only(ItemKind::Dilemma),
    parsers: &[ParserKind::ChoiceAsReleased, ParserKind::Choice],
    measures: &[
        CORRECT,
        UNPARSED,
        PICKED,
        Measure::of_rubric("What the judge gives the reasoning in this field of the rubric."),
    ],
    texts: &[],
    facets: &[],
    judge: Judging::Optional { of: every_trial },
    measure,
};

/// A failed call is not counted.
pub(super) const CORRECT: Measure = Measure::mark(
    "correct",
    "The answer is the right one; an answer that is refused, missing or cannot be read is wrong.",
);

pub(super) const UNPARSED: Measure = Measure::mark("unparsed", "No answer could be read.");

pub(super) const PICKED: Measure =
    Measure::of_options("picked_", "This option was chosen, by its letter in the file.");

fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
    let ItemContent::Dilemma(dilemma) = &context.trial.item.content else {
        return Err(context.misfit("its item is no dilemma"));
    };
    let mut measured = Measured::default();
    if context.outcome == Outcome::Failed {
        return Ok(measured);
    }
    mark_choice(context, dilemma.key, dilemma.options.len(), &mut measured);
    match context.model_verdict()? {
        Ok(verdict) => {
            for (field, score) in verdict.scores {
                measured.set(&field, f64::from(score));
            }
        }
        Err(missing) => measured.missing = Some(missing),
    }
    Ok(measured)
}

/// Marks [`CORRECT`], [`UNPARSED`] and [`PICKED`]; tells whether it is correct.
pub(super) fn mark_choice(
    context: &Context<'_>,
    key: char,
    options: usize,
    measured: &mut Measured,
) -> bool {
    let filed = match context.answer {
        Some(Answer::Choice(letter)) => filed_letter(letter, &context.trial.variant),
        _ => None,
    };
    let correct = filed == Some(key);
    measured.mark("correct", correct);
    measured.mark("unparsed", context.outcome != Outcome::Scored);
    if let Some(filed) = filed {
        for letter in (0..options).filter_map(option_letter) {
            let name = format!("picked_{}", letter.to_ascii_lowercase());
            measured.mark(&name, letter == filed);
        }
    }
    correct
}

/// The letter in file order of the option the subject saw under `shown`.
fn filed_letter(shown: char, variant: &Variant) -> Option<char> {
    match variant {
        Variant::Options { order } => option_letter(*order.get(option_index(shown)?)?),
        _ => Some(shown),
    }
}
