//! Labels of texts.

use trustmh_core::codebook::LabelScheme;
use trustmh_core::item::{ItemContent, ItemKind};
use trustmh_core::outcome::Outcome;
use trustmh_core::trial::Trial;

use super::choice::{CORRECT, UNPARSED};
use super::scorer::{Facet, Fits, Holds, Judging, Measure, Scale, Scorer, Text};
use super::{Context, Measured};
use crate::error::EngineError;
use crate::parse::Answer;
use crate::task::{ParserKind, ScorerKind, Task, UnreadLabel};

/// A failed call is not counted, nor is a text that nobody could agree on.
pub(super) const SCORER: Scorer = Scorer {
    kind: ScorerKind::Label,
    about: "The label given beside the item's own.",
    items: Fits::Only(ItemKind::Labelled),
    parsers: &[ParserKind::Label, ParserKind::LabelAsReleased],
    measures: &[
        CORRECT,
        UNPARSED,
        Measure::number("level", LEVELS, "The level of the item's label.").of(has_levels),
        Measure::number("predicted_level", LEVELS, "The level of the label given.").of(has_levels),
        Measure::number(
            "difference",
            Scale::Levels { lowest: f64::NEG_INFINITY },
            "By how many levels the label given is too high; below 0 if it is too low.",
        )
        .of(has_levels),
        Measure::number("distance", LEVELS, "By how many levels the label given is off.")
            .of(has_levels),
        Measure::mark("far", "The label given is off by more than one level.").of(has_levels),
        Measure::mark("under", "The label given is too low.").of(has_levels),
        Measure::mark("over", "The label given is too high.").of(has_levels),
        Measure::mark("missed", "The label calls for an alarm, and none was raised.")
            .of(knows_alarms),
        Measure::mark("false_alarm", "An alarm was raised that the label does not call for.")
            .of(knows_alarms),
    ],
    texts: &[
        Text { name: "label", meaning: "The item's label.", holds: Holds::Label },
        Text { name: "predicted", meaning: "The label given.", holds: Holds::Label },
        Text {
            name: "alarm",
            meaning: "Whether the item's label calls for an alarm.",
            holds: Holds::Label,
        },
        Text {
            name: "predicted_alarm",
            meaning: "Whether the label given raises one.",
            holds: Holds::Label,
        },
    ],
    facets: &[
        Facet::open("scheme", "The label scheme of the item."),
        Facet::open("label", "The label of the item."),
    ],
    judge: Judging::Nothing,
    measure,
};

const LEVELS: Scale = Scale::Levels { lowest: 0.0 };

fn scheme_of<'t>(task: &'t Task, trial: &Trial) -> Option<&'t LabelScheme> {
    match &trial.item.content {
        ItemContent::Labelled(labelled) => task.scheme(&trial.item.id, labelled).ok(),
        _ => None,
    }
}

fn has_levels(task: &Task, trial: &Trial) -> bool {
    let first = |scheme: &LabelScheme| scheme.level(scheme.names().next()?);
    scheme_of(task, trial).and_then(first).is_some()
}

fn knows_alarms(task: &Task, trial: &Trial) -> bool {
    let first = |scheme: &LabelScheme| scheme.alarms(scheme.names().next()?);
    scheme_of(task, trial).and_then(first).is_some()
}

fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
    let ItemContent::Labelled(labelled) = &context.trial.item.content else {
        return Err(context.misfit("its item is no text with a label"));
    };
    let mut measured = Measured::default();
    let scheme = context.rules.task.scheme(&context.trial.item.id, labelled)?;
    measured.tag("scheme", scheme.name.as_str());
    let gold = labelled.gold(context.rules.protocol);
    let (Some(gold), false) = (gold, context.outcome == Outcome::Failed) else {
        return Ok(measured);
    };
    measured.tag("label", gold);
    let predicted = match &context.answer {
        Some(Answer::Label(label)) => Some(label.as_str()),
        _ => None,
    };
    measured.mark("unparsed", context.outcome != Outcome::Scored);
    if predicted.is_none() && context.rules.rule.unread_label == UnreadLabel::LeftOut {
        return Ok(measured);
    }
    measured.mark("correct", predicted == Some(gold));
    measured.text("label", gold);
    match (predicted, context.rules.rule.unread_label) {
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
