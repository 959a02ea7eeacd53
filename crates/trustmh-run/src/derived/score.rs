//! Scoring a recorded run: the journal is walked again, without calls.

use std::collections::BTreeMap;
use std::path::Path;

use trustmh_core::call::CallEnd;
use trustmh_core::id::{TaskId, TrialId};
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{
    ClientName, JudgeName, RecordState, Scorecard, Standing, TaskResult,
};
use trustmh_core::scores::Scores;
use trustmh_core::trial::TrialScore;
use trustmh_core::validity::Demand;
use trustmh_engine::behind::TrialKind;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::caveats::{failed_trials, pending_trials};
use trustmh_engine::conversation::{Next, is_played};
use trustmh_engine::estimate::pillar::pillar_scores;
use trustmh_engine::estimate::{self, Basis};
use trustmh_engine::walk::{JudgeRule, Walk};

use crate::derived::caveats::{
    broken_clients, card_caveats, caveats, client_caveats, embedded_caveat, unanswered,
};
use crate::derived::remains;
use crate::derived::terms::Terms;
use crate::derived::validity::{Held, JudgeCards, Kinds};
use crate::error::RunError;
use crate::journal::{self, EndLeft, Recorded, Remains, TrialRecord, Trials};
use crate::manifest::materials;
use crate::manifest::task_files::{beside, changed, source};
use crate::manifest::{Manifest, PlannedTask, judge_rule};
use crate::observed::Observed;
use crate::plan::cuts::AllCuts;

/// A run with its scores.
#[derive(Debug)]
pub struct ScoredRun {
    /// What was planned.
    pub manifest: Manifest,
    /// The results.
    pub scorecard: Scorecard,
    /// What was measured, trial by trial.
    pub scores: BTreeMap<TaskId, Scores>,
    /// The trials with calls that broke for good, by what went wrong.
    pub set_aside: BTreeMap<String, SetAside>,
    /// How many replies of each task were cut.
    pub cuts: AllCuts,
    /// The journal, by trial.
    pub trials: Trials,
    /// How each task was asked and scored, for those that compare.
    pub terms: BTreeMap<TaskId, Terms>,
    /// What is said of task files that are not those the run was made with.
    pub changed: Option<String>,
    /// The benchmark by which it is scored, where it takes files that the run keeps.
    kept: Option<Box<Benchmark>>,
    /// The kinds of trials that were scored, which decide by which rubrics numbers were judged.
    kinds: Kinds,
}

impl ScoredRun {
    /// The benchmark by which the run is scored: `given`, unless it takes files that the run keeps.
    pub fn benchmark<'b>(&'b self, given: &'b Benchmark) -> &'b Benchmark {
        self.kept.as_deref().unwrap_or(given)
    }

    /// The same with its judges checked against human ratings by these cards and this demand, in the place of the cards that are built in and
    /// what is asked for where nobody says otherwise.
    ///
    /// # Errors
    /// [`RunError::Engine`] for a task or rubric that the benchmark no longer has.
    pub fn held_to(
        mut self,
        given: &Benchmark,
        cards: &JudgeCards,
        demand: &Demand,
    ) -> Result<Self, RunError> {
        let benchmark = self.kept.as_deref().unwrap_or(given);
        let (manifest, kinds) = (&self.manifest, &self.kinds);
        Held { benchmark, manifest, kinds, cards, demand }.fill(&mut self.scorecard)?;
        Ok(self)
    }

    /// What whoever scores must be told besides the scorecard: a record that is not whole, a torn journal, task files that are not those
    /// of the run.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        let card = &self.scorecard;
        let record = card.record.note.as_ref().map(|note| format!("{}: {note}", card.run));
        let changed = self.changed.as_ref();
        let changed = changed.map(|changed| format!("{}: {changed}", self.scorecard.run));
        record.into_iter().chain(self.trials.warning.clone()).chain(changed)
    }

    /// The rules by which trials of this task were scored, of the benchmark by which the run is scored.
    ///
    /// # Errors
    /// [`RunError::Engine`] for a task the benchmark no longer has.
    pub fn walk<'b>(
        &'b self,
        benchmark: &'b Benchmark,
        task: &TaskId,
    ) -> Result<Walk<'b>, RunError> {
        let own = self.manifest.walk(self.benchmark(benchmark), task)?;
        let Scorecard { protocol, judge, .. } = &self.scorecard;
        Ok(own.scored_by(*protocol, judge_rule(judge)))
    }
}

/// Trials with a call that broke after all its tries; resuming the run asks them again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetAside {
    /// How many calls broke so.
    pub calls: u64,
    /// The first few trials they belong to.
    pub trials: Vec<TrialId>,
}

/// So many trials of each fault are named.
const NAMED: usize = 5;

impl SetAside {
    fn note(&mut self, trial: &TrialId) {
        self.calls += 1;
        if self.trials.len() < NAMED {
            self.trials.push(trial.clone());
        }
    }
}

fn set_aside_left(set_aside: &mut BTreeMap<String, SetAside>, remains: &Remains) {
    for call in &remains.calls {
        match call.end {
            EndLeft::Broken {} => {
                let of_fault = set_aside.entry(remains::FAULT_FORGOTTEN.to_owned()).or_default();
                of_fault.note(&remains.trial.id);
            }
            EndLeft::Replied { .. } | EndLeft::Recorded {} => {}
        }
    }
}

/// Scores the run in `folder` by `protocol`, from what its journal holds and nothing else.
///
/// # Errors
/// [`RunError`] for an unreadable run, [`RunError::Engine`] for a task the benchmark no longer has.
pub fn score(
    benchmark: &Benchmark,
    folder: &Path,
    protocol: Option<Protocol>,
    judge: Option<JudgeName>,
) -> Result<ScoredRun, RunError> {
    let manifest = Manifest::read(folder)?;
    let kept = materials::with_kept(benchmark, folder, &manifest)?.map(Box::new);
    let benchmark = kept.as_deref().unwrap_or(benchmark);
    let trials = Trials::open(&folder.join(journal::FILE))?;
    let protocol = protocol.unwrap_or(manifest.protocol);
    let judge = judge.unwrap_or_else(|| manifest.judge.name.clone());
    let mut scores: BTreeMap<TaskId, Scores> = manifest
        .tasks
        .iter()
        .map(|(task, planned)| (task.clone(), room(planned, &trials)))
        .collect();
    let mut set_aside: BTreeMap<String, SetAside> = BTreeMap::new();
    let mut cuts = AllCuts::default();
    let mut client = None;
    let mut kinds = Kinds::new();
    for recorded in trials.iter() {
        let recorded = match recorded? {
            TrialRecord::Whole(recorded) => *recorded,
            TrialRecord::Forgotten(remains) => {
                if client.is_none() && remains.trial.is_played() {
                    client = Some(manifest.client_name());
                }
                let (task, kind) = (remains.trial.task.clone(), remains::kind_of(&remains));
                cuts.note_left(&remains);
                set_aside_left(&mut set_aside, &remains);
                if let Some(score) = remains::score_of(*remains, &trials, protocol, &judge)? {
                    kinds.entry(task.clone()).or_default().insert(kind);
                    scores.entry(task).or_default().push(score)?;
                }
                continue;
            }
        };
        if client.is_none() && is_played(&recorded.trial) {
            client = Some(manifest.client_name());
        }
        for exchange in &recorded.exchanges {
            cuts.note(&recorded.trial.task, &exchange.purpose, &exchange.end);
            if let CallEnd::Broken { message } = &exchange.end {
                set_aside.entry(message.clone()).or_default().note(&recorded.trial.id);
            }
        }
        let own = manifest.walk(benchmark, &recorded.trial.task)?;
        let walk = own.scored_by(protocol, judge_rule(&judge));
        if let Some(score) = ended(&manifest, &walk, &recorded)? {
            let kind = TrialKind::of(&recorded.trial);
            kinds.entry(recorded.trial.task.clone()).or_default().insert(kind);
            scores.entry(recorded.trial.task).or_default().push(score)?;
        }
    }
    let mut terms = BTreeMap::new();
    for id in manifest.tasks.keys() {
        let of_task = Terms::of(benchmark, &manifest, id, protocol, &judge);
        terms.extend(of_task.map(|of_task| (id.clone(), of_task)));
    }
    let whose = Whose { judge, client };
    let mut scorecard = scorecard(benchmark, folder, &manifest, protocol, whose, &scores)?;
    let (cards, demand) = (&JudgeCards::built_in()?, &Demand::USUAL);
    Held { benchmark, manifest: &manifest, kinds: &kinds, cards, demand }.fill(&mut scorecard)?;
    let changed = changed(benchmark, &manifest)?;
    let first = usize::from(scorecard.record.note.is_some());
    scorecard.caveats.splice(first..first, changed.clone());
    let learnt =
        trials.lessons.iter().map(|lesson| format!("Learnt while asking: {}.", lesson.in_report()));
    scorecard.caveats.extend(learnt);
    scorecard.caveats.extend(remains::caveats(&trials));
    Ok(ScoredRun {
        manifest,
        scorecard,
        scores,
        set_aside,
        cuts,
        trials,
        terms,
        changed,
        kept,
        kinds,
    })
}

/// Whether the record is whole, and what is said where it is not.
fn standing(manifest: &Manifest, tasks: &BTreeMap<TaskId, TaskResult>) -> Standing {
    let planned = manifest.tasks.values().map(|task| task.trials).sum();
    let pending = tasks.values().map(|result| result.pending).sum();
    let repaired = manifest.repaired.as_ref();
    let state = match (repaired, pending) {
        (Some(_), _) => RecordState::Repaired,
        (None, 0) => RecordState::Complete,
        (None, _) => RecordState::Incomplete,
    };
    let parts = repaired.map(|repaired| format!("REPAIRED. {}", repaired.in_words()));
    let parts: Vec<String> = parts.into_iter().chain(pending_trials(tasks)).collect();
    let note = (!parts.is_empty()).then(|| parts.join(" "));
    let dropped_lines = repaired.map_or(0, |repaired| repaired.dropped);
    let capped = manifest.caps.in_words().filter(|_| manifest.caps.leaves_out());
    Standing { state, planned, pending, dropped_lines, note, capped }
}

/// The score of a trial that has ended. One that still waits for a call is pending, unless the record is all there will be.
///
/// # Errors
/// [`RunError::Engine`] where it cannot be walked.
pub(crate) fn ended(
    manifest: &Manifest,
    walk: &Walk<'_>,
    recorded: &Recorded,
) -> Result<Option<TrialScore>, RunError> {
    let asked_so = walk.rules.protocol == manifest.protocol;
    if !manifest.origin.is_imported() && walk_waits(walk, recorded, asked_so)? {
        return Ok(None);
    }
    Ok(Some(walk.score(&recorded.trial, &recorded.exchanges)?))
}

/// The score of one trial by the run's own protocol and judge.
///
/// # Errors
/// [`RunError::Engine`] for a task the benchmark no longer has.
pub fn score_of(
    benchmark: &Benchmark,
    manifest: &Manifest,
    recorded: &Recorded,
) -> Result<TrialScore, RunError> {
    let walk = manifest.walk(benchmark, &recorded.trial.task)?;
    Ok(walk.score(&recorded.trial, &recorded.exchanges)?)
}

/// Room for the scores of a task that are likely to come.
fn room(planned: &PlannedTask, trials: &Trials) -> Scores {
    Scores::with_room_for(trials.len().min(usize::try_from(planned.trials).unwrap_or_default()))
}

/// Under the protocol the run was asked by, a trial waits while a call is due; under the other one no
/// further call was ever planned.
fn walk_waits(walk: &Walk<'_>, recorded: &Recorded, asked_so: bool) -> Result<bool, RunError> {
    let Recorded { trial, exchanges } = recorded;
    match walk.talk(trial, exchanges).map(|talk| talk.next) {
        // Whoever judges or plays, a conversation that is not over goes on. One that was recorded elsewhere needs no call to be over.
        Some(Next::Client(_) | Next::Subject(_)) => return Ok(true),
        Some(Next::Over(_)) => {}
        None if exchanges.is_empty() => return Ok(true),
        None => {}
    }
    Ok(asked_so
        && walk.judges.replies != JudgeRule::Nobody
        && walk.next_call(trial, exchanges)?.is_some())
}

/// Whose words are taken besides the subject's.
struct Whose {
    judge: JudgeName,
    client: Option<ClientName>,
}

fn scorecard(
    benchmark: &Benchmark,
    folder: &Path,
    manifest: &Manifest,
    protocol: Protocol,
    whose: Whose,
    scores: &BTreeMap<TaskId, Scores>,
) -> Result<Scorecard, RunError> {
    let mut tasks = BTreeMap::new();
    let observed = manifest.origin.observed();
    for (id, planned) in &manifest.tasks {
        let task = benchmark.task(id)?;
        let none = Scores::default();
        let of_task = scores.get(id).unwrap_or(&none);
        let basis = Basis {
            protocol,
            seed: manifest.seed,
            planned: planned.trials,
            source: source(planned),
            caveats: caveats(task, manifest, planned, protocol),
            by: observed.map_or_else(Vec::new, |observed| observed.by.clone()),
            unread: observed.map_or(0, |observed| observed.unread),
        };
        tasks.insert(id.clone(), estimate::task_result(task, of_task, basis));
    }
    let pillars = pillar_scores(benchmark, &tasks);
    let record = standing(manifest, &tasks);
    let mut caveats: Vec<String> = record.note.iter().cloned().collect();
    caveats.extend(observed.and_then(Observed::unread_note));
    caveats.extend(failed_trials(&tasks));
    caveats.extend(unanswered(&tasks));
    caveats.extend(beside(&pillars.beside));
    caveats.extend(broken_clients(&tasks));
    let Whose { judge, client } = whose;
    caveats.extend(card_caveats(manifest, &judge));
    caveats.extend(embedded_caveat(benchmark, manifest, protocol, &judge)?);
    caveats.extend(client_caveats(manifest, &judge, client.as_ref()));
    Ok(Scorecard {
        run: folder.display().to_string(),
        record,
        protocol,
        subject: manifest.subject.id.clone(),
        name: manifest.subject.name.clone(),
        repeats: manifest.repeats,
        benchmark: manifest.benchmark.clone(),
        caveats,
        judge,
        client,
        pillars: pillars.scores,
        pillars_without_score: pillars.without_score,
        own_tasks: pillars.beside.into_keys().collect(),
        tasks,
    })
}
