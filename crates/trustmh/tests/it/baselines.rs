//! Scripted subjects show what a metric does; the same seed gives the same run.
use std::fs;
use std::path::Path;

use crate::support::{only_run, trustmh};
use serde_json::Value;

/// The scorecard of a scripted subject on starter items, judged by the offline rules.
fn card(subject: &str, more: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    card_in(folder.path(), subject, more)
}

fn card_in(folder: &Path, subject: &str, more: &[&str]) -> Value {
    let arguments = ["run", "--json", "--subject", subject];
    let mut cards = trustmh(folder, arguments.iter().chain(more)).with_code(0).json();
    cards[0].take()
}

fn value(card: &Value, task: &str, metric: &str) -> f64 {
    card["tasks"][task]["metrics"][metric]["value"]
        .as_f64()
        .unwrap_or_else(|| panic!("{task} {metric}: {}", card["tasks"][task]["metrics"][metric]))
}

#[track_caller]
fn assert_is(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found} instead of {expected}");
}

#[test]
fn one_that_always_refuses_is_safe_and_useless() {
    let card = card("scripted/always-refuse", &[]);
    assert_is(value(&card, "safety/jailbreak", "resistance_rate"), 1.0);
    assert_is(value(&card, "safety/jailbreak", "attack_success_rate"), 0.0);
    assert_is(value(&card, "privacy/leakage", "leak_rate"), 0.0);
    assert_is(value(&card, "ethics/reasoning", "accuracy"), 0.0);
    assert_is(value(&card, "ethics/reasoning", "unparsed_rate"), 1.0);
    assert_is(value(&card, "privacy/awareness", "unread_rate"), 1.0);
}

#[test]
fn one_that_always_picks_a_scores_what_the_keys_hold_of_a() {
    let reference = card("scripted/always-a", &["--protocol", "reference", "--tasks", "ethics"]);
    // Eight of the 32 starter keys are A, and the reference protocol keeps the file's order.
    assert_is(value(&reference, "ethics/reasoning", "accuracy"), 0.25);
    assert_is(value(&reference, "ethics/reasoning", "d_pick_rate"), 0.0);
    let corrected = card("scripted/always-a", &["--tasks", "ethics"]);
    assert!(value(&corrected, "ethics/reasoning", "d_pick_rate") > 0.0, "options are shuffled");
}

#[test]
fn one_that_leaks_everything_is_caught() {
    let card = card("scripted/leaks-everything", &["--tasks", "privacy/leakage"]);
    assert_is(value(&card, "privacy/leakage", "leak_rate"), 1.0);
    assert_is(value(&card, "privacy/leakage", "string_match"), 1.0);
    assert_is(value(&card, "privacy/leakage", "control_error"), 1.0);
}

#[test]
fn one_that_complies_resists_nothing() {
    let card = card("scripted/complies", &["--tasks", "safety"]);
    assert_is(value(&card, "safety/jailbreak", "resistance_rate"), 0.0);
    assert_is(value(&card, "safety/jailbreak", "attack_success_rate"), 1.0);
}

#[test]
fn the_same_seed_gives_the_same_trials_and_scores() {
    let journals = |seed: &str| {
        let folder = tempfile::tempdir().unwrap();
        let card = card_in(folder.path(), "scripted/echo", &["--seed", seed, "--connections", "1"]);
        let text = fs::read_to_string(only_run(&folder.path().join("runs")).join("journal.jsonl"));
        let trials: Vec<String> = text
            .unwrap()
            .lines()
            // What stands before the event hangs on when the run was planned.
            .filter_map(|line| line.split_once("\"event\":"))
            .map(|(_, event)| event.to_owned())
            .filter(|event| event.starts_with("{\"trial\":{"))
            .collect();
        assert!(trials.len() > 1_000);
        (trials, card["tasks"].clone())
    };
    assert_eq!(journals("5"), journals("5"));
    assert_ne!(journals("5").0, journals("6").0);
}

#[test]
fn every_output_says_that_starter_items_were_asked() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["run", "--subject", "scripted/random", "--tasks", "ethics"];
    let table = trustmh(folder.path(), arguments).with_code(0);
    assert!(table.out.contains("starter items"), "{}", table.out);
    let run = only_run(&folder.path().join("runs"));
    let html = fs::read_to_string(run.join("report.html")).unwrap();
    assert!(html.contains("starter items"));
    let scored = trustmh(folder.path(), ["score", run.to_str().unwrap(), "--json"]).with_code(0);
    let json = scored.json();
    let task = &json[0]["tasks"]["ethics/reasoning"];
    assert_eq!(task["source"]["origin"], "starter");
    assert!(task["caveats"].to_string().contains("not clinical evidence"));
}

#[test]
fn a_task_that_needs_a_judge_says_so_instead_of_scoring() {
    let card = card("scripted/always-a", &["--tasks", "ethics"]);
    let task = &card["tasks"]["ethics/reasoning"];
    assert!(task["metrics"].get("sc1").is_none(), "{task}");
    let reason = task["not_scored"]["sc1"].as_str().unwrap();
    assert!(reason.contains("--judge"), "{reason}");
}

/// Without an answer there is nothing to judge, so the reason is the replies and not the judge.
#[test]
fn where_no_reply_is_an_answer_the_judge_is_not_blamed() {
    let card = card("scripted/always-refuse", &["--tasks", "ethics"]);
    let not_scored = &card["tasks"]["ethics/reasoning"]["not_scored"];
    for metric in ["sc1", "d_pick_rate"] {
        let reason = not_scored[metric].as_str().unwrap_or_else(|| panic!("{not_scored}"));
        assert!(reason.starts_with("no reply could be read as an answer: "), "{reason}");
    }
}

#[test]
fn the_shape_of_the_json_stays() {
    let mut card =
        card("scripted/always-a", &["--items", "4", "--tasks", "ethics,crisis/severity,privacy"]);
    card["run"] = Value::from("[run]");
    insta::assert_json_snapshot!(card);
}

#[test]
fn a_replayed_run_gives_the_same_scores() {
    let folder = tempfile::tempdir().unwrap();
    let first = card_in(folder.path(), "scripted/random:9", &["--tasks", "ethics,privacy"]);
    let run = first["run"].as_str().unwrap();
    let subject = format!("replay:{run}");
    let second = card_in(folder.path(), &subject, &["--tasks", "ethics,privacy"]);
    assert_eq!(first["tasks"], second["tasks"]);
}
