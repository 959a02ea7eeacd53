//! The coordinator's desk: gives calls to the workers that ask for them, and takes their results.

mod log;
mod requests;
mod results;

pub(crate) use log::{forget, recall};

use async_nats::Subject;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};

use trustmh_core::call::CallKey;
use trustmh_core::id::{ModelId, RunId};
use trustmh_model::error::RemoteFault;
use trustmh_run::journal::Replay;

use crate::access::Link;
use crate::audit::Audit;
use crate::cleared::Cleared;
use crate::ledger::{Ledger, Place, WorkerSession};
use crate::names::token;
use crate::payload::Reassembly;
use crate::validation;
use crate::wire::{Job, Outcome, OutcomeEnd, Room};

/// A result that is waited for.
pub(crate) struct CallResult {
    pub(crate) end: OutcomeEnd,
    pub(crate) worker: String,
    pub(crate) tries: u32,
    pub(crate) millis: u64,
    pub(crate) learnt: Vec<trustmh_model::learnt::Learnt>,
    /// To how many workers the call was handed, at the most.
    pub(crate) handed_out: u32,
    /// Where it stands in the stream of results; nowhere if the call was given up.
    pub(crate) places: Vec<u64>,
}

/// A worker that waits for calls.
struct Waiting {
    who: WorkerSession,
    ask: u64,
    room: Vec<Room>,
    inbox: Subject,
    until: Instant,
}

/// What the coordinator of a run has on its desk.
pub(crate) struct Coordinator {
    link: Link,
    run: RunId,
    token: String,
    models: Vec<ModelId>,
    lease: Duration,
    recorded: Arc<Replay>,
    ledger: Mutex<Ledger>,
    /// Calls that the run waits for.
    wanted: Mutex<HashMap<CallKey, oneshot::Sender<CallResult>>>,
    /// Results of calls that an earlier coordinator handed out and that the run has not come to yet.
    early: Mutex<HashMap<CallKey, (Outcome, Vec<u64>)>>,
    waiting: Mutex<Vec<Waiting>>,
    pieces: Mutex<Reassembly>,
    cleared: Mutex<Cleared>,
    /// There is something to give.
    news: Notify,
    pub(crate) audit: Option<Audit>,
    /// Results of calls that were recorded already.
    pub(crate) late: AtomicU64,
    /// Results that could not be used.
    pub(crate) bad: AtomicU64,
    /// Messages of results read so far.
    read: AtomicU64,
}

impl Coordinator {
    pub(crate) fn new(
        link: Link,
        run: RunId,
        models: Vec<ModelId>,
        recorded: Arc<Replay>,
        ledger: Ledger,
        lease: Duration,
        audit: Option<Audit>,
    ) -> Self {
        Self {
            token: token(run.as_str()),
            link,
            run,
            models,
            lease,
            recorded,
            ledger: Mutex::new(ledger),
            wanted: Mutex::default(),
            early: Mutex::default(),
            waiting: Mutex::default(),
            pieces: Mutex::default(),
            cleared: Mutex::default(),
            news: Notify::new(),
            audit,
            late: AtomicU64::new(0),
            bad: AtomicU64::new(0),
            read: AtomicU64::new(0),
        }
    }

    /// The result of a call, if it came before it was asked for; else where it will come.
    pub(crate) fn want(
        &self,
        key: &CallKey,
        job: &Arc<Job>,
    ) -> Result<CallResult, oneshot::Receiver<CallResult>> {
        let mut early = held(&self.early);
        if let Some((outcome, places)) = early.remove(key) {
            match self.taken(outcome, key, job, places) {
                Ok(arrived) => {
                    held(&self.ledger).want_come(key, Arc::clone(job));
                    return Ok(arrived);
                }
                Err(places) => self.settle_places(&places),
            }
        }
        let (sender, receiver) = oneshot::channel();
        held(&self.wanted).insert(key.clone(), sender);
        held(&self.ledger).want(key, Arc::clone(job));
        drop(early);
        self.news.notify_one();
        Err(receiver)
    }

    /// A result of a call of this run, looked at; or the places of one that cannot be used.
    fn taken(
        &self,
        outcome: Outcome,
        key: &CallKey,
        job: &Job,
        places: Vec<u64>,
    ) -> Result<CallResult, Vec<u64>> {
        let came = held(&self.ledger).come(&outcome.permit, key);
        let Some(came) = came else { return Err(places) };
        match validation::outcome(outcome, key, job) {
            Ok(outcome) => {
                let Outcome { tries, millis, learnt, end, .. } = outcome;
                let handed_out = came.times;
                let worker = came.who.worker;
                Ok(CallResult { end, worker, tries, millis, learnt, handed_out, places })
            }
            Err(why) => {
                self.refuse(&came.who, key, &why);
                held(&self.ledger).refuse(&Place::of_run(key));
                Err(places)
            }
        }
    }

    /// Names a worker that brought what cannot be used.
    fn refuse(&self, who: &WorkerSession, key: &CallKey, why: &str) {
        self.bad.fetch_add(1, Ordering::Relaxed);
        let worker = &who.worker;
        (self.link.notify)(&format!(
            "a result of worker {worker} is refused, and its call made again ({key}): {why}"
        ));
        if held(&self.ledger).workers.brought_bad(&who.session) {
            (self.link.notify)(&format!(
                "worker {worker} brought what cannot be used again and again; it is given no more calls of this run"
            ));
        }
    }

    /// Calls that somebody waits for.
    pub(crate) fn under_way(&self) -> usize {
        held(&self.wanted).len()
    }

    /// The result of a call is on disk; it stood at these places. `ended` without a reply it is counted anew if it is asked again.
    pub(crate) fn recorded(self: &Arc<Self>, key: &CallKey, places: &[u64], ended: Recorded) {
        held(&self.ledger).settle(&Place::of_run(key));
        if ended == Recorded::WithoutReply {
            let (own, key) = (Arc::clone(self), key.clone());
            tokio::spawn(async move { own.log_over(&key).await });
        }
        self.settle_places(places);
    }

    fn settle_places(&self, places: &[u64]) {
        let mut cleared = held(&self.cleared);
        places.iter().for_each(|place| cleared.settle(*place));
    }

    /// Hands out nothing more.
    pub(crate) fn withhold(&self) {
        held(&self.ledger).withhold();
    }

    /// What waits and what is out, of each model.
    pub(crate) fn queues(&self) -> Vec<crate::lease::Queued> {
        let ledger = held(&self.ledger);
        let queued = self.models.iter().map(|model| {
            let (waiting, leased, handed_on) = ledger.counts(model);
            let lease = self.lease.as_secs_f64();
            crate::lease::Queued { model: model.clone(), waiting, leased, handed_on, lease }
        });
        queued.collect()
    }

    /// Whether what kept a call from its reply may be the worker's fault, so that another is asked; barred is who cannot make any.
    fn is_workers_fault(
        &self,
        who: &WorkerSession,
        fault: RemoteFault,
        model: &ModelId,
    ) -> FaultOwner {
        match fault {
            RemoteFault::Permanent | RemoteFault::NoCredit => FaultOwner::Worker,
            RemoteFault::Unreachable => FaultOwner::WorkerForNow,
            // Of one that has answered it may be this call's own fault.
            RemoteFault::Doubtful => {
                if held(&self.ledger).workers.has_answered(&who.session, model) {
                    FaultOwner::Call
                } else {
                    FaultOwner::Worker
                }
            }
            RemoteFault::Transient | RemoteFault::ThisCallOnly | RemoteFault::TooLong => {
                FaultOwner::Call
            }
        }
    }

    /// Waits for audits that another worker can still make, for as long as some come.
    pub(crate) async fn audits_made(&self, patience: Duration) {
        let (mut left, mut since) = (usize::MAX, Instant::now());
        loop {
            let now = Instant::now();
            let can_be_made = {
                let ledger = held(&self.ledger);
                let audits = ledger.audits();
                audits
                    .filter(|(_, model, than)| ledger.workers.others_serve(model, than, now))
                    .count()
            };
            if can_be_made < left {
                (left, since) = (can_be_made, now);
            }
            if can_be_made == 0 || since.elapsed() > patience {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The result of a call is to be compared with another worker's.
    pub(crate) fn want_audit(&self, key: &CallKey, job: Arc<Job>, not_by: String) {
        held(&self.ledger).want_audit(key, job, not_by);
        self.news.notify_one();
    }
}

/// How a recorded call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// With a reply.
    WithReply,
    /// With none.
    WithoutReply,
}

/// Whose fault it is that no reply came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FaultOwner {
    Call,
    Worker,
    WorkerForNow,
}

pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
