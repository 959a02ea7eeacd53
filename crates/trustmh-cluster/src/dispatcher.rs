//! The coordinator's side: calls go out as jobs and come back as results.

use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinHandle;

use trustmh_core::call::{CallKey, CallSpec, Purpose};
use trustmh_core::id::{ModelId, RunId};
use trustmh_engine::score::ENDPOINT;
use trustmh_model::traffic::{Doing, Traffic};
use trustmh_run::dispatch::{Dispatcher, Ending, Made};
use trustmh_run::error::{CarrierFault, RunError};
use trustmh_run::journal::Replay;

use crate::access::Link;
use crate::audit::{Audit, Auditing};
use crate::coordinator::{CallResult, Coordinator, Recorded, forget, recall};
use crate::error::ClusterError;
use crate::lease::{CoordinatorRecord, Lease};
use crate::ledger::Ledger;
use crate::setup::{StreamSettings, note_model, prepare};
use crate::wire::{Job, OutcomeEnd};

/// How long leaving things in order may take.
const LEAVING: Duration = Duration::from_secs(10);
/// How long is waited for the next audit before the run ends without the rest.
const NEXT_AUDIT: Duration = Duration::from_secs(60);
/// After so long without any result people are told who is waited for.
const SILENCE: Duration = Duration::from_secs(15);

/// Names of the models of a run; who serves them is declared where workers run.
#[derive(Debug, Clone)]
pub struct Named {
    /// The model under test.
    pub subject: ModelId,
    /// The judging model, if a model judges.
    pub judge: Option<ModelId>,
    /// The endpoint that scores toxicity, if one does.
    pub toxicity: Option<ModelId>,
    /// The model that plays clients, if one does.
    pub client: Option<ModelId>,
}

/// How a coordinator works.
#[derive(Debug, Clone)]
pub struct CoordinatorConfig {
    /// Where it runs, for others to see: host and process.
    pub holder: String,
    /// Trials that are walked at once, and so about the calls that wait or are made at once.
    pub at_once: usize,
    /// Tries for a call that fails for a passing reason.
    pub tries: u32,
    /// A call that was handed out so often without a result is given up.
    pub most_deliveries: u32,
    /// How things are set up on the server.
    pub terms: StreamSettings,
    /// How long the server may stay away.
    pub patience: Duration,
    /// Which calls a second worker is asked again.
    pub audit: Option<Auditing>,
}

/// Carries calls to workers through the server.
pub struct Cluster {
    link: Link,
    run: RunId,
    named: Named,
    config: CoordinatorConfig,
    /// Tells this session's messages from those of an earlier one.
    session: String,
    begun: OnceCell<Begun>,
    /// Calls whose result is on its way to the disk.
    receipts: Mutex<HashMap<CallKey, Receipt>>,
    counts: Arc<Counts>,
    fatal: (watch::Sender<Option<Fatal>>, watch::Receiver<Option<Fatal>>),
    tasks: Mutex<Vec<JoinHandle<()>>>,
    traffic: Traffic,
}

#[derive(Debug, Default)]
struct Counts {
    recorded: AtomicU64,
    dead: AtomicU64,
}

struct Begun {
    coordinator: Arc<Coordinator>,
    lease: Arc<Lease>,
}

/// What is to be done once a result is on disk.
struct Receipt {
    /// Where it stands in the stream of results.
    places: Vec<u64>,
    ended: Recorded,
    /// What another worker is to make, too, and who made it.
    audited: Option<(Arc<Job>, String)>,
}

/// What ends the work, for all who wait.
#[derive(Debug, Clone)]
struct Fatal {
    fault: CarrierFault,
    message: String,
    hint: Option<&'static str>,
}

impl From<ClusterError> for Fatal {
    fn from(error: ClusterError) -> Self {
        Self { fault: error.fault(), message: error.to_string(), hint: error.hint() }
    }
}

impl From<Fatal> for RunError {
    fn from(fatal: Fatal) -> Self {
        let hint = fatal.hint.map(str::to_owned);
        Self::Carrier { fault: fatal.fault, message: fatal.message, hint }
    }
}

impl Cluster {
    /// A coordinator of `run`; nothing is sent before work begins.
    pub fn new(link: Link, run: RunId, named: Named, config: CoordinatorConfig) -> Self {
        Self {
            link,
            run,
            named,
            config,
            session: uuid::Uuid::now_v7().simple().to_string(),
            begun: OnceCell::new(),
            receipts: Mutex::default(),
            counts: Arc::default(),
            fatal: watch::channel(None),
            tasks: Mutex::default(),
            traffic: Traffic::default(),
        }
    }

    /// Counts in `traffic` the calls that are with workers, or wait for one.
    #[must_use]
    pub fn counted_by(self, traffic: &Traffic) -> Self {
        Self { traffic: traffic.clone(), ..self }
    }

    async fn take_up(&self, recorded: Arc<Replay>) -> Result<(), ClusterError> {
        let audit = self.config.audit.clone().map(Audit::open).transpose()?;
        prepare(&self.link, &self.config.terms).await?;
        let lease = Lease::take(&self.link, self.shown()).await?;
        for model in self.models() {
            note_model(&self.link, model).await?;
        }
        let term = self.config.terms.lease;
        let mut ledger = Ledger::new(self.config.most_deliveries, term);
        recall(&self.link, &self.run, &recorded, &mut ledger).await?;
        let (link, run, models) = (self.link.clone(), self.run.clone(), self.models().cloned());
        let coordinator =
            Coordinator::new(link, run, models.collect(), recorded, ledger, term, audit);
        let begun = Begun { coordinator: Arc::new(coordinator), lease: Arc::new(lease) };
        let (results, pending) = begun.coordinator.open().await?;
        let coordinator = Arc::clone(&begun.coordinator);
        self.watch_over(async move { coordinator.receive(results).await });
        begun.coordinator.caught_up(pending).await;
        let coordinator = Arc::clone(&begun.coordinator);
        self.watch_over(async move { coordinator.tidy().await });
        self.watch_over(Arc::clone(&begun.coordinator).answer());
        self.keep_lease(&begun);
        self.tell_of_silence(&begun);
        // It is begun once.
        let _ = self.begun.set(begun);
        Ok(())
    }

    fn shown(&self) -> CoordinatorRecord {
        CoordinatorRecord {
            run: self.run.clone(),
            holder: self.config.holder.clone(),
            session: self.session.clone(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            since: jiff::Timestamp::now(),
            recorded: 0,
            under_way: 0,
            dead: 0,
            queues: Vec::new(),
        }
    }

    fn models(&self) -> impl Iterator<Item = &ModelId> {
        let named = &self.named;
        std::iter::once(&named.subject).chain(&named.judge).chain(&named.toxicity)
    }

    /// Runs a task that only ends with a fault that ends the work.
    fn watch_over(&self, task: impl Future<Output = ClusterError> + Send + 'static) {
        let fatal = self.fatal.0.clone();
        let task = tokio::spawn(async move {
            let error = task.await;
            fatal.send_replace(Some(error.into()));
        });
        held(&self.tasks).push(task);
    }

    fn keep_lease(&self, begun: &Begun) {
        let (lease, coordinator) = (Arc::clone(&begun.lease), Arc::clone(&begun.coordinator));
        let (counts, patience) = (Arc::clone(&self.counts), self.config.patience);
        self.watch_over(async move {
            let now = |shown: CoordinatorRecord| CoordinatorRecord {
                recorded: counts.recorded.load(Ordering::Relaxed),
                dead: counts.dead.load(Ordering::Relaxed),
                under_way: coordinator.under_way() as u64,
                queues: coordinator.queues(),
                ..shown
            };
            lease.keep(patience, now).await
        });
    }

    /// A run without any worker looks like one that hangs; this says what it waits for.
    fn tell_of_silence(&self, begun: &Begun) {
        let (coordinator, counts, link) =
            (Arc::clone(&begun.coordinator), Arc::clone(&self.counts), self.link.clone());
        let models: Vec<String> = self.models().map(ToString::to_string).collect();
        let task = tokio::spawn(async move {
            let mut before = u64::MAX;
            loop {
                tokio::time::sleep(SILENCE).await;
                let recorded = counts.recorded.load(Ordering::Relaxed);
                if recorded == before && coordinator.under_way() > 0 {
                    (link.notify)(&format!(
                        "no result for {} s; {} calls wait for workers that serve {} (`trustmh cluster status`)",
                        SILENCE.as_secs(),
                        coordinator.under_way(),
                        models.join(", ")
                    ));
                }
                before = recorded;
            }
        });
        held(&self.tasks).push(task);
    }

    async fn carry(&self, key: &CallKey, call: &CallSpec) -> Result<Made, RunError> {
        let (Some(begun), Some(model)) = (self.begun.get(), self.model_for(&call.purpose)) else {
            return Err(ClusterError::refused("making a call", "no work was begun").into());
        };
        let job = Arc::new(Job::of(model, call, self.config.tries));
        let arrived = match begun.coordinator.want(key, &job) {
            Ok(arrived) => arrived,
            Err(coming) => {
                let _counted = self.traffic.counted(Doing::InFlight);
                let since = Instant::now();
                let mut fatal = self.fatal.1.clone();
                tokio::select! {
                    arrived = coming => arrived.map_err(|_| {
                        RunError::from(ClusterError::refused("waiting for a result", format!("given up after {} s", since.elapsed().as_secs())))
                    })?,
                    fatal = fatal.wait_for(Option::is_some) => {
                        let fatal = fatal.ok().and_then(|fatal| fatal.clone());
                        return Err(fatal.map_or_else(
                            || ClusterError::refused("waiting for a result", "the work has ended").into(),
                            RunError::from,
                        ));
                    }
                }
            }
        };
        Ok(self.made(key, arrived, begun, job))
    }

    fn made(&self, key: &CallKey, arrived: CallResult, begun: &Begun, job: Arc<Job>) -> Made {
        let CallResult { end, worker, tries, millis, learnt, handed_out, places } = arrived;
        let ended = match &end {
            OutcomeEnd::Replied { .. } => Recorded::WithReply,
            OutcomeEnd::Failed { message, .. } => {
                if places.is_empty() {
                    self.counts.dead.fetch_add(1, Ordering::Relaxed);
                    (self.link.notify)(&format!("call {key} is given up: {message}"));
                }
                Recorded::WithoutReply
            }
        };
        let audit = begun.coordinator.audit.as_ref();
        let audited =
            audit.filter(|audit| audit.first(key, &worker, &end)).map(|_| (job, worker.clone()));
        held(&self.receipts).insert(key.clone(), Receipt { places, ended, audited });
        Made {
            tries,
            took: Duration::from_millis(millis),
            handed_out: NonZeroU32::new(handed_out).filter(|times| times.get() > 1),
            learnt,
            result: end.into_result(worker),
        }
    }

    async fn leave(&self, ending: Option<Ending>) {
        let Some(begun) = self.begun.get() else { return };
        if ending == Some(Ending::Complete) && begun.coordinator.audit.is_some() {
            begun.coordinator.audits_made(NEXT_AUDIT).await;
        }
        begun.coordinator.withhold();
        if let Some(audit) = &begun.coordinator.audit {
            (self.link.notify)(&audit.told());
        }
        let late = begun.coordinator.late.load(Ordering::Relaxed);
        if late > 0 {
            (self.link.notify)(&format!("{late} results came of calls that were recorded already"));
        }
        let leaving = async {
            begun.coordinator.clear().await;
            match ending {
                Some(Ending::Complete) => forget(&self.link, &self.run).await,
                // Workers finish what they have; its results wait for the next coordinator.
                Some(Ending::Stopped | Ending::BudgetSpent(_)) | None => {}
            }
            begun.lease.release().await;
        };
        // A server that is gone keeps nobody: what is left undone is found undone by the next coordinator.
        let _ = tokio::time::timeout(LEAVING * 3, leaving).await;
    }
}

impl Dispatcher for Cluster {
    fn model_for(&self, purpose: &Purpose) -> Option<&ModelId> {
        match purpose {
            Purpose::Subject { .. } => Some(&self.named.subject),
            Purpose::Judge { rubric, .. } if rubric.as_str() == ENDPOINT => {
                self.named.toxicity.as_ref()
            }
            Purpose::Judge { .. } => self.named.judge.as_ref(),
            Purpose::Client { .. } => self.named.client.as_ref(),
        }
    }

    fn trials_at_once(&self) -> usize {
        self.config.at_once.max(1)
    }

    fn begin(&self, recorded: Arc<Replay>) -> BoxFuture<'_, Result<(), RunError>> {
        Box::pin(async move { Ok(self.take_up(recorded).await?) })
    }

    fn make<'a>(
        &'a self,
        key: &'a CallKey,
        call: &'a CallSpec,
    ) -> BoxFuture<'a, Result<Made, RunError>> {
        Box::pin(self.carry(key, call))
    }

    fn recorded(&self, key: &CallKey) {
        self.counts.recorded.fetch_add(1, Ordering::Relaxed);
        let receipt = held(&self.receipts).remove(key);
        let (Some(begun), Some(receipt)) = (self.begun.get(), receipt) else { return };
        let Receipt { places, ended, audited } = receipt;
        begun.coordinator.recorded(key, &places, ended);
        if let Some((job, not_by)) = audited {
            begun.coordinator.want_audit(key, job, not_by);
        }
    }

    fn end(&self, ending: Option<Ending>) -> BoxFuture<'_, Result<(), RunError>> {
        Box::pin(async move {
            self.leave(ending).await;
            held(&self.tasks).drain(..).for_each(|task| task.abort());
            self.link.close().await;
            Ok(())
        })
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
