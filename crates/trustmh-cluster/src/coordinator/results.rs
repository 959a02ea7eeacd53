//! What workers bring.

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, pull};
use futures_util::StreamExt;
use serde_json::value::RawValue;
use std::collections::hash_map::Entry;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use trustmh_core::call::CallKey;
use trustmh_model::error::RemoteFault;

use super::{CallResult, Coordinator, FaultOwner, held};
use crate::access::causes;
use crate::error::ClusterError;
use crate::ledger::{Delivery, Exclusion, Kind, Place, WorkerSession};
use crate::names::{PROTOCOL, RESULTS, results_of};
use crate::payload::{Chunk, ChunkOutcome};
use crate::setup::stream;
use crate::validation;
use crate::wire::{Envelope, Outcome, OutcomeEnd, ResultMessage, Results};

const AT_ONCE: usize = 256;
/// How long results that wait from before may take to come in.
const LEFT_OVER: Duration = Duration::from_secs(30);
/// After so long without anybody reading, the server forgets who read.
const FORGOTTEN: Duration = Duration::from_secs(60);
/// How often what is over is taken out.
const BETWEEN: Duration = Duration::from_millis(250);

/// What a call comes to that is given up.
pub(super) fn dead(message: String, times: u32) -> CallResult {
    CallResult {
        end: OutcomeEnd::Failed { fault: RemoteFault::ThisCallOnly, message },
        worker: "none".to_owned(),
        tries: 0,
        millis: 0,
        learnt: Vec::new(),
        handed_out: times,
        places: Vec::new(),
    }
}

impl Coordinator {
    /// Opens the run's results, from the first that was not read yet.
    pub(crate) async fn open(&self) -> Result<(Consumer<pull::Config>, u64), ClusterError> {
        let start_sequence = held(&self.cleared).last + 1;
        let config = pull::Config {
            description: Some(format!("results of {}", self.run)),
            filter_subject: results_of(&self.token),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence },
            // Nobody can acknowledge in our name what is never acknowledged.
            ack_policy: AckPolicy::None,
            inactive_threshold: FORGOTTEN,
            ..Default::default()
        };
        let made = stream(&self.link, RESULTS).await?.create_consumer(config).await;
        let consumer =
            made.map_err(|error| ClusterError::refused("opening the results", causes(&error)))?;
        let pending = consumer.cached_info().num_pending;
        Ok((consumer, pending))
    }

    /// Waits until the `pending` results that were there at the beginning have come in.
    pub(crate) async fn caught_up(&self, pending: u64) {
        let begun = Instant::now();
        while self.read.load(Ordering::Relaxed) < pending && begun.elapsed() < LEFT_OVER {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Receives results for ever.
    pub(crate) async fn receive(&self, mut consumer: Consumer<pull::Config>) -> ClusterError {
        loop {
            let messages = consumer
                .stream()
                .max_messages_per_batch(AT_ONCE)
                .heartbeat(Duration::from_secs(5))
                .expires(Duration::from_secs(15))
                .messages()
                .await;
            if let Ok(mut messages) = messages {
                // A missed heartbeat, or a server that is gone for a while: ask anew.
                while let Some(Ok(message)) = messages.next().await {
                    self.take(&message);
                }
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            if let Ok((made, _)) = self.open().await {
                consumer = made;
            }
        }
    }

    /// Takes what is over out of the streams, for ever.
    pub(crate) async fn tidy(&self) -> ClusterError {
        loop {
            tokio::time::sleep(BETWEEN).await;
            self.clear().await;
        }
    }

    pub(super) async fn clear_results(&self) {
        let gone = held(&self.cleared).gone();
        if let Some(before) = gone.before {
            self.purge(RESULTS, &results_of(&self.token), before).await;
        }
        if !gone.each.is_empty()
            && let Ok(stream) = self.link.context.get_stream_no_info(RESULTS).await
        {
            for place in gone.each {
                let _ = stream.delete_message(place).await;
            }
        }
    }

    fn take(&self, message: &Message) {
        self.read.fetch_add(1, Ordering::Relaxed);
        let Ok(info) = message.info() else { return };
        let place = info.stream_sequence;
        if place <= held(&self.cleared).last {
            return;
        }
        let brought = match serde_json::from_slice::<ResultMessage>(&message.payload) {
            Ok(brought) if brought.v == PROTOCOL => brought,
            Ok(ResultMessage { v, worker, .. }) => return self.of_another(place, v, &worker),
            Err(error) => {
                return match serde_json::from_slice(&message.payload) {
                    Ok(Envelope { v, worker }) if v != PROTOCOL => {
                        self.of_another(place, v, &worker)
                    }
                    Ok(Envelope { worker, .. }) => {
                        self.unusable(place, &worker, &error.to_string())
                    }
                    Err(_) => self.unusable(place, "", &error.to_string()),
                };
            }
        };
        match brought.results {
            Results::Whole(outcomes) => {
                held(&self.cleared).read(place, outcomes.len());
                for outcome in outcomes {
                    self.bring(&brought.worker, &outcome, vec![place]);
                }
            }
            Results::Chunk { payload, part, parts, text } => {
                held(&self.cleared).read(place, 1);
                let put = held(&self.pieces).put(Chunk { payload, part, parts, text, place });
                match put {
                    ChunkOutcome::Kept(dropped) => self.settle_places(&dropped),
                    ChunkOutcome::Refused(places) => {
                        self.tell_unusable(&brought.worker, "a piece of it fits no other");
                        self.settle_places(&places);
                    }
                    ChunkOutcome::Whole(text, places) => {
                        match serde_json::from_str::<Box<RawValue>>(&text) {
                            Ok(outcome) => self.bring(&brought.worker, &outcome, places),
                            Err(error) => {
                                self.tell_unusable(&brought.worker, &error.to_string());
                                self.settle_places(&places);
                            }
                        }
                    }
                }
            }
        }
    }

    fn of_another(&self, place: u64, v: u32, worker: &str) {
        let why = format!("it speaks protocol {v}, this program {PROTOCOL}");
        self.unusable(place, worker, &why);
    }

    fn unusable(&self, place: u64, worker: &str, why: &str) {
        held(&self.cleared).read(place, 0);
        self.tell_unusable(worker, why);
    }

    /// Names who brought it, by their own word; their calls are made again when their leases run out.
    fn tell_unusable(&self, worker: &str, why: &str) {
        self.bad.fetch_add(1, Ordering::Relaxed);
        let who = if worker.is_empty() { "somebody".to_owned() } else { validation::name(worker) };
        let why = validation::said(why, 300);
        (self.link.notify)(&format!(
            "results of worker {who} cannot be used and are dropped: {why}"
        ));
    }

    /// Takes one result.
    fn bring(&self, worker: &str, outcome: &RawValue, places: Vec<u64>) {
        let outcome: Outcome = match serde_json::from_str(outcome.get()) {
            Ok(outcome) => outcome,
            Err(error) => {
                self.unreadable(worker, outcome.get(), &error.to_string());
                return self.settle_places(&places);
            }
        };
        let key = outcome.key.clone();
        // Held while it is looked whether the call is wanted: it may become so at this moment.
        let mut early = held(&self.early);
        let came = held(&self.ledger).come(&outcome.permit, &key);
        let Some(came) = came else {
            if self.recorded.has_call(&key) {
                self.late.fetch_add(1, Ordering::Relaxed);
            } else {
                self.unasked(worker, &key);
            }
            return self.settle_places(&places);
        };
        let place = Place { key, kind: came.kind };
        let Some(job) = came.job.clone() else {
            // Of an earlier coordinator, and not wanted yet: it waits until it is.
            held(&self.ledger).come_early(&place);
            match early.entry(place.key) {
                Entry::Vacant(free) => drop(free.insert((outcome, places))),
                Entry::Occupied(_) => self.settle_places(&places),
            }
            return;
        };
        drop(early);
        match validation::outcome(outcome, &place.key, &job) {
            Ok(outcome) => self.usable(&place, came, outcome, places),
            Err(why) => {
                self.refuse(&came.who, &place.key, &why);
                held(&self.ledger).refuse(&place);
                self.settle_places(&places);
                self.news.notify_one();
            }
        }
    }

    /// A result whose key and permit can be read is refused, and its call made again at once.
    fn unreadable(&self, worker: &str, text: &str, why: &str) {
        #[derive(serde::Deserialize)]
        struct Named {
            key: CallKey,
            permit: crate::wire::Permit,
        }
        let named = serde_json::from_str::<Named>(text).ok();
        let came = named.as_ref().and_then(|named| {
            let came = held(&self.ledger).come(&named.permit, &named.key)?;
            Some((Place { key: named.key.clone(), kind: came.kind }, came.who))
        });
        match came {
            Some((place, who)) => {
                self.refuse(&who, &place.key, &validation::said(why, 300));
                held(&self.ledger).refuse(&place);
                self.news.notify_one();
            }
            None => self.tell_unusable(worker, why),
        }
    }

    /// A result of a call that nobody here gave its bringer a permit to make, or that came before.
    fn unasked(&self, worker: &str, key: &CallKey) {
        let count = self.bad.fetch_add(1, Ordering::Relaxed);
        // Somebody who sends thousands is named now and then.
        if count < 10 || count.is_multiple_of(1_000) {
            let worker = validation::name(worker);
            let key = validation::said(key.as_str(), 64);
            (self.link.notify)(&format!(
                "worker {worker} brought a result of call {key}, which it was not given or has brought already; it is dropped"
            ));
        }
    }

    fn usable(&self, place: &Place, came: Delivery, outcome: Outcome, places: Vec<u64>) {
        let Delivery { kind, who, times, job } = came;
        let model = job.as_ref().map(|job| job.model.clone());
        match (&outcome.end, &model) {
            (OutcomeEnd::Replied { .. }, Some(model)) => {
                held(&self.ledger).workers.answered(&who.session, model);
            }
            (OutcomeEnd::Failed { fault, message }, Some(_)) => {
                if self.goes_elsewhere(place, &who, *fault, message) {
                    self.settle_places(&places);
                    return;
                }
            }
            (OutcomeEnd::Replied { .. } | OutcomeEnd::Failed { .. }, None) => {}
        }
        match kind {
            Kind::Run => {
                let Outcome { tries, millis, learnt, end, .. } = outcome;
                let worker = who.worker;
                let handed_out = times;
                let arrived = CallResult { end, worker, tries, millis, learnt, handed_out, places };
                self.arrive(place, arrived);
            }
            Kind::Audit => {
                if let Some(audit) = &self.audit {
                    audit.second(&place.key, &who.worker, &outcome.end, &self.link.notify);
                }
                held(&self.ledger).settle(place);
                self.settle_places(&places);
            }
        }
    }

    /// Whether another worker is asked, since it is this worker that cannot make calls.
    fn goes_elsewhere(
        &self,
        place: &Place,
        who: &WorkerSession,
        fault: RemoteFault,
        said: &str,
    ) -> bool {
        let now = Instant::now();
        let Some(model) = held(&self.ledger).model_of(place) else { return false };
        let bar = match self.is_workers_fault(who, fault, &model) {
            FaultOwner::Call => return false,
            FaultOwner::Worker => Exclusion::ForGood,
            FaultOwner::WorkerForNow => Exclusion::ForAWhile,
        };
        let mut ledger = held(&self.ledger);
        let was_barred = ledger.workers.is_barred(&who.session, &model, now);
        ledger.workers.bar(&who.session, &model, bar, now);
        let elsewhere = ledger.try_elsewhere(place, now);
        if !elsewhere {
            // Nobody else serves the model: the run decides, as it does about its own calls.
            ledger.workers.unbar(&who.session, &model);
        }
        drop(ledger);
        if elsewhere && !was_barred {
            let worker = &who.worker;
            (self.link.notify)(&format!(
                "worker {worker} cannot make calls of {model}, which go to others: {said}"
            ));
        }
        if elsewhere {
            self.news.notify_one();
        }
        elsewhere
    }

    /// Brings a result to the trial that waits for it.
    pub(super) fn arrive(&self, place: &Place, arrived: CallResult) {
        let waits = held(&self.wanted).remove(&place.key);
        // A trial that was given up in the meantime: the result stays where it is for the next coordinator.
        if let Some(sender) = waits {
            let _ = sender.send(arrived);
        }
    }
}
