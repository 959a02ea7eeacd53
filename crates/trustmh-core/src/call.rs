//! Calls to a model: what is asked, what comes back, and the key that makes a call payable only once.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::digest::Digest;
use crate::id::{ModelId, QuestionId, RubricId, TrialId};
use crate::message::Message;
use crate::request::RequestOptions;
use crate::thought::Thought;

pub use crate::reply::{Fidelity, Finish, Reply, Unanswered, Usage};

/// How the model is to draw its reply.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// Softmax temperature; 0 asks for the likeliest reply.
    pub temperature: f64,
    /// Upper bound of the reply without what the model thinks before it, in the model's tokens.
    pub max_tokens: u32,
    /// Seed passed to providers that take one.
    pub seed: Option<u64>,
    /// Tokens to think on top; none if nothing is said of thinking, 0 if the model is not to think.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking_tokens: Option<u32>,
}

impl Sampling {
    /// Upper bound of thought and reply together.
    pub fn limit(&self) -> u32 {
        self.max_tokens.saturating_add(self.thinking_tokens.unwrap_or_default())
    }
}

/// Why a call is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The subject is asked; turn 0 is the first ask, later turns restate the format, or are later turns of a conversation.
    Subject {
        /// How many asks came before.
        turn: u8,
    },
    /// A judge scores the subject's reply.
    Judge {
        /// The rubric the judge follows.
        rubric: RubricId,
        /// How many asks by this rubric came before: one if its first verdict could not be read. Left out of files where it is 0,
        /// as it was before there were such asks.
        #[serde(default, skip_serializing_if = "is_first")]
        ask: u8,
        /// What of the trial is judged.
        #[serde(default, skip_serializing_if = "JudgedPart::is_whole")]
        part: JudgedPart,
    },
    /// Whoever plays the client speaks, before the subject's turn with this number.
    Client {
        /// The subject's turn that follows, from 0.
        turn: u8,
    },
}

/// What of a trial a judge is asked about in one call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JudgedPart {
    /// The reply, or the whole conversation.
    #[default]
    Whole,
    /// The subject's turn with this number, from 0, in the light of all before it.
    Turn(u8),
    /// One question of a decision tree.
    Question(QuestionId),
}

impl JudgedPart {
    /// Whether nothing is singled out.
    pub const fn is_whole(&self) -> bool {
        matches!(self, Self::Whole)
    }
}

impl Purpose {
    /// The first ask of a judge by this rubric.
    pub fn judge(rubric: RubricId) -> Self {
        Self::Judge { rubric, ask: 0, part: JudgedPart::Whole }
    }

    /// A later ask of a judge by this rubric.
    pub fn judge_again(rubric: RubricId, ask: u8) -> Self {
        Self::Judge { rubric, ask, part: JudgedPart::Whole }
    }
}

// serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_first(ask: &u8) -> bool {
    *ask == 0
}

/// A call that has to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct CallSpec {
    /// Why it is made.
    pub purpose: Purpose,
    /// The whole conversation so far.
    pub messages: Vec<Message>,
    /// How the reply is drawn.
    pub sampling: Sampling,
    /// Tells repeats of the same conversation apart; 0 for the first.
    pub repeat: u32,
    /// The trial that needs it, for whoever answers to tell conversations apart. It is no part of the key: two trials may need the same
    /// call.
    pub trial: Option<TrialId>,
    /// Fields of the request's body that the user set.
    pub options: RequestOptions,
}

/// The identity of a call: equal keys are the same call and are paid for once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallKey(Digest);

impl CallKey {
    /// Hashes model, sampling, messages, repeat and options with blake3.
    ///
    /// Every variable part carries its length, so that no two different calls share a byte string. What is not set leaves no trace:
    /// calls keep the keys they had before it could be set.
    pub fn of(model: &ModelId, call: &CallSpec) -> Self {
        let mut bytes = Vec::with_capacity(512);
        push_text(&mut bytes, model.as_str());
        bytes.extend_from_slice(&call.sampling.temperature.to_bits().to_le_bytes());
        bytes.extend_from_slice(&call.sampling.max_tokens.to_le_bytes());
        let Sampling { seed, thinking_tokens, .. } = call.sampling;
        let parts = [seed.is_some(), thinking_tokens.is_some(), !call.options.is_empty()];
        bytes.push(parts.iter().rev().fold(0, |set, part| set << 1 | u8::from(*part)));
        bytes.extend(seed.into_iter().flat_map(u64::to_le_bytes));
        bytes.extend(thinking_tokens.into_iter().flat_map(u32::to_le_bytes));
        if !call.options.is_empty() {
            push_options(&mut bytes, &call.options);
        }
        for message in &call.messages {
            bytes.push(message.role as u8);
            push_text(&mut bytes, &message.content);
        }
        bytes.extend_from_slice(&call.repeat.to_le_bytes());
        Self(Digest::of(&bytes))
    }

    /// The hexadecimal digits.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for CallKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn push_options(bytes: &mut Vec<u8>, options: &RequestOptions) {
    bytes.extend_from_slice(&(options.iter().len() as u64).to_le_bytes());
    for (path, value) in options.iter() {
        push_text(bytes, path);
        push_text(bytes, &value.to_string());
    }
}

/// An answer that a source recorded already parsed, without the raw reply behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordedAnswer {
    /// The letter of a choice; none if the source says no choice was read.
    Choice(Option<char>),
    /// A number on the task's scale; none if the source says none was read.
    Rating(Option<f64>),
    /// The letters of an emotion and of its cause; none where the source says none was read.
    EmotionAndCause {
        /// The emotion's.
        emotion: Option<char>,
        /// The cause's.
        cause: Option<char>,
    },
    /// A label; none if the source says none was read.
    Label(Option<String>),
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallEnd {
    /// A reply came back.
    Replied(Reply),
    /// The source recorded only what it had parsed from the reply.
    Recorded {
        /// The parsed answer.
        answer: RecordedAnswer,
        /// What there is of the reply's text; may be empty.
        text: String,
        /// Why the reply ended, where the source says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        finish: Option<Finish>,
        /// What the model thought before it answered, where the source kept it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thought: Option<Thought>,
    },
    /// No reply came back after bounded tries.
    Broken {
        /// What went wrong, without credentials.
        message: String,
    },
}

impl CallEnd {
    /// The text of the reply, if one came back.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Replied(reply) => Some(&reply.text),
            Self::Recorded { text, .. } => Some(text),
            Self::Broken { .. } => None,
        }
    }
}

/// One finished call of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// Why the call was made.
    pub purpose: Purpose,
    /// How it ended.
    pub end: CallEnd,
}

impl Exchange {
    /// What the model thought before the reply, if it is known to have.
    pub fn thought(&self) -> Option<&Thought> {
        match &self.end {
            CallEnd::Replied(reply) => reply.thought.as_ref(),
            CallEnd::Recorded { .. } | CallEnd::Broken { .. } => None,
        }
    }

    /// The text of the reply, if one came back.
    pub fn text(&self) -> Option<&str> {
        self.end.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spec(contents: &[String], repeat: u32) -> CallSpec {
        CallSpec {
            purpose: Purpose::Subject { turn: 0 },
            messages: contents.iter().map(Message::user).collect(),
            sampling: Sampling {
                temperature: 0.0,
                max_tokens: 16,
                seed: None,
                thinking_tokens: None,
            },
            repeat,
            trial: None,
            options: RequestOptions::default(),
        }
    }

    proptest! {
        #[test]
        fn different_conversations_have_different_keys(
            left in prop::collection::vec(".{0,12}", 1..4),
            right in prop::collection::vec(".{0,12}", 1..4),
        ) {
            let model = ModelId::new("scripted/echo");
            let same = CallKey::of(&model, &spec(&left, 0)) == CallKey::of(&model, &spec(&right, 0));
            prop_assert_eq!(same, left == right);
        }
    }

    #[test]
    fn a_first_ask_of_a_judge_is_written_as_it_was_before_there_were_others() {
        let first = Purpose::judge(RubricId::new("leak"));
        let written = r#"{"judge":{"rubric":"leak"}}"#;
        assert_eq!(serde_json::to_string(&first).unwrap(), written);
        assert_eq!(serde_json::from_str::<Purpose>(written).unwrap(), first);
        let second = Purpose::judge_again(RubricId::new("leak"), 1);
        let written = serde_json::to_string(&second).unwrap();
        assert_eq!(serde_json::from_str::<Purpose>(&written).unwrap(), second);
    }

    #[test]
    fn repeat_model_and_sampling_are_part_of_the_key() {
        let call = spec(&["hello".to_owned()], 0);
        let key = CallKey::of(&ModelId::new("a/b"), &call);
        assert_ne!(key, CallKey::of(&ModelId::new("a/c"), &call));
        assert_ne!(key, CallKey::of(&ModelId::new("a/b"), &spec(&["hello".to_owned()], 1)));
        let mut warmer = call.clone();
        warmer.sampling.temperature = 1.0;
        assert_ne!(key, CallKey::of(&ModelId::new("a/b"), &warmer));
        let mut seeded = call.clone();
        seeded.sampling.seed = Some(0);
        assert_ne!(key, CallKey::of(&ModelId::new("a/b"), &seeded));
    }

    #[test]
    fn keys_of_calls_that_say_nothing_of_thinking_and_options_are_those_of_old() {
        let model = ModelId::new("openai/small-model");
        let mut call = spec(&["hello".to_owned(), "再见".to_owned()], 3);
        assert_eq!(
            CallKey::of(&model, &call).as_str(),
            "c3e69db3a875cdf157daec421dff0aacb1ce7f092c9da40b6e5c5d772528a337"
        );
        call.sampling.seed = Some(7);
        assert_eq!(
            CallKey::of(&model, &call).as_str(),
            "a99cf5684cf3ed73380f3803aad370a577caa9fef9fde988adf2e2b70671330a"
        );
    }

    #[test]
    fn room_to_think_and_options_are_part_of_the_key() {
        let (model, plain) = (ModelId::new("a/b"), spec(&["hello".to_owned()], 0));
        let with = |thinking_tokens, seed, options: &[&str]| {
            let mut call = plain.clone();
            call.sampling = Sampling { thinking_tokens, seed, ..call.sampling };
            call.options = RequestOptions::parse(options.iter().copied()).unwrap();
            CallKey::of(&model, &call)
        };
        let keys = [
            with(None, None, &[]),
            with(Some(0), None, &[]),
            with(Some(7), None, &[]),
            with(None, Some(7), &[]),
            with(None, None, &["top_p=0.5"]),
            with(None, None, &["top_p=null"]),
            with(None, None, &["top_p=0.5", "a=1"]),
            with(Some(7), None, &["top_p=0.5"]),
        ];
        let different: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
        assert_eq!(with(None, None, &["a=1", "b=2"]), with(None, None, &["b=2", "a=1"]));
    }
}
