//! The two ways every task can be asked and scored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumString, IntoStaticStr, VariantArray};

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
    EnumCount,
    VariantArray,
    IntoStaticStr,
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
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().unwrap();

    /// The word used in files and on the command line.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
