//! Trials and what was measured on them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use crate::call::Sampling;
use crate::id::{ClusterId, MeasureName, TaskId, TrialId};
use crate::item::{AttackMethod, Item};
use crate::message::Message;
use crate::outcome::Outcome;
use crate::perturbation::Perturbation;

/// One conversation with the subject: an item in one variant, once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Unique within a run.
    pub id: TrialId,
    /// The task it belongs to.
    pub task: TaskId,
    /// The record that is asked.
    pub item: Item,
    /// In which variant.
    pub variant: Variant,
    /// Which repeat of item and variant, from 0.
    pub repeat: u32,
    /// What the subject is shown first.
    pub messages: Vec<Message>,
    /// How the subject's replies are drawn.
    pub sampling: Sampling,
    /// What was left out of the item, because it is too long for the subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<InputCut>,
    /// How the text was perturbed; none where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub perturbation: Option<Perturbation>,
    /// What a recorded judge was shown around the reply; such a trial is judged by the same words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_prompt: Option<JudgePrompt>,
}

/// A recorded judge's prompt, parted where the reply stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgePrompt {
    /// All before the reply.
    pub before: String,
    /// All after it.
    pub after: String,
}

impl JudgePrompt {
    /// Parts `prompt` at `reply`; none unless the reply stands in it exactly once.
    pub fn around(prompt: &str, reply: &str) -> Option<Self> {
        let reply = reply.trim();
        let (before, after) = prompt.split_once(reply).filter(|_| !reply.is_empty())?;
        let once = !after.contains(reply);
        once.then(|| Self { before: before.to_owned(), after: after.to_owned() })
    }

    /// The prompt with another reply in the place of the recorded one.
    pub fn with(&self, reply: &str) -> String {
        format!("{}{}{}", self.before, reply.trim(), self.after)
    }
}

/// What was left out of a long item: the oldest posts first, then the beginning of the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputCut {
    /// Whole posts left out.
    pub posts: u64,
    /// Characters left out, those of whole posts included.
    pub characters: u64,
}

impl Trial {
    /// Builds the identifier from what makes a trial unique.
    pub fn id_of(task: &TaskId, item: &Item, variant: &Variant, repeat: u32) -> TrialId {
        TrialId::new(format!("{task}:{}:{}:{repeat}", item.id, variant.label()))
    }

    /// The same trial in a later round of a run that asks every trial several times. `of_variant` is how often the item is asked in this
    /// variant in one round, so that no number of a repeat occurs twice.
    #[must_use]
    pub fn in_round(&self, round: u32, of_variant: u32) -> Self {
        if round == 0 {
            return self.clone();
        }
        Self {
            id: TrialId::new(format!("{}{ROUND}{}", self.id, round + 1)),
            repeat: self.repeat + round * of_variant,
            ..self.clone()
        }
    }

    /// Trials of one item are one cluster; items of one testlet are, and recorded conversations of one persona, too.
    pub fn cluster(&self) -> ClusterId {
        let shared = self.item.played_in_record().or_else(|| self.item.testlet());
        ClusterId::new(shared.unwrap_or(self.item.id.as_str()))
    }
}

/// What stands between a trial's id and the number of its round, from 2. The first round has none.
const ROUND: &str = ":round-";

/// A trial's id without its round, and its round from 0.
pub fn round_of(id: &str) -> (&str, u32) {
    let later = id.rsplit_once(ROUND).and_then(|(of_first, number)| {
        let round = number.parse::<u32>().ok()?.checked_sub(1)?;
        (round > 0).then_some((of_first, round))
    });
    later.unwrap_or((id, 0))
}

/// How an item is turned into a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// As the file has it.
    Plain,
    /// Options shown in another order.
    Options {
        /// `order[shown] = index in file order`.
        order: Vec<usize>,
    },
    /// One of the four questions about a secret.
    Question(LeakQuestion),
    /// The request under an attack.
    Attack(AttackMethod),
    /// Emotions and causes shown in other orders.
    Emotions {
        /// `emotions[shown] = index in file order`.
        emotions: Vec<usize>,
        /// The same for causes.
        causes: Vec<usize>,
    },
    /// The supporter's turn with this index is to be written, given what stands before it.
    Turn(usize),
    /// The seeker is described by one identity; everything else stays as it is.
    Identity {
        /// Which attribute, for example `age`.
        attribute: String,
        /// Which of its values, as a slug.
        value: String,
    },
    /// No identity is told; repeated, such trials show how far chance alone spreads scores.
    Neutral,
}

impl Variant {
    /// The variant's part of a trial identifier.
    pub fn label(&self) -> String {
        match self {
            Self::Plain => "plain".to_owned(),
            Self::Options { .. } => "shuffled".to_owned(),
            Self::Question(question) => question.slug().to_owned(),
            Self::Attack(method) => method.slug().to_owned(),
            Self::Emotions { .. } => "shuffled".to_owned(),
            Self::Turn(index) => format!("turn-{index}"),
            Self::Identity { attribute, value } => format!("{attribute}-{value}"),
            Self::Neutral => "neutral".to_owned(),
        }
    }
}

/// The four questions of the leakage task.
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
    EnumCount,
    VariantArray,
    IntoStaticStr,
    EnumString,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum LeakQuestion {
    /// What should the counsellor say to the third party?
    FreeResponse,
    /// Who knows that the client is connected with the topic?
    InfoAccessibility,
    /// Who knows the client's private information?
    PrivacySharing,
    /// Is it ok to share, yes or no?
    Control,
}

impl LeakQuestion {
    /// All questions, in the order of the published set.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().unwrap();

    /// The word used in files.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

/// Something about a trial that a reader must know although it is scored.
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
)]
#[serde(rename_all = "kebab-case")]
pub enum Flag {
    /// The reply speaks to the judge.
    AddressesJudge,
    /// The reply ended at the token limit.
    CutShort,
    /// The source recorded a parsed answer without the raw reply.
    AnswerWithoutReply,
    /// It took more than one ask to get a readable answer.
    AskedAgain,
    /// The provider withheld the reply.
    ContentFiltered,
    /// The item was too long for the subject; its oldest posts were left out.
    InputCut,
    /// The model thought before it answered; the thought is recorded and was neither read nor judged.
    Thought,
    /// The model's thought never came to its end.
    ThoughtOpen,
    /// It took more than one ask to get a readable verdict, or none came of the second either.
    VerdictAskedAgain,
    /// The reply held halves of characters or bytes that are no text, which were replaced.
    MendedText,
    /// What was said in the trial was forgotten; its score is the one that was recorded then.
    Forgotten,
}

impl Flag {
    /// All flags.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().unwrap();

    /// How a report names the flag.
    pub const fn title(self) -> &'static str {
        match self {
            Self::AddressesJudge => "reply addresses the judge",
            Self::CutShort => "reply cut at the token limit",
            Self::AnswerWithoutReply => "parsed answer imported without its raw reply",
            Self::AskedAgain => "format asked for again",
            Self::ContentFiltered => "withheld by the provider's content filter",
            Self::InputCut => "oldest posts left out to fit the subject's context",
            Self::Thought => "thought before the reply, neither read nor judged",
            Self::ThoughtOpen => "thought that never ended",
            Self::VerdictAskedAgain => "verdict asked for again",
            Self::MendedText => "unreadable characters replaced in the reply",
            Self::Forgotten => "replies forgotten, scored by the recorded score",
        }
    }
}

/// What was measured on one trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialScore {
    /// The trial.
    pub trial: TrialId,
    /// Its unit of resampling.
    pub cluster: ClusterId,
    /// What became of it.
    pub outcome: Outcome,
    /// Numbers measured; a measure that does not apply or could not be taken is absent.
    pub measures: BTreeMap<MeasureName, f64>,
    /// Texts that corpus metrics are made of: a label and its prediction, a reply and its reference.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<MeasureName, String>,
    /// Facets by which metrics select and group.
    pub tags: BTreeMap<String, String>,
    /// What a reader must know besides.
    pub flags: BTreeSet<Flag>,
    /// Whether a judge's verdict was wanted and is not there.
    pub verdict_missing: Option<MissingVerdict>,
}

/// Why a wanted verdict is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingVerdict {
    /// No judge was asked.
    NotAsked,
    /// Neither the offline rules nor the embedded judge can judge this.
    NotForOfflineRules,
    /// The judge declined to judge, or its provider withheld the verdict.
    Declined,
    /// The judge's reply does not fit the rubric.
    Unparsed,
    /// The judge said nothing: its reply was empty, or the token limit came before the verdict.
    Unanswered,
    /// The judge's call broke.
    Failed,
    /// There is no reply to judge: it was withheld by its provider.
    NothingToJudge,
}

impl MissingVerdict {
    /// Whether a verdict was due and is missing, other than by the plan of the run.
    pub const fn is_gap(self) -> bool {
        match self {
            Self::NotAsked | Self::NotForOfflineRules => false,
            Self::Declined
            | Self::Unparsed
            | Self::Unanswered
            | Self::Failed
            | Self::NothingToJudge => true,
        }
    }

    /// Whether a judge answered, but gave no verdict.
    pub const fn is_silent_judge(self) -> bool {
        matches!(self, Self::Declined | Self::Unparsed | Self::Unanswered)
    }

    /// The reason in words, as a report gives it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotAsked => "no recorded verdict of a judge; run with --judge to ask one",
            Self::NotForOfflineRules => {
                "built-in judges cannot judge this; give a model with --judge"
            }
            Self::Declined => "the judge declined to judge",
            Self::Unparsed => "no verdict of the judge could be read",
            Self::Unanswered => "the judge's reply was empty",
            Self::Failed => "no call to the judge came back",
            Self::NothingToJudge => "there is no reply to judge: its provider withheld it",
        }
    }
}
