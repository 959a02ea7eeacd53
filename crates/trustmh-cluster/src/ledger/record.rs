//! What stands in the log of hand-outs, which the next coordinator reads.

use std::collections::HashMap;
use std::time::Instant;

use trustmh_core::call::CallKey;

use super::{Entry, Kind, Ledger, OpenGrant, Out, OutstandingGrant, Place, State, WorkerSession};
use crate::wire::Permit;

impl Ledger {
    /// An earlier coordinator handed these out, and may not have got their results.
    pub(crate) fn recall(
        &mut self,
        permit: Permit,
        who: WorkerSession,
        calls: Vec<(CallKey, u32)>,
        logged: u64,
        until: Instant,
        now: Instant,
    ) {
        let mut open = HashMap::new();
        for (key, time) in calls {
            let entry = self.calls.entry(Place::of_run(&key)).or_insert_with(Entry::recalled);
            entry.times = entry.times.max(time);
            // One that was written down twice counts once.
            if !entry.permits.contains(&permit) {
                entry.permits.push(permit.clone());
            }
            let (session, permit) = (who.session.clone(), permit.clone());
            entry.state = State::Out(Out { session, permit, ask: 0, since: now, until });
            open.insert(key, Kind::Run);
        }
        if !open.is_empty() {
            if let Some(before) = self.permits.get(&permit).and_then(|handing| handing.logged) {
                self.logged.remove(&before);
            }
            self.logged.insert(logged, permit.clone());
            self.end = self.end.max(logged);
            self.permits.insert(permit, OpenGrant { who, logged: Some(logged), after: 0, open });
        }
    }

    /// An answer stands in the log.
    pub(crate) fn logged(&mut self, permit: &Permit, at: u64) {
        self.end = self.end.max(at);
        if let Some(handing) = self.permits.get_mut(permit) {
            if let Some(before) = handing.logged.replace(at) {
                self.logged.remove(&before);
            }
            self.logged.insert(at, permit.clone());
        }
    }

    /// What stands in the log before this place is over.
    pub(crate) fn over_before(&self) -> Option<u64> {
        let open = self.logged.keys().next().copied()?;
        let being_written = self.permits.values().filter(|handing| handing.logged.is_none());
        Some(being_written.map(|handing| handing.after + 1).fold(open, u64::min))
    }

    /// What is out by answers in the log, to be written there again: a server that was killed may have forgotten the last of it.
    pub(crate) fn still_out(&self) -> Vec<OutstandingGrant> {
        let logged = self.permits.iter().filter(|(_, handing)| handing.logged.is_some());
        let out = logged.map(|(permit, handing)| {
            let keys = handing.open.iter().filter(|(_, kind)| **kind == Kind::Run);
            let times = |key: &CallKey| {
                self.calls.get(&Place::of_run(key)).map_or(1, |entry| entry.times.max(1))
            };
            let calls = keys.map(|(key, _)| (key.clone(), times(key))).collect();
            OutstandingGrant { permit: permit.clone(), who: handing.who.clone(), calls }
        });
        out.collect()
    }
}
