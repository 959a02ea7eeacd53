//! Recorded calls as a model: it answers what was asked before, and never makes a reply up.

use futures_util::future::{self, BoxFuture, FutureExt};
use std::collections::HashMap;
use std::num::NonZeroUsize;

use trustmh_core::call::{CallKey, CallSpec, Reply};
use trustmh_core::id::ModelId;

use crate::api::{Completion, ModelApi};
use crate::error::ModelError;

/// Replies of a recorded run, by call.
#[derive(Debug)]
pub struct Replay {
    id: ModelId,
    asked: ModelId,
    replies: HashMap<CallKey, Reply>,
}

impl Replay {
    /// Replays `replies`, which `asked` gave, under the name `id`.
    ///
    /// A key depends on the model's name: the keys are those made with `asked`.
    pub fn new(id: ModelId, asked: ModelId, replies: HashMap<CallKey, Reply>) -> Self {
        Self { id, asked, replies }
    }

    fn answer(&self, call: &CallSpec) -> Result<Completion, ModelError> {
        let key = CallKey::of(&self.asked, call);
        match self.replies.get(&key) {
            Some(reply) => Ok(Completion::local(reply.clone())),
            None => Err(ModelError::NotRecorded { key }),
        }
    }
}

impl ModelApi for Replay {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        NonZeroUsize::MIN.saturating_add(63)
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        future::ready(self.answer(call)).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;
    use trustmh_core::call::{Finish, Purpose, Sampling};
    use trustmh_core::message::Message;
    use trustmh_core::request::RequestOptions;

    fn call(text: &str) -> CallSpec {
        CallSpec {
            purpose: Purpose::Subject { turn: 0 },
            messages: vec![Message::user(text)],
            sampling: Sampling {
                temperature: 0.0,
                max_tokens: 8,
                seed: None,
                thinking_tokens: None,
            },
            repeat: 0,
            trial: None,
            options: RequestOptions::default(),
        }
    }

    #[tokio::test]
    async fn what_was_recorded_is_repeated_and_nothing_else() {
        let asked = ModelId::new("openai/small-model");
        let reply = Reply::new("yes".to_owned(), Finish::Length, None);
        let replies = HashMap::from([(CallKey::of(&asked, &call("known")), reply.clone())]);
        let replay = Replay::new(ModelId::new("replay:runs/a"), asked.clone(), replies);

        assert_eq!(replay.complete(&call("known")).await.unwrap().reply, reply);
        let error = replay.complete(&call("unknown")).await.unwrap_err();
        assert_eq!(error.fault(), Fault::ThisCallOnly);
        let key = CallKey::of(&asked, &call("unknown"));
        assert!(error.to_string().contains(key.as_str()), "{error}");
    }
}
