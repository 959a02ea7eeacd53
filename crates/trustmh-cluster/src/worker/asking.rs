//! Work on one run: asks its coordinator for calls, and for time to make them.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;

use trustmh_core::call::CallKey;
use trustmh_core::id::ModelId;

use super::bringing::Bringing;
use super::making::InHand;
use super::{Shop, pause};
use crate::checked;
use crate::names::{PROTOCOL, work_of};
use crate::wire::{Answer, Content, Handed, Job, Leave, Request, Room, Wants};

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
pub(super) struct Work {
    pub(super) shop: Arc<Shop>,
    subject: String,
    pub(super) bringing: Bringing,
    /// Calls in hand, until their results are with the server.
    in_hand: Mutex<HashSet<CallKey>>,
    lease_millis: AtomicU64,
}

/// Room for calls of a model.
struct Free {
    model: ModelId,
    slots: Vec<OwnedSemaphorePermit>,
}

impl Work {
    pub(super) fn new(shop: Arc<Shop>, run_token: String) -> Arc<Self> {
        let bringing = Bringing::new(&shop, &run_token);
        Arc::new(Self {
            shop,
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
        while !self.shop.stopping() && is_offered() {
            let free = self.free_slots().await;
            if free.is_empty() {
                continue;
            }
            // Of all runs: work on one may end and begin again while its coordinator knows the earlier requests.
            let ask = self.shop.asked.fetch_add(1, Ordering::Relaxed) + 1;
            match self.ask(ask, &lost, &free).await {
                Asked::Answered(Answer::Calls { lease_millis, leave, calls }) => {
                    lost.clear();
                    if !calls.is_empty() {
                        self.lease_millis.store(lease_millis, Ordering::Relaxed);
                    }
                    self.begin(leave, calls, free, &mut making);
                }
                Asked::Answered(Answer::Refused { v, why }) => {
                    let why = checked::said(&why, 300);
                    (self.shop.link.tell)(&format!("no calls are given to this worker: {why}"));
                    if v != PROTOCOL {
                        self.shop.wrong.send_replace(Some(v));
                    }
                    pause(&self.shop.stop, ANSWER).await;
                }
                Asked::Answered(Answer::Time | Answer::Part { .. }) => {}
                Asked::Nobody => {
                    // What may have been given was never got: it is said with the next request.
                    lost.push(ask);
                    drop(free);
                    pause(&self.shop.stop, Duration::from_millis(100)).await;
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
            (self.shop.link.tell)(&format!(
                "a call broke off, and will be handed out again: {error}"
            ));
        }
    }

    /// All slots that are free, after a moment in which others may become so; none after a while.
    async fn free_slots(&self) -> Vec<Free> {
        let mut free = self.take_slots();
        if free.is_empty() {
            let freed = self.shop.freed.notified();
            let _ = tokio::time::timeout(Duration::from_millis(100), freed).await;
            free = self.take_slots();
        }
        let few = |free: &[Free]| {
            free.iter().all(|free| {
                let at_once = self.shop.bench(&free.model).map_or(1, |bench| bench.at_once);
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

    fn take_slots(&self) -> Vec<Free> {
        let free = self.shop.benches.iter().filter_map(|bench| {
            let mut slots = Vec::new();
            while let Ok(slot) = Arc::clone(&bench.slots).try_acquire_owned() {
                slots.push(slot);
            }
            (!slots.is_empty()).then(|| Free { model: bench.id.clone(), slots })
        });
        free.collect()
    }

    async fn ask(&self, ask: u64, lost: &[u64], free: &[Free]) -> Asked {
        let patience = if *self.shop.runs.borrow() > 1 { PATIENCE_OF_MANY } else { PATIENCE };
        let room = free.iter().map(|free| Room {
            model: free.model.clone(),
            calls: u32::try_from(free.slots.len()).unwrap_or(u32::MAX),
        });
        let wants = Wants::Calls {
            ask,
            lost: lost.to_vec(),
            room: room.collect(),
            patience_millis: u64::try_from(patience.as_millis()).unwrap_or_default(),
        };
        self.request(wants, patience + ANSWER).await
    }

    async fn request(&self, wants: Wants, patience: Duration) -> Asked {
        let request = Request {
            v: PROTOCOL,
            worker: self.shop.conduct.name.clone(),
            session: self.shop.session.clone(),
            served: self.shop.served(),
            wants,
        };
        let text = serde_json::to_vec(&request).unwrap_or_default();
        let asked = async_nats::Request::new().payload(text.into()).timeout(Some(patience));
        match self.shop.link.client.send_request(self.subject.clone(), asked).await {
            Ok(answer) => {
                serde_json::from_slice(&answer.payload).map_or(Asked::Nobody, Asked::Answered)
            }
            Err(_) => Asked::Nobody,
        }
    }

    /// Begins calls, each in a slot of its model. What there is no room for was not asked for, and is left to others.
    fn begin(
        self: &Arc<Self>,
        leave: Leave,
        calls: Vec<Handed>,
        mut free: Vec<Free>,
        making: &mut JoinSet<()>,
    ) {
        for handed in calls {
            let (own, leave) = (Arc::clone(self), leave.clone());
            match handed.content {
                Content::Job(text) => {
                    let job: Result<Job, _> = serde_json::from_str(text.get());
                    match job {
                        Ok(job) => {
                            if let Some(slot) = slot_for(&mut free, &job.model) {
                                let (key, time) = (handed.key, handed.time);
                                self.hold(InHand { key, leave, time, job, slot }, making);
                            } else {
                                let model = checked::said(job.model.as_str(), 100);
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
                        match own.fetch(&leave, &key, parts).await {
                            Some(job) => own.make(InHand { key, leave, time, job, slot }).await,
                            None => own.put_down(&key),
                        }
                    });
                }
            }
        }
    }

    fn hold(self: &Arc<Self>, in_hand: InHand, making: &mut JoinSet<()>) {
        self.hands().insert(in_hand.key.clone());
        making.spawn(Arc::clone(self).make(in_hand));
    }

    /// Says why a call is not made; whoever gave it gives it to another when its lease has run out.
    pub(super) fn turn_down(&self, why: &str) {
        let why = checked::said(why, 300);
        (self.shop.link.tell)(&format!("a call is not made: {why}"));
    }

    /// A call that fits no message, part by part.
    async fn fetch(&self, leave: &Leave, key: &CallKey, parts: u32) -> Option<Job> {
        if parts > MOST_PARTS {
            return None;
        }
        let mut text = String::new();
        for part in 0..parts {
            let mut found = None;
            for _ in 0..TRIES {
                let wants = Wants::Part { leave: leave.clone(), key: key.clone(), part };
                if let Asked::Answered(Answer::Part { text }) = self.request(wants, ANSWER).await {
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
            let _ = self.request(Wants::Time { keys }, lease / 3 + BETWEEN_SIGNS).await;
        }
    }
}

/// What came of a request.
enum Asked {
    Answered(Answer),
    Nobody,
}

fn slot_for(free: &mut [Free], model: &ModelId) -> Option<OwnedSemaphorePermit> {
    free.iter_mut().find(|free| free.model == *model)?.slots.pop()
}
