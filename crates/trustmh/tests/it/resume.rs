//! A run that is killed and taken up again: nothing is lost, nothing is paid for twice.
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::questions::{Draws, generated_questions};
use crate::support::{Provider, begun, only_run, program, shared, trustmh};
use serde_json::Value;
use trustmh_core::call::CallEnd;
use trustmh_core::digest::Digest;
use trustmh_run::journal::{Event, Line};

fn journal(run: &Path) -> Vec<Event> {
    let bytes = fs::read(run.join("journal.jsonl")).unwrap_or_default();
    let whole = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    whole.map(|line| serde_json::from_slice::<Line>(line).unwrap().event).collect()
}

/// The hashes of the request bodies whose replies the journal holds.
fn replied(run: &Path) -> HashSet<String> {
    let calls = journal(run).into_iter().filter_map(|event| match event {
        Event::Call(call) if matches!(call.end, CallEnd::Replied(_)) => call.request,
        _ => None,
    });
    calls.map(|request| Digest::of(request.get().as_bytes()).to_string()).collect()
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn card(folder: &Path, run: &Path) -> Value {
    nameless(trustmh(folder, ["score", "--json", run.to_str().unwrap()]).with_code(0).json())
}

/// The only scorecard, without the name of its run.
fn nameless(mut cards: Value) -> Value {
    let mut card = cards[0].take();
    card["run"] = Value::Null;
    card
}

/// A run on published data against `subject` and `judge`, not yet started.
fn run_command(folder: &Path, runs: &str, subject: &Provider, judge: &Provider) -> Option<Command> {
    let mut command = program(folder);
    command
        .args(["run", "--subject", "openai/subject", "--base-url", &subject.url])
        .args(["--judge", "openai/judge", "--judge-base-url", &judge.url])
        .args(["--tasks", "reliability,safety,fairness,privacy,ethics"])
        .args(["--connections", "8", "--json", "--runs-dir", runs, "--data"])
        .arg(shared("data")?)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Some(command)
}

#[test]
fn twenty_kills_change_nothing_and_nothing_is_asked_twice() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let log = folder.join("requests.log");
    let log_argument = log.to_str().unwrap();
    let subject =
        Provider::start(&["--behaviour", "random:3", "--latency", "25", "--log", log_argument]);
    let judge =
        Provider::start(&["--behaviour", "judge:5", "--latency", "10", "--log", log_argument]);

    let Some(mut calm) = run_command(folder, "calm", &subject, &judge) else { return };
    assert!(calm.status().unwrap().success());
    let calm = only_run(&folder.join("calm"));
    let asked_calmly = lines(&log).len();
    fs::remove_file(&log).unwrap();

    // The log is opened for appending at the start, so a fresh one needs fresh providers.
    drop((subject, judge));
    let subject =
        Provider::start(&["--behaviour", "random:3", "--latency", "25", "--log", log_argument]);
    let judge =
        Provider::start(&["--behaviour", "judge:5", "--latency", "10", "--log", log_argument]);
    let mut waits = Draws(11);
    let mut child = run_command(folder, "killed", &subject, &judge).unwrap().spawn().unwrap();
    let mut killed_at_work = 0;
    let killed = folder.join("killed");
    let run = begun(&killed);
    for _ in 0..20 {
        std::thread::sleep(Duration::from_millis(20 + waits.below(300)));
        if child.try_wait().unwrap().is_none() {
            killed_at_work += 1;
        }
        drop(child.kill());
        child.wait().unwrap();
        let paid = replied(&run);
        // Requests that were under way when the process died reach the log a moment later.
        std::thread::sleep(Duration::from_millis(60));
        let before = lines(&log).len();
        child = resume(folder, &run);
        std::thread::sleep(Duration::from_millis(10 + waits.below(50)));
        for request in lines(&log).iter().skip(before) {
            assert!(!paid.contains(request), "a request whose reply was recorded is sent again");
        }
    }
    let paid = replied(&run);
    drop(child.kill());
    child.wait().unwrap();
    std::thread::sleep(Duration::from_millis(60));
    let before = lines(&log).len();
    assert!(resume(folder, &run).wait().unwrap().success());
    assert!(lines(&log).iter().skip(before).all(|request| !paid.contains(request)));

    assert_eq!(killed_at_work, 20, "the run was over before it had been killed twenty times");
    assert_eq!(card(folder, &run), card(folder, &calm));
    assert_each_call_once(&run, asked_calmly);
}

/// Bytes that were added to a file since it had `before`.
fn added(path: &Path, before: &mut usize) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let new = bytes.get(*before..whole).unwrap_or_default().to_vec();
    *before = (*before).max(whole);
    String::from_utf8(new).unwrap()
}

#[test]
fn two_hundred_kills_over_five_thousand_trials_lose_and_repeat_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    generated_questions(folder, 5_000, "");
    let log = folder.join("requests.log");
    let command = |arguments: &[&str], connections: &str| {
        let mut command = program(folder);
        command.args(arguments).args(["--tasks-dir", "tasks", "--connections", connections]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let options = ["--behaviour", "random:3", "--latency", "40", "--log", log.to_str().unwrap()];
    let provider = Provider::start(&options);
    let asked = ["run", "--subject", "openai/subject", "--base-url", &provider.url, "--json"];
    let asked = [&asked[..], &["--judge", "none", "--tasks", "reliability/knowledge"]].concat();
    let mut child = command(&asked, "8").spawn().unwrap();
    let runs = folder.join("runs");
    let run = begun(&runs);
    let journal = run.join("journal.jsonl");
    let resumed = ["resume", run.to_str().unwrap()];
    let mut waits = Draws(23);
    let (mut read, mut logged) = (0, 0);
    let mut paid: HashSet<String> = HashSet::new();
    for kill in 0..200 {
        // Most are killed while they work, some before they begin to.
        let length = || fs::metadata(&journal).map_or(0, |file| file.len());
        let enough = length() + waits.below(30_000);
        if kill % 8 != 0 {
            while length() <= enough && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        std::thread::sleep(Duration::from_millis(1 + waits.below(59)));
        assert!(child.try_wait().unwrap().is_none(), "it was over before kill {kill}");
        child.kill().unwrap();
        child.wait().unwrap();
        std::thread::sleep(Duration::from_millis(60));
        // What was sent in this life is new: nothing that was recorded in an earlier one.
        for request in added(&log, &mut logged).lines() {
            assert!(!paid.contains(request), "a recorded call was made again in life {kill}");
        }
        for line in added(&journal, &mut read).lines() {
            if let Event::Call(call) = serde_json::from_str::<Line>(line).unwrap().event {
                let request = call.request.unwrap();
                let new = paid.insert(Digest::of(request.get().as_bytes()).to_string());
                assert!(new, "a call is recorded twice");
            }
        }
        child = command(&resumed, "8").spawn().unwrap();
    }
    assert!(paid.len() > 1_000, "{} calls in 200 lives", paid.len());
    drop(child.kill());
    child.wait().unwrap();
    // The end is a calm one, and so is a second run to compare with.
    assert!(command(&resumed, "64").status().unwrap().success());
    let calm = [&asked[..], &["--runs-dir", "calm"]].concat();
    assert!(command(&calm, "64").status().unwrap().success());
    let scored = |run: &Path| {
        let arguments = ["score", "--json", "--tasks-dir", "tasks", run.to_str().unwrap()];
        nameless(trustmh(folder, arguments).with_code(0).json())
    };
    assert_eq!(scored(&run), scored(&only_run(&folder.join("calm"))));
    assert_each_call_once(&run, 5_000);
}

fn resume(folder: &Path, run: &Path) -> std::process::Child {
    program(folder)
        .args(["resume", "--connections", "8", "--json", "--data"])
        .args([&shared("data").unwrap(), run])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn assert_each_call_once(run: &Path, calls: usize) {
    let mut times: HashMap<String, usize> = HashMap::new();
    for event in journal(run) {
        if let Event::Call(call) = event {
            *times.entry(call.key.to_string()).or_default() += 1;
        }
    }
    assert_eq!(times.len(), calls, "as many different calls as an undisturbed run makes");
    assert!(times.values().all(|times| *times == 1), "each call is recorded once");
}

#[test]
fn a_torn_last_line_is_named_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let arguments = ["run", "--subject", "scripted/random", "--tasks", "ethics", "--json"];
    let whole = trustmh(folder, arguments).with_code(0);
    let run = only_run(&folder.join("runs"));
    let path = run.join("journal.jsonl");
    let bytes = fs::read(&path).unwrap();
    // Cut inside the last call, which takes the closing mark with it.
    let calls = bytes.windows(8).rposition(|window| window == b"{\"call\":").unwrap();
    fs::write(&path, &bytes[..calls + 100]).unwrap();

    let scored = trustmh(folder, ["score", run.to_str().unwrap(), "--json"]).with_code(4);
    assert!(scored.err.contains("was torn"), "{}", scored.err);
    assert_eq!(scored.json()[0]["tasks"]["ethics/reasoning"]["pending"], 1);
    let resumed = trustmh(folder, ["resume", run.to_str().unwrap(), "--json"]).with_code(0);
    assert_eq!(nameless(resumed.json()), nameless(whole.json()));
    let again = trustmh(folder, ["score", run.to_str().unwrap(), "--json"]).with_code(0);
    assert!(!again.err.contains("torn"), "{}", again.err);
}

#[test]
fn a_damaged_line_in_the_middle_is_an_error_with_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    trustmh(folder, ["run", "--subject", "scripted/random", "--tasks", "ethics"]).with_code(0);
    let run = only_run(&folder.join("runs"));
    let path = run.join("journal.jsonl");
    let mut lines = lines(&path);
    lines[4].truncate(20);
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    let scored = trustmh(folder, ["score", run.to_str().unwrap()]).with_code(2);
    assert!(scored.err.contains("line 5"), "{}", scored.err);
}

#[test]
fn a_run_that_is_worked_on_is_locked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let provider = Provider::start(&["--latency", "400"]);
    let mut child = program(folder)
        .args(["run", "--subject", "openai/slow", "--base-url", &provider.url, "--tasks", "ethics"])
        .args(["--connections", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let runs = folder.join("runs");
    let journal = loop {
        std::thread::sleep(Duration::from_millis(20));
        if let Some(entry) = fs::read_dir(&runs).ok().and_then(|mut entries| entries.next()) {
            let path = entry.unwrap().path().join("journal.jsonl");
            if fs::metadata(&path).is_ok_and(|file| file.len() > 0) {
                break path;
            }
        }
    };
    let run = journal.parent().unwrap();
    let second = trustmh(folder, ["resume", run.to_str().unwrap()]).with_code(2);
    assert!(second.err.contains("another process"), "{}", second.err);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_finished_run_is_resumed_without_a_call() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let log = folder.join("requests.log");
    let provider = Provider::start(&["--log", log.to_str().unwrap()]);
    let arguments = ["run", "--subject", "openai/x", "--base-url", &provider.url, "--json"];
    let first = trustmh(folder, arguments).with_code(0);
    let asked = lines(&log).len();
    let run = only_run(&folder.join("runs"));
    let second = trustmh(folder, ["resume", run.to_str().unwrap(), "--json"]).with_code(0);
    assert_eq!(nameless(first.json()), nameless(second.json()));
    assert_eq!(lines(&log).len(), asked);
}
