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

use crate::names::{JOBS, PROTOCOL, key_of};

/// A call that is to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The protocol.
    pub(crate) v: u32,
    pub(crate) run: RunId,
    pub(crate) key: CallKey,
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
    pub(crate) fn of(
        run: &RunId,
        model: &ModelId,
        key: &CallKey,
        call: &CallSpec,
        tries: u32,
    ) -> Self {
        Self {
            v: PROTOCOL,
            run: run.clone(),
            key: key.clone(),
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

/// A worker asks for leave before it makes calls: servers and workers forget, or do not know, who was given what; a coordinator knows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    /// The protocol.
    pub(crate) v: u32,
    pub(crate) keys: Vec<CallKey>,
}

/// What the coordinator says to each key, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// It is to be made.
    Granted {
        /// For which time, from one.
        time: u32,
    },
    /// Its result is recorded: it must not be made again.
    Recorded,
    /// Others are before it.
    Soon,
    /// Its result is on the way, or it is not wanted yet.
    Later,
    /// It was granted so often that it is given up.
    GivenUp {
        /// How often.
        times: u32,
    },
}

/// What became of a job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// The protocol.
    pub(crate) v: u32,
    pub(crate) key: CallKey,
    pub(crate) worker: String,
    /// Tries it took this worker.
    pub(crate) tries: u32,
    pub(crate) millis: u64,
    /// To how many workers the call was handed, this one included, as far as its coordinator knew.
    pub(crate) handed_out: u32,
    /// Where the job is acknowledged, once the result is recorded.
    pub(crate) job_ack: String,
    /// The object that holds the job, if one does.
    pub(crate) job_object: Option<String>,
    /// What the endpoint has taught this worker so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) learnt: Vec<Learnt>,
    pub(crate) end: OutcomeEnd,
}

impl Outcome {
    /// Whether this is the result that stands on `subject`, and names an acknowledgement of a job. Workers may do less on the server than
    /// coordinators: one that has gone astray must not have its coordinator send to other subjects, or record another call's reply.
    pub(crate) fn belongs_at(&self, subject: &str) -> bool {
        let of_this_call = key_of(subject).as_ref() == Some(&self.key);
        // The domain and account of a server may stand before the stream.
        let stream = self.job_ack.strip_prefix("$JS.ACK.").map(|rest| rest.split('.').take(3));
        of_this_call && stream.is_some_and(|mut tokens| tokens.any(|token| token == JOBS))
    }
}

/// How a job ended.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OutcomeEnd {
    /// A reply came.
    Replied { reply: Reply, request: Option<Box<RawValue>>, response: Option<Box<RawValue>> },
    /// None came.
    Failed { fault: RemoteFault, message: String },
    /// It was handed out again and again, and nobody came back with a result.
    Dead { message: String },
}

impl OutcomeEnd {
    /// As the work on a run takes it.
    pub(crate) fn into_result(self, worker: String) -> Result<Completion, ModelError> {
        match self {
            Self::Replied { reply, request, response } => {
                Ok(Completion { reply, request, response })
            }
            Self::Failed { fault, message } => Err(ModelError::Remote { worker, message, fault }),
            Self::Dead { message } => {
                let message = format!("dead letter: {message}");
                Err(ModelError::Remote { worker, message, fault: RemoteFault::ThisCallOnly })
            }
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
        let (run, model) = (RunId::new("run"), ModelId::new("openai/small-model"));
        let key = CallKey::of(&model, &call);
        let job = Job::of(&run, &model, &key, &call, 5);
        let text = serde_json::to_string(&job).unwrap_or_default();
        let back: Job = serde_json::from_str(&text).expect("it was just written");
        assert_eq!(back.call(), call);
        assert_eq!(CallKey::of(&model, &back.call()), key);
    }

    #[test]
    fn a_result_belongs_where_its_call_is_and_acknowledges_a_job() {
        let outcome = |job_ack: &str| Outcome {
            v: PROTOCOL,
            key: serde_json::from_str("\"abcd\"").expect("a key"),
            worker: "w".to_owned(),
            tries: 1,
            millis: 1,
            handed_out: 1,
            job_ack: job_ack.to_owned(),
            job_object: None,
            learnt: Vec::new(),
            end: OutcomeEnd::Dead { message: String::new() },
        };
        let usual = outcome("$JS.ACK.TRUSTMH_JOBS.model.1.2.3.4.5");
        assert!(usual.belongs_at("trustmh.results.run.abcd"));
        assert!(!usual.belongs_at("trustmh.results.run.ef01"));
        let in_a_domain = outcome("$JS.ACK.hub.account.TRUSTMH_JOBS.model.1.2.3.4.5.6");
        assert!(in_a_domain.belongs_at("trustmh.results.run.abcd"));
        for astray in ["$JS.API.STREAM.DELETE.TRUSTMH_JOBS", "$JS.ACK.KV_other.x.1.2.3.4.5", ""] {
            assert!(!outcome(astray).belongs_at("trustmh.results.run.abcd"), "{astray}");
        }
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
