//! Results as they come in, and who waits for them.

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use async_nats::jetstream::message::{AckKind, Acker};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

use trustmh_core::call::CallKey;
use trustmh_core::id::RunId;
use trustmh_run::journal::Replay;

use crate::access::{Link, causes};
use crate::confirm::{Confirmer, Receipt};
use crate::error::ClusterError;
use crate::leave::Leave;
use crate::names::{PROTOCOL, RESULTS, results_of, token};
use crate::parcel::{object_of, unpack};
use crate::setup::stream;
use crate::wire::Outcome;

/// A result that is not recorded within this time is shown again.
const SHOWN_AGAIN: Duration = Duration::from_secs(10);
/// A result that could not be read so often is dropped.
const SHOWN_AT_MOST: i64 = 3;
/// After so long it is shown again.
const SOON: Duration = Duration::from_secs(3);
/// How long results that wait from before may take to come in.
const LEFT_OVER: Duration = Duration::from_secs(30);
const AT_ONCE: usize = 256;

/// A result, and what has to be acknowledged once it is recorded.
pub(crate) struct Arrived {
    pub(crate) outcome: Outcome,
    pub(crate) receipt: Receipt,
    /// To how many workers the call was handed, at the most.
    pub(crate) handed_out: u32,
}

/// Results of one run.
pub(crate) struct Inbox {
    link: Link,
    run: RunId,
    recorded: Arc<Replay>,
    confirmer: Arc<Confirmer>,
    waiting: Mutex<HashMap<CallKey, oneshot::Sender<Arrived>>>,
    /// Results that nobody has asked for yet: of calls that were under way when an earlier coordinator died.
    early: Mutex<HashMap<CallKey, Arrived>>,
    /// Who may make them.
    pub(crate) leave: Arc<Leave>,
    /// Results of calls that were recorded already.
    pub(crate) late: AtomicU64,
    /// Results received so far.
    received: AtomicU64,
}

impl Inbox {
    pub(crate) fn new(
        link: Link,
        run: RunId,
        recorded: Arc<Replay>,
        confirmer: Arc<Confirmer>,
        leave: Arc<Leave>,
    ) -> Self {
        Self {
            link,
            run,
            recorded,
            confirmer,
            waiting: Mutex::default(),
            early: Mutex::default(),
            leave,
            late: AtomicU64::new(0),
            received: AtomicU64::new(0),
        }
    }

    /// The result, if it came before it was asked for; else where it will come.
    pub(crate) fn expect(&self, key: &CallKey) -> Result<Arrived, oneshot::Receiver<Arrived>> {
        if let Some(arrived) = held(&self.early).remove(key) {
            return Ok(arrived);
        }
        let (sender, receiver) = oneshot::channel();
        held(&self.waiting).insert(key.clone(), sender);
        self.leave.want(key);
        Err(receiver)
    }

    /// Calls that somebody waits for.
    pub(crate) fn under_way(&self) -> usize {
        held(&self.waiting).len()
    }

    /// What came in and was never asked for.
    pub(crate) fn left_over(&self) -> Vec<Arrived> {
        held(&self.early).drain().map(|(_, arrived)| arrived).collect()
    }

    /// Opens the run's results. Those shown to a coordinator that died are shown again at once: its consumer is replaced.
    pub(crate) async fn open(&self) -> Result<(Consumer<pull::Config>, u64), ClusterError> {
        let name = token(self.run.as_str());
        let stream = stream(&self.link, RESULTS).await?;
        // There may be none.
        let _ = stream.delete_consumer(&name).await;
        let config = pull::Config {
            durable_name: Some(name),
            description: Some(format!("results of {}", self.run)),
            filter_subject: results_of(&self.run),
            ack_policy: AckPolicy::Explicit,
            ack_wait: SHOWN_AGAIN,
            max_deliver: -1,
            max_ack_pending: -1,
            ..Default::default()
        };
        let made = stream.create_consumer(config).await;
        let consumer =
            made.map_err(|error| ClusterError::refused("opening the results", causes(&error)))?;
        let pending = consumer.cached_info().num_pending;
        Ok((consumer, pending))
    }

    /// Closes the run's results, of which none are left.
    pub(crate) async fn close(&self) {
        if let Ok(stream) = stream(&self.link, RESULTS).await {
            // It does no harm if it stays.
            let _ = stream.delete_consumer(&token(self.run.as_str())).await;
        }
    }

    /// Waits until the `pending` results that were there at the beginning have come in.
    pub(crate) async fn caught_up(&self, pending: u64) {
        let begun = Instant::now();
        while self.received.load(Ordering::Relaxed) < pending && begun.elapsed() < LEFT_OVER {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Receives results until a fault that no patience mends.
    pub(crate) async fn receive(&self, mut consumer: Consumer<pull::Config>) -> ClusterError {
        loop {
            let messages = consumer
                .stream()
                .max_messages_per_batch(AT_ONCE)
                .heartbeat(Duration::from_secs(5))
                .expires(Duration::from_secs(15))
                .messages()
                .await;
            if let Ok(mut messages) = messages {
                while let Some(message) = messages.next().await {
                    // A missed heartbeat, or a server that is gone for a while: ask anew.
                    let Ok(message) = message else { break };
                    if let Err(error) = self.take(message).await {
                        return error;
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            // A server that lost the consumer gets it again; results stay in the stream in any case.
            let found =
                self.link.context.get_consumer_from_stream(token(self.run.as_str()), RESULTS).await;
            match found {
                Ok(found) => consumer = found,
                Err(error) if is_not_found(&error) => {
                    if let Ok((made, _)) = self.open().await {
                        consumer = made;
                    }
                }
                Err(_) => {}
            }
        }
    }

    async fn take(&self, message: Message) -> Result<(), ClusterError> {
        self.received.fetch_add(1, Ordering::Relaxed);
        let shown = message.info().map_or(1, |info| info.delivered);
        let (message, acker) = message.split();
        let read = unpack::<Outcome>(&self.link, message.headers.as_ref(), &message.payload).await;
        let outcome = match read {
            Ok(outcome) if outcome.v != PROTOCOL => {
                let program = format!("worker {}", outcome.worker);
                return Err(ClusterError::Protocol { theirs: outcome.v, program, ours: PROTOCOL });
            }
            Ok(outcome) if outcome.belongs_at(&message.subject) => outcome,
            Ok(outcome) => {
                let cause = format!("worker {} sent what belongs elsewhere", outcome.worker);
                self.unusable(&message.subject, &cause, shown, &acker).await;
                return Ok(());
            }
            Err(error) => {
                self.unusable(&message.subject, &error.to_string(), shown, &acker).await;
                return Ok(());
            }
        };
        let receipt = receipt(&outcome, acker, object_of(message.headers.as_ref()));
        if self.recorded.has_call(&outcome.key) {
            self.late.fetch_add(1, Ordering::Relaxed);
            self.confirmer.confirm(receipt);
            return Ok(());
        }
        self.deliver(outcome, receipt);
        Ok(())
    }

    /// What could not be read may be readable in a while: a large payload on a server that is not back yet. What stays unreadable goes,
    /// and its job is handed out again.
    async fn unusable(&self, subject: &str, cause: &str, shown: i64, acker: &Acker) {
        (self.link.tell)(&format!("a result cannot be used: {subject}: {cause}"));
        let end = if shown < SHOWN_AT_MOST { AckKind::Nak(Some(SOON)) } else { AckKind::Ack };
        // If this gets lost, it is shown again all the same, and goes then.
        let _ = acker.ack_with(end).await;
    }

    fn deliver(&self, outcome: Outcome, receipt: Receipt) {
        let key = outcome.key.clone();
        let waiting = held(&self.waiting).remove(&key);
        let handed_out = outcome.handed_out.max(self.leave.has_come(&key));
        let arrived = Arrived { outcome, receipt, handed_out };
        let unwanted = match waiting {
            Some(sender) => sender.send(arrived).err(),
            None => Some(arrived),
        };
        if let Some(arrived) = unwanted {
            held(&self.early).insert(key, arrived);
        }
    }
}

fn is_not_found(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error).contains("not found")
}

fn receipt(outcome: &Outcome, result: Acker, object: Option<String>) -> Receipt {
    let objects = outcome.job_object.iter().cloned().chain(object).collect();
    Receipt { job_ack: outcome.job_ack.clone(), result, objects }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
