//! A record that nobody can change unseen: edits of every kind, repair, seals, signatures, bundles, and runs of older formats.

mod edits;
mod endings;
mod forgetting;
mod forgotten_words;
mod leaving;
mod repair;

use crate::support::{block, judge, request};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use trustmh_core::id::ModelId;
use trustmh_core::scorecard::JudgeName;
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::Benchmark;
use trustmh_model::halt::Halt;
use trustmh_model::limit::Bounds;
use trustmh_model::retry::Retry;
use trustmh_model::scripted::{Behaviour, Scripted};
use trustmh_run::dispatch::{
    Budget, Ending, InProcess, Limits, ModelPrices, Models, Pace, Purse, run,
};
use trustmh_run::integrity::finding::{Finding, State};
use trustmh_run::integrity::verify::verify;
use trustmh_run::journal::{self, SEAL_FILE};
use trustmh_run::manifest::Caps;
use trustmh_run::plan::{Plan, Request};

fn benchmark() -> &'static Benchmark {
    static EMBEDDED: OnceLock<Benchmark> = OnceLock::new();
    EMBEDDED.get_or_init(|| Benchmark::embedded().unwrap())
}

/// A run on starter items of one task, asked of a scripted subject; it ends, or stops after so many calls.
fn asked(folder: &Path, calls: Option<u64>) {
    let benchmark = benchmark();
    let request = Request {
        judge: judge(JudgeName::Offline),
        caps: Caps { items: Some(8), ..Caps::default() },
        ..request("scripted/random", &["ethics/reasoning"])
    };
    let plan = Plan::make(benchmark, &request).unwrap();
    fs::create_dir_all(folder).unwrap();
    plan.write(benchmark, folder).unwrap();
    work(&plan, folder, calls);
}

fn work(plan: &Plan, folder: &Path, calls: Option<u64>) {
    let subject = Scripted::new(ModelId::new("scripted/random"), Behaviour::Random { seed: 3 });
    let models = Models { client: None, subject: &subject, judge: None, toxicity: None };
    let bounds = || Bounds { at_once: 1, calls_per_minute: None, tokens_per_minute: None };
    let limits =
        Limits { subject: bounds(), judge: bounds(), client: bounds(), retry: Retry::default() };
    let pace = Pace {
        purse: Arc::new(Purse::new(Budget { calls, ..Budget::default() })),
        prices: ModelPrices::default(),
        reuse: Vec::new(),
        grace: Duration::from_secs(1),
    };
    let (_sender, stop) = tokio::sync::watch::channel(Halt::default());
    let dispatcher = InProcess::new(models, limits, &stop);
    let benchmark = benchmark();
    let ended = block(run(benchmark, plan, folder, &dispatcher, &pace, stop, &|_| {}));
    assert_eq!(ended.unwrap() == Ending::Complete, calls.is_none());
}

/// Goes on with a run until it ends.
fn resumed(folder: &Path) {
    let benchmark = benchmark();
    let manifest = trustmh_run::manifest::Manifest::read(folder).unwrap();
    let plan = Plan::again(benchmark, Shelf::embedded(), manifest, folder, None).unwrap();
    work(&plan, folder, None);
}

fn findings(folder: &Path) -> Vec<Finding> {
    verify(benchmark(), folder, None).unwrap()
}

fn broken(folder: &Path) -> Vec<String> {
    let broken = findings(folder).into_iter().filter(|found| found.state == State::Broken);
    broken.map(|found| format!("{}: {}", found.check, found.detail)).collect()
}

fn state_of(folder: &Path, check: &str) -> State {
    let found = findings(folder).into_iter().find(|found| found.check == check);
    found.unwrap_or_else(|| panic!("no finding about {check}")).state
}

/// A folder with a run in it, and the path of its journal.
fn a_run() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    asked(&run, None);
    let journal = run.join(journal::FILE);
    (folder, run, journal)
}

/// Numbers that look random, the same each time.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// The run as a program wrote it whose lines name no hashes.
fn of_an_older_format(run: &Path) {
    let journal = run.join(journal::FILE);
    let text = fs::read_to_string(&journal).unwrap();
    let old: String = text
        .lines()
        .map(|line| {
            let event = line.split_once("\"event\":").unwrap().1;
            let event = match (event.find("{\"finish\":"), event.find("{\"interrupted\":")) {
                (Some(_), _) => r#"{"session":{"at":"2026-01-01T00:00:00Z","mark":"finished","program":"0.1.0"}}}"#,
                (_, Some(_)) => r#"{"session":{"at":"2026-01-01T00:00:00Z","mark":"stopped","program":"0.1.0"}}}"#,
                _ => event,
            };
            format!("{{\"v\":1,\"event\":{event}\n")
        })
        .collect();
    fs::write(&journal, old).unwrap();
    let manifest = fs::read_to_string(run.join("run.json")).unwrap();
    fs::write(run.join("run.json"), manifest.replace("\"format\": 3", "\"format\": 1")).unwrap();
    fs::remove_file(run.join(SEAL_FILE)).unwrap();
}

/// Where the first reply's text stands, as JSON has it.
fn the_first_reply(text: &str) -> std::ops::Range<usize> {
    const BEFORE: &str = "\"replied\":{\"text\":\"";
    let start = text.find(BEFORE).unwrap() + BEFORE.len();
    start..start + text[start..].find("\",\"finish\"").unwrap()
}
