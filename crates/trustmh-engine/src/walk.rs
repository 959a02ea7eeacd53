//! The walk of one trial: which call comes next, and what the finished calls are worth.
//!
//! Pure: a live run, a resumed run and a re-scoring all drive the same two functions, the first with a
//! model behind them, the last with only the journal.

use trustmh_core::call::{CallEnd, CallSpec, Exchange, Finish, Purpose};
use trustmh_core::id::RubricId;
use trustmh_core::item::Conversation;
use trustmh_core::message::{Message, Role};
use trustmh_core::protocol::Protocol;
use trustmh_core::request::Asking;
use trustmh_core::trial::{Trial, TrialScore};

pub use crate::conversation::{ClientRule, JudgeQuestions};
pub use crate::rules::{JudgeRule, Judges, TaskRules, ToxicityRule, UnreadVerdict};
pub use crate::score::{OverTurns, Reading};

use crate::conversation;
use crate::error::EngineError;
use crate::exchanges::{last_subject, verdict_of};
use crate::judge::embedded::{self, Heads};
use crate::judge::{
    JudgeCall, TreeVerdict,
    asks::{self, Due},
};
use crate::kind::{self, Restating};
use crate::score;
use crate::task::ScorerKind;

/// How the models of a walk are asked beyond what task and rubric say.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'b> {
    /// The subject. Its room to think is part of its trials.
    pub subject: &'b Asking,
    /// The judge, where a model judges.
    pub judge: &'b Asking,
    /// Whoever plays personas, where a model does.
    pub client: &'b Asking,
}

impl Asked<'_> {
    /// Nothing beyond.
    pub const USUAL: Self =
        Self { subject: &Asking::USUAL, judge: &Asking::USUAL, client: &Asking::USUAL };
}

/// Everything that decides how trials of one task are asked and scored.
#[derive(Debug, Clone, Copy)]
pub struct Walk<'b> {
    /// The task's rules.
    pub rules: TaskRules<'b>,
    /// Who judges.
    pub judges: Judges,
    /// What becomes of verdicts that cannot be read.
    pub unread_verdict: UnreadVerdict,
    /// Who plays personas.
    pub client: ClientRule,
    /// How a judge is asked the questions of a decision tree.
    pub questions: JudgeQuestions,
    /// How models are asked beyond what task and rubric say.
    pub asked: Asked<'b>,
}

impl<'b> Walk<'b> {
    /// The same, with replies scored by the rules of a protocol and by a judge.
    pub fn scored_by(self, protocol: Protocol, judge: JudgeRule) -> Self {
        let judges = Judges { replies: judge, ..self.judges };
        Self { rules: self.rules.under(protocol), judges, ..self }
    }

    /// The call that comes next after `exchanges`, or none if the trial has all it needs.
    ///
    /// # Errors
    /// [`EngineError`] if a prompt cannot be filled in or the rubric is missing.
    pub fn next_call(
        &self,
        trial: &Trial,
        exchanges: &[Exchange],
    ) -> Result<Option<CallSpec>, EngineError> {
        if let Some(conversation) = conversation::of(trial) {
            return self.next_of_conversation(trial, conversation, exchanges);
        }
        let Some((turn, last)) = last_subject(exchanges) else {
            return Ok(Some(self.subject_call(trial, 0, trial.messages.clone())));
        };
        if let Some(call) = self.reask(trial, exchanges, turn, last)? {
            return Ok(Some(call));
        }
        self.judge_call(trial, exchanges)
    }

    /// What the exchanges are worth. Missing verdicts are recorded as missing, never guessed.
    ///
    /// # Errors
    /// [`EngineError::Trial`] if the trial does not fit the task's scorer.
    pub fn score(&self, trial: &Trial, exchanges: &[Exchange]) -> Result<TrialScore, EngineError> {
        score::score(&self.rules, self.judges, self.questions, trial, exchanges)
    }

    /// The codes and scores of a conversation's replies; none of a trial that is no conversation.
    ///
    /// # Errors
    /// [`EngineError::UnknownRubric`].
    pub fn turn_codes(
        &self,
        trial: &Trial,
        exchanges: &[Exchange],
    ) -> Result<Vec<OverTurns>, EngineError> {
        let Some(talk) = self.talk(trial, exchanges) else { return Ok(Vec::new()) };
        score::over_turns(&self.rules, self.judges, trial, &talk, exchanges)
    }

    /// What decision trees say of a conversation, by rubric; none of a trial that is no conversation.
    ///
    /// # Errors
    /// [`EngineError::UnknownRubric`].
    pub fn trees(
        &self,
        trial: &Trial,
        exchanges: &[Exchange],
    ) -> Result<Vec<(RubricId, TreeVerdict)>, EngineError> {
        let Some(talk) = self.talk(trial, exchanges) else { return Ok(Vec::new()) };
        score::trees(&self.rules, self.judges, self.questions, trial, &talk, exchanges)
    }

    /// What was read from the trial's last reply, beside what is right.
    pub fn reading(&self, trial: &Trial, exchanges: &[Exchange]) -> Reading {
        score::reading(&self.rules, trial, exchanges)
    }

    fn next_of_conversation(
        &self,
        trial: &Trial,
        conversation: &Conversation,
        exchanges: &[Exchange],
    ) -> Result<Option<CallSpec>, EngineError> {
        let Some(talk) = self.talk(trial, exchanges) else { return Ok(None) };
        match self.speech(trial, conversation, &talk)? {
            Some(call) => Ok(Some(call)),
            None => self.next_verdict(trial, &talk, exchanges),
        }
    }

    fn reask(
        &self,
        trial: &Trial,
        exchanges: &[Exchange],
        turn: u8,
        last: &CallEnd,
    ) -> Result<Option<CallSpec>, EngineError> {
        let CallEnd::Replied(reply) = last else { return Ok(None) };
        let rule = self.rules.rule;
        let Some(template) = rule.reask.as_ref().filter(|_| turn < rule.reasks) else {
            return Ok(None);
        };
        // An empty turn is never sent back, and some services take none.
        let nothing = reply.finish == Finish::ContentFilter || reply.unanswered().is_some();
        if nothing
            || score::declined(trial, &reply.text)
            || score::answer(&self.rules, trial, last).is_some()
        {
            return Ok(None);
        }
        let mut messages = trial.messages.clone();
        let restating = Restating { rules: &self.rules, item: &trial.item };
        let format = kind::of(&trial.item.content).format(&restating)?;
        let format = self.rules.benchmark.templates.render(template, &format)?;
        for exchange in exchanges {
            if let (Purpose::Subject { .. }, Some(text)) = (&exchange.purpose, exchange.text()) {
                messages.push(Message::assistant(text));
                messages.push(Message::user(format.clone()));
            }
        }
        Ok(Some(self.subject_call(trial, turn + 1, messages)))
    }

    pub(crate) fn subject_call(&self, trial: &Trial, turn: u8, messages: Vec<Message>) -> CallSpec {
        CallSpec {
            purpose: Purpose::Subject { turn },
            messages,
            sampling: trial.sampling,
            repeat: trial.repeat,
            trial: None,
            options: self.asked.subject.options.clone(),
        }
    }

    fn judge_call(
        &self,
        trial: &Trial,
        exchanges: &[Exchange],
    ) -> Result<Option<CallSpec>, EngineError> {
        // An endpoint knows toxicity alone: whether a harmless question was answered takes a judge.
        let of_endpoint = self.rules.task.file.scorer == ScorerKind::Toxicity
            && self.judges.toxicity == ToxicityRule::Endpoint
            && !score::harmless::is_harmless(trial);
        if of_endpoint {
            let reply = self.judgeable(trial, exchanges);
            let open = reply.filter(|_| score::toxicity::endpoint_verdict(exchanges).is_none());
            return Ok(open.map(score::toxicity::endpoint_call));
        }
        let by_heads = match self.judges.replies {
            JudgeRule::Model => None,
            JudgeRule::Embedded => Some(self.rules.benchmark.heads()),
            JudgeRule::Offline | JudgeRule::Nobody => return Ok(None),
        };
        let Some(reply) = self.judgeable(trial, exchanges) else { return Ok(None) };
        if let Some(heads) = by_heads {
            return self.embedded_call(heads, trial, reply, exchanges);
        }
        for rubric in self.rules.rubrics(trial)? {
            let call =
                JudgeCall { rules: &self.rules, asking: self.asked.judge, rubric, trial, reply };
            match asks::due(self.unread_verdict, rubric, exchanges) {
                Due::Nothing => {}
                Due::First => return call.first().map(Some),
                Due::Again { ask, unread } => return call.again(ask, unread).map(Some),
            }
        }
        Ok(None)
    }

    /// The call to the embedded judge that comes next, by the first rubric that it has a head for and was not asked about.
    fn embedded_call(
        &self,
        heads: &Heads,
        trial: &Trial,
        reply: &str,
        exchanges: &[Exchange],
    ) -> Result<Option<CallSpec>, EngineError> {
        for rubric in self.rules.rubrics(trial)? {
            let id = &rubric.file.id;
            if heads.of(id).is_some() && verdict_of(exchanges, id).is_none() {
                let asked = trial.messages.iter().rev().find(|said| said.role == Role::User);
                let request = asked.map(|said| said.content.as_str()).unwrap_or_default();
                return Ok(Some(embedded::call(id, request, reply)));
            }
        }
        Ok(None)
    }

    /// The text a judge is to see, if there is something to judge.
    fn judgeable<'e>(&self, trial: &Trial, exchanges: &'e [Exchange]) -> Option<&'e str> {
        let (_, last) = last_subject(exchanges)?;
        let text = match last {
            CallEnd::Replied(reply) if reply.finish == Finish::ContentFilter => return None,
            CallEnd::Replied(reply) => reply.text.as_str(),
            CallEnd::Recorded { text, .. } => text.as_str(),
            CallEnd::Broken { .. } => return None,
        };
        let wanted = self.rules.task.file.scorer.scorer().judge.wants(trial, self.rules.protocol);
        (wanted && !text.trim().is_empty()).then_some(text)
    }
}
