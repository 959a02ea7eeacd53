//! The files that a run's tasks are made of, kept in its folder: task files, prompts and rubrics by their hash, no items. With
//! them a run scores again where its tasks are not at hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use trustmh_core::digest::Digest;
use trustmh_core::id::TaskId;
use trustmh_engine::benchmark::{Benchmark, FileOrigin, SourceFile};

use crate::error::{KeptFault, RunError};
use crate::manifest::{Kept, Manifest};

/// The folder inside a run's folder.
pub const FOLDER: &str = "materials";

/// What is to be kept of the tasks `ids`, by path.
///
/// # Errors
/// [`RunError::Engine`] for an unknown task or rubric.
pub fn of<'i>(
    benchmark: &Benchmark,
    ids: impl IntoIterator<Item = &'i TaskId>,
) -> Result<BTreeMap<String, Kept>, RunError> {
    let materials = benchmark.materials(ids)?.into_iter().map(|material| {
        let digest = Digest::of(material.file.text.as_bytes());
        (material.file.path, Kept { digest, origin: material.origin })
    });
    Ok(materials.collect())
}

/// Writes the files that `manifest` names into the run's folder.
///
/// # Errors
/// [`RunError::Io`], [`RunError::Engine`].
pub fn keep(benchmark: &Benchmark, manifest: &Manifest, folder: &Path) -> Result<(), RunError> {
    let inside = folder.join(FOLDER);
    fs::create_dir_all(&inside).map_err(RunError::io(&inside, "creating"))?;
    for material in benchmark.materials(manifest.tasks.keys())? {
        let Some(kept) = manifest.materials.get(&material.file.path) else { continue };
        let path = place(folder, &material.file.path, kept)?;
        fs::write(&path, &material.file.text).map_err(RunError::io(&path, "writing"))?;
    }
    Ok(())
}

/// The benchmark by which the run in `folder` is scored, if `given` does not do: with the user's files that the run keeps, as far as
/// `given` has none of the same path on top of what is built in. What is built in is scored by what is built in today.
///
/// # Errors
/// [`RunError::Kept`] for a kept file that is missing or has changed, [`RunError::Engine`] for one this program cannot read.
pub fn with_kept(
    given: &Benchmark,
    folder: &Path,
    manifest: &Manifest,
) -> Result<Option<Benchmark>, RunError> {
    let mut files = Vec::new();
    for (path, kept) in &manifest.materials {
        match kept.origin {
            FileOrigin::BuiltIn => {}
            FileOrigin::Own if given.overrides(path) => {}
            FileOrigin::Own => {
                files.push(SourceFile { path: path.clone(), text: text(folder, path, kept)? });
            }
        }
    }
    if files.is_empty() {
        return Ok(None);
    }
    Ok(Some(given.with_kept(files)?))
}

/// The text of a kept file, if it is still what it was.
///
/// # Errors
/// [`RunError::Kept`], [`RunError::Io`].
pub fn text(folder: &Path, path: &str, kept: &Kept) -> Result<String, RunError> {
    let place = place(folder, path, kept)?;
    let fault = |fault| RunError::Kept { path: place.clone(), fault };
    if !place.is_file() {
        return Err(fault(KeptFault::Missing));
    }
    let bytes = fs::read(&place).map_err(RunError::io(&place, "reading"))?;
    if Digest::of(&bytes) != kept.digest {
        return Err(fault(KeptFault::Changed));
    }
    String::from_utf8(bytes).map_err(|_| fault(KeptFault::Changed))
}

/// Where a file is kept. A manifest may come from anywhere, so its hashes are looked at before they name a file.
fn place(folder: &Path, path: &str, kept: &Kept) -> Result<PathBuf, RunError> {
    let ending = if path.ends_with(".md") { "md" } else { "toml" };
    let inside = folder.join(FOLDER);
    let Some(digest) = Digest::written(kept.digest.as_str()) else {
        return Err(RunError::Kept { path: inside, fault: KeptFault::NoHash });
    };
    Ok(inside.join(format!("{digest}.{ending}")))
}

/// What is wrong with the files that the run in `folder` keeps, each with its path in the benchmark.
pub fn faults(folder: &Path, manifest: &Manifest) -> Vec<(String, RunError)> {
    let mut faults = Vec::new();
    for (path, kept) in &manifest.materials {
        if let Err(error) = text(folder, path, kept) {
            faults.push((path.clone(), error));
        }
    }
    if manifest.materials.is_empty() {
        return faults;
    }
    for planned in manifest.tasks.values() {
        if !manifest.materials.values().any(|kept| kept.digest == planned.digest) {
            let path = folder.join(FOLDER);
            let error = RunError::Kept { path, fault: KeptFault::NotAsPlanned };
            faults.push((format!("task file {}", planned.digest), error));
        }
    }
    faults
}
