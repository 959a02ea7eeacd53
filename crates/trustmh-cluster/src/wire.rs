//! What coordinator and workers say to each other. No credential is part of it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use trustmh_core::call::{CallKey, CallSpec, Purpose, Reply, Sampling};
use trustmh_core::id::{ModelId, RunId, TrialId};
use trustmh_core::message::Message;
use trustmh_core::request::RequestOptions;
use trustmh_model::api::Completion;
use trustmh_model::error::{ModelError, RemoteFault};
use trustmh_model::learnt::Learnt;

/// A message as it is sent.
#[expect(
    clippy::expect_used,
    reason = "an empty message would be acted upon; ours have nothing that JSON cannot hold"
)]
pub(crate) fn encoded(message: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(message).expect("a message of ours is JSON")
}

/// The same as text.
#[expect(clippy::expect_used, reason = "as above")]
pub(crate) fn encoded_text(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("a message of ours is JSON")
}

/// A run whose coordinator has calls to give, said to all workers again and again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RunOffer {
    /// The protocol.
    pub(crate) v: u32,
    pub(crate) run: RunId,
    pub(crate) models: Vec<ModelId>,
}

/// Names one answer of a coordinator: only who got it knows the number, and a result is taken from nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Permit(String);

impl Permit {
    pub(crate) fn new() -> Self {
        Self(uuid::Uuid::now_v7().simple().to_string())
    }
}

/// A worker speaks to the coordinator of a run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The protocol.
    pub(crate) v: u32,
    pub(crate) worker: String,
    /// Tells this process from any other of the same name.
    pub(crate) session: String,
    /// The models it serves.
    pub(crate) served: Vec<ModelId>,
    pub(crate) wants: RequestKind,
}

/// What a worker wants.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RequestKind {
    /// Calls to make, and the permit to make them.
    Calls {
        /// The number of this request within the session.
        ask: u64,
        /// Earlier requests whose answer never came: their calls were not begun.
        lost: Vec<u64>,
        room: Vec<Room>,
        /// How long the answer may be put off until there is something to give.
        patience_millis: u64,
    },
    /// More time for these, which it has in hand.
    Time { keys: Vec<CallKey> },
    /// A part of a call that fits no message.
    Part { permit: Permit, key: CallKey, part: u32 },
}

/// Room for calls of a model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Room {
    pub(crate) model: ModelId,
    pub(crate) calls: u32,
}

/// What the coordinator answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CoordinatorReply {
    /// Calls, with the permit to make them; none if there are none.
    Calls { lease_millis: u64, permit: Permit, calls: Vec<Handed> },
    /// The time was given.
    Time,
    /// The part that was asked for.
    Part { text: String },
    /// This worker gets nothing.
    Refused {
        /// The protocol of the coordinator.
        v: u32,
        why: String,
    },
}

/// A call that is handed out.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Handed {
    pub(crate) key: CallKey,
    /// For which time, from one.
    pub(crate) time: u32,
    pub(crate) content: Content,
}

/// What is to be asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Content {
    /// Here.
    Job(Box<RawValue>),
    /// In so many parts.
    Parts(u32),
}

/// A call that is to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) model: ModelId,
    pub(crate) purpose: Purpose,
    pub(crate) messages: Vec<Message>,
    pub(crate) sampling: Sampling,
    pub(crate) repeat: u32,
    /// The trial that needs it.
    #[serde(default)]
    pub(crate) trial: Option<TrialId>,
    /// Fields of the request's body that the user set.
    #[serde(default, skip_serializing_if = "RequestOptions::is_empty")]
    pub(crate) options: RequestOptions,
    /// Tries for a call that fails for a passing reason.
    pub(crate) tries: u32,
}

impl Job {
    pub(crate) fn of(model: &ModelId, call: &CallSpec, tries: u32) -> Self {
        Self {
            model: model.clone(),
            purpose: call.purpose.clone(),
            messages: call.messages.clone(),
            sampling: call.sampling,
            repeat: call.repeat,
            trial: call.trial.clone(),
            options: call.options.clone(),
            tries,
        }
    }

    pub(crate) fn call(&self) -> CallSpec {
        CallSpec {
            purpose: self.purpose.clone(),
            messages: self.messages.clone(),
            sampling: self.sampling,
            repeat: self.repeat,
            trial: self.trial.clone(),
            options: self.options.clone(),
        }
    }
}

/// Results that a worker brings.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ResultMessage {
    /// The protocol.
    pub(crate) v: u32,
    pub(crate) worker: String,
    pub(crate) results: Results,
}

/// Several results, or a piece of one that fits no message.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Results {
    /// Each is read by itself, so that a bad one spoils no other.
    Whole(Vec<Box<RawValue>>),
    /// Part number `part`, from zero, of `parts`.
    Chunk { payload: String, part: u32, parts: u32, text: String },
}

/// Who speaks which protocol, of messages that cannot be read otherwise.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope {
    pub(crate) v: u32,
    #[serde(default)]
    pub(crate) worker: String,
}

/// What became of a call.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) key: CallKey,
    /// The answer in which the call was handed out.
    pub(crate) permit: Permit,
    /// Tries it took this worker.
    pub(crate) tries: u32,
    pub(crate) millis: u64,
    /// What the endpoint has taught this worker so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) learnt: Vec<Learnt>,
    pub(crate) end: OutcomeEnd,
}

/// How a call ended.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OutcomeEnd {
    /// A reply came.
    Replied { reply: Reply, request: Option<Box<RawValue>>, response: Option<Box<RawValue>> },
    /// None came.
    Failed { fault: RemoteFault, message: String },
}

impl OutcomeEnd {
    /// As the work on a run takes it.
    pub(crate) fn into_result(self, worker: String) -> Result<Completion, ModelError> {
        match self {
            Self::Replied { reply, request, response } => {
                Ok(Completion { reply, request, response })
            }
            Self::Failed { fault, message } => Err(ModelError::Remote { worker, message, fault }),
        }
    }
}

impl From<Result<Completion, ModelError>> for OutcomeEnd {
    fn from(result: Result<Completion, ModelError>) -> Self {
        match result {
            Ok(Completion { reply, request, response }) => {
                Self::Replied { reply, request, response }
            }
            Err(error) => {
                Self::Failed { fault: RemoteFault::from(&error), message: error.to_string() }
            }
        }
    }
}

/// An entry of the log of what was handed out, for a coordinator that takes over.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogEntry {
    /// An answer.
    Handed {
        permit: Permit,
        session: String,
        worker: String,
        lease_millis: u64,
        /// Each call, and for which time it was handed out.
        calls: Vec<(CallKey, u32)>,
    },
    /// These ended without a reply, and their trials with them: they are counted anew if they are asked again.
    Over { keys: Vec<CallKey> },
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::call::Finish;

    #[test]
    fn an_outcome_comes_back_as_it_was_sent() {
        let reply = Reply::new("ok\n\u{1f642}".to_owned(), Finish::Stop, None);
        let request = RawValue::from_string("{\"a\": 1.50}".to_owned()).ok();
        let completion = Completion { reply: reply.clone(), request, response: None };
        let sent = OutcomeEnd::from(Ok(completion));
        let text = serde_json::to_string(&sent).unwrap_or_default();
        let back: OutcomeEnd = serde_json::from_str(&text).expect("it was just written");
        let back = back.into_result("w".to_owned()).expect("a reply");
        assert_eq!(back.reply, reply);
        // Bodies are kept to the byte: the journal holds what crossed the wire.
        assert_eq!(
            back.request.map(|body| body.get().to_owned()).as_deref(),
            Some("{\"a\": 1.50}")
        );
    }

    #[test]
    fn a_job_carries_the_whole_call() {
        let typed = ["reasoning.effort=low", "temperature=null"];
        let call = CallSpec {
            purpose: Purpose::Subject { turn: 1 },
            messages: vec![Message::user("hello")],
            sampling: Sampling {
                temperature: 0.5,
                max_tokens: 8,
                seed: Some(3),
                thinking_tokens: Some(4096),
            },
            repeat: 2,
            trial: None,
            options: RequestOptions::parse(typed).expect("options"),
        };
        let model = ModelId::new("openai/small-model");
        let key = CallKey::of(&model, &call);
        let text = serde_json::to_string(&Job::of(&model, &call, 5)).unwrap_or_default();
        let back: Job = serde_json::from_str(&text).expect("it was just written");
        assert_eq!(back.call(), call);
        assert_eq!(CallKey::of(&model, &back.call()), key);
    }

    #[test]
    fn a_fault_keeps_its_kind() {
        let error = ModelError::Configuration { message: "no key".to_owned() };
        let back = OutcomeEnd::from(Err(error)).into_result("gpu-1".to_owned());
        let back = back.expect_err("it failed");
        assert_eq!(back.to_string(), "at worker gpu-1: no key");
        assert_eq!(RemoteFault::from(&back), RemoteFault::Permanent);
    }
}
