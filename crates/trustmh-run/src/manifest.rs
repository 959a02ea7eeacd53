//! The manifest of a run: what was planned, with which bytes, by which rules. No secrets.

pub mod materials;
mod plan_hash;
pub mod repaired;
pub(crate) mod task_files;

pub(crate) use plan_hash::plan_hash;
pub use trustmh_core::caps::Caps;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use trustmh_core::digest::Digest;
use trustmh_core::file_name::file_name;
use trustmh_core::given_name::GivenName;
use trustmh_core::id::{ModelId, RunId, TaskId};
use trustmh_core::protocol::Protocol;
use trustmh_core::release::BenchmarkRelease;
use trustmh_core::repeats::Repeats;
use trustmh_core::request::Asking;
use trustmh_core::scorecard::{ClientName, ItemSource, JudgeName};
use trustmh_data::record::ImportFormat;
use trustmh_engine::benchmark::{Benchmark, FileOrigin};
use trustmh_engine::conversation::OFFLINE_CLIENT;
use trustmh_engine::walk::{
    Asked, ClientRule, JudgeQuestions, JudgeRule, Judges, TaskRules, ToxicityRule, UnreadVerdict,
    Walk,
};

use crate::atomic_file;
use crate::error::RunError;
use crate::manifest::repaired::Repaired;
use crate::observed::Observed;

/// The run format this program writes. It reads those before it, too: their journals are not chained.
pub const FORMAT: u32 = 3;

/// The first format whose journals are chained.
pub const CHAINED: u32 = 3;

/// The file's name inside a run's folder.
pub const FILE: &str = "run.json";

/// Nothing is asked beyond what tasks say.
static USUAL: &Asking = &Asking::USUAL;

/// What a run is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`] at the time of writing.
    pub format: u32,
    /// The run's identifier: its folder's name.
    pub id: RunId,
    /// Version of the program that planned it.
    pub program: String,
    /// The release of the benchmark; runs that were planned before it had releases leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<BenchmarkRelease>,
    /// When it was planned.
    pub created: Timestamp,
    /// Asked by this program, or imported.
    pub origin: Origin,
    /// The model under test.
    pub subject: ModelRecord,
    /// Who judges.
    pub judge: JudgeRecord,
    /// The endpoint that scores toxicity, where the judge does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toxicity_url: Option<String>,
    /// The model that plays clients, where the offline client does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ModelRecord>,
    /// How the judge is asked the questions of decision trees.
    #[serde(default, skip_serializing_if = "JudgeQuestions::are_together")]
    pub judge_questions: JudgeQuestions,
    /// By which rules trials are asked.
    pub protocol: Protocol,
    /// What becomes of verdicts that cannot be read; runs that were planned before this was decided leave it out.
    #[serde(default, skip_serializing_if = "UnreadVerdict::stays_missing")]
    pub unread_verdict: UnreadVerdict,
    /// Seed of option orders, attack texts, fences and resampling.
    pub seed: u64,
    /// What caps the run, if anything.
    pub caps: Caps,
    /// How often each trial is asked.
    #[serde(default, skip_serializing_if = "Repeats::is_once")]
    pub repeats: Repeats,
    /// The tasks in order.
    pub tasks: BTreeMap<TaskId, PlannedTask>,
    /// Tasks that were asked for and have no item in the languages asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_items: Vec<TaskId>,
    /// Version of the offline rules.
    pub offline_rules: u32,
    /// The imported run whose prompts are asked, if the task files' own are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompts_from: Option<PromptSource>,
    /// The files that the run's tasks are made of, by their path in the benchmark: what is kept of them is in the run's folder. Runs
    /// that were planned before files were kept, and imported ones, have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub materials: BTreeMap<String, Kept>,
    /// The damaged run that this one was made of, if it was repaired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repaired: Option<Repaired>,
    /// Hash over everything that decides which calls are made.
    pub plan_hash: Digest,
}

/// A file that a run keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Its hash, which names it in the run's folder.
    pub digest: Digest,
    /// Whose it is.
    pub origin: FileOrigin,
}

/// Where a run's records come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// This program asked.
    Asked,
    /// Recorded outputs of another program, in this format.
    Imported {
        /// The format.
        format: ImportFormat,
    },
    /// Conversations that took place elsewhere, read from transcripts: nobody is asked for a reply.
    Observed(Box<Observed>),
}

impl Origin {
    /// Whether all there will ever be was recorded elsewhere: no call was planned, and none is waited for.
    pub const fn is_imported(&self) -> bool {
        match self {
            Self::Imported { .. } => true,
            Self::Asked | Self::Observed(_) => false,
        }
    }

    /// The transcripts that the run was made of, if it was made of any.
    pub fn observed(&self) -> Option<&Observed> {
        match self {
            Self::Observed(observed) => Some(observed),
            Self::Asked | Self::Imported { .. } => None,
        }
    }
}

/// An imported run whose prompts are asked of another subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptSource {
    /// The run.
    pub run: RunId,
    /// Its folder as it was given.
    pub path: PathBuf,
    /// The format it was imported from.
    pub format: ImportFormat,
}

/// A model and where it is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRecord {
    /// The model as the user named it.
    pub id: ModelId,
    /// What the product under test is called, if the user gave it a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<GivenName>,
    /// The endpoint, where the user gave one.
    pub base_url: Option<String>,
    /// How it is asked beyond what tasks say.
    #[serde(default, skip_serializing_if = "Asking::is_usual")]
    pub asked: Asking,
}

impl ModelRecord {
    /// How reports name it.
    pub fn shown(&self) -> String {
        GivenName::shown(self.name.as_ref(), &self.id)
    }
}

/// Who judges, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgeRecord {
    /// Who.
    pub name: JudgeName,
    /// The endpoint, where the user gave one.
    pub base_url: Option<String>,
    /// How it is asked beyond what rubrics say.
    #[serde(default, skip_serializing_if = "Asking::is_usual")]
    pub asked: Asking,
}

/// A task as it was planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedTask {
    /// Version in the task file.
    pub version: u32,
    /// Hash of the task file.
    pub digest: Digest,
    /// Hash over the first prompts of all its trials.
    pub prompts: Digest,
    /// Hashes of the rubric files, in the order of the task file.
    pub rubrics: Vec<Digest>,
    /// Where the items came from, with file hashes.
    pub source: ItemSource,
    /// Trials planned.
    pub trials: u64,
    /// Items that were left out for their language.
    #[serde(default, skip_serializing_if = "is_none")]
    pub other_languages: u64,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

impl Manifest {
    /// The walk of this run's trials of `task`, by its own protocol and judge.
    ///
    /// # Errors
    /// [`RunError::Engine`] for a task the benchmark does not have.
    pub fn walk<'b>(
        &'b self,
        benchmark: &'b Benchmark,
        task: &TaskId,
    ) -> Result<Walk<'b>, RunError> {
        let task = benchmark.task(task)?;
        let replies = judge_rule(&self.judge.name);
        Ok(Walk {
            rules: TaskRules::new(benchmark, task, self.protocol, self.seed),
            judges: Judges { replies, toxicity: self.toxicity() },
            unread_verdict: self.unread_verdict,
            client: match self.client {
                Some(_) => ClientRule::Model,
                None => ClientRule::Offline,
            },
            questions: self.judge_questions,
            asked: Asked {
                subject: &self.subject.asked,
                judge: &self.judge.asked,
                client: self.client_asked(),
            },
        })
    }

    /// What the model that plays clients is asked beyond what tasks say; nothing of the offline client.
    pub fn client_asked(&self) -> &Asking {
        self.client.as_ref().map_or(USUAL, |client| &client.asked)
    }

    /// Whose words those of played clients are.
    pub fn player(&self) -> ModelId {
        let offline = || ModelId::new(OFFLINE_CLIENT);
        self.client.as_ref().map_or_else(offline, |client| client.id.clone())
    }

    /// Who plays clients, as reports name them.
    pub fn client_name(&self) -> ClientName {
        let by_model = |client: &ModelRecord| ClientName::Model(client.id.clone());
        self.client.as_ref().map_or(ClientName::Offline, by_model)
    }

    /// Who scores toxicity.
    pub fn toxicity(&self) -> ToxicityRule {
        match self.toxicity_url {
            Some(_) => ToxicityRule::Endpoint,
            None => ToxicityRule::AsJudge,
        }
    }

    /// Reads the manifest of the run in `folder`.
    ///
    /// # Errors
    /// [`RunError::NotARun`], [`RunError::Version`] for another format, [`RunError::Manifest`] with
    /// line and column for anything malformed.
    pub fn read(folder: &Path) -> Result<Self, RunError> {
        let path = folder.join(FILE);
        if !path.is_file() {
            let why = match folder.exists() {
                true => "there is no run.json in it",
                false => "there is no such folder",
            };
            return Err(RunError::NotARun { path: folder.to_owned(), why });
        }
        let text = fs::read_to_string(&path).map_err(RunError::io(&path, "reading"))?;
        let malformed = |error: serde_json::Error| RunError::Manifest {
            path: path.clone(),
            message: error.to_string(),
        };
        // The format is looked at first: fields of another format would only confuse.
        let head: Head = serde_json::from_str(&text).map_err(malformed)?;
        if !(1..=FORMAT).contains(&head.format) {
            return Err(RunError::Version {
                path,
                found: head.format,
                known: FORMAT,
                program: head.program,
            });
        }
        serde_json::from_str(&text).map_err(malformed)
    }

    /// What is written of it.
    ///
    /// # Errors
    /// [`RunError::Manifest`] for what JSON cannot hold.
    pub fn text(&self) -> Result<String, RunError> {
        let text = serde_json::to_string_pretty(self).map_err(|error| RunError::Manifest {
            path: PathBuf::from(FILE),
            message: error.to_string(),
        })?;
        Ok(text + "\n")
    }

    /// Writes the manifest, whole or not at all.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn write(&self, folder: &Path) -> Result<(), RunError> {
        atomic_file::write(&folder.join(FILE), self.text()?.as_bytes())
    }
}

#[derive(Deserialize)]
struct Head {
    format: u32,
    #[serde(default)]
    program: String,
}

/// How the walk treats a judge of this name.
pub fn judge_rule(judge: &JudgeName) -> JudgeRule {
    match judge {
        JudgeName::Offline => JudgeRule::Offline,
        JudgeName::Embedded(_) => JudgeRule::Embedded,
        JudgeName::Model(_) => JudgeRule::Model,
        JudgeName::None => JudgeRule::Nobody,
    }
}

/// A fresh run identifier: time, model, and four digits against collisions.
pub fn fresh_id(model: &ModelId, at: Timestamp) -> RunId {
    let slug: String = file_name(model.as_str()).chars().take(60).collect();
    let unique = uuid::Uuid::now_v7().simple().to_string();
    let tail: String = unique.chars().rev().take(4).collect();
    RunId::new(format!("{}-{slug}-{tail}", at.strftime("%Y%m%dT%H%M%SZ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::request::RequestOptions;

    /// Plans are compared by the hash of what is written.
    #[test]
    fn what_is_not_set_is_not_written_so_that_older_plans_keep_their_hash() {
        let record = ModelRecord {
            id: ModelId::new("openai/small"),
            name: None,
            base_url: None,
            asked: Asking::USUAL,
        };
        let written = serde_json::to_string(&record).unwrap();
        assert_eq!(written, r#"{"id":"openai/small","base_url":null}"#);
        assert_eq!(serde_json::from_str::<ModelRecord>(&written).unwrap(), record);
        let judge = JudgeRecord { name: JudgeName::Offline, base_url: None, asked: Asking::USUAL };
        let written = serde_json::to_string(&judge).unwrap();
        assert!(!written.contains("asked"), "{written}");
        let caps = serde_json::to_string(&Caps::default()).unwrap();
        let before =
            r#"{"profile":null,"items":null,"trials":null,"reply_tokens":null,"context":null}"#;
        assert_eq!(caps, before);
        let options = RequestOptions::parse(["top_p=0.5"]).unwrap();
        let asked = Asking { thinking_tokens: Some(0), options, ..Asking::USUAL };
        let other = serde_json::to_string(&ModelRecord { asked, ..record }).unwrap();
        assert!(other.ends_with(r#""asked":{"thinking_tokens":0,"options":{"top_p":0.5}}}"#));
    }
}
