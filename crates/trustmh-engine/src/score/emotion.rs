//! Emotion and cause.

use trustmh_core::item::{ItemContent, ItemKind, option_index};
use trustmh_core::outcome::Outcome;
use trustmh_core::trial::Variant;

use super::choice::UNPARSED;
use super::scorer::{Facet, Fits, Judging, Measure, Scorer};
use super::{Context, Measured};
use crate::error::EngineError;
use crate::parse::Answer;
use crate::task::{ParserKind, ScorerKind};

/// Unread and refused answers are wrong, failed calls are not counted.
pub(super) const SCORER: Scorer = Scorer {
    kind: ScorerKind::EmotionAndCause,
    about: "Whether emotion and cause are right.",
    items: Fits::Only(ItemKind::Emotion),
    parsers: &[ParserKind::EmotionAndCause],
    measures: &[
        Measure::mark("emotion_right", "The emotion is the right one."),
        Measure::mark("cause_right", "The cause is the right one."),
        Measure::mark("both_right", "Emotion and cause are both right."),
        UNPARSED,
    ],
    texts: &[],
    facets: &[Facet::open("language", "The language of the item.")],
    judge: Judging::Nothing,
    measure,
};

fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
    let ItemContent::Emotion(item) = &context.trial.item.content else {
        return Err(context.misfit("its item is no emotion in a scenario"));
    };
    let mut measured = Measured::default();
    measured.tag("language", &context.trial.item.language);
    if context.outcome == Outcome::Failed {
        return Ok(measured);
    }
    let (emotions, causes) = match &context.trial.variant {
        Variant::Emotions { emotions, causes } => (Some(emotions), Some(causes)),
        _ => (None, None),
    };
    let picked = |letter: Option<char>, order: Option<&Vec<usize>>, options: &[String]| {
        let shown = option_index(letter?)?;
        let filed = match order {
            Some(order) => *order.get(shown)?,
            None => shown,
        };
        options.get(filed).cloned()
    };
    let (emotion, cause) = match context.answer {
        Some(Answer::EmotionAndCause(emotion, cause)) => {
            (picked(emotion, emotions, &item.emotions), picked(cause, causes, &item.causes))
        }
        _ => (None, None),
    };
    let emotion = emotion.as_ref() == Some(&item.emotion);
    let cause = cause.as_ref() == Some(&item.cause);
    measured.mark("emotion_right", emotion);
    measured.mark("cause_right", cause);
    measured.mark("both_right", emotion && cause);
    measured.mark("unparsed", context.outcome != Outcome::Scored);
    Ok(measured)
}
