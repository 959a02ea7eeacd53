//! What the journals of a study hold: what was spent, each call once, and which runs have ended.

use jiff::Timestamp;
use std::collections::HashSet;
use std::path::Path;

use trustmh_core::call::{CallEnd, CallKey};
use trustmh_core::digest::Digest;

use crate::dispatch::{ModelPrices, Spent};
use crate::error::RunError;
use crate::journal::{self, Event};

/// What a run's journal holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunRecord {
    /// Whether anything is recorded.
    pub begun: bool,
    /// Whether all its trials have ended and no call of it broke for good, so that there is nothing to go on with.
    pub settled: bool,
    /// What its calls took, without those that another run of the study made.
    pub spent: Spent,
    /// Finished calls.
    pub calls: u64,
}

/// Calls that were counted already: a reply that several judges were shown stands in the journals of all their runs.
pub type Counted = HashSet<([u8; 16], Option<Timestamp>)>;

/// Reads the journal of the run in `folder`; calls in `counted` are not counted again.
///
/// # Errors
/// As [`journal::scan`].
pub fn recorded(
    folder: &Path,
    prices: &ModelPrices,
    counted: &mut Counted,
) -> Result<RunRecord, RunError> {
    let path = folder.join(journal::FILE);
    let mut record = RunRecord::default();
    if !path.is_file() {
        return Ok(record);
    }
    let mut broken: HashSet<CallKey> = HashSet::new();
    let mut finished = false;
    journal::scan(&path, |event, _| {
        record.begun = true;
        finished = matches!(event, Event::Finish(_));
        let Event::Call(call) = event else { return };
        let usage = match &call.end {
            CallEnd::Replied(reply) => {
                broken.remove(&call.key);
                record.calls += 1;
                reply.usage
            }
            CallEnd::Broken { .. } => {
                broken.insert(call.key.clone());
                None
            }
            CallEnd::Recorded { .. } => None,
        };
        if counted.insert((Digest::half(call.key.as_str()), call.at)) {
            let dollars = prices.of(&call.purpose, usage);
            record.spent = record.spent.and(Spent::call(&call.purpose, usage, dollars));
        }
    })?;
    record.settled = finished && broken.is_empty();
    Ok(record)
}
