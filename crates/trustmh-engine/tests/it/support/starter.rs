//! The starter items of the built-in tasks, and replies by script.
use std::fs;
use std::path::{Path, PathBuf};

use trustmh_core::call::{CallEnd, CallSpec, Exchange, Finish, Reply};
use trustmh_core::item::Item;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Trial;
use trustmh_engine::benchmark::{Benchmark, SourceFile};
use trustmh_engine::expand::{self, ContextBudget};
use trustmh_engine::task::Task;
use trustmh_engine::walk::{Asked, JudgeRule, Judges, TaskRules, UnreadVerdict, Walk};

const SEED: u64 = 7;

/// Tasks written with TOML alone.
const EXAMPLES: &str = "fixtures/own-tasks";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The built-in benchmark with the example tasks on top.
pub fn with_examples() -> Benchmark {
    let top = root().join(EXAMPLES);
    let mut files = Vec::new();
    for folder in fs::read_dir(&top).unwrap().map(|entry| entry.unwrap().path()) {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let relative = path.strip_prefix(&top).unwrap().to_string_lossy().replace('\\', "/");
            if path.extension().is_some_and(|ending| ending == "toml" || ending == "md") {
                let text = fs::read_to_string(&path).unwrap();
                files.push(SourceFile { path: relative, text });
            }
        }
    }
    Benchmark::with_overrides(files).unwrap()
}

/// The items of a starter set.
pub fn items(set: &str) -> Vec<Item> {
    let of = |folder: &str| root().join(folder).join(format!("starter/{set}.jsonl"));
    let built_in = fs::read_to_string(of("benchmark"));
    let text = built_in.or_else(|_| fs::read_to_string(of(EXAMPLES))).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("{\"canary\""));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A task's starter items, and those that a protocol asks beside them.
pub fn items_of(task: &Task, protocol: Protocol) -> (Vec<Item>, Vec<Item>) {
    let starter = &task.file.dataset.starter;
    let mut own = items(starter);
    own.retain(|item| task.file.dataset.fits(item));
    (own, task.also(protocol, Some(starter)).flat_map(|set| items(set)).collect())
}

/// The trials of a task's starter items under a protocol, those that are asked beside them included.
pub fn trials(benchmark: &Benchmark, task: &Task, protocol: Protocol) -> Vec<Trial> {
    let (own, also) = items_of(task, protocol);
    let rules = TaskRules::new(benchmark, task, protocol, SEED);
    let expanded = own.iter().chain(&also).flat_map(|item| {
        let trials = expand::trials(&rules, item, ContextBudget::Unbounded).unwrap();
        assert_eq!(expand::count(&rules, item).unwrap(), trials.len(), "{}", item.id);
        trials
    });
    expanded.collect()
}

pub fn walk<'b>(
    benchmark: &'b Benchmark,
    task: &'b Task,
    protocol: Protocol,
    judge: JudgeRule,
) -> Walk<'b> {
    Walk {
        client: trustmh_engine::walk::ClientRule::Offline,
        questions: trustmh_engine::walk::JudgeQuestions::Together,
        rules: TaskRules::new(benchmark, task, protocol, SEED),
        judges: Judges::all_by(judge),
        unread_verdict: UnreadVerdict::AskedAgain,
        asked: Asked::USUAL,
    }
}

/// All calls of a trial, each answered by `says`.
pub fn played(
    walk: &Walk<'_>,
    trial: &Trial,
    mut says: impl FnMut(&CallSpec) -> String,
) -> (Vec<CallSpec>, Vec<Exchange>) {
    let (mut calls, mut exchanges) = (Vec::new(), Vec::new());
    while let Some(call) = walk.next_call(trial, &exchanges).unwrap() {
        let end = CallEnd::Replied(Reply::new(says(&call), Finish::Stop, None));
        exchanges.push(Exchange { purpose: call.purpose.clone(), end });
        calls.push(call);
    }
    (calls, exchanges)
}
