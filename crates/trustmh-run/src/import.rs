//! Importing recorded outputs: each model's record becomes a run like any other.

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use trustmh_core::call::{CallKey, CallSpec, Exchange, JudgedPart, Purpose};
use trustmh_core::digest::{Digest, Hashing};
use trustmh_core::id::ModelId;
use trustmh_core::message::Message;
use trustmh_core::repeats::Repeats;
use trustmh_core::request::{Asking, RequestOptions};
use trustmh_core::scorecard::{ClientName, JudgeName};
use trustmh_core::trial::round_of;
use trustmh_data::record::{OwnPlan, RecordFormat, RecordedRating, RecordedRun, RecordedTrial};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::walk::{JudgeQuestions, UnreadVerdict};

use crate::derived::annotations::{self, Annotation};
use crate::error::RunError;
use crate::journal::{self, Call, Event, Extent, SessionEnd, Writer};
use crate::manifest::{FORMAT, JudgeRecord, Manifest, ModelRecord, Origin, PlannedTask, fresh_id};
use crate::plan::prompts_of;

/// Writes one recorded run into a fresh folder below `runs` and returns the folder.
///
/// # Errors
/// [`RunError`] if the folder cannot be written or the record names an unknown task.
pub async fn import(
    benchmark: &Benchmark,
    runs: &Path,
    format: RecordFormat,
    recorded: RecordedRun,
) -> Result<PathBuf, RunError> {
    let created = Timestamp::now();
    let manifest = manifest(benchmark, format, &recorded, created)?;
    let folder = runs.join(manifest.id.as_str());
    fs::create_dir_all(&folder).map_err(RunError::io(&folder, "creating the run's folder"))?;
    let path = folder.join(journal::FILE);
    let digest = Digest::of(manifest.text()?.as_bytes());
    let writer = Writer::open(&path, &Extent::beginning(&digest))?;
    for trial in &recorded.trials {
        writer.append(events(&recorded, trial)).await?;
    }
    writer.seal(SessionEnd::Finish).await?;
    let ratings: Vec<Annotation> = recorded.ratings.iter().map(annotation).collect();
    annotations::add_all(&folder, &ratings)?;
    // The manifest comes last: a folder without one is not a run, so a broken import leaves none.
    manifest.write(&folder)?;
    Ok(folder)
}

/// What one person said, as if it had been said in the viewer.
fn annotation(rating: &RecordedRating) -> Annotation {
    let RecordedRating { rater, trial, rubric, values } = rating;
    Annotation::now(rater, trial.clone(), rubric.clone(), values.clone(), "")
}

/// The hash of all recorded prompts, in the order of the trials' names, in which runs are read back.
fn prompts(recorded: &RecordedRun) -> Digest {
    let mut trials: Vec<_> = recorded.trials.iter().map(|one| &one.trial).collect();
    trials.sort_by(|a, b| a.id.cmp(&b.id));
    let mut prompts = Hashing::default();
    trials.into_iter().for_each(|trial| prompts_of(trial, &mut prompts));
    prompts.end()
}

fn manifest(
    benchmark: &Benchmark,
    format: RecordFormat,
    recorded: &RecordedRun,
    created: Timestamp,
) -> Result<Manifest, RunError> {
    let task = benchmark.task(&recorded.task)?;
    let planned = PlannedTask {
        version: task.file.version,
        digest: task.digest.clone(),
        prompts: prompts(recorded),
        rubrics: Vec::new(),
        source: recorded.source.clone(),
        trials: trials(recorded),
        other_languages: plan(recorded).map_or(0, |plan| plan.other_languages),
    };
    let by_model = || recorded.judge.clone().map_or(JudgeName::None, JudgeName::Model);
    let terms = recorded.terms.as_ref();
    let judge = terms.map_or_else(by_model, |terms| terms.judge.clone());
    Ok(Manifest {
        format: FORMAT,
        id: fresh_id(&ModelId::new(format!("{}-{}", format.name(), recorded.model)), created),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        benchmark: Some(benchmark.release()?),
        created,
        origin: Origin::Imported { format: format.into() },
        subject: ModelRecord {
            id: recorded.model.clone(),
            name: None,
            base_url: None,
            asked: Asking::USUAL,
        },
        judge: JudgeRecord { name: judge, base_url: None, asked: Asking::USUAL },
        toxicity_url: None,
        protocol: recorded.protocol,
        unread_verdict: UnreadVerdict::StaysMissing,
        seed: terms.map_or(0, |terms| terms.seed),
        caps: plan(recorded).map(|plan| plan.caps.clone()).unwrap_or_default(),
        repeats: repeats(recorded),
        tasks: BTreeMap::from([(recorded.task.clone(), planned)]),
        client: terms.and_then(|terms| client(&terms.client)),
        judge_questions: questions(recorded),
        without_items: Vec::new(),
        offline_rules: benchmark.offline().version,
        prompts_from: None,
        materials: BTreeMap::new(),
        repaired: None,
        plan_hash: plan_hash(format, recorded),
    })
}

/// What was to be asked, where the record is one of this program and says so.
fn plan(recorded: &RecordedRun) -> Option<&OwnPlan> {
    recorded.terms.as_ref()?.plan.as_ref()
}

/// Trials that were planned, in all rounds; of a record without a plan those that are there.
fn trials(recorded: &RecordedRun) -> u64 {
    let there = recorded.trials.len() as u64;
    let rounds = u64::from(repeats(recorded).get());
    plan(recorded).map_or(there, |plan| plan.trials.saturating_mul(rounds).max(there))
}

/// Of the same format and task two records have the same hash if the same trials were planned: whoever was asked, and whatever came
/// back. Of a record that does not say what was planned, it is what is there.
fn plan_hash(format: RecordFormat, recorded: &RecordedRun) -> Digest {
    let mut hash = Hashing::default();
    let mut add = |text: &str| {
        hash.add(&(text.len() as u64).to_le_bytes());
        hash.add(text.as_bytes());
    };
    add(format.name());
    add(&recorded.task.to_string());
    add(&repeats(recorded).to_string());
    match plan(recorded).and_then(|plan| plan.names.as_deref()) {
        Some(names) => add(names),
        None => {
            let names = recorded.trials.iter().map(|one| round_of(one.trial.id.as_str()).0);
            names.collect::<BTreeSet<_>>().into_iter().for_each(add);
        }
    }
    hash.end()
}

/// How often each trial was asked, where the record is one of this program, which names rounds or says how many were planned.
fn repeats(recorded: &RecordedRun) -> Repeats {
    let round = |one: &RecordedTrial| round_of(one.trial.id.as_str()).1;
    let last = recorded.trials.iter().map(round).max().unwrap_or_default();
    let there = Repeats::new(last.saturating_add(1)).unwrap_or(Repeats::ONCE);
    plan(recorded).and_then(|plan| plan.repeats).map_or(there, |planned| planned.max(there))
}

/// The model that played clients, if one did.
fn client(name: &ClientName) -> Option<ModelRecord> {
    match name {
        ClientName::Offline => None,
        ClientName::Model(id) => {
            let (id, asked) = (id.clone(), Asking::USUAL);
            Some(ModelRecord { id, name: None, base_url: None, asked })
        }
    }
}

/// How the judge was asked the questions of decision trees, by the verdicts that are there.
fn questions(recorded: &RecordedRun) -> JudgeQuestions {
    let apart = |exchange: &Exchange| {
        matches!(exchange.purpose, Purpose::Judge { part: JudgedPart::Question(_), .. })
    };
    match recorded.trials.iter().flat_map(|one| &one.exchanges).any(apart) {
        true => JudgeQuestions::Apart,
        false => JudgeQuestions::Together,
    }
}

fn events(recorded: &RecordedRun, one: &RecordedTrial) -> Vec<Event> {
    let mut events = vec![Event::Trial(Box::new(one.trial.clone()))];
    for exchange in &one.exchanges {
        let (model, messages) = match &exchange.purpose {
            Purpose::Subject { .. } | Purpose::Client { .. } => {
                (recorded.model.clone(), one.trial.messages.clone())
            }
            Purpose::Judge { .. } => {
                let prompt = one.judge_prompt.clone().unwrap_or_default();
                let model = recorded.judge.clone().unwrap_or_else(|| ModelId::new("unknown"));
                (model, vec![Message::user(prompt)])
            }
        };
        let call = CallSpec {
            purpose: exchange.purpose.clone(),
            messages,
            sampling: one.trial.sampling,
            repeat: one.trial.repeat,
            trial: None,
            options: RequestOptions::default(),
        };
        // Prompts that were not recorded would give equal keys; the trial keeps them apart.
        let key = if call.messages.iter().all(|message| message.content.is_empty()) {
            CallKey::of(
                &model,
                &CallSpec { messages: vec![Message::user(one.trial.id.as_str())], ..call },
            )
        } else {
            CallKey::of(&model, &call)
        };
        events.push(Event::Call(Box::new(Call {
            key,
            trial: one.trial.id.clone(),
            purpose: exchange.purpose.clone(),
            model,
            end: exchange.end.clone(),
            tries: 0,
            at: None,
            millis: 0,
            handed_out: None,
            request: None,
            response: None,
        })));
    }
    events
}
