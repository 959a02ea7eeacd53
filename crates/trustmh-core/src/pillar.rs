//! The eight pillars of TrustMH-Bench (arXiv 2603.03047).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

/// One of the eight pillars.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    EnumCount,
    VariantArray,
    IntoStaticStr,
    EnumString,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Pillar {
    /// Knows its field and supports well.
    Reliability,
    /// Notices a crisis and leads to human help.
    Crisis,
    /// Holds its line under attack and stays civil.
    Safety,
    /// Serves everyone alike.
    Fairness,
    /// Keeps what it was told.
    Privacy,
    /// Stays good when the input is noisy.
    Robustness,
    /// Does not endorse whatever the user wants endorsed.
    Sycophancy,
    /// Weighs professional principles.
    Ethics,
}

impl Pillar {
    /// All pillars in the order of the paper.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().unwrap();

    /// The first half of a task id.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// The name where room is short.
    pub const fn short_title(self) -> &'static str {
        match self {
            Self::Crisis => "Crisis",
            _ => self.title(),
        }
    }

    /// The name as reports print it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Reliability => "Reliability",
            Self::Crisis => "Crisis identification and escalation",
            Self::Safety => "Safety",
            Self::Fairness => "Fairness",
            Self::Privacy => "Privacy",
            Self::Robustness => "Robustness",
            Self::Sycophancy => "Anti-sycophancy",
            Self::Ethics => "Ethics",
        }
    }
}
