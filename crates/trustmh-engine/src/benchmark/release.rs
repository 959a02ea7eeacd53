//! The release of the benchmark: its version, and a hash over everything that decides what is asked and how it is scored.

use serde::Deserialize;
use std::collections::BTreeMap;

use trustmh_core::digest::{Digest, Hashing};
use trustmh_core::release::{BenchmarkRelease, ReleaseState};

use super::{Benchmark, FRAMEWORKS, JUDGE_CARDS, SourceFile, embedded_files};
use crate::error::EngineError;
use crate::plain;

/// The file of the version, and of the hash that it stands for.
pub(super) const FILE: &str = "release.toml";

/// Tables that change neither a call nor a score.
const BESIDE: [&str; 7] = [
    FILE,
    plain::FILE,
    "models.toml",
    "prices.toml",
    "published.toml",
    "redaction.toml",
    "sources.toml",
];

/// Folders of such files.
const FOLDERS_BESIDE: [&str; 3] = ["policies", JUDGE_CARDS, FRAMEWORKS];

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    /// The version, such as `1.0`.
    pub version: String,
    /// The day of the release.
    pub date: String,
    /// The hash of the files that were released.
    pub digest: String,
}

impl Benchmark {
    /// The release that is built in.
    ///
    /// # Errors
    /// [`EngineError::Malformed`] if the program was built with a file that says nothing of it.
    pub fn released() -> Result<Released, EngineError> {
        let files = embedded_files();
        let text = files.get(FILE).map(String::as_str).unwrap_or_default();
        toml::from_str(text).map_err(|error| EngineError::toml(FILE, &error))
    }

    /// The hash of the files that are built in.
    pub fn digest_of_built_in() -> Digest {
        digest(&embedded_files())
    }

    /// How the tasks at hand stand to the release.
    ///
    /// # Errors
    /// As [`Benchmark::released`].
    pub fn release(&self) -> Result<BenchmarkRelease, EngineError> {
        let (released, digest) = (Self::released()?, Self::digest_of_built_in());
        let built_in = embedded_files();
        let is_own =
            |file: &SourceFile| counts(&file.path) && built_in.get(&file.path) != Some(&file.text);
        let state = if self.overrides.iter().any(is_own) || !self.tables.is_empty() {
            ReleaseState::OwnFiles
        } else if released.digest == digest.as_str() {
            ReleaseState::Released
        } else {
            ReleaseState::Unreleased
        };
        Ok(BenchmarkRelease { version: released.version, digest, state })
    }
}

/// Whether a file decides what is asked or how it is scored.
fn counts(path: &str) -> bool {
    let folder = path.split_once('/').map(|(folder, _)| folder);
    // What stands beside folders in Markdown is about the benchmark.
    let is_about = folder.is_none() && path.ends_with(".md");
    !is_about
        && !BESIDE.contains(&path)
        && !folder.is_some_and(|folder| FOLDERS_BESIDE.contains(&folder))
}

/// The hash over names and texts, whatever ends their lines.
fn digest(files: &BTreeMap<String, String>) -> Digest {
    let mut hashing = Hashing::default();
    for (path, text) in files.iter().filter(|(path, _)| counts(path)) {
        let text = text.replace("\r\n", "\n");
        for part in [path.as_bytes(), text.as_bytes()] {
            hashing.add(&(part.len() as u64).to_le_bytes());
            hashing.add(part);
        }
    }
    hashing.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGES: &str = include_str!("../../../../benchmark/CHANGELOG.md");

    #[test]
    fn what_is_built_in_is_the_release_that_it_says_it_is() {
        let (released, digest) = (Benchmark::released().unwrap(), Benchmark::digest_of_built_in());
        assert_eq!(
            released.digest,
            digest.as_str(),
            "files of the benchmark have changed since release {}: give benchmark/release.toml a new version, today's date and \
             `digest = \"{digest}\"`, and say in benchmark/CHANGELOG.md under that version what changed (CONTRIBUTING.md, \
             \"Change a task\")",
            released.version
        );
        let newest = CHANGES.lines().find_map(|line| line.strip_prefix("## ")).unwrap();
        assert_eq!(
            newest,
            format!("{}, {}", released.version, released.date),
            "benchmark/CHANGELOG.md"
        );
    }

    #[test]
    fn files_count_by_what_they_decide() {
        for path in
            ["ethics/reasoning.toml", "prompts/judge.md", "starter/a.jsonl", "labels/x.toml"]
        {
            assert!(counts(path), "{path}");
        }
        for path in ["CHANGELOG.md", "release.toml", "prices.toml", "policies/x.toml"] {
            assert!(!counts(path), "{path}");
        }
        let file = |text: &str| BTreeMap::from([("a/b.toml".to_owned(), text.to_owned())]);
        assert_eq!(digest(&file("a\r\nb")), digest(&file("a\nb")));
        assert_ne!(digest(&file("a\nb")), digest(&file("a\nc")));
    }

    #[test]
    fn files_of_ones_own_are_not_the_release() {
        let release = |path: &str, text: &str| {
            let file = SourceFile { path: path.to_owned(), text: text.to_owned() };
            Benchmark::with_overrides(vec![file]).unwrap().release().unwrap().state
        };
        let files = embedded_files();
        let path = "ethics/reasoning.toml";
        assert_eq!(release(path, &files[path]), ReleaseState::Released);
        assert_eq!(release(path, &format!("{}\n# mine\n", files[path])), ReleaseState::OwnFiles);
        assert_eq!(release("prices.toml", ""), ReleaseState::Released);
    }
}
