//! The benchmark and the starter sets, as the options of a command want them.

use std::path::Path;

use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::{Benchmark, SourceFile};

use crate::arguments::{GivenRubric, TaskSource};
use crate::failure::Failure;

/// The embedded benchmark, with the files of `--tasks-dir` and the rubrics and tables of `--rubric` on top.
pub(crate) fn benchmark(source: &TaskSource) -> Result<Benchmark, Failure> {
    let overrides = match &source.tasks_dir {
        Some(folder) => files_below(folder, folder)?,
        None => Vec::new(),
    };
    let mut benchmark = Benchmark::with_overrides(overrides)?;
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| Failure::io(path, "reading", &error))
    };
    for given in &source.rubric {
        match given {
            GivenRubric::Whole(name, path) => {
                let text = read(path)?;
                let path = path.display().to_string();
                benchmark = benchmark.with_rubric(name.as_ref(), &path, &text)?;
            }
            GivenRubric::Table(name, path) => {
                benchmark.set_table(name, &path.display().to_string(), &read(path)?)?;
            }
        }
    }
    Ok(benchmark)
}

/// The starter sets, with those below `--tasks-dir` on top.
pub(crate) fn starter_sets(source: &TaskSource) -> Result<Shelf, Failure> {
    match &source.tasks_dir {
        Some(folder) => Ok(Shelf::with_folder(folder)?),
        None => Ok(Shelf::embedded()),
    }
}

fn files_below(top: &Path, folder: &Path) -> Result<Vec<SourceFile>, Failure> {
    let entries =
        std::fs::read_dir(folder).map_err(|error| Failure::io(folder, "reading", &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Failure::io(folder, "reading", &error))?.path();
        if path.join(trustmh_run::manifest::FILE).is_file() {
            // What a run keeps of its tasks is the run's.
            continue;
        }
        if path.is_dir() {
            files.extend(files_below(top, &path)?);
        } else if path.extension().is_some_and(|ending| ending == "toml" || ending == "md") {
            let text = std::fs::read_to_string(&path)
                .map_err(|error| Failure::io(&path, "reading", &error))?;
            let relative = path.strip_prefix(top).unwrap_or(&path);
            let path = relative.to_string_lossy().replace('\\', "/");
            files.push(SourceFile { path, text });
        }
    }
    Ok(files)
}
