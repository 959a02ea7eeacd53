//! Signals: the first drains and lets no request leave, the second leaves at once, and a hangup counts unless it was ignored at the start.
#![cfg(unix)]
use crate::support;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::{Provider, only_run, trustmh};

/// A run of some 190 trials.
fn run(folder: &Path, provider: &Provider, before: &str) -> Command {
    let program = support::PROGRAM;
    let script = format!(
        "{before} exec '{program}' run --subject openai/s --base-url {} --judge none --tasks reliability,ethics --connections 16 --runs-dir runs",
        provider.url
    );
    let mut command = Command::new("sh");
    command
        .args(["-c", &script])
        .current_dir(folder)
        .env_remove("TRUSTMH_DATA")
        .env_remove("OPENAI_API_KEY")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// The same at work, and its standard error.
fn started(
    folder: &Path,
    provider: &Provider,
    before: &str,
) -> (Child, BufReader<impl Read + use<>>) {
    let mut child = run(folder, provider, before).spawn().unwrap();
    let told = BufReader::new(child.stderr.take().unwrap());
    (child, told)
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([format!("-{name}"), id]).status().unwrap().success());
}

fn requests(log: &Path) -> usize {
    std::fs::read_to_string(log).unwrap_or_default().lines().count()
}

/// Waits until the provider has seen so many requests.
fn wait_for(log: &Path, count: usize) {
    for _ in 0..600 {
        if requests(log) >= count {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{} of {count} requests came", requests(log));
}

/// Reads until a line that holds `words`; returns all lines so far.
fn read_until(told: &mut impl BufRead, words: &str) -> String {
    let mut lines = String::new();
    while !lines.contains(words) {
        let read = told.read_line(&mut lines).unwrap();
        assert!(read > 0, "`{words}` was not said: {lines}");
    }
    lines
}

/// Where the tests were started by `nohup`, what they start ignores hangups, too.
fn ignores_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() & 1 == 1)
}

#[test]
fn after_the_message_no_request_leaves() {
    for name in ["INT", "TERM", "HUP"] {
        if name == "HUP" && ignores_hangups() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("requests");
        // One in five is refused, so that there are calls that wait to be tried again.
        let options = ["--latency", "500", "--fault", "unavailable", "--fault-every", "5", "--log"];
        let provider = Provider::start(&[&options[..], &[log.to_str().unwrap()]].concat());
        let (mut child, mut told) = started(folder.path(), &provider, "");
        wait_for(&log, 20);
        signal(&child, name);
        read_until(&mut told, "stopping: no new calls");
        // What had left before may still be on its way to the log.
        std::thread::sleep(Duration::from_millis(300));
        let at_the_message = requests(&log);
        drop(told);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{name}");
        assert_eq!(requests(&log), at_the_message, "requests left after the message of {name}");
    }
}

#[test]
fn the_second_signal_leaves_at_once_with_the_journal_whole() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests");
    let provider = Provider::start(&["--latency", "600000", "--log", log.to_str().unwrap()]);
    let (mut child, mut told) = started(folder.path(), &provider, "");
    wait_for(&log, 4);
    signal(&child, "INT");
    read_until(&mut told, "interrupt again to stop at once");
    signal(&child, "INT");
    // The calls in flight would take ten minutes, and the time of grace twenty seconds.
    let said = read_until(&mut told, "stopped at once");
    assert!(!said.contains("panic"), "{said}");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let run = only_run(&folder.path().join("runs"));
    let journal = std::fs::read_to_string(run.join("journal.jsonl")).unwrap();
    assert!(journal.ends_with('\n') && journal.contains("{\"interrupted\":{"), "{journal}");
    trustmh(folder.path(), ["verify", run.to_str().unwrap()]).with_code(0);
}

#[test]
fn a_run_whose_starter_is_gone_drains() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests");
    let provider = Provider::start(&["--latency", "500", "--log", log.to_str().unwrap()]);
    let mut command = run(folder.path(), &provider, "");
    command.env("TRUSTMH_STOP_AT_END_OF_INPUT", "1").stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    wait_for(&log, 8);
    // However its starter ended, the other end of its input is closed.
    drop(child.stdin.take());
    read_until(&mut told, "stopping: no new calls");
    std::thread::sleep(Duration::from_millis(300));
    let at_the_message = requests(&log);
    drop(told);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(requests(&log), at_the_message);
}

#[test]
fn a_hangup_that_is_ignored_at_the_start_stays_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests");
    let provider = Provider::start(&["--latency", "20", "--log", log.to_str().unwrap()]);
    let (mut child, mut told) = started(folder.path(), &provider, "trap '' HUP;");
    wait_for(&log, 8);
    signal(&child, "HUP");
    let mut said = String::new();
    told.read_to_string(&mut said).unwrap();
    assert!(!said.contains("stopping"), "{said}");
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
}

#[test]
fn the_time_that_is_allowed_ends_calls_that_only_wait() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start(&["--fault", "rate-limit-silent"]);
    let asked = ["run", "--subject", "openai/s", "--base-url", &provider.url, "--judge", "none"];
    let more = ["--tasks", "ethics,privacy", "--max-time", "2", "--tries", "50"];
    let ended = trustmh(folder.path(), asked.into_iter().chain(more)).with_code(4);
    assert!(ended.err.contains("the limit on time is reached"), "{}", ended.err);
    assert!(ended.out.starts_with("INCOMPLETE: "), "{}", ended.out);
}

#[test]
fn a_program_that_is_asked_is_not_told_to_stop_at_the_end_of_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"n=0
while read -r line; do
  n=$((n+1))
  echo "{\"id\": $n, \"text\": \"${TRUSTMH_STOP_AT_END_OF_INPUT-not set}\"}"
done"#;
    std::fs::write(folder.path().join("bot.sh"), script).unwrap();
    let mut command = support::program(folder.path());
    command
        .args(["run", "--subject", "command:sh bot.sh", "--tasks", "ethics/reasoning", "--items"])
        .arg("1")
        .env("TRUSTMH_STOP_AT_END_OF_INPUT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let held = child.stdin.take();
    support::ended(child.wait_with_output().unwrap()).with_code(0);
    drop(held);
    let run = only_run(&folder.path().join("runs"));
    let journal = std::fs::read_to_string(run.join("journal.jsonl")).unwrap();
    assert!(journal.contains("\"text\":\"not set\""), "{journal}");
}
