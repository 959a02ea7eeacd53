//! A supporter's turn: a judge's criteria, and overlap with the human turn.

use trustmh_core::item::{ItemContent, Speaker};
use trustmh_core::outcome::Outcome;
use trustmh_core::trial::Variant;
use trustmh_stats::text::{rouge_l, tokens, unigram_f1};

use super::{Context, Measured};
use crate::error::EngineError;
use crate::expand::reply_index;

/// Measures each criterion of the rubrics, `quality` (their mean), `quality_share` (their sum over the
/// largest possible sum), and, where a human turn stands there, `rouge_l` and `unigram_f1`; the texts
/// `reply` and `reference` go into corpus metrics. A refused reply is measured like any other.
pub(super) fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
    let ItemContent::Dialogue(dialogue) = &context.trial.item.content else {
        return Err(context.misfit("its item is no dialogue"));
    };
    let mut measured = Measured::default();
    match &context.trial.variant {
        Variant::Identity { attribute, value } => {
            measured.tag("attribute", attribute);
            measured.tag("identity", value);
        }
        Variant::Neutral => measured.tag("attribute", "none"),
        _ => {}
    }
    measured.tag("language", &context.trial.item.language);
    match context.outcome {
        Outcome::Failed | Outcome::Unparsed | Outcome::Unanswered(_) => return Ok(measured),
        Outcome::Scored | Outcome::Refused => {}
    }
    if let Some(reply) = context.reply_text() {
        measured.text("reply", reply);
        measured.set("reply_tokens", tokens(reply).len() as f64);
        let human = dialogue.turns.get(reply_index(dialogue, &context.trial.variant));
        if let Some(turn) = human.filter(|turn| turn.speaker == Speaker::Supporter) {
            let (reply, reference) = (tokens(reply), tokens(&turn.text));
            measured.text("reference", &turn.text);
            measured.set("rouge_l", rouge_l(&reply, &reference));
            measured.set("unigram_f1", unigram_f1(&reply, &reference));
        }
    }
    judged(context, &mut measured)?;
    Ok(measured)
}

fn judged(context: &Context<'_>, measured: &mut Measured) -> Result<(), EngineError> {
    let rubrics = context.walk.rubrics(context.trial)?;
    if rubrics.is_empty() {
        return Ok(());
    }
    match context.model_verdict()? {
        Ok(verdict) => {
            let fields = rubrics.iter().flat_map(|rubric| &rubric.file.fields);
            let most: i32 = fields.filter_map(|field| Some(field.scale?.1)).sum();
            let sum: i32 = verdict.scores.values().sum();
            for (field, score) in &verdict.scores {
                measured.set(field, f64::from(*score));
            }
            measured.set("quality", f64::from(sum) / verdict.scores.len().max(1) as f64);
            measured.set("quality_share", f64::from(sum) / f64::from(most.max(1)));
        }
        Err(missing) => measured.missing = Some(missing),
    }
    Ok(())
}
