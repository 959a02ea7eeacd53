//! Whether a pack is as it was written.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use trustmh_run::integrity::finding::{Finding, State};
use trustmh_run::integrity::signature::SIGNATURE_FILE;
use trustmh_run::integrity::verify::of_signature;
use trustmh_run::journal::SEAL_FILE;

use super::files::{FORMAT, MANIFEST, Manifest, Seal, is_inside, sha256};
use crate::error::EvidenceError;

/// Checks the pack in `folder`: the seal against the manifest, every file against its hash, and, with the file of a public key, the
/// signature of the seal. Whatever lies there besides is told.
///
/// # Errors
/// [`EvidenceError::NotAPack`] for a folder without a manifest that can be read; [`EvidenceError::Run`] for a key that cannot be used.
/// Whatever is wrong with the files is a finding.
pub fn verify(folder: &Path, signed_by: Option<&Path>) -> Result<Vec<Finding>, EvidenceError> {
    let path = folder.join(MANIFEST);
    let not_one = |message: String| EvidenceError::NotAPack { path: path.clone(), message };
    let bytes = fs::read(&path).map_err(|error| not_one(format!("no evidence pack: {error}")))?;
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|error| not_one(format!("no manifest of an evidence pack: {error}")))?;
    if manifest.evidence != FORMAT {
        let found = manifest.evidence;
        return Err(not_one(format!("a pack of form {found}; this program reads {FORMAT}")));
    }
    let mut findings = vec![of_seal(folder, &bytes, &manifest)];
    findings.extend(manifest.files.iter().filter_map(|(file, hash)| of_file(folder, file, hash)));
    if findings.iter().all(|finding| finding.state == State::Ok) {
        let detail = format!("all {} are as they were written", manifest.files.len());
        findings.push(finding("files", State::Ok, detail));
    }
    let beside = beside(folder, &manifest)?;
    if !beside.is_empty() {
        let detail = format!("not of the pack: {}", beside.join(", "));
        findings.push(finding("folder", State::Differs, detail));
    }
    if let Some(key) = signed_by {
        findings.push(of_signature(folder, key)?);
    }
    Ok(findings)
}

fn finding(check: &str, state: State, detail: impl Into<String>) -> Finding {
    Finding { check: check.to_owned(), state, detail: detail.into() }
}

fn of_seal(folder: &Path, manifest: &[u8], read: &Manifest) -> Finding {
    let broken = |detail: String| finding("seal", State::Broken, detail);
    let text = match fs::read_to_string(folder.join(SEAL_FILE)) {
        Ok(text) => text,
        Err(error) => return broken(format!("there is none that can be read: {error}")),
    };
    match serde_json::from_str::<Seal>(&text) {
        Ok(seal) if seal.manifest == sha256(manifest) && seal.files == read.files.len() => {
            finding("seal", State::Ok, format!("manifest {}", seal.manifest))
        }
        Ok(_) => broken("the manifest is not the one that was sealed".to_owned()),
        Err(error) => broken(format!("this is no seal of a pack: {error}")),
    }
}

/// What is wrong with a file; none if it is as it was written.
fn of_file(folder: &Path, file: &str, hash: &str) -> Option<Finding> {
    let broken = |detail: &str| Some(finding("file", State::Broken, format!("{file}: {detail}")));
    if !is_inside(file) {
        return broken("the manifest leads out of the pack");
    }
    match fs::read(folder.join(file)) {
        Ok(bytes) if sha256(&bytes) == hash => None,
        Ok(_) => broken("is not as it was written"),
        Err(error) => broken(&error.to_string()),
    }
}

/// Files that the manifest does not know.
fn beside(folder: &Path, manifest: &Manifest) -> Result<Vec<String>, EvidenceError> {
    let own = [MANIFEST, SEAL_FILE, SIGNATURE_FILE].map(str::to_owned);
    let known: BTreeSet<String> = manifest.files.keys().cloned().chain(own).collect();
    let mut found = BTreeSet::new();
    let mut folders = vec![String::new()];
    while let Some(inside) = folders.pop() {
        let place = folder.join(&inside);
        for entry in fs::read_dir(&place).map_err(EvidenceError::io(&place, "reading"))? {
            let entry = entry.map_err(EvidenceError::io(&place, "reading"))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if inside.is_empty() { name } else { format!("{inside}/{name}") };
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    Ok(found.difference(&known).cloned().collect())
}
