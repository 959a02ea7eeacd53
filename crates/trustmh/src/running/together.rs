//! Runs that are worked on together: they stop together, spend from one purse, and share the gates before endpoints that they share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

use trustmh_core::id::ModelId;
use trustmh_engine::benchmark::Benchmark;
use trustmh_model::halt::Halt;
use trustmh_model::limit::Limiter;
use trustmh_model::traffic::Traffic;
use trustmh_run::dispatch::{self, Ending, Gates, InProcess, Pace, Progress, Purse};
use trustmh_run::manifest::Manifest;
use trustmh_run::plan::Plan;
use trustmh_run::study::Endpoint;

use super::effect::Answers;
use super::models::LocalModels;
use super::prepared::GRACE;
use super::prices::prices;
use crate::arguments::CallArguments;
use crate::failure::Failure;

/// What runs that are worked on together share a gate before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Gated {
    /// The judges at an endpoint.
    Judge(Endpoint),
    /// The one client of all.
    Client,
    /// The one endpoint that scores toxicity.
    Toxicity,
}

/// The gates before endpoints that several runs share.
#[derive(Default)]
pub(crate) struct SharedGates(Mutex<BTreeMap<Gated, Arc<Limiter>>>);

impl SharedGates {
    /// The gate of `endpoint`: the one that is there, or else `own`.
    fn before(&self, endpoint: Gated, own: Arc<Limiter>) -> Arc<Limiter> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(gates.entry(endpoint).or_insert(own))
    }
}

/// What the runs share.
pub(crate) struct Together {
    pub(crate) stop: watch::Receiver<Halt>,
    pub(crate) traffic: Traffic,
    pub(crate) purse: Arc<Purse>,
    pub(crate) gates: SharedGates,
}

/// One of the runs.
pub(crate) struct Run<'r> {
    pub(crate) benchmark: &'r Benchmark,
    pub(crate) plan: &'r Plan,
    pub(crate) folder: &'r Path,
    pub(crate) calls: &'r CallArguments,
    /// Runs whose finished calls serve this one.
    pub(crate) reuse: Vec<PathBuf>,
}

/// Whether the models of a run can be opened: their keys are set and their addresses are such.
pub(crate) fn check(manifest: &Manifest, calls: &CallArguments) -> Result<(), Failure> {
    LocalModels::open(manifest, calls).map(drop)
}

impl Run<'_> {
    /// Makes the calls that are not recorded.
    pub(crate) async fn done(
        self,
        together: &Together,
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Ending, Failure> {
        let manifest = &self.plan.manifest;
        let opened = LocalModels::open(manifest, self.calls)?;
        let (models, limits) = (opened.models(), opened.limits(self.calls)?);
        let own = Gates::own(models, limits, &together.stop, &together.traffic);
        let gates = Gates {
            judge: match manifest.judge.name.model() {
                Some(id) => {
                    let endpoint = model_endpoint(id, manifest.judge.base_url.as_deref());
                    together.gates.before(Gated::Judge(endpoint), own.judge)
                }
                None => own.judge,
            },
            client: together.gates.before(Gated::Client, own.client),
            toxicity: together.gates.before(Gated::Toxicity, own.toxicity),
            subject: own.subject,
        };
        let dispatcher = InProcess::through(models, limits, gates);
        let journal = |run: &PathBuf| run.join(trustmh_run::journal::FILE);
        let pace = Pace {
            purse: Arc::clone(&together.purse),
            prices: prices(manifest, &self.calls.limits)?,
            reuse: self.reuse.iter().map(journal).collect(),
            grace: GRACE,
        };
        let stop = together.stop.clone();
        let (benchmark, plan, folder) = (self.benchmark, self.plan, self.folder);
        Ok(dispatch::run(benchmark, plan, folder, &dispatcher, &pace, stop, watch).await?)
    }
}

/// Where a model is asked: at its address, at its provider, or in this program.
pub(crate) fn model_endpoint(model: &ModelId, base_url: Option<&str>) -> Endpoint {
    if let Some(urls) = base_url {
        return Endpoint::at(urls);
    }
    match trustmh_model::provider::Provider::of_model(model.as_str()) {
        Some((provider, _)) => Endpoint::at(provider.base_url()),
        None if Answers::of(model) == Answers::Command => Endpoint::of(model.as_str()),
        None => Endpoint::of("this program"),
    }
}
