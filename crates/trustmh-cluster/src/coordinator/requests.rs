//! What workers ask for.

use async_nats::{Message, Subject};
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Coordinator, Waiting, held};
use crate::access::causes;
use crate::error::ClusterError;
use crate::ledger::{Grant, GrantedCall, Kind, Place, WorkerSession};
use crate::names::{OFFERS, PROTOCOL, is_workers_inbox, work_of};
use crate::payload::parts;
use crate::validation;
use crate::wire::{
    Content, CoordinatorReply, Envelope, Handed, LogEntry, Permit, Request, RequestKind, RunOffer,
    encoded, encoded_text,
};

/// How often is looked what has lapsed.
const TICK: Duration = Duration::from_millis(100);
/// How often workers are told that there is a run.
const BETWEEN_OFFERS: Duration = Duration::from_millis(500);
/// Calls that become wanted together go out together.
const TOGETHER: Duration = Duration::from_millis(1);
/// No worker is kept waiting for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// No more workers than this wait at once.
const MOST_WAITING: usize = 10_000;
/// Names of workers and sessions are no longer than this.
const LONGEST_NAME: usize = 256;
/// A part of a call that fits no message is smaller than what a message carries by this factor: in JSON it grows.
const PART: usize = 8;

impl Coordinator {
    /// Answers workers until the connection ends.
    pub(crate) async fn answer(self: Arc<Self>) -> ClusterError {
        let failed = |cause: String| ClusterError::refused("listening to workers", cause);
        let mut requests = match self.link.client.subscribe(work_of(&self.token)).await {
            Ok(requests) => requests,
            Err(error) => return failed(error.to_string()),
        };
        let mut tick = tokio::time::interval(TICK);
        let mut offered = Instant::now() - BETWEEN_OFFERS;
        let mut breaks = self.link.breaks();
        loop {
            tokio::select! {
                request = requests.next() => match request {
                    Some(request) => self.hear(request).await,
                    None => return failed("the connection was closed".to_owned()),
                },
                () = self.news.notified() => tokio::time::sleep(TOGETHER).await,
                _ = tick.tick() => {
                    let now = Instant::now();
                    if !self.link.is_up() {
                        held(&self.ledger).was_deaf(now);
                    }
                    let silent = held(&self.ledger).lapse(now);
                    self.ask_anew(|who| silent.contains(&who.session));
                    if self.link.is_up() && self.link.breaks() != breaks {
                        breaks = self.link.breaks();
                        tokio::spawn(Arc::clone(&self).log_again());
                    }
                    if offered.elapsed() >= BETWEEN_OFFERS {
                        offered = now;
                        self.offer().await;
                    }
                }
            }
            self.give();
            self.give_up();
        }
    }

    async fn offer(&self) {
        let offer = RunOffer { v: PROTOCOL, run: self.run.clone(), models: self.models.clone() };
        let text = encoded(&offer);
        // The next one follows.
        let _ = self.link.client.publish(OFFERS, text.into()).await;
    }

    async fn hear(&self, message: Message) {
        let Some(inbox) = message.reply else { return };
        if !is_workers_inbox(&inbox) {
            let inbox = validation::said(&inbox, LONGEST_NAME);
            (self.link.notify)(&format!(
                "somebody asks for an answer to {inbox}, which is no worker's inbox; none is given"
            ));
            return;
        }
        let request = match serde_json::from_slice::<Request>(&message.payload) {
            Ok(request) if request.v == PROTOCOL => request,
            Ok(Request { v, worker, .. }) => return self.turn_away(v, &worker, inbox).await,
            Err(_) => {
                // Nobody answers what is no question.
                if let Ok(Envelope { v, worker }) = serde_json::from_slice(&message.payload)
                    && v != PROTOCOL
                {
                    self.turn_away(v, &worker, inbox).await;
                }
                return;
            }
        };
        if request.session.len() > LONGEST_NAME || request.served.len() > LONGEST_NAME {
            return;
        }
        let who =
            WorkerSession { worker: validation::name(&request.worker), session: request.session };
        let now = Instant::now();
        held(&self.ledger).workers.heard(&who, request.served, now);
        match request.wants {
            RequestKind::Calls { ask, lost, room, patience_millis } => {
                if !lost.is_empty() {
                    held(&self.ledger).lost(&who.session, &lost);
                }
                let patience = Duration::from_millis(patience_millis).min(LONGEST_WAIT);
                let mut waiting = held(&self.waiting);
                // A worker asks once at a time.
                waiting.retain(|other| other.who.session != who.session);
                if waiting.len() < MOST_WAITING {
                    waiting.push(Waiting { who, ask, room, inbox, until: now + patience });
                }
            }
            RequestKind::Time { keys } => {
                held(&self.ledger).hold(&who.session, &keys, now);
                self.send(inbox, &CoordinatorReply::Time).await;
            }
            RequestKind::Part { permit, key, part } => {
                let text = self.part(&permit, &key, part);
                self.send(inbox, &CoordinatorReply::Part { text }).await;
            }
        }
    }

    /// A worker of another version is told so, and so are people; the run goes on without it.
    async fn turn_away(&self, v: u32, worker: &str, inbox: Subject) {
        let worker = validation::name(worker);
        (self.link.notify)(&format!(
            "worker {worker} speaks protocol {v}, this program {PROTOCOL}; it is given no calls"
        ));
        let why = format!("the coordinator speaks protocol {PROTOCOL}");
        self.send(inbox, &CoordinatorReply::Refused { v: PROTOCOL, why }).await;
    }

    async fn send(&self, inbox: Subject, answer: &CoordinatorReply) {
        let text = encoded(answer);
        // A worker that gets no answer asks again.
        let _ = self.link.client.publish(inbox, text.into()).await;
    }

    /// Gives what there is to those who wait.
    fn give(self: &Arc<Self>) {
        let now = Instant::now();
        let bytes = self.link.inline_limit() / 2;
        let waiting = std::mem::take(&mut *held(&self.waiting));
        let mut still = Vec::new();
        for one in waiting {
            let handed = held(&self.ledger).hand_out(&one.who, one.ask, &one.room, bytes, now);
            match handed {
                Some(handed) => drop(tokio::spawn(Arc::clone(self).hand(one, handed))),
                None if one.until <= now => self.give_nothing(one),
                None => still.push(one),
            }
        }
        held(&self.waiting).extend(still);
    }

    /// Answers these workers at once with no calls: one that is dead must not be given what it can no longer make, one that is not asks again.
    fn ask_anew(self: &Arc<Self>, which: impl Fn(&WorkerSession) -> bool) {
        let waiting = std::mem::take(&mut *held(&self.waiting));
        let (silent, still): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|one| which(&one.who));
        held(&self.waiting).extend(still);
        for one in silent {
            self.give_nothing(one);
        }
    }

    fn give_nothing(self: &Arc<Self>, to: Waiting) {
        let none = Grant { permit: Permit::new(), calls: Vec::new() };
        drop(tokio::spawn(Arc::clone(self).hand(to, none)));
    }

    /// Writes down what is handed out, then hands it out: a coordinator that takes over has to know who may have spent.
    async fn hand(self: Arc<Self>, to: Waiting, handed: Grant) {
        let Grant { permit, calls } = handed;
        let lease_millis = u64::try_from(self.lease.as_millis()).unwrap_or(u64::MAX);
        let of_run = calls.iter().filter(|call| call.place.kind == Kind::Run);
        let of_run: Vec<_> = of_run.map(|call| (call.place.key.clone(), call.time)).collect();
        if !of_run.is_empty() {
            let entry = LogEntry::Handed {
                permit: permit.clone(),
                session: to.who.session.clone(),
                worker: to.who.worker.clone(),
                lease_millis,
                calls: of_run,
            };
            match self.log(&entry).await {
                Ok(at) => held(&self.ledger).logged(&permit, at),
                Err(error) => {
                    held(&self.ledger).take_back(&permit);
                    self.news.notify_one();
                    return (self.link.notify)(&format!(
                        "no calls are handed out: {}",
                        causes(&error)
                    ));
                }
            }
        }
        let longest = self.link.inline_limit() / PART;
        let calls = calls.iter().map(|call| in_message(call, longest)).collect();
        self.send(to.inbox, &CoordinatorReply::Calls { lease_millis, permit, calls }).await;
    }

    fn part(&self, permit: &Permit, key: &trustmh_core::call::CallKey, part: u32) -> String {
        let longest = self.link.inline_limit() / PART;
        let job = held(&self.ledger).job_of(permit, key);
        let text = job.and_then(|job| serde_json::to_string(job.as_ref()).ok()).unwrap_or_default();
        let part = usize::try_from(part).unwrap_or(usize::MAX);
        parts(&text, longest).get(part).map(|part| (*part).to_owned()).unwrap_or_default()
    }

    /// Calls that were handed out too often end without a reply.
    fn give_up(&self) {
        let given_up = held(&self.ledger).given_up();
        for (key, times) in given_up {
            let message =
                format!("dead letter: handed out {times} times, and no worker brought a result");
            self.arrive(&Place::of_run(&key), super::results::dead(message, times));
        }
    }
}

fn in_message(call: &GrantedCall, longest: usize) -> Handed {
    let text = encoded_text(call.job.as_ref());
    let content = if text.len() <= longest {
        let whole = serde_json::value::RawValue::from_string(text);
        whole.map_or(Content::Parts(0), Content::Job)
    } else {
        Content::Parts(u32::try_from(parts(&text, longest).len()).unwrap_or(u32::MAX))
    };
    Handed { key: call.place.key.clone(), time: call.time, content }
}
