//! Runs whose calls workers make, as a test follows them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use trustmh_run::journal::{Call, Event, Line};

use super::{only_run, program};

/// A run on `tasks` whose calls workers make.
pub fn cluster_run<'a>(server: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["run", "--cluster", server, "--json"], more].concat()
}

pub fn calls(run: &Path) -> Vec<Call> {
    let bytes = fs::read(run.join("journal.jsonl")).unwrap_or_default();
    let whole = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let events = whole.map(|line| serde_json::from_slice::<Line>(line).unwrap().event);
    let calls = events.filter_map(|event| match event {
        Event::Call(call) => Some(*call),
        Event::Session(_)
        | Event::Finish(_)
        | Event::Interrupted(_)
        | Event::Lesson(_)
        | Event::Trial(_)
        | Event::Reuse { .. }
        | Event::Forgotten(_)
        | Event::Scored(_)
        | Event::Forgot(_) => None,
    });
    calls.collect()
}

pub fn spawn(folder: &Path, arguments: &[&str], log: &str) -> Child {
    let log = fs::File::options().create(true).append(true).open(folder.join(log)).unwrap();
    program(folder).args(arguments).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// How often each request reached the provider, by the hash of its body.
pub fn asked(log: &Path) -> HashMap<String, u32> {
    let mut asked = HashMap::new();
    for line in fs::read_to_string(log).unwrap_or_default().lines() {
        *asked.entry(line.to_owned()).or_default() += 1;
    }
    asked
}

pub fn wait_until(what: &str, limit: Duration, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < limit, "{what}: not within {} s", limit.as_secs());
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn the_run(folder: &Path) -> PathBuf {
    let runs = folder.join("runs");
    let there = || fs::read_dir(&runs).is_ok_and(|mut runs| runs.next().is_some());
    wait_until("a run begins", Duration::from_secs(60), there);
    only_run(&runs)
}
