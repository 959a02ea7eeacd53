//! Logs of Inspect AI (UK AI Security Institute), `.eval` and JSON: those that this program wrote come back whole; of others, samples
//! with choices and a letter as target, which mean the same as a question of reliability/knowledge, are read as Inspect scored them.

mod foreign;
pub(crate) mod log;
mod output;
mod own;
mod sample;
mod scored;
mod terms;

use self::foreign::Foreign;
use self::log::Log;
use self::own::Own;
use self::sample::Sample;
pub use self::terms::{OwnPlan, OwnTerms};
use super::batch::Source;
use super::path::{Output, Part};
use super::{Prompts, RecordFormat, RecordedRun};
use crate::error::DataError;

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

fn read(outputs: &[Output]) -> Result<Vec<RecordedRun>, DataError> {
    let mut foreign = Foreign::new()?;
    let mut own = Own::default();
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
        own.take(&log, &source, &ours)?;
        if !theirs.is_empty() {
            foreign.take(&log, &source, &theirs)?;
        }
    }
    let mut runs = foreign.finish();
    runs.extend(own.finish());
    match runs.first_mut() {
        Some(first) => {
            let passed_over = empty.iter().map(|error| format!("{error}: passed over"));
            first.source.warnings.extend(passed_over);
            Ok(runs)
        }
        None => empty.into_iter().next().map_or(Ok(runs), Err),
    }
}
