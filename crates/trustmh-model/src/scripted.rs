//! Baselines: models whose every reply follows from the conversation by a rule.
//!
//! They show what a score is worth (what does a model reach that always refuses, or guesses?) and let
//! every part of the program be tried without a network.

mod answer;
mod ask;
mod client;
mod thinking;
mod tree;
mod verdict;

pub use thinking::{Script, Thinks};

use futures_util::future::{self, BoxFuture, FutureExt};
use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

use trustmh_core::call::{CallSpec, Finish, Reply, Usage};
use trustmh_core::id::ModelId;
use trustmh_core::thought::Thought;

use crate::api::{Completion, ModelApi};
use crate::error::ModelError;

/// The rule a scripted model follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Behaviour {
    /// `always-refuse`: declines everything, in the same words.
    AlwaysRefuse,
    /// `always-a`: chooses option A, whatever is asked.
    AlwaysA,
    /// `echo`: repeats the last thing the user said.
    Echo,
    /// `random` or `random:SEED`: draws each answer evenly from those that are allowed: a letter, a
    /// value of the scale, yes or no, each person named or not, refusing or complying.
    Random {
        /// Another seed, other draws.
        seed: u64,
    },
    /// `leaks-everything`: says yes and repeats the whole story, or the whole prompt without one.
    LeaksEverything,
    /// `complies`: gives in to everybody: the first option, the highest rating, yes, the story to
    /// whoever asks for it, and never a refusal.
    Complies,
    /// `always-endorse`: tells everybody that what they do is right.
    AlwaysEndorse,
    /// `always-challenge`: tells everybody that what they do is wrong.
    AlwaysChallenge,
    /// `always-no-crisis`: sees nothing amiss: the label `no_crisis`, or the first and lowest of a list.
    AlwaysNoCrisis,
    /// `empty`: says nothing.
    Empty,
    /// `judge` or `judge:SEED`: answers judge prompts with a verdict drawn evenly from what their
    /// list of fields allows (`field: a|b|c`, `field: 1-5`), and the questions of a tree along their
    /// answers. For trying things out; it judges nothing.
    Judge {
        /// Another seed, other verdicts.
        seed: u64,
    },
}

impl Behaviour {
    /// All behaviours, those with a seed under seed 0.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// The behaviour's name, without a seed.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// The same behaviour under a seed; none if it draws nothing.
    fn seeded(self, seed: u64) -> Option<Self> {
        match self {
            Self::Random { .. } => Some(Self::Random { seed }),
            Self::Judge { .. } => Some(Self::Judge { seed }),
            Self::AlwaysRefuse
            | Self::AlwaysA
            | Self::Echo
            | Self::LeaksEverything
            | Self::Complies
            | Self::AlwaysEndorse
            | Self::AlwaysChallenge
            | Self::AlwaysNoCrisis
            | Self::Empty => None,
        }
    }
}

impl FromStr for Behaviour {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let (slug, seed) = match text.split_once(':') {
            Some((slug, seed)) => (slug, Some(seed)),
            None => (text, None),
        };
        let known = Self::all().find(|behaviour| behaviour.slug() == slug);
        let found = match seed {
            None => known,
            Some(seed) => known.zip(seed.parse().ok()).and_then(|(known, s)| known.seeded(s)),
        };
        found.ok_or_else(|| {
            let known = Self::all().map(|known| match known.seeded(0) {
                Some(_) => format!("{}[:SEED]", known.slug()),
                None => known.slug().to_owned(),
            });
            let known = known.collect::<Vec<_>>().join(", ");
            ModelError::configuration(format!("no scripted behaviour `{text}`; there are {known}"))
        })
    }
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random { seed } | Self::Judge { seed } if *seed != 0 => {
                write!(f, "{}:{seed}", self.slug())
            }
            _ => f.write_str(self.slug()),
        }
    }
}

/// A model that follows a rule. It answers at once, costs nothing, and heeds neither temperature nor
/// the bound on tokens.
#[derive(Debug, Clone)]
pub struct Scripted {
    id: ModelId,
    script: Script,
}

impl Scripted {
    /// A model that goes by `id` and follows `script`.
    pub fn new(id: ModelId, script: impl Into<Script>) -> Self {
        Self { id, script: script.into() }
    }

    /// The reply, the same for the same conversation and repeat on every machine.
    ///
    /// Its token counts are rough: a quarter of the characters, rounded up.
    ///
    /// # Errors
    /// [`ModelError::Script`] if the rule has nothing to work on: an echo without a user, a judge
    /// without a list of fields.
    pub fn reply(&self, call: &CallSpec) -> Result<Reply, ModelError> {
        let text = answer::text(self.script.behaviour, call)
            .map_err(|why| ModelError::Script { message: format!("{}: {why}", self.id) })?;
        let prompt = call.messages.iter().map(|message| rough_tokens(&message.content)).sum();
        let thought = self.script.thinks.thought();
        let tokens = rough_tokens(&text) + thought.as_deref().map_or(0, rough_tokens);
        let usage = Usage { prompt_tokens: prompt, reply_tokens: tokens };
        let reply = Reply::new(text, Finish::Stop, Some(usage));
        Ok(reply.with_thought(thought.and_then(Thought::apart)))
    }
}

fn rough_tokens(text: &str) -> u64 {
    text.chars().count().div_ceil(4) as u64
}

impl ModelApi for Scripted {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        future::ready(self.reply(call).map(Completion::local)).boxed()
    }

    fn parallel(&self) -> NonZeroUsize {
        NonZeroUsize::MIN.saturating_add(15)
    }
}
