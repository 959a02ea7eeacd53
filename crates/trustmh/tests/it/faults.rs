//! Providers that misbehave.
use std::fs;
use std::path::Path;

use crate::support::{Provider, only_run, trustmh};
use serde_json::Value;

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap_or_default().lines().count()
}

/// One reply in five is faulty, in every way at hand: every trial ends, the sums are right, nothing is recorded
/// twice, and tries are bounded.
#[test]
fn whatever_goes_wrong_with_every_fifth_reply_the_run_ends_whole() {
    for (fault, lost) in [
        ("rate-limit", false),
        ("server-error", false),
        ("wrong-json", false),
        ("cut-json", false),
        ("empty-body", false),
        ("empty-reply", true),
        ("wrong-type", false),
        ("broken-off", false),
        ("content-filter", true),
        ("huge-body", true),
        ("slow-drip", false),
        ("rate-limit-silent", false),
        ("unavailable", false),
        ("reset", false),
        ("twice", false),
        ("cut-stream", false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("requests.log");
        let fault_every = ["--fault", fault, "--fault-every", "5"];
        let options = ["--behaviour", "random:1", "--log", log.to_str().unwrap()];
        let provider = Provider::start(&[options.as_slice(), &fault_every].concat());
        let arguments = [
            "run",
            "--json",
            "--subject",
            "openai/s",
            "--base-url",
            &provider.url,
            "--tasks",
            "ethics",
            "--timeout",
            "2",
            "--progress",
            "json",
        ];
        let streamed = (fault == "cut-stream").then_some("--stream");
        let ended = trustmh(folder.path(), arguments.into_iter().chain(streamed)).with_code(0);
        let told: Vec<Value> =
            ended.err.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let card = ended.json()[0].take();
        let task = &card["tasks"]["ethics/reasoning"];
        let outcomes = &task["outcomes"];
        let count = |outcome: &str| outcomes[outcome].as_u64().unwrap();
        let sum: u64 =
            ["scored", "refused", "unparsed", "unanswered", "failed"].map(count).iter().sum();
        assert_eq!((sum, task["pending"].as_u64()), (32, Some(0)), "{fault}: {outcomes}");
        assert_eq!(lost, count("scored") < 32, "{fault}: {outcomes}");
        let sent = lines(&log);
        assert!((32..=32 * 5).contains(&sent), "{fault}: {sent} requests");
        // A faulty reply of the provider is one the run saw: nothing more was asked than calls and retries.
        let last = told.last().unwrap_or_else(|| panic!("{fault}: no progress in {}", ended.err));
        let asked = last["calls"].as_u64().unwrap() + last["retries"].as_u64().unwrap();
        assert_eq!(asked, sent as u64, "{fault}: {last}");
        let run = only_run(&folder.path().join("runs"));
        trustmh(folder.path(), ["verify", run.to_str().unwrap()]).with_code(0);
    }
}

/// The first failure is told at once with its reason, the others only counted; JSON progress stays JSON.
#[test]
fn the_first_failure_of_a_run_is_told_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let fault = ["--fault", "huge-body", "--fault-every", "5"];
    let provider = Provider::start(&[["--behaviour", "random:1"].as_slice(), &fault].concat());
    let run = ["run", "--json", "--subject", "openai/s", "--base-url", &provider.url];
    for (seed, progress, lines) in [("1", "text", 1), ("2", "json", 0)] {
        let more = ["--tasks", "ethics", "--seed", seed, "--progress", progress];
        let ended = trustmh(folder.path(), run.iter().chain(&more).copied()).with_code(0);
        let outcomes = ended.json()[0]["tasks"]["ethics/reasoning"]["outcomes"].clone();
        assert!(outcomes["failed"].as_u64().unwrap() > 1, "{outcomes}");
        let told = ended.err.lines().filter(|line| line.contains("a call failed: ")).count();
        assert_eq!(told, lines, "{}", ended.err);
    }
}

#[test]
fn a_burst_of_refusals_is_waited_out() {
    let folder = tempfile::tempdir().unwrap();
    let burst = ["--fault", "unavailable", "--fault-every", "20", "--fault-burst", "4"];
    let provider = Provider::start(&[["--behaviour", "random:1"].as_slice(), &burst].concat());
    let arguments = ["run", "--json", "--subject", "openai/s", "--base-url", &provider.url];
    let ended = trustmh(folder.path(), arguments.into_iter().chain(["--tasks", "ethics"]));
    let card = ended.with_code(0).json()[0].take();
    assert_eq!(card["tasks"]["ethics/reasoning"]["outcomes"]["failed"], 0);
}

#[test]
fn streamed_replies_are_the_same_replies() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start(&["--behaviour", "random:1", "--latency-spread", "0.5"]);
    let card = |more: &[&str]| {
        let arguments = ["run", "--json", "--subject", "openai/s", "--base-url", &provider.url];
        let arguments = arguments.iter().chain(&["--tasks", "ethics"]).chain(more);
        trustmh(folder.path(), arguments).with_code(0).json()[0].take()
    };
    let (whole, streamed) = (card(&[]), card(&["--stream"]));
    assert_eq!(whole["tasks"], streamed["tasks"]);
    trustmh(folder.path(), ["verify", streamed["run"].as_str().unwrap()]).with_code(0);
}

#[test]
fn of_two_endpoints_a_dead_one_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let alive = Provider::start(&["--behaviour", "random:1"]);
    let dead = Provider::start(&[]);
    let both = format!("{},{}", dead.url, alive.url);
    drop(dead);
    let arguments = ["run", "--json", "--subject", "openai/s", "--base-url", &both];
    let ended = trustmh(folder.path(), arguments.into_iter().chain(["--tasks", "ethics"]));
    let card = ended.with_code(0).json()[0].take();
    assert_eq!(card["tasks"]["ethics/reasoning"]["outcomes"]["failed"], 0);
    assert_eq!(card["tasks"]["ethics/reasoning"]["n"], 32);
}

#[test]
fn an_answer_that_does_not_begin_in_time_is_given_up_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start(&["--latency", "3000"]);
    let arguments = ["run", "--subject", "openai/s", "--base-url", &provider.url, "--items", "2"];
    let bounded = ["--tasks", "ethics", "--first-byte-timeout", "1", "--tries", "1"];
    let ended = trustmh(folder.path(), arguments.into_iter().chain(bounded)).with_code(3);
    assert!(ended.err.contains("2 calls failed:"), "{}", ended.err);
    assert!(ended.err.contains("skipped: ethics/reasoning:"), "{}", ended.err);
}

/// A program that dies stops the run like a server that is gone, and what it said last stands in the error.
#[test]
fn a_program_that_dies_three_times_in_a_row_stops_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let subject = "command:sh -c 'read line; echo \"no such weights: owl.bin\" >&2; exit 7'";
    let arguments =
        ["run", "--subject", subject, "--judge", "none", "--tasks", "ethics", "--tries", "1"];
    let ended = trustmh(folder.path(), arguments).with_code(3);
    assert!(ended.err.contains("no such weights: owl.bin"), "{}", ended.err);
    assert!(ended.err.contains("exit status: 7"), "{}", ended.err);
}

/// No items are no run.
#[test]
fn no_items_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for option in ["--items", "--trials"] {
        let ended = trustmh(folder.path(), ["run", "--subject", "scripted/random", option, "0"]);
        assert!(ended.with_code(2).err.contains(option));
    }
    assert!(!folder.path().join("runs").exists());
}
