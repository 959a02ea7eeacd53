//! `trustmh tasks export`: the items that tasks ask, for other programs.

use clap::{Args, ValueEnum};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use trustmh_core::id::{ModelId, TaskId};
use trustmh_core::item::Item;
use trustmh_core::language::LanguageRange;
use trustmh_core::protocol::Protocol;
use trustmh_core::repeats::Repeats;
use trustmh_core::request::Asking;
use trustmh_core::scorecard::JudgeName;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::walk::{JudgeQuestions, UnreadVerdict};
use trustmh_report::dataset_card::DatasetCard;
use trustmh_report::trials::ParquetItems;
use trustmh_run::error::RunError;
use trustmh_run::manifest::{Caps, JudgeRecord, ModelRecord};
use trustmh_run::plan::{Asked, Plan, Request};

use crate::arguments::{DataSource, SEED, TaskSource, protocols};
use crate::atomic_file::{Fault, save};
use crate::benchmark::{benchmark, starter_sets};
use crate::dataset_folder::{DatasetFolder, licences, named};
use crate::failure::{Exit, Failure};
use crate::running::chosen_tasks;
use crate::screen;

/// Export the items that tasks ask as JSON lines, Parquet or a dataset for Hugging Face
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExportArguments {
    /// Tasks, pillars or suites
    #[arg(required = true)]
    tasks: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value = "jsonl")]
    format: ItemFormat,
    /// File to write, or for huggingface the folder [default: standard output; Parquet needs a file]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only items in these languages, separated by commas
    #[arg(long, value_name = "LANGUAGES", value_delimiter = ',')]
    language: Vec<LanguageRange>,
    /// Protocol by which texts are taken from published files
    #[arg(long, value_parser = protocols(), default_value = "corrected")]
    protocol: Protocol,
    #[command(flatten)]
    data: DataSource,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh tasks export reliability/knowledge > items.jsonl
  trustmh tasks export crisis --format huggingface --output crisis-items
  trustmh tasks export all --language zh --format parquet --output chinese.parquet";

/// What items are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ItemFormat {
    /// One item a line, with its task; without it where only one task is exported
    Jsonl,
    /// A table with kind, facets and content as JSON
    Parquet,
    /// A folder that `datasets` loads
    Huggingface,
}

pub(crate) fn run(arguments: &ExportArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let plan = plan(&benchmark, arguments)?;
    for warning in plan.manifest.tasks.values().flat_map(|task| &task.source.warnings) {
        screen::note(&format!("warning: {warning}"));
    }
    let output = arguments.output.as_deref();
    match (arguments.format, output) {
        (ItemFormat::Jsonl, None) => {
            let mut text = Vec::new();
            lines(&plan, &mut text).map_err(|fault| fault.failure("stdout".as_ref()))?;
            screen::print_json_text(&String::from_utf8_lossy(&text));
            Ok(Exit::Ok)
        }
        (ItemFormat::Jsonl, Some(path)) => save(path, |out| lines(&plan, out)),
        (ItemFormat::Parquet, None) => Err(Failure::usage("Parquet is binary")
            .with_hint("write it to a file: --output items.parquet")),
        (ItemFormat::Parquet, Some(path)) => save(path, |out| table(&plan, out).map(drop)),
        (ItemFormat::Huggingface, path) => dataset(&plan, path),
    }
}

/// A plan of what would be asked, of which only the items are wanted.
fn plan(benchmark: &Benchmark, arguments: &ExportArguments) -> Result<Plan, Failure> {
    let languages = BTreeSet::from_iter(arguments.language.iter().cloned());
    let request = Request {
        subject: ModelRecord {
            id: ModelId::new("scripted/always-a"),
            name: None,
            base_url: None,
            asked: Asking::USUAL,
        },
        judge: JudgeRecord { name: JudgeName::None, base_url: None, asked: Asking::USUAL },
        toxicity_url: None,
        client: None,
        judge_questions: JudgeQuestions::Together,
        tasks: chosen_tasks(benchmark, &arguments.tasks)?,
        protocol: arguments.protocol,
        unread_verdict: UnreadVerdict::by(arguments.protocol),
        seed: SEED,
        data: arguments.data.data.clone(),
        starter: starter_sets(&arguments.tasks_from)?,
        caps: Caps { languages: languages.into_iter().collect(), ..Caps::default() },
        repeats: Repeats::ONCE,
        prompts_from: None,
        observed: None,
    };
    Ok(Plan::make(benchmark, &request)?)
}

/// Does something with every item, in the order of tasks.
fn each(
    plan: &Plan,
    mut with: impl FnMut(&TaskId, &Item) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let mut count = 0;
    for (id, asked) in &plan.asked {
        let Asked::Items(items) = asked else { continue };
        for item in items.iter() {
            with(id, item.map_err(RunError::from)?.as_ref())?;
            count += 1;
        }
    }
    Ok(count)
}

fn lines(plan: &Plan, out: &mut impl Write) -> Result<(), Fault> {
    let is_one = plan.asked.len() == 1;
    each(plan, |task, item| {
        let mut line = serde_json::json!(item);
        if !is_one {
            line["task"] = serde_json::json!(task);
        }
        Ok(writeln!(out, "{line}")?)
    })?;
    Ok(())
}

fn table(plan: &Plan, out: impl Write + Send) -> Result<u64, Fault> {
    let mut table = ParquetItems::begin(out)?;
    let count = each(plan, |task, item| Ok(table.add(task, item)?))?;
    table.finish()?;
    Ok(count)
}

fn dataset(plan: &Plan, output: Option<&std::path::Path>) -> Result<Exit, Failure> {
    let folder = DatasetFolder::create(output)?;
    let tables = vec![folder.table("items", "an item, once a task", |out| table(plan, out))?];
    let manifest = &plan.manifest;
    let mut languages = BTreeSet::new();
    each(plan, |_, item| {
        languages.insert(item.language.clone());
        Ok(())
    })
    .map_err(|fault| fault.failure("items".as_ref()))?;
    let release = manifest.benchmark.as_ref().map(|release| release.in_words());
    let warnings: BTreeSet<&String> =
        manifest.tasks.values().flat_map(|task| &task.source.warnings).collect();
    folder.finish(&DatasetCard {
        title: "TrustMH items".to_owned(),
        first: manifest
            .caps
            .in_words()
            .map(|words| format!("CAPPED: {words}."))
            .into_iter()
            .collect(),
        about: vec![format!(
            "Items that trustmh {} asks with release {} of its benchmark, {} protocol. Tasks: {}.",
            env!("CARGO_PKG_VERSION"),
            release.unwrap_or_default(),
            manifest.protocol,
            named(manifest.tasks.keys())
        )],
        tables,
        languages: languages.into_iter().filter(|tag| !tag.is_empty()).collect(),
        licences: licences(manifest.tasks.values().map(|task| &task.source)),
        caveats: warnings.into_iter().cloned().collect(),
    })
}
