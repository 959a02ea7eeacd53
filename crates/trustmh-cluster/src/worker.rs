//! The worker's side: takes jobs of the models it serves, makes the calls, brings results.

mod job;
mod presence;

pub use presence::{Served, Shown};

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::pull::Batch;
use async_nats::jetstream::consumer::{Consumer, pull};
use futures_util::{FutureExt, StreamExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use trustmh_core::id::ModelId;
use trustmh_model::api::ModelApi;
use trustmh_model::limit::{Bounds, Limiter};

use crate::access::Link;
use crate::error::ClusterError;
use crate::quota::{Allowance, Metered, Quota};
use crate::setup::{compare_protocol, offered};
use presence::Presence;

/// How long one request for jobs stays open.
const OPEN: Duration = Duration::from_secs(1);
/// How often is looked for a coordinator that offers jobs.
const LOOK: Duration = Duration::from_secs(1);

/// A model that a worker serves.
pub struct Endpoint {
    /// The model, by the name under which coordinators ask for it.
    pub model: Arc<dyn ModelApi>,
    /// Calls at once, at the most.
    pub at_once: usize,
    /// What it shares with other workers.
    pub allowance: Option<Allowance>,
}

/// How a worker works.
#[derive(Debug, Clone)]
pub struct Conduct {
    /// What others see it as; unique.
    pub name: String,
}

/// What a worker has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Results it brought.
    pub made: u64,
    /// Of these, calls without a reply.
    pub broken: u64,
}

/// One endpoint at work.
struct Bench {
    id: ModelId,
    model: Arc<dyn ModelApi>,
    gate: Limiter,
    at_once: usize,
    /// A few more jobs than calls at once, so that the next is there when one ends.
    slots: Arc<Semaphore>,
    /// Who may make a call now, first come, first served.
    turns: Semaphore,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    in_hand: AtomicU64,
    made: AtomicU64,
    broken: AtomicU64,
}

/// What all tasks of a worker share.
struct Shop {
    link: Link,
    conduct: Conduct,
    stop: watch::Receiver<bool>,
    /// Set when a job shows that this worker is of another version than its coordinator.
    wrong: watch::Sender<Option<u32>>,
}

/// Works until `stop` says so, then finishes what it has in hand.
///
/// # Errors
/// [`ClusterError`] if the server cannot be used, or speaks another protocol.
pub async fn work(
    link: Link,
    endpoints: Vec<Endpoint>,
    conduct: Conduct,
    stop: watch::Receiver<bool>,
) -> Result<Done, ClusterError> {
    let (wrong, mut is_wrong) = watch::channel(None);
    let shop = Arc::new(Shop { link, conduct, stop, wrong });
    if !shop.wait_for_setup().await? {
        return Ok(Done { made: 0, broken: 0 });
    }
    let mut benches = Vec::new();
    for endpoint in endpoints {
        benches.push(Arc::new(bench(&shop.link, endpoint).await?));
    }
    let presence = Presence::new(&shop, benches.clone());
    let showing = tokio::spawn(presence.show());
    let mut serving: JoinSet<()> = JoinSet::new();
    for bench in &benches {
        serving.spawn(Arc::clone(&shop).serve(Arc::clone(bench)));
    }
    let finished = async { while serving.join_next().await.is_some() {} };
    let outcome = tokio::select! {
        () = finished => Ok(()),
        theirs = is_wrong.wait_for(Option::is_some) => {
            let theirs = theirs.ok().and_then(|theirs| *theirs).unwrap_or_default();
            let program = "the coordinator's version".to_owned();
            Err(ClusterError::Protocol { theirs, program, ours: crate::PROTOCOL })
        }
    };
    showing.abort();
    presence::gone(&shop).await;
    shop.link.close().await;
    let sum = |count: fn(&Counts) -> &AtomicU64| {
        benches.iter().map(|bench| count(&bench.counts).load(Ordering::Relaxed)).sum()
    };
    let done = Done { made: sum(|counts| &counts.made), broken: sum(|counts| &counts.broken) };
    outcome.map(|()| done)
}

async fn bench(link: &Link, endpoint: Endpoint) -> Result<Bench, ClusterError> {
    let id = endpoint.model.id().clone();
    let model: Arc<dyn ModelApi> = match endpoint.allowance {
        Some(allowance) => {
            let quota = Arc::new(Quota::open(link, allowance).await?);
            Arc::new(Metered { model: endpoint.model, quota })
        }
        None => endpoint.model,
    };
    let at_once = endpoint.at_once.max(1);
    Ok(Bench {
        id,
        model,
        gate: Limiter::new(Bounds::at_once(at_once)),
        at_once,
        slots: Arc::new(Semaphore::new(at_once + at_once.div_ceil(4))),
        turns: Semaphore::new(at_once),
        counts: Counts::default(),
    })
}

impl Shop {
    fn stopping(&self) -> bool {
        *self.stop.borrow()
    }

    async fn pause(&self, pause: Duration) {
        let mut stop = self.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stopped| *stopped) => {}
        }
    }

    /// Waits until a coordinator has been here; says whether there is still something to do.
    async fn wait_for_setup(&self) -> Result<bool, ClusterError> {
        let mut said = false;
        while !self.stopping() {
            match compare_protocol(&self.link).await {
                Ok(()) => return Ok(true),
                Err(error @ (ClusterError::NotSetUp { .. } | ClusterError::Away { .. })) => {
                    if !std::mem::replace(&mut said, true) {
                        self.link.need_streams().await?;
                        (self.link.tell)(&format!("waiting for a coordinator: {error}"));
                    }
                }
                Err(error) => return Err(error),
            }
            self.pause(LOOK).await;
        }
        Ok(false)
    }

    /// Takes jobs of one model until the worker stops, and waits for those in hand.
    async fn serve(self: Arc<Self>, bench: Arc<Bench>) {
        let mut in_hand: JoinSet<()> = JoinSet::new();
        let mut consumer = None;
        let mut said = false;
        while !self.stopping() {
            let jobs = match &consumer {
                Some(jobs) => jobs,
                None => match offered(&self.link, &bench.id).await {
                    Ok(found) => &*consumer.insert(found),
                    Err(error) => {
                        let none = matches!(error, ClusterError::NotSetUp { .. });
                        if !std::mem::replace(&mut said, true) {
                            let why = if none { "none yet".to_owned() } else { error.to_string() };
                            (self.link.tell)(&format!("waiting for jobs of {}: {why}", bench.id));
                        }
                        self.pause(LOOK).await;
                        continue;
                    }
                },
            };
            if self.take(&bench, jobs, &mut in_hand).await.is_err() {
                // The server is away, or the queue was taken down: look again.
                consumer = None;
                self.pause(LOOK).await;
            }
            while let Some(ended) = in_hand.try_join_next() {
                self.note(ended);
            }
        }
        while let Some(ended) = in_hand.join_next().await {
            self.note(ended);
        }
    }

    fn note(&self, ended: Result<(), tokio::task::JoinError>) {
        if let Err(error) = ended {
            (self.link.tell)(&format!("a job broke off, and will be handed out again: {error}"));
        }
    }

    /// Takes as many jobs as there is room for.
    async fn take(
        self: &Arc<Self>,
        bench: &Arc<Bench>,
        jobs: &Consumer<pull::Config>,
        in_hand: &mut JoinSet<()>,
    ) -> Result<(), async_nats::Error> {
        let lease = jobs.cached_info().config.ack_wait;
        let Ok(first) = Arc::clone(&bench.slots).acquire_owned().await else { return Ok(()) };
        // All that are free; with `first` there is always one.
        let mut free = vec![first];
        while let Ok(slot) = Arc::clone(&bench.slots).try_acquire_owned() {
            free.push(slot);
        }
        let mut batch = jobs.batch().max_messages(free.len()).expires(OPEN).messages().await?;
        while let Some(first) = batch.next().await {
            let (together, broken) = gather(first, &mut batch, &mut free);
            in_hand.spawn(Arc::clone(self).hold(Arc::clone(bench), together, lease));
            if let Some(error) = broken {
                return Err(error);
            }
        }
        Ok(())
    }
}

type Delivered = Result<Message, async_nats::Error>;

/// `first`, and what is there already beside it, each with room of its own: leave for them is asked together.
fn gather(
    first: Delivered,
    batch: &mut Batch,
    free: &mut Vec<OwnedSemaphorePermit>,
) -> (Vec<(Message, OwnedSemaphorePermit)>, Option<async_nats::Error>) {
    let mut together = Vec::new();
    let mut next = Some(first);
    while let Some(delivered) = next.take() {
        match (delivered, free.pop()) {
            (Ok(message), Some(slot)) => together.push((message, slot)),
            // More than was asked for is handed out again after its lease.
            (Ok(_), None) => break,
            (Err(error), _) => return (together, Some(error)),
        }
        if !free.is_empty() {
            next = batch.next().now_or_never().flatten();
        }
    }
    (together, None)
}
