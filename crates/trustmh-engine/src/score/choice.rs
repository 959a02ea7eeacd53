//! Choice with reasoning: right or wrong by the key, the reasoning by a judge.

use trustmh_core::item::{ItemContent, option_index, option_letter};
use trustmh_core::outcome::Outcome;
use trustmh_core::trial::Variant;

use super::{Context, Measured};
use crate::error::EngineError;
use crate::terms::Answer;

/// Measures `correct` (an unread or refused answer is wrong; a failed call is not counted), one
/// `picked_x` per option in file order, `unparsed`, and the rubric's scores where a judge gave them.
pub(super) fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
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

/// Marks `correct`, `unparsed` and one `picked_x` per option in file order; tells whether it is correct.
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
