//! Trials that another program drives. It makes the calls and hands every reply in; which call comes next, what a trial is worth and
//! what all of them come to is answered here.
//!
//! Nothing is held from one question to the next but the plan: each brings the trial and its finished calls. So questions may come in
//! any order, twice, or in another process than the one that began.

pub mod wire;

use std::collections::BTreeMap;

use trustmh_core::call::{CallEnd, Exchange, Finish, Purpose, Reply};
use trustmh_core::id::TaskId;
use trustmh_core::repeats::Repeats;
use trustmh_core::scorecard::JudgeName;
use trustmh_core::scores::Scores;
use trustmh_core::trial::{Trial, TrialScore, round_of};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::estimate::{Basis, task_result};
use trustmh_engine::expand::{self, ContextBudget};
use trustmh_engine::task::{MetricRule, Task};
use trustmh_model::api::ModelApi;

use crate::derived::caveats::caveats;
use crate::error::RunError;
use crate::manifest::task_files::source;
use crate::manifest::{Manifest, PlannedTask};
use crate::plan::Plan;
use wire::{Due, Ended, Estimated, Heard, MetricPlanned, Planned, Role, Step};

/// One task's trials, as a plan has them, driven from outside.
pub struct Driven<'b> {
    benchmark: &'b Benchmark,
    plan: Plan,
    task: &'b Task,
    planned: PlannedTask,
    own_judge: Option<&'b dyn ModelApi>,
}

/// Who makes a call.
enum Caller<'c> {
    /// The other program.
    Asker(Role),
    /// This one: the judge that comes with it.
    OwnJudge(&'c dyn ModelApi),
    /// This one: the client that goes by rules.
    OfflineClient,
    /// Nobody: the trial ends without it.
    Nobody,
}

impl<'b> Driven<'b> {
    /// The trials of a plan with one task. `own_judge` answers the judge's calls where the judge is the embedded one.
    ///
    /// # Errors
    /// [`RunError::Driven`] for a plan of no task or several.
    pub fn new(
        benchmark: &'b Benchmark,
        plan: Plan,
        own_judge: Option<&'b dyn ModelApi>,
    ) -> Result<Self, RunError> {
        let mut tasks = plan.manifest.tasks.iter();
        let (Some((id, planned)), None) = (tasks.next(), tasks.next()) else {
            return Err(RunError::driven("a plan of exactly one task can be driven from outside"));
        };
        let (task, planned) = (benchmark.task(id)?, planned.clone());
        Ok(Self { benchmark, plan, task, planned, own_judge })
    }

    fn manifest(&self) -> &Manifest {
        &self.plan.manifest
    }

    /// What is planned, and by which rules.
    pub fn planned(&self) -> Planned {
        let manifest = self.manifest();
        let protocol = manifest.protocol;
        let metric = |rule: &MetricRule| MetricPlanned {
            name: rule.name.clone(),
            title: rule.title.clone(),
            direction: rule.direction,
            range: rule.range,
            primary: rule.primary.contains(&protocol),
        };
        Planned {
            program: manifest.program.clone(),
            task: self.task.file.id.clone(),
            title: self.task.file.title.clone(),
            version: self.planned.version,
            digest: self.planned.digest.clone(),
            prompts: self.planned.prompts.clone(),
            rubrics: self.planned.rubrics.clone(),
            protocol,
            judge: manifest.judge.name.clone(),
            judged_by: manifest.judge.name.title().to_owned(),
            client: manifest.client_name(),
            seed: manifest.seed,
            capped: manifest.caps.in_words(),
            trials: self.planned.trials,
            source: source(&self.planned),
            caveats: caveats(self.task, manifest, &self.planned, protocol),
            metrics: self.task.metrics(protocol).map(metric).collect(),
        }
    }

    /// All trials, each with what is right where the task knows it, in the letters that the subject sees.
    pub fn trials(&self) -> impl Iterator<Item = Result<(Trial, Option<String>), RunError>> {
        self.plan.trials(self.benchmark).map(|trial| {
            let trial = trial?;
            let key = self.manifest().walk(self.benchmark, &trial.task)?.reading(&trial, &[]).key;
            Ok((trial, key))
        })
    }

    /// The same trial in another round: what an epoch asks again. Rounds count from 0, the one that `trial` is of.
    ///
    /// # Errors
    /// [`RunError::Driven`] for more rounds than a run can have, or a trial that is not of the plan.
    pub fn in_round(&self, trial: &Trial, round: u32) -> Result<Trial, RunError> {
        self.own(&trial.task)?;
        let repeats = round.checked_add(1).and_then(|rounds| Repeats::new(rounds).ok());
        let repeats = repeats.ok_or_else(|| {
            RunError::driven(format!("no trial is asked {} times", u64::from(round) + 1))
        })?;
        let walk = self.manifest().walk(self.benchmark, &trial.task)?;
        // Only names are looked at, so it does not matter how much of a prompt fits.
        let first = expand::trials(&walk.rules, &trial.item, ContextBudget::Unbounded)?;
        let rounds = expand::rounds(first, repeats);
        let found = rounds.into_iter().find(|one| {
            let (of_first, in_round) = round_of(one.id.as_str());
            in_round == round && of_first == trial.id.as_str()
        });
        let not_planned = || RunError::driven(format!("no trial of the plan is {}", trial.id));
        let found = found.ok_or_else(not_planned)?;
        Ok(Trial { id: found.id, repeat: found.repeat, ..trial.clone() })
    }

    /// What comes after the finished calls of a trial, and after what was heard to the call that is due.
    ///
    /// # Errors
    /// [`RunError::Driven`] for a trial of another task, or a reply to no call; [`RunError::Engine`] for a trial that the task cannot
    /// have.
    pub async fn next(
        &self,
        trial: &Trial,
        mut exchanges: Vec<Exchange>,
        mut heard: Option<Heard>,
    ) -> Result<Step, RunError> {
        self.own(&trial.task)?;
        let walk = self.manifest().walk(self.benchmark, &trial.task)?;
        while let Some(mut call) = walk.next_call(trial, &exchanges)? {
            call.trial = Some(trial.id.clone());
            let end = match self.caller(&call.purpose) {
                Caller::Nobody => break,
                Caller::OfflineClient => {
                    let words = walk.offline_words(trial, &exchanges).unwrap_or_default();
                    CallEnd::Replied(Reply::new(words, Finish::Stop, None))
                }
                Caller::OwnJudge(judge) => match judge.complete(&call).await {
                    Ok(completion) => CallEnd::Replied(completion.reply),
                    Err(error) => CallEnd::Broken { message: error.to_string() },
                },
                Caller::Asker(role) => match heard.take() {
                    Some(heard) => heard.end(),
                    None => return Ok(Step::Call(Box::new(Due::new(role, call, exchanges)))),
                },
            };
            exchanges.push(Exchange { purpose: call.purpose, end });
        }
        if heard.is_some() {
            return Err(RunError::driven(format!("{} waits for no reply", trial.id)));
        }
        let score = walk.score(trial, &exchanges)?;
        let reading = walk.reading(trial, &exchanges);
        Ok(Step::Ended(Box::new(Ended::new(score, reading, exchanges))))
    }

    /// What the trials come to. A trial that is there twice counts once, by its last score.
    ///
    /// # Errors
    /// [`RunError::TooMany`] for more than a table of scores holds.
    pub fn estimate(&self, scores: Vec<TrialScore>) -> Result<Estimated, RunError> {
        let manifest = self.manifest();
        // In the order of their names, as a run's record is read, so that the same draws give the same intervals.
        let by_name: BTreeMap<_, _> =
            scores.into_iter().map(|score| (score.trial.clone(), score)).collect();
        let rounds = by_name.keys().map(|trial| round_of(trial.as_str()).1).max().unwrap_or(0);
        let mut table = Scores::with_room_for(by_name.len());
        for score in by_name.into_values() {
            table.push(score)?;
        }
        let basis = Basis {
            protocol: manifest.protocol,
            seed: manifest.seed,
            planned: self.planned.trials.saturating_mul(u64::from(rounds) + 1),
            source: source(&self.planned),
            caveats: caveats(self.task, manifest, &self.planned, manifest.protocol),
            by: Vec::new(),
            unread: 0,
        };
        Ok(Estimated { result: task_result(self.task, &table, basis) })
    }

    fn own(&self, task: &TaskId) -> Result<(), RunError> {
        if *task == self.task.file.id {
            return Ok(());
        }
        let own = &self.task.file.id;
        Err(RunError::driven(format!("the trial is of {task}, and what is driven here is {own}")))
    }

    fn caller(&self, purpose: &Purpose) -> Caller<'b> {
        let manifest = self.manifest();
        match purpose {
            Purpose::Subject { .. } => Caller::Asker(Role::Subject),
            Purpose::Client { .. } => match manifest.client {
                Some(_) => Caller::Asker(Role::Client),
                None => Caller::OfflineClient,
            },
            Purpose::Judge { .. } => match &manifest.judge.name {
                JudgeName::Model(_) => Caller::Asker(Role::Judge),
                JudgeName::Embedded(_) => self.own_judge.map_or(Caller::Nobody, Caller::OwnJudge),
                JudgeName::Offline | JudgeName::None => Caller::Nobody,
            },
        }
    }
}
