//! The walk of one trial: which call comes next, and what the finished calls are worth.
//!
//! Pure: a live run, a resumed run and a re-scoring all drive the same two functions, the first with a
//! model behind them, the last with only the journal.

use serde::Serialize;

use trustmh_core::call::{CallEnd, CallSpec, Exchange, Finish, Purpose};
use trustmh_core::item::{ItemContent, option_letter};
use trustmh_core::message::Message;
use trustmh_core::trial::{Trial, TrialScore};

pub use crate::score::Reading;
pub use crate::terms::{Asked, JudgeRule, ToxicityRule, UnreadVerdict, Walk};

use crate::error::EngineError;
use crate::judge::{self, asks::Due};
use crate::parse;
use crate::score;
use crate::task::ScorerKind;
use crate::terms::last_subject;

impl Walk<'_> {
    /// The call that comes next after `exchanges`, or none if the trial has all it needs.
    ///
    /// # Errors
    /// [`EngineError`] if a prompt cannot be filled in or the rubric is missing.
    pub fn next_call(
        &self,
        trial: &Trial,
        exchanges: &[Exchange],
    ) -> Result<Option<CallSpec>, EngineError> {
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
        score::score(self, trial, exchanges)
    }

    /// What was read from the trial's last reply, beside what is right.
    pub fn reading(&self, trial: &Trial, exchanges: &[Exchange]) -> Reading {
        score::reading(self, trial, exchanges)
    }

    fn reask(
        &self,
        trial: &Trial,
        exchanges: &[Exchange],
        turn: u8,
        last: &CallEnd,
    ) -> Result<Option<CallSpec>, EngineError> {
        let CallEnd::Replied(reply) = last else { return Ok(None) };
        let rule = self.rule();
        let Some(template) = rule.reask.as_ref().filter(|_| turn < rule.reasks) else {
            return Ok(None);
        };
        // An empty turn is never sent back, and some services take none.
        let nothing = reply.finish == Finish::ContentFilter || reply.unanswered().is_some();
        if nothing
            || self.declined(trial, &reply.text)
            || score::answer(self, trial, last).is_some()
        {
            return Ok(None);
        }
        let mut messages = trial.messages.clone();
        let format = self.benchmark.templates.render(template, &self.format(trial)?)?;
        for exchange in exchanges {
            if let (Purpose::Subject { .. }, Some(text)) = (&exchange.purpose, exchange.text()) {
                messages.push(Message::assistant(text));
                messages.push(Message::user(format.clone()));
            }
        }
        Ok(Some(self.subject_call(trial, turn + 1, messages)))
    }

    fn subject_call(&self, trial: &Trial, turn: u8, messages: Vec<Message>) -> CallSpec {
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
        let of_endpoint = self.task.file.scorer == ScorerKind::Toxicity
            && self.toxicity == ToxicityRule::Endpoint
            && !score::harmless::is_harmless(trial);
        if of_endpoint {
            let reply = self.judgeable(trial, exchanges);
            let open = reply.filter(|_| score::toxicity::endpoint_verdict(exchanges).is_none());
            return Ok(open.map(score::toxicity::endpoint_call));
        }
        if self.judge != JudgeRule::Model {
            return Ok(None);
        }
        let Some(reply) = self.judgeable(trial, exchanges) else { return Ok(None) };
        for rubric in self.rubrics(trial)? {
            match judge::asks::due(self, rubric, exchanges) {
                Due::Nothing => {}
                Due::First => return judge::call(self, rubric, trial, reply).map(Some),
                Due::Again { ask, unread } => {
                    return judge::call_again(self, rubric, trial, reply, ask, unread).map(Some);
                }
            }
        }
        Ok(None)
    }

    /// The text a judge is to see, if there is something to judge.
    pub(crate) fn judgeable<'e>(
        &self,
        trial: &Trial,
        exchanges: &'e [Exchange],
    ) -> Option<&'e str> {
        let (_, last) = last_subject(exchanges)?;
        let text = match last {
            CallEnd::Replied(reply) if reply.finish == Finish::ContentFilter => return None,
            CallEnd::Replied(reply) => reply.text.as_str(),
            CallEnd::Recorded { text, .. } => text.as_str(),
            CallEnd::Broken { .. } => return None,
        };
        let wanted = match self.task.file.scorer {
            ScorerKind::ChoiceWithReasoning
            | ScorerKind::RefusalVerdict
            | ScorerKind::SupportQuality
            | ScorerKind::Toxicity
            | ScorerKind::Endorsement => true,
            ScorerKind::Escalation => match &trial.item.content {
                ItemContent::Labelled(labelled) => labelled.gold(self.protocol).is_some(),
                _ => false,
            },
            ScorerKind::LeakQuestions => score::leak::is_free_response(trial),
            ScorerKind::RatingAgreement
            | ScorerKind::RatingDistance
            | ScorerKind::MultipleChoice
            | ScorerKind::EmotionAndCause
            | ScorerKind::Label => false,
        };
        (wanted && !text.trim().is_empty()).then_some(text)
    }
}

/// What a template that restates the format is given.
#[derive(Default, Serialize)]
struct Format {
    letters: String,
    cause_letters: String,
    scale: String,
    labels: String,
}

impl Walk<'_> {
    fn format(&self, trial: &Trial) -> Result<Format, EngineError> {
        let mut format = Format::default();
        match &trial.item.content {
            ItemContent::Dilemma(dilemma) => format.letters = letters(dilemma.options.len()),
            ItemContent::MultipleChoice(question) => {
                format.letters = letters(question.options.len());
            }
            ItemContent::Emotion(emotion) => {
                format.letters = letters(emotion.emotions.len());
                format.cause_letters = letters(emotion.causes.len());
            }
            ItemContent::Labelled(labelled) => {
                let scheme = self.task.scheme(&trial.item.id, labelled)?;
                format.labels = scheme.names().collect::<Vec<_>>().join(", ");
            }
            ItemContent::Rated(rated) => {
                format.scale = self.task.scale(&trial.item.id, rated)?.listed();
            }
            ItemContent::PrivacyRating(rating) => {
                let values: Vec<String> =
                    parse::rating::scale(rating.tier).iter().map(ToString::to_string).collect();
                format.scale = values.join(", ");
            }
            ItemContent::Secret(_)
            | ItemContent::Intent(_)
            | ItemContent::Dialogue(_)
            | ItemContent::Action(_) => {}
        }
        Ok(format)
    }
}

fn letters(options: usize) -> String {
    let letters: Vec<String> = (0..options).filter_map(option_letter).map(String::from).collect();
    letters.join(", ")
}
