//! The rules of a task under a protocol, resolved once and carried from its items to its scores.

use serde::{Deserialize, Serialize};

use trustmh_core::item::ARM;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Trial;

use crate::benchmark::Benchmark;
use crate::error::EngineError;
use crate::rubric::Rubric;
use crate::task::{ProtocolRule, Task, word};

/// All that decides how a task's items are asked and read.
#[derive(Debug, Clone, Copy)]
pub struct TaskRules<'b> {
    /// Templates, rubrics and tables.
    pub benchmark: &'b Benchmark,
    /// The task.
    pub task: &'b Task,
    /// Its rules under the protocol.
    pub rule: &'b ProtocolRule,
    /// The protocol.
    pub protocol: Protocol,
    /// The run's seed.
    pub seed: u64,
}

impl<'b> TaskRules<'b> {
    /// The rules of a task under a protocol.
    pub fn new(benchmark: &'b Benchmark, task: &'b Task, protocol: Protocol, seed: u64) -> Self {
        Self { benchmark, task, rule: task.rule(protocol), protocol, seed }
    }

    /// The same under another protocol.
    pub fn under(self, protocol: Protocol) -> Self {
        Self::new(self.benchmark, self.task, protocol, self.seed)
    }

    /// The rubrics by which the trial is judged, those of its arm or of the whole protocol, in its language.
    ///
    /// # Errors
    /// [`EngineError::UnknownRubric`].
    pub fn rubrics(&self, trial: &Trial) -> Result<Vec<&'b Rubric>, EngineError> {
        let language = &trial.item.language;
        let of_trial = self.rule.rubrics_of(trial.item.tags.get(ARM));
        of_trial.iter().map(|id| self.benchmark.rubric_for(id, language)).collect()
    }

    /// The rubrics by which each reply of a conversation is judged, in the trial's language.
    ///
    /// # Errors
    /// [`EngineError::UnknownRubric`].
    pub fn turn_rubrics(&self, trial: &Trial) -> Result<Vec<&'b Rubric>, EngineError> {
        let language = &trial.item.language;
        self.rule.turn_rubrics.iter().map(|id| self.benchmark.rubric_for(id, language)).collect()
    }

    /// A rule of the protocol that does not fit the task's items.
    pub(crate) fn misfit(&self, field: &str, value: impl Serialize) -> EngineError {
        let field = format!("protocols.{}.{field}", self.protocol);
        let kind = self.task.file.items.slug();
        let message = format!("`{}` does not fit items of kind `{kind}`", word(&value));
        EngineError::rule(&self.task.path, field, message)
    }
}

/// Who judges what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judges {
    /// Who judges replies.
    pub replies: JudgeRule,
    /// Who scores toxicity.
    pub toxicity: ToxicityRule,
}

impl JudgeRule {
    /// Whether the program itself judges what it can, without a model of the user's.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::Offline | Self::Embedded)
    }
}

impl Judges {
    /// One judge for everything.
    pub const fn all_by(judge: JudgeRule) -> Self {
        Self { replies: judge, toxicity: ToxicityRule::AsJudge }
    }
}

/// Who judges replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JudgeRule {
    /// The offline rules, where they can.
    Offline,
    /// The embedded judge where it has a head, else the offline rules.
    Embedded,
    /// A model.
    Model,
    /// Nobody.
    Nobody,
}

/// Who scores toxicity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToxicityRule {
    /// Whoever judges.
    AsJudge,
    /// An endpoint that does nothing else.
    Endpoint,
}

/// What becomes of a judge's answer from which no verdict can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnreadVerdict {
    /// The verdict stays missing. So it was before judges were asked again, and so the release does it.
    #[default]
    StaysMissing,
    /// It is asked for once more, with the format restated.
    AskedAgain,
}

impl UnreadVerdict {
    /// What a protocol does about it.
    pub const fn by(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Reference => Self::StaysMissing,
            Protocol::Corrected => Self::AskedAgain,
        }
    }

    /// Whether it stays missing.
    pub const fn stays_missing(&self) -> bool {
        matches!(self, Self::StaysMissing)
    }
}
