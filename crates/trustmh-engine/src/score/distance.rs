//! Distance of a rating to the key of its item, such as the mean of experts.

use trustmh_core::item::{ItemContent, ItemKind};
use trustmh_core::outcome::Outcome;
use trustmh_core::trial::Trial;

use super::rating::{GREATEST, LEAST};
use super::scorer::{Facet, Fits, Judging, Measure, Scale, Scorer};
use super::{Context, Measured};
use crate::error::EngineError;
use crate::parse::Answer;
use crate::task::{ParserKind, ScorerKind, Task, UnreadLabel};

/// A reply without a rating counts in each figure of distance as the end of the scale that is farthest from the key,
/// lest whoever rates only what is easy comes out nearer; where the task leaves such replies out, it has none of these.
/// It never has a `model_rating`. A failed call is not counted.
pub(super) const SCORER: Scorer = Scorer {
    kind: ScorerKind::RatingDistance,
    about: "How far the rating is from the item's key.",
    items: Fits::Only(ItemKind::Rated),
    parsers: &[ParserKind::Rating],
    measures: &[
        Measure::number("model_rating", Scale::Ratings, "The model's rating."),
        Measure::number("key", Scale::Ratings, "The rating that the item ought to get."),
        Measure::number("distance", FAR, "How far the rating is from the key."),
        Measure::number("squared_distance", FAR, "The square of the distance."),
        Measure::number(
            "difference",
            Scale::Between(f64::NEG_INFINITY, f64::INFINITY),
            "The rating less the key.",
        ),
        Measure::mark("within_step", "On scales with steps: the rating is one step off at most.")
            .of(has_steps),
        Measure::mark("unread", "No rating could be read."),
        Measure::number(LEAST, Scale::Ratings, "Of missing ratings: the least it could have been."),
        Measure::number(
            GREATEST,
            Scale::Ratings,
            "Of missing ratings: the greatest it could have been.",
        ),
    ],
    texts: &[],
    facets: &[Facet::open("scale", "The scale on which the item is rated.")],
    judge: Judging::Nothing,
    measure,
};

const FAR: Scale = Scale::Between(0.0, f64::INFINITY);

fn has_steps(task: &Task, trial: &Trial) -> bool {
    match &trial.item.content {
        ItemContent::Rated(rated) => {
            task.scale(&trial.item.id, rated).is_ok_and(|scale| scale.widest_step().is_some())
        }
        _ => false,
    }
}

fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
    let ItemContent::Rated(item) = &context.trial.item.content else {
        return Err(context.misfit("its item is nothing to be rated"));
    };
    let scale = context.rules.task.scale(&context.trial.item.id, item)?;
    let mut measured = Measured::default();
    measured.tag("scale", scale.name.as_str());
    let rating = match context.answer {
        Some(Answer::Rating(rating)) => Some(rating),
        _ => None,
    };
    let left_out = context.rules.rule.unread_label == UnreadLabel::LeftOut;
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
