//! One job, from the moment it is handed out to its result.

use async_nats::jetstream::message::AckKind;
use async_nats::jetstream::{Message, stream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

use trustmh_core::call::CallKey;
use trustmh_model::retry::{Retry, complete_with_retry};

use super::{Bench, Shop};
use crate::error::ClusterError;
use crate::names::{PROTOCOL, RESULTS, questions_of, token};
use crate::outbox::publish;
use crate::parcel::{Parcel, object_of, unpack};
use crate::setup::stream;
use crate::wire::{Answer, Job, Outcome, OutcomeEnd, Question};

/// A worker with a result in hand does not give up: longer than any outage that is waited out.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// How a call stands that another worker may have made.
enum Standing {
    /// It is to be made.
    Wanted,
    /// Its result is recorded.
    Recorded,
    /// It was handed out too often.
    GivenUp { times: u32 },
    /// Its result is on the way, or nobody can tell at the moment.
    Unknown,
}

/// Where a job stands and where its result goes, as its subject says.
struct Place {
    run: String,
    key: CallKey,
    result: String,
}

impl Place {
    fn of(subject: &str) -> Option<Self> {
        let mut tokens = subject.split('.').skip(3);
        let (run, key) = (tokens.next()?, tokens.next()?);
        let result = format!("trustmh.results.{run}.{key}");
        let key = serde_json::from_value(serde_json::Value::String(key.to_owned())).ok()?;
        Some(Self { run: run.to_owned(), key, result })
    }
}

impl Shop {
    /// Makes the call of a job and publishes its result. The job is not acknowledged here: the coordinator does that when the result
    /// is on its disk. Until the result is published the lease is renewed.
    pub(super) async fn hold(&self, bench: &Bench, message: Message, lease: Duration) {
        bench.counts.in_hand.fetch_add(1, Ordering::Relaxed);
        let message = Arc::new(message);
        let renewing = Renewing::start(Arc::clone(&message), lease / 3);
        if let Err(error) = self.make(bench, &message, lease).await {
            (self.link.tell)(&format!("{}: {error}", message.subject));
        }
        drop(renewing);
        bench.counts.in_hand.fetch_sub(1, Ordering::Relaxed);
    }

    async fn make(
        &self,
        bench: &Bench,
        message: &Message,
        lease: Duration,
    ) -> Result<(), ClusterError> {
        let malformed = |cause: &str| ClusterError::Malformed {
            what: "a job's address".to_owned(),
            cause: cause.to_owned(),
        };
        let place = Place::of(&message.subject).ok_or_else(|| malformed("too few parts"))?;
        let info = message.info().map_err(|error| malformed(&error.to_string()))?;
        let delivered = u32::try_from(info.delivered).unwrap_or(u32::MAX);
        let begun = Instant::now();
        let job = unpack::<Job>(&self.link, message.headers.as_ref(), &message.payload).await;
        let spoken = job.as_ref().map_or_else(|_| version_of(&message.payload), |job| Some(job.v));
        if let Some(theirs) = spoken.filter(|theirs| *theirs != PROTOCOL) {
            // A job of another protocol is for another program; this one ends.
            self.wrong.send_replace(Some(theirs));
            return self.put_off(message, lease).await;
        }
        let (tries, end) = match job {
            Err(error) => {
                (0, OutcomeEnd::Dead { message: format!("the job cannot be read: {error}") })
            }
            // The first to be given it, by a server that has forgotten nothing since it was published.
            Ok(job) if delivered == 1 && job.server == self.link.server_id() => {
                self.call(bench, &job).await
            }
            Ok(job) => match self.standing(&place, delivered).await? {
                Standing::Wanted => self.call(bench, &job).await,
                Standing::Recorded => return self.over(message).await,
                Standing::Unknown => return self.put_off(message, lease).await,
                Standing::GivenUp { times } => (
                    0,
                    OutcomeEnd::Dead {
                        message: format!(
                            "handed out {times} times, and no worker brought a result"
                        ),
                    },
                ),
            },
        };
        if !matches!(end, OutcomeEnd::Replied { .. }) {
            bench.counts.broken.fetch_add(1, Ordering::Relaxed);
        }
        let outcome = Outcome {
            v: PROTOCOL,
            key: place.key.clone(),
            worker: self.conduct.name.clone(),
            tries,
            millis: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            job_ack: message.reply.as_ref().map(ToString::to_string).unwrap_or_default(),
            job_object: object_of(message.headers.as_ref()),
            end,
        };
        self.bring(&place, &outcome, info.consumer_sequence).await?;
        bench.counts.made.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// How a call stands that another worker may have made.
    async fn standing(&self, place: &Place, delivered: u32) -> Result<Standing, ClusterError> {
        if self.has_result(&place.result).await? {
            // Somebody brought it, and the coordinator has not got to it yet.
            return Ok(Standing::Unknown);
        }
        let worker = self.conduct.name.clone();
        let question = Question { key: place.key.clone(), worker, delivered };
        let question = serde_json::to_vec(&question).unwrap_or_default();
        let answer = self.link.client.request(questions_of(&place.run), question.into()).await;
        // Without its coordinator nobody knows: not knowing is no leave to pay twice.
        let Ok(answer) = answer else { return Ok(Standing::Unknown) };
        Ok(match serde_json::from_slice(&answer.payload) {
            Ok(Answer::Recorded) => Standing::Recorded,
            Ok(Answer::Wanted) => Standing::Wanted,
            Ok(Answer::GiveUp { times }) => Standing::GivenUp { times },
            Err(_) => Standing::Unknown,
        })
    }

    async fn call(&self, bench: &Bench, job: &Job) -> (u32, OutcomeEnd) {
        let retry = Retry { attempts: job.tries, ..Retry::default() };
        let (result, tries) =
            complete_with_retry(bench.model.as_ref(), &job.call(), &retry, &bench.gate).await;
        (tries, OutcomeEnd::from(result))
    }

    /// Publishes a result, unless somebody else's stands there already.
    async fn bring(
        &self,
        place: &Place,
        outcome: &Outcome,
        handed_out: u64,
    ) -> Result<(), ClusterError> {
        let id = format!("{}.{}.{handed_out}", place.key, token(&outcome.worker));
        let parcel = Parcel::pack(&self.link, &format!("{id}.result"), outcome).await?;
        publish(&self.link, &place.result, &id, &parcel, PATIENCE).await.map(drop)
    }

    async fn has_result(&self, subject: &str) -> Result<bool, ClusterError> {
        let results = stream(&self.link, RESULTS).await?;
        match results.get_last_raw_message_by_subject(subject).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == stream::LastRawMessageErrorKind::NoMessageFound => {
                Ok(false)
            }
            // Not knowing is no leave to pay twice: the job is handed out again after its lease.
            Err(error) => Err(ClusterError::refused("looking for a result", error)),
        }
    }

    async fn put_off(&self, message: &Message, by: Duration) -> Result<(), ClusterError> {
        let put_off = message.ack_with(AckKind::Nak(Some(by))).await;
        put_off.map_err(|error| ClusterError::refused("handing a job back", error))
    }

    /// The job's result is recorded: it goes.
    async fn over(&self, message: &Message) -> Result<(), ClusterError> {
        let gone = message.double_ack().await;
        gone.map_err(|error| ClusterError::refused("taking a job out of the queue", error))
    }
}

fn version_of(payload: &[u8]) -> Option<u32> {
    let value: serde_json::Value = serde_json::from_slice(payload).ok()?;
    u32::try_from(value.get("v")?.as_u64()?).ok()
}

/// Renews a job's lease until it is dropped.
struct Renewing(JoinHandle<()>);

impl Renewing {
    fn start(message: Arc<Message>, every: Duration) -> Self {
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                // A renewal that gets lost is followed by the next.
                let _ = message.ack_with(AckKind::Progress).await;
            }
        }))
    }
}

impl Drop for Renewing {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jobs_subject_says_where_its_result_goes() {
        let place = Place::of("trustmh.jobs.model-12.run-34.abcd").expect("it is a job's");
        assert_eq!(
            (place.key.as_str(), place.result.as_str()),
            ("abcd", "trustmh.results.run-34.abcd")
        );
        assert!(Place::of("trustmh.jobs.model-12").is_none());
    }

    #[test]
    fn the_version_is_read_from_jobs_that_cannot_be_read_otherwise() {
        assert_eq!(version_of(br#"{"v": 7, "what": "ever"}"#), Some(7));
        assert_eq!(version_of(b"no json"), None);
    }
}
