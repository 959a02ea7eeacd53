//! What goes on in a cluster.

use bytes::Bytes;
use futures_util::TryStreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::{Link, causes};
use crate::error::ClusterError;
pub use crate::lease::CoordinatorRecord;
use crate::names::{CLUSTER, HANDED, RESULTS, RUNS, WORKERS};
use crate::setup::{MODEL_KEYS, bucket, compare_protocol, stream};
pub use crate::worker::{Served, Shown};

/// What goes on in a cluster.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The server's version.
    pub server: String,
    /// Runs that are worked on.
    pub coordinators: Vec<CoordinatorRecord>,
    /// Workers that are there.
    pub workers: Vec<Shown>,
    /// The queue of each model.
    pub queues: Vec<Queue>,
    /// Results that are not recorded yet.
    pub results: u64,
    /// Bytes that results, and what is known of calls handed out, take on the server.
    pub bytes: u64,
}

/// The queue of a model.
#[derive(Debug, Clone, Serialize)]
pub struct Queue {
    /// Whose jobs.
    pub title: String,
    /// Jobs that wait for a worker.
    pub waiting: u64,
    /// Jobs in the hands of workers, or whose result is not recorded yet.
    pub leased: u64,
    /// Of these, such as were handed out more than once.
    pub handed_on: u64,
    /// Seconds without a sign of life until a job is handed to another worker.
    pub lease: f64,
}

/// Looks at the cluster.
///
/// # Errors
/// [`ClusterError`] if it cannot be reached, or is not set up.
pub async fn status(link: &Link) -> Result<Status, ClusterError> {
    link.need_streams().await?;
    compare_protocol(link).await?;
    let results = stream(link, RESULTS).await?;
    let handed = stream(link, HANDED).await?;
    let mut coordinators: Vec<CoordinatorRecord> = all(link, RUNS, "").await?;
    coordinators.sort_by(|one, other| one.run.cmp(&other.run));
    let models = text_values(link, CLUSTER, MODEL_KEYS).await?;
    let mut queues: Vec<Queue> =
        models.into_iter().map(|model| queue(model, &coordinators)).collect();
    queues.sort_by(|one, other| one.title.cmp(&other.title));
    let mut workers: Vec<Shown> = all(link, WORKERS, "").await?;
    workers.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Status {
        server: link.client.server_info().version,
        coordinators,
        workers,
        queues,
        results: results.cached_info().state.messages,
        bytes: handed.cached_info().state.bytes + results.cached_info().state.bytes,
    })
}

/// What all coordinators together have under way of a model.
fn queue(model: String, coordinators: &[CoordinatorRecord]) -> Queue {
    let of_all = coordinators.iter().flat_map(|one| &one.queues);
    let mut queue = Queue {
        title: format!("calls of {model}"),
        waiting: 0,
        leased: 0,
        handed_on: 0,
        lease: 0.0,
    };
    for queued in of_all.filter(|queued| queued.model.as_str() == model) {
        queue.waiting += queued.waiting;
        queue.leased += queued.leased;
        queue.handed_on += queued.handed_on;
        queue.lease = queue.lease.max(queued.lease);
    }
    queue
}

/// All entries of a bucket that can be read.
async fn all<T: DeserializeOwned>(
    link: &Link,
    name: &str,
    prefix: &str,
) -> Result<Vec<T>, ClusterError> {
    let values = values(link, name, prefix).await?;
    Ok(values.iter().filter_map(|value| serde_json::from_slice(value).ok()).collect())
}

async fn text_values(link: &Link, name: &str, prefix: &str) -> Result<Vec<String>, ClusterError> {
    let values = values(link, name, prefix).await?;
    Ok(values.iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect())
}

async fn values(link: &Link, name: &str, prefix: &str) -> Result<Vec<Bytes>, ClusterError> {
    let failed = |cause: String| ClusterError::refused("listing who is there", cause);
    let bucket = bucket(link, name).await?;
    let keys = bucket.keys().await.map_err(|error| failed(causes(&error)))?;
    let keys: Vec<String> = keys.try_collect().await.map_err(|error| failed(causes(&error)))?;
    let mut found = Vec::new();
    for key in keys.into_iter().filter(|key| key.starts_with(prefix)) {
        found.extend(bucket.get(key).await.map_err(|error| failed(causes(&error)))?);
    }
    Ok(found)
}
