//! `trustmh import`: recorded outputs become runs.

use clap::Args;
use std::path::PathBuf;

use trustmh_data::record::{Beside, RecordFormat};
use trustmh_engine::benchmark::Benchmark;

use crate::arguments::{DataSource, JsonOutput, RunsDir, one_of};
use crate::failure::{Exit, Failure};
use crate::runtime::runtime;
use crate::screen;

/// Turn recorded outputs of other programs into runs, one per model
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = ALL_EXAMPLES)]
pub(crate) struct ImportArguments {
    /// Format of the files; `inspect` reads logs of Inspect AI
    #[arg(value_parser = one_of(RecordFormat::all(), RecordFormat::name))]
    format: RecordFormat,
    /// Recorded files, or folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Labels given by people, for formats that keep them in a separate file (cssrs-llm)
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// What people said of the conversations, a row for each conversation and rater (vera-mh,
    /// transcripts)
    #[arg(long, value_name = "FILE")]
    ratings: Option<PathBuf>,
    #[command(flatten)]
    runs_dir: RunsDir,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    data: DataSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh import inspect logs/*.eval
  trustmh import trustmh-ethics outputs/*.json";

const ALL_EXAMPLES: &str = r"Examples:
  trustmh import inspect logs/*.eval
  trustmh import trustmh-ethics outputs/*.json
  trustmh import trustmh-privacy-tier2 final_report_*_tier_2?_*.json --runs-dir imported
  trustmh import crisis-labels gpt-4o-mini-labeled-*.json --data ~/trustmh-data
  trustmh import cssrs-llm gpt_responses.jsonl --labels labels.csv
  trustmh import vera-mh conversations --ratings clinician_ratings.csv
  trustmh import transcripts my-talks";

pub(crate) fn run(arguments: &ImportArguments) -> Result<Exit, Failure> {
    let ImportArguments { format, paths, labels, ratings, runs_dir, output, data } = arguments;
    let benchmark = Benchmark::embedded()?;
    let runtime = runtime()?;
    let (labels, ratings) = (labels.clone(), ratings.clone());
    let beside = Beside { data: data.data.clone(), labels, ratings };
    let mut folders = Vec::new();
    for recorded in format.read(paths, &beside)? {
        for warning in &recorded.source.warnings {
            screen::note(&format!("warning: {}: {warning}", recorded.model));
        }
        let folder = runtime.block_on(trustmh_run::import::import(
            &benchmark,
            &runs_dir.runs_dir,
            *format,
            recorded,
        ))?;
        if !output.json {
            screen::print(&format!("{}\n", folder.display()));
        }
        folders.push(folder.display().to_string());
    }
    if output.json {
        screen::print_json(&folders)?;
    }
    Ok(Exit::Ok)
}
