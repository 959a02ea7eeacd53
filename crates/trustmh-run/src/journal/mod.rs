//! The journal: append-only lines, one finished event each. What is in it has happened.

mod lesson;
mod read;
mod replay;
mod trials;
mod write;

pub use lesson::Lesson;
pub use read::{Extent, Place, scan};
pub use replay::Replay;
pub use trials::{Recorded, Totals, Trials};
pub use write::Writer;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::num::NonZeroU32;

use trustmh_core::call::{CallEnd, CallKey, Purpose};
use trustmh_core::id::{ModelId, TrialId};
use trustmh_core::trial::Trial;

/// The file's name inside a run's folder.
pub const FILE: &str = "journal.jsonl";

/// The line format this program writes and reads.
pub const FORMAT: u32 = 1;

/// One line of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// [`FORMAT`] at the time of writing.
    pub v: u32,
    /// What happened.
    pub event: Event,
}

/// Something that happened.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A process began or stopped working on the run.
    Session(Session),
    /// A trial's first call is finished; the trial is written just before it.
    Trial(Box<Trial>),
    /// A call is finished.
    Call(Box<Call>),
    /// An endpoint taught something that holds for the calls after.
    Lesson(Box<Lesson>),
    /// A finished call served another trial too.
    Reuse {
        /// The call.
        key: CallKey,
        /// The trial it served.
        trial: TrialId,
        /// As what.
        purpose: Purpose,
    },
}

/// A process began or stopped working on the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// When.
    pub at: Timestamp,
    /// What it did.
    pub mark: Mark,
    /// The program's version.
    pub program: String,
}

/// What a session mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Work began or was taken up again.
    Began,
    /// All trials have ended.
    Finished,
    /// The user or a fault stopped the work.
    Stopped,
}

/// A finished call.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Its identity.
    pub key: CallKey,
    /// The trial it was made for.
    pub trial: TrialId,
    /// Why it was made.
    pub purpose: Purpose,
    /// The model that was asked.
    pub model: ModelId,
    /// How it ended.
    pub end: CallEnd,
    /// Tries it took, 1 if none failed; 0 for imported calls.
    pub tries: u32,
    /// When it was finished; none for imported calls.
    pub at: Option<Timestamp>,
    /// Milliseconds from first try to end.
    pub millis: u64,
    /// To how many workers it was handed, where that was more than one: those before the last may have sent it, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_out: Option<NonZeroU32>,
    /// The request's body, without credentials.
    pub request: Option<Box<RawValue>>,
    /// The response's body.
    pub response: Option<Box<RawValue>>,
}
