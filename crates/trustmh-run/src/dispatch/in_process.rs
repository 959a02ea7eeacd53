//! Calls made in this process.

use futures_util::future::BoxFuture;
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

/// Makes calls in this process, with one gate before each endpoint.
pub struct InProcess<'m> {
    models: Models<'m>,
    limits: Limits,
    subject: Limiter,
    judge: Limiter,
    toxicity: Limiter,
    client: Limiter,
}

impl<'m> InProcess<'m> {
    /// Calls to `models`, within `limits`, until `stop` says that no more may leave.
    pub fn new(models: Models<'m>, limits: Limits, stop: &watch::Receiver<Halt>) -> Self {
        let gate = |bounds| Limiter::new(bounds).until(stop.clone());
        let own = |api: Option<&dyn ModelApi>| api.map_or(1, |api| api.parallel().get());
        Self {
            models,
            limits,
            subject: gate(limits.subject),
            judge: gate(limits.judge),
            toxicity: gate(Bounds::at_once(own(models.toxicity))),
            client: gate(limits.client),
        }
    }

    /// Counts in `traffic` what the calls are doing.
    #[must_use]
    pub fn counted_by(self, traffic: &Traffic) -> Self {
        Self {
            subject: self.subject.counted_by(traffic),
            judge: self.judge.counted_by(traffic),
            toxicity: self.toxicity.counted_by(traffic),
            client: self.client.counted_by(traffic),
            ..self
        }
    }

    /// Who answers, and the gate before them.
    fn endpoint(&self, purpose: &Purpose) -> (Option<&'m dyn ModelApi>, &Limiter) {
        match purpose {
            Purpose::Subject { .. } => (Some(self.models.subject), &self.subject),
            Purpose::Judge { rubric, .. } if rubric.as_str() == ENDPOINT => {
                (self.models.toxicity, &self.toxicity)
            }
            Purpose::Judge { .. } => (self.models.judge, &self.judge),
            Purpose::Client { .. } => (self.models.client, &self.client),
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
