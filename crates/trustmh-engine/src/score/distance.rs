//! Distance of a rating to the key of its item, such as the mean of experts.

use trustmh_core::item::ItemContent;
use trustmh_core::outcome::Outcome;

use super::rating::{GREATEST, LEAST};
use super::{Context, Measured};
use crate::error::EngineError;
use crate::task::UnreadLabel;
use crate::terms::Answer;

/// Measures `model_rating`, `key`, `distance` (absolute), `squared_distance`, `difference` (rating less key) and, on scales with
/// steps, `within_step`; and `unread`. A reply without a rating counts in each figure of distance as the end of the scale that is
/// farthest from the key, lest whoever rates only what is easy comes out nearer; where the task leaves such replies out, it has none
/// of these. It never has a `model_rating`. A failed call is not counted.
pub(super) fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
    let ItemContent::Rated(item) = &context.trial.item.content else {
        return Err(context.misfit("its item is nothing to be rated"));
    };
    let scale = context.walk.task.scale(&context.trial.item.id, item)?;
    let mut measured = Measured::default();
    measured.tag("scale", scale.name.as_str());
    let rating = match context.answer {
        Some(Answer::Rating(rating)) => Some(rating),
        _ => None,
    };
    let left_out = context.walk.rule().unread_label == UnreadLabel::LeftOut;
    if rating.is_none() && (context.outcome == Outcome::Failed || !left_out) {
        let (low, high) = scale.range();
        measured.set("key", item.key);
        measured.set(LEAST, low);
        measured.set(GREATEST, high);
    }
    if context.outcome == Outcome::Failed {
        return Ok(measured);
    }
    measured.mark("unread", rating.is_none());
    let counted = match rating {
        Some(rating) => {
            measured.set("model_rating", rating);
            measured.set("key", item.key);
            rating
        }
        None if left_out => return Ok(measured),
        None => scale.farthest(item.key),
    };
    let difference = counted - item.key;
    measured.set("difference", difference);
    measured.set("distance", difference.abs());
    measured.set("squared_distance", difference.powi(2));
    if let Some(step) = scale.widest_step() {
        measured.mark("within_step", difference.abs() <= step + 1e-9);
    }
    Ok(measured)
}
