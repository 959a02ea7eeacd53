//! A call in hand: looked at, made, and its result brought.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;

use trustmh_core::call::CallKey;
use trustmh_model::retry::{Retry, complete_with_retry};

use super::EndpointSlots;
use super::requests::RunWork;
use super::results::Ready;
use super::turns::Urgency;
use crate::validation;
use crate::wire::{Job, Outcome, OutcomeEnd, Permit};

/// A call in hand.
pub(super) struct ActiveCall {
    pub(super) key: CallKey,
    pub(super) permit: Permit,
    /// For which time it was handed out, from one.
    pub(super) time: u32,
    pub(super) job: Job,
    /// Room for it.
    pub(super) slot: OwnedSemaphorePermit,
}

/// Counts a call as in hand until it is dropped.
struct Counted<'b>(&'b EndpointSlots);

impl<'b> Counted<'b> {
    fn new(slots: &'b EndpointSlots) -> Self {
        slots.counts.in_hand.fetch_add(1, Ordering::Relaxed);
        Self(slots)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.counts.in_hand.fetch_sub(1, Ordering::Relaxed);
    }
}

impl RunWork {
    /// Makes a call and hands its result over to be brought. One that is not what its key says, or whose model is not served here, is not
    /// made: whoever can reach this worker must not spend its key on prompts of their own.
    pub(super) async fn make(self: Arc<Self>, in_hand: ActiveCall) {
        let ActiveCall { key, permit, time, job, slot } = in_hand;
        let Some(slots) = self.state.slots_of(&job.model) else {
            let model = validation::said(job.model.as_str(), 100);
            self.turn_down(&format!("model {model} is not served here"));
            return self.put_down(&key);
        };
        if let Err(why) = validation::job(&key, &job) {
            self.turn_down(&why);
            return self.put_down(&key);
        }
        let _counted = Counted::new(slots);
        let since = Instant::now();
        let urgency = if time > 1 { Urgency::First } else { Urgency::Usual };
        let (end, tries) = {
            let _turn = slots.turns.wait(urgency).await;
            let retry = Retry { attempts: job.tries, ..Retry::default() };
            let call = job.call();
            let made = complete_with_retry(slots.model.as_ref(), &call, &retry, &slots.gate).await;
            (OutcomeEnd::from(made.0), made.1)
        };
        if !matches!(end, OutcomeEnd::Replied { .. }) {
            slots.counts.broken.fetch_add(1, Ordering::Relaxed);
        }
        let millis = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let learnt = slots.model.learnt();
        let outcome = Outcome { key: key.clone(), permit, tries, millis, learnt, end };
        let Ok(text) = serde_json::value::to_raw_value(&outcome) else {
            self.turn_down("its result is no JSON");
            return self.put_down(&key);
        };
        let brought = self.bringing.hand_over(Ready { text, slot }).await;
        // It has come to the server, or never will: nobody waits for it here.
        if brought {
            slots.counts.made.fetch_add(1, Ordering::Relaxed);
        }
        self.put_down(&key);
        self.state.freed.notify_one();
    }
}
