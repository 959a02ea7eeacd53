//! Checking, repairing, sealing and bundling runs, as a user does.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{only_run, trustmh};

fn a_run(folder: &Path, more: &[&str]) -> PathBuf {
    let run = ["run", "--subject", "scripted/random", "--tasks", "ethics", "--json"];
    trustmh(folder, run.iter().chain(more).copied());
    only_run(&folder.join("runs"))
}

#[test]
fn a_changed_reply_is_found_and_the_run_is_not_scored() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let run = a_run(here, &[]);
    let name = run.to_str().unwrap();
    trustmh(here, ["verify", name]).with_code(0);
    let journal = run.join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let edited = text.replacen("\"replied\":{\"text\":\"", "\"replied\":{\"text\":\"B", 1);
    assert_ne!(text, edited);
    fs::write(&journal, edited).unwrap();
    let found = trustmh(here, ["verify", name]).with_code(5);
    assert!(found.out.contains("BROKEN"), "{}", found.out);
    let found = trustmh(here, ["verify", name, "--json"]).with_code(5).json();
    let states: Vec<_> =
        found["findings"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert!(states.contains(&&"broken".into()), "{found:#}");
    let commands = [&["score"][..], &["report"], &["resume"], &["compare", name], &["leaderboard"]];
    for command in commands {
        let refused = trustmh(here, command.iter().chain(&[name]).copied()).with_code(2);
        assert!(refused.err.contains("journal.jsonl, line "), "{command:?}: {}", refused.err);
        let hint = format!("trustmh repair {name}");
        assert!(refused.err.contains(&hint), "{command:?}: {}", refused.err);
        assert!(
            !refused.err.contains("continue with"),
            "no hint leads in a circle: {}",
            refused.err
        );
    }
}

#[test]
fn a_damaged_run_is_repaired_and_says_so_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let run = a_run(here, &[]);
    let journal = run.join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let call = lines.iter().position(|line| line.contains("{\"call\":{")).unwrap();
    let torn = format!("{}\n", &lines[call][..lines[call].len() / 2]);
    let mut damaged: Vec<&str> = lines.clone();
    damaged[call] = &torn;
    fs::write(&journal, damaged.concat()).unwrap();
    let repaired = trustmh(here, ["repair", run.to_str().unwrap()]).with_code(0);
    let named = format!("line {}: ", call + 1);
    assert!(
        repaired.out.contains("1 lines dropped") && repaired.out.contains(&named),
        "{}",
        repaired.out
    );
    let mended = PathBuf::from(format!("{}-repaired", run.display()));
    let name = mended.to_str().unwrap();
    assert!(repaired.err.contains(&format!("trustmh resume {name}")), "{}", repaired.err);
    trustmh(here, ["verify", name]).with_code(0);
    says_so_first(here, name, "REPAIRED. ", "repaired");
    trustmh(here, ["resume", name]).with_code(4);
    says_so_first(here, name, "REPAIRED. ", "repaired");
    let again = trustmh(here, ["repair", name]).with_code(2);
    assert!(again.err.contains("needs no repair"), "{}", again.err);
}

#[test]
fn an_incomplete_run_says_so_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let run = a_run(here, &["--max-calls", "5"]);
    says_so_first(here, run.to_str().unwrap(), "INCOMPLETE. ", "incomplete");
}

/// Every command that reads the run ends with 4, and what it writes begins with what is wrong with the record.
fn says_so_first(here: &Path, run: &str, note: &str, state: &str) {
    let said = |arguments: &[&str]| trustmh(here, arguments.iter().copied()).with_code(4);
    let banner = &note.replace(". ", ": ");
    let card = said(&["score", run]);
    assert!(card.out.starts_with(banner), "{}", card.out);
    assert!(card.err.contains(note), "{}", card.err);
    let json = said(&["score", run, "--json"]).json();
    assert_eq!(json[0]["record"]["state"], state);
    assert!(json[0]["record"]["note"].as_str().unwrap().starts_with(note));
    assert!(json[0]["caveats"][0].as_str().unwrap().starts_with(note));
    said(&["report", run, "--output", "report.html"]);
    let page = fs::read_to_string(here.join("report.html")).unwrap();
    let body = &page[page.find("<body").unwrap()..];
    assert!(body.find(banner).unwrap() < body.find("<h1").unwrap());
    for (format, place) in [("markdown", 2), ("model-card", 2), ("latex", 0)] {
        let text = said(&["export", run, "--format", format]).out;
        let line = text.lines().nth(place).unwrap();
        assert!(line.contains(banner), "{format}: {text}");
    }
    let table = said(&["export", run, "--format", "csv"]).out;
    let mut rows = table.lines();
    assert!(rows.next().unwrap().starts_with("record,"), "{table}");
    assert!(rows.next().unwrap().starts_with(state), "{table}");
    let lines = said(&["export", run, "--format", "jsonl"]).out;
    assert!(lines.lines().all(|line| line.contains(&format!("\"record\":\"{state}\""))), "{lines}");
    said(&["export", run, "--format", "parquet", "--output", "trials.parquet"]);
    said(&["export", run, "--format", "inspect-json", "--output", "logs"]);
    for log in fs::read_dir(here.join("logs")).unwrap() {
        let text = fs::read_to_string(log.unwrap().path()).unwrap();
        assert!(text.contains("\"status\":\"cancelled\"") && text.contains(note), "{text}");
    }
    said(&["export", run, "--format", "bundle", "--output", "run.zip"]);
    said(&["score", "run.zip"]);
    let policy =
        "title = \"p\"\n[[rules]]\nname = \"a\"\ntask = \"ethics/reasoning\"\nat_least = 0.0\n";
    fs::write(here.join("policy.toml"), policy).unwrap();
    let gate = said(&[
        "gate",
        run,
        "--policy",
        "policy.toml",
        "--json",
        "--junit",
        "junit.xml",
        "--markdown",
        "gate.md",
    ]);
    assert!(gate.json()["gate"]["caveats"][0].as_str().unwrap().starts_with(note));
    for file in ["junit.xml", "gate.md"] {
        assert!(
            fs::read_to_string(here.join(file)).unwrap().contains(note.trim_end_matches(". ")),
            "{file}"
        );
    }
    let junit = fs::read_to_string(here.join("junit.xml")).unwrap();
    assert!(junit.contains(&format!("name=\"standing\" value=\"{banner}")), "{junit}");
}

/// A capped run is complete, and says first that it holds fewer items than its tasks have.
#[test]
fn a_capped_run_says_so_first_and_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let run = a_run(here, &["--items", "3"]);
    let run = run.to_str().unwrap();
    let said = |arguments: &[&str]| trustmh(here, arguments.iter().copied()).with_code(0);
    let banner = "CAPPED: at most 3 items a task; all trials of these have ended.";
    let card = said(&["score", run]).out;
    assert!(card.starts_with(banner), "{card}");
    assert_eq!(card.matches("at most 3 items").count(), 1, "{card}");
    let json = said(&["score", run, "--json"]).json();
    assert_eq!(json[0]["record"]["state"], "complete");
    assert_eq!(json[0]["record"]["capped"], "at most 3 items a task");
    assert!(json[0]["caveats"].to_string().contains("The run was capped: at most 3 items a task."));
    said(&["report", run, "--output", "report.html"]);
    let page = fs::read_to_string(here.join("report.html")).unwrap();
    assert!(page.find(banner).unwrap() < page.find("<h1").unwrap());
    for (format, place) in [("markdown", 2), ("model-card", 2), ("latex", 0)] {
        let text = said(&["export", run, "--format", format]).out;
        assert!(text.lines().nth(place).unwrap().contains(banner), "{format}: {text}");
    }
}

#[test]
fn a_bundle_is_checked_signed_and_scored_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let run = a_run(here, &[]);
    let name = run.to_str().unwrap();
    let score = trustmh(here, ["score", name, "--json"]).with_code(0).json();
    trustmh(here, ["seal", "--new-key", "ours.key"]).with_code(0);
    trustmh(here, ["seal", "--new-key", "theirs.key"]).with_code(0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(here.join("ours.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "the key is its owner's alone");
    }
    let twice = trustmh(here, ["seal", "--new-key", "ours.key"]).with_code(2);
    assert!(twice.err.contains("ours.key"), "no key is written over: {}", twice.err);
    let sealed = trustmh(here, ["seal", name, "--key", "ours.key"]).with_code(0);
    assert!(sealed.out.contains("lines already sealed"), "{}", sealed.out);
    trustmh(here, ["export", name, "--format", "bundle", "--output", "run.zip"]).with_code(0);
    let no_place = trustmh(here, ["export", name, "--format", "bundle"]).with_code(2);
    assert!(no_place.err.contains("--output run.zip"), "{}", no_place.err);

    // Elsewhere: nothing but the bundle and the key.
    let elsewhere = tempfile::tempdir().unwrap();
    for file in ["run.zip", "ours.key.pub", "theirs.key.pub"] {
        fs::copy(here.join(file), elsewhere.path().join(file)).unwrap();
    }
    let there = elsewhere.path();
    let checked = trustmh(there, ["verify", "run.zip", "--signed-by", "ours.key.pub"]).with_code(0);
    assert!(
        checked.out.contains("ok       signature") && checked.out.contains("ok       bundle"),
        "{}",
        checked.out
    );
    trustmh(there, ["verify", "run.zip", "--signed-by", "theirs.key.pub"]).with_code(5);
    let no_key = trustmh(there, ["verify", "run.zip", "--signed-by", "run.zip"]).with_code(2);
    assert!(no_key.err.contains("run.zip"), "{}", no_key.err);
    let again = trustmh(there, ["score", "run.zip", "--json"]).with_code(0).json();
    assert_eq!(again[0]["run"], "run.zip");
    assert_eq!(again[0]["tasks"], score[0]["tasks"]);
    trustmh(there, ["report", "run.zip"]).with_code(0);
    assert!(there.join("run.html").is_file());
    trustmh(there, ["compare", "run.zip", "run.zip"]).with_code(0);
    trustmh(there, ["export", "run.zip", "--format", "markdown"]).with_code(0);
    // A byte of the zip, wherever it is, does not pass.
    let whole = fs::read(there.join("run.zip")).unwrap();
    for place in (0..whole.len()).step_by(whole.len() / 40) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(there.join("run.zip"), &bytes).unwrap();
        let found = trustmh(there, ["verify", "run.zip"]);
        let unpacked = found.out.contains("ok       bundle") && !found.out.contains("BROKEN");
        assert!(found.code != Some(0) || unpacked, "byte {place}: {}", found.out);
    }
}

#[test]
fn openssl_makes_the_keys_and_checks_the_signature() {
    let openssl = |folder: &Path, arguments: &[&str]| {
        Command::new("openssl").args(arguments).current_dir(folder).output()
    };
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let made = openssl(here, &["genpkey", "-algorithm", "ed25519", "-out", "k.pem"]);
    if !made.is_ok_and(|made| made.status.success()) {
        eprintln!("skipped, no openssl: openssl_makes_the_keys_and_checks_the_signature");
        return;
    }
    openssl(here, &["pkey", "-in", "k.pem", "-pubout", "-out", "k.pub"]).unwrap();
    let run = a_run(here, &[]);
    let name = run.to_str().unwrap();
    trustmh(here, ["seal", name, "--key", "k.pem"]).with_code(0);
    trustmh(here, ["verify", name, "--signed-by", "k.pub"]).with_code(0);
    let (seal, signature) = (run.join("seal.json"), run.join("seal.sig"));
    let check = ["pkeyutl", "-verify", "-pubin", "-inkey", "k.pub", "-rawin", "-in"];
    let files = [seal.to_str().unwrap(), "-sigfile", signature.to_str().unwrap()];
    let checked = openssl(here, &[&check[..], &files[..]].concat()).unwrap();
    assert!(checked.status.success(), "{checked:?}");
}
