//! What a pack says of a run besides its results.

use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

use trustmh_core::id::TaskId;
use trustmh_core::protocol::Protocol;

/// What was tested, with what, how and when. Hashes are BLAKE3.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Identity {
    /// Version of the program that planned the run.
    pub program: String,
    /// Whether this program asked, or read records of another.
    pub origin: String,
    /// When it was planned, RFC 3339.
    pub planned: String,
    /// When the first call was made, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began: Option<String>,
    /// When the last one ended, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// The rules by which it was asked.
    pub asked_by: Protocol,
    /// The rules by which it is scored here.
    pub scored_by: Protocol,
    /// Seed of everything drawn.
    pub seed: u64,
    /// How often each trial was asked.
    pub repeats: String,
    /// What capped the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caps: Option<String>,
    /// Hash of the plan.
    pub plan: String,
    /// The model or product that was tested.
    pub subject: Asked,
    /// Who judged.
    pub judge: Asked,
    /// Who played the clients of conversations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Asked>,
    /// Calls to the subject that ended.
    pub subject_calls: u64,
    /// Calls to the judge that ended.
    pub judge_calls: u64,
    /// Calls that broke for good.
    pub broken_calls: u64,
    /// The tasks.
    pub tasks: BTreeMap<TaskId, TaskIdentity>,
    /// Hashes of the files that the tasks are made of, by path: task files, prompts, rubrics.
    pub files: BTreeMap<String, String>,
}

/// A model and how it was asked; never credentials or addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Asked {
    /// Its name.
    pub name: String,
    /// How it was asked beyond what tasks say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
}

/// What a task was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TaskIdentity {
    /// Version of the task.
    pub version: u32,
    /// Hash of the task file.
    pub file: String,
    /// Hash over all first prompts.
    pub prompts: String,
    /// Hashes of its rubrics.
    pub rubrics: Vec<String>,
    /// Trials planned.
    pub trials: u64,
    /// The data set.
    pub dataset: String,
    /// Whose items they are.
    pub items: String,
    /// Hashes of the data files that were read, by name.
    pub data: BTreeMap<String, String>,
}

/// Whether a record is as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Integrity {
    /// What was checked.
    pub checks: Vec<Check>,
    /// The seal, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal: Option<Sealed>,
}

/// A check and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// What was checked.
    pub check: String,
    /// How it stands.
    pub state: CheckState,
    /// What was found.
    pub detail: String,
}

/// How a check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// As it must be.
    Ok,
    /// Worth knowing.
    Differs,
    /// Not as it must be.
    Broken,
}

impl CheckState {
    /// The words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Differs => "worth knowing",
            Self::Broken => "BROKEN",
        }
    }
}

/// A run's seal: it stands for every line of the journal. Hashes are BLAKE3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sealed {
    /// Lines it covers.
    pub lines: u64,
    /// Hash of the last of them.
    pub journal: String,
    /// Hash of the manifest.
    pub manifest: String,
    /// Whether the seal is signed; by whom is for `trustmh verify --signed-by` to say.
    pub signature: Presence,
}

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// It is.
    Present,
    /// It is not.
    Absent,
}
