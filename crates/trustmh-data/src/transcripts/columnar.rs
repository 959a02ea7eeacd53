//! Messages in Apache Parquet, one a row.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;

use super::columns::Column;
use super::format::Format;
use super::intake::Intake;
use super::layout::Layout;
use super::rows::{Ids, Rows};
use super::unread::UnreadReason;
use crate::error::{DataError, Place};
use crate::tabular::parquet::guarded;

/// A group of rows unpacks to so many bytes at the most, by what the file says of itself.
const MOST_OF_GROUP: i64 = 4 << 30;

/// Reads all rows. What cannot be read of a group of rows is named by the number of its first such row.
///
/// # Errors
/// What the system says, [`DataError`] for a file whose schema cannot be read or has no messages, and what the taking of a
/// conversation says.
pub(super) fn read(path: &Path, intake: &mut Intake<'_>) -> Result<(), DataError> {
    let file = File::open(path)
        .map_err(|source| DataError::Unreadable { path: path.to_owned(), source })?;
    let place = Place::file(intake.file());
    let broken = |error: ParquetError| DataError::malformed(place.clone(), error);
    let reader = guarded(|| SerializedFileReader::new(file)).map_err(broken)?;
    let (projection, layout) =
        projected(reader.metadata().file_metadata().schema(), intake).ok_or_else(|| {
            DataError::NoTranscripts { file: intake.file().to_owned(), tried: Format::names() }
        })?;
    let has_ids = layout.has(Column::Conversation);
    let mut rows = Rows::new(if has_ids { Ids::There } else { Ids::Missing });
    let mut first: u64 = 1;
    for (number, group) in reader.metadata().row_groups().iter().enumerate() {
        let lines = first..;
        first += u64::try_from(group.num_rows()).unwrap_or_default();
        if group.total_byte_size() > MOST_OF_GROUP {
            let most = MOST_OF_GROUP.unsigned_abs();
            intake.miss(lines.start, UnreadReason::TooLong { most });
            continue;
        }
        let Ok(group) = guarded(|| reader.get_row_group(number)) else {
            intake.miss(lines.start, UnreadReason::Packed);
            continue;
        };
        let Ok(mut group) = guarded(|| group.get_row_iter(Some(projection.clone()))) else {
            intake.miss(lines.start, UnreadReason::Packed);
            continue;
        };
        for line in lines {
            let Some(row) = guarded(|| group.next().transpose()).transpose() else { break };
            let Ok(row) = row else {
                intake.miss(line, UnreadReason::Packed);
                break;
            };
            let cells = row.into_columns().into_iter().map(|(_, field)| text(field)).collect();
            rows.add(line, layout.cells(cells), intake)?;
        }
    }
    rows.hand_on(intake)
}

/// The schema of the columns that are needed, and where they are in its rows.
fn projected(schema: &Type, intake: &Intake<'_>) -> Option<(Type, Layout)> {
    let (map, keep) = (intake.options.map, intake.keep());
    let simple = schema.get_fields().iter().filter(|field| field.is_primitive());
    let simple: Vec<&Arc<Type>> = simple.collect();
    let names = |fields: &[&Arc<Type>]| -> Vec<String> {
        fields.iter().map(|field| field.name().to_owned()).collect()
    };
    let whole = Layout::of(&names(&simple), map, &keep)?;
    let needed = simple.into_iter().enumerate().filter(|(place, _)| whole.needs(*place));
    let needed: Vec<&Arc<Type>> = needed.map(|(_, field)| field).collect();
    let layout = Layout::of(&names(&needed), map, &keep)?;
    let fields = needed.into_iter().cloned().collect();
    let projection = Type::group_type_builder(schema.name()).with_fields(fields).build().ok()?;
    Some((projection, layout))
}

/// A value as text; times as numbers, which the reader of times takes.
fn text(field: Field) -> Option<String> {
    match field {
        Field::Null | Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => None,
        Field::Str(text) => Some(text),
        Field::Bytes(bytes) => String::from_utf8(bytes.data().to_vec()).ok(),
        Field::TimestampMillis(number) | Field::TimestampMicros(number) => Some(number.to_string()),
        other => Some(other.to_string()),
    }
}
