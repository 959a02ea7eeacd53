//! Whether a failure is one call's, or everybody's: by what it is, and by what became of the calls before it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use trustmh_core::call::CallKey;
use trustmh_core::id::ModelId;
use trustmh_model::error::{Fault, ModelError};

/// So many calls in a row without anybody at the endpoint end the run.
const UNREACHABLE_IN_A_ROW: u32 = 3;

/// So many different calls that fail alike end the run, where nothing came back in between. A key that was refused may be a stray page of
/// a proxy, but not so often.
const ALIKE: usize = 3;

/// Of prompts that are each refused by themselves it takes more, once the endpoint has answered others: the items of a task are alike, too.
const ALIKE_AMONG_ANSWERED: usize = 10;

/// The endpoints of a run, by the model they serve.
#[derive(Debug, Default)]
pub(super) struct Endpoints(Mutex<HashMap<ModelId, Endpoint>>);

#[derive(Debug, Default)]
struct Endpoint {
    history: History,
    /// Calls in a row that found nobody there.
    unreachable: u32,
    /// Calls that failed alike since the last reply.
    alike: Option<(String, HashSet<CallKey>)>,
}

/// Whether a call to an endpoint ever came back.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum History {
    #[default]
    Silent,
    Answered,
}

/// What a failure means for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is this call's alone.
    GoOn,
    /// No call can work.
    Stop {
        /// How many calls in a row failed so.
        calls: usize,
    },
}

impl Endpoints {
    fn held(&self) -> MutexGuard<'_, HashMap<ModelId, Endpoint>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reply came.
    pub(super) fn answered(&self, model: &ModelId) {
        let answered = Endpoint { history: History::Answered, ..Endpoint::default() };
        self.held().insert(model.clone(), answered);
    }

    /// The journal holds a reply.
    pub(super) fn answered_before(&self, model: &ModelId) {
        let mut endpoints = self.held();
        match endpoints.get_mut(model) {
            Some(endpoint) => endpoint.history = History::Answered,
            None => drop(endpoints.insert(
                model.clone(),
                Endpoint { history: History::Answered, ..Endpoint::default() },
            )),
        }
    }

    /// A call failed for good.
    pub(super) fn failed(&self, model: &ModelId, key: &CallKey, error: &ModelError) -> Verdict {
        let mut endpoints = self.held();
        let endpoint = endpoints.entry(model.clone()).or_default();
        if error.is_unreachable() {
            endpoint.unreachable += 1;
            let stop = endpoint.unreachable >= UNREACHABLE_IN_A_ROW;
            return if stop { Verdict::Stop { calls: 1 } } else { Verdict::GoOn };
        }
        let calls = error.likeness().map_or(0, |likeness| endpoint.count(likeness, key));
        let enough = match (error.fault(), endpoint.history) {
            (Fault::Permanent, _) | (Fault::Doubtful, History::Silent) => {
                return Verdict::Stop { calls };
            }
            (Fault::Doubtful, History::Answered) | (Fault::ThisCallOnly, History::Silent) => ALIKE,
            (Fault::ThisCallOnly, History::Answered) => ALIKE_AMONG_ANSWERED,
            (Fault::Transient { .. }, _) => return Verdict::GoOn,
        };
        if calls >= enough { Verdict::Stop { calls } } else { Verdict::GoOn }
    }
}

impl Endpoint {
    /// How many different calls have failed with this likeness since the last reply, this one included.
    fn count(&mut self, likeness: String, key: &CallKey) -> usize {
        match &mut self.alike {
            Some((known, calls)) if *known == likeness => {
                calls.insert(key.clone());
                calls.len()
            }
            other => {
                *other = Some((likeness, HashSet::from([key.clone()])));
                1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::call::{CallSpec, Purpose, Sampling};
    use trustmh_core::message::Message;

    fn model() -> ModelId {
        ModelId::new("a/b")
    }

    fn key(number: usize) -> CallKey {
        let call = CallSpec {
            purpose: Purpose::Subject { turn: 0 },
            messages: vec![Message::user(number.to_string())],
            sampling: Sampling {
                temperature: 0.0,
                max_tokens: 1,
                seed: None,
                thinking_tokens: None,
            },
            repeat: 0,
            trial: None,
            options: trustmh_core::request::RequestOptions::default(),
        };
        CallKey::of(&model(), &call)
    }

    fn refused(message: &str) -> ModelError {
        ModelError::BadRequest { status: Some(400), message: message.to_owned() }
    }

    fn stray() -> ModelError {
        let text = String::new;
        ModelError::Unauthorized {
            endpoint: text(),
            status: Some(403),
            excerpt: text(),
            hint: text(),
        }
    }

    /// After how many different calls that fail with `error` the run stops; none if not after 20.
    fn stops_after(endpoints: &Endpoints, error: impl Fn(usize) -> ModelError) -> Option<usize> {
        (1..=20).find(|number| {
            endpoints.failed(&model(), &key(*number), &error(*number)) != Verdict::GoOn
        })
    }

    #[test]
    fn a_refused_key_stops_at_once_unless_calls_have_worked() {
        assert_eq!(stops_after(&Endpoints::default(), |_| stray()), Some(1));
        let endpoints = Endpoints::default();
        endpoints.answered(&model());
        assert_eq!(stops_after(&endpoints, |_| stray()), Some(3));
        let resumed = Endpoints::default();
        resumed.answered_before(&model());
        assert_eq!(stops_after(&resumed, |_| stray()), Some(3));
        endpoints.answered(&model());
        for number in 0..10 {
            assert_eq!(endpoints.failed(&model(), &key(number), &stray()), Verdict::GoOn);
            endpoints.answered(&model());
        }
    }

    #[test]
    fn different_prompts_that_are_refused_alike_stop_the_run_after_a_handful() {
        let numbered = |number: usize| refused(&format!("no such field, request {number}a7"));
        assert_eq!(stops_after(&Endpoints::default(), numbered), Some(3));
        let endpoints = Endpoints::default();
        endpoints.answered(&model());
        assert_eq!(stops_after(&endpoints, numbered), Some(10));
        // The same call again, other words, and what says nothing about others.
        let again = Endpoints::default();
        for _ in 0..5 {
            assert_eq!(again.failed(&model(), &key(1), &refused("no")), Verdict::GoOn);
        }
        let words = ["a", "b", "c"];
        assert_eq!(stops_after(&Endpoints::default(), |number| refused(words[number % 3])), None);
        let long = |_| ModelError::PromptTooLong { size: None, excerpt: None };
        assert_eq!(stops_after(&Endpoints::default(), long), None);
    }

    #[test]
    fn nobody_there_three_times_in_a_row_stops_the_run() {
        let nobody = |_| ModelError::Unreachable { endpoint: String::new(), cause: String::new() };
        assert_eq!(stops_after(&Endpoints::default(), nobody), Some(3));
    }
}
