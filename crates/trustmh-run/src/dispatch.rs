//! The work on a run: a bounded number of trials walk at once; every finished call is in the journal before the trial takes its next
//! step. Who makes the calls is a [`Dispatcher`]'s business.

mod alike;
mod cut_watch;
mod dispatcher;
mod in_flight;
mod in_process;
mod lessons;
mod offline_client;
mod progress;
mod reuse;
mod spending;
mod talk;
mod written;

pub use dispatcher::{Dispatcher, Made};
pub use in_process::{Gates, InProcess, Limits, Models};
pub use progress::{Ending, Progress, Work};
pub use spending::{Budget, Limit, ModelPrices, Purse, Spent};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;

use trustmh_core::call::{CallEnd, CallKey, CallSpec, Exchange, Usage};
use trustmh_core::id::{ModelId, TaskId};
use trustmh_core::trial::Trial;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::conversation::OFFLINE_CLIENT;
use trustmh_model::error::ModelError;
use trustmh_model::halt::Halt;

use crate::error::RunError;
use crate::journal::{self, Call, Event, Mark, Replay, Session, SessionEnd, Writer};
use crate::plan::Plan;
use crate::plan::cuts::{Cuts, Speaker};
use crate::plan::prices::answers_in_process;
use alike::Endpoints;
use cut_watch::CutWatch;
use in_flight::InFlight;
use lessons::Lessons;
use offline_client::Spoken;
use spending::Allowance;
use talk::Talk;
use written::Written;

/// How trials are worked through.
#[derive(Debug, Clone)]
pub struct Pace {
    /// What calls are paid from: this run's own, or one that several runs share.
    pub purse: Arc<Purse>,
    /// What calls cost.
    pub prices: ModelPrices,
    /// Journals of other runs whose finished calls serve this one.
    pub reuse: Vec<PathBuf>,
    /// How long calls in flight may take after a stop is asked for, unless it is to be at once.
    pub grace: Duration,
}

/// Works through `plan` in `folder`, taking up what its journal already holds.
///
/// # Errors
/// [`RunError::Model`] when no call of the run can work (for example a refused key), journal and
/// benchmark faults. The journal is whole in every case.
pub async fn run(
    benchmark: &Benchmark,
    plan: &Plan,
    folder: &Path,
    dispatcher: &dyn Dispatcher,
    pace: &Pace,
    stop: watch::Receiver<Halt>,
    watch: &(dyn Fn(Progress) + Sync),
) -> Result<Ending, RunError> {
    let path = folder.join(journal::FILE);
    let replay = Arc::new(Replay::open(&path)?);
    let others: Vec<Replay> =
        pace.reuse.iter().map(|other| Replay::open(other)).collect::<Result<_, _>>()?;
    let writer = Writer::open(&path, &replay.extent)?;
    if replay.extent.total > 0 {
        let warning = replay.extent.warning.clone();
        watch(Progress::Resumed { paid: replay.paid(), warning });
    }
    let written = Written::default();
    let dispatch = Dispatch {
        benchmark,
        plan,
        dispatcher,
        pace,
        replay: &replay,
        writer: &writer,
        halted: AtomicBool::new(false),
        endpoints: Endpoints::default(),
        in_flight: InFlight::default(),
        written: &written,
        cuts: CutWatch::default(),
        lessons: Lessons::default(),
        offline_client: ModelId::new(OFFLINE_CLIENT),
        others: &others,
        stop,
        watch,
    };
    writer.append(vec![began()]).await?;
    let synced = writer.synced();
    let worked = match dispatcher.begin(Arc::clone(&replay)).await {
        Ok(()) => tokio::select! {
            worked = dispatch.work() => worked,
            never = written.follow(synced.clone(), dispatcher) => match never {},
        },
        Err(error) => Err(error),
    };
    let end = match &worked {
        Ok(Ending::Complete) => SessionEnd::Finish,
        Ok(Ending::Stopped | Ending::BudgetSpent(_)) | Err(_) => SessionEnd::Interrupted,
    };
    // After a failed append the disk may take nothing more; the first error is the one to tell.
    let sealed = writer.seal(end).await;
    written.tell(*synced.borrow(), dispatcher);
    let ended = dispatcher.end(worked.as_ref().ok().copied()).await;
    let ending = worked?;
    sealed?;
    ended?;
    Ok(ending)
}

fn began() -> Event {
    let program = env!("CARGO_PKG_VERSION").to_owned();
    Event::Session(Session { at: Timestamp::now(), mark: Mark::Began, program })
}

struct Dispatch<'a> {
    benchmark: &'a Benchmark,
    plan: &'a Plan,
    dispatcher: &'a dyn Dispatcher,
    pace: &'a Pace,
    replay: &'a Replay,
    writer: &'a Writer,
    /// Set on the first fault that ends the run, so that no new call is begun.
    halted: AtomicBool,
    /// How the models of the run have answered so far.
    endpoints: Endpoints,
    in_flight: InFlight,
    written: &'a Written,
    cuts: CutWatch,
    lessons: Lessons,
    /// Whose words those of the offline client are.
    offline_client: ModelId,
    /// Other runs whose calls serve this one.
    others: &'a [Replay],
    stop: watch::Receiver<Halt>,
    watch: &'a (dyn Fn(Progress) + Sync),
}

enum TrialEnd {
    Ended(TaskId, Work),
    Pending,
}

impl Dispatch<'_> {
    async fn work(&self) -> Result<Ending, RunError> {
        let trials = self.plan.trials(self.benchmark);
        let walks = stream::iter(trials).map(|trial| async {
            match trial {
                Ok(trial) => self.walk(&trial).await,
                Err(error) => Err(error),
            }
        });
        let mut walks = std::pin::pin!(walks.buffer_unordered(self.dispatcher.trials_at_once()));
        let mut first_error = None;
        let mut pending = 0_u64;
        loop {
            let next = tokio::select! {
                next = walks.next() => next,
                () = self.out_of_patience() => {
                    pending += 1;
                    break;
                }
            };
            match next {
                None => break,
                Some(Ok(TrialEnd::Ended(task, work))) => {
                    (self.watch)(Progress::TrialEnded { task, work });
                }
                Some(Ok(TrialEnd::Pending)) => pending += 1,
                Some(Err(error)) => {
                    self.halted.store(true, Ordering::Relaxed);
                    first_error.get_or_insert(error);
                }
            }
        }
        match first_error {
            Some(error) => Err(error),
            None if pending > 0 => {
                let asked = *self.stop.borrow();
                Ok(match (asked, self.pace.purse.what()) {
                    (Halt::TimeUp, what) => Ending::BudgetSpent(what.unwrap_or(Limit::Time)),
                    (Halt::No, Some(what)) => Ending::BudgetSpent(what),
                    (Halt::No | Halt::Draining | Halt::AtOnce, _) => Ending::Stopped,
                })
            }
            None => Ok(Ending::Complete),
        }
    }

    /// Resolves when calls in flight have had their grace after a stop, or are not to have one.
    async fn out_of_patience(&self) {
        let mut stop = self.stop.clone();
        if stop.wait_for(|halt| halt.is_asked()).await.is_err() {
            // Nobody can ask for a stop any more.
            std::future::pending::<()>().await;
        }
        tokio::select! {
            () = tokio::time::sleep(self.pace.grace) => {}
            Ok(_) = stop.wait_for(|halt| *halt == Halt::AtOnce) => {}
        }
    }

    fn stopping(&self) -> bool {
        self.halted.load(Ordering::Relaxed) || self.stop.borrow().is_asked()
    }

    async fn walk(&self, trial: &Trial) -> Result<TrialEnd, RunError> {
        if self.replay.has_score(&trial.id) {
            return Ok(TrialEnd::Ended(trial.task.clone(), Work::Recorded));
        }
        let walk = self.plan.manifest.walk(self.benchmark, &trial.task)?;
        let mut exchanges: Vec<Exchange> = Vec::new();
        let mut written = self.replay.has_trial(&trial.id);
        let mut work = Work::Recorded;
        let mut talk = Talk::default();
        while let Some(mut call) = walk.next_call(trial, &exchanges)? {
            call.trial = Some(trial.id.clone());
            let Some(model) = self.answering(&call.purpose) else { break };
            let key = CallKey::of(model, &call);
            // Two trials may need the same call at the same time: the second waits and takes the first's.
            let turn = self.in_flight.turn(&key);
            let _held = turn.lock().await;
            let end = match self.replay.call(&key)? {
                Some(paid) => {
                    self.endpoints.answered_before(model);
                    self.note_reuse(trial, &mut written, &key, &call.purpose, &paid).await?;
                    paid.end
                }
                None if self.stopping() || self.pace.purse.what().is_some() => {
                    return Ok(TrialEnd::Pending);
                }
                None if *model == self.offline_client => {
                    work = Work::Made;
                    let words = walk.offline_words(trial, &exchanges);
                    let spoken = Spoken { model, call: &call, key: key.clone(), words };
                    self.offline(trial, &mut written, spoken).await?
                }
                None => {
                    work = Work::Made;
                    talk.heard_now(&call.purpose);
                    match self.call(trial, &mut written, model, &call, key.clone()).await? {
                        Some(end) => end,
                        None => return Ok(TrialEnd::Pending),
                    }
                }
            };
            self.in_flight.over(&key, &turn);
            let cut = self.cuts.called(&trial.task, &call.purpose, &end);
            self.tell_of_cuts(&trial.task, cut);
            exchanges.push(Exchange { purpose: call.purpose.clone(), end });
            talk.went_on(call, &exchanges);
        }
        if let Some(whole) = talk.ended() {
            self.dispatcher.ended(&whole).await;
        }
        // A conversation that took place elsewhere and that rules judge takes no call at all.
        let uncalled = trial_event(trial, &mut written);
        if !uncalled.is_empty() {
            self.writer.append(uncalled).await?;
        }
        let planned = self.plan.manifest.tasks.get(&trial.task).map_or(0, |task| task.trials);
        self.tell_of_cuts(&trial.task, self.cuts.trial_ended(&trial.task, planned));
        Ok(TrialEnd::Ended(trial.task.clone(), work))
    }

    fn tell_of_cuts(&self, task: &TaskId, cuts: impl IntoIterator<Item = (Speaker, Cuts)>) {
        for (speaker, cuts) in cuts {
            (self.watch)(Progress::Cut(cuts.in_words(task, speaker, &self.plan.manifest)));
        }
    }

    /// Makes a call and records how it ended; none if a stop was asked for before it could be made.
    async fn call(
        &self,
        trial: &Trial,
        written: &mut bool,
        model: &ModelId,
        call: &CallSpec,
        key: CallKey,
    ) -> Result<Option<CallEnd>, RunError> {
        if let Some(end) = self.reused(trial, written, call, &key).await? {
            return Ok(Some(end));
        }
        let Some(allowance) = self.allowance(call).await else { return Ok(None) };
        let made = self.dispatcher.make(&key, call).await?;
        let tries = made.tries;
        let (end, request, response) = match made.result {
            Ok(completion) => {
                (CallEnd::Replied(completion.reply), completion.request, completion.response)
            }
            Err(ModelError::Halted) => return Ok(None),
            Err(error) => (self.broken(model, &key, error)?, None, None),
        };
        if matches!(end, CallEnd::Replied(_)) {
            self.endpoints.answered(model);
        }
        let usage = match &end {
            CallEnd::Replied(reply) => reply.usage,
            CallEnd::Recorded { .. } | CallEnd::Broken { .. } => None,
        };
        let broken = match &end {
            CallEnd::Broken { message } => Some(message.clone()),
            CallEnd::Replied(_) | CallEnd::Recorded { .. } => None,
        };
        let cost = self.pace.prices.of(&call.purpose, usage);
        match (&end, usage) {
            // What nobody counted may have been all of it.
            (CallEnd::Replied(_), None) if !answers_in_process(model) => allowance.spend_all(),
            _ => allowance.spend(Spent::call(&call.purpose, usage, cost)),
        }
        let mut events = trial_event(trial, written);
        for lesson in self.lessons.new_of(model, made.learnt) {
            (self.watch)(Progress::Learnt(lesson.to_string()));
            events.push(Event::Lesson(Box::new(lesson)));
        }
        events.push(Event::Call(Box::new(Call {
            key: key.clone(),
            trial: trial.id.clone(),
            purpose: call.purpose.clone(),
            model: model.clone(),
            end: end.clone(),
            tries,
            at: Some(Timestamp::now()),
            millis: u64::try_from(made.took.as_millis()).unwrap_or(u64::MAX),
            handed_out: made.handed_out,
            request,
            response,
        })));
        let places = self.writer.append(events).await?;
        if let Some(place) = places.last() {
            if broken.is_none() {
                self.replay.note(&key, *place);
            }
            self.written.push(*place, key);
        }
        (self.watch)(Progress::Called {
            usage,
            cost,
            retries: tries.saturating_sub(1),
            broken,
            handed_on: made.handed_out.is_some(),
        });
        Ok(Some(end))
    }

    /// What the call may take at the longest, set aside; none where nothing is left or a stop was asked for.
    async fn allowance(&self, call: &CallSpec) -> Option<Allowance<'_>> {
        let characters: usize =
            call.messages.iter().map(|message| message.content.chars().count()).sum();
        let most = Usage {
            prompt_tokens: characters.div_ceil(4) as u64,
            reply_tokens: u64::from(call.sampling.limit()),
        };
        let cost = self.pace.prices.of(&call.purpose, Some(most));
        let most = Spent::call(&call.purpose, Some(most), cost);
        let mut stop = self.stop.clone();
        let allowance = tokio::select! {
            allowance = self.pace.purse.allowance(most) => allowance,
            Ok(_) = stop.wait_for(|halt| halt.is_asked()) => None,
        };
        // Others may have failed for good while this waited.
        allowance.filter(|_| !self.stopping())
    }

    /// A fault of this call alone is recorded; one that no call of the run can survive ends the run.
    fn broken(
        &self,
        model: &ModelId,
        key: &CallKey,
        error: ModelError,
    ) -> Result<CallEnd, RunError> {
        match self.endpoints.failed(model, key, &error) {
            alike::Verdict::GoOn => Ok(CallEnd::Broken { message: error.to_string() }),
            alike::Verdict::Stop { calls: 0 | 1 } => Err(error.into()),
            alike::Verdict::Stop { calls } => Err(RunError::Alike { calls, error }),
        }
    }
}

/// The trial's own event, once.
fn trial_event(trial: &Trial, written: &mut bool) -> Vec<Event> {
    if std::mem::replace(written, true) {
        return Vec::new();
    }
    vec![Event::Trial(Box::new(trial.clone()))]
}
