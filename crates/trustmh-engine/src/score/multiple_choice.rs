//! Questions with one right option.

use trustmh_core::item::{ItemContent, ItemKind};
use trustmh_core::outcome::Outcome;

use super::choice::{CORRECT, PICKED, UNPARSED, mark_choice};
use super::scorer::{Facet, Fits, Judging, Measure, Scale, Scorer};
use super::{Context, Measured};
use crate::error::EngineError;
use crate::task::{ParserKind, ScorerKind};

pub(super) const SCORER: Scorer = Scorer {
    kind: ScorerKind::MultipleChoice,
    about: "Whether the choice is the key.",
    items: Fits::Only(ItemKind::MultipleChoice),
    parsers: &[ParserKind::Choice],
    measures: &[
        CORRECT,
        Measure::number(
            "above_chance",
            Scale::Between(-1.0, 1.0),
            "1 if the answer is right, below 0 if it is wrong, so that guessing has mean 0.",
        ),
        UNPARSED,
        PICKED,
    ],
    texts: &[],
    facets: &[Facet::open("options", "How many options the question has.")],
    judge: Judging::Nothing,
    measure,
};

fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
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
