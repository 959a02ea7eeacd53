//! The log of what was handed out, on the server: for a coordinator that takes over.

use async_nats::jetstream::consumer::{AckPolicy, pull};
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use trustmh_core::call::CallKey;
use trustmh_core::id::RunId;
use trustmh_run::journal::Replay;

use super::{Coordinator, held};
use crate::access::{Link, causes};
use crate::error::ClusterError;
use crate::ledger::{Ledger, OutstandingGrant, WorkerSession};
use crate::names::{HANDED, RESULTS, handed_of, results_of, token};
use crate::outbox::publish;
use crate::setup::stream;
use crate::wire::{LogEntry, Permit, encoded, encoded_text};

/// How long a worker is kept waiting for its calls while the log cannot be written.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long reading the log may take without a line.
const SILENCE: Duration = Duration::from_secs(10);

impl Coordinator {
    /// Writes an entry, and says where it stands.
    pub(super) async fn log(&self, entry: &LogEntry) -> Result<u64, ClusterError> {
        let text = encoded(entry);
        let id = match entry {
            LogEntry::Handed { permit, .. } => encoded_text(permit),
            LogEntry::Over { .. } => uuid::Uuid::now_v7().to_string(),
        };
        publish(&self.link, &handed_of(&self.token), &id, text.into(), PATIENCE).await
    }

    /// Writes down once more what is out: a server that was killed may have lost what it had just taken.
    pub(super) async fn log_again(self: Arc<Self>) {
        let out = held(&self.ledger).still_out();
        let lease_millis = u64::try_from(self.lease.as_millis()).unwrap_or(u64::MAX);
        for OutstandingGrant { permit, who: WorkerSession { worker, session }, calls } in out {
            let of = permit.clone();
            let entry = LogEntry::Handed { permit, session, worker, lease_millis, calls };
            let text = encoded(&entry);
            // Another message than the one before, for the server.
            let id = uuid::Uuid::now_v7().to_string();
            let subject = handed_of(&self.token);
            let at = publish(&self.link, &subject, &id, text.into(), PATIENCE).await;
            if let Ok(at) = at {
                held(&self.ledger).logged(&of, at);
            }
        }
    }

    pub(super) async fn log_over(&self, key: &CallKey) {
        // If this is lost with the coordinator, the next counts on.
        let _ = self.log(&LogEntry::Over { keys: vec![key.clone()] }).await;
    }

    /// Takes out of the log, and of the results, what is over.
    pub(crate) async fn clear(&self) {
        let over_before = held(&self.ledger).over_before();
        if let Some(before) = over_before {
            self.purge(HANDED, &handed_of(&self.token), before).await;
        }
        self.clear_results().await;
    }

    pub(super) async fn purge(&self, name: &str, subject: &str, before: u64) {
        if let Ok(stream) = self.link.context.get_stream_no_info(name).await {
            // What stays is found over by whoever reads it.
            let _ = stream.purge().sequence(before).filter(subject).await;
        }
    }
}

/// Forgets what was kept of a run for the next coordinator: there will be none.
pub(crate) async fn forget(link: &Link, run: &RunId) {
    let token = token(run.as_str());
    for (name, subject) in [(HANDED, handed_of(&token)), (RESULTS, results_of(&token))] {
        if let Ok(stream) = link.context.get_stream_no_info(name).await {
            // What stays is dropped when it is old.
            let _ = stream.purge().filter(subject).await;
        }
    }
}

/// What earlier coordinators of a run handed out: some of it may be in the hands of workers, or its results on their way.
pub(crate) async fn recall(
    link: &Link,
    run: &RunId,
    recorded: &Replay,
    ledger: &mut Ledger,
) -> Result<(), ClusterError> {
    let failed = |cause: String| ClusterError::refused("reading what was handed out", cause);
    let config = pull::Config {
        filter_subject: handed_of(&token(run.as_str())),
        ack_policy: AckPolicy::None,
        inactive_threshold: Duration::from_secs(60),
        ..Default::default()
    };
    let consumer = stream(link, HANDED).await?.create_consumer(config).await;
    let consumer = consumer.map_err(|error| failed(causes(&error)))?;
    let mut left = consumer.cached_info().num_pending;
    if left == 0 {
        return Ok(());
    }
    let messages = consumer.messages().await;
    let mut messages = messages.map_err(|error| failed(causes(&error)))?;
    while left > 0 {
        let next = tokio::time::timeout(SILENCE, messages.next()).await;
        let Ok(Some(message)) = next else {
            return Err(failed("the server does not tell".to_owned()));
        };
        let message = message.map_err(|error| failed(causes(&error)))?;
        left -= 1;
        let Ok(info) = message.info() else { continue };
        let at = info.stream_sequence;
        match serde_json::from_slice(&message.payload) {
            Ok(LogEntry::Handed { permit, session, worker, lease_millis, calls }) => {
                let calls: Vec<(CallKey, u32)> =
                    calls.into_iter().filter(|(key, _)| !recorded.has_call(key)).collect();
                let now = Instant::now();
                let until = now + Duration::from_millis(lease_millis);
                let permit: Permit = permit;
                ledger.recall(permit, WorkerSession { worker, session }, calls, at, until, now);
            }
            Ok(LogEntry::Over { keys }) => keys.iter().for_each(|key| ledger.forget(key)),
            // Nobody but coordinators writes there.
            Err(_) => {}
        }
    }
    Ok(())
}
