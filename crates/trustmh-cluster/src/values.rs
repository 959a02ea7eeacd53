//! Buckets as workers use them: by direct reads, which work across accounts, and by conditional writes. A worker has no right to
//! more, and the client's own calls want more.

use async_nats::HeaderMap;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::DirectGetErrorKind;
use bytes::Bytes;

use crate::access::{Link, PATIENCE, causes};
use crate::error::ClusterError;

/// How a deletion is marked (NATS ADR-8).
const OPERATION: &str = "KV-Operation";

/// An entry of a bucket.
pub(crate) struct Value {
    pub(crate) bytes: Bytes,
    pub(crate) revision: u64,
}

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// It stands there.
    Here,
    /// Somebody else was faster.
    TooLate,
}

fn subject(bucket: &str, key: &str) -> String {
    format!("$KV.{bucket}.{key}")
}

/// The entry of `key`, if there is one.
///
/// # Errors
/// [`ClusterError`] if the bucket is not there, or the server does not answer.
pub(crate) async fn last(
    link: &Link,
    bucket: &str,
    key: &str,
) -> Result<Option<Value>, ClusterError> {
    let away = |cause: String| ClusterError::Away { seconds: PATIENCE.as_secs(), cause };
    let stream = link.context.get_stream_no_info(format!("KV_{bucket}")).await;
    let stream = stream.map_err(|error| away(causes(&error)))?;
    match stream.direct_get_last_for_subject(subject(bucket, key)).await {
        Ok(found) if found.headers.get(OPERATION).is_some() => Ok(None),
        Ok(found) => Ok(Some(Value { bytes: found.payload, revision: found.sequence })),
        Err(error) if error.kind() == DirectGetErrorKind::NotFound => Ok(None),
        // Nobody answers: there is no server, or no bucket yet.
        Err(error) => Err(away(causes(&error))),
    }
}

/// Writes `key`, if its last entry is still the one of `revision`; 0 for none.
///
/// # Errors
/// [`ClusterError`] if the server does not answer, or refuses.
pub(crate) async fn replace(
    link: &Link,
    bucket: &str,
    key: &str,
    bytes: Bytes,
    revision: u64,
) -> Result<Written, ClusterError> {
    let message = PublishMessage::build().payload(bytes).expected_last_subject_sequence(revision);
    let failed = |cause: String| ClusterError::refused(&format!("writing to {bucket}"), cause);
    let sent = link.context.send_publish(subject(bucket, key), message).await;
    match sent.map_err(|error| failed(causes(&error)))?.await {
        Ok(_) => Ok(Written::Here),
        Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => Ok(Written::TooLate),
        Err(error) => Err(failed(causes(&error))),
    }
}

/// Writes `key`, whatever stood there; nobody waits for the server's word.
pub(crate) async fn put(link: &Link, bucket: &str, key: &str, bytes: Bytes) {
    let _ = link.client.publish(subject(bucket, key), bytes).await;
}

/// Marks `key` as gone; nobody waits for the server's word.
pub(crate) async fn delete(link: &Link, bucket: &str, key: &str) {
    let mut headers = HeaderMap::new();
    headers.insert(OPERATION, "DEL");
    let gone = link.client.publish_with_headers(subject(bucket, key), headers, Bytes::new());
    let _ = gone.await;
}
