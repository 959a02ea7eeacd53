//! Logs of Inspect AI (UK AI Security Institute), `.eval` and JSON: those that this program wrote come back whole; of others, samples
//! with choices and a letter as target, which mean the same as a question of reliability/knowledge, are read as Inspect scored them.

mod foreign;
pub(crate) mod log;
mod output;
mod sample;
mod scored;

use serde::Deserialize;
use std::collections::BTreeSet;

use trustmh_core::call::Exchange;
use trustmh_core::id::{ModelId, TaskId};
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Trial;

use self::foreign::Foreign;
use self::log::Log;
use self::sample::Sample;
use super::batch::Source;
use super::path::{Output, Part};
use super::{Prompts, RecordFormat, RecordedRun, RecordedTrial};
use crate::error::{DataError, Place};

/// Logs of Inspect AI: `*.eval` and `*.json`.
pub(super) const FORMAT: RecordFormat = RecordFormat {
    name: "inspect",
    file_names: "*.eval or *.json",
    example: "log.eval",
    prompts: Prompts::Others,
    part,
    read: |outputs, _| read(outputs),
};

fn part(file: &str) -> Option<Part> {
    file.strip_suffix(".eval").or_else(|| file.strip_suffix(".json")).map(Part::outputs)
}

/// Where this program writes, in the metadata of a sample, what brings the trial back whole.
const OWN: &str = "trustmh";

/// What stands there.
#[derive(Debug, Deserialize)]
struct Own {
    trial: Trial,
    exchanges: Vec<Exchange>,
    protocol: Protocol,
    judge: Option<ModelId>,
}

fn read(outputs: &[Output]) -> Result<Vec<RecordedRun>, DataError> {
    let mut foreign = Foreign::new()?;
    let mut own: Vec<RecordedRun> = Vec::new();
    let mut empty = Vec::new();
    for output in outputs {
        let source = Source::read(&output.path, &output.file)?;
        let log = match Log::read(&source) {
            // A run that was stopped early has such logs among others; alone one is nothing to import.
            Err(error @ DataError::NoSamples { .. }) => {
                empty.push(error);
                continue;
            }
            read => read?,
        };
        let (ours, theirs): (Vec<&Sample>, Vec<&Sample>) =
            log.samples().iter().partition(|sample| sample.metadata.contains_key(OWN));
        for sample in ours {
            take(&mut own, &log.eval.model, &source, sample)?;
        }
        if !theirs.is_empty() {
            foreign.take(&log, &source, &theirs)?;
        }
    }
    for run in &mut own {
        let items: BTreeSet<_> = run.trials.iter().map(|one| &one.trial.item.id).collect();
        run.source.records = items.len() as u64;
    }
    let mut runs = foreign.finish();
    runs.extend(own);
    match runs.first_mut() {
        Some(first) => {
            let passed_over = empty.iter().map(|error| format!("{error}: passed over"));
            first.source.warnings.extend(passed_over);
            Ok(runs)
        }
        None => empty.into_iter().next().map_or(Ok(runs), Err),
    }
}

/// Takes a sample that this program wrote.
fn take(
    runs: &mut Vec<RecordedRun>,
    model: &str,
    source: &Source,
    sample: &Sample,
) -> Result<(), DataError> {
    let Some(trial) = sample.metadata.get(OWN) else { return Ok(()) };
    let place = Place::file(&format!("{}, sample {}", source.file, sample.name()));
    let found: Own = serde_json::from_value(trial.clone())
        .map_err(|error| DataError::malformed(place, error))?;
    let run = own_run(runs, model, &found);
    if run.source.files.is_empty() {
        run.claim(source);
    }
    run.trials.push(RecordedTrial {
        trial: found.trial,
        exchanges: found.exchanges,
        judge_prompt: None,
    });
    Ok(())
}

/// The run of a model, a task and a protocol, begun if there is none.
fn own_run<'r>(runs: &'r mut Vec<RecordedRun>, model: &str, found: &Own) -> &'r mut RecordedRun {
    let task: &TaskId = &found.trial.task;
    let at = runs
        .iter()
        .position(|run| {
            run.model.as_str() == model && run.task == *task && run.protocol == found.protocol
        })
        .unwrap_or_else(|| {
            runs.push(RecordedRun {
                judge: found.judge.clone(),
                protocol: found.protocol,
                ..RecordedRun::begun(ModelId::new(model), task.clone(), "inspect")
            });
            runs.len() - 1
        });
    &mut runs[at]
}
