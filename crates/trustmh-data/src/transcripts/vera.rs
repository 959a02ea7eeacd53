//! Text files of one conversation each, as VERA-MH writes them.

use std::io::Read;

use super::intake::Intake;
use super::lines::MOST;
use super::speaker::Speaker;
use super::told::{About, Told};
use super::unread::UnreadReason;
use crate::error::DataError;
use crate::record::vera::transcript;

/// Reads a file, whose id is its name without the ending.
///
/// # Errors
/// What the system says, and what the taking of a conversation says.
pub(super) fn read(
    from: impl Read,
    id: &str,
    intake: &mut Intake<'_>,
    unreadable: &dyn Fn(std::io::Error) -> DataError,
) -> Result<(), DataError> {
    let mut bytes = Vec::new();
    from.take(MOST as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MOST {
        intake.miss(1, UnreadReason::TooLong { most: MOST as u64 });
        return Ok(());
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        intake.miss(1, UnreadReason::NotUtf8);
        return Ok(());
    };
    // Its only fault is a text without a turn of the product.
    let Ok(found) = transcript::read(text, intake.file()) else {
        intake.miss(1, UnreadReason::NoReply);
        return Ok(());
    };
    intake.read.joined_turns += found.joined as u64;
    if found.before > 0 {
        let text = format!(
            "{}: {} lines before the first turn were left out",
            intake.file(),
            found.before
        );
        intake.warn(text);
    }
    let turns = found.turns.into_iter();
    let turns =
        turns.filter_map(|turn| intake.heard(Speaker::Side(turn.speaker), turn.text, turn.at));
    let turns = turns.collect();
    intake.take(Told { line: 1, id: Some(id.to_owned()), turns, about: About::default() })
}
