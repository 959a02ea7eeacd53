//! What providers answer, and what a run makes of it: the same whatever protocol they speak.
use crate::support;
use std::fs;
use std::path::Path;

use crate::support::{Ended, Provider, only_run, program, trustmh};
use serde_json::Value;

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap_or_default().lines().count()
}

/// A run against the provider, in the protocol that the subject's prefix names.
fn run(folder: &Path, subject: &str, provider: &Provider, more: &[&str]) -> Ended {
    let url = match subject.split_once('/') {
        Some(("openai", _)) => provider.url.clone(),
        _ => provider.url.trim_end_matches("/v1").to_owned(),
    };
    let asked = ["run", "--json", "--subject", subject, "--base-url", &url];
    support::ended(
        program(folder)
            .env("ANTHROPIC_API_KEY", "not-a-key")
            .env("GEMINI_API_KEY", "not-a-key")
            .args(asked)
            .args(more)
            .output()
            .unwrap(),
    )
}

const SCOPE: [&str; 4] = ["--tasks", "ethics,crisis/severity,privacy/leakage", "--items", "3"];

#[test]
fn the_same_answers_come_to_the_same_numbers_in_every_protocol() {
    let folder = tempfile::tempdir().unwrap();
    for thoughts in ["tags", "apart"] {
        let provider =
            Provider::start(&["--behaviour", "thinks:40:random:1", "--thoughts", thoughts]);
        let cards: Vec<Value> = ["openai/s", "anthropic/s", "gemini/s", "ollama/s"]
            .map(|subject| {
                run(folder.path(), subject, &provider, &SCOPE).with_code(0).json()[0].take()
            })
            .into();
        for card in &cards {
            assert_eq!(card["tasks"], cards[0]["tasks"]);
        }
        let runs = [&cards[0], &cards[1]].map(|card| card["run"].as_str().unwrap().to_owned());
        let compared = ["compare", &runs[0], &runs[1], "--json"];
        let compared = trustmh(folder.path(), compared).with_code(0).json();
        let differences = differences(&compared);
        assert!(!differences.is_empty(), "{compared}");
        assert!(differences.iter().all(|difference| *difference == 0.0), "{differences:?}");
    }
}

/// All numbers that a comparison calls differences.
fn differences(value: &Value) -> Vec<f64> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match (name.as_str(), value.as_f64()) {
                ("difference", Some(difference)) => vec![difference],
                _ => differences(value),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(differences).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_thought_before_every_reply_changes_no_number() {
    let folder = tempfile::tempdir().unwrap();
    let card = |subject: &str| {
        let asked = ["run", "--json", "--subject", subject, "--tasks", "all", "--items", "2"];
        trustmh(folder.path(), asked.into_iter().chain(["--trials", "12"])).json()[0].take()
    };
    let (plain, thinks) = (card("scripted/random:1"), card("scripted/thinks:200:random:1"));
    let tasks = plain["tasks"].as_object().unwrap();
    assert_eq!(tasks.len(), 19);
    for (task, result) in tasks {
        let thought = &thinks["tasks"][task];
        assert_eq!(thought["metrics"], result["metrics"], "{task}");
        assert_eq!(thought["outcomes"], result["outcomes"], "{task}");
    }
}

#[test]
fn a_flagged_prompt_is_withheld_and_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--behaviour", "random:1", "--fault", "flagged", "--fault-every", "5"];
    let provider = Provider::start(&flags);
    let ended = run(folder.path(), "openai/s", &provider, &["--tasks", "ethics"]).with_code(0);
    let outcomes = ended.json()[0]["tasks"]["ethics/reasoning"]["outcomes"].clone();
    assert_eq!((&outcomes["failed"], &outcomes["refused"]), (&0.into(), &6.into()), "{outcomes}");
}

#[test]
fn an_account_without_credit_stops_the_run_which_goes_on_when_there_is_some() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.log");
    let empties = ["--fault", "no-credit", "--fault-every", "11", "--log", log.to_str().unwrap()];
    let provider = Provider::start(&[["--behaviour", "random:1"].as_slice(), &empties].concat());
    let alone = ["--tasks", "ethics", "--connections", "1"];
    let ended = run(folder.path(), "openai/s", &provider, &alone).with_code(3);
    assert_eq!(lines(&log), 11);
    assert!(ended.err.contains("credit or quota is spent"), "{}", ended.err);
    assert!(ended.err.contains("trustmh resume"), "{}", ended.err);
    let made = only_run(&folder.path().join("runs"));
    let resumed = ["resume", made.to_str().unwrap(), "--json", "--connections", "1"];
    assert_eq!(trustmh(folder.path(), resumed).code, Some(3), "the next one is empty again");
    let last = trustmh(folder.path(), resumed).with_code(3);
    assert_eq!(lines(&log), 33, "{}", last.err);
    let whole = trustmh(folder.path(), resumed).with_code(0);
    assert_eq!(whole.json()[0]["tasks"]["ethics/reasoning"]["n"], 32);
    assert_eq!(lines(&log), 35, "no call that was paid for was made again");
}

#[test]
fn the_same_refusal_of_every_prompt_stops_the_run_after_three() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.log");
    let refuses = ["--fault", "bad-request", "--log", log.to_str().unwrap()];
    let provider = Provider::start(&refuses);
    let alone = ["--tasks", "ethics", "--connections", "1"];
    let ended = run(folder.path(), "openai/s", &provider, &alone).with_code(3);
    assert_eq!(lines(&log), 3);
    assert!(ended.err.contains("3 different prompts in a row failed alike"), "{}", ended.err);
    assert!(ended.err.contains("this is not taken"), "{}", ended.err);
}

/// A refused key now and then is a proxy's; three in a row are a key that has run out.
#[test]
fn a_stray_refusal_of_the_key_is_one_calls_and_three_in_a_row_are_the_keys() {
    let refusals = |burst: &str, code: i32| {
        let folder = tempfile::tempdir().unwrap();
        let faults = ["--fault", "unauthorized", "--fault-every", "10", "--fault-burst", burst];
        let provider = Provider::start(&[["--behaviour", "random:1"].as_slice(), &faults].concat());
        let alone = ["--tasks", "ethics", "--connections", "1"];
        run(folder.path(), "openai/s", &provider, &alone).with_code(code)
    };
    let stray = refusals("1", 0).json();
    assert_eq!(stray[0]["tasks"]["ethics/reasoning"]["outcomes"]["failed"], 3);
    assert!(refusals("3", 3).err.contains("OPENAI_API_KEY"));
}

#[test]
fn calls_of_another_endpoint_are_taken_only_when_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (Provider::start(&[]), Provider::start(&[]));
    let scope = ["--tasks", "ethics", "--items", "3"];
    let first = run(folder.path(), "openai/s", &one, &scope).with_code(0);
    let first = first.json()[0]["run"].as_str().unwrap().to_owned();
    let reuse = [scope.as_slice(), &["--reuse", &first]].concat();
    let ended = run(folder.path(), "openai/s", &other, &reuse).with_code(2);
    assert!(ended.err.contains(&one.url) && ended.err.contains(&other.url), "{}", ended.err);
    assert!(ended.err.contains("--reuse-any-endpoint"), "{}", ended.err);
    run(folder.path(), "openai/s", &one, &reuse).with_code(0);
    let any = [reuse.as_slice(), &["--reuse-any-endpoint"]].concat();
    run(folder.path(), "openai/s", &other, &any).with_code(0);
}
