//! Calls to a judge that is checked against human ratings, in a journal of their own.

use jiff::Timestamp;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use trustmh_core::call::{CallEnd, CallKey, CallSpec, Exchange, Purpose};
use trustmh_core::request::Asking;
use trustmh_core::scorecard::JudgeName;
use trustmh_core::trial::Trial;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::rules::JudgeRule;
use trustmh_model::api::ModelApi;
use trustmh_model::error::{Fault, ModelError};
use trustmh_model::limit::Limiter;
use trustmh_model::retry::{Retry, complete_with_retry};

use super::Question;
use crate::error::RunError;
use crate::journal::{self, Call, Event, Replay, SessionEnd, Writer};
use crate::plan::prices::Price;

/// A judge, and how it is reached.
pub struct Judging<'j> {
    /// Who.
    pub name: JudgeName,
    /// What answers its calls; none of the offline rules.
    pub api: Option<&'j dyn ModelApi>,
    /// How it is asked beyond what rubrics say.
    pub asked: Asking,
    /// What a call costs, where that is known.
    pub price: Option<Price>,
    /// The gate before it, which bounds how many calls run at once.
    pub gate: Limiter,
    /// How broken calls are tried again.
    pub retry: Retry,
    /// At most so many calls are made.
    pub most: Option<u64>,
}

/// The calls to a judge: those that are recorded, and those that are made now.
pub struct Calls<'j> {
    judging: Judging<'j>,
    replay: Replay,
    writer: Writer,
    made: AtomicU64,
    /// Calls that broke for good, and what the first of them met.
    broken: Mutex<Option<(u64, String)>>,
    /// Millionths of a dollar.
    cost: AtomicU64,
}

impl<'j> Calls<'j> {
    /// Opens the journal in `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// [`RunError`] for a journal that cannot be read or written.
    pub fn open(judging: Judging<'j>, folder: &Path) -> Result<Self, RunError> {
        fs::create_dir_all(folder).map_err(RunError::io(folder, "creating the folder"))?;
        let path = folder.join(journal::FILE);
        let replay = Replay::open(&path)?;
        let writer = Writer::open(&path, &replay.extent)?;
        let (made, cost) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Self { judging, replay, writer, made, broken: Mutex::new(None), cost })
    }

    /// Who judges.
    pub fn name(&self) -> &JudgeName {
        &self.judging.name
    }

    /// How many calls were made now; those that were recorded before are none.
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// How many of them broke for good, in words; none if none did. They are tried again the next time.
    pub fn broken(&self) -> Option<String> {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.as_ref().map(|(count, first)| {
            format!("{count} calls broke and left replies without a verdict; the first: {first}")
        })
    }

    /// What they cost in US dollars, where the price is known.
    pub fn cost(&self) -> Option<f64> {
        self.judging.price.map(|_| self.cost.load(Ordering::Relaxed) as f64 / 1e6)
    }

    /// Seals the journal.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub async fn end(self) -> Result<(), RunError> {
        self.writer.seal(SessionEnd::Finish).await
    }

    pub(super) fn at_once(&self) -> usize {
        // A few more, so that nobody is idle while finished calls are written down.
        self.judging.api.map_or(1, |_| self.judging.gate.limit().clamp(1, 512) * 5 / 4 + 1)
    }

    /// The exchanges of a trial with all of the judge's calls.
    pub(super) async fn finished(
        &self,
        benchmark: &Benchmark,
        question: &Question,
        trial: &Trial,
        mut exchanges: Vec<Exchange>,
        rule: JudgeRule,
    ) -> Result<Vec<Exchange>, RunError> {
        let Some(walk) = question.walk(benchmark, rule, &self.judging.asked) else {
            return Ok(exchanges);
        };
        let mut written = false;
        while let Some(call) = walk.next_call(trial, &exchanges)? {
            // A recorded conversation is over, whatever it was to be.
            let Purpose::Judge { .. } = call.purpose else { break };
            let Some(end) = self.end_of(&call, trial, &mut written).await? else { break };
            exchanges.push(Exchange { purpose: call.purpose, end });
        }
        Ok(exchanges)
    }

    fn broke(&self, error: &ModelError) -> CallEnd {
        let message = error.to_string();
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.get_or_insert_with(|| (0, message.clone())).0 += 1;
        CallEnd::Broken { message }
    }

    async fn end_of(
        &self,
        call: &CallSpec,
        trial: &Trial,
        written: &mut bool,
    ) -> Result<Option<CallEnd>, RunError> {
        let Some(api) = self.judging.api else { return Ok(None) };
        let key = CallKey::of(api.id(), call);
        if let Some(paid) = self.replay.call(&key)? {
            return Ok(Some(paid.end));
        }
        if self.judging.most.is_some_and(|most| self.made() >= most) {
            return Ok(None);
        }
        self.made.fetch_add(1, Ordering::Relaxed);
        let begun = Instant::now();
        let (result, tries) =
            complete_with_retry(api, call, &self.judging.retry, &self.judging.gate).await;
        let (end, request, response) = match result {
            Ok(completion) => {
                (CallEnd::Replied(completion.reply), completion.request, completion.response)
            }
            Err(error) if ends_all(&error) => return Err(error.into()),
            Err(error) => (self.broke(&error), None, None),
        };
        if let (CallEnd::Replied(reply), Some(price)) = (&end, self.judging.price) {
            let dollars = reply.usage.map_or(0.0, |usage| price.of(usage));
            self.cost.fetch_add((dollars * 1e6) as u64, Ordering::Relaxed);
        }
        let mut events = Vec::new();
        if !std::mem::replace(written, true) && !self.replay.has_trial(&trial.id) {
            events.push(Event::Trial(Box::new(trial.clone())));
        }
        events.push(Event::Call(Box::new(Call {
            key: key.clone(),
            trial: trial.id.clone(),
            purpose: call.purpose.clone(),
            model: api.id().clone(),
            end: end.clone(),
            tries,
            at: Some(Timestamp::now()),
            millis: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            handed_out: None,
            request,
            response,
        })));
        let places = self.writer.append(events).await?;
        if let (Some(place), CallEnd::Replied(_)) = (places.last(), &end) {
            self.replay.note(&key, *place);
        }
        Ok(Some(end))
    }
}

/// Whether no call to the judge can work after this.
fn ends_all(error: &ModelError) -> bool {
    matches!(error.fault(), Fault::Permanent)
}
