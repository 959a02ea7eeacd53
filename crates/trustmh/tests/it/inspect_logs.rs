//! Logs that Inspect AI itself writes: what is right there is right here.
use crate::support;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Ended, only_run, trustmh};

/// Evaluates a model with given replies, in both forms of log, and prints for each log its path, Inspect's accuracy, and how many
/// samples have each value.
const INSPECT: &str = r#"
import collections, json, os, sys
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score, accuracy, choice, metric, scorer
from inspect_ai.solver import multiple_choice, solver

def output(reply):
    text, stop = reply if isinstance(reply, tuple) else (reply, 'stop')
    found = ModelOutput.from_content('mockllm/model', text, stop_reason=stop)
    # Without it the package would count tokens by a table that it fetches.
    found.usage = ModelUsage(input_tokens=3, output_tokens=2, total_tokens=5)
    return found

@metric
def nothing():
    return lambda scores: float('nan')

@scorer(metrics=[accuracy(), nothing()])
def with_nan():
    return choice()

@solver
def crash():
    async def solve(state, generate):
        if state.sample_id == 3:
            os._exit(9)
        return state
    return solve

def evaluate(name, rows, form, cot=False, multiple=False, epochs=1, scorer=None, solvers=()):
    samples = [Sample(id=i, input=f'Which bird is number {i}?', choices=['owl', 'wren', 'rook', 'swan'], target=target)
               for i, (target, _) in enumerate(rows, 1)]
    outputs = [output(reply) for _ in range(epochs) for _, reply in rows]
    task = Task(dataset=samples, solver=[*solvers, multiple_choice(cot=cot, multiple_correct=multiple)], scorer=scorer or choice(), name=name)
    log = eval(task, model=get_model('mockllm/model', custom_outputs=outputs), log_dir=f'{name}-{form}', log_format=form,
               epochs=epochs, max_samples=1, max_connections=1, display='none', log_buffer=1)[0]
    values = collections.Counter(score.value for sample in log.samples for score in sample.scores.values())
    print(json.dumps({'name': name, 'log': log.location.removeprefix('file://'),
                      'accuracy': log.results.scores[0].metrics['accuracy'].value, 'values': values}))

plain = [('A', 'ANSWER: A'), ('b', 'ANSWER: C'), (['C'], 'None of these is right.')]
for form in ('eval', 'json'):
    if len(sys.argv) > 1:
        evaluate('crashed', plain, form, solvers=[crash()])
    evaluate('dressed', [('B', 'ANSWER: $B$'), ('B', 'answer: b'), ('C', 'ANSWER: **C**'), ('D', 'ANSWER: (D)'), ('A', 'ANSWER: $ C $')], form)
    evaluate('thoughtful', [('B', 'Is it A? Perhaps.\nIs it C? No.\n\nANSWER: B'), ('A', 'ANSWER: C, at first.\nNo.\nANSWER: A.'),
                            ('C', 'The answer is C')], form, cot=True)
    evaluate('stopped', [('A', 'ANSWER: A'), ('B', ('', 'content_filter')), ('C', ('It may be the', 'max_tokens')),
                         ('D', ('', 'model_length')), ('A', ('ANSWER: A because', 'max_tokens')), ('B', '')], form)
    evaluate('repeated', plain, form, epochs=3)
    evaluate('nan', plain, form, scorer=with_nan())
    evaluate('several', [('A', 'ANSWER: A'), ('A', 'ANSWER: A, B'), (['B', 'C'], 'ANSWER: B, C')], form, multiple=True)
"#;

fn inspect(folder: &Path, packages: &Path, arguments: &[&str]) -> std::process::Output {
    Command::new("python3")
        .current_dir(folder)
        .env("PYTHONPATH", packages)
        .args(["-c", INSPECT])
        .args(arguments)
        .output()
        .unwrap()
}

/// Imports a log and gives the task's result, and what was said meanwhile.
fn imported(folder: &Path, log: &str) -> (Value, Ended) {
    let ended = trustmh(folder, ["import", "inspect", log, "--json"]).with_code(0);
    let run = ended.json()[0].as_str().unwrap().to_owned();
    let cards = trustmh(folder, ["score", &run, "--json"]).json();
    (cards[0]["tasks"]["reliability/knowledge"].clone(), ended)
}

#[test]
fn what_inspect_scored_comes_to_the_same_here() {
    let Some(packages) = support::python_packages("inspect_ai") else { return };
    let folder = tempfile::tempdir().unwrap();
    let ended = inspect(folder.path(), &packages, &[]);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let out = String::from_utf8(ended.stdout).unwrap();
    let logs: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(logs.len(), 12);
    for log in logs {
        let name = log["name"].as_str().unwrap();
        let (task, ended) = imported(folder.path(), log["log"].as_str().unwrap());
        let found = &task["metrics"]["accuracy"];
        let (mut right, mut n) = (log["values"]["C"].as_u64().unwrap(), 0);
        for count in log["values"].as_object().unwrap().values() {
            n += count.as_u64().unwrap();
        }
        if name == "several" {
            assert!(ended.err.contains("1 sample with several right choices"), "{}", ended.err);
            (right, n) = (right - 1, n - 1);
        } else {
            let theirs = log["accuracy"].as_f64().unwrap();
            assert!((found["value"].as_f64().unwrap() - theirs).abs() < 1e-9, "{log} {found}");
        }
        assert_eq!(found["n"], n, "{log} {found}");
        let ours = found["value"].as_f64().unwrap() * n as f64;
        assert!((ours - right as f64).abs() < 1e-9, "{log} {found}");
        if name == "stopped" {
            assert_eq!(task["outcomes"]["refused"], 1, "{}", task["outcomes"]);
            assert_eq!(task["outcomes"]["failed"], 0, "{}", task["outcomes"]);
        }
    }
}

#[test]
fn the_log_of_an_evaluation_that_crashed_is_read_as_far_as_it_goes() {
    let Some(packages) = support::python_packages("inspect_ai") else { return };
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(inspect(folder.path(), &packages, &["crash"]).status.code(), Some(9));
    let log = support::only_run(&folder.path().join("crashed-eval"));
    let (task, ended) = imported(folder.path(), &log.display().to_string());
    assert_eq!(task["metrics"]["accuracy"]["n"], 2, "{task}");
    assert!(ended.err.contains("(status `started`): 2 of 3 samples"), "{}", ended.err);
}

/// A run of `subject` with some items, as the log that `trustmh export` makes of it.
fn exported(folder: &Path, subject: &str, items: &str) -> Value {
    let runs = format!("runs-{}", subject.replace('/', "-"));
    let words = ["--tasks", "ethics/reasoning", "--judge", "offline", "--runs-dir", &runs];
    let run = ["run", "--subject", subject, "--items", items].into_iter().chain(words);
    trustmh(folder, run).with_code(0);
    let run = only_run(&folder.join(&runs)).display().to_string();
    let export = ["export", &run, "--format", "inspect-json", "--output", &runs];
    trustmh(folder, export).with_code(0);
    let log = fs::read(folder.join(runs).join("ethics-reasoning.json")).unwrap();
    serde_json::from_slice(&log).unwrap()
}

/// Imports logs together and gives the scorecards of the runs, with what was said meanwhile.
fn cards(folder: &Path, logs: &[(&str, &Value)]) -> (Vec<Value>, String) {
    for (name, log) in logs {
        fs::write(folder.join(name), log.to_string()).unwrap();
    }
    let words = ["import", "inspect", "--json", "--runs-dir", "back"];
    let ended = trustmh(folder, words.into_iter().chain(logs.iter().map(|(name, _)| *name)));
    let ended = ended.with_code(0);
    let card = |run: &Value| trustmh(folder, ["score", run.as_str().unwrap(), "--json"]).json();
    let cards = ended.json().as_array().unwrap().iter().map(|run| card(run)[0].clone()).collect();
    (cards, ended.err)
}

/// The hash of the plan of an imported run.
fn plan_hash(folder: &Path, card: &Value) -> Value {
    let manifest = folder.join(card["run"].as_str().unwrap()).join("run.json");
    let manifest: Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    manifest["plan_hash"].clone()
}

#[test]
fn what_was_planned_and_has_no_sample_is_pending_and_caps_come_along() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let log = exported(here, "scripted/always-a", "6");
    let (whole, _) = cards(here, &[("whole.json", &log)]);
    assert_eq!(whole[0]["record"]["state"], "complete");
    assert_eq!(whole[0]["record"]["capped"], "at most 6 items a task");
    let caveats = whole[0]["caveats"].to_string();
    assert!(caveats.contains("The run was capped: at most 6 items a task."), "{caveats}");
    let mut part = log.clone();
    part["samples"].as_array_mut().unwrap().truncate(4);
    let (card, _) = cards(here, &[("part.json", &part)]);
    assert_eq!(card[0]["tasks"]["ethics/reasoning"]["pending"], 2);
    assert_eq!(card[0]["record"]["state"], "incomplete");
    let first = card[0]["caveats"][0].as_str().unwrap();
    assert!(
        first.starts_with("INCOMPLETE.") && first.contains("ethics/reasoning 2 of 6"),
        "{first}"
    );
    // Epochs of which not all came back.
    part["eval"]["metadata"]["trustmh"]["plan"].as_object_mut().unwrap().remove("repeats");
    part["eval"]["config"]["epochs"] = json!(2);
    let (card, _) = cards(here, &[("epochs.json", &part)]);
    assert_eq!(card[0]["tasks"]["ethics/reasoning"]["pending"], 8);
    // A log from before logs had their plan counts as what is there.
    part["eval"]["metadata"]["trustmh"].as_object_mut().unwrap().remove("plan");
    let (card, _) = cards(here, &[("old.json", &part)]);
    assert_eq!(card[0]["record"]["state"], "complete");
    assert_eq!(card[0]["tasks"]["ethics/reasoning"]["pending"], 0);
}

#[test]
fn runs_of_other_trials_are_not_of_the_same_plan() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let (one, two) =
        (exported(here, "scripted/always-a", "6"), exported(here, "scripted/always-refuse", "6"));
    let (alike, _) = cards(here, &[("one.json", &one), ("two.json", &two)]);
    assert_eq!(plan_hash(here, &alike[0]), plan_hash(here, &alike[1]));
    let mut other = two.clone();
    other["eval"]["metadata"]["trustmh"]["plan"] = json!({ "trials": 32, "names": "of all" });
    let (other, _) = cards(here, &[("other.json", &other)]);
    assert_ne!(plan_hash(here, &alike[0]), plan_hash(here, &other[0]));
    let runs = [&alike[0], &other[0]].map(|card| card["run"].as_str().unwrap());
    let board = trustmh(here, ["leaderboard", runs[0], runs[1], "--json"]).with_code(0).json();
    let groups = board["tasks"]["ethics/reasoning"]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2, "{groups:?}");
}

#[test]
fn an_evaluation_and_its_retry_are_one_run_and_two_evaluations_are_two() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let retried = exported(here, "scripted/always-a", "4");
    let mut first = retried.clone();
    first["status"] = json!("error");
    first["eval"]["created"] = json!("2020-01-01T00:00:00Z");
    let own = &mut first["samples"][1]["metadata"]["trustmh"];
    own["exchanges"][0]["end"] = json!({ "broken": { "message": "down" } });
    for order in [["first.json", "retry.json"], ["retry.json", "first.json"]] {
        let named = order.map(|name| (name, if name == "first.json" { &first } else { &retried }));
        let (card, said) = cards(here, &named);
        assert_eq!(card.len(), 1);
        let task = &card[0]["tasks"]["ethics/reasoning"];
        assert_eq!(card[0]["record"]["state"], "complete", "{said}");
        assert_eq!((&task["pending"], &task["outcomes"]["failed"]), (&json!(0), &json!(0)));
        assert_eq!(task["metrics"]["accuracy"]["n"], 4);
        let again = format!("{}: samples of trials that the same evaluation has already", order[1]);
        assert!(said.contains(&again), "{said}");
        assert!(said.contains("first.json: the evaluation did not come to its end"), "{said}");
    }
    let mut other = retried.clone();
    other["eval"]["eval_id"] = json!("another");
    let (card, said) = cards(here, &[("one.json", &retried), ("two.json", &other)]);
    assert_eq!(card.len(), 2);
    assert!(card.iter().all(|card| card["record"]["state"] == "complete"), "{card:?}");
    assert!(!said.contains("already"), "{said}");
}
