//! Answers to questions of a survey: which of them count is said by the codes of the scheme, since none is right.

use trustmh_core::item::{ItemContent, ItemKind};
use trustmh_core::outcome::Outcome;
use trustmh_core::trial::Trial;

use super::choice::UNPARSED;
use super::scorer::{Facet, Fits, Judging, Measure, Scorer};
use super::{Context, Measured};
use crate::error::EngineError;
use crate::parse::Answer;
use crate::task::{ParserKind, ScorerKind, Task};

/// A failed call is not counted.
pub(super) const SCORER: Scorer = Scorer {
    kind: ScorerKind::SurveyAnswer,
    about: "How the scheme codes the answer given, where no answer is right.",
    items: Fits::Only(ItemKind::Labelled),
    parsers: &[ParserKind::Choice, ParserKind::Label],
    measures: &[
        Measure::mark(
            "coded",
            "The answer has the code 1; one without a code is left out, and so is a reply without an answer.",
        )
        .of(has_codes),
        Measure::mark("coded_or_unread", "The same, but a reply without an answer counts as 1.")
            .of(has_codes),
        Measure::mark("uncoded", "The answer has no code, as `do not know` has none.")
            .of(has_codes),
        UNPARSED,
    ],
    texts: &[],
    facets: &[Facet::open("scheme", "The label scheme of the item.")],
    judge: Judging::Nothing,
    measure,
};

fn has_codes(task: &Task, trial: &Trial) -> bool {
    match &trial.item.content {
        ItemContent::Labelled(asked) => {
            task.scheme(&trial.item.id, asked).is_ok_and(|scheme| scheme.has_codes())
        }
        _ => false,
    }
}

fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
    let ItemContent::Labelled(asked) = &context.trial.item.content else {
        return Err(context.misfit("its item is no text with a scheme of answers"));
    };
    let scheme = context.rules.task.scheme(&context.trial.item.id, asked)?;
    let mut measured = Measured::default();
    measured.tag("scheme", scheme.name.as_str());
    if context.outcome == Outcome::Failed {
        return Ok(measured);
    }
    measured.mark("unparsed", context.outcome != Outcome::Scored);
    if !scheme.has_codes() {
        return Ok(measured);
    }
    let answer = match &context.answer {
        Some(Answer::Label(label)) => Some(label.as_str()),
        _ => None,
    };
    let Some(answer) = answer else {
        measured.mark("coded_or_unread", true);
        return Ok(measured);
    };
    let code = scheme.code(answer);
    measured.mark("uncoded", code.is_none());
    if let Some(code) = code {
        measured.mark("coded", code);
        measured.mark("coded_or_unread", code);
    }
    Ok(measured)
}
