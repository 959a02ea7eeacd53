//! Work on one run: asks its coordinator for calls, and for time to make them.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;

use trustmh_core::call::CallKey;
use trustmh_core::id::ModelId;

use super::calls::ActiveCall;
use super::results::ResultQueue;
use super::{SharedState, pause};
use crate::names::{PROTOCOL, work_of};
use crate::validation;
use crate::wire::{
    Content, CoordinatorReply, Handed, Job, Permit, Request, RequestKind, Room, encoded,
};

/// How long a coordinator may put an answer off while it has nothing to give.
const PATIENCE: Duration = Duration::from_millis(1_000);
/// The same, while other runs wait for the same slots.
const PATIENCE_OF_MANY: Duration = Duration::from_millis(50);
/// An answer that takes longer, besides, is lost.
const ANSWER: Duration = Duration::from_secs(5);
/// Slots that become free together are asked for together.
const TOGETHER: Duration = Duration::from_millis(2);
/// Time is asked for as often as this at least, so that the coordinator knows who is there.
const BETWEEN_SIGNS: Duration = Duration::from_secs(2);
/// Parts that a call may have.
const MOST_PARTS: u32 = 16_384;
/// How often a part is asked for.
const TRIES: u32 = 5;

/// Work on one run.
pub(super) struct RunWork {
    pub(super) state: Arc<SharedState>,
    subject: String,
    pub(super) bringing: ResultQueue,
    /// Calls in hand, until their results are with the server.
    in_hand: Mutex<HashSet<CallKey>>,
    lease_millis: AtomicU64,
}

/// Room for calls of a model.
struct FreeSlots {
    model: ModelId,
    slots: Vec<OwnedSemaphorePermit>,
}

impl RunWork {
    pub(super) fn new(state: Arc<SharedState>, run_token: String) -> Arc<Self> {
        let bringing = ResultQueue::new(&state, &run_token);
        Arc::new(Self {
            state,
            subject: work_of(&run_token),
            bringing,
            in_hand: Mutex::default(),
            lease_millis: AtomicU64::new(6_000),
        })
    }

    fn hands(&self) -> MutexGuard<'_, HashSet<CallKey>> {
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put_down(&self, key: &CallKey) {
        self.hands().remove(key);
    }

    /// Asks for calls and makes them as long as `is_offered`, and until the worker stops; then finishes what is in hand.
    pub(super) async fn carry_on(self: Arc<Self>, is_offered: impl Fn() -> bool) {
        let renewing = tokio::spawn(Arc::clone(&self).ask_for_time());
        let bringing = tokio::spawn(Arc::clone(&self).bring_all());
        let mut making: JoinSet<()> = JoinSet::new();
        let mut lost = Vec::new();
        while !self.state.stopping() && is_offered() {
            let free = self.free_slots().await;
            if free.is_empty() {
                continue;
            }
            // Of all runs: work on one may end and begin again while its coordinator knows the earlier requests.
            let ask = self.state.asked.fetch_add(1, Ordering::Relaxed) + 1;
            match self.ask(ask, &lost, &free).await {
                RequestOutcome::Answered(CoordinatorReply::Calls {
                    lease_millis,
                    permit,
                    calls,
                }) => {
                    lost.clear();
                    if !calls.is_empty() {
                        self.lease_millis.store(lease_millis, Ordering::Relaxed);
                    }
                    self.begin(permit, calls, free, &mut making);
                }
                RequestOutcome::Answered(CoordinatorReply::Refused { v, why }) => {
                    let why = validation::said(&why, 300);
                    (self.state.link.notify)(&format!("no calls are given to this worker: {why}"));
                    if v != PROTOCOL {
                        self.state.wrong.send_replace(Some(v));
                    }
                    pause(&self.state.stop, ANSWER).await;
                }
                RequestOutcome::Answered(
                    CoordinatorReply::Time | CoordinatorReply::Part { .. },
                ) => {}
                RequestOutcome::Nobody => {
                    // What may have been given was never got: it is said with the next request.
                    lost.push(ask);
                    drop(free);
                    pause(&self.state.stop, Duration::from_millis(100)).await;
                }
            }
            while let Some(ended) = making.try_join_next() {
                self.note(ended);
            }
        }
        while let Some(ended) = making.join_next().await {
            self.note(ended);
        }
        renewing.abort();
        bringing.abort();
    }

    fn note(&self, ended: Result<(), tokio::task::JoinError>) {
        if let Err(error) = ended {
            (self.state.link.notify)(&format!(
                "a call broke off, and will be handed out again: {error}"
            ));
        }
    }

    /// All slots that are free, after a moment in which others may become so; none after a while.
    async fn free_slots(&self) -> Vec<FreeSlots> {
        let mut free = self.take_slots();
        if free.is_empty() {
            let freed = self.state.freed.notified();
            let _ = tokio::time::timeout(Duration::from_millis(100), freed).await;
            free = self.take_slots();
        }
        let few = |free: &[FreeSlots]| {
            free.iter().all(|free| {
                let at_once = self.state.slots_of(&free.model).map_or(1, |slots| slots.at_once);
                free.slots.len() * 8 < at_once
            })
        };
        if !free.is_empty() && few(&free) {
            drop(free);
            tokio::time::sleep(TOGETHER).await;
            free = self.take_slots();
        }
        free
    }

    fn take_slots(&self) -> Vec<FreeSlots> {
        let free = self.state.endpoints.iter().filter_map(|endpoint| {
            let mut slots = Vec::new();
            while let Ok(slot) = Arc::clone(&endpoint.slots).try_acquire_owned() {
                slots.push(slot);
            }
            (!slots.is_empty()).then(|| FreeSlots { model: endpoint.id.clone(), slots })
        });
        free.collect()
    }

    async fn ask(&self, ask: u64, lost: &[u64], free: &[FreeSlots]) -> RequestOutcome {
        let patience = if *self.state.runs.borrow() > 1 { PATIENCE_OF_MANY } else { PATIENCE };
        let room = free.iter().map(|free| Room {
            model: free.model.clone(),
            calls: u32::try_from(free.slots.len()).unwrap_or(u32::MAX),
        });
        let wants = RequestKind::Calls {
            ask,
            lost: lost.to_vec(),
            room: room.collect(),
            patience_millis: u64::try_from(patience.as_millis()).unwrap_or_default(),
        };
        self.request(wants, patience + ANSWER).await
    }

    async fn request(&self, wants: RequestKind, patience: Duration) -> RequestOutcome {
        let request = Request {
            v: PROTOCOL,
            worker: self.state.config.name.clone(),
            session: self.state.session.clone(),
            served: self.state.served(),
            wants,
        };
        let text = encoded(&request);
        let asked = async_nats::Request::new().payload(text.into()).timeout(Some(patience));
        match self.state.link.client.send_request(self.subject.clone(), asked).await {
            Ok(answer) => serde_json::from_slice(&answer.payload)
                .map_or(RequestOutcome::Nobody, RequestOutcome::Answered),
            Err(_) => RequestOutcome::Nobody,
        }
    }

    /// Begins calls, each in a slot of its model. What there is no room for was not asked for, and is left to others.
    fn begin(
        self: &Arc<Self>,
        permit: Permit,
        calls: Vec<Handed>,
        mut free: Vec<FreeSlots>,
        making: &mut JoinSet<()>,
    ) {
        for handed in calls {
            let (own, permit) = (Arc::clone(self), permit.clone());
            match handed.content {
                Content::Job(text) => {
                    let job: Result<Job, _> = serde_json::from_str(text.get());
                    match job {
                        Ok(job) => {
                            if let Some(slot) = slot_for(&mut free, &job.model) {
                                let (key, time) = (handed.key, handed.time);
                                self.hold(ActiveCall { key, permit, time, job, slot }, making);
                            } else {
                                let model = validation::said(job.model.as_str(), 100);
                                self.turn_down(&format!("model {model} is not served here"));
                            }
                        }
                        Err(error) => self.turn_down(&error.to_string()),
                    }
                }
                Content::Parts(parts) => {
                    // Its model is known when it is here; until then it takes the place of any.
                    let Some(slot) = free.iter_mut().find_map(|free| free.slots.pop()) else {
                        continue;
                    };
                    let (key, time) = (handed.key, handed.time);
                    self.hands().insert(key.clone());
                    making.spawn(async move {
                        match own.fetch(&permit, &key, parts).await {
                            Some(job) => {
                                own.make(ActiveCall { key, permit, time, job, slot }).await
                            }
                            None => own.put_down(&key),
                        }
                    });
                }
            }
        }
    }

    fn hold(self: &Arc<Self>, in_hand: ActiveCall, making: &mut JoinSet<()>) {
        self.hands().insert(in_hand.key.clone());
        making.spawn(Arc::clone(self).make(in_hand));
    }

    /// Says why a call is not made; whoever gave it gives it to another when its lease has run out.
    pub(super) fn turn_down(&self, why: &str) {
        let why = validation::said(why, 300);
        (self.state.link.notify)(&format!("a call is not made: {why}"));
    }

    /// A call that fits no message, part by part.
    async fn fetch(&self, permit: &Permit, key: &CallKey, parts: u32) -> Option<Job> {
        if parts > MOST_PARTS {
            return None;
        }
        let mut text = String::new();
        for part in 0..parts {
            let mut found = None;
            for _ in 0..TRIES {
                let wants = RequestKind::Part { permit: permit.clone(), key: key.clone(), part };
                if let RequestOutcome::Answered(CoordinatorReply::Part { text }) =
                    self.request(wants, ANSWER).await
                {
                    found = Some(text);
                    break;
                }
            }
            text.push_str(&found?);
        }
        match serde_json::from_str(&text) {
            Ok(job) => Some(job),
            Err(error) => {
                self.turn_down(&error.to_string());
                None
            }
        }
    }

    /// Asks for time for what is in hand, three times a lease.
    async fn ask_for_time(self: Arc<Self>) {
        loop {
            let lease = Duration::from_millis(self.lease_millis.load(Ordering::Relaxed));
            tokio::time::sleep((lease / 3).min(BETWEEN_SIGNS)).await;
            let keys = self.hands().iter().cloned().collect();
            // One that gets lost is followed by the next.
            let _ = self.request(RequestKind::Time { keys }, lease / 3 + BETWEEN_SIGNS).await;
        }
    }
}

/// What came of a request.
enum RequestOutcome {
    Answered(CoordinatorReply),
    Nobody,
}

fn slot_for(free: &mut [FreeSlots], model: &ModelId) -> Option<OwnedSemaphorePermit> {
    free.iter_mut().find(|free| free.model == *model)?.slots.pop()
}
