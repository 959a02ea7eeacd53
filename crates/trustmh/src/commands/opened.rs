//! The models of a run: opened here, or named for workers elsewhere.

use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;

use trustmh_cluster::access::{Access, Role};
use trustmh_cluster::audit::Auditing;
use trustmh_cluster::dispatcher::{Cluster, CoordinatorConfig, Named};
use trustmh_cluster::setup::StreamSettings;
use trustmh_core::scorecard::JudgeName;
use trustmh_model::api::ModelApi;
use trustmh_model::halt::Halt;
use trustmh_model::limit::Bounds;
use trustmh_model::perspective::Perspective;
use trustmh_model::retry::Retry;
use trustmh_run::dispatch::{Dispatcher, InProcess, Limits, Models};
use trustmh_run::manifest::Manifest;

use super::{descriptors, link};
use crate::arguments::{ModelAccess, Workers};
use crate::failure::Failure;
use crate::models;

/// Trials walked at once where workers make the calls: enough for a few dozen of them.
const AT_ONCE: usize = 512;

/// The file of audits in a run's folder.
const AUDITS: &str = "audit.jsonl";

/// The models of a run.
pub(super) enum Opened {
    /// In this process.
    Here(Here),
    /// Served by workers.
    Elsewhere(Elsewhere),
}

/// Models that this process calls.
pub(super) struct Here {
    subject: Box<dyn ModelApi>,
    judge: Option<Box<dyn ModelApi>>,
    toxicity: Option<Perspective>,
}

/// Models that workers call.
pub(super) struct Elsewhere {
    access: Access,
    named: Named,
    config: CoordinatorConfig,
    audit_share: Option<f64>,
}

impl Opened {
    pub(super) fn open(
        manifest: &Manifest,
        access: &ModelAccess,
        workers: &Workers,
    ) -> Result<Self, Failure> {
        match &workers.cluster {
            Some(servers) => {
                Ok(Self::Elsewhere(Elsewhere::named(manifest, access, workers, servers)?))
            }
            None => Ok(Self::Here(Here::open(manifest, access)?)),
        }
    }

    /// Whoever makes the calls of the run in `folder`.
    pub(super) async fn dispatcher(
        &self,
        manifest: &Manifest,
        folder: &Path,
        access: &ModelAccess,
        stop: &watch::Receiver<Halt>,
    ) -> Result<Box<dyn Dispatcher + '_>, Failure> {
        Ok(match self {
            Self::Here(here) => Box::new(InProcess::new(here.models(), here.limits(access)?, stop)),
            Self::Elsewhere(elsewhere) => {
                let link = link::connect(&elsewhere.access, Role::Coordinator).await?;
                let Elsewhere { named, config, audit_share, .. } = elsewhere;
                let audit = audit_share.map(|share| {
                    let file = folder.join(AUDITS);
                    Auditing { share, seed: manifest.seed, file }
                });
                let config = CoordinatorConfig { audit, ..config.clone() };
                Box::new(Cluster::new(link, manifest.id.clone(), named.clone(), config))
            }
        })
    }
}

impl Here {
    fn open(manifest: &Manifest, access: &ModelAccess) -> Result<Self, Failure> {
        let reach = &access.reach;
        let subject = &manifest.subject;
        let key_env = reach.key_env.as_deref();
        let opened = models::open(&subject.id, subject.base_url.as_deref(), key_env, reach)?;
        let judge = match &manifest.judge.name {
            JudgeName::Model(id) => {
                let key_env = reach.judge_key_env.as_deref().or(key_env);
                Some(models::open(id, manifest.judge.base_url.as_deref(), key_env, reach)?)
            }
            JudgeName::Offline | JudgeName::None => None,
        };
        let toxicity = manifest.toxicity_url.as_deref();
        let toxicity = toxicity.map(|url| models::open_toxicity(url, reach)).transpose()?;
        Ok(Self { subject: opened, judge, toxicity })
    }

    fn models(&self) -> Models<'_> {
        Models {
            subject: self.subject.as_ref(),
            judge: self.judge.as_deref(),
            toxicity: self.toxicity.as_ref().map(|endpoint| endpoint as &dyn ModelApi),
        }
    }

    fn limits(&self, access: &ModelAccess) -> Result<Limits, Failure> {
        let wanted = access.reach.connections.unwrap_or_else(|| self.subject.parallel());
        let at_once = descriptors::within(wanted.get())?;
        let judge = self.judge.as_ref().map_or(1, |judge| judge.parallel().get());
        let judge = descriptors::within(at_once.max(judge))?;
        Ok(Limits {
            subject: Bounds {
                at_once,
                calls_per_minute: access.rpm,
                tokens_per_minute: access.tpm,
            },
            judge: Bounds {
                at_once: judge,
                calls_per_minute: access.judge_rpm,
                tokens_per_minute: access.judge_tpm,
            },
            retry: Retry { attempts: access.tries.max(1), ..Retry::default() },
        })
    }
}

impl Elsewhere {
    fn named(
        manifest: &Manifest,
        access: &ModelAccess,
        workers: &Workers,
        servers: &str,
    ) -> Result<Self, Failure> {
        if access.rpm.or(access.tpm).or(access.judge_rpm).or(access.judge_tpm).is_some() {
            return Err(Failure::usage(
                "with --cluster, rates are bounded where the calls are made",
            )
            .with_hint("say `trustmh worker --quota NAME=CALLS,TOKENS` on every worker"));
        }
        let toxicity = manifest.toxicity_url.as_deref();
        let toxicity = toxicity.map(|url| models::open_toxicity(url, &access.reach)).transpose()?;
        Ok(Self {
            access: link::access(servers, &workers.server)?,
            named: Named {
                subject: manifest.subject.id.clone(),
                judge: match &manifest.judge.name {
                    JudgeName::Model(id) => Some(id.clone()),
                    JudgeName::Offline | JudgeName::None => None,
                },
                toxicity: toxicity.map(|endpoint| endpoint.id().clone()),
            },
            config: CoordinatorConfig {
                holder: link::whereabouts(),
                at_once: access.reach.connections.map_or(AT_ONCE, std::num::NonZeroUsize::get),
                tries: access.tries.max(1),
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
