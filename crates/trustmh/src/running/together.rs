//! Runs that are worked on together: they stop together, spend from one purse, and share the gates before endpoints that they share.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

use trustmh_core::scorecard::JudgeName;
use trustmh_engine::benchmark::Benchmark;
use trustmh_model::halt::Halt;
use trustmh_model::limit::Limiter;
use trustmh_model::traffic::Traffic;
use trustmh_run::dispatch::{self, Ending, Gates, InProcess, Pace, Progress, Purse};
use trustmh_run::manifest::Manifest;
use trustmh_run::plan::Plan;

use super::models::LocalModels;
use super::prepared::GRACE;
use super::prices::prices;
use crate::arguments::CallArguments;
use crate::failure::Failure;

/// The gates before endpoints that several runs share, by the address or name of what is behind them.
#[derive(Default)]
pub(crate) struct SharedGates(Mutex<HashMap<String, Arc<Limiter>>>);

impl SharedGates {
    /// The gate of `endpoint`: the one that is there, or else `own`.
    fn before(&self, endpoint: String, own: Arc<Limiter>) -> Arc<Limiter> {
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
            judge: match judge_endpoint(manifest) {
                Some(endpoint) => together.gates.before(endpoint, own.judge),
                None => own.judge,
            },
            client: together.gates.before("the client".to_owned(), own.client),
            toxicity: together.gates.before("the endpoint of toxicity".to_owned(), own.toxicity),
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

/// Where the judge of a run is asked; none where none is.
fn judge_endpoint(manifest: &Manifest) -> Option<String> {
    let judge = &manifest.judge;
    let plain = |url: &str| url.trim().trim_end_matches('/').to_lowercase();
    match (&judge.name, &judge.base_url) {
        (JudgeName::Offline | JudgeName::None, _) => None,
        (_, Some(urls)) => Some(format!("judges at {}", plain(urls))),
        // Models of one provider share its endpoint; each of the others is on its own.
        (name, None) => {
            let model = name.title();
            let provider = trustmh_model::provider::Provider::of_model(model);
            Some(provider.map_or_else(
                || format!("the judge {model}"),
                |(at, _)| format!("judges at {}", plain(at.base_url())),
            ))
        }
    }
}
