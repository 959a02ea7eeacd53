//! The embedded judge: a small sentence encoder in this process, and heads over what it makes of a reply.
//!
//! The encoder is somebody else's ([`Encode`]); the heads are in `benchmark/heads`, one file for each rubric that the judge knows.
//! How they were trained and what they are worth: docs/judges.md, docs/decisions/0025-validity.md.

mod features;
mod head;

pub use features::{Block, Encode, Features};
pub use head::{Decision, FieldHead, Head, HeadFile, Linear};

use std::collections::BTreeMap;
use std::sync::Arc;

use trustmh_core::call::{CallSpec, Purpose, Sampling};
use trustmh_core::digest::{Digest, Hashing};
use trustmh_core::id::{ModelId, RubricId};
use trustmh_core::message::{Message, Role};
use trustmh_core::request::RequestOptions;

use crate::error::EngineError;
use crate::judge::offline::OfflineRules;

/// What the embedded judge's name begins with; the hash of its heads follows, so that a verdict of other heads is another call.
pub const EMBEDDED_JUDGE: &str = "local/embedded-judge-";

/// So many signs of the hash stand in the name.
const SIGNS: usize = 12;

/// All heads.
#[derive(Debug, Clone, Default)]
pub struct Heads {
    /// A head stands under each rubric that it judges by.
    by_rubric: BTreeMap<RubricId, Arc<Head>>,
    hash: Hashing,
}

impl Heads {
    /// Adds the head of a file.
    ///
    /// # Errors
    /// As [`Head::parse`].
    pub(crate) fn add(&mut self, path: &str, text: &str) -> Result<(), EngineError> {
        let head = Arc::new(Head::parse(path, text)?);
        self.hash.add(Digest::of(text.as_bytes()).as_str().as_bytes());
        let also = head.file.also.clone();
        for rubric in std::iter::once(head.file.rubric.clone()).chain(also) {
            self.by_rubric.insert(rubric, Arc::clone(&head));
        }
        Ok(())
    }

    /// The head for a rubric; none where the offline rules judge.
    pub fn of(&self, rubric: &RubricId) -> Option<&Head> {
        self.by_rubric.get(rubric).map(Arc::as_ref)
    }

    /// The name under which the judge's calls are recorded.
    pub fn model(&self) -> ModelId {
        let hash = self.hash.clone().end();
        let signs = hash.as_str().rsplit(':').next().unwrap_or_default();
        ModelId::new(format!("{EMBEDDED_JUDGE}{}", signs.get(..SIGNS).unwrap_or(signs)))
    }

    /// Judges the reply of a call that [`call`] made: one JSON object with the rubric's fields.
    ///
    /// # Errors
    /// [`EngineError::Encoder`] if the encoder fails, or if the call is none of the embedded judge's.
    pub fn answer(
        &self,
        call: &CallSpec,
        rules: &OfflineRules,
        encoder: &dyn Encode,
    ) -> Result<String, EngineError> {
        let odd = |message: &str| EngineError::Encoder { message: message.to_owned() };
        let Purpose::Judge { rubric, .. } = &call.purpose else {
            return Err(odd("the embedded judge answers no subject's and no client's calls"));
        };
        let head =
            self.of(rubric).ok_or_else(|| odd("the embedded judge has no head for this rubric"))?;
        let [request, reply] = call.messages.as_slice() else {
            return Err(odd("the embedded judge takes a request and a reply"));
        };
        if (request.role, reply.role) != (Role::User, Role::Assistant) {
            return Err(odd("the embedded judge takes a request and a reply"));
        }
        let mut features = Features::new(&request.content, &reply.content, rules, encoder);
        head.verdict(&mut features)
    }
}

/// The call that asks the embedded judge for a verdict by `rubric`.
pub(crate) fn call(rubric: &RubricId, request: &str, reply: &str) -> CallSpec {
    CallSpec {
        purpose: Purpose::judge(rubric.clone()),
        messages: vec![Message::user(request), Message::assistant(reply)],
        sampling: Sampling { temperature: 0.0, max_tokens: 0, seed: None, thinking_tokens: None },
        repeat: 0,
        trial: None,
        options: RequestOptions::default(),
    }
}
