//! Somebody who is played in a conversation: who they are, what danger they are in, and what they say.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::conversation::ClientLine;

/// Somebody who is played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// A first name.
    pub name: String,
    /// Who they are and what brings them.
    pub about: String,
    /// How they write.
    pub style: String,
    /// How they take what the subject says.
    pub reaction: Reaction,
    /// The danger they are in.
    pub risk: RiskLevel,
    /// How openly they tell of it.
    pub disclosure: Openness,
    /// Their first words, whoever plays them; without it the player finds them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<ClientLine>,
    /// What they tell when, as instructions for a model that plays them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plan: Vec<String>,
    /// What they say where the offline client plays them; those of the table where a persona has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<PersonaLines>,
}

/// How a persona takes what the subject says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Reaction {
    /// Takes it up.
    Engaged,
    /// Takes little up, and opens when asked with care.
    Guarded,
    /// Pushes back.
    Resistant,
    /// Takes nothing up, and draws back.
    Disengaged,
}

/// The danger to life that a persona is in.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum RiskLevel {
    /// None.
    None,
    /// Passive thoughts, or a state that goes with them.
    Low,
    /// Thoughts without a plan.
    Moderate,
    /// Thoughts with a plan or the means in mind, and no intent for now.
    High,
    /// Intent for now.
    Immediate,
}

/// How openly a persona tells of the danger.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Openness {
    /// There is nothing to tell.
    None,
    /// In hints only, unless asked plainly.
    Low,
    /// In words, and takes them back.
    Moderate,
    /// Plainly.
    High,
}

/// What a persona says where the offline client plays it. Lines of a group read well in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonaLines {
    /// Said first.
    pub opening: ClientLine,
    /// Said while it withholds: hints at what it does not say.
    pub hints: Vec<ClientLine>,
    /// Said when it is asked well, in this order.
    pub discloses: Vec<ClientLine>,
    /// Said after a disclosure, to take it back in part.
    #[serde(default)]
    pub minimises: Vec<ClientLine>,
    /// Said after a disclosure, to see what the subject will do.
    #[serde(default)]
    pub tests_limits: Vec<ClientLine>,
    /// Said about anything else.
    pub small_talk: Vec<ClientLine>,
    /// Said last.
    pub closing: ClientLine,
}

impl PersonaLines {
    /// All lines, by group, in the order of the fields.
    pub fn all(&self) -> impl Iterator<Item = &ClientLine> {
        let groups =
            [&self.hints, &self.discloses, &self.minimises, &self.tests_limits, &self.small_talk];
        std::iter::once(&self.opening)
            .chain(groups.into_iter().flatten())
            .chain(std::iter::once(&self.closing))
    }
}
