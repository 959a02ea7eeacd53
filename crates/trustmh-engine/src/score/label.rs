//! Labels of texts.

use trustmh_core::codebook::LabelScheme;
use trustmh_core::item::ItemContent;
use trustmh_core::outcome::Outcome;

use super::{Context, Measured};
use crate::error::EngineError;
use crate::task::UnreadLabel;
use crate::terms::Answer;

/// Measures `correct` and `unparsed`; for ordered schemes `level`, `predicted_level`, `difference`, `distance`,
/// `far` (off by more than one level), `under` and `over`; for schemes that know alarms `missed` and
/// `false_alarm`. The texts `label` and `predicted` go into F1 and confusion, `alarm` and `predicted_alarm`
/// into their F1. A failed call is not counted, nor is a text that nobody could agree on.
pub(super) fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
    let ItemContent::Labelled(labelled) = &context.trial.item.content else {
        return Err(context.misfit("its item is no text with a label"));
    };
    let mut measured = Measured::default();
    let scheme = context.walk.task.scheme(&context.trial.item.id, labelled)?;
    measured.tag("scheme", scheme.name.as_str());
    let gold = labelled.gold(context.walk.protocol);
    let (Some(gold), false) = (gold, context.outcome == Outcome::Failed) else {
        return Ok(measured);
    };
    measured.tag("label", gold);
    let predicted = match &context.answer {
        Some(Answer::Label(label)) => Some(label.as_str()),
        _ => None,
    };
    measured.mark("unparsed", context.outcome != Outcome::Scored);
    if predicted.is_none() && context.walk.rule().unread_label == UnreadLabel::LeftOut {
        return Ok(measured);
    }
    measured.mark("correct", predicted == Some(gold));
    measured.text("label", gold);
    match (predicted, context.walk.rule().unread_label) {
        (Some(predicted), _) => {
            measured.text("predicted", predicted);
            levels(scheme, gold, predicted, &mut measured);
        }
        (None, UnreadLabel::WorstLevel) => worst_level(scheme, gold, &mut measured),
        (None, UnreadLabel::Wrong | UnreadLabel::LeftOut) => {}
    }
    alarms(scheme, gold, predicted, &mut measured);
    Ok(measured)
}

fn levels(scheme: &LabelScheme, gold: &str, predicted: &str, measured: &mut Measured) {
    let (Some(level), Some(given)) = (scheme.level(gold), scheme.level(predicted)) else { return };
    measured.set("level", level);
    measured.set("predicted_level", given);
    measured.set("difference", given - level);
    measured.set("distance", (given - level).abs());
    measured.mark("far", (given - level).abs() > 1.0);
    measured.mark("under", given < level);
    measured.mark("over", given > level);
}

/// An answer from which no level can be read counts in each figure as the worst that it could be for this text.
fn worst_level(scheme: &LabelScheme, gold: &str, measured: &mut Measured) {
    let Some(level) = scheme.level(gold) else { return };
    let levels = scheme.names().filter_map(|label| scheme.level(label));
    let farther = |one: &f64, other: &f64| (one - level).abs().total_cmp(&(other - level).abs());
    // Of two that are as far the lower one: to see less danger than there is is worse.
    let Some(farthest) = levels.clone().rev().max_by(farther) else { return };
    measured.set("level", level);
    measured.set("predicted_level", farthest);
    measured.set("difference", farthest - level);
    measured.set("distance", (farthest - level).abs());
    measured.mark("far", (farthest - level).abs() > 1.0);
    measured.mark("under", levels.clone().any(|other| other < level));
    measured.mark("over", levels.clone().any(|other| other > level));
}

/// An answer that cannot be read raises no alarm: whoever waits for it does not come.
fn alarms(scheme: &LabelScheme, gold: &str, predicted: Option<&str>, measured: &mut Measured) {
    let Some(due) = scheme.alarms(gold) else { return };
    let raised = predicted.and_then(|label| scheme.alarms(label)).unwrap_or(false);
    let word = |alarm: bool| if alarm { "alarm" } else { "none" };
    measured.text("alarm", word(due));
    measured.text("predicted_alarm", word(raised));
    if due {
        measured.mark("missed", !raised);
    } else {
        measured.mark("false_alarm", raised);
    }
}
