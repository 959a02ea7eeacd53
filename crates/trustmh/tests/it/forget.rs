//! Forgetting what was said in runs, as a user does it.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::view::View;
use crate::support::{only_run, trustmh};

fn a_run(folder: &Path, more: &[&str]) -> PathBuf {
    let run = ["run", "--subject", "scripted/echo", "--tasks", "ethics,reliability", "--json"];
    trustmh(folder, run.iter().chain(more).copied()).with_code(0);
    only_run(&folder.join("runs"))
}

fn forgot(folder: &Path, run: &str, more: &[&str]) -> Value {
    let forget = ["forget", run, "--json"];
    let told = trustmh(folder, forget.iter().chain(more).copied()).with_code(0).json();
    told["runs"][0].clone()
}

/// The metrics of all tasks, those of words left aside.
fn metrics(card: &Value) -> Vec<(String, Value)> {
    let tasks = card["tasks"].as_object().unwrap();
    let all = tasks.iter().flat_map(|(id, task)| {
        let of_task = task["metrics"].as_object().unwrap().iter();
        of_task.map(move |(name, found)| (format!("{id} {name}"), found.clone()))
    });
    all.filter(|(name, _)| !name.contains(" bleu") && !name.contains(" distinct")).collect()
}

#[test]
fn words_go_and_every_command_tells_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let run = a_run(here, &[]);
    let name = run.to_str().unwrap();
    let card = |name: &str| trustmh(here, ["score", name, "--json"]).with_code(0).json()[0].take();
    let before = card(name);
    let reply = fs::read_to_string(run.join("journal.jsonl")).unwrap();
    let reply = reply.split("\"replied\":{\"text\":\"").nth(1).unwrap();
    let reply: String = reply.chars().take(60).collect();
    assert!(fs::read_to_string(run.join("report.html")).is_ok());
    let old_gate = trustmh(here, ["gate", name, "--policy", "research"]).code;

    let young = forgot(here, name, &["--older-than", "90d"]);
    assert_eq!((&young["trials"], &young["recorded"]), (&0.into(), &Value::Null));
    let foreseen = forgot(here, name, &["--all", "--dry-run"]);
    assert!(run.join("report.html").exists(), "nothing was done");
    let done = forgot(here, name, &["--all"]);
    assert_eq!(foreseen["trials"], done["trials"]);
    assert_eq!((&done["stay"], &done["pending"]), (&0.into(), &0.into()));
    assert_eq!(done["removed_files"], serde_json::json!(["report.html"]));

    let after = card(name);
    assert_eq!(metrics(&after), metrics(&before));
    let not_scored = after["tasks"]["reliability/emotional-support"]["not_scored"].to_string();
    assert!(not_scored.contains("replies were forgotten"), "{not_scored}");
    let verified = trustmh(here, ["verify", name]).with_code(0).out;
    assert!(verified.contains("what is left of them is as it was then"), "{verified}");
    for command in [
        &["score", name][..],
        &["report", name],
        &["compare", name, name],
        &["leaderboard", name],
        &["export", name, "--format", "csv"],
        &["export", name, "--format", "markdown"],
        &["export", name, "--format", "inspect-json", "--output", "logs"],
        &["export", name, "--format", "bundle", "--output", "run.zip"],
        &["verify", "run.zip"],
        &["score", "run.zip"],
        &["resume", name],
    ] {
        let ended = trustmh(here, command.iter().copied()).with_code(0);
        assert!(!ended.out.contains(&reply), "{command:?}");
    }
    assert_eq!(trustmh(here, ["gate", name, "--policy", "research"]).code, old_gate);
    assert_eq!(metrics(&card("run.zip")), metrics(&before));
    for other in [&["--protocol", "reference"][..], &["--judge", "none"]] {
        let again = ["score", name].iter().chain(other).copied().collect::<Vec<_>>();
        let refused = trustmh(here, again).with_code(2).err;
        assert!(
            refused.contains("cannot be scored again: its replies were forgotten on"),
            "{refused}"
        );
    }
    let view = View::start(here, &[]);
    let shown = run.file_name().unwrap().to_str().unwrap();
    let list = view.get(&format!("/run/{shown}/trials")).body;
    let trial = list.split("/trial?name=").nth(1).unwrap().split('"').next().unwrap();
    let page = view.get(&format!("/run/{shown}/trial?name={trial}"));
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Forgotten: the words of"), "{}", page.body);
    assert_eq!(view.get(&format!("/run/{shown}/reply?name={trial}")).status, 404);
    assert!(!fs::read_to_string(run.join("journal.jsonl")).unwrap().contains(&reply));
}

#[test]
fn calls_whose_words_were_forgotten_serve_no_other_run() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let ask = |more: &[&str]| {
        let run = ["run", "--subject", "scripted/echo", "--tasks", "ethics/reasoning"];
        let run = run.iter().chain(&["--items", "3", "--json"]).chain(more).copied();
        trustmh(here, run).with_code(0).json()[0]["run"].as_str().unwrap().to_owned()
    };
    let first = ask(&[]);
    let calls = |run: &str| {
        let text = fs::read_to_string(here.join(run).join("journal.jsonl")).unwrap();
        let call = text.lines().find(|line| line.contains("\"event\":{\"call\":")).unwrap();
        call.split("\"at\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let taken = ask(&["--reuse", &first]);
    assert_eq!(calls(&taken), calls(&first), "the very same call");
    forgot(here, &first, &["--all"]);
    let asked = ask(&["--reuse", &first]);
    assert_ne!(calls(&asked), calls(&taken), "it was asked anew");
}

#[test]
fn what_cannot_forget_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let run = a_run(here, &["--items", "2"]);
    let name = run.to_str().unwrap();
    let refused = |arguments: &[&str]| trustmh(here, arguments.iter().copied()).with_code(2).err;
    assert!(refused(&["forget", name]).contains("--older-than"));
    let age = refused(&["forget", name, "--older-than", "soon"]);
    assert!(age.contains("neither an age nor a date") && age.contains("90d"), "{age}");
    assert!(refused(&["forget", "nowhere", "--all"]).contains("is not a folder"));
    assert!(refused(&["forget", ".", "--all"]).contains("holds no run"));
    let journal = run.join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let killed: String = text.split_inclusive('\n').take(5).collect();
    fs::write(&journal, killed).unwrap();
    fs::remove_file(run.join("seal.json")).unwrap();
    let killed = refused(&["forget", name, "--all"]);
    assert!(killed.contains("under way") && killed.contains("trustmh resume"), "{killed}");
}
