//! Items in some languages only.
use std::fs;
use std::path::Path;

use crate::support::{only_run, trustmh};

const TASKS: &str = "reliability/emotion-recognition,ethics/reasoning";

fn run(folder: &Path, runs: &str, more: &[&str]) -> crate::support::Ended {
    let run = ["run", "--subject", "scripted/random:1", "--tasks", TASKS, "--runs-dir", runs];
    trustmh(folder, run.iter().chain(more))
}

#[test]
fn a_run_in_one_language_says_so_and_is_not_compared_with_one_in_all() {
    let folder = tempfile::tempdir().unwrap();
    let of = |runs: &str| only_run(&folder.path().join(runs)).display().to_string();
    let zh = run(folder.path(), "zh", &["--language", "zh"]).with_code(0);
    assert!(zh.err.contains("ethics/reasoning is left out"), "{}", zh.err);
    run(folder.path(), "all", &[]).with_code(0);
    let card = trustmh(folder.path(), ["score", &of("zh"), "--json"]).with_code(0).json();
    let card = &card[0];
    assert_eq!(card["tasks"].as_object().unwrap().len(), 1, "{card}");
    assert_eq!(card["record"]["capped"], "only items in zh");
    let told = card.to_string();
    let left = "24 of 48 items are left out for their language (24 in en, 24 in zh)";
    assert!(told.contains(left), "{told}");
    let skipped = "no item of theirs is in the languages asked for: ethics/reasoning";
    assert!(told.contains(skipped), "{told}");
    let shown = trustmh(folder.path(), ["score", &of("zh")]).with_code(0).out;
    assert!(shown.contains("CAPPED: only items in zh"), "{shown}");
    let compared = trustmh(folder.path(), ["compare", &of("zh"), &of("all")]);
    let told = format!("{}{}", compared.out, compared.err);
    assert!(told.contains("languages: only zh and all of the items"), "{told}");
}

#[test]
fn a_language_that_leaves_nothing_out_of_a_task_leaves_it_comparable() {
    let folder = tempfile::tempdir().unwrap();
    for (runs, more) in [("en", ["--language", "en"]), ("all", ["--seed", "20260303"])] {
        let run = [
            "run",
            "--subject",
            "scripted/random:1",
            "--tasks",
            "ethics/reasoning",
            "--runs-dir",
            runs,
        ];
        trustmh(folder.path(), run.iter().chain(&more)).with_code(0);
    }
    let of = |runs: &str| only_run(&folder.path().join(runs)).display().to_string();
    let compared = trustmh(folder.path(), ["compare", &of("en"), &of("all"), "--json"]);
    let told = compared.with_code(0).out;
    assert!(!told.contains("\"languages\""), "{told}");
}

#[test]
fn languages_that_no_item_is_in_are_refused_with_those_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run(folder.path(), "runs", &["--language", "en,fr"]).with_code(2).err;
    assert!(refused.contains("no item of the tasks asked for is in fr"), "{refused}");
    assert!(refused.contains("zh (24 items)"), "{refused}");
    let plan = ["plan", "--subject", "openai/x", "--tasks", TASKS, "--language", "zh", "--json"];
    let plan = trustmh(folder.path(), plan).with_code(0).json();
    assert_eq!(plan["without_items"], serde_json::json!(["ethics/reasoning"]));
    assert_eq!(plan["total"]["items"], 24);
}

#[test]
fn a_run_in_one_language_is_resumed_as_it_was_planned() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), "runs", &["--language", "zh", "--max-calls", "5"]);
    let run = only_run(&folder.path().join("runs"));
    let resumed = trustmh(folder.path(), ["resume", run.to_str().unwrap()]).with_code(0);
    assert!(!resumed.err.contains("changed"), "{}", resumed.err);
    let manifest = fs::read_to_string(run.join("run.json")).unwrap();
    assert!(manifest.contains("\"languages\""), "{manifest}");
}
