//! Streams, buckets and consumers on the server; the protocol that is spoken there.

use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use async_nats::jetstream::context::{
    GetStreamError, GetStreamErrorKind, RequestError, RequestErrorKind,
};
use async_nats::jetstream::stream::{
    Config, ConsumerError, ConsumerErrorKind, DiscardPolicy, RetentionPolicy, Stream,
};
use async_nats::jetstream::{self, ErrorCode, kv, object_store};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use trustmh_core::id::ModelId;

use crate::access::{Link, PATIENCE, causes};
use crate::error::ClusterError;
use crate::names::{
    CLUSTER, GRANTS, JOB_SUBJECTS, JOBS, PAYLOADS, PROTOCOL, QUOTA, RESULT_SUBJECTS, RESULTS, RUNS,
    WORKERS, jobs_of, token,
};

/// How long a coordinator or worker that does not show itself is believed to be there.
pub(crate) const PRESENCE: Duration = Duration::from_secs(10);
/// Results that nobody asks for, and large payloads, are kept so long.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// Jobs of one model that may be in the hands of workers at once.
const HANDED_OUT_AT_ONCE: i64 = 65_536;
const PROTOCOL_KEY: &str = "protocol";

/// How things are set up on the server.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// On how many servers each message is kept; 3 survive the loss of one.
    pub replicas: usize,
    /// After so long without a sign of life a worker's jobs go to others.
    pub lease: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self { replicas: 1, lease: Duration::from_secs(30) }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Spoken {
    protocol: u32,
    program: String,
}

impl Spoken {
    fn here() -> Self {
        Self { protocol: PROTOCOL, program: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// Makes what is missing on the server. Nothing that is there is changed.
///
/// # Errors
/// [`ClusterError`], also if another protocol is spoken there.
pub async fn prepare(link: &Link, terms: &Terms) -> Result<(), ClusterError> {
    link.need_streams().await?;
    for config in [jobs(terms), results(terms)] {
        let name = config.name.clone();
        if let Err(error) = link.context.get_or_create_stream(config).await {
            return Err(refused(&format!("making the stream {name}"), &error));
        }
    }
    for (bucket, max_age) in [
        (CLUSTER, Duration::ZERO),
        (RUNS, PRESENCE),
        (WORKERS, PRESENCE),
        (QUOTA, Duration::ZERO),
        (GRANTS, KEPT),
    ] {
        if link.context.get_key_value(bucket).await.is_ok() {
            continue;
        }
        if let Err(error) = link.context.create_stream(key_values(bucket, max_age, terms)).await {
            return Err(refused(&format!("making the bucket {bucket}"), &error));
        }
    }
    if link.context.get_object_store(PAYLOADS).await.is_err() {
        let config = object_store::Config {
            bucket: PAYLOADS.to_owned(),
            max_age: KEPT,
            num_replicas: terms.replicas,
            ..Default::default()
        };
        if let Err(error) = link.context.create_object_store(config).await {
            return Err(refused("making the store of payloads", &error));
        }
    }
    agree(link).await
}

/// As [`prepare`], and makes this program's protocol the one that is spoken, if nobody is at work and nothing waits.
///
/// # Errors
/// [`ClusterError`], and [`ClusterError::Protocol`] while another protocol is in use.
pub async fn take_over(link: &Link, terms: &Terms) -> Result<(), ClusterError> {
    match prepare(link, terms).await {
        Err(spoken @ ClusterError::Protocol { .. }) => {
            let busy = stream(link, JOBS).await?.cached_info().state.messages > 0
                || bucket_is_used(link, RUNS).await?
                || bucket_is_used(link, WORKERS).await?;
            if busy {
                return Err(spoken);
            }
            let text = serde_json::to_vec(&Spoken::here()).unwrap_or_default();
            let put = bucket(link, CLUSTER).await?.put(PROTOCOL_KEY, text.into()).await;
            put.map(drop).map_err(|error| refused("writing the protocol", &error))
        }
        other => other,
    }
}

async fn bucket_is_used(link: &Link, name: &str) -> Result<bool, ClusterError> {
    let stream = stream(link, &format!("KV_{name}")).await?;
    Ok(stream.cached_info().state.messages > 0)
}

/// Agrees on the protocol: the first to come writes it, all others compare.
pub(crate) async fn agree(link: &Link) -> Result<(), ClusterError> {
    let bucket = bucket(link, CLUSTER).await?;
    let read = || async {
        let found = bucket.get(PROTOCOL_KEY).await;
        found.map_err(|error| refused("reading the protocol", &error))
    };
    let found = match read().await? {
        Some(found) => Some(found),
        None => {
            let text = serde_json::to_vec(&Spoken::here()).unwrap_or_default();
            // Somebody else may have been faster.
            let _ = bucket.create(PROTOCOL_KEY, text.into()).await;
            read().await?
        }
    };
    compare(found.as_deref())
}

/// Looks which protocol is spoken, without a right to write it.
pub(crate) async fn compare_protocol(link: &Link) -> Result<(), ClusterError> {
    let found = bucket(link, CLUSTER).await?.get(PROTOCOL_KEY).await;
    compare(found.map_err(|error| refused("reading the protocol", &error))?.as_deref())
}

fn compare(found: Option<&[u8]>) -> Result<(), ClusterError> {
    let missing = || ClusterError::NotSetUp { missing: "the protocol".to_owned() };
    let spoken: Spoken = serde_json::from_slice(found.ok_or_else(missing)?).map_err(|error| {
        ClusterError::Malformed { what: "the protocol".to_owned(), cause: error.to_string() }
    })?;
    if spoken.protocol == PROTOCOL {
        return Ok(());
    }
    Err(ClusterError::Protocol { theirs: spoken.protocol, program: spoken.program, ours: PROTOCOL })
}

/// A work queue that holds each call at most once: a job is published on the condition that its subject is empty.
fn jobs(terms: &Terms) -> Config {
    Config {
        name: JOBS.to_owned(),
        subjects: vec![JOB_SUBJECTS.to_owned()],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        num_replicas: terms.replicas,
        description: Some("calls that are to be made".to_owned()),
        ..Default::default()
    }
}

fn results(terms: &Terms) -> Config {
    Config {
        name: RESULTS.to_owned(),
        subjects: vec![RESULT_SUBJECTS.to_owned()],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        max_age: KEPT,
        num_replicas: terms.replicas,
        description: Some("calls that were made and are not yet recorded".to_owned()),
        ..Default::default()
    }
}

/// The stream behind a bucket, as clients of all languages lay it out (NATS ADR-8). The client's own call wants an answer that servers
/// before 2.10 do not give.
fn key_values(bucket: &str, max_age: Duration, terms: &Terms) -> Config {
    Config {
        name: format!("KV_{bucket}"),
        subjects: vec![format!("$KV.{bucket}.>")],
        max_messages_per_subject: 1,
        max_age,
        discard: DiscardPolicy::New,
        allow_rollup: true,
        deny_delete: true,
        allow_direct: true,
        num_replicas: terms.replicas,
        ..Default::default()
    }
}

/// Lets workers take the jobs of `model`, with this lease.
pub(crate) async fn offer(
    link: &Link,
    model: &ModelId,
    lease: Duration,
) -> Result<(), ClusterError> {
    let config = pull::Config {
        durable_name: Some(token(model.as_str())),
        description: Some(format!("jobs of {model}")),
        filter_subject: jobs_of(model),
        ack_policy: AckPolicy::Explicit,
        ack_wait: lease,
        // Workers count, and give a job up with a result that says so: a bound of the server's would leave it in the stream unseen.
        max_deliver: -1,
        max_ack_pending: HANDED_OUT_AT_ONCE,
        ..Default::default()
    };
    let made = stream(link, JOBS).await?.create_consumer(config).await;
    made.map(drop).map_err(|error| refused(&format!("offering the jobs of {model}"), &error))
}

/// The jobs of `model`, if a coordinator offers them.
pub(crate) async fn offered(
    link: &Link,
    model: &ModelId,
) -> Result<Consumer<pull::Config>, ClusterError> {
    let found = link.context.get_consumer_from_stream(token(model.as_str()), JOBS).await;
    found.map_err(|error| not_found(&format!("the queue of {model}"), &error))
}

pub(crate) async fn stream(link: &Link, name: &str) -> Result<Stream, ClusterError> {
    let found = link.context.get_stream(name).await;
    found.map_err(|error| not_found(&format!("the stream {name}"), &error))
}

pub(crate) async fn bucket(link: &Link, name: &str) -> Result<kv::Store, ClusterError> {
    let found = link.context.get_key_value(name).await;
    found.map_err(|error| not_found(&format!("the bucket {name}"), &error))
}

/// Why something was not found: it is not there, nobody answers, or what the server says.
fn not_found(what: &str, error: &(dyn std::error::Error + 'static)) -> ClusterError {
    let not_there = [ErrorCode::STREAM_NOT_FOUND, ErrorCode::CONSUMER_NOT_FOUND];
    match code_of(error) {
        Some(code) if not_there.contains(&code) => {
            ClusterError::NotSetUp { missing: what.to_owned() }
        }
        _ if is_silent(error) => {
            ClusterError::Away { seconds: PATIENCE.as_secs(), cause: causes(error) }
        }
        _ => ClusterError::refused(&format!("looking for {what}"), causes(error)),
    }
}

fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// Whether nobody answered: servers that are choosing a leader do not.
fn is_silent(error: &(dyn std::error::Error + 'static)) -> bool {
    chain(error).any(|error| {
        error.downcast_ref::<RequestError>().is_some_and(|error| {
            matches!(error.kind(), RequestErrorKind::TimedOut | RequestErrorKind::NoResponders)
        })
    })
}

fn code_of(error: &(dyn std::error::Error + 'static)) -> Option<ErrorCode> {
    chain(error).find_map(|error| {
        if let Some(error) = error.downcast_ref::<jetstream::Error>() {
            return Some(error.error_code());
        }
        let kind = error.downcast_ref::<ConsumerError>().map(ConsumerError::kind);
        if let Some(ConsumerErrorKind::JetStream(error)) = kind {
            return Some(error.error_code());
        }
        match error.downcast_ref::<GetStreamError>().map(GetStreamError::kind) {
            Some(GetStreamErrorKind::JetStream(error)) => Some(error.error_code()),
            _ => None,
        }
    })
}

/// Whether the server has run out of room.
pub(crate) fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    code_of(error).is_some_and(|code| {
        matches!(
            code,
            ErrorCode::INSUFFICIENT_RESOURCES
                | ErrorCode::STORAGE_RESOURCES_EXCEEDED
                | ErrorCode::MEMORY_RESOURCES_EXCEEDED
                | ErrorCode::ACCOUNT_RESOURCES_EXCEEDED
                | ErrorCode::STREAM_STORE_FAILED
        )
    })
}

pub(crate) fn refused(action: &str, error: &(dyn std::error::Error + 'static)) -> ClusterError {
    let cause = causes(error);
    if is_full(error) { ClusterError::Full { cause } } else { ClusterError::refused(action, cause) }
}
