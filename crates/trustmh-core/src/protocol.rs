//! The two ways every task can be asked and scored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which rules a task follows; the differences are listed in each task file.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Does what the release of TrustMH-Bench did, quirks included, so that recorded numbers come back.
    Reference,
    /// Asks the same question soundly.
    #[default]
    Corrected,
}

impl Protocol {
    /// Both protocols.
    pub const ALL: [Self; 2] = [Self::Reference, Self::Corrected];

    /// The word used in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Corrected => "corrected",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
