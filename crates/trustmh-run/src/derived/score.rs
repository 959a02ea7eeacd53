//! Scoring a recorded run: the journal is walked again, without calls.

use std::collections::BTreeMap;
use std::path::Path;

use trustmh_core::call::CallEnd;
use trustmh_core::id::{TaskId, TrialId};
use trustmh_core::outcome::OutcomeCounts;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{
    ClientName, ItemOrigin, JudgeName, RecordState, Scorecard, Standing, TaskResult,
};
use trustmh_core::scores::Scores;
use trustmh_core::trial::TrialScore;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::caveats::{failed_trials, pending_trials};
use trustmh_engine::conversation::{Next, is_played};
use trustmh_engine::estimate::pillar::pillar_scores;
use trustmh_engine::estimate::{self, Basis};
use trustmh_engine::task::Task;
use trustmh_engine::walk::{JudgeRule, Walk};

use crate::derived::family::{same_family, same_family_as_client};
use crate::derived::terms::Terms;
use crate::error::RunError;
use crate::journal::{self, Recorded, Trials};
use crate::manifest::materials;
use crate::manifest::task_files::{beside, changed, source};
use crate::manifest::{Manifest, Origin, PlannedTask, judge_rule};
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
}

impl ScoredRun {
    /// The benchmark by which the run is scored: `given`, unless it takes files that the run keeps.
    pub fn benchmark<'b>(&'b self, given: &'b Benchmark) -> &'b Benchmark {
        self.kept.as_deref().unwrap_or(given)
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
    for recorded in trials.iter() {
        let recorded = recorded?;
        if client.is_none() && is_played(&recorded.trial) {
            client = Some(manifest.client_name());
        }
        for exchange in &recorded.exchanges {
            cuts.note(&recorded.trial.task, &exchange.purpose, &exchange.end);
            if let CallEnd::Broken { message } = &exchange.end {
                let of_fault = set_aside.entry(message.clone()).or_default();
                of_fault.calls += 1;
                if of_fault.trials.len() < NAMED {
                    of_fault.trials.push(recorded.trial.id.clone());
                }
            }
        }
        let own = manifest.walk(benchmark, &recorded.trial.task)?;
        let walk = own.scored_by(protocol, judge_rule(&judge));
        // A trial that still waits for a call is pending, unless the record is all there will be.
        let asked_so = protocol == manifest.protocol;
        if manifest.origin != Origin::Asked || !walk_waits(&walk, &recorded, asked_so)? {
            let score = walk.score(&recorded.trial, &recorded.exchanges)?;
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
    let changed = changed(benchmark, &manifest)?;
    let first = usize::from(scorecard.record.note.is_some());
    scorecard.caveats.splice(first..first, changed.clone());
    let learnt =
        trials.lessons.iter().map(|lesson| format!("Learnt while asking: {}.", lesson.in_report()));
    scorecard.caveats.extend(learnt);
    Ok(ScoredRun { manifest, scorecard, scores, set_aside, cuts, trials, terms, changed, kept })
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
    Standing { state, planned, pending, dropped_lines, note }
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
        };
        tasks.insert(id.clone(), estimate::task_result(task, of_task, basis));
    }
    let pillars = pillar_scores(benchmark, &tasks);
    let record = standing(manifest, &tasks);
    let mut caveats: Vec<String> = record.note.iter().cloned().collect();
    caveats.extend(failed_trials(&tasks));
    caveats.extend(unanswered(&tasks));
    caveats.extend(beside(&pillars.beside));
    caveats.extend(broken_clients(&tasks));
    let Whose { judge, client } = whose;
    caveats.extend(card_caveats(manifest, &judge));
    caveats.extend(client_caveats(manifest, &judge, client.as_ref()));
    Ok(Scorecard {
        run: folder.display().to_string(),
        record,
        protocol,
        subject: manifest.subject.id.clone(),
        name: manifest.subject.name.clone(),
        repeats: manifest.repeats,
        caveats,
        judge,
        client,
        pillars: pillars.scores,
        pillars_without_score: pillars.without_score,
        own_tasks: pillars.beside.into_keys().collect(),
        tasks,
    })
}

fn caveats(
    task: &Task,
    manifest: &Manifest,
    planned: &PlannedTask,
    protocol: Protocol,
) -> Vec<String> {
    let mut caveats = Vec::new();
    if source(planned).origin == ItemOrigin::Starter {
        caveats.push(
            "Starter items of this project: for trying the program, not clinical evidence."
                .to_owned(),
        );
    }
    caveats.extend(circular(manifest, planned));
    if task.digest != planned.digest && manifest.origin == Origin::Asked {
        caveats.push(format!(
            "The task file has changed since the run was asked (version {} then, {} now).",
            planned.version, task.file.version
        ));
    }
    if protocol != manifest.protocol {
        caveats.push(format!(
            "Asked by the {} protocol, scored by the {protocol} one: prompts, option order and re-asks are those of the asking.",
            manifest.protocol
        ));
    }
    let reference = task.rule(protocol).known().filter(|_| protocol == Protocol::Reference);
    caveats
        .extend(reference.map(|known| format!("The rules of the reference protocol are {known}")));
    caveats.extend(planned.source.warnings.iter().map(|warning| format!("Data: {warning}")));
    caveats.extend(task.file.caveats.iter().cloned());
    caveats
}

/// Whether the subject had a part in the labels it is scored by.
fn circular(manifest: &Manifest, planned: &PlannedTask) -> Option<String> {
    let subject = manifest.subject.id.as_str();
    let labeller = planned.source.labelled_by.iter().find(|name| subject.contains(*name))?;
    Some(format!(
        "Circular: {labeller} had a part in the labels it is scored by here; results on them say in part how far it agrees with itself."
    ))
}

/// Above this share of replies without an answer, a run says so before anything else.
const UNANSWERED_SHARE: f64 = 0.01;

/// What is said first where more than one reply in a hundred of a task holds no answer: how many, of which tasks, and what to do.
pub fn unanswered(tasks: &BTreeMap<TaskId, TaskResult>) -> Option<String> {
    let above: Vec<(&TaskId, OutcomeCounts)> = tasks
        .iter()
        .map(|(id, result)| (id, result.outcomes))
        .filter(|(_, found)| found.unanswered as f64 > UNANSWERED_SHARE * found.total() as f64)
        .collect();
    let named: Vec<String> = above
        .iter()
        .map(|(id, found)| format!("{id} {} of {}", found.unanswered, found.total()))
        .collect();
    let cut: u64 = above.iter().map(|(_, found)| found.cut).sum();
    let mend = match cut {
        0 => "the model ended and said nothing",
        _ => "where replies were cut, give the model more room: --thinking-tokens, --reply-tokens",
    };
    (!above.is_empty()).then(|| {
        format!("More than 1 % of the replies hold no answer: {}; {mend}.", named.join(", "))
    })
}

/// What is said of whoever played the clients.
fn client_caveats(
    manifest: &Manifest,
    judge: &JudgeName,
    client: Option<&ClientName>,
) -> Vec<String> {
    let model = match client {
        None => return Vec::new(),
        Some(ClientName::Offline) => {
            return vec![
                "Clients were played by the offline client, which follows rules and reads phrases, not meaning: results with it say how a subject answers its lines, not people (docs/conversations.md).".to_owned(),
            ];
        }
        Some(ClientName::Model(model)) => model,
    };
    let asked = manifest.client.as_ref().and_then(|client| client.asked.in_words());
    let judge = match judge {
        JudgeName::Model(judge) => Some(judge),
        JudgeName::Offline | JudgeName::None => None,
    };
    let mut caveats = vec![format!(
        "Clients were played by {model}: a model that plays a person in need is not one."
    )];
    caveats.extend(asked.map(|asked| format!("The client was asked with {asked}.")));
    caveats.extend(same_family_as_client(&manifest.subject.id, judge, model));
    caveats
}

/// How many conversations were left out because their client was none any more.
fn broken_clients(tasks: &BTreeMap<TaskId, TaskResult>) -> Option<String> {
    let broke = tasks.iter().filter(|(_, result)| result.outcomes.broken_client > 0);
    let named: Vec<String> = broke
        .map(|(id, result)| {
            format!("{id} {} of {}", result.outcomes.broken_client, result.outcomes.total())
        })
        .collect();
    (!named.is_empty()).then(|| {
        format!(
            "Conversations whose client broke its role, left out with bounds: {}.",
            named.join(", ")
        )
    })
}

fn card_caveats(manifest: &Manifest, judge: &JudgeName) -> Vec<String> {
    let mut caveats = Vec::new();
    if *judge == JudgeName::Offline {
        caveats
            .push("Judged by offline rules, which miss much and are not comparable with a model's judgement (docs/judges.md).".to_owned());
    }
    if *judge == JudgeName::Model(manifest.subject.id.clone()) {
        caveats.push("The subject judged itself; such scores lean in its favour.".to_owned());
    }
    if let Some(caps) = manifest.caps.in_words() {
        caveats.push(format!("The run was capped: {caps}."));
    }
    if let Some(repeats) = manifest.repeats.in_words() {
        caveats.push(format!(
            "Repeats: {repeats}; items are what intervals and tests count, not repeats."
        ));
    }
    if let Some(asked) = manifest.subject.asked.in_words() {
        caveats.push(format!("The subject was asked with {asked}."));
    }
    if let JudgeName::Model(judge) = judge {
        let asked = manifest.judge.asked.in_words();
        caveats.extend(asked.map(|asked| format!("The judge was asked with {asked}.")));
        caveats.extend(same_family(&manifest.subject.id, judge));
    }
    if let Some(source) = &manifest.prompts_from {
        caveats.push(format!(
            "Asked with the prompts recorded in {} ({}), which are not this program's.",
            source.run, source.format
        ));
    }
    if let Origin::Imported { format } = &manifest.origin {
        caveats.push(format!(
            "Imported from recorded outputs ({format}); nothing was asked by this program."
        ));
    }
    caveats
}
