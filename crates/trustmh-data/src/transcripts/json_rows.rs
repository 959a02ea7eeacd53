//! Messages in JSON, one a record, with the id of their conversation.

use std::io::Read;

use super::cells::Cells;
use super::columns::Column;
use super::intake::Intake;
use super::json::{self, Object};
use super::lines::{Line, MOST};
use super::messages;
use super::pieces::Pieces;
use super::rows::{Ids, Rows};
use super::unread::UnreadReason;
use crate::error::DataError;

/// Reads all records.
///
/// # Errors
/// What the system says, and what the taking of a conversation says.
pub(super) fn read(
    pieces: &mut Pieces<impl Read>,
    intake: &mut Intake<'_>,
    unreadable: &dyn Fn(std::io::Error) -> DataError,
) -> Result<(), DataError> {
    let mut rows = Rows::new(Ids::Unknown);
    while let Some((line, record)) = pieces.next().map_err(unreadable)? {
        let cells = match record {
            Line::Whole(bytes) => cells(&bytes, intake),
            Line::TooLong => Err(UnreadReason::TooLong { most: MOST as u64 }),
        };
        match cells {
            Ok(cells) => rows.add(line, cells, intake)?,
            Err(reason) => intake.miss(line, reason),
        }
    }
    rows.hand_on(intake)
}

fn cells(bytes: &[u8], intake: &mut Intake<'_>) -> Result<Cells, UnreadReason> {
    let text = json::mended(bytes)?;
    let record = Object::of(&text).ok_or(UnreadReason::Shape { expected: "an object" })?;
    let mut cells = Cells::default();
    record.tell(intake.options.map, &intake.keep(), &mut cells);
    // What is said may be a list of parts.
    if cells.get(Column::Content).is_none()
        && let Some(content) = record.column(intake.options.map, Column::Content)
    {
        cells.set(Column::Content, messages::text(content, intake));
    }
    Ok(cells)
}
