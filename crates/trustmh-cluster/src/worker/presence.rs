//! What others see of a worker.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use trustmh_core::id::ModelId;

use super::{EndpointSlots, SharedState};
use crate::names::{WORKERS, token};
use crate::values;
use crate::wire::encoded;

const BETWEEN: Duration = Duration::from_secs(2);

/// A worker as others see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// Its program's version.
    pub program: String,
    /// Since when.
    pub since: Timestamp,
    /// Whether it takes no more jobs.
    pub draining: bool,
    /// Results a second, of late.
    pub rate: f64,
    /// What it serves.
    pub served: Vec<Served>,
}

/// A model that a worker serves, as others see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Served {
    /// The model.
    pub model: ModelId,
    /// Calls at once, at the most.
    pub at_once: usize,
    /// Jobs in hand.
    pub in_hand: u64,
    /// Results brought.
    pub made: u64,
    /// Of these, calls without a reply.
    pub broken: u64,
}

/// Shows the worker to others while it is there.
pub(super) struct Presence {
    state: Arc<SharedState>,
    since: Timestamp,
}

impl Presence {
    pub(super) fn new(state: &Arc<SharedState>) -> Self {
        Self { state: Arc::clone(state), since: Timestamp::now() }
    }

    pub(super) async fn show(self) {
        let (mut made, mut at) = (0, Instant::now());
        loop {
            let served: Vec<Served> =
                self.state.endpoints.iter().map(|slots| served(slots)).collect();
            let total: u64 = served.iter().map(|served| served.made).sum();
            let rate = (total - made) as f64 / at.elapsed().as_secs_f64().max(0.001);
            (made, at) = (total, Instant::now());
            let shown = Shown {
                name: self.state.config.name.clone(),
                program: env!("CARGO_PKG_VERSION").to_owned(),
                since: self.since,
                draining: self.state.stopping(),
                rate,
                served,
            };
            // Being seen is no condition of working.
            let text = encoded(&shown);
            values::put(&self.state.link, WORKERS, &token(&shown.name), text.into()).await;
            tokio::time::sleep(BETWEEN).await;
        }
    }
}

fn served(slots: &EndpointSlots) -> Served {
    let count = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
    Served {
        model: slots.id.clone(),
        at_once: slots.at_once,
        in_hand: count(&slots.counts.in_hand),
        made: count(&slots.counts.made),
        broken: count(&slots.counts.broken),
    }
}

/// Takes the worker out of what others see.
pub(super) async fn gone(state: &SharedState) {
    // One that stays is forgotten after a while.
    values::delete(&state.link, WORKERS, &token(&state.config.name)).await;
}
