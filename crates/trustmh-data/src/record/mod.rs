//! Recorded outputs of other harnesses, as trials with their exchanges.

pub(crate) mod batch;
mod crisis;
mod cssrs;
mod emobench;
mod esconv;
mod ethics;
mod gold;
mod imported;
pub(crate) mod inspect;
mod path;
mod reply;
mod tier1;
mod tier2;
mod tier3;
pub(crate) mod vera;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use trustmh_core::call::Exchange;
use trustmh_core::id::{ModelId, RubricId, TaskId, TrialId};
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::ItemSource;
use trustmh_core::trial::Trial;

use crate::error::DataError;
use path::{Output, Part};

pub use imported::ImportFormat;
pub use inspect::{OwnPlan, OwnTerms};

/// All formats.
const FORMATS: &[RecordFormat] = &[
    ethics::FORMAT,
    tier1::FORMAT,
    tier2::FORMAT,
    tier3::FORMAT,
    emobench::FORMAT,
    esconv::FORMAT,
    crisis::LABELS,
    crisis::ANSWERS,
    crisis::JUDGEMENTS,
    cssrs::FORMAT,
    inspect::FORMAT,
    vera::VERA_MH,
    vera::TRANSCRIPTS,
];

/// A format of recorded outputs.
#[derive(Clone, Copy)]
pub struct RecordFormat {
    /// The word used on the command line and in manifests.
    name: &'static str,
    /// How files with outputs are named.
    file_names: &'static str,
    /// One such name.
    example: &'static str,
    /// Whose prompts the outputs answer.
    prompts: Prompts,
    /// What a file is, by its name; `None` for a file of something else.
    part: fn(&str) -> Option<Part>,
    read: Reader,
}

type Reader = fn(&[Output], &Beside) -> Result<Vec<RecordedRun>, DataError>;

/// Whose prompts recorded outputs answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompts {
    /// Those behind the published numbers, which such outputs can stand beside.
    OfThePublication,
    /// Somebody else's.
    Others,
}

/// Files that a record refers to without holding them.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// The folder of published data.
    pub data: Option<PathBuf>,
    /// A file with the labels that people gave.
    pub labels: Option<PathBuf>,
    /// A table of what people said of recorded conversations.
    pub ratings: Option<PathBuf>,
}

impl RecordFormat {
    /// All formats.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().copied()
    }

    /// The format with this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|format| format.name == name)
    }

    /// The word used on the command line and in manifests.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// A name that a file with outputs may have.
    pub const fn example(self) -> &'static str {
        self.example
    }

    /// Whose prompts the outputs answer.
    pub const fn prompts(self) -> Prompts {
        self.prompts
    }

    /// Reads files of this format: one run per model, in the order in which models first appear.
    ///
    /// Summaries that the release keeps beside the outputs may be among the paths; they are passed
    /// over if their outputs are too.
    ///
    /// # Errors
    /// [`DataError`] for paths that do not fit the format, for files that cannot be read, and for
    /// records without what the format promises.
    pub fn read(self, paths: &[PathBuf], beside: &Beside) -> Result<Vec<RecordedRun>, DataError> {
        (self.read)(&path::outputs(self, paths)?, beside)
    }
}

impl PartialEq for RecordFormat {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for RecordFormat {}

impl fmt::Debug for RecordFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordFormat({})", self.name)
    }
}

/// What one model was recorded to say in one task.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedRun {
    /// The model, by the name the record uses.
    pub model: ModelId,
    /// Who judged, by the name the record uses.
    pub judge: Option<ModelId>,
    /// Files with their hashes, and what reading came upon.
    pub source: ItemSource,
    /// The trials, in the order of the record.
    pub trials: Vec<RecordedTrial>,
    /// The task the record belongs to.
    pub task: TaskId,
    /// By which rules it was asked.
    pub protocol: Protocol,
    /// Figures that the source printed of itself, by the name of the metric they correspond to.
    pub recorded: BTreeMap<String, f64>,
    /// What people said, one by one.
    pub ratings: Vec<RecordedRating>,
    /// How it was scored, where the record is one of this program.
    pub terms: Option<OwnTerms>,
}

/// What one person said of one trial by a rubric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRating {
    /// Who said it, by the name the record uses.
    pub rater: String,
    /// The trial.
    pub trial: TrialId,
    /// By which rubric.
    pub rubric: RubricId,
    /// What was said of each field or question.
    pub values: BTreeMap<String, String>,
}

/// One recorded trial.
///
/// Where a source does not say what was sent, the trial has no messages; where it does not say how
/// replies were drawn, the sampling has zeroes.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedTrial {
    /// What was asked.
    pub trial: Trial,
    /// The subject's reply and, if there was one, the judge's verdict.
    pub exchanges: Vec<Exchange>,
    /// What the judge was asked.
    pub judge_prompt: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_name_of_its_own_and_takes_its_example() {
        for (index, format) in FORMATS.iter().enumerate() {
            assert_eq!(RecordFormat::named(format.name), Some(*format));
            assert!(!FORMATS[..index].contains(format), "{format:?} is there twice");
            let part = (format.part)(format.example);
            assert!(matches!(part, Some(Part::Outputs(_))), "{format:?}: {}", format.example);
        }
        assert_eq!(RecordFormat::named("trustmh"), None);
    }

    #[test]
    fn judgements_are_no_answers() {
        assert!((crisis::ANSWERS.part)(crisis::JUDGEMENTS.example).is_none());
        assert!((crisis::JUDGEMENTS.part)(crisis::ANSWERS.example).is_none());
    }
}
