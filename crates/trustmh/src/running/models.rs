//! The models of a run: opened in this process, or named for workers.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;

use trustmh_cluster::access::{Access, Role};
use trustmh_cluster::audit::Auditing;
use trustmh_cluster::dispatcher::{Cluster, CoordinatorConfig, Named};
use trustmh_cluster::setup::StreamSettings;
use trustmh_model::api::ModelApi;
use trustmh_model::halt::Halt;
use trustmh_model::limit::Bounds;
use trustmh_model::perspective::Perspective;
use trustmh_model::replay::Replay;
use trustmh_model::retry::Retry;
use trustmh_model::traffic::Traffic;
use trustmh_run::dispatch::{Dispatcher, Gates, InProcess, Limits, Models};
use trustmh_run::manifest::{Manifest, Origin};

use super::open_files;
use crate::arguments::{CallArguments, KeySharing};
use crate::failure::Failure;
use crate::{models, nats};

/// Trials walked at once where workers make the calls: enough for a few dozen of them.
const AT_ONCE: usize = 512;

/// The file of audits in a run's folder.
const AUDITS: &str = "audit.jsonl";

/// The models of a run.
pub(crate) enum RunModels {
    /// Called by this process.
    Local(LocalModels),
    /// Called by workers.
    Cluster(ClusterModels),
}

/// Models that this process calls.
pub(super) struct LocalModels {
    subject: Box<dyn ModelApi>,
    judge: Option<Box<dyn ModelApi>>,
    toxicity: Option<Perspective>,
    client: Option<Box<dyn ModelApi>>,
}

/// Models that workers call.
pub(crate) struct ClusterModels {
    access: Access,
    named: Named,
    config: CoordinatorConfig,
    audit_share: Option<f64>,
}

impl RunModels {
    pub(crate) fn open(manifest: &Manifest, calls: &CallArguments) -> Result<Self, Failure> {
        match &calls.workers.cluster {
            Some(servers) => Ok(Self::Cluster(ClusterModels::named(manifest, calls, servers)?)),
            None => Ok(Self::Local(LocalModels::open(manifest, calls)?)),
        }
    }

    /// Whoever makes the calls of the run in `folder`, and counts them in `traffic`.
    pub(crate) async fn dispatcher(
        &self,
        manifest: &Manifest,
        folder: &Path,
        calls: &CallArguments,
        stop: &watch::Receiver<Halt>,
        traffic: &Traffic,
    ) -> Result<Box<dyn Dispatcher + '_>, Failure> {
        Ok(match self {
            Self::Local(local) => {
                let (models, limits) = (local.models(), local.limits(calls)?);
                let gates = Gates::own(models, limits, stop, traffic);
                Box::new(InProcess::through(models, limits, gates))
            }
            Self::Cluster(cluster) => {
                let link = nats::connect(&cluster.access, Role::Coordinator).await?;
                let ClusterModels { named, config, audit_share, .. } = cluster;
                let audit = audit_share.map(|share| {
                    let file = folder.join(AUDITS);
                    Auditing { share, seed: manifest.seed, file }
                });
                let config = CoordinatorConfig { audit, ..config.clone() };
                let cluster = Cluster::new(link, manifest.id.clone(), named.clone(), config);
                Box::new(cluster.counted_by(traffic))
            }
        })
    }
}

impl LocalModels {
    pub(super) fn open(manifest: &Manifest, calls: &CallArguments) -> Result<Self, Failure> {
        let endpoints = &calls.endpoints;
        let subject = &manifest.subject;
        let key_env = endpoints.key_env.as_deref();
        let usual_key = |id, base_url| match endpoints.key_sharing {
            KeySharing::Shared => {
                let subject = (&subject.id, subject.base_url.as_deref());
                models::place::shared_key(key_env, subject, (id, base_url))
            }
            KeySharing::Apart => None,
        };
        let opened: Box<dyn ModelApi> = match &manifest.origin {
            // Nobody is asked for a reply, so none is ever found.
            Origin::Observed(_) => {
                Box::new(Replay::new(subject.id.clone(), subject.id.clone(), HashMap::new()))
            }
            Origin::Asked | Origin::Imported { .. } => {
                models::open(&subject.id, subject.base_url.as_deref(), key_env, endpoints)?
            }
        };
        let judge = manifest.judge.name.model().map(|id| {
            let base_url = manifest.judge.base_url.as_deref();
            let key_env = endpoints.judge_key_env.as_deref().or(usual_key(id, base_url));
            models::open(id, base_url, key_env, endpoints)
        });
        let judge = judge.transpose()?;
        let toxicity = manifest.toxicity_url.as_deref();
        let toxicity = toxicity.map(|url| models::open_toxicity(url, endpoints)).transpose()?;
        let client = manifest.client.as_ref().map(|client| {
            let base_url = client.base_url.as_deref();
            let key_env = endpoints.client_key_env.as_deref().or(usual_key(&client.id, base_url));
            models::open(&client.id, base_url, key_env, endpoints)
        });
        Ok(Self { subject: opened, judge, toxicity, client: client.transpose()? })
    }

    pub(super) fn models(&self) -> Models<'_> {
        Models {
            subject: self.subject.as_ref(),
            judge: self.judge.as_deref(),
            toxicity: self.toxicity.as_ref().map(|endpoint| endpoint as &dyn ModelApi),
            client: self.client.as_deref(),
        }
    }

    pub(super) fn limits(&self, calls: &CallArguments) -> Result<Limits, Failure> {
        let limits = &calls.limits;
        let wanted = calls.endpoints.connections.unwrap_or_else(|| self.subject.parallel());
        let at_once = open_files::within(wanted.get())?;
        let own = |api: &Option<Box<dyn ModelApi>>| {
            let parallel = api.as_ref().map_or(1, |api| api.parallel().get());
            open_files::within(at_once.max(parallel))
        };
        Ok(Limits {
            subject: Bounds {
                at_once,
                calls_per_minute: limits.rpm,
                tokens_per_minute: limits.tpm,
            },
            judge: Bounds {
                at_once: match calls.endpoints.judge_connections {
                    Some(most) => open_files::within(most.get())?,
                    None => own(&self.judge)?,
                },
                calls_per_minute: limits.judge_rpm,
                tokens_per_minute: limits.judge_tpm,
            },
            client: Bounds {
                at_once: own(&self.client)?,
                calls_per_minute: limits.client_rpm,
                tokens_per_minute: limits.client_tpm,
            },
            retry: Retry { attempts: limits.tries.max(1), ..Retry::default() },
        })
    }
}

impl ClusterModels {
    fn named(manifest: &Manifest, calls: &CallArguments, servers: &str) -> Result<Self, Failure> {
        let CallArguments { limits, endpoints, workers } = calls;
        let rates = [
            limits.rpm,
            limits.tpm,
            limits.judge_rpm,
            limits.judge_tpm,
            limits.client_rpm,
            limits.client_tpm,
        ];
        if rates.iter().any(Option::is_some) {
            return Err(Failure::usage("with --cluster, rate limits belong to the workers")
                .with_hint("start every worker with --quota NAME=CALLS,TOKENS"));
        }
        let toxicity = manifest.toxicity_url.as_deref();
        let toxicity = toxicity.map(|url| models::open_toxicity(url, endpoints)).transpose()?;
        Ok(Self {
            access: nats::access(servers, &workers.server)?,
            named: Named {
                subject: manifest.subject.id.clone(),
                judge: manifest.judge.name.model().cloned(),
                toxicity: toxicity.map(|endpoint| endpoint.id().clone()),
                client: manifest.client.as_ref().map(|client| client.id.clone()),
            },
            config: CoordinatorConfig {
                holder: nats::whereabouts(),
                at_once: endpoints.connections.map_or(AT_ONCE, std::num::NonZeroUsize::get),
                tries: limits.tries.max(1),
                most_deliveries: workers.max_deliveries.get(),
                terms: StreamSettings {
                    replicas: workers.cluster_replicas.get(),
                    lease: Duration::from_secs(workers.lease.get()),
                },
                patience: Duration::from_secs(workers.cluster_patience),
                audit: None,
            },
            audit_share: workers.audit_share,
        })
    }
}
