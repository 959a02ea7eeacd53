//! What is not alike about two runs of a task, and whether their numbers may stand beside each other all the same.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One thing that two runs of a task do not have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlike {
    /// What it is.
    pub what: Aspect,
    /// Whether it forbids to compare the two: [`Aspect::bearing`], written out for readers of the JSON.
    pub bearing: Bearing,
    /// What it is in the first run.
    pub first: String,
    /// What it is in the second run.
    pub second: String,
}

impl Unlike {
    /// A difference in `what`.
    pub fn new(what: Aspect, first: impl Into<String>, second: impl Into<String>) -> Self {
        Self { what, bearing: what.bearing(), first: first.into(), second: second.into() }
    }

    /// Whether the numbers of the two runs may not be compared because of it.
    pub const fn forbids(&self) -> bool {
        match self.bearing {
            Bearing::Forbids => true,
            Bearing::Told => false,
        }
    }
}

impl fmt::Display for Unlike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} and {}", self.what.title(), self.first, self.second)
    }
}

/// Something that two runs of a task may or may not have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// By which rules the task is scored.
    Protocol,
    /// By which rules it was asked.
    AskedBy,
    /// Who judged: the model or the version of the offline rules.
    Judge,
    /// How the judge was asked beyond what rubrics say.
    JudgeOptions,
    /// How the judge was asked the questions of decision trees.
    JudgeQuestions,
    /// Who played the clients of conversations.
    Client,
    /// How the model that played them was asked beyond what it is told of its part.
    ClientOptions,
    /// Who scored toxicity, where the judge did not.
    ToxicityScorer,
    /// The version of the task when it was asked.
    TaskVersion,
    /// The task file by which it is scored.
    TaskFile,
    /// The prompts of all trials.
    Prompts,
    /// The rubrics of the judge.
    Rubrics,
    /// The set and its files.
    Data,
    /// The languages of the items, where others were left out.
    Languages,
    /// How much was asked, and how long replies may be.
    Caps,
    /// How much the subject takes in at once. What is cut for it shows in the prompts.
    Context,
    /// What becomes of verdicts that cannot be read.
    UnreadVerdicts,
    /// The seed. What it draws shows in the prompts.
    Seed,
    /// How the subject was asked beyond what tasks say.
    SubjectOptions,
    /// The system prompt that stood above all conversations.
    SystemPrompt,
    /// The temperature of the subject, where the tasks' own were not used.
    Temperature,
    /// How often each trial was asked.
    Repeats,
    /// Which conversations were read, of those that took place.
    Transcripts,
    /// What was taken out of them before they were judged.
    Redaction,
}

/// Whether a difference lets two runs be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bearing {
    /// It does not: the numbers measure different things.
    Forbids,
    /// It does, and is told: it is what one may want to compare, or it shows elsewhere if it matters.
    Told,
}

impl Aspect {
    /// Whether a difference in it forbids to compare.
    pub const fn bearing(self) -> Bearing {
        match self {
            Self::Protocol
            | Self::AskedBy
            | Self::Judge
            | Self::JudgeOptions
            | Self::JudgeQuestions
            | Self::Client
            | Self::ClientOptions
            | Self::ToxicityScorer
            | Self::TaskVersion
            | Self::TaskFile
            | Self::Prompts
            | Self::Rubrics
            | Self::Data
            | Self::Languages
            | Self::Caps => Bearing::Forbids,
            Self::Context
            | Self::UnreadVerdicts
            | Self::Seed
            | Self::SubjectOptions
            | Self::SystemPrompt
            | Self::Temperature
            | Self::Repeats
            | Self::Transcripts
            | Self::Redaction => Bearing::Told,
        }
    }

    /// How reports name it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Protocol => "protocol",
            Self::AskedBy => "asked by",
            Self::Judge => "judge",
            Self::JudgeOptions => "judge's options",
            Self::JudgeQuestions => "judge's questions",
            Self::Client => "client",
            Self::ClientOptions => "client's options",
            Self::ToxicityScorer => "toxicity scored by",
            Self::TaskVersion => "task version",
            Self::TaskFile => "task file",
            Self::Prompts => "prompt wording",
            Self::Rubrics => "rubrics",
            Self::Data => "data",
            Self::Languages => "languages",
            Self::Caps => "caps",
            Self::Context => "context",
            Self::UnreadVerdicts => "unreadable verdicts",
            Self::Seed => "seed",
            Self::SubjectOptions => "subject's options",
            Self::SystemPrompt => "system prompt",
            Self::Temperature => "temperature",
            Self::Repeats => "repeats",
            Self::Transcripts => "transcripts",
            Self::Redaction => "redaction",
        }
    }
}
