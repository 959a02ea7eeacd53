//! What goes on in a cluster.

use futures_util::{StreamExt, TryStreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::{Link, causes};
use crate::error::ClusterError;
pub use crate::lease::Coordinator;
use crate::names::{JOBS, RESULTS, RUNS, WORKERS};
use crate::setup::{bucket, compare_protocol, stream};
pub use crate::worker::{Served, Shown};

/// What goes on in a cluster.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The server's version.
    pub server: String,
    /// Runs that are worked on.
    pub coordinators: Vec<Coordinator>,
    /// Workers that are there.
    pub workers: Vec<Shown>,
    /// The queue of each model.
    pub queues: Vec<Queue>,
    /// Results that are not recorded yet.
    pub results: u64,
    /// Bytes that jobs and results take on the server.
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
    let jobs = stream(link, JOBS).await?;
    let results = stream(link, RESULTS).await?;
    let mut queues = Vec::new();
    let mut consumers = jobs.consumers();
    while let Some(info) = consumers.next().await {
        let info =
            info.map_err(|error| ClusterError::refused("listing the queues", causes(&error)))?;
        let lease = info.config.ack_wait;
        queues.push(Queue {
            title: info.config.description.unwrap_or(info.name),
            waiting: info.num_pending,
            leased: info.num_ack_pending as u64,
            handed_on: info.num_redelivered as u64,
            lease: lease.as_secs_f64(),
        });
    }
    queues.sort_by(|one, other| one.title.cmp(&other.title));
    let mut coordinators: Vec<Coordinator> = all(link, RUNS).await?;
    coordinators.sort_by(|one, other| one.run.cmp(&other.run));
    let mut workers: Vec<Shown> = all(link, WORKERS).await?;
    workers.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Status {
        server: link.client.server_info().version,
        coordinators,
        workers,
        queues,
        results: results.cached_info().state.messages,
        bytes: jobs.cached_info().state.bytes + results.cached_info().state.bytes,
    })
}

/// All that stands in a bucket and can be read.
async fn all<T: DeserializeOwned>(link: &Link, name: &str) -> Result<Vec<T>, ClusterError> {
    let failed = |cause: String| ClusterError::refused("listing who is there", cause);
    let bucket = bucket(link, name).await?;
    let keys = bucket.keys().await.map_err(|error| failed(causes(&error)))?;
    let keys: Vec<String> = keys.try_collect().await.map_err(|error| failed(causes(&error)))?;
    let mut found = Vec::new();
    for key in keys {
        let value = bucket.get(key).await.map_err(|error| failed(causes(&error)))?;
        found.extend(value.and_then(|value| serde_json::from_slice(&value).ok()));
    }
    Ok(found)
}
