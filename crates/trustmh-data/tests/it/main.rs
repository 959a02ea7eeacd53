//! Readers, on published files and on files that are not as they should be. One program, so that what tests share is built once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(dead_code, missing_docs, unreachable_pub)]

mod crisis;
mod extended;
mod hub;
mod inspect;
mod labelled;
mod malformed;
mod published;
mod redaction;
mod reliability;
mod starter;
mod transcripts;
mod vera;

use trustmh_core::id::DatasetId;
use trustmh_data::published::PublishedSet;

/// The published set with this id.
pub fn set(id: &str) -> PublishedSet {
    PublishedSet::with_id(&DatasetId::new(id)).unwrap()
}
