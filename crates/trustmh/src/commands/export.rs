//! `trustmh export`: a run for documents and other programs.

use std::io::{BufWriter, Write};
use std::path::Path;

use trustmh_engine::benchmark::Benchmark;
use trustmh_report::document;
use trustmh_report::trials::{CsvTrials, JsonLineTrials, ParquetTrials, TableError};
use trustmh_run::derived::rows::{measures, rows};
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::integrity::bundle::Made;

use super::folder::{Folder, ending};
use super::whole::{Fault, saved};
use super::{benchmark, inspect, protocol, report};
use crate::arguments::{ExportArguments, ExportFormat};
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &ExportArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let folder = Folder::open(&arguments.run)?;
    let scored = folder.score(&benchmark, arguments.protocol.map(protocol), None)?;
    let exit = export(&benchmark, &scored, &folder, arguments)?;
    Ok(ending([&scored], exit))
}

fn export(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    folder: &Folder,
    arguments: &ExportArguments,
) -> Result<Exit, Failure> {
    let output = arguments.output.as_deref();
    let card = &scored.scorecard;
    let facts = report::facts(scored);
    let text = match arguments.format {
        ExportFormat::Markdown => document::markdown(card, &facts),
        ExportFormat::Latex => document::latex(card, &facts),
        ExportFormat::ModelCard => document::model_card(card, &facts),
        ExportFormat::Json => report::json(std::slice::from_ref(card))?,
        ExportFormat::Csv => return csv(benchmark, scored, output),
        ExportFormat::Jsonl => return lines(benchmark, scored, output),
        ExportFormat::Parquet => return parquet(benchmark, scored, output),
        ExportFormat::Inspect => {
            return inspect::write(benchmark, scored, output, inspect::Form::Eval);
        }
        ExportFormat::InspectJson => {
            return inspect::write(benchmark, scored, output, inspect::Form::Json);
        }
        ExportFormat::Bundle => return bundle(benchmark, scored, folder, output),
    };
    match &arguments.output {
        Some(path) => saved(path, |out| Ok(out.write_all(text.as_bytes())?)),
        None => {
            screen::print(&text);
            Ok(Exit::Ok)
        }
    }
}

/// The run in one file, with its report and its scorecard.
fn bundle(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    folder: &Folder,
    output: Option<&Path>,
) -> Result<Exit, Failure> {
    let Some(path) = output else {
        return Err(Failure::usage("a bundle is no text to print")
            .with_hint("say where to write it: --output run.zip"));
    };
    let card = report::json(std::slice::from_ref(&scored.scorecard))?;
    let made = [
        Made { name: "report.html", bytes: report::html(benchmark, scored)?.into_bytes() },
        Made { name: "scorecard.json", bytes: card.into_bytes() },
    ];
    saved(path, |out| Ok(trustmh_run::integrity::bundle::write(folder.path(), &made, out)?))
}

fn csv(benchmark: &Benchmark, scored: &ScoredRun, output: Option<&Path>) -> Result<Exit, Failure> {
    match output {
        None => printed(write_csv(benchmark, scored, BufWriter::new(std::io::stdout().lock()))),
        Some(path) => saved(path, |out| write_csv(benchmark, scored, out)),
    }
}

fn lines(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    output: Option<&Path>,
) -> Result<Exit, Failure> {
    match output {
        None => printed(write_lines(benchmark, scored, BufWriter::new(std::io::stdout().lock()))),
        Some(path) => saved(path, |out| write_lines(benchmark, scored, out)),
    }
}

/// Whoever reads may stop early, as `head` does.
fn printed(written: Result<(), Fault>) -> Result<Exit, Failure> {
    match written {
        Err(Fault::Table(TableError::Write(error)))
            if error.kind() == std::io::ErrorKind::BrokenPipe =>
        {
            Ok(Exit::Ok)
        }
        other => other.map(|()| Exit::Ok).map_err(|fault| fault.failure(Path::new("stdout"))),
    }
}

fn write_lines(benchmark: &Benchmark, scored: &ScoredRun, out: impl Write) -> Result<(), Fault> {
    let mut table = JsonLineTrials::begin(out);
    for row in rows(benchmark, scored) {
        table.add(&row?)?;
    }
    Ok(table.finish()?)
}

fn write_csv(benchmark: &Benchmark, scored: &ScoredRun, out: impl Write) -> Result<(), Fault> {
    let mut table = CsvTrials::begin(out, measures(scored))?;
    for row in rows(benchmark, scored) {
        table.add(&row?)?;
    }
    Ok(table.finish()?)
}

fn parquet(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    output: Option<&Path>,
) -> Result<Exit, Failure> {
    let Some(path) = output else {
        return Err(Failure::usage("Parquet is no text to print")
            .with_hint("say where to write it: --output trials.parquet"));
    };
    saved(path, |out| {
        let mut table = ParquetTrials::begin(out, measures(scored))?;
        for row in rows(benchmark, scored) {
            table.add(row?)?;
        }
        Ok(table.finish()?)
    })
}
