//! Results on their way to the server: those that are ready together go together.

use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedSemaphorePermit, mpsc, oneshot};

use super::SharedState;
use super::requests::RunWork;
use crate::access::Link;
use crate::error::ClusterError;
use crate::names::{PROTOCOL, results_of};
use crate::outbox::publish;
use crate::payload::parts;
use crate::wire::{ResultMessage, Results, encoded};

/// A worker with a result in hand does not give up: longer than any outage that is waited out.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);
/// Results that wait at once.
const WAITING: usize = 4_096;
/// Results in one message.
const TOGETHER: usize = 256;
/// A piece of a result that fits no message is smaller than what a message carries by this factor: in JSON it grows.
const PART: usize = 8;

/// A result that is ready, and the slot its call has until it is brought.
pub(super) struct Ready {
    pub(super) text: Box<RawValue>,
    pub(super) slot: OwnedSemaphorePermit,
}

type Waiting = (Ready, oneshot::Sender<()>);

/// Results of one run.
pub(super) struct ResultQueue {
    link: Link,
    worker: String,
    subject: String,
    sender: mpsc::Sender<Waiting>,
    receiver: Mutex<mpsc::Receiver<Waiting>>,
}

impl ResultQueue {
    pub(super) fn new(state: &SharedState, run_token: &str) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self {
            link: state.link.clone(),
            worker: state.config.name.clone(),
            subject: results_of(run_token),
            sender,
            receiver: Mutex::new(receiver),
        }
    }

    /// Hands a result over; returns when it is with the server. Says whether it is.
    pub(super) async fn hand_over(&self, ready: Ready) -> bool {
        let (sender, brought) = oneshot::channel();
        self.sender.send((ready, sender)).await.is_ok() && brought.await.is_ok()
    }

    async fn bring_next(&self, receiver: &mut mpsc::Receiver<Waiting>) -> bool {
        let mut together = Vec::new();
        if receiver.recv_many(&mut together, TOGETHER).await == 0 {
            return false;
        }
        let limit = self.link.inline_limit();
        let mut batch: Vec<Waiting> = Vec::new();
        let mut bytes = 0;
        for waiting in together {
            let length = waiting.0.text.get().len() + 1;
            if length > limit {
                self.bring_in_pieces(waiting).await;
                continue;
            }
            if bytes + length > limit {
                self.bring_batch(std::mem::take(&mut batch)).await;
                bytes = 0;
            }
            bytes += length;
            batch.push(waiting);
        }
        self.bring_batch(batch).await;
        true
    }

    async fn bring_batch(&self, batch: Vec<Waiting>) {
        if batch.is_empty() {
            return;
        }
        let (ready, senders): (Vec<Ready>, Vec<oneshot::Sender<()>>) = batch.into_iter().unzip();
        let (outcomes, slots): (Vec<_>, Vec<_>) =
            ready.into_iter().map(|ready| (ready.text, ready.slot)).unzip();
        let published = self.publish(Results::Whole(outcomes)).await;
        drop(slots);
        match published {
            Ok(()) => {
                for sender in senders {
                    // Whoever made it waits for this.
                    let _ = sender.send(());
                }
            }
            Err(error) => (self.link.notify)(&format!("results cannot be brought: {error}")),
        }
    }

    async fn bring_in_pieces(&self, (ready, sender): Waiting) {
        let pieces = parts(ready.text.get(), self.link.inline_limit() / PART);
        let count = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        let payload = uuid::Uuid::now_v7().simple().to_string();
        for (part, text) in (0..).zip(pieces) {
            let (payload, text) = (payload.clone(), text.to_owned());
            let piece = Results::Chunk { payload, part, parts: count, text };
            if let Err(error) = self.publish(piece).await {
                return (self.link.notify)(&format!("a result cannot be brought: {error}"));
            }
        }
        let _ = sender.send(());
    }

    async fn publish(&self, results: Results) -> Result<(), ClusterError> {
        let brought = ResultMessage { v: PROTOCOL, worker: self.worker.clone(), results };
        let text = encoded(&brought);
        let id = uuid::Uuid::now_v7().simple().to_string();
        publish(&self.link, &self.subject, &id, text.into(), PATIENCE).await.map(drop)
    }
}

impl RunWork {
    /// Brings results for ever.
    pub(super) async fn bring_all(self: Arc<Self>) {
        let mut receiver = self.bringing.receiver.lock().await;
        while self.bringing.bring_next(&mut receiver).await {}
    }
}
