//! What can go wrong with a run.

use std::path::PathBuf;

use trustmh_core::id::{DatasetId, TaskId, TrialId};
use trustmh_core::protocol::Protocol;
use trustmh_core::scores::TooMany;
use trustmh_data::error::DataError;
use trustmh_engine::error::EngineError;
use trustmh_model::error::ModelError;

/// A run that cannot be planned, recorded, continued or read.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Runs that make no panel.
    #[error("no panel of judges: {message}")]
    Panel {
        /// Why not.
        message: String,
    },
    /// A language that no item is in.
    #[error("no item of the tasks asked for is in {asked}; their languages are: {there}")]
    Language {
        /// The language.
        asked: String,
        /// Those there are, with the number of items.
        there: String,
    },
    /// A run whose prompts cannot be asked.
    #[error("{path}: its prompts cannot be asked: {message}")]
    Prompts {
        /// The run's folder.
        path: PathBuf,
        /// Why not, and what would do.
        message: String,
    },
    /// A table of prices cannot be used.
    #[error("{path}: {message}")]
    Prices {
        /// The table.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// A file that is no card of a judge.
    #[error("{path}: no card of a judge: {message}; `trustmh validate` writes cards")]
    JudgeCard {
        /// The file.
        path: String,
        /// What is wrong, with line and column.
        message: String,
    },
    /// A file or folder that cannot be read or written.
    #[error("{path}: {action}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// The journal cannot be appended to, for example because the disk is full. The run must stop.
    #[error("{path}: appending: {source}")]
    Append {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A folder that holds no run.
    #[error("{path} holds no run: {why}")]
    NotARun {
        /// Which folder.
        path: PathBuf,
        /// What is not there, it or what it should hold.
        why: &'static str,
    },
    /// A manifest that cannot be read.
    #[error("{path}: {message}")]
    Manifest {
        /// Which file.
        path: PathBuf,
        /// What is wrong, with line and column.
        message: String,
    },
    /// A run written in a format this program does not read.
    #[error(
        "{path} is in run format {found}; this program reads format {known}: use the version that wrote it ({program})"
    )]
    Version {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The format this program reads.
        known: u32,
        /// The program version that wrote it.
        program: String,
    },
    /// A journal line that is no event, or not the one that was written there.
    #[error("{path}, line {line}: {message}")]
    Journal {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        message: String,
    },
    /// A trial that was to be scored by other rules than its recorded score, after its words were forgotten.
    #[error(
        "{trial} cannot be scored again: its replies were forgotten on {on}; its recorded score is by the {protocol} protocol and {judge}"
    )]
    ReplyForgotten {
        /// The trial.
        trial: TrialId,
        /// The day on which they were.
        on: String,
        /// The protocol of its recorded score.
        protocol: Protocol,
        /// The judge of it.
        judge: String,
    },
    /// Words that are needed were forgotten.
    #[error("{message}: they cannot be asked or read again")]
    Words {
        /// Whose, and when.
        message: String,
    },
    /// A run whose replies cannot be forgotten as it is.
    #[error("{path}: nothing was forgotten: {message}")]
    NotForgettable {
        /// The run's folder.
        path: PathBuf,
        /// Why not.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// A run of which nothing can be saved, or need be.
    #[error("{path} cannot be repaired: {message}")]
    NotMendable {
        /// The run's folder.
        path: PathBuf,
        /// Why not.
        message: String,
    },
    /// A run that cannot be sealed or signed, or a key that cannot be used.
    #[error("{path}: {message}")]
    Seal {
        /// The run's folder, or the key's file.
        path: PathBuf,
        /// Why not.
        message: String,
    },
    /// A file that is no bundle of a run.
    #[error("{path} is no bundle of a run: {message}")]
    Bundle {
        /// The file.
        path: PathBuf,
        /// Why not.
        message: String,
    },
    /// Another process is writing to the run.
    #[error("{path} is being written by another process; wait for it or stop it")]
    Locked {
        /// The run's folder.
        path: PathBuf,
    },
    /// A file that a run keeps is not as it was kept.
    #[error("{path}: {fault}; `trustmh verify` looks at all that the run keeps")]
    Kept {
        /// Where it is kept.
        path: PathBuf,
        /// What is wrong.
        fault: KeptFault,
    },
    /// A run that does not match the benchmark or data as they are now.
    #[error("the run cannot go on: {what} has changed since it began ({was} then, {is} now)")]
    Changed {
        /// What has changed.
        what: String,
        /// As the manifest has it.
        was: String,
        /// As it is.
        is: String,
    },
    /// An imported run has no calls to go on with.
    #[error("{path} was imported from recorded outputs; there is nothing to resume")]
    Imported {
        /// The run's folder.
        path: PathBuf,
    },
    /// A task whose published set this program cannot read.
    #[error("task {task}: no reader for the published set `{dataset}`")]
    NoReader {
        /// The task.
        task: TaskId,
        /// The set its file names.
        dataset: DatasetId,
    },
    /// A model that can serve no call of this run.
    #[error("{0}")]
    Model(#[from] ModelError),
    /// Different calls in a row failed alike, so that all others would.
    #[error("{calls} different prompts in a row failed alike, so no more are sent: {error}")]
    Alike {
        /// How many.
        calls: usize,
        /// How the last one failed.
        error: ModelError,
    },
    /// Calls cannot be carried to workers and back.
    #[error("{message}")]
    Carrier {
        /// What kind of thing keeps them.
        fault: CarrierFault,
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A fault of the benchmark files.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// A fault of the data.
    #[error("{0}")]
    Data(#[from] DataError),
    /// More trials of a task than can be scored together.
    #[error("{0}")]
    TooMany(#[from] TooMany),
    /// What a program asks that drives trials from outside, and what has no answer.
    #[error("{message}")]
    Driven {
        /// What is wrong with it.
        message: String,
    },
    /// The task that writes the journal has ended before the run did.
    #[error("the run's writer has stopped: {message}")]
    WriterGone {
        /// What it last said.
        message: String,
    },
}

/// What is wrong with a file that a run keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeptFault {
    /// It is not there.
    #[error("the run keeps this file, and it is missing: take it from another copy of the run")]
    Missing,
    /// Its bytes are others.
    #[error(
        "the file has changed since the run kept it, for its hash is another: take it from another copy of the run"
    )]
    Changed,
    /// It is not the file of the task that was planned.
    #[error("the file that is kept of a task is not the one that the run was planned with")]
    NotAsPlanned,
    /// The manifest names it by something that is no hash.
    #[error("the manifest names a kept file by what is no hash")]
    NoHash,
}

/// What keeps calls from being carried to workers and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarrierFault {
    /// Nobody is there, or the credentials are refused.
    Unreachable,
    /// The queue takes nothing more.
    Full,
    /// What was asked for may not be, for example two coordinators of one run.
    Refused,
}

impl RunError {
    pub(crate) fn driven(message: impl Into<String>) -> Self {
        Self::Driven { message: message.into() }
    }

    pub(crate) fn io(
        path: impl Into<PathBuf>,
        action: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, action, source }
    }
}
