//! Jobs, from the moment they are handed out to their results.

use async_nats::jetstream::Message;
use async_nats::jetstream::message::AckKind;
use futures_util::future::join_all;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::{JoinHandle, JoinSet};

use trustmh_core::call::CallKey;
use trustmh_model::retry::{Retry, complete_with_retry};

use super::{Bench, Shop};
use crate::error::ClusterError;
use crate::names::{PROTOCOL, key_of, questions_of, result, token};
use crate::outbox::publish;
use crate::parcel::{Parcel, object_of, unpack};
use crate::wire::{Answer, Job, Outcome, OutcomeEnd, Question};

/// A worker with a result in hand does not give up: longer than any outage that is waited out.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);
/// A job that may not be made now is handed back for so long, or for its lease if that is shorter.
const LATER: Duration = Duration::from_secs(5);
/// A job before which others are is handed back for so long.
const SOON: Duration = Duration::from_millis(200);

/// Which call of which run a job is of, as its subject says.
struct Place {
    run_token: String,
    key: CallKey,
}

impl Place {
    fn of(subject: &str) -> Option<Self> {
        let run = subject.split('.').nth(3)?;
        Some(Self { run_token: run.to_owned(), key: key_of(subject)? })
    }
}

/// A job in hand, whose lease is renewed as long as it is.
pub(super) struct InHand {
    bench: Arc<Bench>,
    message: Arc<Message>,
    place: Place,
    job: Result<Job, ClusterError>,
    since: Instant,
    /// Room for it.
    _slot: OwnedSemaphorePermit,
    _renewing: Renewing,
}

impl InHand {
    /// Whether no worker had it before, as far as the server knows.
    fn is_handed_out_first(&self) -> bool {
        self.message.info().is_ok_and(|info| info.delivered <= 1)
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.bench.counts.in_hand.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Shop {
    /// Asks for leave to make jobs that came together, makes those that are granted, and publishes their results. They are not
    /// acknowledged here: the coordinator does that when a result is on its disk.
    pub(super) async fn hold(
        self: Arc<Self>,
        bench: Arc<Bench>,
        together: Vec<(Message, OwnedSemaphorePermit)>,
        lease: Duration,
    ) {
        let opening = together.into_iter().map(|one| self.open(&bench, one, lease));
        let jobs: Vec<InHand> = join_all(opening).await.into_iter().flatten().collect();
        // Leave counts as a call that may have been made. One that was handed out before asks for it when it can begin at once: a worker
        // that is killed while the call waits its turn would be held against the call.
        let (first, again): (Vec<InHand>, Vec<InHand>) =
            jobs.into_iter().partition(InHand::is_handed_out_first);
        let mut making: JoinSet<()> = JoinSet::new();
        for job in again {
            let shop = Arc::clone(&self);
            making.spawn(async move {
                // The gate is never closed.
                let _turn = job.bench.turns.acquire().await;
                let answers = shop.ask(std::slice::from_ref(&job), lease).await;
                let answer = answers.get(&job.place.key).copied().unwrap_or(Answer::Later);
                if let Err(error) = shop.settle(&job, answer, lease).await {
                    (shop.link.tell)(&format!("{}: {error}", job.message.subject));
                }
            });
        }
        let answers = self.ask(&first, lease).await;
        for job in first {
            let answer = answers.get(&job.place.key).copied().unwrap_or(Answer::Later);
            let shop = Arc::clone(&self);
            making.spawn(async move {
                let _turn = job.bench.turns.acquire().await;
                if let Err(error) = shop.settle(&job, answer, lease).await {
                    (shop.link.tell)(&format!("{}: {error}", job.message.subject));
                }
            });
        }
        while let Some(ended) = making.join_next().await {
            self.note(ended);
        }
    }

    async fn open(
        &self,
        bench: &Arc<Bench>,
        (message, slot): (Message, OwnedSemaphorePermit),
        lease: Duration,
    ) -> Option<InHand> {
        let Some(place) = Place::of(&message.subject) else {
            (self.link.tell)(&format!("{} is no job's subject", message.subject));
            return None;
        };
        bench.counts.in_hand.fetch_add(1, Ordering::Relaxed);
        let message = Arc::new(message);
        let renewing = Renewing::start(Arc::clone(&message), lease / 3);
        let since = Instant::now();
        let job = unpack::<Job>(&self.link, message.headers.as_ref(), &message.payload).await;
        let spoken = job.as_ref().map_or_else(|_| version_of(&message.payload), |job| Some(job.v));
        let in_hand = InHand {
            bench: Arc::clone(bench),
            message,
            place,
            job,
            since,
            _slot: slot,
            _renewing: renewing,
        };
        if let Some(theirs) = spoken.filter(|theirs| *theirs != PROTOCOL) {
            // A job of another protocol is for another program; this one ends.
            self.wrong.send_replace(Some(theirs));
            // One that is not handed back is handed out again after its lease.
            let _ = put_off(&in_hand.message, lease).await;
            return None;
        }
        Some(in_hand)
    }

    /// What the coordinators of their runs say to the jobs. Without its coordinator nobody knows whether a call is to be made: not knowing
    /// is no leave to pay twice.
    async fn ask(&self, jobs: &[InHand], lease: Duration) -> HashMap<CallKey, Answer> {
        let mut of_runs: BTreeMap<&str, Vec<CallKey>> = BTreeMap::new();
        for job in jobs {
            of_runs.entry(&job.place.run_token).or_default().push(job.place.key.clone());
        }
        let asking = of_runs.into_iter().map(async |(run, keys)| {
            let question = Question { v: PROTOCOL, keys };
            let text = serde_json::to_vec(&question).unwrap_or_default();
            let asked = self.link.client.request(questions_of(run), text.into());
            let answer = tokio::time::timeout(lease, asked).await;
            let answers: Vec<Answer> = match answer {
                Ok(Ok(answer)) => serde_json::from_slice(&answer.payload).unwrap_or_default(),
                Ok(Err(_)) | Err(_) => Vec::new(),
            };
            question.keys.into_iter().zip(answers)
        });
        join_all(asking).await.into_iter().flatten().collect()
    }

    async fn settle(
        &self,
        in_hand: &InHand,
        answer: Answer,
        lease: Duration,
    ) -> Result<(), ClusterError> {
        let (handed_out, tries, end) = match (&in_hand.job, answer) {
            (_, Answer::Recorded) => return over(&in_hand.message).await,
            (_, Answer::Soon) => return put_off(&in_hand.message, SOON.min(lease)).await,
            (_, Answer::Later) => return put_off(&in_hand.message, LATER.min(lease)).await,
            (_, Answer::GivenUp { times }) => {
                let message = format!("handed out {times} times, and no worker brought a result");
                (times, 0, OutcomeEnd::Dead { message })
            }
            (Err(error), Answer::Granted { time }) => {
                (time, 0, OutcomeEnd::Dead { message: format!("the job cannot be read: {error}") })
            }
            (Ok(job), Answer::Granted { time }) => {
                let (tries, end) = call(&in_hand.bench, job).await;
                (time, tries, end)
            }
        };
        let counts = &in_hand.bench.counts;
        if !matches!(end, OutcomeEnd::Replied { .. }) {
            counts.broken.fetch_add(1, Ordering::Relaxed);
        }
        let message = &in_hand.message;
        let outcome = Outcome {
            v: PROTOCOL,
            key: in_hand.place.key.clone(),
            worker: self.conduct.name.clone(),
            tries,
            millis: u64::try_from(in_hand.since.elapsed().as_millis()).unwrap_or(u64::MAX),
            handed_out,
            job_ack: message.reply.as_ref().map(ToString::to_string).unwrap_or_default(),
            job_object: object_of(message.headers.as_ref()),
            learnt: in_hand.bench.model.learnt(),
            end,
        };
        self.bring(&in_hand.place, &outcome).await?;
        counts.made.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Publishes a result, unless somebody else's stands there already.
    async fn bring(&self, place: &Place, outcome: &Outcome) -> Result<(), ClusterError> {
        let id = format!("{}.{}.{}", place.key, token(&outcome.worker), outcome.handed_out);
        let parcel = Parcel::pack(&self.link, &format!("{id}.result"), outcome).await?;
        let subject = result(&place.run_token, &place.key);
        publish(&self.link, &subject, &id, &parcel, PATIENCE).await.map(drop)
    }
}

async fn call(bench: &Bench, job: &Job) -> (u32, OutcomeEnd) {
    let retry = Retry { attempts: job.tries, ..Retry::default() };
    let (result, tries) =
        complete_with_retry(bench.model.as_ref(), &job.call(), &retry, &bench.gate).await;
    (tries, OutcomeEnd::from(result))
}

async fn put_off(message: &Message, by: Duration) -> Result<(), ClusterError> {
    let put_off = message.ack_with(AckKind::Nak(Some(by))).await;
    put_off.map_err(|error| ClusterError::refused("handing a job back", error))
}

/// The job's result is recorded: it goes.
async fn over(message: &Message) -> Result<(), ClusterError> {
    let gone = message.double_ack().await;
    gone.map_err(|error| ClusterError::refused("taking a job out of the queue", error))
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
    fn a_jobs_subject_says_of_which_run_and_call_it_is() {
        let place = Place::of("trustmh.jobs.model-12.run-34.abcd").expect("it is a job's");
        assert_eq!((place.run_token.as_str(), place.key.as_str()), ("run-34", "abcd"));
        assert!(Place::of("trustmh.jobs.model-12").is_none());
    }

    #[test]
    fn the_version_is_read_from_jobs_that_cannot_be_read_otherwise() {
        assert_eq!(version_of(br#"{"v": 7, "what": "ever"}"#), Some(7));
        assert_eq!(version_of(b"no json"), None);
    }
}
