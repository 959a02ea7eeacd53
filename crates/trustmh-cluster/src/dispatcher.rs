//! The coordinator's side: calls go out as jobs and come back as results.

use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinHandle;

use trustmh_bench::score::ENDPOINT;
use trustmh_core::call::{CallKey, CallSpec, Purpose};
use trustmh_core::id::{ModelId, RunId};
use trustmh_run::dispatch::{Dispatcher, Ending, Made};
use trustmh_run::error::{CarrierFault, RunError};
use trustmh_run::journal::Replay;

use crate::access::Link;
use crate::confirm::{Confirmer, Receipt};
use crate::error::ClusterError;
use crate::inbox::{Arrived, Inbox};
use crate::lease::{Coordinator, Lease};
use crate::leave::Leave;
use crate::names::{JOBS, job, jobs_of_run, token};
use crate::outbox::{Published, publish};
use crate::parcel::Parcel;
use crate::setup::{Terms, offer, prepare, stream};
use crate::wire::{Job, OutcomeEnd};

/// How long leaving things in order may take.
const LEAVING: Duration = Duration::from_secs(10);
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
}

/// How a coordinator works.
#[derive(Debug, Clone)]
pub struct Conduct {
    /// Where it runs, for others to see: host and process.
    pub holder: String,
    /// Trials that are walked at once, and so about the calls that wait or are made at once.
    pub at_once: usize,
    /// Tries for a call that fails for a passing reason.
    pub tries: u32,
    /// A call that was handed out so often without a result is given up.
    pub most_deliveries: u32,
    /// How things are set up on the server.
    pub terms: Terms,
    /// How long the server may stay away.
    pub patience: Duration,
}

/// Carries calls to workers through the server.
pub struct Cluster {
    link: Link,
    run: RunId,
    named: Named,
    conduct: Conduct,
    /// Tells this session's messages from those of an earlier one.
    session: String,
    begun: OnceCell<Begun>,
    receipts: Mutex<HashMap<CallKey, Receipt>>,
    /// Jobs that were published in this session and whose result has not come.
    published: Mutex<HashMap<CallKey, u64>>,
    counts: Arc<Counts>,
    fatal: (watch::Sender<Option<Fatal>>, watch::Receiver<Option<Fatal>>),
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Counts {
    recorded: AtomicU64,
    dead: AtomicU64,
}

struct Begun {
    inbox: Arc<Inbox>,
    confirmer: Arc<Confirmer>,
    lease: Arc<Lease>,
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
    pub fn new(link: Link, run: RunId, named: Named, conduct: Conduct) -> Self {
        Self {
            link,
            run,
            named,
            conduct,
            session: uuid::Uuid::now_v7().simple().to_string(),
            begun: OnceCell::new(),
            receipts: Mutex::default(),
            published: Mutex::default(),
            counts: Arc::default(),
            fatal: watch::channel(None),
            tasks: Mutex::default(),
        }
    }

    async fn take_up(&self, recorded: Arc<Replay>) -> Result<(), ClusterError> {
        prepare(&self.link, &self.conduct.terms).await?;
        let lease = Lease::take(&self.link, self.shown()).await?;
        for model in self.models() {
            offer(&self.link, model, self.conduct.terms.lease).await?;
        }
        let confirmer = Arc::new(Confirmer::new(self.link.clone()));
        let (link, run) = (self.link.clone(), self.run.clone());
        let most = self.conduct.most_deliveries;
        let leave = Arc::new(Leave::new(link.clone(), run.clone(), Arc::clone(&recorded), most));
        leave.recall().await?;
        let inbox = Inbox::new(link, run, recorded, Arc::clone(&confirmer), Arc::clone(&leave));
        let begun = Begun { inbox: Arc::new(inbox), confirmer, lease: Arc::new(lease) };
        let (results, pending) = begun.inbox.open().await?;
        let inbox = Arc::clone(&begun.inbox);
        self.watch_over(async move { inbox.receive(results).await });
        self.watch_over(leave.answer());
        self.keep_lease(&begun);
        self.tell_of_silence(&begun);
        begun.inbox.caught_up(pending).await;
        // It is begun once.
        let _ = self.begun.set(begun);
        Ok(())
    }

    fn shown(&self) -> Coordinator {
        Coordinator {
            run: self.run.clone(),
            holder: self.conduct.holder.clone(),
            session: self.session.clone(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            since: jiff::Timestamp::now(),
            recorded: 0,
            under_way: 0,
            dead: 0,
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
        let (lease, inbox) = (Arc::clone(&begun.lease), Arc::clone(&begun.inbox));
        let (counts, patience) = (Arc::clone(&self.counts), self.conduct.patience);
        self.watch_over(async move {
            let now = |shown: Coordinator| Coordinator {
                recorded: counts.recorded.load(Ordering::Relaxed),
                dead: counts.dead.load(Ordering::Relaxed),
                under_way: inbox.under_way() as u64,
                ..shown
            };
            lease.keep(patience, now).await
        });
    }

    /// A run without any worker looks like one that hangs; this says what it waits for.
    fn tell_of_silence(&self, begun: &Begun) {
        let (inbox, counts, link) =
            (Arc::clone(&begun.inbox), Arc::clone(&self.counts), self.link.clone());
        let models: Vec<String> = self.models().map(ToString::to_string).collect();
        let task = tokio::spawn(async move {
            let mut before = u64::MAX;
            loop {
                tokio::time::sleep(SILENCE).await;
                let recorded = counts.recorded.load(Ordering::Relaxed);
                if recorded == before && inbox.under_way() > 0 {
                    (link.tell)(&format!(
                        "no result for {} s; {} calls wait for workers that serve {} (`trustmh cluster status`)",
                        SILENCE.as_secs(),
                        inbox.under_way(),
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
        let arrived = match begun.inbox.expect(key) {
            Ok(arrived) => arrived,
            Err(coming) => {
                let since = Instant::now();
                self.publish(key, model, call).await?;
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
        held(&self.published).remove(key);
        Ok(self.made(key, arrived))
    }

    async fn publish(
        &self,
        key: &CallKey,
        model: &ModelId,
        call: &CallSpec,
    ) -> Result<(), RunError> {
        let job_message = Job::of(&self.run, model, key, call, self.conduct.tries);
        let name = format!("{}.{key}.job", token(self.run.as_str()));
        let parcel = Parcel::pack(&self.link, &name, &job_message).await?;
        let subject = job(model, &self.run, key);
        // Within a session a call is published once; in the next one, after a broken call, it may be published again.
        let id = format!("{key}.{}", self.session);
        let published = publish(&self.link, &subject, &id, &parcel, self.conduct.patience).await?;
        if let Published::At(place) = published {
            held(&self.published).insert(key.clone(), place);
        }
        Ok(())
    }

    fn made(&self, key: &CallKey, arrived: Arrived) -> Made {
        let Arrived { outcome, receipt, handed_out } = arrived;
        held(&self.receipts).insert(key.clone(), receipt);
        if let OutcomeEnd::Dead { message } = &outcome.end {
            self.counts.dead.fetch_add(1, Ordering::Relaxed);
            (self.link.tell)(&format!("call {key} is given up: {message}"));
        }
        Made {
            tries: outcome.tries,
            took: Duration::from_millis(outcome.millis),
            handed_out: NonZeroU32::new(handed_out).filter(|times| times.get() > 1),
            learnt: outcome.learnt,
            result: outcome.end.into_result(outcome.worker),
        }
    }

    /// Takes jobs back that no worker has leave to make: after a stop nobody should pay for them.
    async fn withdraw(&self, leave: &Leave) {
        let left: Vec<(CallKey, u64)> = held(&self.published).drain().collect();
        let Ok(jobs) = stream(&self.link, JOBS).await else { return };
        for (_, place) in left.iter().filter(|(key, _)| !leave.was_granted(key)) {
            // One that stays does no harm: the next coordinator finds it.
            let _ = jobs.delete_message(*place).await;
        }
    }

    /// Takes jobs out of the queue that an earlier coordinator published and that the plan does not want.
    async fn clear(&self) {
        let Ok(jobs) = stream(&self.link, JOBS).await else { return };
        // One that stays is made by nobody.
        let _ = jobs.purge().filter(jobs_of_run(&self.run)).await;
    }

    async fn leave(&self, ending: Option<Ending>) {
        let Some(begun) = self.begun.get() else { return };
        begun.inbox.leave.withhold();
        begun.confirmer.settled(LEAVING).await;
        match ending {
            Some(Ending::Complete) => {
                // Results that nobody wanted, for example of a plan that was changed since.
                for arrived in begun.inbox.left_over() {
                    begun.confirmer.confirm(arrived.receipt);
                }
                begun.confirmer.settled(LEAVING).await;
                self.clear().await;
                begun.inbox.leave.forget().await;
                begun.inbox.close().await;
            }
            Some(Ending::Stopped | Ending::BudgetSpent(_)) | None => {
                self.withdraw(&begun.inbox.leave).await
            }
        }
        let late = begun.inbox.late.load(Ordering::Relaxed);
        if late > 0 {
            (self.link.tell)(&format!("{late} results came of calls that were recorded already"));
        }
        begun.lease.release().await;
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
        }
    }

    fn trials_at_once(&self) -> usize {
        self.conduct.at_once.max(1)
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
        if let (Some(begun), Some(receipt)) = (self.begun.get(), receipt) {
            begun.confirmer.confirm(receipt);
        }
    }

    fn end(&self, ending: Option<Ending>) -> BoxFuture<'_, Result<(), RunError>> {
        Box::pin(async move {
            // A server that is gone keeps nobody: what is left undone is found undone by the next coordinator.
            let _ = tokio::time::timeout(LEAVING * 3, self.leave(ending)).await;
            held(&self.tasks).drain(..).for_each(|task| task.abort());
            self.link.close().await;
            Ok(())
        })
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
