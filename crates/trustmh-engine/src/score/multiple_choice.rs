//! Questions with one right option.

use trustmh_core::item::ItemContent;
use trustmh_core::outcome::Outcome;

use super::choice::mark_choice;
use super::{Context, Measured};
use crate::error::EngineError;

/// Measures `correct` (an unread or refused answer is wrong; a failed call is not counted), `above_chance`
/// (1 if right, below 0 if wrong, so that guessing has mean 0), `unparsed`, and `picked_x` per option in
/// file order.
pub(super) fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
    let ItemContent::MultipleChoice(question) = &context.trial.item.content else {
        return Err(context.misfit("its item is no question with options"));
    };
    let mut measured = Measured::default();
    if context.outcome == Outcome::Failed {
        return Ok(measured);
    }
    let options = question.options.len();
    let correct = mark_choice(context, question.key, options, &mut measured);
    let chance = 1.0 / options.max(2) as f64;
    measured.set("above_chance", (f64::from(u8::from(correct)) - chance) / (1.0 - chance));
    measured.tag("options", &options.to_string());
    Ok(measured)
}
