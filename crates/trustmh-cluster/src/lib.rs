//! Calls made by workers on other machines, through NATS JetStream.
//!
//! A coordinator plans, gives calls to the workers that ask for them, records results and scores; workers make calls and bring results.
//! The coordinator's journal is the only truth:
//!
//! - what is handed out is written down on the server before it is handed out, so a coordinator that takes over knows who may have spent;
//! - a result stays in its stream until it is on the coordinator's disk;
//! - workers may speak to the coordinator and bring results, and use nothing else of the server: what a server does for whoever asks, it
//!   does wherever he has it answer.
//!
//! `docs/cluster.md` says what is guaranteed and what is not.

pub mod access;
pub mod audit;
mod cleared;
mod coordinator;
pub mod dispatcher;
pub mod error;
mod lease;
mod ledger;
mod names;
mod outbox;
mod payload;
pub mod quota;
pub mod setup;
pub mod status;
mod validation;
mod values;
mod wire;
pub mod worker;

pub use names::PROTOCOL;

use std::sync::Arc;

/// How notes for people leave the library, for example that nobody serves a model.
pub type Notifier = Arc<dyn Fn(&str) + Send + Sync>;
