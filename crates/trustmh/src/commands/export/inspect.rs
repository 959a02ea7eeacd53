//! `trustmh export --format inspect`: a log of Inspect AI for each task of a run.

use serde_json::Value;
use std::io::{Seek, Write};
use std::path::Path;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use trustmh_core::id::TaskId;
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::derived::inspect::{head, sample, sample_id, slug};
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::error::RunError;
use trustmh_run::journal::Recorded;

use crate::atomic_file::{Fault, save};
use crate::failure::{Exit, Failure};
use crate::screen;

/// How a log is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// An archive with a file for each sample.
    Eval,
    /// One JSON object.
    Json,
}

pub(super) fn write(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    output: Option<&Path>,
    form: Form,
) -> Result<Exit, Failure> {
    let folder = output.ok_or_else(|| {
        Failure::usage("Inspect logs are written to a folder, one per task")
            .with_hint("name it: --output FOLDER")
    })?;
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::io(folder, "creating the folder", &error))?;
    let forgotten = scored.trials.forgotten();
    if forgotten > 0 {
        screen::note(&format!(
            "{forgotten} trials have no sample, for their words were forgotten; the results count their recorded scores"
        ));
    }
    for (id, result) in &scored.scorecard.tasks {
        let head = head(&scored.manifest, &scored.scorecard, id, result);
        let name = match form {
            Form::Eval => format!("{}.eval", slug(id)),
            Form::Json => format!("{}.json", slug(id)),
        };
        save(&folder.join(name), |out| match form {
            Form::Eval => eval(benchmark, scored, id, &head, out),
            Form::Json => json(benchmark, scored, id, &head, out),
        })?;
    }
    Ok(Exit::Ok)
}

/// The trials of a task with their samples, one after the other.
fn samples<'s>(
    benchmark: &'s Benchmark,
    scored: &'s ScoredRun,
    id: &TaskId,
) -> Result<impl Iterator<Item = Result<(Recorded, Value), Fault>> + 's, Fault> {
    Ok(scored.trials.of_task(id)?.filter_map(move |recorded| {
        let made = recorded.and_then(|recorded| {
            // A log of Inspect has no sample without words: the scores of those that were forgotten stand in its results alone.
            let Some(recorded) = recorded.whole() else { return Ok(None) };
            let walk = scored.manifest.walk(scored.benchmark(benchmark), &recorded.trial.task)?;
            let turns = walk.messages(&recorded.trial, &recorded.exchanges);
            // Of a conversation that was recorded elsewhere nothing was asked, and all was said.
            if recorded.exchanges.is_empty() && turns.as_ref().is_none_or(Vec::is_empty) {
                return Ok(None);
            }
            let score = walk.score(&recorded.trial, &recorded.exchanges).map_err(RunError::from)?;
            let sample = sample(&scored.manifest, &recorded, &score, turns.as_deref());
            Ok(Some((recorded, sample)))
        });
        made.map_err(Fault::from).transpose()
    }))
}

fn eval(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    id: &TaskId,
    head: &Value,
    out: impl Write + Seek,
) -> Result<(), Fault> {
    let mut archive = ZipWriter::new(out);
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let mut add = |name: &str, value: &Value| {
        archive.start_file(name, options).map_err(std::io::Error::from)?;
        Ok::<(), Fault>(archive.write_all(value.to_string().as_bytes())?)
    };
    let start = serde_json::json!({ "version": head["version"], "eval": head["eval"], "plan": head["plan"] });
    add("_journal/start.json", &start)?;
    let mut summaries = Vec::new();
    for found in samples(benchmark, scored, id)? {
        let (recorded, sample) = found?;
        let name = format!(
            "samples/{}_epoch_{}.json",
            sample_id(&recorded.trial),
            recorded.trial.repeat + 1
        );
        add(&name, &sample)?;
        let kept = ["id", "epoch", "input", "target", "scores", "error"];
        let summary =
            kept.iter().filter_map(|key| Some(((*key).to_owned(), sample.get(*key)?.clone())));
        summaries.push(Value::Object(summary.collect()));
    }
    let summaries = Value::Array(summaries);
    add("_journal/summaries/1.json", &summaries)?;
    add("summaries.json", &summaries)?;
    add("header.json", head)?;
    archive.finish().map_err(std::io::Error::from)?;
    Ok(())
}

fn json(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    id: &TaskId,
    head: &Value,
    out: &mut impl Write,
) -> Result<(), Fault> {
    // The samples come last and one by one, for there may be very many.
    out.write_all(b"{")?;
    for (key, value) in head.as_object().into_iter().flatten() {
        write!(out, "{}:{value},", Value::from(key.as_str()))?;
    }
    out.write_all(b"\"samples\":[")?;
    for (place, found) in samples(benchmark, scored, id)?.enumerate() {
        let (_, sample) = found?;
        if place > 0 {
            out.write_all(b",")?;
        }
        out.write_all(sample.to_string().as_bytes())?;
    }
    Ok(out.write_all(b"]}\n")?)
}
