//! What a run needs of its journal to go on.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use trustmh_core::call::{CallEnd, CallKey, Purpose};
use trustmh_core::digest::Digest;
use trustmh_core::id::TrialId;

use super::read::{Lookup, Packed, scan};
use super::{Call, Event, Extent, Left, Place};
use crate::error::RunError;

/// What a run needs of its journal to go on: where each paid call stands, and which trials are there.
#[derive(Debug)]
pub struct Replay {
    lookup: Lookup,
    /// Offsets and lengths by key; the key itself stands at the place.
    calls: Mutex<HashMap<[u8; 16], Packed>>,
    trials: HashSet<[u8; 16]>,
    reuses: HashSet<([u8; 16], Purpose)>,
    /// Trials whose words were forgotten and whose score is recorded.
    scored: HashSet<[u8; 16]>,
    /// How far the journal could be read.
    pub extent: Extent,
}

impl Replay {
    /// Indexes the journal. Broken calls are left out: they may be tried again.
    ///
    /// # Errors
    /// As [`scan`].
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let mut calls = HashMap::new();
        let mut trials = HashSet::new();
        let mut reuses: HashSet<([u8; 16], Purpose)> = HashSet::new();
        let (mut scored, mut forgotten_trials) = (HashSet::new(), HashSet::new());
        let extent = scan(path, |event, place| match event {
            Event::Session(_)
            | Event::Finish(_)
            | Event::Interrupted(_)
            | Event::Lesson(_)
            | Event::Forgot(_) => {}
            Event::Forgotten(forgotten) => match &forgotten.left {
                Left::Trial(trial) => {
                    forgotten_trials.insert(Digest::half(trial.id.as_str()));
                }
                // What was said serves nobody any more: whoever needs it asks again.
                Left::Call(_) => {}
            },
            Event::Scored(of) => drop(scored.insert(Digest::half(of.score.trial().as_str()))),
            Event::Trial(trial) => drop(trials.insert(Digest::half(trial.id.as_str()))),
            Event::Call(call) => {
                if !matches!(call.end, CallEnd::Broken { .. }) {
                    calls.insert(Digest::half(call.key.as_str()), place.packed());
                }
            }
            Event::Reuse { trial, purpose, .. } => {
                reuses.insert((Digest::half(trial.as_str()), purpose));
            }
        })?;
        reuses.retain(|(trial, _)| !forgotten_trials.contains(trial));
        let calls = Mutex::new(calls);
        Ok(Self { lookup: Lookup::new(path), calls, trials, reuses, scored, extent })
    }

    /// How many calls are already paid for.
    pub fn paid(&self) -> usize {
        held(&self.calls).len()
    }

    /// Whether a finished call with this key is recorded.
    pub fn has_call(&self, key: &CallKey) -> bool {
        held(&self.calls).contains_key(&Digest::half(key.as_str()))
    }

    /// Takes note of a call that was just paid for, so that no other trial of the run pays again.
    pub fn note(&self, key: &CallKey, place: Place) {
        held(&self.calls).insert(Digest::half(key.as_str()), place.packed());
    }

    /// Whether the trial has been written.
    pub fn has_trial(&self, trial: &TrialId) -> bool {
        self.trials.contains(&Digest::half(trial.as_str()))
    }

    /// Whether the trial's words were forgotten and its score is recorded: there is nothing left to ask.
    pub fn has_score(&self, trial: &TrialId) -> bool {
        self.scored.contains(&Digest::half(trial.as_str()))
    }

    /// Whether it is recorded that another trial's call served this one.
    pub fn has_reuse(&self, trial: &TrialId, purpose: &Purpose) -> bool {
        self.reuses.contains(&(Digest::half(trial.as_str()), purpose.clone()))
    }

    /// The finished call with this key, read back from the journal.
    ///
    /// # Errors
    /// [`RunError::Io`] or [`RunError::Journal`] if the journal changed under the run.
    pub fn call(&self, key: &CallKey) -> Result<Option<Call>, RunError> {
        let Some(place) = held(&self.calls).get(&Digest::half(key.as_str())).copied() else {
            return Ok(None);
        };
        match self.lookup.event(place.unpacked())? {
            Event::Call(call) if call.key == *key => Ok(Some(*call)),
            _ => Err(self.lookup.changed("another event stands where the call was")),
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
