//! How calls get to their endpoints: how many at once, and none twice at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use trustmh_bench::score::ENDPOINT;
use trustmh_core::call::{CallKey, Purpose};
use trustmh_model::api::ModelApi;
use trustmh_model::limit::{Bounds, Limiter};

use super::{Models, Pace};

/// One gate for each endpoint.
pub(super) struct Gates {
    subject: Limiter,
    judge: Limiter,
    toxicity: Limiter,
}

impl Gates {
    pub(super) fn of(models: &Models<'_>, pace: &Pace) -> Self {
        let own = |api: Option<&dyn ModelApi>| api.map_or(1, |api| api.parallel().get());
        let at_once = pace.subject.at_once.max(own(models.judge));
        Self {
            subject: Limiter::new(pace.subject),
            judge: Limiter::new(Bounds { at_once, ..pace.judge }),
            toxicity: Limiter::new(Bounds::at_once(own(models.toxicity))),
        }
    }

    /// The gate of the endpoint that a call goes to.
    pub(super) fn before(&self, purpose: &Purpose) -> &Limiter {
        match purpose {
            Purpose::Subject { .. } => &self.subject,
            Purpose::Judge { rubric } if rubric.as_str() == ENDPOINT => &self.toxicity,
            Purpose::Judge { .. } => &self.judge,
        }
    }
}

/// Calls that are being made, so that none is made twice at once.
#[derive(Default)]
pub(super) struct InFlight(Mutex<HashMap<CallKey, Arc<tokio::sync::Mutex<()>>>>);

impl InFlight {
    pub(super) fn turn(&self, key: &CallKey) -> Arc<tokio::sync::Mutex<()>> {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(calls.entry(key.clone()).or_default())
    }

    /// Forgets the call unless somebody else waits for it.
    pub(super) fn over(&self, key: &CallKey, turn: &Arc<tokio::sync::Mutex<()>>) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::strong_count(turn) <= 2 {
            calls.remove(key);
        }
    }
}
