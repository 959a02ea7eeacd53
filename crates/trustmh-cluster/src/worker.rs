//! The worker's side: asks coordinators for calls of the models it serves, makes them, brings results.

mod calls;
mod presence;
mod requests;
mod results;
mod turns;

pub use presence::{Served, Shown};

use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;

use trustmh_core::id::{ModelId, RunId};
use trustmh_model::api::ModelApi;
use trustmh_model::limit::{Bounds, Limiter};

use crate::access::Link;
use crate::error::ClusterError;
use crate::names::{OFFERS, PROTOCOL, token};
use crate::quota::{Allowance, Metered, Quota};
use crate::setup::{PRESENCE, compare_protocol};
use crate::validation;
use crate::wire::RunOffer;
use presence::Presence;
use turns::Turns;

/// How often is looked for a coordinator.
const LOOK: Duration = Duration::from_secs(1);
/// Runs that are worked on at once.
const MOST_RUNS: usize = 1_000;

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
pub struct WorkerConfig {
    /// What others see it as; unique.
    pub name: String,
}

/// What a worker has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerReport {
    /// Results it brought.
    pub made: u64,
    /// Of these, calls without a reply.
    pub broken: u64,
}

/// One endpoint at work.
struct EndpointSlots {
    id: ModelId,
    model: Arc<dyn ModelApi>,
    gate: Limiter,
    at_once: usize,
    /// A few more calls than are made at once, so that the next is there when one ends.
    slots: Arc<Semaphore>,
    /// Whose call is made next.
    turns: Turns,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    in_hand: AtomicU64,
    made: AtomicU64,
    broken: AtomicU64,
}

/// What all tasks of a worker share.
struct SharedState {
    link: Link,
    config: WorkerConfig,
    /// Tells this process from any other of the same name.
    session: String,
    endpoints: Vec<Arc<EndpointSlots>>,
    /// Requests for calls so far.
    asked: AtomicU64,
    stop: watch::Receiver<bool>,
    /// A slot has become free.
    freed: Notify,
    /// Runs that offer calls.
    runs: watch::Sender<usize>,
    /// Set when every coordinator that could be asked is of another version.
    wrong: watch::Sender<Option<u32>>,
}

/// Works until `stop` says so, then finishes what it has in hand.
///
/// # Errors
/// [`ClusterError`] if the server cannot be used, or speaks another protocol.
pub async fn work(
    link: Link,
    endpoints: Vec<Endpoint>,
    config: WorkerConfig,
    stop: watch::Receiver<bool>,
) -> Result<WorkerReport, ClusterError> {
    link.need_streams_greeted()?;
    if !wait_for_setup(&link, &stop).await? {
        return Ok(WorkerReport { made: 0, broken: 0 });
    }
    let mut opened = Vec::new();
    for endpoint in endpoints {
        opened.push(Arc::new(slots_of(&link, endpoint).await?));
    }
    let (wrong, mut is_wrong) = watch::channel(None);
    let state = Arc::new(SharedState {
        link,
        config,
        session: uuid::Uuid::now_v7().simple().to_string(),
        endpoints: opened,
        asked: AtomicU64::new(0),
        stop,
        freed: Notify::new(),
        runs: watch::Sender::new(0),
        wrong,
    });
    let showing = tokio::spawn(Presence::new(&state).show());
    let outcome = tokio::select! {
        served = Arc::clone(&state).serve() => served,
        theirs = is_wrong.wait_for(Option::is_some) => {
            let theirs = theirs.ok().and_then(|theirs| *theirs).unwrap_or_default();
            let program = "the coordinator's version".to_owned();
            Err(ClusterError::Protocol { theirs, program, ours: PROTOCOL })
        }
    };
    showing.abort();
    presence::gone(&state).await;
    state.link.close().await;
    let sum = |count: fn(&Counts) -> &AtomicU64| {
        state.endpoints.iter().map(|slots| count(&slots.counts).load(Ordering::Relaxed)).sum()
    };
    let done =
        WorkerReport { made: sum(|counts| &counts.made), broken: sum(|counts| &counts.broken) };
    outcome.map(|()| done)
}

/// Waits until a coordinator has been here; says whether there is still something to do.
async fn wait_for_setup(link: &Link, stop: &watch::Receiver<bool>) -> Result<bool, ClusterError> {
    let mut said = false;
    while !*stop.borrow() {
        match compare_protocol(link).await {
            Ok(()) => return Ok(true),
            Err(error @ (ClusterError::NotSetUp { .. } | ClusterError::Away { .. })) => {
                if !std::mem::replace(&mut said, true) {
                    (link.notify)(&format!("waiting for a coordinator: {error}"));
                }
            }
            Err(error) => return Err(error),
        }
        pause(stop, LOOK).await;
    }
    Ok(false)
}

async fn pause(stop: &watch::Receiver<bool>, pause: Duration) {
    let mut stop = stop.clone();
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        _ = stop.wait_for(|stopped| *stopped) => {}
    }
}

async fn slots_of(link: &Link, endpoint: Endpoint) -> Result<EndpointSlots, ClusterError> {
    let id = endpoint.model.id().clone();
    let model: Arc<dyn ModelApi> = match endpoint.allowance {
        Some(allowance) => {
            let quota = Arc::new(Quota::open(link, allowance).await?);
            Arc::new(Metered { model: endpoint.model, quota })
        }
        None => endpoint.model,
    };
    let at_once = endpoint.at_once.max(1);
    Ok(EndpointSlots {
        id,
        model,
        gate: Limiter::new(Bounds::at_once(at_once)),
        at_once,
        slots: Arc::new(Semaphore::new(at_once + at_once.div_ceil(4))),
        turns: Turns::new(at_once),
        counts: Counts::default(),
    })
}

impl SharedState {
    fn stopping(&self) -> bool {
        *self.stop.borrow()
    }

    fn slots_of(&self, model: &ModelId) -> Option<&Arc<EndpointSlots>> {
        self.endpoints.iter().find(|slots| slots.id == *model)
    }

    fn served(&self) -> Vec<ModelId> {
        self.endpoints.iter().map(|slots| slots.id.clone()).collect()
    }

    /// Works on every run that offers calls of a model served here, until the worker stops; waits for what is in hand.
    async fn serve(self: Arc<Self>) -> Result<(), ClusterError> {
        let failed = |cause: String| ClusterError::refused("listening to coordinators", cause);
        let offers = self.link.client.subscribe(OFFERS).await;
        let mut offers = offers.map_err(|error| failed(error.to_string()))?;
        let mut heard: HashMap<RunId, watch::Sender<Instant>> = HashMap::new();
        let mut working: JoinSet<RunId> = JoinSet::new();
        let mut stop = self.stop.clone();
        let mut told_of_others = false;
        loop {
            tokio::select! {
                offer = offers.next() => {
                    let Some(offer) = offer else {
                        return Err(failed("the connection was closed".to_owned()));
                    };
                    let Ok(offer) = serde_json::from_slice::<RunOffer>(&offer.payload) else { continue };
                    if offer.v != PROTOCOL {
                        if !std::mem::replace(&mut told_of_others, true) {
                            let run = validation::said(offer.run.as_str(), 100);
                            let theirs = offer.v;
                            (self.link.notify)(&format!(
                                "run {run} speaks protocol {theirs}, this program {PROTOCOL}; it gets no help from here"
                            ));
                        }
                        continue;
                    }
                    if !offer.models.iter().any(|model| self.slots_of(model).is_some()) {
                        continue;
                    }
                    match heard.get(&offer.run) {
                        Some(last) => drop(last.send_replace(Instant::now())),
                        None if heard.len() < MOST_RUNS => {
                            let (sender, last) = watch::channel(Instant::now());
                            heard.insert(offer.run.clone(), sender);
                            self.runs.send_replace(heard.len());
                            working.spawn(Arc::clone(&self).work_on(offer.run, last));
                        }
                        None => {}
                    }
                }
                Some(over) = working.join_next() => match over {
                    Ok(run) => {
                        heard.remove(&run);
                        self.runs.send_replace(heard.len());
                    }
                    Err(error) => {
                        (self.link.notify)(&format!("work on a run broke off: {error}"));
                        heard.clear();
                    }
                },
                _ = stop.wait_for(|stopped| *stopped) => break,
            }
        }
        while working.join_next().await.is_some() {}
        Ok(())
    }

    /// Works on a run until no more is heard of it and nothing of it is in hand.
    async fn work_on(self: Arc<Self>, run: RunId, heard: watch::Receiver<Instant>) -> RunId {
        let work = requests::RunWork::new(Arc::clone(&self), token(run.as_str()));
        work.carry_on(|| heard.borrow().elapsed() < PRESENCE).await;
        run
    }
}
