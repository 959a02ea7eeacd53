//! Judges: what a model judge is shown, how its verdict is read, and the offline rules.

pub mod address;
pub(crate) mod asks;
pub mod embedded;
pub mod offline;
pub mod talk;
pub mod verdict;

pub use crate::block::Block;
pub use asks::verdict as verdict_of;
pub use talk::{
    Answered, Evidence, Found, TreeVerdict, judged_turns, tree_verdict, turn_verdict, whole_verdict,
};

use serde::Serialize;

use trustmh_core::call::{CallSpec, Purpose, Sampling};
use trustmh_core::digest::Digest;
use trustmh_core::message::Message;
use trustmh_core::request::Asking;
use trustmh_core::trial::Trial;

use crate::block;
use crate::error::EngineError;
use crate::kind::{self, Judged, given};
use crate::rubric::Rubric;
use crate::rules::TaskRules;

/// Room for a judge's verdict and reasons, without what it thinks before.
const JUDGE_TOKENS: u32 = 1024;

#[derive(Serialize)]
struct JudgePrompt<'a> {
    rubric: RubricPrompt<'a>,
    context: Vec<Block>,
    fence: String,
    reply: &'a str,
}

/// A rubric as a judge is shown it.
#[derive(Serialize)]
pub(crate) struct RubricPrompt<'a> {
    instructions: &'a str,
    fields: Vec<FieldPrompt<'a>>,
}

impl<'a> RubricPrompt<'a> {
    pub(crate) fn of(rubric: &'a Rubric) -> Self {
        let fields = rubric.file.fields.iter().map(|field| FieldPrompt {
            name: &field.name,
            allowed: field.allowed(),
            meaning: &field.meaning,
        });
        Self { instructions: &rubric.file.instructions, fields: fields.collect() }
    }
}

#[derive(Serialize)]
struct VerdictForm<'a> {
    rubric: RubricPrompt<'a>,
}

#[derive(Serialize)]
struct FieldPrompt<'a> {
    name: &'a str,
    allowed: String,
    meaning: &'a str,
}

/// What a judge is asked about a reply by one rubric.
pub(crate) struct JudgeCall<'a> {
    pub(crate) rules: &'a TaskRules<'a>,
    pub(crate) asking: &'a Asking,
    pub(crate) rubric: &'a Rubric,
    pub(crate) trial: &'a Trial,
    pub(crate) reply: &'a str,
}

impl JudgeCall<'_> {
    /// The call that asks a model for a verdict on the reply.
    ///
    /// The reply stands between fences that carry a number: the first 64 bits of a hash over the run's seed, the
    /// rubric's name and the reply itself. It is no secret, since who knows the seed can compute it for a given reply;
    /// but a reply that holds its own number would have to be a fixed point of the hash, which takes about 2^64 tries
    /// to find. So the same reply in the same place always makes the same call, in whatever trial or task, which is
    /// found again when a run is resumed or scored anew. A trial that carries a recorded judge's prompt is judged by
    /// that prompt, with the reply in the place of the recorded one.
    ///
    /// # Errors
    /// [`EngineError::Template`] if the judge's prompt cannot be filled in.
    pub(crate) fn first(&self) -> Result<CallSpec, EngineError> {
        let Self { rules, rubric, trial, reply, .. } = self;
        if let Some(recorded) = &trial.judge_prompt {
            return Ok(self.asked(recorded.with(reply)));
        }
        let drawn = format!("{}:{}:{reply}", rules.seed, rubric.file.id);
        let nonce = Digest::of(drawn.as_bytes());
        let fence = format!("=== reply {} ===", nonce.as_str().get(..16).unwrap_or_default());
        let prompt = JudgePrompt {
            rubric: RubricPrompt::of(rubric),
            context: context(rules, rubric, trial)?,
            fence,
            reply,
        };
        Ok(self.asked(self.render("judge", &prompt)?))
    }

    /// The call that asks for the same verdict once more, after an answer from which none could be read.
    ///
    /// The answer is shown back to the judge as its own. One that says nothing is not: services refuse empty
    /// turns, so the judge is asked anew, with the format restated in the prompt.
    ///
    /// # Errors
    /// [`EngineError::Template`] if a prompt cannot be filled in.
    pub(crate) fn again(&self, ask: u8, unread: &str) -> Result<CallSpec, EngineError> {
        let first = self.first()?;
        let form = VerdictForm { rubric: RubricPrompt::of(self.rubric) };
        let form = self.render("reask-verdict", &form)?;
        let mut messages = first.messages;
        match messages.last_mut() {
            Some(prompt) if unread.trim().is_empty() => {
                prompt.content.push_str("\n\n");
                prompt.content.push_str(&form);
            }
            _ => messages.extend([Message::assistant(unread), Message::user(form)]),
        }
        let purpose = Purpose::judge_again(self.rubric.file.id.clone(), ask);
        Ok(CallSpec { purpose, messages, ..first })
    }

    fn render(&self, template: &str, variables: &impl Serialize) -> Result<String, EngineError> {
        let benchmark = self.rules.benchmark;
        let template = benchmark.template_for(template, &self.trial.item.language);
        benchmark.templates.render(&template, &given(variables))
    }

    fn asked(&self, prompt: String) -> CallSpec {
        let Asking { thinking_tokens, options, .. } = self.asking;
        CallSpec {
            purpose: Purpose::judge(self.rubric.file.id.clone()),
            messages: vec![Message::user(prompt)],
            sampling: Sampling {
                temperature: 0.0,
                max_tokens: JUDGE_TOKENS,
                seed: None,
                thinking_tokens: *thinking_tokens,
            },
            repeat: 0,
            trial: None,
            options: options.clone(),
        }
    }
}

/// What whoever judges the trial's reply by `rubric` is shown besides the reply: a model, or a person.
///
/// # Errors
/// [`EngineError::Template`] if the template for this kind of item cannot be filled in.
pub fn context(
    rules: &TaskRules<'_>,
    rubric: &Rubric,
    trial: &Trial,
) -> Result<Vec<Block>, EngineError> {
    let content = &trial.item.content;
    let variables = kind::of(content).context(&Judged { rules, rubric, trial });
    let template = block::template_of(content.kind());
    let template = rules.benchmark.template_for(&template, &trial.item.language);
    Ok(block::parted(&rules.benchmark.templates.render(&template, &variables)?))
}
