//! Everything but calls to remote models and downloads works on a machine without any network.
use std::path::Path;
use std::process::Command;

use crate::support::{Ended, PROGRAM, ended, only_run};

/// The program in a network namespace of its own, in which there is nothing, not even loopback. Where the system does not let us make one
/// (some containers), proxies that nobody serves stand in for it.
fn offline(folder: &Path, arguments: &[&str]) -> Ended {
    let cut = |program: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--net", "--map-root-user"]).args(program);
        command
    };
    let mut command = match cut(&["true"]).output() {
        Ok(tried) if tried.status.success() => cut(&[PROGRAM]),
        _ => Command::new(PROGRAM),
    };
    command.args(arguments).current_dir(folder).env_remove("TRUSTMH_DATA");
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(proxy, "http://127.0.0.1:9");
    }
    ended(command.output().unwrap())
}

#[test]
fn the_whole_of_a_runs_life_needs_no_network() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for subject in ["scripted/random", "scripted/always-refuse"] {
        let run = ["run", "--subject", subject, "--items", "4", "--runs-dir", subject];
        offline(here, &run).with_code(0);
    }
    let one = only_run(&here.join("scripted/random")).display().to_string();
    let other = only_run(&here.join("scripted/always-refuse")).display().to_string();
    for arguments in [
        &["score", &one, &other, "--json"][..],
        &["report", &one],
        &["compare", &one, &other],
        &["leaderboard", &one, &other],
        &["export", &one, "--format", "parquet", "--output", "trials.parquet"],
        &["verify", &one],
        &["resume", &one],
        &["tasks", "check"],
        &["data", "list"],
        &["data", "show", "ethicmh"],
        &["plan", "--subject", "openai/gpt-5.1"],
        &["power", "--difference", "0.05", "--discordant", "0.2"],
        &["perturb", "I have been feeling low for weeks", "--family", "word", "--level", "low"],
    ] {
        let ended = offline(here, arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.err);
    }
}

#[test]
fn what_needs_a_network_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let fetch = offline(here, &["data", "fetch", "usmle-mental", "--data", "data"]).with_code(3);
    assert!(fetch.err.contains("error: "), "{}", fetch.err);
    let left: Vec<_> = walk(&here.join("data"));
    assert!(left.is_empty(), "{left:?}");
    let asked = [
        "run",
        "--subject",
        "openai/x",
        "--base-url",
        "http://192.0.2.1:8000/v1",
        "--tasks",
        "ethics",
    ];
    let asked = offline(here, &[&asked[..], &["--tries", "1", "--connect-timeout", "1"]].concat());
    let asked = asked.with_code(3);
    assert!(
        asked.err.contains("cannot be reached") || asked.err.contains("did not answer"),
        "{}",
        asked.err
    );
    // And the README names what does.
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    for needs in ["remote models", "`trustmh data fetch`", "`trustmh weights fetch`"] {
        assert!(readme.contains(needs), "{needs}");
    }
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
