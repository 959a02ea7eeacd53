//! The rules of a protocol: how a task asks, reads and judges.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use trustmh_core::call::Sampling;
use trustmh_core::id::RubricId;
use trustmh_core::perturbation::Family;

/// The rules of both protocols.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProtocolRules {
    /// As the release did it.
    pub reference: ProtocolRule,
    /// As it should be done.
    pub corrected: ProtocolRule,
}

/// How one protocol asks and reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProtocolRule {
    /// What sets this protocol apart, for readers of reports.
    pub summary: String,
    /// Of the reference protocol: whether it is known that the release did so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<ReleaseBasis>,
    /// What of it is known, and what is inferred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis_note: Option<String>,
    /// How damaged published text is read.
    pub decoding: TextDecoding,
    /// How items become trials.
    pub expansion: Expansion,
    /// Whether trials are asked again with perturbed texts, beside the clean ones.
    #[serde(default)]
    pub perturbation: PerturbationPlan,
    /// Starter sets that are always asked too, each as an arm of its own.
    #[serde(default)]
    pub also: Vec<String>,
    /// Template in benchmark/prompts, without ending.
    pub prompt: String,
    /// Whether a dialogue is shown as messages of its own.
    #[serde(default, skip_serializing_if = "Roles::is_text")]
    pub roles: Roles,
    /// Template that restates the format; needed when `reasks` is above 0.
    #[serde(default)]
    pub reask: Option<String>,
    /// How the reply is read.
    pub parser: ParserKind,
    /// How often an unreadable reply is asked for again.
    pub reasks: u8,
    /// What a reply counts for from which no label could be read.
    #[serde(default)]
    pub unread_label: UnreadLabel,
    /// The judge's rubrics, one call each; empty where nothing is judged. Where there is a rubric with the
    /// item's language at the end of its name, that one is used.
    #[serde(default)]
    pub rubrics: Vec<RubricId>,
    /// Of a conversation: the rubrics by which each reply of the subject is judged in the light of all before it, one call each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turn_rubrics: Vec<RubricId>,
    /// Softmax temperature of the subject.
    pub temperature: f64,
    /// Upper bound of the subject's reply, in its tokens.
    pub max_tokens: u32,
    /// The rubrics of arms that are judged by others than the rest, by the arm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arm_rubrics: BTreeMap<String, Vec<RubricId>>,
}

impl ProtocolRule {
    /// What is known of the release and what is inferred, in words; none where the task file does not say.
    pub fn known(&self) -> Option<String> {
        let basis = self.basis?;
        Some(match &self.basis_note {
            Some(note) => format!("{}: {note}", basis.title()),
            None => basis.title().to_owned(),
        })
    }

    /// The rubrics by which trials of an arm are judged: its own, or those of all.
    pub fn rubrics_of(&self, arm: Option<&String>) -> &[RubricId] {
        arm.and_then(|arm| self.arm_rubrics.get(arm)).unwrap_or(&self.rubrics)
    }

    /// The rubrics for replies, or for whole conversations, those of arms last.
    pub fn reply_rubrics(&self) -> impl Iterator<Item = &RubricId> {
        self.rubrics.iter().chain(self.arm_rubrics.values().flatten())
    }

    /// All rubrics, those of arms and of turns last.
    pub fn all_rubrics(&self) -> impl Iterator<Item = &RubricId> {
        self.reply_rubrics().chain(&self.turn_rubrics)
    }

    /// How the subject's replies are drawn.
    pub fn sampling(&self) -> Sampling {
        Sampling {
            temperature: self.temperature,
            max_tokens: self.max_tokens,
            seed: None,
            thinking_tokens: None,
        }
    }
}

/// Whether it is known that the release did what a protocol says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseBasis {
    /// It was read in the release, or its recorded numbers come back.
    Published,
    /// It fits what is public of the release, and could be otherwise.
    Inferred,
}

impl ReleaseBasis {
    /// In words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Published => "known of the release",
            Self::Inferred => "inferred in part",
        }
    }
}

/// What a reply counts for from which no label, or no rating with a key, could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnreadLabel {
    /// A wrong answer; a rating counts as the end of the scale farthest from its key.
    #[default]
    Wrong,
    /// Nothing: it is left out.
    LeftOut,
    /// A wrong answer, and in each figure of levels the worst that it could be for the item: the level farthest from its own,
    /// under-rated and over-rated wherever that can be.
    WorstLevel,
}

/// How damaged published text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TextDecoding {
    /// As the release read it, damage included.
    AsReleased,
    /// Repaired to what its authors wrote.
    Repaired,
}

/// How an item becomes trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Expansion {
    /// One trial as the file has it.
    Plain,
    /// One trial with its options in a seeded order.
    ShuffledOptions,
    /// One trial for each of the four questions about a secret.
    Questions,
    /// One trial for each of the eight attack methods; one without any for an item of an arm aside.
    Attacks,
    /// The same, and one without any attack; an item of an arm aside only without.
    AttacksAndPlain,
    /// Supporter turns that follow a seeker's, at most two a dialogue, after the last six turns.
    SupporterTurns,
    /// A reply to every seeker turn, after the whole history.
    ClientTurns,
    /// A reply to the last seeker turn for every identity told, and repeatedly for none.
    Identities,
    /// The same, and for every neutral line in the place of the repeats.
    IdentitiesAndNeutral,
}

/// How the turns of a dialogue reach the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Roles {
    /// Printed in one message of the user, with the instructions.
    #[default]
    Text,
    /// As messages of user and assistant, below the instructions in a system message. Turns of one side in a row are one message; what stands
    /// before the first of the seeker's turns is given to the template.
    Chat,
}

impl Roles {
    fn is_text(&self) -> bool {
        *self == Self::Text
    }
}

/// Whether trials are asked again with perturbed texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PerturbationPlan {
    /// No.
    #[default]
    None,
    /// By each family at each level: nine perturbed trials for a clean one.
    Families,
    /// By all families on top of each other, at each level: three for a clean one.
    Stacked,
}

impl PerturbationPlan {
    /// The families that are used.
    pub fn families(self) -> &'static [Family] {
        match self {
            Self::None => &[],
            Self::Families => &[Family::Character, Family::Word, Family::Sentence],
            Self::Stacked => &[Family::Stacked],
        }
    }
}

/// How a reply is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ParserKind {
    /// Fenced JSON, whole JSON, else the first letter A-D that stands alone in any case.
    ChoiceAsReleased,
    /// Fenced JSON, bare JSON, an explicit answer, a lone letter; never the article "a".
    Choice,
    /// The integer before a bracket, else the first phrase of the release's list.
    RatingAsReleased,
    /// A value of the scale, as a number or in words, signs included.
    Rating,
    /// The text after the first "Answer:", else the whole reply.
    TextAfterAnswer,
    /// The whole reply.
    Text,
    /// Two letters, of the emotion and of its cause.
    EmotionAndCause,
    /// One label of the item's scheme, named plainly.
    Label,
    /// The same, but a post without a readable label is `other`, as the release has it.
    LabelAsReleased,
}
