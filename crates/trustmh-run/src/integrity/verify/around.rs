//! What is around a run's record: files it keeps, task files at hand, data, and whether it was repaired.

use std::path::{Path, PathBuf};

use trustmh_core::digest::Digest;
use trustmh_core::id::TaskId;
use trustmh_engine::benchmark::{Benchmark, FileOrigin};

use crate::error::{KeptFault, RunError};
use crate::integrity::finding::{Finding, State, finding};
use crate::manifest::materials;
use crate::manifest::{Manifest, PlannedTask};

/// Whether the run was made of what was sound of a damaged one.
pub(super) fn of_repair(manifest: &Manifest) -> Option<Finding> {
    let repaired = manifest.repaired.as_ref()?;
    Some(finding("repaired", State::Differs, repaired.in_words()))
}

/// The task files of the run against those at hand.
pub(super) fn of_task_files(benchmark: &Benchmark, manifest: &Manifest) -> Vec<Finding> {
    let told = |(id, planned): (&TaskId, &PlannedTask)| {
        let check = format!("task file {id}");
        match benchmark.task(id) {
            Ok(task) if task.digest == planned.digest => {
                finding(&check, State::Ok, format!("version {}", planned.version))
            }
            Ok(task) => finding(
                &check,
                State::Differs,
                format!(
                    "version {} then, {} now, and another hash",
                    planned.version, task.file.version
                ),
            ),
            Err(error) => finding(&check, State::Differs, error.to_string()),
        }
    };
    manifest.tasks.iter().map(told).collect()
}

/// The files that the run keeps, against their hashes. Without a file that is built in the run can still be scored.
pub(super) fn of_materials(folder: &Path, manifest: &Manifest) -> Vec<Finding> {
    let faults = materials::faults(folder, manifest);
    if faults.is_empty() && !manifest.materials.is_empty() {
        let detail = format!("{} files, each with its hash", manifest.materials.len());
        return vec![finding("kept files", State::Ok, detail)];
    }
    let told = |(path, error): (String, RunError)| {
        let origin = manifest.materials.get(&path).map(|kept| kept.origin);
        let is_missing = matches!(error, RunError::Kept { fault: KeptFault::Missing, .. });
        let is_at_hand = is_missing && origin == Some(FileOrigin::BuiltIn);
        let state = if is_at_hand { State::Differs } else { State::Broken };
        finding(&format!("kept file {path}"), state, error.to_string())
    };
    faults.into_iter().map(told).collect()
}

/// Data files by name, wherever they lie below the folder.
pub(super) fn of_data(manifest: &Manifest, data: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for planned in manifest.tasks.values() {
        for (name, hash) in &planned.source.files {
            let found = files_named(data, name);
            let hashes: Vec<String> = found
                .iter()
                .filter_map(|path| std::fs::read(path).ok())
                .map(|bytes| Digest::of(&bytes).to_string())
                .collect();
            let check = format!("data file {name}");
            let known = findings.iter().any(|finding: &Finding| finding.check == check);
            if known || hashes.is_empty() {
                continue;
            }
            findings.push(if hashes.contains(hash) {
                finding(&check, State::Ok, "the same bytes")
            } else {
                finding(&check, State::Differs, "other bytes than the run was planned with")
            });
        }
    }
    findings
}

fn files_named(folder: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = vec![folder.join(name)];
    let folders = std::fs::read_dir(folder).into_iter().flatten().flatten();
    found.extend(folders.map(|entry| entry.path().join(name)));
    found.retain(|path| path.is_file());
    found
}
