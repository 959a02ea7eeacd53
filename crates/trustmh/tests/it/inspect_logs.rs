//! Logs that Inspect AI itself writes: what is right there is right here.
use crate::support;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

use crate::support::{Ended, trustmh};

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
