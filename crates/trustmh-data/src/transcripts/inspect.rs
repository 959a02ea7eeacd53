//! Logs of Inspect AI: the messages of every sample.

use std::io::Read;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::cells::tag;
use super::intake::Intake;
use super::json;
use super::messages;
use super::told::{About, Told};
use super::unread::UnreadReason;
use crate::error::{DataError, Place};
use crate::record::batch::Source;
use crate::record::inspect::log;

/// The most bytes of a log that are held: it is read as a whole, packed as it is.
const MOST: u64 = 256 << 20;

/// What of a sample is a conversation.
#[derive(Debug, Deserialize)]
struct Sample {
    id: Box<RawValue>,
    #[serde(default)]
    epoch: u64,
    #[serde(default)]
    messages: Option<Box<RawValue>>,
}

/// Reads a log.
///
/// # Errors
/// What the system says, [`DataError`] for a log whose head cannot be read, and what the taking of a conversation says.
pub(super) fn read(
    from: impl Read,
    intake: &mut Intake<'_>,
    unreadable: &dyn Fn(std::io::Error) -> DataError,
) -> Result<(), DataError> {
    let mut bytes = Vec::new();
    from.take(MOST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST {
        let message = format!(
            "the log is longer than {} MB; have Inspect write its samples as JSON lines of messages",
            MOST >> 20
        );
        return Err(DataError::malformed(Place::file(intake.file()), message));
    }
    let source = Source { file: intake.file().to_owned(), bytes };
    let mut number = 0;
    log::each_sample(&source, &mut |model, sample: Result<Sample, DataError>| {
        number += 1;
        match sample
            .map_err(|_| UnreadReason::Packed)
            .and_then(|sample| told(&sample, number, model, intake))
        {
            Ok(told) => intake.take(told),
            Err(reason) => {
                intake.miss(number, reason);
                Ok(())
            }
        }
    })
}

fn told(
    sample: &Sample,
    line: u64,
    model: &str,
    intake: &mut Intake<'_>,
) -> Result<Told, UnreadReason> {
    let messages = sample.messages.as_ref();
    let messages =
        messages.ok_or_else(|| UnreadReason::Missing { field: "messages".to_owned() })?;
    let messages = json::mended(messages.get().as_bytes())?;
    let messages = json::list(&messages)
        .ok_or_else(|| UnreadReason::Type { field: "messages".to_owned(), expected: "a list" })?;
    let turns = messages::turns(messages.iter().map(|raw| raw.get()), intake)?;
    let id = json::scalar(sample.id.get());
    let id = id.map(|id| if sample.epoch > 1 { format!("{id}-epoch{}", sample.epoch) } else { id });
    let model = Some(tag(model)).filter(|model| !model.is_empty());
    Ok(Told { line, id, turns, about: About { model, ..About::default() } })
}
