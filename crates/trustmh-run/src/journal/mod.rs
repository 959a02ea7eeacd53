//! The journal: append-only lines, one finished event each, every line with the hash of the one before. What is in it has happened.

mod calls;
mod chain;
mod forgotten;
mod glance;
mod lesson;
mod read;
mod replay;
mod rewrite;
mod seal;
mod survey;
mod trial_record;
mod trials;
mod write;

pub use calls::{Asked, Calls, Told, Trouble};
pub use chain::Chain;
pub use forgotten::{
    CallLeft, ClientKind, EndLeft, Forgetting, Forgotten, Left, ScoreLeft, Scored, TalkLeft,
    TrialLeft, TurnLeft,
};
pub use lesson::Lesson;
pub use read::{Extent, Lines, Place, scan};
pub use replay::Replay;
pub(crate) use rewrite::{Rewritten, rewrite};
pub(crate) use seal::{Coverage, Sealed};
pub use seal::{SEAL_FILE, SealFile, SessionEnd};
pub use survey::{Fault, Seen, Whereabouts, line_in, survey};
pub use trial_record::{Recorded, Remains, TrialRecord};
pub use trials::{Totals, Trials, Uncounted};
pub use write::Writer;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::num::NonZeroU32;

use trustmh_core::call::{CallEnd, CallKey, Purpose};
use trustmh_core::digest::Digest;
use trustmh_core::id::{ModelId, TrialId};
use trustmh_core::trial::Trial;

use chain::StandsFor;

/// The file's name inside a run's folder.
pub const FILE: &str = "journal.jsonl";

/// The format of the lines this program writes, but for those that tell of forgetting. It reads those before it, too, whose lines name
/// no hash.
pub const FORMAT: u32 = 3;

/// The format of lines that tell of forgetting, the newest there is: programs that know nothing of it must not read past them.
pub const FORGETTING: u32 = 4;

/// One line of the journal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// [`FORMAT`] at the time of writing, or [`FORGETTING`].
    pub v: u32,
    /// The hash of the line before; of the first line, that of the manifest. Lines of formats before 3 have none.
    #[serde(default)]
    pub prev: Option<Digest>,
    /// What happened.
    pub event: Event,
}

/// Something that happened.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A process began working on the run; in formats before 3 also: stopped.
    Session(Session),
    /// All trials have ended; the lines up to here are sealed.
    Finish(Seal),
    /// The user, a budget or a fault stopped the work; the lines up to here are sealed.
    Interrupted(Seal),
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
    /// What is left of a trial or a call whose words were forgotten.
    Forgotten(Box<Forgotten>),
    /// The score of a trial whose words were forgotten.
    Scored(Box<Scored>),
    /// Words were forgotten, and what is left is held by this line.
    Forgot(Forgetting),
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

/// The end of a session: how much is before it, and its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// When.
    pub at: Timestamp,
    /// The program's version.
    pub program: String,
    /// Lines before this one.
    pub lines: u64,
    /// The hash of the last of them.
    pub last: Digest,
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

impl Event {
    /// For which line its own stands.
    fn stands_for(&self) -> Option<StandsFor<'_>> {
        match self {
            Self::Forgotten(left) => {
                Some(StandsFor { line: left.line.as_str(), number: left.number })
            }
            Self::Session(_)
            | Self::Finish(_)
            | Self::Interrupted(_)
            | Self::Trial(_)
            | Self::Call(_)
            | Self::Lesson(_)
            | Self::Reuse { .. }
            | Self::Scored(_)
            | Self::Forgot(_) => None,
        }
    }
}

impl Seal {
    /// The end of the session that it seals.
    pub(crate) fn session(self, mark: Mark) -> Session {
        Session { at: self.at, mark, program: self.program }
    }
}
