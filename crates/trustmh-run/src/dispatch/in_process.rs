//! Calls made in this process.

use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;

use trustmh_core::call::{CallKey, CallSpec, Purpose};
use trustmh_core::id::ModelId;
use trustmh_engine::score::ENDPOINT;
use trustmh_model::api::ModelApi;
use trustmh_model::error::ModelError;
use trustmh_model::halt::Halt;
use trustmh_model::limit::{Bounds, Limiter};
use trustmh_model::retry::{Retry, complete_with_retry};
use trustmh_model::traffic::Traffic;

use super::dispatcher::{Dispatcher, Made};
use crate::error::RunError;

/// The models of a run.
#[derive(Clone, Copy)]
pub struct Models<'m> {
    /// The model under test.
    pub subject: &'m dyn ModelApi,
    /// The judging model, if a model judges.
    pub judge: Option<&'m dyn ModelApi>,
    /// The endpoint that scores toxicity, if one does.
    pub toxicity: Option<&'m dyn ModelApi>,
    /// The model that plays clients, if one does.
    pub client: Option<&'m dyn ModelApi>,
}

/// What the endpoints get at the most, and how broken calls are tried again.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// What the subject gets.
    pub subject: Bounds,
    /// What the judge gets.
    pub judge: Bounds,
    /// What the model gets that plays clients.
    pub client: Bounds,
    /// How broken calls are tried again.
    pub retry: Retry,
}

/// The gates before the endpoints of a run. Runs that are worked on together share those of endpoints that they share.
#[derive(Debug, Clone)]
pub struct Gates {
    /// Before the subject.
    pub subject: Arc<Limiter>,
    /// Before the judge.
    pub judge: Arc<Limiter>,
    /// Before the endpoint that scores toxicity.
    pub toxicity: Arc<Limiter>,
    /// Before the model that plays clients.
    pub client: Arc<Limiter>,
}

impl Gates {
    /// A run's own gates, through which nothing goes once `stop` says so; what the calls are doing is counted in `traffic`.
    pub fn own(
        models: Models<'_>,
        limits: Limits,
        stop: &watch::Receiver<Halt>,
        traffic: &Traffic,
    ) -> Self {
        let gate = |bounds| Arc::new(Limiter::new(bounds).until(stop.clone()).counted_by(traffic));
        let toxicity = models.toxicity.map_or(1, |api| api.parallel().get());
        Self {
            subject: gate(limits.subject),
            judge: gate(limits.judge),
            toxicity: gate(Bounds::at_once(toxicity)),
            client: gate(limits.client),
        }
    }
}

/// Makes calls in this process, with one gate before each endpoint.
pub struct InProcess<'m> {
    models: Models<'m>,
    limits: Limits,
    gates: Gates,
}

impl<'m> InProcess<'m> {
    /// Calls to `models`, within `limits`, until `stop` says that no more may leave.
    pub fn new(models: Models<'m>, limits: Limits, stop: &watch::Receiver<Halt>) -> Self {
        Self::through(models, limits, Gates::own(models, limits, stop, &Traffic::default()))
    }

    /// Calls to `models`, within `limits`, through these gates.
    pub fn through(models: Models<'m>, limits: Limits, gates: Gates) -> Self {
        Self { models, limits, gates }
    }

    /// Who answers, and the gate before them.
    fn endpoint(&self, purpose: &Purpose) -> (Option<&'m dyn ModelApi>, &Limiter) {
        match purpose {
            Purpose::Subject { .. } => (Some(self.models.subject), &self.gates.subject),
            Purpose::Judge { rubric, .. } if rubric.as_str() == ENDPOINT => {
                (self.models.toxicity, &self.gates.toxicity)
            }
            Purpose::Judge { .. } => (self.models.judge, &self.gates.judge),
            Purpose::Client { .. } => (self.models.client, &self.gates.client),
        }
    }
}

impl Dispatcher for InProcess<'_> {
    fn model_for(&self, purpose: &Purpose) -> Option<&ModelId> {
        self.endpoint(purpose).0.map(|api| api.id())
    }

    /// Enough for subject, judge and client to be busy at the same time, and a few that wait, so that nobody is idle while finished calls
    /// are written down.
    fn trials_at_once(&self) -> usize {
        let subject = self.limits.subject.at_once.max(1);
        let others = [self.models.judge, self.models.client];
        let busy = subject * (1 + others.iter().flatten().count());
        busy + busy / 4
    }

    fn ended<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let (Some(api), _) = self.endpoint(&call.purpose) {
                api.ended(call).await;
            }
        })
    }

    fn make<'a>(
        &'a self,
        _: &'a CallKey,
        call: &'a CallSpec,
    ) -> BoxFuture<'a, Result<Made, RunError>> {
        Box::pin(async move {
            let (api, gate) = self.endpoint(&call.purpose);
            let Some(api) = api else {
                let message = "a call has no model to go to".to_owned();
                return Err(ModelError::Configuration { message }.into());
            };
            let begun = Instant::now();
            let (result, tries) = complete_with_retry(api, call, &self.limits.retry, gate).await;
            Ok(Made {
                result,
                tries,
                took: begun.elapsed(),
                handed_out: None,
                learnt: api.learnt(),
            })
        })
    }
}
