//! Logs of Inspect AI (UK AI Security Institute), `.eval` and JSON: those that this program wrote come back whole; of others, samples
//! with choices and a letter as target, which mean the same as a question of reliability/knowledge, are read as Inspect scored them.

mod foreign;
pub(crate) mod log;
mod output;
mod sample;
mod scored;
mod terms;

use serde::Deserialize;
use std::collections::BTreeSet;

use trustmh_core::call::Exchange;
use trustmh_core::id::{ModelId, TaskId};
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::ItemSource;
use trustmh_core::trial::Trial;

use self::foreign::Foreign;
use self::log::Log;
use self::sample::Sample;
pub use self::terms::OwnTerms;
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
        take(&mut own, &log, &source, &ours)?;
        if !theirs.is_empty() {
            foreign.take(&log, &source, &theirs)?;
        }
    }
    for run in own.iter_mut().filter(|run| run.terms.is_none()) {
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

/// Takes the samples of a log that hold trials of this program. A log that was taken already is left out, with a warning.
fn take(
    runs: &mut Vec<RecordedRun>,
    log: &Log,
    source: &Source,
    samples: &[&Sample],
) -> Result<(), DataError> {
    let mut claimed = false;
    for sample in samples {
        let Some(trial) = sample.metadata.get(OWN) else { continue };
        let place = Place::file(&format!("{}, sample {}", source.file, sample.name()));
        let found = Own::deserialize(trial).map_err(|error| DataError::malformed(place, error))?;
        let run = own_run(runs, log, &found);
        if !claimed {
            if !run.claim(source) {
                return Ok(());
            }
            run.source.warnings.extend(log.unended());
            claimed = true;
        }
        let Own { trial, exchanges, .. } = found;
        run.trials.push(RecordedTrial { trial, exchanges, judge_prompt: None });
    }
    Ok(())
}

/// The run of a model, a task, a protocol and what else decides scores, begun if there is none.
fn own_run<'r>(runs: &'r mut Vec<RecordedRun>, log: &Log, found: &Own) -> &'r mut RecordedRun {
    let task: &TaskId = &found.trial.task;
    let (model, terms) = (log.eval.model.as_str(), log.terms());
    let at = runs
        .iter()
        .position(|run| {
            run.model.as_str() == model
                && run.task == *task
                && run.protocol == found.protocol
                && run.terms.as_ref() == terms
        })
        .unwrap_or_else(|| {
            let mut run = RecordedRun {
                judge: found.judge.clone(),
                protocol: found.protocol,
                terms: terms.cloned(),
                ..RecordedRun::begun(ModelId::new(model), task.clone(), "inspect")
            };
            if let Some(OwnTerms { source, .. }) = terms {
                // Whose items they are is said of the numbers; the files of this run are the logs.
                let files = std::mem::take(&mut run.source.files);
                run.source = ItemSource { files, ..source.clone() };
            }
            runs.push(run);
            runs.len() - 1
        });
    &mut runs[at]
}
