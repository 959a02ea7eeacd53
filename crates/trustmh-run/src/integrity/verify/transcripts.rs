//! The files that a run on transcripts holds beside its journal: the conversations as they were read, and what could not be read.

use std::io::ErrorKind;
use std::path::Path;

use trustmh_core::digest::Digest;

use crate::integrity::finding::{Finding, State, finding};
use crate::manifest::Manifest;
use crate::observed::{TRANSCRIPTS, UNREAD};

/// Each of them against its hash in the manifest. Forgetting removes both; conversations that were removed otherwise are no fault either,
/// since the journal holds them.
pub(super) fn findings(folder: &Path, manifest: &Manifest, forgot: Forgot) -> Vec<Finding> {
    let Some(observed) = manifest.origin.observed() else { return Vec::new() };
    let planned = manifest.tasks.values().find_map(|task| task.source.files.get(TRANSCRIPTS));
    let mut found = Vec::new();
    if let Some(wanted) = planned {
        found.extend(held(folder, TRANSCRIPTS, wanted, Absence::Allowed));
    }
    if let Some(wanted) = &observed.unread_list {
        let absence = match forgot {
            Forgot::Nothing => Absence::Told,
            Forgot::Words => Absence::Allowed,
        };
        found.extend(held(folder, UNREAD, wanted.as_str(), absence));
    }
    found
}

/// Whether words of the run were forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forgot {
    Nothing,
    Words,
}

/// What a missing file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absence {
    Allowed,
    Told,
}

fn held(folder: &Path, name: &str, wanted: &str, absence: Absence) -> Option<Finding> {
    match Digest::of_file(&folder.join(name)) {
        Ok(digest) if digest.as_str() == wanted => {
            Some(finding(name, State::Ok, "as it was when the run was planned"))
        }
        Ok(_) => Some(finding(name, State::Broken, "it was changed since the run was planned")),
        Err(error) if error.kind() == ErrorKind::NotFound => (absence == Absence::Told)
            .then(|| finding(name, State::Differs, "it is not in the folder")),
        Err(error) => Some(finding(name, State::Broken, error.to_string())),
    }
}
