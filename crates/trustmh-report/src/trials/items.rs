//! Items as Parquet.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use trustmh_core::id::TaskId;
use trustmh_core::item::Item;

use super::TableError;
use super::parquet::{GROUP, next, text_column, write_texts};

/// The columns: the task, the item's identifier and language, its kind, its facets and its content as JSON objects.
const COLUMNS: [&str; 6] = ["task", "id", "language", "kind", "tags", "content"];

/// Writes items as Parquet: task, identifier, language, kind, facets and content, as UTF-8 strings. Compressed with Snappy.
pub struct ParquetItems<W: Write + Send> {
    file: SerializedFileWriter<W>,
    held: Vec<[String; COLUMNS.len()]>,
}

impl<W: Write + Send> ParquetItems<W> {
    /// Begins a table.
    ///
    /// # Errors
    /// [`TableError`] if nothing can be written.
    pub fn begin(out: W) -> Result<Self, TableError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("trustmh".to_owned())
            .build();
        let fields = COLUMNS.iter().map(|name| text_column(name).map(Arc::new));
        let fields = fields.collect::<Result<Vec<_>, ParquetError>>()?;
        let schema = Type::group_type_builder("item").with_fields(fields).build()?;
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
        Ok(Self { file, held: Vec::new() })
    }

    /// Adds an item of a task.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn add(&mut self, task: &TaskId, item: &Item) -> Result<(), TableError> {
        let kind: &'static str = item.content.kind().into();
        self.held.push([
            task.to_string(),
            item.id.to_string(),
            item.language.clone(),
            kind.to_owned(),
            serde_json::json!(item.tags).to_string(),
            serde_json::json!(item.content).to_string(),
        ]);
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
        let mut group = self.file.next_row_group()?;
        for place in 0..COLUMNS.len() {
            let column = self.held.iter().map(|row| row.get(place).map(String::as_str));
            write_texts(next(group.next_column()?)?, column)?;
        }
        group.close()?;
        self.held.clear();
        Ok(())
    }
}
