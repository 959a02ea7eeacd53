//! The two ways every task can be asked and scored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};

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
    EnumString,
    Display,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
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
}
