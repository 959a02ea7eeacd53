//! What goes wrong is named, ends with the documented code, and leaves a journal that opens.
use crate::support;
use std::fs;
use std::path::Path;

use crate::support::{Ended, Provider, only_run, program, trustmh};

const CANARY: &str = "sk-canary-4711-do-not-tell";

fn against(folder: &Path, provider: &Provider, more: &[&str]) -> Ended {
    let arguments = ["run", "--subject", "openai/x", "--base-url", &provider.url, "--tries", "2"];
    let output = program(folder)
        .args(arguments)
        .args(["--items", "3", "--tasks", "ethics"])
        .args(more)
        .env("OPENAI_API_KEY", CANARY)
        .output()
        .unwrap();
    support::ended(output)
}

/// The journal opens, and the key is nowhere in the run nor in what was printed.
fn assert_sound_and_secret(folder: &Path, ended: &Ended) {
    let run = only_run(&folder.join("runs"));
    // Trials that were never asked are pending.
    let scored = trustmh(folder, ["score", run.to_str().unwrap(), "--json"]);
    assert!(matches!(scored.code, Some(0 | 4)), "{}", scored.err);
    assert_secret(&run);
    assert!(!ended.out.contains("canary") && !ended.err.contains("canary"));
}

/// No file below the folder holds the key.
fn assert_secret(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_secret(&path);
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains("canary"), "{}", path.display());
    }
}

#[test]
fn a_missing_data_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["run", "--subject", "scripted/random", "--data", "nowhere"];
    let ended = trustmh(folder.path(), arguments).with_code(2);
    assert!(ended.err.contains("nowhere"), "{}", ended.err);
    assert!(!folder.path().join("runs").exists(), "nothing is left behind");
}

#[test]
fn an_unknown_task_is_named_with_the_way_to_the_list() {
    let folder = tempfile::tempdir().unwrap();
    for task in ["ethics/resoning", "nonsense"] {
        let arguments = ["run", "--subject", "scripted/random", "--tasks", task];
        let ended = trustmh(folder.path(), arguments).with_code(2);
        assert!(ended.err.contains(task) && ended.err.contains("tasks list"), "{}", ended.err);
    }
}

#[test]
fn slips_are_answered_by_what_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    for (line, said, meant) in [
        ("plan --subject opena/gpt-5", "--subject: no model `opena/gpt-5`", "`openai/gpt-5`"),
        ("plan --subject scripted/alway-refuse", "--subject: no model", "`scripted/always-refuse`"),
        (
            "plan --subject scripted/random --judge ofline",
            "--judge: no model `ofline`",
            "`offline`",
        ),
        ("plan --subject scripted/random --judge openia/x", "--judge: no model", "`openai/x`"),
        ("plan --subject scripted/random --judge gpt-99", "--judge: no model `gpt-99`", ""),
        (
            "plan --subject scripted/random --tasks crysis",
            "no task, pillar or suite `crysis`",
            "`crisis`",
        ),
        (
            "plan --subject scripted/random --tasks crisis/identificaton",
            "no task `crisis/identificaton`",
            "`crisis/identification`",
        ),
        (
            "plan --subject scripted/random --tasks conversatons",
            "`conversatons`",
            "`conversations`",
        ),
        ("plan --subject scripted/random --profile quik", "quik", "quick"),
        ("tasks show ethics/resoning", "no task", "`ethics/reasoning`"),
        ("gate --policy relese runs/x", "relese", "`release`"),
        ("judge talks.jsonl --rubric observd", "--rubric: no rubric `observd`", "`observed`"),
        ("data show xstst", "xstst", "`xstest`"),
        ("attack intents.txt --method bad-wrds", "bad-wrds", "`bad-words`"),
        ("perturb text --family charcter", "charcter", "character"),
        (
            "worker --cluster nats://h --model-endpoint opena/x",
            "--model-endpoint: no model",
            "`openai/x`",
        ),
        ("validate ofline", "JUDGE: no model `ofline`", "`offline`"),
        ("resume runs/x --base-url y", "unexpected argument", "is an option of `trustmh run`"),
        ("plan --subject scripted/random --items 0", "invalid value '0'", "a whole number above 0"),
        ("plan --subject scripted/random --items zero", "invalid value 'zero'", "a whole number"),
    ] {
        let ended = trustmh(folder.path(), line.split(' ')).with_code(2);
        assert!(ended.err.contains(said) && ended.err.contains(meant), "{line}: {}", ended.err);
    }
}

#[test]
fn malformed_task_files_are_named_with_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let ethics =
        trustmh(folder.path(), ["tasks", "show", "ethics/reasoning", "--json"]).with_code(0);
    assert_eq!(ethics.json()["id"], "ethics/reasoning");
    let tasks = folder.path().join("mine/ethics");
    fs::create_dir_all(&tasks).unwrap();
    let path = tasks.join("reasoning.toml");
    fs::write(&path, "id = \"ethics/reasoning\"\nversion = \"one\"\n").unwrap();
    let check = ["tasks", "check", "--tasks-dir", "mine"];
    let ended = trustmh(folder.path(), check).with_code(2);
    let said = format!("{}{}", ended.out, ended.err);
    for part in ["reasoning.toml", "line 2", "version"] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
    let run = ["run", "--subject", "scripted/random", "--tasks-dir", "mine"];
    trustmh(folder.path(), run).with_code(2);
}

#[test]
fn refused_credentials_stop_the_run_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.log");
    let provider = Provider::start(&["--fault", "unauthorized", "--log", log.to_str().unwrap()]);
    let ended = against(folder.path(), &provider, &["--connections", "1"]).with_code(3);
    assert!(ended.err.contains("401") && ended.err.contains("OPENAI_API_KEY"), "{}", ended.err);
    let asked = fs::read_to_string(&log).unwrap().lines().count();
    assert_eq!(asked, 1, "a refusal of credentials is not asked for again");
    assert_sound_and_secret(folder.path(), &ended);
}

#[test]
fn faults_of_the_server_break_calls_and_are_counted() {
    for fault in ["wrong-json", "cut-json", "empty-body", "server-error", "rate-limit"] {
        let folder = tempfile::tempdir().unwrap();
        let provider = Provider::start(&["--fault", fault]);
        let ended = against(folder.path(), &provider, &["--json"]).with_code(3);
        let outcomes = &ended.json()[0]["tasks"]["ethics/reasoning"]["outcomes"];
        assert_eq!(outcomes["failed"], 3, "{fault}: {outcomes}");
        assert_eq!(outcomes["scored"], 0, "{fault}: {outcomes}");
        assert_sound_and_secret(folder.path(), &ended);
    }
}

#[test]
fn passing_faults_are_retried_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start(&["--fault", "rate-limit", "--fault-every", "2"]);
    let more = ["--json", "--connections", "1", "--tries", "4"];
    let ended = against_with_tries(folder.path(), &provider, &more).with_code(0);
    assert_eq!(ended.json()[0]["tasks"]["ethics/reasoning"]["outcomes"]["scored"], 3);
}

fn against_with_tries(folder: &Path, provider: &Provider, more: &[&str]) -> Ended {
    let arguments = ["run", "--subject", "openai/x", "--base-url", &provider.url];
    let scope = ["--items", "3", "--tasks", "ethics"];
    trustmh(folder, arguments.into_iter().chain(scope).chain(more.iter().copied()))
}

#[test]
fn a_withheld_reply_is_an_outcome_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start(&["--fault", "content-filter"]);
    let ended = against(folder.path(), &provider, &["--json"]);
    let outcomes = &ended.json()[0]["tasks"]["ethics/reasoning"]["outcomes"];
    assert_eq!(outcomes["refused"], 3, "{outcomes}");
}

#[test]
fn nobody_listening_ends_with_the_code_for_that() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["run", "--subject", "openai/x", "--base-url", "http://127.0.0.1:9/v1"];
    let scope = ["--items", "1", "--tasks", "ethics", "--tries", "1"];
    let ended = trustmh(folder.path(), arguments.into_iter().chain(scope)).with_code(3);
    assert!(ended.err.contains("127.0.0.1:9"), "{}", ended.err);
}

#[test]
fn a_run_of_another_version_is_refused_by_both_versions_names() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    trustmh(folder, ["run", "--subject", "scripted/random", "--tasks", "ethics"]).with_code(0);
    let run = only_run(&folder.join("runs"));
    let path = run.join("run.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"format\": 3", "\"format\": 7", 1)).unwrap();
    for command in ["score", "resume", "report"] {
        let ended = trustmh(folder, [command, run.to_str().unwrap()]).with_code(2);
        assert!(ended.err.contains("format 7"), "{}", ended.err);
    }
}

#[test]
fn what_is_no_run_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let ended = trustmh(folder.path(), ["score", "."]).with_code(2);
    assert!(ended.err.contains("holds no run"), "{}", ended.err);
}

/// A full disk, as a process meets it: the system refuses to let a file grow.
#[cfg(unix)]
#[test]
fn a_full_disk_stops_the_run_and_what_was_recorded_stays() {
    const TASKS: &str = "safety,privacy/leakage";
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // 64 blocks of 512 or 1024 bytes, by the shell; the journal of this run grows beyond either.
    let script = format!(
        "trap '' XFSZ; ulimit -f 64; exec {} run --connections 1 --judge offline --subject scripted/leaks-everything --tasks {TASKS}",
        support::PROGRAM
    );
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .env_remove("TRUSTMH_DATA")
        .output()
        .unwrap();
    let ended = support::ended(output).with_code(4);
    assert!(ended.err.contains("trustmh resume"), "{}", ended.err);
    let run = only_run(&folder.join("runs"));
    let size = fs::metadata(run.join("journal.jsonl")).unwrap().len();
    assert!(size > 16_000, "{size} bytes were written before the disk was full");
    trustmh(folder, ["resume", run.to_str().unwrap(), "--json"]).with_code(0);

    let other = tempfile::tempdir().unwrap();
    let arguments = ["run", "--subject", "scripted/leaks-everything", "--json", "--tasks", TASKS];
    let whole = trustmh(other.path(), arguments).with_code(0).json();
    let mended = trustmh(folder, ["score", run.to_str().unwrap(), "--json"]).with_code(0).json();
    assert_eq!(whole[0]["tasks"], mended[0]["tasks"]);
}

#[test]
fn a_subject_does_not_judge_itself_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["run", "--subject", "scripted/judge", "--judge", "scripted/judge", "--tasks", "safety"];
    let ended = trustmh(folder.path(), arguments).with_code(2);
    assert!(ended.err.contains("--allow-self-judge"), "{}", ended.err);
    let allowed = arguments.into_iter().chain(["--allow-self-judge", "--json", "--items", "2"]);
    let card = trustmh(folder.path(), allowed).json();
    assert!(card[0]["caveats"].to_string().contains("judged itself"), "{card}");
}
