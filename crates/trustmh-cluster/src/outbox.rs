//! Publishing that does not give up at once, and that never publishes twice.

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use std::time::{Duration, Instant};

use crate::access::{Link, causes};
use crate::error::ClusterError;
use crate::parcel::Parcel;
use crate::setup::is_full;

const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Published {
    /// It stands in the stream, at this place.
    At(u64),
    /// One with its subject stood there already.
    Already,
}

/// Publishes on the condition that nothing stands on `subject`. `id` tells tries of the same message from other messages.
pub(crate) async fn publish(
    link: &Link,
    subject: &str,
    id: &str,
    parcel: &Parcel,
    patience: Duration,
) -> Result<Published, ClusterError> {
    let begun = Instant::now();
    let mut wait = FIRST_WAIT;
    loop {
        let message = PublishMessage::build()
            .headers(parcel.headers())
            .payload(parcel.payload.clone())
            .message_id(id)
            .expected_last_subject_sequence(0);
        let error = match attempt(link, subject, message).await {
            Ok(sequence) => return Ok(Published::At(sequence)),
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => {
                return Ok(Published::Already);
            }
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
