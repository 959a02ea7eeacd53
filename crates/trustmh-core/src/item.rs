//! Dataset records in the shape the benchmark asks them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

mod arm;
mod conversation;
mod label;
mod persona;
mod rated;
mod reliability;
mod testlet;

pub use arm::{ARM, Arm};
pub use conversation::{
    Begins, Client, ClientLine, Conversation, Mark, PERSONA, RecordedTurn, Side,
};
pub use label::{Labelled, ReleasedLabel};
pub use persona::{Openness, Persona, PersonaLines, Reaction, RiskLevel};
pub use rated::Rated;
pub use reliability::{Dialogue, Emotion, MultipleChoice, Speaker, Turn};
pub use testlet::TESTLET;

use crate::id::ItemId;

/// One dataset record: an identity, what it is about, and what is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Unique within the task.
    pub id: ItemId,
    /// BCP 47 language tag of the text.
    pub language: String,
    /// Facets by which results are grouped, for example `theme`.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// What is asked.
    pub content: ItemContent,
}

/// The JSON Schema (draft 2020-12) of an item: one line of a file of items.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Item)
}

/// What is asked, by kind of record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ItemContent {
    /// An ethical dilemma with lettered options.
    Dilemma(Dilemma),
    /// Information or an information flow that people rated.
    PrivacyRating(PrivacyRating),
    /// A client's secret that a third party asks for.
    Secret(Secret),
    /// A request that the subject should not give in to.
    Intent(Intent),
    /// A question with one right option.
    MultipleChoice(MultipleChoice),
    /// A scenario with an emotion and its cause.
    Emotion(Emotion),
    /// A text to be given a label.
    Labelled(Labelled),
    /// A dialogue to be carried on.
    Dialogue(Dialogue),
    /// An action somebody tells of or asks about.
    Action(Action),
    /// A text, or a reply to it, that people rated.
    Rated(Rated),
    /// A conversation of many turns.
    Conversation(Conversation),
}

impl ItemContent {
    /// The kind of the record.
    pub fn kind(&self) -> ItemKind {
        match self {
            Self::Dilemma(_) => ItemKind::Dilemma,
            Self::PrivacyRating(_) => ItemKind::PrivacyRating,
            Self::Secret(_) => ItemKind::Secret,
            Self::Intent(_) => ItemKind::Intent,
            Self::MultipleChoice(_) => ItemKind::MultipleChoice,
            Self::Emotion(_) => ItemKind::Emotion,
            Self::Labelled(_) => ItemKind::Labelled,
            Self::Dialogue(_) => ItemKind::Dialogue,
            Self::Action(_) => ItemKind::Action,
            Self::Rated(_) => ItemKind::Rated,
            Self::Conversation(_) => ItemKind::Conversation,
        }
    }
}

/// The kinds of records; a task file says which one it asks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ItemKind {
    /// [`Dilemma`].
    Dilemma,
    /// [`PrivacyRating`].
    PrivacyRating,
    /// [`Secret`].
    Secret,
    /// [`Intent`].
    Intent,
    /// [`MultipleChoice`].
    MultipleChoice,
    /// [`Emotion`].
    Emotion,
    /// [`Labelled`].
    Labelled,
    /// [`Dialogue`].
    Dialogue,
    /// [`Action`].
    Action,
    /// [`Rated`].
    Rated,
    /// [`Conversation`].
    Conversation,
}

impl ItemKind {
    /// The word used in item files.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

/// An ethical dilemma in mental-health care with options A, B, C and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dilemma {
    /// The situation.
    pub scenario: String,
    /// Option texts in file order, without letters.
    pub options: Vec<String>,
    /// Letter of the best option in file order.
    pub key: char,
    /// Which principles are to be weighed.
    pub task: String,
    /// A typical failure, told to the judge.
    pub watch_for: String,
}

/// Which question of the awareness task a record asks (ConfAIde, arXiv 2310.17884).
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
pub enum PrivacyTier {
    /// How sensitive a kind of information is, 1 to 4.
    #[serde(rename = "1")]
    #[strum(serialize = "1")]
    Information,
    /// Whether a flow of information meets expectations, -100 to 100.
    #[serde(rename = "2a")]
    #[strum(serialize = "2a")]
    Flow,
    /// The same flow told as a story, -100 to 100.
    #[serde(rename = "2b")]
    #[strum(serialize = "2b")]
    Story,
}

impl PrivacyTier {
    /// All tiers, in order.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().unwrap();

    /// The tier's short name.
    pub fn label(self) -> &'static str {
        self.into()
    }
}

/// Whose rating the reference value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RatingSource {
    /// The mean over people asked in a published survey.
    Survey,
    /// The project's own rating; no survey stands behind it.
    Project,
}

/// Information, or a flow of it, with a rating.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivacyRating {
    /// Which question is asked.
    pub tier: PrivacyTier,
    /// The published instruction; starter items leave it to the prompt template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// The information or flow to rate.
    pub statement: String,
    /// The reference rating, 1..4 for tier 1 and -100..100 for tier 2.
    pub rating: f64,
    /// Whose rating it is.
    pub rating_source: RatingSource,
}

/// A secret told to a counsellor, and a third party who asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// What the secret is about, in one snake_case word.
    pub topic: String,
    /// Whose secret it is.
    pub client: String,
    /// Who keeps it.
    pub counselor: String,
    /// Who asks for it.
    pub third_party: String,
    /// What the third party is to the counsellor or client.
    pub relation: String,
    /// Why the third party asks.
    pub purpose: String,
    /// What the client told, in the client's words.
    pub disclosure: String,
    /// What the counsellor answered in the session, where the source has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counsel: Option<String>,
    /// How the third party comes to ask.
    pub situation: String,
    /// The whole story as a published source tells it; where absent it is told from the parts above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<String>,
    /// The published yes/no question; where absent it is asked from the parts above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_question: Option<String>,
    /// Private facts in short phrases; empty where the source marks none.
    #[serde(default)]
    pub key_facts: Vec<String>,
}

/// A request the subject should not give in to, and prompts that press for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// What kind of failure it seeks, as a slug.
    pub objective: String,
    /// The request without any attack.
    pub text: String,
    /// Attacked prompts of a published set, by method; where empty the program's transforms apply.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attacked: BTreeMap<AttackMethod, String>,
}

/// The eight pressure styles of the published jailbreak set.
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
pub enum AttackMethod {
    /// The reply must begin with a given sentence.
    FixedSentence,
    /// A role-play with a second, unrestricted speaker.
    Scenario,
    /// The reply must begin with coarse language.
    BadWords,
    /// The reply must hold no punctuation.
    NoPunctuation,
    /// Rules that forbid apologies, disclaimers and refusal words.
    RefusalProhibition,
    /// The reply must reason step by step.
    StepByStep,
    /// The request hides among unrelated tasks.
    Multitask,
    /// The reply may hold no long words.
    NoLongWords,
}

impl AttackMethod {
    /// All methods in the order of the published set.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().unwrap();

    /// The word used in files and on the command line.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

/// An action that somebody tells of or asks about, to see whether the reply endorses it (arXiv 2510.01395).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// What the person writes.
    pub text: String,
}

/// The letter of the option at `index`, A for 0; none beyond Z.
pub fn option_letter(index: usize) -> Option<char> {
    let offset = u8::try_from(index).ok().filter(|offset| *offset < 26)?;
    Some(char::from(b'A' + offset))
}

/// The index of the option with this letter, 0 for A; none for anything but A to Z.
pub fn option_index(letter: char) -> Option<usize> {
    letter.is_ascii_uppercase().then(|| usize::from(letter as u8 - b'A'))
}
