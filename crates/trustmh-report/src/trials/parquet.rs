//! Trials as Parquet.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;
use trustmh_core::id::MeasureName;
use trustmh_core::row::TrialRow;

use super::{TEXTS, TableError, texts};

/// Rows a group: enough to compress well, few enough to hold.
pub(super) const GROUP: usize = 4096;

/// Writes trials as Parquet, with the columns of [`super`]: texts as UTF-8 strings, `repeat` as a 32-bit integer, measures as
/// doubles; all but `repeat` may be null. Compressed with Snappy.
pub struct ParquetTrials<W: Write + Send> {
    file: SerializedFileWriter<W>,
    measures: Vec<MeasureName>,
    held: Vec<TrialRow>,
}

impl<W: Write + Send> ParquetTrials<W> {
    /// Begins a table with the measures as columns.
    ///
    /// # Errors
    /// [`TableError`] if nothing can be written.
    pub fn begin(out: W, measures: Vec<MeasureName>) -> Result<Self, TableError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("trustmh".to_owned())
            .build();
        let file =
            SerializedFileWriter::new(out, Arc::new(schema(&measures)?), Arc::new(properties))?;
        Ok(Self { file, measures, held: Vec::new() })
    }

    /// Adds a trial.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn add(&mut self, row: TrialRow) -> Result<(), TableError> {
        self.held.push(row);
        if self.held.len() >= GROUP { self.write_group() } else { Ok(()) }
    }

    /// Ends the table.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn finish(mut self) -> Result<(), TableError> {
        if !self.held.is_empty() {
            self.write_group()?;
        }
        self.file.close()?;
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), TableError> {
        let rows: Vec<[Option<String>; TEXTS.len()]> = self.held.iter().map(texts).collect();
        let mut group = self.file.next_row_group()?;
        for place in 0..TEXTS.len() {
            let column = rows.iter().map(|row| row.get(place).and_then(Option::as_deref));
            write_texts(next(group.next_column()?)?, column)?;
        }
        let mut repeats = next(group.next_column()?)?;
        let numbers: Vec<i32> =
            self.held.iter().map(|row| i32::try_from(row.repeat).unwrap_or(i32::MAX)).collect();
        repeats.typed::<Int32Type>().write_batch(&numbers, None, None)?;
        repeats.close()?;
        for name in &self.measures {
            let values = self.held.iter().map(|row| row.measures.get(name).copied());
            write_numbers(next(group.next_column()?)?, values)?;
        }
        group.close()?;
        self.held.clear();
        Ok(())
    }
}

pub(super) fn next(
    column: Option<SerializedColumnWriter<'_>>,
) -> Result<SerializedColumnWriter<'_>, TableError> {
    column
        .ok_or_else(|| ParquetError::General("the schema has no further column".to_owned()).into())
}

pub(super) fn write_texts<'t>(
    mut column: SerializedColumnWriter<'_>,
    values: impl Iterator<Item = Option<&'t str>>,
) -> Result<(), TableError> {
    let (mut present, mut levels) = (Vec::new(), Vec::new());
    for value in values {
        levels.push(i16::from(value.is_some()));
        present.extend(value.map(ByteArray::from));
    }
    column.typed::<ByteArrayType>().write_batch(&present, Some(&levels), None)?;
    Ok(column.close()?)
}

fn write_numbers(
    mut column: SerializedColumnWriter<'_>,
    values: impl Iterator<Item = Option<f64>>,
) -> Result<(), TableError> {
    let (mut present, mut levels) = (Vec::new(), Vec::new());
    for value in values {
        levels.push(i16::from(value.is_some()));
        present.extend(value);
    }
    column.typed::<DoubleType>().write_batch(&present, Some(&levels), None)?;
    Ok(column.close()?)
}

/// A column of texts that may be missing.
pub(super) fn text_column(name: &str) -> Result<Type, ParquetError> {
    Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
        .with_logical_type(Some(LogicalType::String))
        .with_repetition(Repetition::OPTIONAL)
        .build()
}

fn schema(measures: &[MeasureName]) -> Result<Type, ParquetError> {
    let text = |name: &&str| text_column(name);
    let number = |name: &MeasureName| {
        Type::primitive_type_builder(&format!("measure_{name}"), Physical::DOUBLE)
            .with_repetition(Repetition::OPTIONAL)
            .build()
    };
    let repeat = Type::primitive_type_builder("repeat", Physical::INT32)
        .with_repetition(Repetition::REQUIRED)
        .build();
    let fields = TEXTS.iter().map(text).chain([repeat]).chain(measures.iter().map(number));
    let fields = fields.map(|field| field.map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
    Type::group_type_builder("trial").with_fields(fields).build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trials::tests_support::row;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    #[test]
    fn what_is_written_can_be_read() {
        let measures = vec![MeasureName::new("correct"), MeasureName::new("quality")];
        let mut bytes = Vec::new();
        let mut table = ParquetTrials::begin(&mut bytes, measures).unwrap();
        for number in 0..GROUP + 3 {
            table.add(row(number)).unwrap();
        }
        table.finish().unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        assert_eq!(reader.num_row_groups(), 2);
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), GROUP + 3);
        let last = rows.last().unwrap().to_string();
        assert!(last.contains("reply: \"=1+1\"") && last.contains("measure_correct: 1"), "{last}");
        assert!(last.contains("measure_quality: null"), "{last}");
    }
}
