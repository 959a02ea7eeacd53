//! A run that can begin: its plan, its folder, its models.

use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

use trustmh_core::scorecard::ItemOrigin;
use trustmh_core::validity::Demand;
use trustmh_engine::benchmark::Benchmark;
use trustmh_model::halt::Halt;
use trustmh_model::traffic::Traffic;
use trustmh_report::number::counted;
use trustmh_run::dispatch::{self, Budget, Ending, ModelPrices, Pace, Purse};
use trustmh_run::manifest::Manifest;
use trustmh_run::plan::Plan;

use super::effect::{self, Answering};
use super::finished::{Finished, how_to_resume};
use super::models::RunModels;
use super::prices::prices;
use super::request::{conversations, judges, plan, requests_in_words};
use super::reuse;
use crate::arguments::{
    CallArguments, CallLimits, DataSource, ProgressChoice, Replies, RunRequest, TaskSource,
};
use crate::benchmark::starter_sets;
use crate::failure::Failure;
use crate::progress::Follower;
use crate::run_folder::judge_cards;
use crate::runtime::runtime;
use crate::{scorecards, screen, signals};

/// Calls in flight have this time to end once a stop is asked for.
pub(crate) const GRACE: Duration = Duration::from_secs(20);

/// A run that can begin.
pub(crate) struct PreparedRun {
    plan: Plan,
    models: RunModels,
    prices: ModelPrices,
    pub(crate) folder: PathBuf,
}

impl PreparedRun {
    /// New runs, one for each judge. Nothing is written before all of them can begin.
    pub(crate) fn for_each_judge(
        benchmark: &Benchmark,
        request: &RunRequest,
    ) -> Result<Vec<Self>, Failure> {
        let mut runs = Vec::new();
        for judge in judges(request)? {
            let plan = plan(benchmark, request, judge)?;
            let folder = request.runs_dir.runs_dir.join(plan.manifest.id.as_str());
            runs.push(Self::open(plan, folder, &request.calls)?);
        }
        for run in &runs {
            std::fs::create_dir_all(&run.folder)
                .map_err(|error| Failure::io(&run.folder, "creating the run's folder", &error))?;
            run.plan.write(benchmark, &run.folder)?;
        }
        Ok(runs)
    }

    /// A run in a folder that is there, as it was planned.
    pub(super) fn new(
        benchmark: &Benchmark,
        plan: Plan,
        folder: PathBuf,
        calls: &CallArguments,
    ) -> Result<Self, Failure> {
        let run = Self::open(plan, folder, calls)?;
        run.plan.write(benchmark, &run.folder)?;
        Ok(run)
    }

    /// The rest of an interrupted run.
    pub(crate) fn rest_of(
        benchmark: &Benchmark,
        folder: &Path,
        data: &DataSource,
        tasks_from: &TaskSource,
        calls: &CallArguments,
    ) -> Result<Self, Failure> {
        let manifest = Manifest::read(folder)?;
        let mut origins = manifest.tasks.values().map(|task| task.source.origin);
        let is_published = origins.any(|origin| origin == ItemOrigin::Published);
        if is_published && data.data.is_none() {
            return Err(Failure::usage("the run uses published data, but no data folder is given")
                .with_hint("give the folder it was started with: --data DIR or $TRUSTMH_DATA"));
        }
        // A run on starter items keeps to them, even where $TRUSTMH_DATA is set.
        let data = data.data.as_deref().filter(|_| is_published);
        effect::check(Answering::of(&manifest), calls)?;
        let plan = Plan::again(benchmark, starter_sets(tasks_from)?, manifest, folder, data)?;
        Self::open(plan, folder.to_owned(), calls)
    }

    fn open(plan: Plan, folder: PathBuf, calls: &CallArguments) -> Result<Self, Failure> {
        reuse::check(&plan.manifest, &calls.limits)?;
        let prices = prices(&plan.manifest, &calls.limits)?;
        let models = RunModels::open(&plan.manifest, calls)?;
        Ok(Self { plan, models, prices, folder })
    }

    /// Makes the calls that are not recorded in this run or those of `reuse`, then scores and
    /// reports.
    pub(crate) fn execute(
        self,
        benchmark: &Benchmark,
        calls: &CallArguments,
        reuse: &[PathBuf],
    ) -> Result<Finished, Failure> {
        let folder = self.folder.clone();
        self.announce(benchmark)?;
        let ending = self.dispatch(benchmark, calls, reuse)?;
        let scored = trustmh_run::derived::score::score(benchmark, &folder, None, None)?;
        let scored = scored.held_to(benchmark, &judge_cards()?, &Demand::USUAL)?;
        let html = scorecards::write_html(
            benchmark,
            &scored,
            &folder.join("report.html"),
            Replies::AsUsual,
        )?;
        Ok(Finished { scored, ending, html, folder })
    }

    /// Says what is about to be run.
    fn announce(&self, benchmark: &Benchmark) -> Result<(), Failure> {
        let manifest = &self.plan.manifest;
        let client = match conversations(benchmark, manifest)? {
            true => format!(", clients played by {}", manifest.client_name().title()),
            false => String::new(),
        };
        if manifest.origin.observed().is_some() {
            screen::note(&format!(
                "{}: {} conversations, judge {}",
                self.folder.display(),
                self.plan.total(),
                manifest.judge.name.title()
            ));
            return Ok(());
        }
        screen::note(&format!(
            "{}: {} of {}, subject {}, judge {}{client}, protocol {}",
            self.folder.display(),
            counted(self.plan.total(), "trial", "trials"),
            counted(manifest.tasks.len() as u64, "task", "tasks"),
            manifest.subject.shown(),
            manifest.judge.name.title(),
            manifest.protocol
        ));
        for words in requests_in_words(manifest) {
            screen::note(&words);
        }
        Ok(())
    }

    fn dispatch(
        self,
        benchmark: &Benchmark,
        calls: &CallArguments,
        reuse: &[PathBuf],
    ) -> Result<Ending, Failure> {
        let Self { plan, models, prices, folder } = self;
        let pace = pace(prices, &calls.limits, reuse);
        let traffic = Traffic::default();
        let follower = Follower::new(&plan.manifest, &calls.limits, &traffic);
        let (stop, stopped) = watch::channel(Halt::No);
        let runtime = runtime()?;
        let clock = stop.clone();
        let heeding = signals::heed(stop, follower.on_stop(GRACE))?;
        if calls.limits.progress == ProgressChoice::Json {
            // From here on a signal drains: whoever started the run may send one.
            screen::note_json(&json!({ "run": folder, "trials": plan.total() }));
        }
        let halt = stopped.clone();
        let ending = runtime.block_on(async {
            let dispatcher =
                models.dispatcher(&plan.manifest, &folder, calls, &stopped, &traffic).await?;
            let watch = |progress| follower.take(progress);
            let dispatcher = dispatcher.as_ref();
            if let Some(most) = pace.purse.budget().time {
                tokio::spawn(signals::end_after(most, clock));
            }
            let ran =
                dispatch::run(benchmark, &plan, &folder, dispatcher, &pace, stopped, &watch).await;
            Ok::<_, Failure>(ran?)
        });
        drop(follower);
        drop(plan);
        // Calls still in flight after the grace time are given up, not waited for.
        runtime.shutdown_background();
        let ending = ending.map_err(|failure| match failure.hint {
            Some(_) => failure,
            None => failure.with_hint(how_to_resume(&folder)),
        })?;
        let at_once = *halt.borrow() == Halt::AtOnce;
        drop(heeding);
        if at_once {
            return Err(signals::stopped_at_once("run", how_to_resume(&folder)));
        }
        Ok(ending)
    }
}

fn pace(prices: ModelPrices, limits: &CallLimits, reuse: &[PathBuf]) -> Pace {
    Pace {
        grace: GRACE,
        purse: Arc::new(Purse::new(Budget {
            calls: limits.max_calls,
            client_calls: limits.max_client_calls,
            client_tokens: limits.max_client_tokens,
            tokens: limits.max_tokens,
            time: limits.max_time.map(Duration::from_secs),
            cost: limits.max_cost,
        })),
        prices,
        reuse: reuse.iter().map(|run| run.join(trustmh_run::journal::FILE)).collect(),
    }
}
