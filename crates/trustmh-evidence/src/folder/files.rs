//! The files of a pack.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Component, Path};

use crate::error::EvidenceError;
use crate::every_eval_ever::every_eval_ever;
use crate::html::html;
use crate::markdown::markdown;
use crate::model_card::{FILE as MODEL_CARD, model_card};
use crate::pack::Pack;
use crate::story::story;

/// The file that lists all others.
pub const MANIFEST: &str = "manifest.json";

/// The form of manifests that this program writes.
pub(super) const FORMAT: u32 = 1;

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path in the pack, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// What the manifest says: the pack in short, and every file but itself and the seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// The manifest's own form: 1.
    pub(super) evidence: u32,
    /// The framework.
    pub(super) framework: String,
    /// Version of the program.
    pub(super) program: String,
    /// SHA-256 of each file, by path.
    pub(super) files: BTreeMap<String, String>,
}

/// What the seal says. Its bytes are what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seal {
    /// The seal's own form: 1.
    pub(super) seal: u32,
    /// Files that the manifest lists.
    pub(super) files: usize,
    /// SHA-256 of the manifest, which stands for all of them.
    pub(super) manifest: String,
}

/// The framework whose packs hold a model card as XML.
const CHAI: &str = "chai";

/// All files of a pack but its manifest and seal; `system` is the text of system.toml as it was given.
///
/// # Errors
/// [`EvidenceError::Json`].
pub fn files(pack: &Pack, system: &str) -> Result<Vec<File>, EvidenceError> {
    let file = |path: &str, text: String| File { path: path.to_owned(), text };
    let mut rest = vec![file("pack.json", pack.json()?), file("system.toml", system.to_owned())];
    if pack.framework.id == CHAI {
        rest.push(file(MODEL_CARD, model_card(pack)));
    }
    rest.extend(every_eval_ever(pack)?);
    let mut beside = vec!["pack.md"];
    beside.extend(rest.iter().map(|one| one.path.as_str()));
    beside.push(MANIFEST);
    let told = story(pack, &beside);
    let (page, text) = (html(&told), markdown(&told));
    let mut all = vec![file("index.html", page), file("pack.md", text)];
    all.extend(rest);
    Ok(all)
}

/// The manifest's text.
pub(super) fn manifest(pack: &Pack, files: &[File]) -> Result<String, EvidenceError> {
    let hashes = files.iter().map(|file| (file.path.clone(), sha256(file.text.as_bytes())));
    json(&Manifest {
        evidence: FORMAT,
        framework: pack.framework.id.clone(),
        program: pack.program.clone(),
        files: hashes.collect(),
    })
}

/// The seal's text.
pub(super) fn seal(manifest: &str, files: usize) -> Result<String, EvidenceError> {
    json(&Seal { seal: FORMAT, files, manifest: sha256(manifest.as_bytes()) })
}

fn json(value: &impl Serialize) -> Result<String, EvidenceError> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|error| EvidenceError::Json { message: error.to_string() })?;
    Ok(text + "\n")
}

/// The SHA-256 of some bytes, as 64 hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a path of a manifest, which may come from anywhere, leads to a file inside the pack.
pub(super) fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
}
