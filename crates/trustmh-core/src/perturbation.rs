//! How a text is perturbed: which kind of slips, and how many.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumCount, IntoStaticStr, VariantArray};

/// A kind of slips.
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
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Family {
    /// Slips of single signs.
    Character,
    /// Slips of words.
    Word,
    /// Slips of sentences and punctuation.
    Sentence,
    /// One after the other: characters, words, sentences.
    Stacked,
}

impl Family {
    /// All families.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().unwrap();

    /// The word used in files and on the command line.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

/// How much is perturbed.
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
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Level {
    /// Nothing.
    None,
    /// A few slips.
    Low,
    /// Many.
    Medium,
    /// A mess that can still be read.
    High,
}

impl Level {
    /// The levels that change something.
    pub const CHANGING: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The word used in files and on the command line.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// The band of realised distance: Levenshtein distance over grapheme clusters, divided by the text's length.
    pub const fn band(self) -> Option<(f64, f64)> {
        match self {
            Self::None => None,
            Self::Low => Some((0.03, 0.08)),
            Self::Medium => Some((0.08, 0.18)),
            Self::High => Some((0.18, 0.35)),
        }
    }
}

/// What was done to the text of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Perturbation {
    /// By which slips.
    pub family: Family,
    /// How much was to be done.
    pub level: Level,
    /// The distance that was reached, over all texts of the trial that were perturbed.
    pub distance: f64,
}
