//! How old trials are, and which of them go together.

use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::path::Path;

use trustmh_core::digest::Digest;
use trustmh_core::id::TrialId;
use trustmh_core::item::{Client, ItemContent};
use trustmh_core::trial::Trial;

use super::Cutoff;
use crate::error::RunError;
use crate::journal::{self, Event};

type Half = [u8; 16];

/// Names in halves of hashes: a run of any length is looked through in little memory.
fn half(name: &str) -> Half {
    Digest::half(name)
}

/// What a journal tells of the age of its trials.
#[derive(Debug, Default)]
struct Ages {
    /// The last dated turn of recorded conversations, and the newest call of other trials. Trials without either are as old as the run.
    trials: HashMap<Half, Age>,
    /// Of each call the trial it was made for, and when it was made.
    calls: HashMap<Half, (Half, Option<Timestamp>)>,
    /// Pairs of trials that share a call.
    shared: Vec<(Half, Half)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Age {
    said: Option<Timestamp>,
    called: Option<Timestamp>,
}

impl Age {
    fn of(self, created: Timestamp) -> Timestamp {
        self.said.or(self.called).unwrap_or(created)
    }
}

/// The trials of a journal that go.
#[derive(Debug, Default)]
pub(super) struct Gone(HashSet<Half>);

impl Gone {
    /// Those that still have words and are of before the cutoff. Trials that share a call go together as soon as one of them does: what
    /// was said to one was said to the other.
    ///
    /// # Errors
    /// As [`journal::scan`].
    pub(super) fn of(path: &Path, created: Timestamp, cutoff: Cutoff) -> Result<Self, RunError> {
        let mut ages = Ages::default();
        journal::scan(path, |event, _| ages.take(&event))?;
        let goes = |age: &Age| match cutoff {
            Cutoff::All => true,
            Cutoff::Before(time) => age.of(created) < time,
        };
        let old = ages.trials.iter().filter(|(_, age)| goes(age)).map(|(trial, _)| *trial);
        let mut gone: HashSet<Half> = old.collect();
        loop {
            let before = gone.len();
            for (one, other) in &ages.shared {
                if gone.contains(one) || gone.contains(other) {
                    gone.extend(
                        [*one, *other].iter().filter(|half| ages.trials.contains_key(*half)),
                    );
                }
            }
            if gone.len() == before {
                return Ok(Self(gone));
            }
        }
    }

    pub(super) fn has(&self, trial: &TrialId) -> bool {
        self.0.contains(&half(trial.as_str()))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Ages {
    fn take(&mut self, event: &Event) {
        match event {
            Event::Session(_)
            | Event::Finish(_)
            | Event::Interrupted(_)
            | Event::Lesson(_)
            | Event::Forgotten(_)
            | Event::Scored(_)
            | Event::Forgot(_) => {}
            Event::Trial(trial) => {
                self.trials.entry(half(trial.id.as_str())).or_default().said = last_turn(trial);
            }
            Event::Call(call) => {
                let trial = half(call.trial.as_str());
                self.calls.insert(half(call.key.as_str()), (trial, call.at));
                self.called(trial, call.at);
            }
            Event::Reuse { key, trial, .. } => {
                let trial = half(trial.as_str());
                if let Some((owner, at)) = self.calls.get(&half(key.as_str())).copied() {
                    self.shared.push((owner, trial));
                    self.called(trial, at);
                }
            }
        }
    }

    fn called(&mut self, trial: Half, at: Option<Timestamp>) {
        let age = self.trials.entry(trial).or_default();
        age.called = age.called.max(at);
    }
}

/// When the last turn of a recorded conversation was said, of those that say when.
fn last_turn(trial: &Trial) -> Option<Timestamp> {
    let ItemContent::Conversation(conversation) = &trial.item.content else { return None };
    match &conversation.client {
        Client::Recorded { turns } => turns.iter().filter_map(|turn| turn.at).max(),
        Client::Scripted { .. } | Client::Simulated { .. } => None,
    }
}
