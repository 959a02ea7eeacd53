//! Readers: published datasets, the project's starter items, and recorded outputs of other harnesses.
//!
//! Reading is tolerant, reporting strict: a file that can be understood is read, and whatever was
//! repaired or dropped is counted by reason in [`ItemSource::warnings`]. A file that cannot be
//! understood is a [`error::DataError`] that says what was wrong with what. Only files that the
//! caller names are opened; nothing is printed and no environment variable is read.

pub mod codebook;
pub mod error;
pub mod hub;
pub mod items;
pub mod labelled;
pub mod mapped;
pub mod published;
pub mod ratings;
pub mod record;
pub mod redact;
pub mod sources;
pub mod starter;
pub mod stock;
pub mod transcripts;

mod dilemma;
mod encoding;
mod language;
mod literal;
mod mending;
mod nan;
mod slug;
mod story;
mod surrogate;
mod table;
mod tabular;
mod unpack;

use trustmh_core::item::Item;
use trustmh_core::scorecard::ItemSource;

/// The items of a set, and where they came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The items, in file order.
    pub items: Vec<Item>,
    /// Origin, files with their hashes, and what reading repaired or dropped.
    pub source: ItemSource,
}
