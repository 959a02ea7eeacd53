//! The one seam between the engine and whatever answers.

use futures_util::future::BoxFuture;
use serde_json::value::RawValue;
use std::num::NonZeroUsize;

use trustmh_core::call::{CallSpec, Reply};
use trustmh_core::id::ModelId;

use crate::error::ModelError;
use crate::learnt::Learnt;
use crate::limit::Quota;

/// Something that answers calls: a server, a model in process, a script, a record.
///
/// One call is one try; [`complete_with_retry`](crate::retry::complete_with_retry) tries again.
pub trait ModelApi: Send + Sync {
    /// The model as the user named it; part of every call's key.
    fn id(&self) -> &ModelId;

    /// How many calls it can usefully serve at once, where the user does not say.
    fn parallel(&self) -> NonZeroUsize;

    /// Makes the call once. Dropping the future gives it up.
    ///
    /// # Errors
    /// Whatever kept the reply from coming; [`ModelError::fault`] tells what may be done about it.
    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>>;

    /// A conversation has ended of which `call` holds the whole list of messages: whoever keeps a memory of it may let it go. Nothing comes
    /// of it, and no error either.
    fn ended<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, ()> {
        let _ = call;
        Box::pin(std::future::ready(()))
    }

    /// What was found out about the endpoint so far, in the order it was found out: fields that it does not take, for example. It only
    /// grows.
    fn learnt(&self) -> Vec<Learnt> {
        Vec::new()
    }

    /// How many calls the provider leaves, by the headers of its last answer.
    fn quota(&self) -> Option<Quota> {
        None
    }
}

/// A reply, with the bodies that crossed the wire.
#[derive(Debug, Clone)]
pub struct Completion {
    /// What the model said.
    pub reply: Reply,
    /// The request's body; none where nothing was sent. Credentials travel in headers, never in it.
    pub request: Option<Box<RawValue>>,
    /// The response's body, on one line; the key, if it occurs in it, is replaced.
    pub response: Option<Box<RawValue>>,
}

impl Completion {
    /// A reply that crossed no wire.
    pub fn local(reply: Reply) -> Self {
        Self { reply, request: None, response: None }
    }
}
