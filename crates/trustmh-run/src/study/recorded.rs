//! What the journals of a study hold: what was spent, each call once, and which runs have ended.

use jiff::Timestamp;
use std::collections::HashSet;
use std::path::Path;

use trustmh_core::call::{CallEnd, CallKey, Reply, Usage};
use trustmh_core::digest::Digest;

use crate::dispatch::{ModelPrices, Spent};
use crate::error::RunError;
use crate::journal::{self, Call, Event};
use crate::plan::prices::answers_in_process;

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
                let is_free = answers_in_process(&call.model);
                reply.usage.or_else(|| (!is_free).then(|| estimated(&call, reply)))
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

/// What a reply took whose tokens nobody counted, by the bytes that were sent and that came: four to a token. What was thought is not
/// known.
fn estimated(call: &Call, reply: &Reply) -> Usage {
    let tokens = |bytes: usize| bytes.div_ceil(4) as u64;
    let sent = call.request.as_ref().map_or(0, |request| request.get().len());
    Usage { prompt_tokens: tokens(sent), reply_tokens: tokens(reply.text.len()) }
}
