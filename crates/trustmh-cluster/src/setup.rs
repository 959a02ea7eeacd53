//! Streams, buckets and consumers on the server; the protocol that is spoken there.

use async_nats::jetstream::context::{
    GetStreamError, GetStreamErrorKind, RequestError, RequestErrorKind,
};
use async_nats::jetstream::stream::{
    Config, ConsumerError, ConsumerErrorKind, DiscardPolicy, LastRawMessageError,
    LastRawMessageErrorKind, RetentionPolicy, Stream,
};
use async_nats::jetstream::{self, ErrorCode, kv};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use trustmh_core::id::ModelId;

use crate::access::{Link, PATIENCE, causes};
use crate::error::ClusterError;
use crate::names::{
    CLUSTER, HANDED, HANDED_SUBJECTS, ONCE, PROTOCOL, QUOTA, RESULT_SUBJECTS, RESULTS, RUNS,
    WORKERS, token,
};
use crate::values;
use crate::wire::encoded;

/// How long a coordinator or worker that does not show itself is believed to be there.
pub(crate) const PRESENCE: Duration = Duration::from_secs(10);
/// Results that nobody asks for are kept so long.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// What a worker says of itself is no longer than this.
const LONGEST_VALUE: i32 = 64 * 1024;
const PROTOCOL_KEY: &str = "protocol";
/// Entries of the bucket that holds the protocol, which name models.
pub(crate) const MODEL_KEYS: &str = "model.";

/// How things are set up on the server.
#[derive(Debug, Clone, Copy)]
pub struct StreamSettings {
    /// On how many servers each message is kept; 3 survive the loss of one.
    pub replicas: usize,
    /// After so long without a sign of life a worker's jobs go to others.
    pub lease: Duration,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self { replicas: 1, lease: Duration::from_secs(30) }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct ProtocolRecord {
    protocol: u32,
    program: String,
}

impl ProtocolRecord {
    fn here() -> Self {
        Self { protocol: PROTOCOL, program: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// Makes what is missing on the server. Nothing that is there is changed.
///
/// # Errors
/// [`ClusterError`], also if another protocol is spoken there.
pub async fn prepare(link: &Link, terms: &StreamSettings) -> Result<(), ClusterError> {
    link.need_streams().await?;
    for config in [results(terms), handed(terms)] {
        let name = config.name.clone();
        if let Err(error) = link.context.get_or_create_stream(config).await {
            return Err(refused(&format!("making the stream {name}"), &error));
        }
    }
    for (bucket, max_age) in
        [(CLUSTER, Duration::ZERO), (RUNS, PRESENCE), (WORKERS, PRESENCE), (QUOTA, Duration::ZERO)]
    {
        if link.context.get_key_value(bucket).await.is_ok() {
            continue;
        }
        if let Err(error) = link.context.create_stream(key_values(bucket, max_age, terms)).await {
            return Err(refused(&format!("making the bucket {bucket}"), &error));
        }
    }
    agree(link).await
}

/// As [`prepare`], and makes this program's protocol the one that is spoken, if nobody is at work and nothing waits.
///
/// # Errors
/// [`ClusterError`], and [`ClusterError::Protocol`] while another protocol is in use.
pub async fn take_over(link: &Link, terms: &StreamSettings) -> Result<(), ClusterError> {
    match prepare(link, terms).await {
        Err(spoken @ ClusterError::Protocol { .. }) => {
            let busy = stream(link, RESULTS).await?.cached_info().state.messages > 0
                || bucket_is_used(link, RUNS).await?
                || bucket_is_used(link, WORKERS).await?;
            if busy {
                return Err(spoken);
            }
            remake(link, terms).await?;
            let text = encoded(&ProtocolRecord::here());
            let put = bucket(link, CLUSTER).await?.put(PROTOCOL_KEY, text.into()).await;
            put.map(drop).map_err(|error| refused("writing the protocol", &error))
        }
        other => other,
    }
}

/// Makes anew what an earlier version may have laid out otherwise; nothing waits in it.
async fn remake(link: &Link, terms: &StreamSettings) -> Result<(), ClusterError> {
    let buckets = [WORKERS, QUOTA].map(|bucket| format!("KV_{bucket}"));
    let mine = [RESULTS, HANDED].map(str::to_owned);
    for name in ONCE.map(str::to_owned).iter().chain(&mine).chain(&buckets) {
        // Most are not there.
        let _ = link.context.delete_stream(name).await;
    }
    match prepare(link, terms).await {
        Ok(()) | Err(ClusterError::Protocol { .. }) => Ok(()),
        Err(other) => Err(other),
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
            let text = encoded(&ProtocolRecord::here());
            // Somebody else may have been faster.
            let _ = bucket.create(PROTOCOL_KEY, text.into()).await;
            read().await?
        }
    };
    compare(found.as_deref())
}

/// Looks which protocol is spoken, without a right to write it.
pub(crate) async fn compare_protocol(link: &Link) -> Result<(), ClusterError> {
    let found = values::last(link, CLUSTER, PROTOCOL_KEY).await?;
    compare(found.as_ref().map(|found| found.bytes.as_ref()))
}

fn compare(found: Option<&[u8]>) -> Result<(), ClusterError> {
    let missing = || ClusterError::NotSetUp { missing: "the protocol".to_owned() };
    let spoken: ProtocolRecord =
        serde_json::from_slice(found.ok_or_else(missing)?).map_err(|error| {
            ClusterError::Malformed { what: "the protocol".to_owned(), cause: error.to_string() }
        })?;
    if spoken.protocol == PROTOCOL {
        return Ok(());
    }
    Err(ClusterError::Protocol { theirs: spoken.protocol, program: spoken.program, ours: PROTOCOL })
}

/// Results stay until their coordinator takes them out. Nothing in this stream is acknowledged: whoever may ask the server for anything can
/// have it send an acknowledgement of anything.
fn results(terms: &StreamSettings) -> Config {
    Config {
        name: RESULTS.to_owned(),
        subjects: vec![RESULT_SUBJECTS.to_owned()],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        max_age: KEPT,
        num_replicas: terms.replicas,
        description: Some("results that are not yet recorded".to_owned()),
        ..Default::default()
    }
}

fn handed(terms: &StreamSettings) -> Config {
    Config {
        name: HANDED.to_owned(),
        subjects: vec![HANDED_SUBJECTS.to_owned()],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        max_age: KEPT,
        num_replicas: terms.replicas,
        description: Some("what was handed out and is not over yet".to_owned()),
        ..Default::default()
    }
}

/// The stream behind a bucket, as clients of all languages lay it out (NATS ADR-8). The client's own call wants an answer that servers
/// before 2.10 do not give.
fn key_values(bucket: &str, max_age: Duration, terms: &StreamSettings) -> Config {
    Config {
        name: format!("KV_{bucket}"),
        subjects: vec![format!("$KV.{bucket}.>")],
        max_messages_per_subject: 1,
        max_age,
        max_message_size: LONGEST_VALUE,
        discard: DiscardPolicy::New,
        // Where workers write: whoever may write an entry could empty the whole bucket by it.
        allow_rollup: [CLUSTER, RUNS].contains(&bucket),
        deny_delete: true,
        // What workers read, in the one way that works across accounts.
        allow_direct: [CLUSTER, QUOTA].contains(&bucket),
        num_replicas: terms.replicas,
        ..Default::default()
    }
}

/// Keeps for those who look that calls of `model` were asked for here.
pub(crate) async fn note_model(link: &Link, model: &ModelId) -> Result<(), ClusterError> {
    let bucket = bucket(link, CLUSTER).await?;
    let key = format!("{MODEL_KEYS}{}", token(model.as_str()));
    let put = bucket.put(key, model.to_string().into()).await;
    put.map(drop).map_err(|error| refused(&format!("offering the calls of {model}"), &error))
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
        let kind = error.downcast_ref::<LastRawMessageError>().map(LastRawMessageError::kind);
        if let Some(LastRawMessageErrorKind::JetStream(error)) = kind {
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
