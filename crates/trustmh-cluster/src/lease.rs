//! One coordinator for each run.

use async_nats::jetstream::kv::{CreateErrorKind, Store, UpdateErrorKind};
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use trustmh_core::id::{ModelId, RunId};

use crate::access::{Link, causes};
use crate::error::ClusterError;
use crate::names::{RUNS, token};
use crate::setup::{PRESENCE, bucket, refused};
use crate::wire::encoded;

const BETWEEN: Duration = Duration::from_secs(2);

/// A coordinator as others see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CoordinatorRecord {
    /// The run it works on.
    pub run: RunId,
    /// Where it runs: host and process.
    pub holder: String,
    /// Tells this session from any other.
    pub session: String,
    /// Its program's version.
    pub program: String,
    /// Since when.
    pub since: Timestamp,
    /// Calls it has recorded.
    pub recorded: u64,
    /// Calls that are with workers or wait for one.
    pub under_way: u64,
    /// Calls that were given up.
    pub dead: u64,
    /// What waits and what is out, of each model.
    #[serde(default)]
    pub queues: Vec<Queued>,
}

/// Calls of a model that a coordinator has under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Queued {
    /// The model.
    pub model: ModelId,
    /// Calls that wait for a worker.
    pub waiting: u64,
    /// Calls in the hands of workers, or whose result is not recorded yet.
    pub leased: u64,
    /// Of these, such as were handed out more than once.
    pub handed_on: u64,
    /// Seconds without a sign of life until a call is handed to another worker.
    pub lease: f64,
}

/// The right to work on a run, held as long as it is renewed.
pub(crate) struct Lease {
    store: Store,
    key: String,
    revision: AtomicU64,
    pub(crate) shown: CoordinatorRecord,
}

impl Lease {
    /// Takes the run. One that was held a moment ago, perhaps by a process that was killed, is waited for.
    pub(crate) async fn take(link: &Link, shown: CoordinatorRecord) -> Result<Self, ClusterError> {
        let store = bucket(link, RUNS).await?;
        let key = token(shown.run.as_str());
        let begun = Instant::now();
        let mut said = false;
        loop {
            match store.create(&key, text(&shown)).await {
                Ok(revision) => {
                    return Ok(Self { store, key, revision: AtomicU64::new(revision), shown });
                }
                Err(error) if error.kind() == CreateErrorKind::AlreadyExists => {
                    let holder = holder(&store, &key).await.map_or_else(
                        || "somebody who has just gone".to_owned(),
                        |other| other.holder,
                    );
                    // Twice as long as a killed one is believed to be there: the server looks for what is old now and then.
                    if begun.elapsed() > PRESENCE * 2 {
                        return Err(ClusterError::Taken { run: shown.run.to_string(), holder });
                    }
                    if !std::mem::replace(&mut said, true) {
                        (link.notify)(&format!(
                            "the run is held by {holder}; waiting up to {} s, in case that was killed",
                            2 * PRESENCE.as_secs()
                        ));
                    }
                }
                Err(error) if begun.elapsed() > PRESENCE * 2 => {
                    return Err(refused("taking the run", &error));
                }
                Err(_) => {}
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Renews the lease until it is lost, or the server stays away for longer than `patience`.
    pub(crate) async fn keep(
        &self,
        patience: Duration,
        now: impl Fn(CoordinatorRecord) -> CoordinatorRecord,
    ) -> ClusterError {
        let mut last = Instant::now();
        loop {
            tokio::time::sleep(BETWEEN).await;
            match self.renew(text(&now(self.shown.clone()))).await {
                Ok(()) => last = Instant::now(),
                Err(lost @ ClusterError::Lost { .. }) => return lost,
                Err(full @ ClusterError::Full { .. }) if last.elapsed() > patience => return full,
                Err(error) if last.elapsed() > patience => {
                    let seconds = patience.as_secs();
                    return ClusterError::Away { seconds, cause: error.to_string() };
                }
                Err(_) => {}
            }
        }
    }

    async fn renew(&self, text: Bytes) -> Result<(), ClusterError> {
        let revision = self.revision.load(Ordering::Relaxed);
        let error = match self.store.update(&self.key, text.clone(), revision).await {
            Ok(revision) => {
                self.revision.store(revision, Ordering::Relaxed);
                return Ok(());
            }
            Err(error) => error,
        };
        if error.kind() != UpdateErrorKind::WrongLastRevision {
            return Err(refused("renewing the lease", &error));
        }
        // Either an update of ours took effect without our knowing, or the lease ran out, or somebody else has it.
        match self.store.entry(&self.key).await {
            Ok(Some(entry)) => {
                let other = serde_json::from_slice::<CoordinatorRecord>(&entry.value).ok();
                match other {
                    Some(other) if other.session != self.shown.session => Err(ClusterError::Lost {
                        run: self.shown.run.to_string(),
                        holder: other.holder,
                    }),
                    Some(_) => {
                        self.revision.store(entry.revision, Ordering::Relaxed);
                        Ok(())
                    }
                    // A marker of a deletion: free.
                    None => self.create_again(text).await,
                }
            }
            Ok(None) => self.create_again(text).await,
            Err(error) => Err(ClusterError::refused("looking at the lease", causes(&error))),
        }
    }

    async fn create_again(&self, text: Bytes) -> Result<(), ClusterError> {
        let made = self.store.create(&self.key, text).await;
        let revision = made.map_err(|error| refused("renewing the lease", &error))?;
        self.revision.store(revision, Ordering::Relaxed);
        Ok(())
    }

    /// Gives the run free.
    pub(crate) async fn release(&self) {
        // One that cannot be given free runs out.
        let _ = self.store.purge(&self.key).await;
    }
}

fn text(shown: &CoordinatorRecord) -> Bytes {
    encoded(shown).into()
}

async fn holder(store: &Store, key: &str) -> Option<CoordinatorRecord> {
    serde_json::from_slice(&store.get(key).await.ok()??).ok()
}
