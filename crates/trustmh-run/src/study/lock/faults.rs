//! A study's folder held to its lock: what was changed since it was planned.

use std::fs;
use std::path::Path;

use trustmh_core::digest::Digest;

use super::{Lock, RUNS};
use crate::manifest;
use crate::study::differences::differences;

/// The study file inside a study's folder.
pub const STUDY: &str = "study.toml";

/// A file of a study that is not as it was when the study was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockFault {
    /// The file, by its path from the study's folder.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

impl Lock {
    /// What in the study's folder is not as the lock has it. Journals are not looked at: each is held to its own chain.
    pub fn faults(&self, folder: &Path) -> Vec<LockFault> {
        let mut faults = Vec::new();
        let fault = |file: &str, what: String| LockFault { file: file.to_owned(), what };
        match fs::read_to_string(folder.join(STUDY)) {
            Err(error) => faults.push(fault(STUDY, format!("cannot be read: {error}"))),
            Ok(text) => faults.extend(self.study_changed(&text).map(|what| fault(STUDY, what))),
        }
        for system in self.subjects.values().filter_map(|subject| subject.system.as_ref()) {
            match Digest::of_file(&folder.join(&system.path)) {
                Err(error) => faults.push(fault(&system.path, format!("cannot be read: {error}"))),
                Ok(digest) if digest != system.digest => {
                    faults.push(fault(&system.path, "the system prompt has changed".to_owned()));
                }
                Ok(_) => {}
            }
        }
        for run in &self.runs {
            let file = format!("{RUNS}/{}/{}", run.folder, manifest::FILE);
            match Digest::of_file(&folder.join(RUNS).join(&run.folder).join(manifest::FILE)) {
                Err(error) => faults.push(fault(&file, format!("cannot be read: {error}"))),
                Ok(digest) if digest != run.manifest => {
                    faults.push(fault(&file, "the plan of the run has changed".to_owned()));
                }
                Ok(_) => {}
            }
        }
        faults
    }

    /// How a study file differs from the one that is locked; none if it does not.
    pub fn study_changed(&self, text: &str) -> Option<String> {
        if Digest::of(text.as_bytes()) == self.study_digest {
            return None;
        }
        let fields = differences(&self.study, text);
        Some(match fields.as_slice() {
            [] => "only comments or layout differ".to_owned(),
            fields => fields.join("; "),
        })
    }
}
