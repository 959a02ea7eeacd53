//! Whether a run is what it says it is, and how it differs from another one.

mod against;
mod around;
mod calls;
mod record;
mod signed;
mod transcripts;

use std::path::Path;

use trustmh_engine::benchmark::Benchmark;

use crate::error::RunError;
use crate::integrity::finding::{Finding, State, finding};
use crate::journal;
use crate::manifest::Manifest;
use crate::manifest::materials::with_kept;
use crate::manifest::plan_hash;
use calls::Calls;
use record::Record;

pub use against::differences;
pub use signed::of_signature;

/// Checks the run in `folder`: its manifest against its hash, every line of its journal against the chain and the seal, every call's key
/// against what was asked, every reply against the response recorded with it, every file it keeps against its hash, every task file
/// against the benchmark at hand, and the data files against those in `data`, if it is given. Memory grows by some tens of bytes a call.
///
/// # Errors
/// [`RunError`] if there is no run, or its files cannot be opened. Whatever is in them is a finding.
pub fn verify(
    benchmark: &Benchmark,
    folder: &Path,
    data: Option<&Path>,
) -> Result<Vec<Finding>, RunError> {
    let manifest = Manifest::read(folder)?;
    let path = folder.join(journal::FILE);
    let mut findings = vec![of_manifest(&manifest)];
    let mut record = Record::beside(folder)?;
    let mut calls = Calls::of(&manifest);
    let chain = journal::survey(&path, |seen, chain| {
        record.take(&seen, chain);
        if let Ok(event) = &seen.event {
            calls.take(event);
        }
        Ok(())
    })?;
    let forgot = record.forgot();
    findings.extend(record.findings(&path, &manifest, &chain)?);
    findings.extend(calls.findings(&manifest));
    findings.extend(around::of_repair(&manifest));
    findings.extend(around::of_materials(folder, &manifest));
    findings.extend(transcripts::findings(folder, &manifest, forgot));
    let kept = match with_kept(benchmark, folder, &manifest) {
        Ok(kept) => kept,
        // It is among the findings already.
        Err(RunError::Kept { .. }) => None,
        Err(error) => {
            findings.push(finding("kept files", State::Broken, error.to_string()));
            None
        }
    };
    findings.extend(around::of_task_files(kept.as_ref().unwrap_or(benchmark), &manifest));
    if let Some(data) = data {
        findings.extend(around::of_data(&manifest, data));
    }
    Ok(findings)
}

fn of_manifest(manifest: &Manifest) -> Finding {
    if manifest.origin.is_imported() {
        return finding("manifest", State::Ok, "imported; nothing was planned");
    }
    if plan_hash(manifest) == manifest.plan_hash {
        finding("manifest", State::Ok, format!("plan {}", manifest.plan_hash))
    } else {
        finding("manifest", State::Broken, "what it plans does not give the plan hash it names")
    }
}
