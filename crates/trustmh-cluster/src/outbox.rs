//! Publishing that does not give up at once.

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use bytes::Bytes;
use std::time::{Duration, Instant};

use crate::access::{Link, causes};
use crate::error::ClusterError;
use crate::setup::is_full;

const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Publishes, and says where the message stands in its stream. `id` tells tries of the same message from other messages.
pub(crate) async fn publish(
    link: &Link,
    subject: &str,
    id: &str,
    payload: Bytes,
    patience: Duration,
) -> Result<u64, ClusterError> {
    let begun = Instant::now();
    let mut wait = FIRST_WAIT;
    loop {
        let message = PublishMessage::build().payload(payload.clone()).message_id(id);
        let error = match attempt(link, subject, message).await {
            Ok(place) => return Ok(place),
            Err(error) => error,
        };
        if error.kind() == PublishErrorKind::MaxPayloadExceeded {
            return Err(ClusterError::refused("publishing", causes(&error)));
        }
        if begun.elapsed() >= patience {
            let cause = causes(&error);
            return Err(if is_full(&error) {
                ClusterError::Full { cause }
            } else {
                ClusterError::Away { seconds: patience.as_secs(), cause }
            });
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn attempt(link: &Link, subject: &str, message: PublishMessage) -> Result<u64, PublishError> {
    Ok(link.context.send_publish(subject.to_owned(), message).await?.await?.sequence)
}
