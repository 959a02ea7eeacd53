//! `trustmh export`: a run for documents and other programs.

mod huggingface;
mod inspect;

use clap::{Args, ValueEnum};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use trustmh_core::given_name::GivenName;
use trustmh_engine::benchmark::Benchmark;
use trustmh_report::document;
use trustmh_report::figure::figures;
use trustmh_report::label::Label;
use trustmh_report::trials::{CsvTrials, JsonLineTrials, ParquetTrials, TableError};
use trustmh_run::derived::rows::{Words, measures, rows};
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::integrity::bundle::Made;

use crate::arguments::{FiguresOption, Replies, RepliesOption, ScoringRules};
use crate::atomic_file::{Fault, save};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::run_folder::{RunFolder, exit_of};
use crate::{scorecards, screen};

/// Export a run as Markdown, LaTeX, JSON, a table of trials, Inspect logs or a bundle
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExportArguments {
    /// Run folder or bundle
    run: PathBuf,
    /// Output format
    #[arg(long, value_enum)]
    format: ExportFormat,
    /// File to write [default: standard output; Parquet and bundles need a file, Inspect logs and
    /// datasets for Hugging Face a folder]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Call the subject by this name in documents, before its model
    #[arg(long, value_name = "NAME")]
    name: Option<GivenName>,
    /// Label of the table in LaTeX, such as tab:trustmh
    #[arg(long, value_name = "LABEL")]
    label: Option<Label>,
    #[command(flatten)]
    figures: FiguresOption,
    #[command(flatten)]
    replies: RepliesOption,
    #[command(flatten)]
    rules: ScoringRules,
}

const EXAMPLES: &str = r"Examples:
  trustmh export runs/RUN --format latex --label tab:trustmh --output table.tex
  trustmh export runs/RUN --format csv > trials.csv
  trustmh export runs/RUN --format huggingface --output dataset
  trustmh export runs/RUN --format bundle --output run.zip

Tables of trials contain prompts and replies, which may be distressing. docs/exports.md lists their
columns.";

/// What a run is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// Scorecard as Markdown
    Markdown,
    /// Table for a paper
    Latex,
    /// Evaluation section of a model card
    ModelCard,
    /// Scorecard as JSON
    Json,
    /// All trials as CSV
    Csv,
    /// All trials as JSON lines
    Jsonl,
    /// All trials as Parquet
    Parquet,
    /// Trials and items as a dataset that `datasets` loads, in a folder with a card
    Huggingface,
    /// One `.eval` log of Inspect AI per task, in a folder
    Inspect,
    /// The same logs as JSON
    InspectJson,
    /// The whole run in one zip file for others to verify: record, task files, seal, report
    Bundle,
}

pub(crate) fn run(arguments: &ExportArguments) -> Result<Exit, Failure> {
    check(arguments)?;
    let benchmark = benchmark(&arguments.rules.tasks_from)?;
    let folder = RunFolder::open(&arguments.run)?;
    let mut scored = folder.score(&benchmark, arguments.rules.protocol, None)?;
    if let Some(name) = &arguments.name {
        scored.scorecard.name = Some(name.clone());
    }
    arguments.figures.write(|| figures(&scored.scorecard))?;
    let exit = export(&benchmark, &scored, &folder, arguments)?;
    Ok(exit_of([&scored], exit))
}

/// Refuses options that would have no effect.
fn check(arguments: &ExportArguments) -> Result<(), Failure> {
    let no_effect = |what: &str| Err(Failure::usage(what));
    match (arguments.format, &arguments.label, &arguments.name) {
        (ExportFormat::Latex, _, _) => Ok(()),
        (_, Some(_), _) => no_effect("--label has an effect in LaTeX only"),
        (ExportFormat::Markdown | ExportFormat::ModelCard | ExportFormat::Json, None, _)
        | (_, None, None) => Ok(()),
        (_, None, Some(_)) => {
            no_effect("--name has an effect in Markdown, LaTeX, model cards and JSON only")
        }
    }
}

fn export(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    folder: &RunFolder,
    arguments: &ExportArguments,
) -> Result<Exit, Failure> {
    let output = arguments.output.as_deref();
    let words = words(scored, arguments)?;
    let card = &scored.scorecard;
    let facts = scorecards::facts(scored);
    let text = match arguments.format {
        ExportFormat::Markdown => document::markdown(card, &facts),
        ExportFormat::Latex => document::latex(card, &facts, arguments.label.as_ref()),
        ExportFormat::ModelCard => document::model_card(card, &facts),
        ExportFormat::Json => scorecards::json(std::slice::from_ref(card))?,
        ExportFormat::Csv => return csv(benchmark, scored, words, output),
        ExportFormat::Jsonl => return lines(benchmark, scored, words, output),
        ExportFormat::Parquet => return parquet(benchmark, scored, words, output),
        ExportFormat::Huggingface => {
            return huggingface::write(benchmark, scored, words, output);
        }
        ExportFormat::Inspect => {
            return inspect::write(benchmark, scored, output, inspect::Form::Eval);
        }
        ExportFormat::InspectJson => {
            return inspect::write(benchmark, scored, output, inspect::Form::Json);
        }
        ExportFormat::Bundle => return bundle(benchmark, scored, folder, output),
    };
    match &arguments.output {
        Some(path) => save(path, |out| Ok(out.write_all(text.as_bytes())?)),
        None => {
            screen::print(&text);
            Ok(Exit::Ok)
        }
    }
}

/// Whether what was said goes into the file. Of conversations that took place it does where that is asked for; what cannot leave it out
/// is not written otherwise.
fn words(scored: &ScoredRun, arguments: &ExportArguments) -> Result<Words, Failure> {
    match (arguments.replies.replies(), scored.manifest.origin.observed()) {
        (Replies::Asked, _) | (Replies::AsUsual, None) => return Ok(Words::Kept),
        (Replies::AsUsual, Some(_)) => {}
    }
    match arguments.format {
        ExportFormat::Inspect | ExportFormat::InspectJson | ExportFormat::Bundle => {
            Err(Failure::usage("this form holds what was said in conversations that took place")
                .with_hint("add --with-replies if that may leave your hands, or take csv, jsonl, parquet or huggingface, which leave it out"))
        }
        ExportFormat::Markdown
        | ExportFormat::Latex
        | ExportFormat::ModelCard
        | ExportFormat::Json
        | ExportFormat::Csv
        | ExportFormat::Jsonl
        | ExportFormat::Parquet
        | ExportFormat::Huggingface => Ok(Words::LeftOut),
    }
}

/// The run in one file, with its report and its scorecard.
fn bundle(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    folder: &RunFolder,
    output: Option<&Path>,
) -> Result<Exit, Failure> {
    let Some(path) = output else {
        return Err(
            Failure::usage("a bundle is binary").with_hint("write it to a file: --output run.zip")
        );
    };
    let card = scorecards::json(std::slice::from_ref(&scored.scorecard))?;
    let made = [
        Made {
            name: "report.html",
            bytes: scorecards::html(benchmark, scored, Replies::AsUsual)?.into_bytes(),
        },
        Made { name: "scorecard.json", bytes: card.into_bytes() },
    ];
    save(path, |out| Ok(trustmh_run::integrity::bundle::write(folder.path(), &made, out)?))
}

fn csv(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    words: Words,
    output: Option<&Path>,
) -> Result<Exit, Failure> {
    match output {
        None => {
            printed(write_csv(benchmark, scored, words, BufWriter::new(std::io::stdout().lock())))
        }
        Some(path) => save(path, |out| write_csv(benchmark, scored, words, out)),
    }
}

fn lines(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    words: Words,
    output: Option<&Path>,
) -> Result<Exit, Failure> {
    match output {
        None => {
            printed(write_lines(benchmark, scored, words, BufWriter::new(std::io::stdout().lock())))
        }
        Some(path) => save(path, |out| write_lines(benchmark, scored, words, out)),
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

fn write_lines(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    words: Words,
    out: impl Write,
) -> Result<(), Fault> {
    let mut table = JsonLineTrials::begin(out);
    for row in rows(benchmark, scored, words) {
        table.add(&row?)?;
    }
    Ok(table.finish()?)
}

fn write_csv(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    words: Words,
    out: impl Write,
) -> Result<(), Fault> {
    let mut table = CsvTrials::begin(out, measures(scored))?;
    for row in rows(benchmark, scored, words) {
        table.add(&row?)?;
    }
    Ok(table.finish()?)
}

fn parquet(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    words: Words,
    output: Option<&Path>,
) -> Result<Exit, Failure> {
    let Some(path) = output else {
        return Err(Failure::usage("Parquet is binary")
            .with_hint("write it to a file: --output trials.parquet"));
    };
    save(path, |out| {
        let mut table = ParquetTrials::begin(out, measures(scored))?;
        for row in rows(benchmark, scored, words) {
            table.add(row?)?;
        }
        Ok(table.finish()?)
    })
}
