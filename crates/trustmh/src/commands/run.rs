//! `trustmh run`: plan, ask, record, score, report.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use trustmh_core::id::TaskId;
use trustmh_core::pillar::Pillar;
use trustmh_core::request::Asking;
use trustmh_core::scorecard::JudgeName;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::walk::UnreadVerdict;
use trustmh_model::halt::Halt;
use trustmh_report::comparison::Shown;
use trustmh_run::dispatch::{self, Budget, ModelPrices, Pace};
use trustmh_run::manifest::{Caps, JudgeRecord, Manifest, ModelRecord};
use trustmh_run::plan::prices::Prices;
use trustmh_run::plan::{Plan, Request};

use super::ended::{Ended, Output, go_on, output};
use super::opened::Opened;
use super::{benchmark, panel, protocol, report, reuse, runtime, shelf, stop};
use crate::arguments::{ModelAccess, Profile, RunArguments};
use crate::failure::{Exit, Failure};
use crate::models::{self, Role};
use crate::progress::Follower;
use crate::screen;

const QUICK_ITEMS: usize = 8;
const QUICK_TRIALS: usize = 10;
const QUICK_TOKENS: u32 = 80;
const QUICK_CONTEXT: u32 = 1024;

pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let mut planned = Vec::new();
    for judge in judges(arguments)? {
        let plan = Plan::make(&benchmark, &request(&benchmark, arguments, judge)?)?;
        reuse::check(&plan.manifest, &arguments.access)?;
        let opened = Opened::open(&plan.manifest, &arguments.access, &arguments.workers)?;
        planned.push((plan, opened));
    }
    let mut folders: Vec<PathBuf> = Vec::new();
    for (plan, _) in &planned {
        let folder = arguments.runs_dir.join(plan.manifest.id.as_str());
        std::fs::create_dir_all(&folder)
            .map_err(|error| Failure::io(&folder, "creating the run's folder", &error))?;
        plan.write(&benchmark, &folder)?;
        folders.push(folder);
    }
    let output = output(arguments.json);
    let several = planned.len() > 1;
    let mut exit = Exit::Ok;
    for ((plan, opened), folder) in planned.into_iter().zip(&folders) {
        // Replies are asked for once: every judge after the first finds them in the first one's run.
        let replies = folders.first().filter(|first| *first != folder);
        let reuse: Vec<PathBuf> =
            arguments.access.reuse.iter().chain(replies).map(PathBuf::clone).collect();
        let ended = carry_out(&benchmark, plan, folder, &opened, &arguments.access, &reuse)?;
        if !several {
            return ended.tell(folder, output);
        }
        match ended.tell(folder, Output::Nothing)? {
            Exit::Ok => {}
            stopped @ (Exit::Interrupted | Exit::Incomplete) => {
                panel::tell_waiting(&folders, folder);
                return Ok(stopped);
            }
            other => exit = other,
        }
    }
    panel::tell(&benchmark, &folders, None, Shown::Primary, output)?;
    Ok(exit)
}

/// The judges that were asked for, each once.
fn judges(arguments: &RunArguments) -> Result<impl Iterator<Item = AskedJudge<'_>>, Failure> {
    let (names, addresses) = (&arguments.judge, &arguments.judge_base_url);
    if addresses.len() > 1 && addresses.len() != names.len() {
        let counted = format!("{} judges have {} endpoints", names.len(), addresses.len());
        return Err(Failure::usage(counted).with_hint(
            "say --judge-base-url once for all judges or once for each, `default` for a usual endpoint",
        ));
    }
    if let Some(twice) = (1..names.len()).find(|at| names[..*at].contains(&names[*at])) {
        return Err(Failure::usage(format!("the judge {} is named twice", names[twice])));
    }
    let room = &arguments.room;
    let by_model = names.iter().any(|name| !["offline", "none"].contains(&name.as_str()));
    if !by_model && (room.judge_thinking_tokens.is_some() || !room.judge_option.is_empty()) {
        return Err(Failure::usage("no model judges: the options for its requests have no effect")
            .with_hint("name a model with --judge"));
    }
    let address = |place: usize| {
        let own = if addresses.len() == 1 { addresses.first() } else { addresses.get(place) };
        own.map(String::as_str).filter(|address| *address != "default")
    };
    Ok(names
        .iter()
        .enumerate()
        .map(move |(place, name)| AskedJudge { name, address: address(place) }))
}

/// A judge as it was typed.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedJudge<'a> {
    name: &'a str,
    address: Option<&'a str>,
}

/// The first judge, of those that were asked for.
pub(super) fn first_judge(arguments: &RunArguments) -> Result<AskedJudge<'_>, Failure> {
    judges(arguments)?.next().ok_or_else(|| Failure::usage("no judge is named"))
}

pub(super) fn request(
    benchmark: &Benchmark,
    arguments: &RunArguments,
    judge: AskedJudge<'_>,
) -> Result<Request, Failure> {
    let access = &arguments.access;
    let elsewhere = arguments.workers.cluster.is_some();
    if elsewhere && (arguments.base_url.is_some() || judge.address.is_some()) {
        return Err(Failure::usage(
            "with --cluster, endpoints are declared where the calls are made",
        )
        .with_hint("say `trustmh worker --model-endpoint NAME=URL`"));
    }
    models::recordable("--base-url", arguments.base_url.as_deref())?;
    models::recordable("--judge-base-url", judge.address)?;
    models::recordable("--toxicity-url", arguments.toxicity_url.as_deref())?;
    let (subject, base_url) =
        models::resolved(&arguments.subject, arguments.base_url.as_deref(), &access.reach)?;
    let judge = judge_record(judge, arguments)?;
    if judge.name == JudgeName::Model(subject.clone()) && !arguments.allow_self_judge {
        return Err(Failure::usage("the subject would judge itself")
            .with_hint("name another --judge, or say --allow-self-judge; the report will say so"));
    }
    let room = &arguments.room;
    let quick = arguments.profile == Profile::Quick;
    let caps = Caps {
        profile: quick.then(|| "quick".to_owned()),
        items: arguments.items.map(NonZeroUsize::get).or(quick.then_some(QUICK_ITEMS)),
        trials: arguments.trials.map(NonZeroUsize::get).or(quick.then_some(QUICK_TRIALS)),
        reply_tokens: quick.then_some(QUICK_TOKENS).filter(|_| room.reply_tokens.is_none()),
        reply_budget: room.reply_tokens,
        context: arguments
            .context
            .or(quick.then_some(QUICK_CONTEXT))
            .or_else(|| models::context_of(&subject)),
    };
    let asked = models::asking(
        &arguments.subject,
        &subject,
        base_url.as_deref(),
        Role::Subject,
        room,
        caps.context,
        &access.reach,
    )?;
    Ok(Request {
        subject: ModelRecord { id: subject, base_url, asked },
        judge,
        toxicity_url: arguments.toxicity_url.clone(),
        tasks: chosen_tasks(benchmark, &arguments.tasks)?,
        protocol: protocol(arguments.protocol),
        unread_verdict: UnreadVerdict::by(protocol(arguments.protocol)),
        seed: arguments.seed,
        data: arguments.data.data.clone(),
        starter: shelf(&arguments.tasks_from)?,
        caps,
        prompts_from: arguments.prompts_from.clone(),
    })
}

fn judge_record(judge: AskedJudge<'_>, arguments: &RunArguments) -> Result<JudgeRecord, Failure> {
    let reach = &arguments.access.reach;
    let nobody = |name| JudgeRecord {
        name,
        base_url: judge.address.map(str::to_owned),
        asked: Asking::USUAL,
    };
    match judge.name {
        "offline" => Ok(nobody(JudgeName::Offline)),
        "none" => Ok(nobody(JudgeName::None)),
        model => {
            let (id, base_url) = models::resolved(model, judge.address, reach)?;
            let (role, address) = (Role::Judge, base_url.as_deref());
            let asked = models::asking(model, &id, address, role, &arguments.room, None, reach)?;
            Ok(JudgeRecord { name: JudgeName::Model(id), base_url, asked })
        }
    }
}

/// Task ids, pillar names and `all`, resolved in the benchmark's order.
fn chosen_tasks(benchmark: &Benchmark, asked: &[String]) -> Result<Vec<TaskId>, Failure> {
    let all = || benchmark.tasks().map(|task| task.file.id.clone());
    let mut chosen = Vec::new();
    for text in asked.iter().map(|text| text.trim()) {
        if text == "all" {
            chosen.extend(all());
        } else if let Ok(pillar) = text.parse::<Pillar>() {
            chosen.extend(all().filter(|task| task.pillar() == pillar));
        } else {
            let id: TaskId = text.parse().map_err(|error| {
                Failure::usage(format!("{error}")).with_hint("`trustmh tasks list` shows all tasks")
            })?;
            chosen.push(benchmark.task(&id)?.file.id.clone());
        }
    }
    if chosen.is_empty() {
        let hint = "`trustmh tasks list` shows all tasks";
        return Err(Failure::usage(format!("no task matches {}", asked.join(","))).with_hint(hint));
    }
    chosen.sort();
    chosen.dedup();
    Ok(chosen)
}

/// Works through the plan, then scores and reports. Calls recorded in the runs of `reuse` are not made again.
pub(super) fn carry_out(
    benchmark: &Benchmark,
    plan: Plan,
    folder: &Path,
    opened: &Opened,
    access: &ModelAccess,
    reuse: &[PathBuf],
) -> Result<Ended, Failure> {
    screen::note(&format!(
        "{}: {} trials of {} tasks, subject {}, judge {}, protocol {}",
        folder.display(),
        plan.total(),
        plan.manifest.tasks.len(),
        plan.manifest.subject.id,
        plan.manifest.judge.name.title(),
        plan.manifest.protocol
    ));
    for asked in asked_with(&plan.manifest) {
        screen::note(&asked);
    }
    let pace = Pace {
        grace: Duration::from_secs(20),
        budget: Budget {
            calls: access.max_calls,
            tokens: access.max_tokens,
            time: access.max_time.map(Duration::from_secs),
            cost: access.max_cost,
        },
        prices: prices(&plan.manifest, access)?,
        reuse: reuse.iter().map(|run| run.join(trustmh_run::journal::FILE)).collect(),
    };
    let follower = Follower::new(plan.total(), access.progress);
    let (stop, stopped) = tokio::sync::watch::channel(Halt::No);
    let runtime = runtime()?;
    let heeding = stop::heed(
        stop,
        "stopping: no new calls; waiting up to 20 s for those in flight; once more leaves at once",
    )?;
    let halt = stopped.clone();
    let ending = runtime.block_on(async {
        let dispatcher = opened.dispatcher(&plan.manifest, folder, access, &stopped).await?;
        let watch = |progress| follower.take(progress);
        let dispatcher = dispatcher.as_ref();
        let ran = dispatch::run(benchmark, &plan, folder, dispatcher, &pace, stopped, &watch).await;
        Ok::<_, Failure>(ran?)
    });
    follower.finish();
    drop(plan);
    // Calls still in flight after the grace time are given up, not waited for.
    runtime.shutdown_background();
    let ending = ending.map_err(|failure| match failure.hint {
        Some(_) => failure,
        None => failure.with_hint(go_on(folder)),
    })?;
    let at_once = *halt.borrow() == Halt::AtOnce;
    drop(heeding);
    if at_once {
        let left = "left at once: calls in flight are given up, and the run is not scored";
        let failure = Failure { exit: Exit::Interrupted, ..Failure::usage(left) };
        return Err(failure.with_hint(go_on(folder)));
    }
    let scored = trustmh_run::derived::score::score(benchmark, folder, None, None)?;
    let html = report::write(benchmark, &scored, &folder.join("report.html"))?;
    Ok(Ended { scored, ending, html })
}

/// How the models are asked beyond what tasks and rubrics say.
pub(super) fn asked_with(manifest: &Manifest) -> Vec<String> {
    let models = [("subject", &manifest.subject.asked), ("judge", &manifest.judge.asked)];
    let said = models.into_iter().filter_map(|(who, asked)| Some((who, asked.in_words()?)));
    said.map(|(who, asked)| format!("the {who} is asked with {asked}")).collect()
}

/// The prices of the run's models. A bound on money needs them all.
pub(super) fn prices(manifest: &Manifest, access: &ModelAccess) -> Result<ModelPrices, Failure> {
    let table = match &access.prices {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::io(path, "reading", &error))?;
            Prices::parse(&path.display().to_string(), &text)?
        }
        None => Prices::embedded()?,
    };
    let judge = match &manifest.judge.name {
        JudgeName::Model(id) => Some(id),
        JudgeName::Offline | JudgeName::None => None,
    };
    for model in std::iter::once(&manifest.subject.id).chain(judge) {
        if access.max_cost.is_some() && table.of(model).is_none() {
            return Err(Failure::usage(format!(
                "{model} has no price in the table of {}",
                table.as_of
            ))
            .with_hint(
                "give a table that has it with --prices FILE, laid out like benchmark/prices.toml",
            ));
        }
    }
    Ok(ModelPrices {
        subject: table.of(&manifest.subject.id),
        judge: judge.and_then(|id| table.of(id)),
    })
}
