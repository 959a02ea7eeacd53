//! Results, and what becomes of their calls.

use std::sync::Arc;
use std::time::Instant;

use trustmh_core::call::CallKey;
use trustmh_core::id::ModelId;

use super::{Delivery, Ledger, Place, State};
use crate::wire::{Job, Permit};

impl Ledger {
    /// A result has come. None if nobody was given the permit with this number to make this call, or if its result came before.
    pub(crate) fn come(&mut self, permit: &Permit, key: &CallKey) -> Option<Delivery> {
        let handing = self.permits.get(permit)?;
        let kind = *handing.open.get(key)?;
        let who = handing.who.clone();
        let place = Place { key: key.clone(), kind };
        let entry = self.calls.get_mut(&place)?;
        if matches!(entry.state, State::Come) {
            return None;
        }
        entry.state = State::Come;
        Some(Delivery { kind, who, times: entry.times, job: entry.job.clone() })
    }

    /// A result came before its call is wanted: it is taken when it is.
    pub(crate) fn come_early(&mut self, place: &Place) {
        if let Some(entry) = self.calls.get_mut(place) {
            entry.state = State::Waiting;
        }
    }

    /// What a worker that has this permit is to ask.
    pub(crate) fn job_of(&self, permit: &Permit, key: &CallKey) -> Option<Arc<Job>> {
        let kind = *self.permits.get(permit)?.open.get(key)?;
        self.calls.get(&Place { key: key.clone(), kind })?.job.clone()
    }

    /// The model that a call asks, if it is wanted.
    pub(crate) fn model_of(&self, place: &Place) -> Option<ModelId> {
        Some(self.calls.get(place)?.job.as_ref()?.model.clone())
    }

    /// A result that came cannot be used: its call is made again.
    pub(crate) fn refuse(&mut self, place: &Place) {
        if let Some(entry) = self.calls.get_mut(place) {
            entry.state = State::Waiting;
            self.queue(place);
        }
    }

    /// Gives a call that failed at one worker to another, where one serves its model; says whether there is one.
    pub(crate) fn try_elsewhere(&mut self, place: &Place, now: Instant) -> bool {
        let Some(entry) = self.calls.get(place) else { return false };
        let Some(model) = entry.job.as_ref().map(|job| job.model.clone()) else { return false };
        if entry.times >= self.most || !self.workers.serves(&model, now) {
            return false;
        }
        self.refuse(place);
        true
    }

    /// What came of a call is recorded, or nobody wants it any more.
    pub(crate) fn settle(&mut self, place: &Place) {
        let Some(entry) = self.calls.remove(place) else { return };
        for permit in &entry.permits {
            let Some(handing) = self.permits.get_mut(permit) else { continue };
            handing.open.remove(&place.key);
            if handing.open.is_empty() {
                if let Some(at) = handing.logged {
                    self.logged.remove(&at);
                }
                self.permits.remove(permit);
            }
        }
    }
}
