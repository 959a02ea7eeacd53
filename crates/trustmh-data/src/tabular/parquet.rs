//! Tables in Apache Parquet, nested values among them.

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Map, Number, Value};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::{Row, Table};
use crate::error::{DataError, Place};

/// Rows of a table of items: more are no benchmark.
const MOST_ROWS: i64 = 5_000_000;
/// Bytes of all texts: in a packed column one text may stand in many rows.
const MOST_TEXT: usize = 1 << 30;
/// The place at which `datasets` keeps what it knows of the columns.
const FEATURES: &str = "huggingface";

/// What the reader of Parquet returns. On files that contradict themselves it panics in places, of which each is an error here.
pub(crate) fn guarded<T>(
    work: impl FnOnce() -> Result<T, ParquetError>,
) -> Result<T, ParquetError> {
    let contradicted = |_| Err(ParquetError::General("the file contradicts itself".to_owned()));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(contradicted)
}

fn open(path: &Path, file: &str) -> Result<SerializedFileReader<File>, DataError> {
    let opened = File::open(path)
        .map_err(|source| DataError::Unreadable { path: path.to_owned(), source })?;
    guarded(|| SerializedFileReader::new(opened))
        .map_err(|error| DataError::malformed(Place::file(file), error))
}

/// What `datasets` wrote of the columns into the file, as JSON; none in files of others.
pub(crate) fn features(path: &Path) -> Option<Value> {
    let reader = open(path, "").ok()?;
    let kept = reader.metadata().file_metadata().key_value_metadata()?;
    let said = kept.iter().find(|pair| pair.key == FEATURES)?.value.as_deref()?;
    let said: Value = serde_json::from_str(said).ok()?;
    Some(said.get("info")?.get("features")?.clone())
}

/// Reads all rows and columns.
///
/// # Errors
/// [`DataError`], naming row and column, for what cannot be read or kept.
pub(super) fn read(path: &Path, file: &str) -> Result<Table, DataError> {
    let reader = open(path, file)?;
    let metadata = reader.metadata();
    let fields = metadata.file_metadata().schema().get_fields();
    let columns: Vec<String> = fields.iter().map(|field| field.name().to_owned()).collect();
    super::named_once(&columns, &Place::file(file))?;
    if metadata.file_metadata().num_rows() > MOST_ROWS {
        let message =
            format!("it has more than {MOST_ROWS} rows, which is more than is read of it");
        return Err(DataError::malformed(Place::file(file), message));
    }
    let mut rows = Vec::new();
    let mut text = 0;
    for number in 0..metadata.num_row_groups() {
        let told = rows.len() as i64 + metadata.row_group(number).num_rows();
        let broken = |rows: usize, error: ParquetError| {
            DataError::malformed(Place::row(file, rows as u64 + 1), error)
        };
        let group =
            guarded(|| reader.get_row_group(number)).map_err(|error| broken(rows.len(), error))?;
        let mut group =
            guarded(|| group.get_row_iter(None)).map_err(|error| broken(rows.len(), error))?;
        while let Some(row) =
            guarded(|| group.next().transpose()).map_err(|error| broken(rows.len(), error))?
        {
            let place = Place::row(file, rows.len() as u64 + 1);
            let mut cells = Map::new();
            for (column, field) in row.into_columns() {
                let value = value(field, &place, &column)?;
                text += weight(&value);
                cells.insert(column, value);
            }
            if text > MOST_TEXT || rows.len() as i64 >= MOST_ROWS {
                let message = format!(
                    "up to here it holds more than {MOST_TEXT} bytes, which is more than is read of it"
                );
                return Err(DataError::malformed(place, message));
            }
            rows.push(Row { place, cells });
        }
        if rows.len() as i64 != told {
            let message =
                format!("its groups say that row {told} is there, and {} can be read", rows.len());
            return Err(DataError::malformed(Place::file(file), message));
        }
    }
    Ok(Table { columns, rows })
}

/// Bytes of the texts in a value, and some for everything else.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(weight).sum::<usize>() + 8,
        Value::Object(members) => members.values().map(weight).sum::<usize>() + 8,
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}

fn value(field: Field, place: &Place, column: &str) -> Result<Value, DataError> {
    Ok(match field {
        Field::Null => Value::Null,
        Field::Bool(truth) => Value::from(truth),
        Field::Byte(number) => Value::from(number),
        Field::Short(number) => Value::from(number),
        Field::Int(number) => Value::from(number),
        Field::Long(number) => Value::from(number),
        Field::UByte(number) => Value::from(number),
        Field::UShort(number) => Value::from(number),
        Field::UInt(number) => Value::from(number),
        Field::ULong(number) => Value::from(number),
        Field::Float16(number) => float(f64::from(f32::from(number)), place, column)?,
        Field::Float(number) => float(shortest(number), place, column)?,
        Field::Double(number) => float(number, place, column)?,
        Field::Str(text) => Value::from(text),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Value::from(text),
            Err(_) => {
                let found = format!("{} bytes", bytes.data().len());
                return Err(DataError::value(place.clone(), column, &found, "a text in UTF-8"));
            }
        },
        Field::Group(row) => {
            let mut members = Map::new();
            for (name, field) in row.into_columns() {
                let value = value(field, place, &format!("{column}.{name}"))?;
                // A structure has a place for every member of any row: an empty one is a member that is not there.
                if !value.is_null() {
                    members.insert(name, value);
                }
            }
            Value::Object(members)
        }
        Field::ListInternal(list) => {
            let values = list.elements().iter().cloned();
            Value::Array(values.map(|field| value(field, place, column)).collect::<Result<_, _>>()?)
        }
        Field::MapInternal(map) => {
            let mut members = Map::new();
            for (key, field) in map.entries().iter().cloned() {
                let key = super::text(&value(key, place, column)?);
                let value = value(field, place, &format!("{column}.{key}"))?;
                if !value.is_null() {
                    members.insert(key, value);
                }
            }
            Value::Object(members)
        }
        other @ (Field::Decimal(_)
        | Field::Date(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_)
        | Field::TimestampMillis(_)
        | Field::TimestampMicros(_)) => Value::from(other.to_string()),
    })
}

/// A number of 32 bits as it is written: 0.1 and not what of it 64 bits make.
fn shortest(number: f32) -> f64 {
    number.to_string().parse().unwrap_or(f64::from(number))
}

/// Whole numbers without a fraction, since tables with gaps keep whole numbers as floats; what is no number is a gap.
fn float(number: f64, place: &Place, column: &str) -> Result<Value, DataError> {
    /// Up to here every whole number has a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.is_nan() {
        return Ok(Value::Null);
    }
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Ok(Value::from(number as i64));
    }
    Number::from_f64(number).map(Value::Number).ok_or_else(|| {
        DataError::value(place.clone(), column, &number.to_string(), "a finite number")
    })
}
