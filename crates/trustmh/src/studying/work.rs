//! The work on a study: subjects at different endpoints at the same time, from one purse, with one stop and one progress.

use serde_json::json;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;

use trustmh_engine::benchmark::Benchmark;
use trustmh_model::halt::Halt;
use trustmh_model::traffic::Traffic;
use trustmh_report::number::counted;
use trustmh_run::dispatch::{Budget, Ending, Limit, Progress, Purse, Spent};
use trustmh_run::study::{Counted, Limits, RunRecord, lanes, recorded};

use super::folder::Kept;
use super::outcome::Tried;
use super::planned::PlannedRun;
use super::said::by_fields;
use crate::arguments::ProgressChoice;
use crate::failure::Failure;
use crate::progress::{Follower, Whole};
use crate::running::together::{SharedGates, Together, model_endpoint};
use crate::running::{GRACE, together};
use crate::runtime::runtime;
use crate::{screen, signals};

/// What may be spent on the whole study.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Bounds {
    pub(crate) cost: Option<f64>,
    pub(crate) calls: Option<u64>,
    pub(crate) tokens: Option<u64>,
    pub(crate) time: Option<u64>,
    pub(crate) client_calls: Option<u64>,
    pub(crate) client_tokens: Option<u64>,
}

impl Bounds {
    /// Those of the study file.
    pub(crate) fn of(limits: &Limits) -> Self {
        let number = |limit: Option<NonZeroU64>| limit.map(NonZeroU64::get);
        Self {
            cost: limits.max_cost,
            calls: number(limits.max_calls),
            tokens: number(limits.max_tokens),
            time: number(limits.max_time),
            client_calls: number(limits.max_client_calls),
            client_tokens: number(limits.max_client_tokens),
        }
    }

    /// These, and in their place those that `others` name.
    #[must_use]
    pub(crate) fn replaced_by(self, others: Self) -> Self {
        Self {
            cost: others.cost.or(self.cost),
            calls: others.calls.or(self.calls),
            tokens: others.tokens.or(self.tokens),
            time: others.time.or(self.time),
            client_calls: others.client_calls.or(self.client_calls),
            client_tokens: others.client_tokens.or(self.client_tokens),
        }
    }

    pub(crate) fn budget(&self) -> Budget {
        Budget {
            calls: self.calls,
            tokens: self.tokens,
            time: self.time.map(Duration::from_secs),
            cost: self.cost,
            client_calls: self.client_calls,
            client_tokens: self.client_tokens,
        }
    }
}

/// A study that is about to be worked on.
pub(crate) struct Work<'s> {
    pub(crate) benchmark: &'s Benchmark,
    pub(crate) kept: &'s Kept,
    pub(crate) runs: &'s [PlannedRun],
    pub(crate) bounds: Bounds,
    pub(crate) progress: ProgressChoice,
}

impl Work<'_> {
    /// Whether the models of all runs can be opened: a missing key or a faulty address is told before anything is written or sent.
    pub(crate) fn check(runs: &[PlannedRun]) -> Result<(), Failure> {
        runs.iter().try_for_each(can_be_asked)
    }

    /// Makes the calls that are not recorded; what became of each run.
    pub(crate) fn done(&self) -> Result<Vec<Tried>, Failure> {
        let _held = self.kept.hold()?;
        let (records, spent) = self.recorded()?;
        self.announce(&records, spent);
        if records.iter().all(|record| record.settled) {
            return Ok(records.iter().map(|_| Tried::Complete).collect());
        }
        if let Some(what) = spent.uses_up(&self.bounds.budget()) {
            let left = |record: &RunRecord| {
                if record.settled { Tried::Complete } else { Tried::BudgetSpent(what) }
            };
            return Ok(records.iter().map(left).collect());
        }
        // A missing key or a faulty address is told before anything is sent.
        for (run, record) in self.runs.iter().zip(&records) {
            if !record.settled {
                can_be_asked(run)?;
            }
        }
        self.work(&records, spent)
    }

    /// What the journals hold, and what all of it took, each call once.
    fn recorded(&self) -> Result<(Vec<RunRecord>, Spent), Failure> {
        let mut counted = Counted::new();
        let mut spent = Spent::default();
        let mut records = Vec::new();
        for (place, run) in self.runs.iter().enumerate() {
            let record = recorded(&self.kept.run(place), &run.prices, &mut counted)?;
            spent = spent.and(record.spent);
            records.push(record);
        }
        Ok((records, spent))
    }

    fn announce(&self, records: &[RunRecord], spent: Spent) {
        let trials: u64 = self.runs.iter().map(|run| run.plan.total()).sum();
        if self.progress == ProgressChoice::Json {
            screen::note_json(
                &json!({ "study": self.kept.folder, "runs": self.runs.len(), "trials": trials }),
            );
            return;
        }
        let (subjects, judges) = (self.kept.lock.subjects.len(), self.kept.lock.judges.len());
        let counts = [
            counted(subjects as u64, "subject", "subjects"),
            counted(judges as u64, "judge", "judges"),
            counted(self.runs.len() as u64, "run", "runs"),
            counted(trials, "trial", "trials"),
        ];
        screen::note(&format!("{}: {}", self.kept.folder.display(), counts.join(", ")));
        if spent.calls > 0 {
            let settled = records.iter().filter(|record| record.settled).count();
            screen::note(&format!(
                "resuming: {settled} of {} runs are complete; {} calls are recorded and will not be repeated",
                self.runs.len(),
                spent.calls
            ));
        }
    }

    fn work(&self, records: &[RunRecord], spent: Spent) -> Result<Vec<Tried>, Failure> {
        let traffic = Traffic::default();
        let (stop, stopped) = watch::channel(Halt::No);
        let follower = Follower::over(
            self.runs.iter().map(|run| &run.plan.manifest),
            Whole { progress: self.progress, bound: self.bounds.cost, dollars: spent.dollars() },
            &traffic,
        );
        let runtime = runtime()?;
        let heeding = signals::heed(stop.clone(), follower.on_stop(GRACE))?;
        let together = Together {
            stop: stopped.clone(),
            traffic: traffic.clone(),
            purse: Arc::new(Purse::after(self.bounds.budget(), spent)),
            gates: SharedGates::default(),
        };
        if let Some(most) = self.bounds.time {
            runtime.spawn(signals::end_after(Duration::from_secs(most), stop));
        }
        let tried = self.in_lanes(records, &together, &follower, runtime.handle());
        drop(follower);
        // Calls still in flight after the grace time are given up, not waited for.
        runtime.shutdown_background();
        let at_once = *stopped.borrow() == Halt::AtOnce;
        drop(heeding);
        if at_once {
            return Err(signals::stopped_at_once("study", self.how_to_resume()));
        }
        Ok(tried)
    }

    /// Works on runs that ask different endpoints at the same time, and on those of one endpoint one after the other.
    fn in_lanes(
        &self,
        records: &[RunRecord],
        together: &Together,
        follower: &Follower,
        handle: &Handle,
    ) -> Vec<Tried> {
        let tried: Mutex<Vec<Option<Tried>>> = Mutex::new(records.iter().map(|_| None).collect());
        let endpoint = |run: &PlannedRun| {
            let subject = &run.plan.manifest.subject;
            model_endpoint(&subject.id, subject.base_url.as_deref())
        };
        let endpoints: Vec<_> = self.runs.iter().map(endpoint).collect();
        std::thread::scope(|scope| {
            for lane in lanes(&endpoints) {
                let tried = &tried;
                scope.spawn(move || {
                    for place in &lane {
                        let record = records.get(*place).copied().unwrap_or_default();
                        let became = self.one(*place, record, together, follower, handle);
                        let mut held = tried.lock().unwrap_or_else(PoisonError::into_inner);
                        if let Some(one) = held.get_mut(*place) {
                            *one = Some(became);
                        }
                    }
                });
            }
        });
        let tried = tried.into_inner().unwrap_or_else(PoisonError::into_inner);
        tried.into_iter().map(|one| one.unwrap_or(Tried::NotBegun)).collect()
    }

    /// Works on the run at `place`.
    fn one(
        &self,
        place: usize,
        record: RunRecord,
        together: &Together,
        follower: &Follower,
        handle: &Handle,
    ) -> Tried {
        let Some(run) = self.runs.get(place) else { return Tried::NotBegun };
        if record.settled {
            follower.found(&run.plan.manifest);
            return Tried::Complete;
        }
        match *together.stop.borrow() {
            Halt::No => {}
            Halt::TimeUp => return Tried::BudgetSpent(Limit::Time),
            Halt::Draining | Halt::AtOnce => return Tried::Stopped,
        }
        if let Some(what) = together.purse.what() {
            return Tried::BudgetSpent(what);
        }
        let watch = |progress: Progress| match progress {
            // What is recorded was told of the whole study.
            Progress::Resumed { warning: None, .. } => {}
            Progress::Resumed { warning, .. } => {
                warning.iter().for_each(|warning| screen::note(&format!("warning: {warning}")));
            }
            other => follower.take(other),
        };
        let work = together::Run {
            benchmark: self.benchmark,
            plan: &run.plan,
            folder: &self.kept.run(place),
            calls: &run.request.calls,
            reuse: self.serving(place),
        };
        match handle.block_on(work.done(together, &watch)) {
            Ok(Ending::Complete) => Tried::Complete,
            Ok(Ending::Stopped) => Tried::Stopped,
            Ok(Ending::BudgetSpent(what)) => Tried::BudgetSpent(what),
            Err(failure) => {
                let locked = self.kept.lock.runs.get(place);
                let (subject, judge) =
                    locked.map_or(("", ""), |run| (run.subject.as_str(), run.judge.as_str()));
                screen::note(&format!(
                    "{subject} by {judge} stopped: {}; the other runs continue",
                    failure.message
                ));
                Tried::Failed(failure)
            }
        }
    }

    /// The runs whose calls serve the one at `place`: of the same subject or judge, where both ask the same model at the same place. Of
    /// one that is at work just now they are those that it has recorded so far: journals only grow.
    fn serving(&self, place: usize) -> Vec<PathBuf> {
        let Some(own) = self.runs.get(place) else { return Vec::new() };
        let address = |run: &PlannedRun| {
            let subject = &run.plan.manifest.subject;
            (subject.id.clone(), subject.base_url.clone())
        };
        let (model, url) = address(own);
        let serves = |run: &PlannedRun| {
            let (other, there) = address(run);
            let is_related = run.subject == own.subject || run.judge == own.judge;
            // Servers serve other weights under the same name.
            is_related && (other != model || there == url)
        };
        let others = self.runs.iter().enumerate();
        let others = others.filter(|(at, run)| *at != place && serves(run));
        let folders = others.map(|(at, _)| self.kept.run(at));
        folders.filter(|run| run.join(trustmh_run::journal::FILE).is_file()).collect()
    }

    /// What is said where a limit on the whole study is reached.
    pub(crate) fn limit_reached(&self, limit: Limit) -> String {
        let Bounds { cost, calls, tokens, client_calls, client_tokens, time: _ } = &self.bounds;
        let number = |most: &Option<u64>| most.map(|most| most.to_string());
        let (option, most) = match limit {
            Limit::Calls => ("--max-calls N", number(calls)),
            Limit::Tokens => ("--max-tokens N", number(tokens)),
            Limit::ClientCalls => ("--max-client-calls N", number(client_calls)),
            Limit::ClientTokens => ("--max-client-tokens N", number(client_tokens)),
            Limit::Money => ("--max-cost USD", cost.map(|most| format!("${most}"))),
            // Each time has its own.
            Limit::Time => {
                return format!("the limit on time is reached; {}", self.how_to_resume());
            }
        };
        let most = most.map_or_else(String::new, |most| format!(" ({most})"));
        format!(
            "the limit on {limit}{most} holds for the whole study and is reached; {} {option}, with a higher limit",
            self.how_to_resume()
        )
    }

    pub(crate) fn how_to_resume(&self) -> String {
        format!("continue with: trustmh study resume {}", self.kept.folder.display())
    }
}

/// Whether the models of a run can be opened, told by the fields of a study.
fn can_be_asked(run: &PlannedRun) -> Result<(), Failure> {
    together::check(&run.plan.manifest, &run.request.calls).map_err(by_fields)
}
