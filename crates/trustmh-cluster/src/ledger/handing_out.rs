//! Which call goes to whom next.

use std::time::{Duration, Instant};

use trustmh_core::call::CallKey;
use trustmh_core::id::ModelId;

use super::{Grant, GrantedCall, Ledger, OpenGrant, Out, Place, Queue, State, WorkerSession, size};
use crate::wire::{Permit, Room};

/// From this time on a call is suspected of killing its workers.
const SUSPECT: u32 = 3;
/// Suspects are let out one after the other, so that the innocent do not die beside the one that is not; but none is waited for longer.
pub(super) const BETWEEN_SUSPECTS: Duration = Duration::from_secs(5);
/// So many audits are looked through for one that a worker may make.
const LOOKED_THROUGH: usize = 64;

impl Ledger {
    /// Hands out calls for the `room` a worker has, of no more than about `bytes`; nothing if there is nothing for it.
    pub(crate) fn hand_out(
        &mut self,
        who: &WorkerSession,
        ask: u64,
        room: &[Room],
        bytes: usize,
        now: Instant,
    ) -> Option<Grant> {
        if self.withheld {
            return None;
        }
        let permit = Permit::new();
        let mut calls: Vec<GrantedCall> = Vec::new();
        let mut left = bytes;
        for Room { model, calls: free } in room {
            if self.workers.is_barred(&who.session, model, now) {
                continue;
            }
            for _ in 0..*free {
                let Some(place) = self.next(model, who, now) else { break };
                let Some(entry) = self.calls.get_mut(&place) else { continue };
                let Some(job) = entry.job.clone() else { continue };
                entry.times += 1;
                entry.permits.push(permit.clone());
                let until = now + self.lease;
                let (session, of) = (who.session.clone(), permit.clone());
                entry.state = State::Out(Out { session, permit: of, ask, since: now, until });
                left = left.saturating_sub(size(&job));
                calls.push(GrantedCall { place, time: entry.times, job });
                if left == 0 {
                    break;
                }
            }
        }
        if calls.is_empty() {
            return None;
        }
        let open = calls.iter().map(|call| (call.place.key.clone(), call.place.kind)).collect();
        let handing = OpenGrant { who: who.clone(), logged: None, after: self.end, open };
        self.permits.insert(permit.clone(), handing);
        Some(Grant { permit, calls })
    }

    /// The next call of a model for a worker.
    fn next(&mut self, model: &ModelId, who: &WorkerSession, now: Instant) -> Option<Place> {
        let mut queue = self.queues.remove(model)?;
        let found = self.next_of(&mut queue, who, now);
        self.queues.insert(model.clone(), queue);
        found
    }

    fn next_of(&mut self, queue: &mut Queue, who: &WorkerSession, now: Instant) -> Option<Place> {
        for _ in 0..queue.again.len() {
            let key = queue.again.pop_front()?;
            if !self.is_free(&Place::of_run(&key)) {
                continue;
            }
            if self.may_go_out(&key, now) {
                return Some(Place::of_run(&key));
            }
            queue.again.push_back(key);
        }
        while let Some(key) = queue.first.pop_front() {
            if self.is_free(&Place::of_run(&key)) {
                return Some(Place::of_run(&key));
            }
        }
        for _ in 0..queue.audits.len().min(LOOKED_THROUGH) {
            let place = Place::audit(&queue.audits.pop_front()?);
            let not_by = self.calls.get(&place).and_then(|entry| entry.not_by.as_deref());
            if self.is_free(&place) {
                if not_by != Some(&who.worker) {
                    return Some(place);
                }
                queue.audits.push_back(place.key);
            }
        }
        None
    }

    fn is_free(&self, place: &Place) -> bool {
        self.calls.get(place).is_some_and(|entry| matches!(entry.state, State::Waiting))
    }

    /// Whether a call is no suspect, or no other suspect is out.
    fn may_go_out(&mut self, key: &CallKey, now: Instant) -> bool {
        let times = self.calls.get(&Place::of_run(key)).map_or(0, |entry| entry.times);
        if times == 0 || times + 1 < self.most.min(SUSPECT) {
            return true;
        }
        let is_out = self.suspect.as_ref().is_some_and(|(other, since)| {
            let entry = self.calls.get(&Place::of_run(other));
            let out = entry.is_some_and(|entry| matches!(entry.state, State::Out(_)));
            out && now.duration_since(*since) < BETWEEN_SUSPECTS
        });
        if !is_out {
            self.suspect = Some((key.clone(), now));
        }
        !is_out
    }
}
