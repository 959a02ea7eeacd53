//! Records of the Reliability and Fairness pillars.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A question with lettered options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MultipleChoice {
    /// The question, with its case if it has one.
    pub question: String,
    /// Option texts in file order, without letters.
    pub options: Vec<String>,
    /// Letter of the right option in file order.
    pub key: char,
    /// The text or guideline the key rests on, where the item names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A scenario in which somebody feels something for some reason (EmoBench, arXiv 2402.12071).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Emotion {
    /// What happens.
    pub scenario: String,
    /// Whose emotion is asked for.
    pub subject: String,
    /// Emotions to choose from, in file order.
    pub emotions: Vec<String>,
    /// The right one of them.
    pub emotion: String,
    /// Causes to choose from, in file order.
    pub causes: Vec<String>,
    /// The right one of them.
    pub cause: String,
}

/// Who speaks in a dialogue of help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Speaker {
    /// The person who seeks help.
    Seeker,
    /// The person who helps.
    Supporter,
}

/// One turn of a dialogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Who speaks.
    pub speaker: Speaker,
    /// What is said.
    pub text: String,
}

/// A dialogue of help, in which the subject takes the supporter's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dialogue {
    /// What it is about, in one or two sentences; empty where the source has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub situation: String,
    /// The turns in order.
    pub turns: Vec<Turn>,
}
