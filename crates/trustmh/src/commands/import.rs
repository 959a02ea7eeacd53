//! `trustmh import`: recorded outputs become runs.

use trustmh_data::record::{Beside, RecordFormat};
use trustmh_engine::benchmark::Benchmark;

use super::runtime;
use crate::arguments::ImportArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &ImportArguments) -> Result<Exit, Failure> {
    let format = RecordFormat::named(&arguments.format).ok_or_else(|| {
        let known: Vec<&str> = RecordFormat::all().map(RecordFormat::name).collect();
        let known = known.join(", ");
        Failure::usage(format!("no import format `{}`; known formats: {known}", arguments.format))
    })?;
    let benchmark = Benchmark::embedded()?;
    let runtime = runtime()?;
    let beside = Beside { data: arguments.data.data.clone(), labels: arguments.labels.clone() };
    let mut folders = Vec::new();
    for recorded in format.read(&arguments.paths, &beside)? {
        for warning in &recorded.source.warnings {
            screen::note(&format!("warning: {}: {warning}", recorded.model));
        }
        let folder = runtime.block_on(trustmh_run::import::import(
            &benchmark,
            &arguments.runs_dir,
            format,
            recorded,
        ))?;
        if !arguments.json {
            screen::print(&format!("{}\n", folder.display()));
        }
        folders.push(folder.display().to_string());
    }
    if arguments.json {
        let array = serde_json::Value::from(folders);
        screen::print_json(&format!("{array:#}\n"));
    }
    Ok(Exit::Ok)
}
