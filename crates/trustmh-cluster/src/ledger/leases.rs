//! Calls that come back without a result: from workers that gave no sign of life, or never got them.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use trustmh_core::call::CallKey;

use super::{Entry, Ledger, Place, State};
use crate::wire::Permit;

/// A worker may say so often that it never got a call, and it does not count.
const NEVER_GOT: u32 = 20;
/// A call that is held so much longer than its lease goes to another worker, whatever its holder says; but never sooner than...
const HELD_LEASES: u32 = 20;
/// ...after this time.
const HELD_AT_LEAST: Duration = Duration::from_secs(3600);

impl Ledger {
    /// An answer was never given: its calls were not begun.
    pub(crate) fn take_back(&mut self, permit: &Permit) {
        let Some(handing) = self.permits.remove(permit) else { return };
        if let Some(at) = handing.logged {
            self.logged.remove(&at);
        }
        for (key, kind) in handing.open {
            let place = Place { key, kind };
            let Some(entry) = self.calls.get_mut(&place) else { continue };
            entry.permits.retain(|other| other != permit);
            if matches!(&entry.state, State::Out(out) if out.permit == *permit) {
                entry.times = entry.times.saturating_sub(1);
                entry.state = State::Waiting;
                self.queue(&place);
            }
        }
    }

    /// Answers to these requests of a worker were lost on the way: their calls were not begun.
    pub(crate) fn lost(&mut self, session: &str, asks: &[u64]) {
        let never_got: Vec<Place> = self
            .calls
            .iter()
            .filter(|(_, entry)| {
                entry.never_got < NEVER_GOT
                    && matches!(&entry.state, State::Out(out) if out.session == session && asks.contains(&out.ask))
            })
            .map(|(place, _)| place.clone())
            .collect();
        for place in never_got {
            if let Some(entry) = self.calls.get_mut(&place) {
                entry.never_got += 1;
                entry.times = entry.times.saturating_sub(1);
                entry.state = State::Waiting;
            }
            self.queue(&place);
        }
    }

    /// A worker still has these.
    pub(crate) fn hold(&mut self, session: &str, keys: &[CallKey], now: Instant) {
        let longest = (self.lease * HELD_LEASES).max(HELD_AT_LEAST);
        for place in keys.iter().flat_map(|key| [Place::of_run(key), Place::audit(key)]) {
            if let Some(Entry { state: State::Out(out), .. }) = self.calls.get_mut(&place)
                && out.session == session
                && now.duration_since(out.since) < longest
            {
                out.until = now + self.lease;
            }
        }
    }

    /// Nobody could be heard until now: no lease runs out for it.
    pub(crate) fn was_deaf(&mut self, now: Instant) {
        for entry in self.calls.values_mut() {
            if let State::Out(out) = &mut entry.state {
                out.until = out.until.max(now + self.lease);
            }
        }
    }

    /// Calls whose leases ran out go to others. Names the sessions that let them run out: whether these are there, only their next word tells.
    pub(crate) fn lapse(&mut self, now: Instant) -> HashSet<String> {
        let mut silent = HashSet::new();
        let lapsed: Vec<Place> = self
            .calls
            .iter()
            .filter(|(_, entry)| matches!(&entry.state, State::Out(out) if out.until <= now))
            .map(|(place, _)| place.clone())
            .collect();
        for place in &lapsed {
            let Some(entry) = self.calls.get_mut(place) else { continue };
            if let State::Out(out) = &entry.state {
                silent.insert(out.session.clone());
                if !self.workers.was_heard(&out.session, self.lease, now) {
                    entry.deaths += 1;
                    self.dead.insert(out.session.clone());
                }
            }
            entry.state = State::Waiting;
        }
        for place in &lapsed {
            self.queue(place);
        }
        silent
    }
}
