//! Workers as a coordinator knows them: who was heard of, and who is given nothing.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use trustmh_core::id::ModelId;

use crate::setup::PRESENCE;

/// A worker whose endpoint could not be reached is given calls of that model again after this time.
const UNREACHABLE: Duration = Duration::from_secs(15);
/// So many results that cannot be used, and a worker is given nothing more.
const BAD: u32 = 3;
/// A worker that was not heard of for so long is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(3600);
/// No more workers than this are known at once.
const MOST: usize = 10_000;

/// A worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkerSession {
    pub(crate) worker: String,
    pub(crate) session: String,
}

#[derive(Debug)]
struct WorkerState {
    worker: String,
    served: Vec<ModelId>,
    last: Instant,
    /// Models it is given no calls of, and until when, if that ends.
    barred: HashMap<ModelId, Option<Instant>>,
    answered: HashSet<ModelId>,
    bad: u32,
}

/// How long a worker gets no calls of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exclusion {
    /// Until it is started anew.
    ForGood,
    /// For a while.
    ForAWhile,
}

/// The workers of a run.
#[derive(Debug, Default)]
pub(crate) struct Workers(HashMap<String, WorkerState>);

impl Workers {
    /// A worker spoke.
    pub(crate) fn heard(&mut self, who: &WorkerSession, served: Vec<ModelId>, now: Instant) {
        if let Some(seen) = self.0.get_mut(&who.session) {
            (seen.served, seen.last) = (served, now);
            return;
        }
        if self.0.len() >= MOST {
            self.0.retain(|_, seen| now.duration_since(seen.last) < FORGOTTEN);
        }
        if self.0.len() < MOST {
            let seen = WorkerState {
                worker: who.worker.clone(),
                served,
                last: now,
                barred: HashMap::new(),
                answered: HashSet::new(),
                bad: 0,
            };
            self.0.insert(who.session.clone(), seen);
        }
    }

    /// A reply of a model came from a worker.
    pub(crate) fn answered(&mut self, session: &str, model: &ModelId) {
        if let Some(seen) = self.0.get_mut(session)
            && !seen.answered.contains(model)
        {
            seen.answered.insert(model.clone());
        }
    }

    /// Whether a reply of this model ever came from the worker.
    pub(crate) fn has_answered(&self, session: &str, model: &ModelId) -> bool {
        self.0.get(session).is_some_and(|seen| seen.answered.contains(model))
    }

    /// Gives a worker no calls of a model.
    pub(crate) fn bar(&mut self, session: &str, model: &ModelId, bar: Exclusion, now: Instant) {
        if let Some(seen) = self.0.get_mut(session) {
            let until = match bar {
                Exclusion::ForGood => None,
                Exclusion::ForAWhile => Some(now + UNREACHABLE),
            };
            seen.barred.insert(model.clone(), until);
        }
    }

    /// Gives a worker calls of a model again.
    pub(crate) fn unbar(&mut self, session: &str, model: &ModelId) {
        if let Some(seen) = self.0.get_mut(session) {
            seen.barred.remove(model);
        }
    }

    /// A worker brought what cannot be used. Says whether that was once too often.
    pub(crate) fn brought_bad(&mut self, session: &str) -> bool {
        self.0.get_mut(session).is_some_and(|seen| {
            seen.bad += 1;
            seen.bad == BAD
        })
    }

    /// Whether a worker gets no calls of a model.
    pub(crate) fn is_barred(&self, session: &str, model: &ModelId, now: Instant) -> bool {
        self.0.get(session).is_some_and(|seen| seen.is_barred(model, now))
    }

    /// Whether a worker was heard of within the last `lease`.
    pub(crate) fn was_heard(&self, session: &str, lease: Duration, now: Instant) -> bool {
        self.0.get(session).is_some_and(|seen| now.duration_since(seen.last) < lease)
    }

    /// Whether somebody serves a model who gets calls.
    pub(crate) fn serves(&self, model: &ModelId, now: Instant) -> bool {
        self.0.values().any(|seen| seen.serves(model, now))
    }

    /// Whether somebody serves a model who gets calls, and is called otherwise.
    pub(crate) fn others_serve(&self, model: &ModelId, than: &str, now: Instant) -> bool {
        self.0.values().any(|seen| seen.worker != than && seen.serves(model, now))
    }
}

impl WorkerState {
    fn is_barred(&self, model: &ModelId, now: Instant) -> bool {
        let barred = self.barred.get(model);
        self.bad >= BAD || barred.is_some_and(|until| until.is_none_or(|until| now < until))
    }

    fn serves(&self, model: &ModelId, now: Instant) -> bool {
        now.duration_since(self.last) < PRESENCE
            && self.served.contains(model)
            && !self.is_barred(model, now)
    }
}
