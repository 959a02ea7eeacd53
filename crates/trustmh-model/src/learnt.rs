//! What is found out about an endpoint while it is asked, and kept for the calls that follow.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that an endpoint taught by how it answered. A record of a run holds it, and a report says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learnt {
    /// The base URL, or the program.
    pub endpoint: String,
    /// What was found out.
    pub lesson: Lesson,
}

/// What an endpoint taught.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lesson {
    /// It does not take this field of a request, which is no longer sent.
    LeftOut {
        /// The field, as it stood in the request.
        field: String,
        /// Start of what the server says.
        said: String,
    },
    /// It takes this field of a request under another name.
    Renamed {
        /// The field, as it stood in the request.
        field: String,
        /// Its name there.
        to: String,
        /// Start of what the server says.
        said: String,
    },
    /// A program writes lines to its standard output that are no answers; they are skipped.
    SkippedLines {
        /// Start of the first one.
        first: String,
    },
}

impl fmt::Display for Learnt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = &self.endpoint;
        match &self.lesson {
            Lesson::LeftOut { field, said } => {
                write!(f, "{endpoint} does not take `{field}`, which is left out: {said}")
            }
            Lesson::Renamed { field, to, said } => {
                write!(f, "{endpoint} takes `{field}` as `{to}`: {said}")
            }
            Lesson::SkippedLines { first } => write!(
                f,
                "{endpoint} writes lines to its standard output that are no answers; they are skipped: {first}"
            ),
        }
    }
}
