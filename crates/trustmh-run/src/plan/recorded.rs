//! The prompts of an imported run, asked again of another subject.

use std::path::Path;
use std::sync::Arc;

use trustmh_core::digest::Hashing;
use trustmh_core::id::TaskId;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Trial;
use trustmh_data::record::ImportFormat;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::task::Task;

use super::{Request, prompts_of};
use crate::derived::remains::forgotten_on;
use crate::error::RunError;
use crate::journal::{self, TrialRecord, Trials};
use crate::manifest::{Manifest, Origin, PlannedTask, PromptSource};

/// Trials of a journal, by their place in it.
#[derive(Debug, Clone)]
pub struct Recorded {
    trials: Arc<Trials>,
    which: Vec<usize>,
}

impl Recorded {
    /// How many are asked.
    pub fn len(&self) -> usize {
        self.which.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.which.is_empty()
    }

    /// The trials, read one after the other, with the task's own bound on the reply's length where the record has none.
    pub fn iter(&self, task: &Task) -> impl Iterator<Item = Result<Trial, RunError>> {
        let usual = task.rule(Protocol::Reference).sampling();
        self.which.iter().map(move |which| {
            let mut trial = words_of(&self.trials, *which)?.trial;
            if trial.sampling.max_tokens == 0 {
                trial.sampling.max_tokens = usual.max_tokens;
            }
            Ok(trial)
        })
    }
}

/// A trial with its words.
///
/// # Errors
/// [`RunError::Words`] if they were forgotten.
fn words_of(trials: &Trials, which: usize) -> Result<journal::Recorded, RunError> {
    match trials.read(which)? {
        TrialRecord::Whole(recorded) => Ok(*recorded),
        TrialRecord::Forgotten(remains) => {
            let message = forgotten_on(trials, &remains.trial.id, remains.number);
            Err(RunError::Words { message })
        }
    }
}

/// What an imported run has to ask.
pub(super) struct Source {
    pub(super) manifest: Manifest,
    format: ImportFormat,
    trials: Arc<Trials>,
    by_task: Vec<(TaskId, Vec<usize>)>,
}

impl Source {
    /// Reads through the run in `folder`.
    ///
    /// # Errors
    /// [`RunError::Prompts`] if it was not imported, or holds no prompt at all.
    pub(super) fn open(folder: &Path, request: &Request) -> Result<Self, RunError> {
        let wrong = |message: &str| RunError::Prompts {
            path: folder.to_owned(),
            message: message.to_owned(),
        };
        let manifest = Manifest::read(folder)?;
        let Origin::Imported { format } = &manifest.origin else {
            return Err(wrong(
                "it was asked by this program; a run of its own asks the same by itself",
            ));
        };
        let format = format.clone();
        if request.protocol != Protocol::Reference {
            return Err(wrong(
                "recorded prompts are scored by the rules they were made for: --protocol reference",
            ));
        }
        if request.caps.leaves_out() {
            return Err(wrong(
                "all of its prompts are asked: leave out --items, --trials, --language and --profile",
            ));
        }
        if !request.repeats.is_once() {
            return Err(wrong(
                "its prompts are asked as often as they are recorded: leave out --repeats",
            ));
        }
        let trials = Arc::new(Trials::open(&folder.join(journal::FILE))?);
        let mut by_task: Vec<(TaskId, Vec<usize>)> = Vec::new();
        for which in 0..trials.len() {
            let trial = words_of(&trials, which)?.trial;
            if trial.messages.is_empty() {
                continue;
            }
            match by_task.iter_mut().find(|(task, _)| *task == trial.task) {
                Some((_, places)) => places.push(which),
                None => by_task.push((trial.task, vec![which])),
            }
        }
        if by_task.is_empty() {
            return Err(wrong("its record holds replies, but not the prompts they answer"));
        }
        Ok(Self { manifest, format, trials, by_task })
    }

    /// Where the prompts are from, for the manifest.
    pub(super) fn named(&self, folder: &Path) -> PromptSource {
        let format = self.format.clone();
        PromptSource { run: self.manifest.id.clone(), path: folder.to_owned(), format }
    }

    /// The trials of one task, as they are planned; none if the record has none of it.
    ///
    /// # Errors
    /// [`RunError`] if the journal can no longer be read.
    pub(super) fn asked(
        &self,
        benchmark: &Benchmark,
        id: &TaskId,
    ) -> Result<Option<(Recorded, PlannedTask)>, RunError> {
        let places = self.by_task.iter().find(|(task, _)| task == id).map(|(_, places)| places);
        let (Some(places), Some(was)) = (places, self.manifest.tasks.get(id)) else {
            return Ok(None);
        };
        let task = benchmark.task(id)?;
        let asked = Recorded { trials: Arc::clone(&self.trials), which: places.clone() };
        let mut prompts = Hashing::default();
        for trial in asked.iter(task) {
            prompts_of(&trial?, &mut prompts);
        }
        let planned = PlannedTask {
            version: task.file.version,
            digest: task.digest.clone(),
            prompts: prompts.end(),
            rubrics: Vec::new(),
            source: was.source.clone(),
            trials: places.len() as u64,
            other_languages: 0,
        };
        Ok(Some((asked, planned)))
    }
}
