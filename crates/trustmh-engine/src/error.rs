//! What can be wrong with benchmark files.

use trustmh_core::codebook::CodebookError;
use trustmh_core::form_fault;
use trustmh_core::id::{ItemId, RubricId, TaskId, TrialId};
use trustmh_core::item::ItemKind;

use crate::fit::Misfit;

/// A fault in a task file, rubric, template or attack table, or in an item it is applied to.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A file that is not what its schema says.
    #[error("{file}: {message}")]
    Malformed {
        /// The file as the user knows it.
        file: String,
        /// What is wrong, with line and field where known.
        message: String,
    },
    /// A rule that spans fields is broken.
    #[error("{file}: field `{field}`: {message}")]
    Rule {
        /// The file as the user knows it.
        file: String,
        /// The field at fault.
        field: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A file names something that there is not.
    #[error("{file}: `{field}`: no {what} `{typed}`")]
    Unknown {
        /// The file as the user knows it.
        file: String,
        /// The field at fault.
        field: String,
        /// What it was to be.
        what: &'static str,
        /// The name that is not known.
        typed: String,
        /// Those that are.
        known: Vec<String>,
    },
    /// Parts of task files that do not fit together.
    #[error("{}", listed(.0))]
    Misfits(Vec<Misfit>),
    /// No task has this id.
    #[error("no task `{task}`; known tasks: {known}")]
    UnknownTask {
        /// What was asked for.
        task: String,
        /// The ids there are.
        known: String,
    },
    /// No rubric has this id.
    #[error("no rubric `{rubric}` in benchmark/rubrics")]
    UnknownRubric {
        /// What was asked for.
        rubric: RubricId,
    },
    /// An item of another kind than the task asks.
    #[error("task {task} asks items of kind `{wanted}`, but item {item} is of kind `{found}`")]
    ItemKind {
        /// The task.
        task: TaskId,
        /// The item.
        item: ItemId,
        /// What the task file says.
        wanted: &'static str,
        /// What the item is.
        found: &'static str,
    },
    /// An item names a label scheme or a rating scale that is not there.
    #[error("item {item}: {field} is `{name}`; expected {expected}")]
    NotInCodebook {
        /// The item.
        item: ItemId,
        /// `scheme` or `scale`.
        field: &'static str,
        /// What it names.
        name: String,
        /// What there is.
        expected: String,
    },
    /// A template could not be filled in.
    #[error("prompt template `{template}`: {message}")]
    Template {
        /// The template's name.
        template: String,
        /// The template engine's message.
        message: String,
    },
    /// The encoder of the embedded judge failed, or was asked what it cannot answer.
    #[error("the embedded judge: {message}")]
    Encoder {
        /// What went wrong.
        message: String,
    },
    /// A trial whose item or variant does not fit its task's scorer.
    #[error("trial {trial} does not fit the scorer of its task: {message}")]
    Trial {
        /// The trial.
        trial: TrialId,
        /// What does not fit.
        message: String,
    },
}

fn listed(misfits: &[Misfit]) -> String {
    misfits.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl From<CodebookError> for EngineError {
    fn from(error: CodebookError) -> Self {
        let CodebookError { file, field, message } = error;
        match field {
            Some(field) => Self::Rule { file, field, message },
            None => Self::Malformed { file, message },
        }
    }
}

impl EngineError {
    /// All that does not fit, if anything does not.
    ///
    /// # Errors
    /// [`EngineError::Misfits`] if there are any.
    pub fn of_misfits(misfits: Vec<Misfit>) -> Result<(), Self> {
        if misfits.is_empty() { Ok(()) } else { Err(Self::Misfits(misfits)) }
    }

    /// A file that is no TOML of its schema.
    pub(crate) fn toml(file: &str, error: &toml::de::Error) -> Self {
        Self::Malformed { file: file.to_owned(), message: form_fault::with_place(error) }
    }

    /// A rule that a file breaks although its schema is kept.
    pub(crate) fn rule(file: &str, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Rule { file: file.to_owned(), field: field.into(), message: message.into() }
    }

    pub(crate) fn item_kind(
        task: &TaskId,
        item: &ItemId,
        wanted: ItemKind,
        found: ItemKind,
    ) -> Self {
        Self::ItemKind {
            task: task.clone(),
            item: item.clone(),
            wanted: wanted.slug(),
            found: found.slug(),
        }
    }
}
