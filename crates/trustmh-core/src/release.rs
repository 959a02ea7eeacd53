//! Which release of the benchmark a run was made with: its tasks have versions of their own, apart from the program's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The benchmark that a run was planned with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BenchmarkRelease {
    /// The release that is built in, such as `1.0`.
    pub version: String,
    /// Hash over all files that decide what is asked and how it is scored, the built-in ones.
    #[schemars(with = "String")]
    pub digest: Digest,
    /// Whether the tasks are those of the release.
    pub state: ReleaseState,
}

/// How the tasks at hand stand to the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseState {
    /// They are the release's.
    Released,
    /// The program was built with files that are in no release.
    Unreleased,
    /// Files of somebody's own are added, or stand in the place of some.
    OwnFiles,
}

impl BenchmarkRelease {
    /// In words: the version, and what of it is not the release's.
    pub fn in_words(&self) -> String {
        let version = &self.version;
        match self.state {
            ReleaseState::Released => version.clone(),
            ReleaseState::Unreleased => format!("{version} with changes that are in no release"),
            ReleaseState::OwnFiles => format!("{version} with files of one's own: not the release"),
        }
    }
}
