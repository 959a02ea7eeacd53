//! Conversations of many turns: who has said what, who speaks next and what they are asked. Pure, as the walk is.

pub(crate) mod fidelity;
mod offline_client;
mod player;
mod signs;
pub(crate) mod speak;
mod talk;

pub use fidelity::{ClientBreak, Fidelity, fidelity};
pub use offline_client::OFFLINE_CLIENT;
pub use signs::ClientTables;
pub use talk::{Next, Said, Stop, Talk};

use serde::{Deserialize, Serialize};

use trustmh_core::digest::Digest;
use trustmh_core::item::{Client, Conversation, ItemContent};
use trustmh_core::trial::Trial;

/// Templates of what is told to whoever begins, and to a model that plays a persona, each with the variables that it is given.
pub(crate) const TEMPLATES: [(&str, &[&str]); 3] = [
    (crate::kind::conversation::OPENS, &[]),
    (player::TEMPLATE, player::PART),
    (player::BEGINS, player::PART),
];

/// Who plays personas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientRule {
    /// The offline client.
    Offline,
    /// A model.
    Model,
}

/// How a judge is asked the questions of a decision tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JudgeQuestions {
    /// All in one call.
    #[default]
    Together,
    /// Each in a call of its own, along the tree.
    Apart,
}

impl JudgeQuestions {
    /// Whether they are asked in one call.
    // serde hands over a reference.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub const fn are_together(&self) -> bool {
        matches!(self, Self::Together)
    }
}

/// The conversation of a trial, if it is one.
pub fn of(trial: &Trial) -> Option<&Conversation> {
    match &trial.item.content {
        ItemContent::Conversation(conversation) => Some(conversation),
        ItemContent::Dilemma(_)
        | ItemContent::PrivacyRating(_)
        | ItemContent::Secret(_)
        | ItemContent::Intent(_)
        | ItemContent::MultipleChoice(_)
        | ItemContent::Emotion(_)
        | ItemContent::Labelled(_)
        | ItemContent::Dialogue(_)
        | ItemContent::Action(_)
        | ItemContent::Rated(_) => None,
    }
}

/// A hash over all that an item says of a conversation.
pub fn fingerprint(conversation: &Conversation) -> Digest {
    // Serialising plain data into memory has no way to fail; an empty hash would still be compared.
    #[expect(clippy::expect_used, reason = "two conversations must not share the hash of nothing")]
    let bytes = serde_json::to_vec(conversation).expect("an item has only what JSON can hold");
    Digest::of(&bytes)
}

/// Whether somebody has to play the client of this trial.
pub fn is_played(trial: &Trial) -> bool {
    of(trial).is_some_and(|conversation| match conversation.client {
        Client::Simulated { .. } => true,
        Client::Scripted { .. } | Client::Recorded { .. } => false,
    })
}
