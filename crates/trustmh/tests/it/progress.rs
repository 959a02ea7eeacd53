//! Progress on a terminal, and what is left of it.
#![cfg(unix)]
use crate::support;
use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::support::terminal::{on_terminal, shown, written};
use crate::support::{Provider, trustmh};

/// Where the lines are drawn anew, all that was drawn before is erased.
const ERASE: &str = "\r\u{1b}[J";

fn run(provider: &Provider, more: &str) -> String {
    format!(
        "echo $$ > pid; exec {} run --subject openai/s --base-url {} --judge none --runs-dir runs {more} > out.txt",
        support::PROGRAM,
        provider.url
    )
}

/// The lines as they were drawn one after another, without colours.
fn frames(written: &str) -> Vec<String> {
    let drawn = written.split(ERASE).filter(|frame| frame.contains(" in flight"));
    drawn.map(|frame| shown(&frame.replace("\u{1b}[1A", ""), 500).join("\n")).collect()
}

fn assert_nothing_is_left(lines: &[String]) {
    for stale in ["in flight", "█", "░", "/s "] {
        assert!(lines.iter().all(|line| !line.contains(stale)), "{stale}: {lines:#?}");
    }
}

#[test]
fn two_lines_fit_the_terminal_and_are_gone_at_the_end() {
    let provider = Provider::start(&["--behaviour", "random:1", "--latency", "120"]);
    for columns in [60, 80, 100, 200] {
        let folder = tempfile::tempdir().unwrap();
        let line = run(&provider, "--tasks ethics,safety/jailbreak --items 20 --connections 4");
        let mut child = on_terminal(folder.path(), columns, &line);
        assert_eq!(child.wait().unwrap().code(), Some(0));
        let written = written(folder.path());
        let frames = frames(&written);
        assert!(frames.len() > 2, "{columns}: {written:?}");
        for frame in &frames {
            assert!(frame.lines().all(|line| line.chars().count() < columns), "{frame}");
            assert!(frame.lines().count() <= 2, "{frame}");
        }
        assert!(frames.iter().any(|frame| frame.starts_with("Safety ")), "{frames:#?}");
        assert!(written.contains("\u{1b}[32m"), "the bar is green");
        let lines = shown(&written, columns);
        assert_nothing_is_left(&lines);
        // A scorecard goes to the file; what stands here are notes alone, the first of them whole.
        assert!(lines.concat().contains("trials of 2 tasks,"), "{lines:#?}");
    }
}

#[test]
fn a_terminal_that_changes_its_width_keeps_nothing_of_the_old_lines() {
    let provider = Provider::start(&["--behaviour", "random:1", "--latency", "150"]);
    let folder = tempfile::tempdir().unwrap();
    let line = run(&provider, "--tasks ethics,safety/jailbreak --items 20 --connections 4");
    let line = format!("(sleep 1; stty cols 60 < /dev/tty) & {line}");
    let mut child = on_terminal(folder.path(), 120, &line);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let written = written(folder.path());
    let frames = frames(&written);
    let width = |frame: &String| frame.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(width(frames.last().unwrap()) < 60, "{frames:#?}");
    assert_nothing_is_left(&shown(&written, 120));
}

#[test]
fn an_interrupt_says_what_is_in_flight_and_what_is_left_above_the_lines() {
    let provider = Provider::start(&["--behaviour", "random:1", "--latency", "400"]);
    let folder = tempfile::tempdir().unwrap();
    let line = run(&provider, "--tasks ethics,safety/jailbreak --connections 4");
    let mut child = on_terminal(folder.path(), 80, &line);
    for _ in 0..600 {
        let log = fs::read_to_string(folder.path().join("script.log")).unwrap_or_default();
        if log.contains(" left") {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let id = fs::read_to_string(folder.path().join("pid")).unwrap();
    assert!(Command::new("kill").args(["-INT", id.trim()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let written = written(folder.path());
    let lines = shown(&written, 80);
    assert_nothing_is_left(
        &lines.iter().filter(|line| !line.contains("calls in")).cloned().collect::<Vec<_>>(),
    );
    let said = lines.concat();
    assert!(said.contains("stopping: no new calls; waiting up to 20 s for "), "{lines:#?}");
    assert!(said.contains("trials are left; interrupt again to stop at once"), "{lines:#?}");
    assert!(said.contains("interrupted; continue with: trustmh resume"), "{lines:#?}");
}

#[test]
fn calls_that_wait_for_a_rate_are_counted_and_colours_can_be_forbidden() {
    let provider = Provider::start(&["--behaviour", "random:1"]);
    let folder = tempfile::tempdir().unwrap();
    let line = run(&provider, "--tasks ethics --items 6 --connections 4 --rpm 120");
    let mut child = on_terminal(folder.path(), 100, &format!("export NO_COLOR=1; {line}"));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let written = written(folder.path());
    let frames = frames(&written);
    assert!(frames.iter().any(|frame| frame.contains(" waiting (rate limit)")), "{frames:#?}");
    assert!(!written.contains("\u{1b}[3"), "{written:?}");
    assert!(frames.iter().all(|frame| frame.starts_with("reasoning ")), "the only task is named");
}

/// A pipe gets plain lines; programs get objects with what is in flight, what waits, and how far each pillar is.
#[test]
fn pipes_and_programs_get_lines_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let usual = ["run", "--subject", "scripted/random", "--tasks", "ethics,safety/jailbreak"];
    let plain = trustmh(folder.path(), usual).with_code(0);
    assert!(!plain.err.contains('\u{1b}') && !plain.err.contains('\r'), "{}", plain.err);
    let json = ["--progress", "json", "--items", "3"];
    let told = trustmh(folder.path(), usual.iter().chain(&json)).with_code(0);
    let objects = told.err.lines().filter_map(|line| serde_json::from_str(line).ok());
    let objects: Vec<serde_json::Value> = objects.collect();
    let last = objects.iter().rfind(|object| object["trials"].is_u64()).unwrap();
    assert_eq!((&last["in_flight"], &last["waiting"]), (&0.into(), &0.into()));
    let ethics = serde_json::json!({ "ended": 3, "planned": 3 });
    assert_eq!(last["by_pillar"]["ethics"], ethics);
    assert_eq!(last["by_pillar"]["safety"]["ended"], last["by_pillar"]["safety"]["planned"]);
    assert_eq!(last["trials"], last["of"]);
}
