//! Labels of texts.

use trustmh_core::item::ItemContent;
use trustmh_core::outcome::Outcome;

use super::{Context, Measured};
use crate::error::BenchError;
use crate::terms::Answer;

/// Measures `correct`, `unparsed` and, for ordered schemes, `difference` in levels; the texts `label` and
/// `predicted` go into F1 and confusion. Failed calls are not counted.
pub(super) fn measure(context: &Context<'_>) -> Result<Measured, BenchError> {
    let ItemContent::Labelled(labelled) = &context.trial.item.content else {
        return Err(context.misfit("its item is no text with a label"));
    };
    let mut measured = Measured::default();
    measured.tag("scheme", labelled.scheme.slug());
    if context.outcome == Outcome::Failed {
        return Ok(measured);
    }
    let predicted = match &context.answer {
        Some(Answer::Label(label)) => Some(label.as_str()),
        _ => None,
    };
    measured.mark("correct", predicted == Some(&labelled.label));
    measured.mark("unparsed", context.outcome != Outcome::Scored);
    measured.text("label", &labelled.label);
    if let Some(predicted) = predicted {
        measured.text("predicted", predicted);
        if let (Ok(given), Ok(predicted)) =
            (labelled.label.parse::<f64>(), predicted.parse::<f64>())
        {
            measured.set("difference", predicted - given);
        }
    }
    Ok(measured)
}
