//! What a repaired run says of the damaged one it was made from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use trustmh_core::digest::Digest;
use trustmh_core::id::RunId;

/// A run that was damaged, and what of it was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repaired {
    /// When it was repaired.
    pub at: Timestamp,
    /// The damaged run.
    pub from: RunId,
    /// The hash of its journal as it was found, over all its bytes.
    pub journal: Digest,
    /// Events that were taken over.
    pub kept: u64,
    /// Lines that were left out.
    pub dropped: u64,
    /// How many fewer lines it had than were sealed.
    #[serde(default, skip_serializing_if = "is_none")]
    pub missing: u64,
    /// The first thousand of those that were left out.
    pub named: Vec<DroppedLine>,
}

/// A line of a damaged journal that was not taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DroppedLine {
    /// Its number in the damaged journal, from 1; 0 for the manifest.
    pub line: u64,
    /// Why it was left out.
    pub why: String,
}

impl Repaired {
    /// As a sentence.
    pub fn in_words(&self) -> String {
        let lines = if self.dropped == 1 { "line" } else { "lines" };
        let first = self.named.first().map_or_else(String::new, |dropped| {
            let first = if self.dropped == 1 { "" } else { "the first " };
            format!(" ({first}line {}: {})", dropped.line, dropped.why)
        });
        let missing = match self.missing {
            0 => String::new(),
            1 => ", 1 sealed line was missing".to_owned(),
            missing => format!(", {missing} sealed lines were missing"),
        };
        format!(
            "Made of what was sound of the damaged run {}: {} {lines} of its journal were left out{first}{missing}, {} events were kept.",
            self.from, self.dropped, self.kept
        )
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_none(missing: &u64) -> bool {
    *missing == 0
}
