//! Calls made by workers on other machines, through NATS JetStream.
//!
//! A coordinator plans, publishes calls as jobs, records results and scores; workers take jobs, make the calls and publish results.
//! The coordinator's journal is the only truth:
//!
//! - a job stays in its stream until the result is on the coordinator's disk, and a subject per call holds it at most once;
//! - a result stays in its stream until its job is known to be gone;
//! - so whoever dies, each call is at any time in the journal, or a result, or a job; never in none.
//!
//! `docs/cluster.md` says what is guaranteed and what is not.

pub mod access;
mod confirm;
pub mod dispatcher;
pub mod error;
mod inbox;
mod lease;
mod leave;
mod names;
mod outbox;
mod parcel;
pub mod quota;
pub mod setup;
pub mod status;
mod wire;
pub mod worker;

pub use names::PROTOCOL;

use std::sync::Arc;

/// How notes for people leave the library, for example that nobody serves a model.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;
