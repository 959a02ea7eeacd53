//! Questions with one right option.

use trustmh_core::item::{ItemContent, option_letter};
use trustmh_core::outcome::Outcome;

use super::choice::filed_letter;
use super::{Answer, Context, Measured};
use crate::error::BenchError;

/// Measures `correct` (an unread or refused answer is wrong; a failed call is not counted), `above_chance`
/// (1 if right, below 0 if wrong, so that guessing has mean 0), `unparsed`, and `picked_x` per option in
/// file order.
pub(super) fn measure(context: &Context<'_>) -> Result<Measured, BenchError> {
    let ItemContent::MultipleChoice(question) = &context.trial.item.content else {
        return Err(context.misfit("its item is no question with options"));
    };
    let mut measured = Measured::default();
    if context.outcome == Outcome::Failed {
        return Ok(measured);
    }
    let filed = match context.answer {
        Some(Answer::Choice(letter)) => filed_letter(letter, &context.trial.variant),
        _ => None,
    };
    let correct = filed == Some(question.key);
    let chance = 1.0 / question.options.len().max(2) as f64;
    measured.mark("correct", correct);
    measured.set("above_chance", (f64::from(u8::from(correct)) - chance) / (1.0 - chance));
    measured.mark("unparsed", context.outcome != Outcome::Scored);
    measured.tag("options", &question.options.len().to_string());
    if let Some(filed) = filed {
        for letter in (0..question.options.len()).filter_map(option_letter) {
            let name = format!("picked_{}", letter.to_ascii_lowercase());
            measured.mark(&name, letter == filed);
        }
    }
    Ok(measured)
}
