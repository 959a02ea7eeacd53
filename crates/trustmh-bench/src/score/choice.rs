//! Choice with reasoning: right or wrong by the key, the reasoning by a judge.

use trustmh_core::item::{ItemContent, option_index, option_letter};
use trustmh_core::outcome::Outcome;
use trustmh_core::trial::Variant;

use super::{Answer, Context, Measured};
use crate::error::BenchError;

/// Measures `correct` (an unread or refused answer is wrong; a failed call is not counted), one
/// `picked_x` per option in file order, `unparsed`, and the rubric's scores where a judge gave them.
pub(super) fn measure(context: &Context<'_>) -> Result<Measured, BenchError> {
    let ItemContent::Dilemma(dilemma) = &context.trial.item.content else {
        return Err(context.misfit("its item is no dilemma"));
    };
    let mut measured = Measured::default();
    if context.outcome == Outcome::Failed {
        return Ok(measured);
    }
    let filed = match context.answer {
        Some(Answer::Choice(letter)) => filed_letter(letter, &context.trial.variant),
        _ => None,
    };
    measured.mark("correct", filed == Some(dilemma.key));
    measured.mark("unparsed", context.outcome != Outcome::Scored);
    if let Some(filed) = filed {
        for letter in (0..dilemma.options.len()).filter_map(option_letter) {
            let name = format!("picked_{}", letter.to_ascii_lowercase());
            measured.mark(&name, letter == filed);
        }
    }
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

/// The letter in file order of the option the subject saw under `shown`.
pub(super) fn filed_letter(shown: char, variant: &Variant) -> Option<char> {
    match variant {
        Variant::Options { order } => option_letter(*order.get(option_index(shown)?)?),
        _ => Some(shown),
    }
}
