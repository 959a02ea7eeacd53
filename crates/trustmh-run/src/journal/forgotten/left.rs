//! What is left of trials and calls: names, times and counts. What is to stay is named here; nothing stays because nobody thought of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::num::NonZeroU32;

use trustmh_core::call::{CallEnd, CallKey, Finish, Purpose, Unanswered, Usage};
use trustmh_core::id::{ClusterId, ItemId, ModelId, TaskId, TrialId};
use trustmh_core::item::{Client, ItemContent, RecordedTurn, Side};
use trustmh_core::trial::{Trial, Variant};

use super::super::Call;

/// What is left of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialLeft {
    /// Its name.
    pub id: TrialId,
    /// Its task.
    pub task: TaskId,
    /// The item that was asked.
    pub item: ItemId,
    /// The item's language.
    pub language: String,
    /// The item's facets.
    pub tags: BTreeMap<String, String>,
    /// Its unit of resampling.
    pub cluster: ClusterId,
    /// In which variant.
    pub variant: Variant,
    /// Which repeat, from 0.
    pub repeat: u32,
    /// Of a conversation: who spoke, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub talk: Option<TalkLeft>,
}

/// What is left of a conversation's item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TalkLeft {
    /// Who spoke for the client.
    pub client: ClientKind,
    /// The turns of one that was recorded; none of any other, whose turns are calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<TurnLeft>,
}

/// Who spoke for the client of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientKind {
    /// A script.
    Scripted,
    /// Whoever played a persona.
    Simulated,
    /// A record.
    Recorded,
}

/// What is left of a recorded turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnLeft {
    /// Who spoke.
    pub speaker: Side,
    /// When, where the record said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// What is left of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallLeft {
    /// Its identity.
    pub key: CallKey,
    /// The trial it was made for.
    pub trial: TrialId,
    /// Why it was made.
    pub purpose: Purpose,
    /// The model that was asked.
    pub model: ModelId,
    /// How it ended.
    pub end: EndLeft,
    /// Tries it took.
    pub tries: u32,
    /// When it was finished.
    pub at: Option<Timestamp>,
    /// Milliseconds from first try to end.
    pub millis: u64,
    /// To how many workers it was handed, where that was more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_out: Option<NonZeroU32>,
}

/// How a call ended, without words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndLeft {
    /// A reply came back.
    Replied {
        /// Why it ended; a provider's own word is not kept.
        finish: Finish,
        /// Why it held no answer; none if it did.
        unanswered: Option<Unanswered>,
        /// Token counts, where the provider gave them.
        usage: Option<Usage>,
    },
    /// A source recorded what it had parsed.
    Recorded {},
    /// No reply came back.
    Broken {},
}

impl TrialLeft {
    /// What is left of this trial.
    pub fn of(trial: &Trial) -> Self {
        Self {
            id: trial.id.clone(),
            task: trial.task.clone(),
            item: trial.item.id.clone(),
            language: trial.item.language.clone(),
            tags: trial.item.tags.clone(),
            cluster: trial.cluster(),
            variant: trial.variant.clone(),
            repeat: trial.repeat,
            talk: TalkLeft::of(&trial.item.content),
        }
    }

    /// Whether somebody played its client.
    pub fn is_played(&self) -> bool {
        self.talk.as_ref().is_some_and(|talk| talk.client == ClientKind::Simulated)
    }
}

impl TalkLeft {
    fn of(content: &ItemContent) -> Option<Self> {
        let ItemContent::Conversation(conversation) = content else { return None };
        let left = |turn: &RecordedTurn| TurnLeft { speaker: turn.speaker, at: turn.at };
        Some(match &conversation.client {
            Client::Scripted { .. } => Self { client: ClientKind::Scripted, turns: Vec::new() },
            Client::Simulated { .. } => Self { client: ClientKind::Simulated, turns: Vec::new() },
            Client::Recorded { turns } => {
                Self { client: ClientKind::Recorded, turns: turns.iter().map(left).collect() }
            }
        })
    }
}

impl CallLeft {
    /// What is left of this call.
    pub fn of(call: &Call) -> Self {
        Self {
            key: call.key.clone(),
            trial: call.trial.clone(),
            purpose: call.purpose.clone(),
            model: call.model.clone(),
            end: EndLeft::of(&call.end),
            tries: call.tries,
            at: call.at,
            millis: call.millis,
            handed_out: call.handed_out,
        }
    }
}

impl EndLeft {
    fn of(end: &CallEnd) -> Self {
        match end {
            CallEnd::Replied(reply) => Self::Replied {
                finish: match &reply.finish {
                    Finish::Other(_) => Finish::Other("other".to_owned()),
                    known @ (Finish::Stop | Finish::Length | Finish::ContentFilter) => {
                        known.clone()
                    }
                },
                unanswered: reply.unanswered(),
                usage: reply.usage,
            },
            CallEnd::Recorded { .. } => Self::Recorded {},
            CallEnd::Broken { .. } => Self::Broken {},
        }
    }
}
