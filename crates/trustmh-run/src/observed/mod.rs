//! Conversations that took place elsewhere, as a run: they are read once into its folder, judged like any others, and nobody is asked
//! for a reply.

mod intake;
mod record;

pub use intake::{Intake, TRANSCRIPTS, UNREAD, Values, take_in};
pub use record::{Observed, ObservedFile, Redaction};

/// The subject of such a run: whoever replied in the transcripts.
pub const OBSERVED: &str = "observed";

/// The name of the set that transcripts make up.
pub const DATASET: &str = "transcripts";
