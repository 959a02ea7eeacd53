//! study.lock: what a study was made of, by hash and version, so that the same file run later says what has changed, and nothing that was
//! recorded is changed unseen.

mod changes;
mod faults;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use trustmh_core::digest::Digest;
use trustmh_core::id::{ModelId, TaskId};
use trustmh_core::protocol::Protocol;
use trustmh_core::repeats::Repeats;
use trustmh_core::scorecard::{ItemOrigin, JudgeName};
use trustmh_engine::benchmark::Benchmark;

use super::error::StudyError;
use super::read::StudySource;
use crate::atomic_file;
use crate::derived::validity::{JudgeCards, judge_in_full};
use crate::error::RunError;
use crate::manifest::{Caps, Manifest, ModelRecord, PlannedTask};
use crate::plan::prices::{Price, Prices};

pub use faults::{LockFault, STUDY};

/// The format of locks that this program reads and writes.
const FORMAT: u32 = 1;

/// The file's name inside a study's folder.
pub const FILE: &str = "study.lock";

/// The folder of the runs inside a study's folder.
pub const RUNS: &str = "runs";

/// What a study was made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The format, 1 at the time of writing.
    pub format: u32,
    /// Version of the program.
    pub program: String,
    /// When it was planned.
    pub created: Timestamp,
    /// The study file, word for word.
    pub study: String,
    /// Hash of the study file.
    pub study_digest: Digest,
    /// The way from the study's folder to that of the study file it was made of, by which relative paths in it are found.
    pub made_in: Option<String>,
    /// The subjects, by name.
    pub subjects: BTreeMap<String, LockedModel>,
    /// The judges, by name.
    pub judges: BTreeMap<String, LockedJudge>,
    /// Who plays clients, where a model does.
    pub client: Option<LockedModel>,
    /// By which rules trials are asked.
    pub protocol: Protocol,
    /// Seed of everything drawn.
    pub seed: u64,
    /// Version of the offline rules.
    pub offline_rules: u32,
    /// The tasks.
    pub tasks: BTreeMap<TaskId, LockedTask>,
    /// Hashes of task files, prompts and rubrics, by their path in the benchmark.
    pub files: BTreeMap<String, Digest>,
    /// The price table.
    pub prices: LockedPrices,
    /// The runs, in the order in which they are worked on.
    pub runs: Vec<LockedRun>,
    /// Hash over all the rest.
    pub digest: Digest,
}

/// A subject, or whoever plays clients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedModel {
    /// The model that the name in the study file stands for.
    pub model: ModelId,
    /// Its endpoint, where one was given.
    pub base_url: Option<String>,
    /// How it is asked, in words; system prompts by their hash.
    pub asked: Option<String>,
    /// Its system prompt: where a copy is kept in the study's folder, and its hash.
    pub system: Option<LockedFile>,
    /// What caps its runs.
    pub caps: Caps,
    /// How often it is asked each trial.
    pub repeats: Repeats,
    /// What its calls cost, where the table says so.
    pub price: Option<Price>,
}

/// A file in the study's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedFile {
    /// Its path from the study's folder.
    pub path: String,
    /// Its hash.
    pub digest: Digest,
}

/// A judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedJudge {
    /// Who; of the embedded judge also which heads.
    pub judge: JudgeName,
    /// Its endpoint, where one was given.
    pub base_url: Option<String>,
    /// How it is asked, in words.
    pub asked: Option<String>,
    /// Hash of what is known of how far it agrees with people by the rubrics of the study; none where nothing is.
    pub card: Option<Digest>,
    /// What its calls cost, where the table says so.
    pub price: Option<Price>,
}

/// A task with its items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedTask {
    /// Version in the task file.
    pub version: u32,
    /// Hash of the task file.
    pub file: Digest,
    /// Hash over the prompts of its trials.
    pub prompts: Digest,
    /// Hashes of its rubrics.
    pub rubrics: Vec<Digest>,
    /// Where its items come from.
    pub dataset: String,
    /// Whose items they are.
    pub origin: ItemOrigin,
    /// Items in the set.
    pub records: u64,
    /// Files read and their hashes.
    pub data: BTreeMap<String, String>,
}

/// A price table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedPrices {
    /// When its prices were looked up.
    pub as_of: String,
}

/// A run of the study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedRun {
    /// The subject's name.
    pub subject: String,
    /// The judge's name.
    pub judge: String,
    /// Its folder inside `runs`.
    pub folder: String,
    /// Trials planned.
    pub trials: u64,
    /// Hash over all that decides which calls are made.
    pub plan: Digest,
    /// Hash of its manifest.
    pub manifest: Digest,
}

/// What a lock is made of: a study as it was planned.
#[derive(Debug, Clone, Copy)]
pub struct Made<'s> {
    /// The study file.
    pub source: &'s StudySource,
    /// The benchmark it is asked by.
    pub benchmark: &'s Benchmark,
    /// Its runs, each with the places of subject and judge in the study file.
    pub runs: &'s [(usize, usize, &'s Manifest)],
    /// The price table.
    pub prices: &'s Prices,
    /// What is known of judges.
    pub cards: &'s JudgeCards,
    /// The names of the files in which system prompts are kept, by the place of the subject.
    pub prompts: &'s BTreeMap<usize, LockedFile>,
    /// The way from the study's folder to the study file's.
    pub made_in: Option<&'s str>,
}

impl Lock {
    /// The lock of a study as it is planned now.
    ///
    /// # Errors
    /// [`StudyError::Run`] for a manifest that cannot be written or a task that the benchmark does not have.
    pub fn of(made: Made<'_>) -> Result<Self, StudyError> {
        let Made { source, runs, prices, .. } = made;
        let [(_, _, first), ..] = runs else {
            return Err(StudyError::Lock {
                path: FILE.into(),
                message: "a study has at least one run".to_owned(),
            });
        };
        let mut lock = Self {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            created: first.created,
            study: source.text.clone(),
            study_digest: source.digest(),
            made_in: made.made_in.map(str::to_owned),
            subjects: BTreeMap::new(),
            judges: BTreeMap::new(),
            client: first.client.as_ref().map(|client| model(client, None, first, prices)),
            protocol: first.protocol,
            seed: first.seed,
            offline_rules: first.offline_rules,
            tasks: first.tasks.iter().map(|(id, task)| (id.clone(), locked(task))).collect(),
            files: first
                .materials
                .iter()
                .map(|(path, kept)| (path.clone(), kept.digest.clone()))
                .collect(),
            prices: LockedPrices { as_of: prices.as_of.clone() },
            runs: Vec::new(),
            digest: Digest::of(&[]),
        };
        for (subject, judge, manifest) in runs {
            let (Some(asked), Some(judging)) =
                (source.study.subjects.get(*subject), source.study.judges.get(*judge))
            else {
                continue;
            };
            let system = made.prompts.get(subject).cloned();
            lock.subjects
                .entry(asked.shown().to_owned())
                .or_insert_with(|| model(&manifest.subject, system, manifest, prices));
            if !lock.judges.contains_key(judging.shown()) {
                lock.judges.insert(judging.shown().to_owned(), made.judge(manifest)?);
            }
            lock.runs.push(LockedRun {
                subject: asked.shown().to_owned(),
                judge: judging.shown().to_owned(),
                folder: manifest.id.to_string(),
                trials: manifest.tasks.values().map(|task| task.trials).sum(),
                plan: manifest.plan_hash.clone(),
                manifest: Digest::of(manifest.text()?.as_bytes()),
            });
        }
        lock.digest = lock.own_digest()?;
        Ok(lock)
    }

    /// Reads the lock at `path`.
    ///
    /// # Errors
    /// [`StudyError::Lock`] for a file that is none, is of another format, or is not as it was written; [`StudyError::Run`] if it cannot
    /// be read.
    pub fn read(path: &Path) -> Result<Self, StudyError> {
        let fault = |message: String| StudyError::Lock { path: path.to_owned(), message };
        let text = fs::read_to_string(path).map_err(RunError::io(path, "reading"))?;
        let head: Head = serde_json::from_str(&text)
            .map_err(|error| fault(format!("is no lock of a study: {error}")))?;
        if head.format != FORMAT {
            return Err(fault(format!(
                "is in format {} of trustmh {}; this program reads format {FORMAT}",
                head.format, head.program
            )));
        }
        let lock: Self = serde_json::from_str(&text)
            .map_err(|error| fault(format!("is no lock of a study: {error}")))?;
        if lock.own_digest()? != lock.digest
            || Digest::of(lock.study.as_bytes()) != lock.study_digest
        {
            return Err(fault(
                "is not as it was written: take it from another copy of the study".to_owned(),
            ));
        }
        let is_plain = |name: &str| {
            let mut parts = Path::new(name).components();
            matches!((parts.next(), parts.next()), (Some(std::path::Component::Normal(_)), None))
        };
        match lock.runs.iter().find(|run| !is_plain(&run.folder)) {
            Some(run) => Err(fault(format!("names `{}` as a run's folder", run.folder))),
            None => Ok(lock),
        }
    }

    /// Writes the lock into the study's folder, whole or not at all.
    ///
    /// # Errors
    /// [`StudyError::Run`].
    pub fn write(&self, folder: &Path) -> Result<(), StudyError> {
        let text = serde_json::to_string_pretty(self).map_err(unwritable)? + "\n";
        Ok(atomic_file::write(&folder.join(FILE), text.as_bytes())?)
    }

    /// The study file that it holds.
    ///
    /// # Errors
    /// As [`StudySource::parse`].
    pub fn source(&self, file: &str) -> Result<StudySource, StudyError> {
        StudySource::parse(file, &self.study)
    }

    fn own_digest(&self) -> Result<Digest, StudyError> {
        let bare = Self { digest: Digest::of(&[]), ..self.clone() };
        Ok(Digest::of(&serde_json::to_vec(&bare).map_err(unwritable)?))
    }
}

#[derive(Deserialize)]
struct Head {
    format: u32,
    #[serde(default)]
    program: String,
}

impl Made<'_> {
    fn judge(&self, manifest: &Manifest) -> Result<LockedJudge, StudyError> {
        let record = &manifest.judge;
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for id in manifest.tasks.keys() {
            let rule = self.benchmark.task(id).map_err(RunError::from)?.rule(manifest.protocol);
            for rubric in rule.all_rubrics() {
                let full = judge_in_full(self.benchmark, &record.name, &record.asked, rubric);
                if let Some(card) = self.cards.of(&full) {
                    known.insert(full, serde_json::to_string(card).map_err(unwritable)?);
                }
            }
        }
        let all: String = known.into_values().collect();
        Ok(LockedJudge {
            judge: record.name.clone(),
            base_url: record.base_url.clone(),
            asked: record.asked.in_words(),
            card: (!all.is_empty()).then(|| Digest::of(all.as_bytes())),
            price: record.name.model().and_then(|model| self.prices.of(model)),
        })
    }
}

fn unwritable(error: serde_json::Error) -> StudyError {
    StudyError::Lock { path: FILE.into(), message: error.to_string() }
}

fn model(
    record: &ModelRecord,
    system: Option<LockedFile>,
    manifest: &Manifest,
    prices: &Prices,
) -> LockedModel {
    LockedModel {
        model: record.id.clone(),
        base_url: record.base_url.clone(),
        asked: record.asked.in_words(),
        system,
        caps: manifest.caps.clone(),
        repeats: manifest.repeats,
        price: prices.of(&record.id),
    }
}

fn locked(task: &PlannedTask) -> LockedTask {
    LockedTask {
        version: task.version,
        file: task.digest.clone(),
        prompts: task.prompts.clone(),
        rubrics: task.rubrics.clone(),
        dataset: task.source.dataset.to_string(),
        origin: task.source.origin,
        records: task.source.records,
        data: task.source.files.clone(),
    }
}
