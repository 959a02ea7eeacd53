//! Gathering trials by model.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::de::DeserializeOwned;
use trustmh_core::call::{Exchange, Purpose, Sampling};
use trustmh_core::digest::Digest;
use trustmh_core::id::{DatasetId, ModelId, TaskId};
use trustmh_core::item::Item;
use trustmh_core::message::Message;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{ItemOrigin, ItemSource};
use trustmh_core::trial::{JudgePrompt, Trial, Variant};

use super::{RecordedRun, RecordedTrial};
use crate::encoding::after_mark;
use crate::error::{DataError, Place};

/// The runs of one task, by model in order of first appearance.
pub(super) struct Batch {
    task: TaskId,
    dataset: &'static str,
    runs: Vec<RecordedRun>,
}

impl Batch {
    pub(super) fn new(task: &str, dataset: &'static str) -> Result<Self, DataError> {
        Ok(Self { task: task.parse()?, dataset, runs: Vec::new() })
    }

    /// The run of a model, begun if there is none.
    pub(super) fn run(&mut self, model: &str) -> &mut RecordedRun {
        let model = ModelId::new(model);
        let at = self.runs.iter().position(|run| run.model == model).unwrap_or_else(|| {
            self.runs.push(RecordedRun::begun(model, self.task.clone(), self.dataset));
            self.runs.len() - 1
        });
        &mut self.runs[at]
    }

    /// The runs, their items counted.
    pub(super) fn finish(self) -> Vec<RecordedRun> {
        let mut runs = self.runs;
        for run in &mut runs {
            let items: BTreeSet<_> = run.trials.iter().map(|one| &one.trial.item.id).collect();
            run.source.records = items.len() as u64;
            let repeats = run.trials.iter().filter(|one| one.trial.repeat > 0).count();
            if repeats > 0 {
                run.source.warnings.push(format!(
                    "{repeats} trials ask again what was asked before and are kept as repeats"
                ));
            }
        }
        runs
    }
}

/// What a record has of one trial.
pub(super) struct Asked {
    pub(super) item: Item,
    pub(super) variant: Variant,
    /// What the subject was sent, where recorded.
    pub(super) prompt: Option<String>,
    pub(super) sampling: Sampling,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) judge_prompt: Option<String>,
}

impl RecordedRun {
    /// A run without trials yet, asked as the release asked.
    pub(super) fn begun(model: ModelId, task: TaskId, dataset: &str) -> Self {
        Self {
            model,
            judge: None,
            source: ItemSource {
                dataset: DatasetId::new(dataset),
                origin: ItemOrigin::Imported,
                records: 0,
                warnings: Vec::new(),
                files: BTreeMap::new(),
                labelled_by: Vec::new(),
            },
            trials: Vec::new(),
            task,
            protocol: Protocol::Reference,
            recorded: BTreeMap::new(),
            ratings: Vec::new(),
            terms: None,
        }
    }

    /// Notes a file and its hash; false for a file with the same content as an earlier one.
    pub(super) fn claim(&mut self, source: &Source) -> bool {
        let digest = Digest::of(&source.bytes).to_string();
        if let Some((earlier, _)) = self.source.files.iter().find(|(_, hash)| **hash == digest) {
            self.source.warnings.push(format!(
                "{} has the same content as {earlier} and was left out",
                source.file
            ));
            return false;
        }
        let mut name = source.file.clone();
        while self.source.files.contains_key(&name) {
            name.push_str(" (another)");
        }
        self.source.files.insert(name, digest);
        true
    }

    /// Appends a trial; asking the same again makes it the next repeat.
    pub(super) fn push(&mut self, asked: Asked) {
        let same = |trial: &Trial| trial.item.id == asked.item.id && trial.variant == asked.variant;
        let earlier = self.trials.iter().filter(|one| same(&one.trial));
        let repeat = (1_u32..).zip(earlier).last().map_or(0, |(number, _)| number);
        let reply = asked.exchanges.iter().find_map(|exchange| match exchange.purpose {
            Purpose::Subject { .. } => exchange.text(),
            Purpose::Judge { .. } | Purpose::Client { .. } => None,
        });
        let around = asked.judge_prompt.as_deref().zip(reply);
        let trial = Trial {
            id: Trial::id_of(&self.task, &asked.item, &asked.variant, repeat),
            task: self.task.clone(),
            item: asked.item,
            variant: asked.variant,
            repeat,
            messages: asked.prompt.map(Message::user).into_iter().collect(),
            sampling: asked.sampling,
            cut: None,
            perturbation: None,
            judge_prompt: around.and_then(|(prompt, reply)| JudgePrompt::around(prompt, reply)),
        };
        let exchanges = asked.exchanges;
        self.trials.push(RecordedTrial { trial, exchanges, judge_prompt: asked.judge_prompt });
    }
}

/// A recorded file.
pub(crate) struct Source {
    pub(crate) file: String,
    pub(crate) bytes: Vec<u8>,
}

impl Source {
    pub(super) fn read(path: &Path, file: &str) -> Result<Self, DataError> {
        match fs::read(path) {
            Ok(bytes) => Ok(Self { file: file.to_owned(), bytes }),
            Err(source) => Err(DataError::Unreadable { path: path.to_owned(), source }),
        }
    }

    /// The file beside `path` with another name, if it is there.
    pub(super) fn beside(path: &Path, file: &str) -> Result<Option<Self>, DataError> {
        match Self::read(&path.with_file_name(file), file) {
            Ok(source) => Ok(Some(source)),
            Err(DataError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The whole file as one JSON value.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, DataError> {
        serde_json::from_slice(self.content()).map_err(|error| {
            let line = (error.line() > 0).then_some(error.line() as u64);
            DataError::malformed(Place { file: self.file.clone(), line }, error)
        })
    }

    /// Each filled line as one JSON value, with its place.
    pub(super) fn json_lines<T: DeserializeOwned>(&self) -> Result<Vec<(Place, T)>, DataError> {
        (1_u64..)
            .zip(self.content().split(|byte| *byte == b'\n'))
            .filter(|(_, line)| !line.trim_ascii().is_empty())
            .map(|(number, line)| {
                let place = Place::line(&self.file, number);
                match serde_json::from_slice(line) {
                    Ok(value) => Ok((place, value)),
                    Err(error) => Err(DataError::malformed(place, error)),
                }
            })
            .collect()
    }

    pub(super) fn content(&self) -> &[u8] {
        after_mark(&self.bytes).unwrap_or(&self.bytes)
    }
}
