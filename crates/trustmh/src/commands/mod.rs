//! One module per command.

mod agreement;
mod attack;
mod cluster;
mod companions;
mod compare;
mod data;
mod data_card;
mod descriptors;
mod doctor;
mod ended;
mod export;
mod folder;
mod gate;
mod import;
mod inspect;
mod leaderboard;
mod link;
mod models;
mod opened;
mod panel;
mod perturb;
mod plan;
mod power;
mod reference;
mod repair;
mod report;
mod resume;
mod reuse;
mod run;
mod score;
mod seal;
mod shell;
mod stop;
mod tasks;
mod tasks_baselines;
mod tasks_check;
mod tasks_items;
mod tasks_measures;
mod tasks_new;
mod tasks_page;
mod verify;
mod view;
mod weights;
mod whole;
mod worker;

use std::path::Path;

use trustmh_core::id::RubricId;
use trustmh_core::protocol::Protocol;
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::{Benchmark, SourceFile};
use trustmh_run::derived::score::ScoredRun;

use crate::arguments::{Arguments, Command, ProtocolChoice, TaskSource};
use crate::failure::{Exit, Failure};
use crate::fake_provider;
use crate::screen;
use folder::scored;

/// The rubric whose anchors `--rubric` replaces.
const ESCALATION: &str = "escalation";

/// Runs the command that was typed.
pub(crate) fn dispatch(arguments: Arguments) -> Result<Exit, Failure> {
    match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Resume(arguments) => resume::run(&arguments),
        Command::Worker(arguments) => worker::run(&arguments),
        Command::Cluster(arguments) => cluster::run(&arguments),
        Command::Score(arguments) => score::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::View(arguments) => view::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Leaderboard(arguments) => leaderboard::run(&arguments),
        Command::Panel(arguments) => panel::run(&arguments),
        Command::Gate(arguments) => gate::run(&arguments),
        Command::Power(arguments) => power::run(&arguments),
        Command::Agreement(arguments) => agreement::run(&arguments),
        Command::Data(arguments) => data::run(&arguments),
        Command::Tasks(arguments) => tasks::run(&arguments),
        Command::Attack(arguments) => attack::run(&arguments),
        Command::Perturb(arguments) => perturb::run(&arguments),
        Command::Models(arguments) => models::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Repair(arguments) => repair::run(&arguments),
        Command::Seal(arguments) => seal::run(&arguments),
        Command::Weights(arguments) => weights::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man { dir } => shell::man(&dir),
        Command::Reference => reference::reference(),
        Command::FakeProvider(arguments) => fake_provider::serve(&arguments),
    }
}

fn protocol(choice: ProtocolChoice) -> Protocol {
    match choice {
        ProtocolChoice::Reference => Protocol::Reference,
        ProtocolChoice::Corrected => Protocol::Corrected,
    }
}

/// Says on standard error what whoever reads the results must know besides.
fn warn(scored: &ScoredRun) {
    for warning in scored.warnings() {
        screen::note(&format!("warning: {warning}"));
    }
}

/// The embedded benchmark, with the files of `--tasks-dir` and the anchors of `--rubric` on top.
fn benchmark(source: &TaskSource) -> Result<Benchmark, Failure> {
    let overrides = match &source.tasks_dir {
        Some(folder) => files_below(folder, folder)?,
        None => Vec::new(),
    };
    let mut benchmark = Benchmark::with_overrides(overrides)?;
    if let Some(path) = &source.rubric {
        let table =
            std::fs::read_to_string(path).map_err(|error| Failure::io(path, "reading", &error))?;
        benchmark.set_anchors(&RubricId::new(ESCALATION), &path.display().to_string(), &table)?;
    }
    Ok(benchmark)
}

/// The starter sets, with those below `--tasks-dir` on top.
fn shelf(source: &TaskSource) -> Result<Shelf, Failure> {
    match &source.tasks_dir {
        Some(folder) => Ok(Shelf::with_folder(folder)?),
        None => Ok(Shelf::embedded()),
    }
}

fn files_below(top: &Path, folder: &Path) -> Result<Vec<SourceFile>, Failure> {
    let entries =
        std::fs::read_dir(folder).map_err(|error| Failure::io(folder, "reading", &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Failure::io(folder, "reading", &error))?.path();
        if path.join(trustmh_run::manifest::FILE).is_file() {
            // What a run keeps of its tasks is the run's.
            continue;
        }
        if path.is_dir() {
            files.extend(files_below(top, &path)?);
        } else if path.extension().is_some_and(|ending| ending == "toml" || ending == "md") {
            let text = std::fs::read_to_string(&path)
                .map_err(|error| Failure::io(&path, "reading", &error))?;
            let relative = path.strip_prefix(top).unwrap_or(&path);
            let path = relative.to_string_lossy().replace('\\', "/");
            files.push(SourceFile { path, text });
        }
    }
    Ok(files)
}

/// The runtime of commands that call models or write journals.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format!("no async runtime: {error}")))
}
