//! Rubrics that the user gives beside the folder of tasks.

use trustmh_core::id::RubricId;

use super::{Benchmark, SourceFile};
use crate::error::EngineError;
use crate::rubric::Rubric;

impl Benchmark {
    /// The same benchmark with a rubric of the user in the place of the one of that name, or of the name that it has itself; in every
    /// language, for those in other languages would ask something else. A run keeps it, as it keeps all files that stand on top of those
    /// that are built in.
    ///
    /// # Errors
    /// [`EngineError::UnknownRubric`], and whatever is wrong with the file.
    pub fn with_rubric(
        self,
        name: Option<&RubricId>,
        path: &str,
        text: &str,
    ) -> Result<Self, EngineError> {
        let given = Rubric::parse(path, text)?;
        let id = name.unwrap_or(&given.file.id);
        self.rubric(id)?;
        let mut overrides = self.overrides.clone();
        for replaced in self.in_languages(id) {
            let text = named(path, text, &replaced.file.id)?;
            overrides.retain(|file| file.path != replaced.path);
            overrides.push(SourceFile { path: replaced.path.clone(), text });
        }
        let mut benchmark = Self::with_overrides(overrides)?;
        for (rubric, path, table) in &self.tables {
            benchmark.set_table(rubric, path, table)?;
        }
        Ok(benchmark)
    }
}

/// The file with another name in it, where it has another.
fn named(path: &str, text: &str, id: &RubricId) -> Result<String, EngineError> {
    let mut table: toml::Table =
        toml::from_str(text).map_err(|error| EngineError::toml(path, &error))?;
    if table.get("id").and_then(toml::Value::as_str) == Some(id.as_str()) {
        return Ok(text.to_owned());
    }
    table.insert("id".to_owned(), id.as_str().into());
    Ok(table.to_string())
}
