//! Studies: many runs from one file, killed and resumed, moved and tampered with.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use trustmh_core::call::CallEnd;
use trustmh_run::journal::{Event, Line};

use crate::browser::driver::Browser;
use crate::support::{Ended, Provider, program, trustmh};

/// Three subjects by two judges on all tasks of the benchmark.
const WHOLE: &str = r#"
[study]
name = "Whole"
[[subjects]]
name = "Refuses"
model = "scripted/always-refuse"
[[subjects]]
name = "Always A"
model = "scripted/always-a"
system_text = "You are a coach."
[[subjects]]
name = "Random / ünï"
model = "scripted/random:3"
system = "prompts/coach.txt"
[[judges]]
model = "offline"
[[judges]]
name = "Second"
model = "scripted/judge:1"
[data]
items = 2
trials = 4
"#;

fn folder(study: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("prompts")).unwrap();
    fs::write(folder.path().join("prompts/coach.txt"), "You coach people. Ask before you advise.")
        .unwrap();
    fs::write(folder.path().join("study.toml"), study).unwrap();
    folder
}

fn study(folder: &Path, arguments: &[&str]) -> Ended {
    trustmh(folder, ["study"].iter().chain(arguments))
}

fn journals(study: &Path) -> Vec<PathBuf> {
    let Ok(runs) = fs::read_dir(study.join("runs")) else { return Vec::new() };
    let mut all: Vec<PathBuf> = runs.map(|run| run.unwrap().path().join("journal.jsonl")).collect();
    all.retain(|journal| journal.is_file());
    all.sort();
    all
}

/// How often each call of the study was made, by its key: a call that another run took over keeps its time.
fn made(study: &Path) -> BTreeMap<String, usize> {
    let mut made: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for journal in journals(study) {
        for line in fs::read_to_string(journal).unwrap().lines() {
            let Event::Call(call) = serde_json::from_str::<Line>(line).unwrap().event else {
                continue;
            };
            if matches!(call.end, CallEnd::Replied(_)) {
                let subject = call.purpose == trustmh_core::call::Purpose::Subject { turn: 0 };
                let key = format!("{subject} {} {}", call.key, call.model);
                made.entry(key).or_default().insert(call.at.unwrap().to_string());
            }
        }
    }
    made.into_iter().map(|(key, times)| (key, times.len())).collect()
}

/// Begins a study and kills it once its journals hold this many bytes.
fn killed(folder: &Path, output: &str, bytes: u64) {
    let mut child = program(folder)
        .args(["study", "run", "study.toml", "--output", output, "--progress", "none"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let size = || -> u64 {
        journals(&folder.join(output))
            .iter()
            .map(|journal| fs::metadata(journal).map_or(0, |of| of.len()))
            .sum()
    };
    while size() < bytes && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_study_that_is_killed_moved_and_scored_again_comes_to_the_same() {
    let folder = folder(WHOLE);
    let at = folder.path();
    let quiet = ["--progress", "none", "--json"];
    let whole = study(at, &[&["run", "study.toml"], &quiet[..]].concat());
    let whole = Ended { code: Some(0), ..whole }.json();
    assert_eq!(whole["runs"].as_array().unwrap().len(), 6, "{}", whole["missing"]);
    let cards = whole["scorecards"].as_array().unwrap();
    assert!(cards.iter().all(|card| card["tasks"].as_object().unwrap().len() == 19));
    let size: u64 =
        journals(&at.join("studies/whole")).iter().map(|of| fs::metadata(of).unwrap().len()).sum();

    killed(at, "first", size / 8);
    killed_again(at, "first", size / 2);
    let before = made(&at.join("first"));
    assert!(
        !before.is_empty() && before.len() < made(&at.join("studies/whole")).len(),
        "killed midway"
    );
    let resumed = study(at, &[&["resume", "first"], &quiet[..]].concat());
    assert_eq!(resumed.json(), whole, "{}", resumed.err);
    let after = made(&at.join("first"));
    let twice: Vec<&String> =
        after.iter().filter(|(_, times)| **times > 1).map(|(key, _)| key).collect();
    assert!(twice.is_empty(), "made twice: {twice:?}");
    assert_eq!(
        after.keys().collect::<Vec<_>>(),
        made(&at.join("studies/whole")).keys().collect::<Vec<_>>()
    );

    // What is derived is made again elsewhere, without the file, to the same bytes.
    fs::create_dir(at.join("elsewhere")).unwrap();
    fs::rename(at.join("first"), at.join("elsewhere/archive")).unwrap();
    fs::remove_file(at.join("study.toml")).unwrap();
    let archive = at.join("elsewhere/archive");
    let pages = [
        "comparison.html",
        "comparison-by-second.html",
        "comparison-by-offline.csv",
        "leaderboard-by-second.html",
    ];
    let read = |name: &str| fs::read_to_string(archive.join(name)).unwrap();
    let was = pages.map(read);
    pages.iter().for_each(|page| fs::remove_file(archive.join(page)).unwrap());
    let again = study(at, &["report", "elsewhere/archive", "--json"]);
    assert_eq!(again.json(), whole);
    assert_eq!(pages.map(read), was);
    let overview = &was[0];
    for name in ["Refuses", "Always A", "Random / ünï", "comparison-by-second.html", "alpha"] {
        assert!(overview.contains(name), "{name}");
    }
    let text = again.out + &was.concat();
    assert!(!text.contains(&at.display().to_string()), "paths of this machine");
}

/// Resumes a study and kills it once its journals hold this many bytes.
fn killed_again(folder: &Path, output: &str, bytes: u64) {
    let mut child = program(folder)
        .args(["study", "resume", output, "--progress", "none"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let size = || -> u64 {
        journals(&folder.join(output))
            .iter()
            .map(|journal| fs::metadata(journal).map_or(0, |of| of.len()))
            .sum()
    };
    while size() < bytes && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn lines(log: &Path) -> usize {
    fs::read_to_string(log).map_or(0, |text| text.lines().count())
}

#[test]
fn runs_at_the_same_time_pay_from_one_purse_that_lasts_over_resumes() {
    let logs = tempfile::tempdir().unwrap();
    let log = |name: &str| logs.path().join(name);
    // Slow enough that neither has spent it all before the other begins.
    let start = |name: &str| {
        let options = ["--behaviour", "random:1", "--latency", "200", "--log"];
        Provider::start(&[&options[..], &[log(name).to_str().unwrap()]].concat())
    };
    let (one, two) = (start("one"), start("two"));
    let text = format!(
        "[study]\nname = \"Purse\"\n[[subjects]]\nname = \"one\"\nmodel = \"openai/x\"\nbase_url = \"{}\"\nconnections = 2\n\
         [[subjects]]\nname = \"two\"\nmodel = \"openai/x\"\nbase_url = \"{}\"\nconnections = 2\n[[judges]]\nmodel = \"none\"\n\
         [data]\ntasks = [\"reliability/knowledge\", \"ethics/reasoning\"]\n[limits]\nmax_calls = 10\n",
        one.url, two.url
    );
    let folder = folder(&text);
    let at = folder.path();
    let asked = || lines(&log("one")) + lines(&log("two"));
    let first = study(at, &["run", "study.toml", "--progress", "none"]).with_code(4);
    assert!(
        first.err.contains("the limit on calls (10) holds for the whole study"),
        "{}",
        first.err
    );
    assert!(first.out.starts_with("INCOMPLETE: "), "{}", first.out);
    assert_eq!(asked(), 10, "all runs together");
    assert!(lines(&log("one")) > 0 && lines(&log("two")) > 0, "at the same time");
    let second = study(at, &["resume", "studies/purse", "--progress", "none"]).with_code(4);
    assert!(second.err.contains("--max-calls N"), "{}", second.err);
    assert_eq!(asked(), 10, "what was spent stays spent");
    study(at, &["resume", "study.toml", "--max-calls", "17", "--progress", "none"]).with_code(4);
    assert_eq!(asked(), 17);
    let again = study(at, &["run", "study.toml"]).with_code(2);
    assert!(again.err.contains("trustmh study resume studies/purse"), "{}", again.err);
    study(at, &["resume", "studies/purse", "--max-calls", "100000", "--progress", "none"])
        .with_code(0);
    let all = asked();
    study(at, &["resume", "studies/purse", "--progress", "none"]).with_code(0);
    assert_eq!(asked(), all, "a study that is complete asks nothing");
}

#[test]
fn a_damaged_run_is_told_and_the_others_are_reported() {
    let folder = folder(SMALL);
    let at = folder.path();
    study(at, &["run", "study.toml", "--progress", "none", "--output", "made"]).with_code(0);
    let journal = journals(&at.join("made")).remove(0);
    let whole = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, whole.replacen("A", "B", 1)).unwrap();
    let told = study(at, &["report", "made"]);
    assert_ne!(told.code, Some(0), "{}", told.out);
    assert!(
        told.out
            .starts_with("INCOMPLETE: 1 of 2 runs not complete.\n  ! A by none: cannot be read: "),
        "{}",
        told.out
    );
    // What was sealed is not told as never begun.
    fs::remove_file(&journal).unwrap();
    let told = study(at, &["report", "made"]);
    assert_ne!(told.code, Some(0));
    assert!(
        !told.out.contains("was not begun") && told.out.contains("cannot be read"),
        "{}",
        told.out
    );
}

#[test]
fn a_study_that_cannot_run_here_is_valid_and_says_so() {
    let text = "[study]\nname = \"x\"\n[[subjects]]\nmodel = \"openai/x\"\nkey_env = \"TRUSTMH_NO_SUCH_KEY\"\n[[judges]]\nmodel = \"none\"\n";
    let folder = folder(text);
    let checked = study(folder.path(), &["check"]).with_code(0);
    let said = "It cannot run here yet: no API key for openai/x: TRUSTMH_NO_SUCH_KEY is not set";
    assert!(checked.out.contains("study.toml is valid: 1 subject, 1 judge, "), "{}", checked.out);
    assert!(checked.out.contains(said) && !checked.out.contains("--key-env"), "{}", checked.out);
    assert_eq!(study(folder.path(), &["check", "--json"]).with_code(0).json()["ready"], false);
}

#[test]
fn every_limit_is_raised_where_the_study_is_resumed() {
    let text = "[study]\nname = \"Client\"\n[[subjects]]\nmodel = \"scripted/complies\"\n[[judges]]\nmodel = \"offline\"\n\
         [client]\nmodel = \"scripted/complies\"\n[data]\ntasks = [\"crisis/conversation\"]\nitems = 2\n[limits]\nmax_client_calls = 2\n";
    let folder = folder(text);
    let at = folder.path();
    let first = study(at, &["run", "study.toml", "--progress", "none"]).with_code(4);
    let said = "the limit on the client's calls (2) holds for the whole study";
    assert!(
        first.err.contains(said) && first.err.contains("--max-client-calls N"),
        "{}",
        first.err
    );
    let tokens = ["resume", "studies/client", "--progress", "none", "--max-client-calls", "1000"];
    let tokens = [&tokens[..], &["--max-client-tokens", "1"]].concat();
    let second = study(at, &tokens).with_code(4);
    assert!(second.err.contains("--max-client-tokens N"), "{}", second.err);
    let last = ["resume", "studies/client", "--progress", "none", "--max-client-calls", "1000"];
    study(at, &last).with_code(0);
    for option in ["--data", "--tasks-dir"] {
        let refused = study(at, &["resume", "studies/client", option, "."]).with_code(2);
        assert!(refused.err.contains(&format!("{option} has no effect")), "{}", refused.err);
    }
}

#[test]
fn a_subject_may_be_its_own_judge_by_another_name_where_the_study_says_so() {
    let text = |allows: bool| {
        format!(
            "[study]\nname = \"Itself\"\nallow_self_judge = {allows}\n[[subjects]]\nmodel = \"gpt-4o-mini\"\n\
             [[judges]]\nmodel = \"openai/gpt-4o-mini\"\n[data]\ntasks = [\"crisis/escalation\"]\nitems = 1\n"
        )
    };
    let folder = folder(&text(true));
    study(folder.path(), &["check"]).with_code(0);
    fs::write(folder.path().join("study.toml"), text(false)).unwrap();
    let refused = study(folder.path(), &["check"]).with_code(2);
    assert!(refused.err.contains("subject and judge are the same model"), "{}", refused.err);
}

#[test]
fn one_broken_endpoint_ends_its_own_runs_and_is_said_first() {
    let refuses = Provider::start(&["--fault", "unauthorized"]);
    let text = format!(
        "[study]\nname = \"Broken\"\n[[subjects]]\nname = \"Refused\"\nmodel = \"openai/x\"\nbase_url = \"{}\"\n\
         [[subjects]]\nname = \"Nobody\"\nmodel = \"openai/y\"\nbase_url = \"http://127.0.0.1:9\"\n\
         [[subjects]]\nname = \"Well\"\nmodel = \"scripted/always-a\"\n[[judges]]\nmodel = \"none\"\n\
         [data]\ntasks = [\"reliability/knowledge\"]\nitems = 4\n[calls]\ntries = 1\n",
        refuses.url
    );
    let folder = folder(&text);
    let at = folder.path();
    let ended = study(at, &["run", "study.toml", "--progress", "none"]).with_code(3);
    assert!(
        ended.out.starts_with("INCOMPLETE: 2 of 3 runs not complete.\n  ! Refused by none: "),
        "{}",
        ended.out
    );
    assert!(
        ended.out.contains("  ! Nobody by none: ") && ended.out.contains("Well     by none  "),
        "{}",
        ended.out
    );
    assert!(ended.err.contains("trustmh study resume studies/broken"), "{}", ended.err);
    let page = fs::read_to_string(at.join("studies/broken/comparison.html")).unwrap();
    let first = page.find("Missing: ").unwrap();
    assert!(page[first..].contains("Refused by none") && first < page.find("<main").unwrap());
    let read = |file: &str| fs::read_to_string(at.join("studies/broken").join(file)).unwrap();
    let csv = read("comparison.csv");
    assert!(csv.lines().nth(1).unwrap().starts_with("missing,"), "{csv}");
    assert!(csv.contains("Refused by none: "), "{csv}");
    assert!(read("comparison.tex").contains("\\caption{\\textbf{Missing: Refused by none"));
    assert!(read("leaderboard.html").contains("Refused by none"));
    let board: Value = serde_json::from_str(&read("leaderboard.json")).unwrap();
    assert_eq!(board["missing"].as_array().unwrap().len(), 2);
    let report = study(at, &["report", "studies/broken", "--json"]).with_code(4).json();
    assert_eq!(
        (&report["complete"], report["missing"].as_array().unwrap().len()),
        (&Value::Bool(false), 2)
    );
}

#[test]
fn faulty_studies_are_refused_with_what_is_wrong_where() {
    let least = "[study]\nname = \"x\"\n[[subjects]]\nmodel = \"scripted/random\"\n[[judges]]\nmodel = \"offline\"\n";
    let cases: &[(&str, &[&str])] = &[
        ("modle = \"x\"\n", &["study.toml:7: unknown field `modle`", "did you mean `model`?"]),
        (
            "[data]\ntasks = [\"safety/jailbrake\"]\n",
            &[
                "study.toml:8: `data.tasks`: no task `safety/jailbrake`",
                "did you mean `safety/jailbreak`?",
            ],
        ),
        ("[limits]\nmax_calls = 0\n", &["study.toml:8: `max_calls`: "]),
        (
            "[[subjects]]\nname = \"k\"\nmodel = \"openai/x\"\napi_key = \"sk-canary-0123456789\"\n",
            &["study.toml:10: `subjects[2].api_key` holds what looks like a key", "key_env = "],
        ),
        (
            "[[subjects]]\nname = \"k\"\nmodel = \"openai/x\"\noptions = { user = \"sk-canary-0123456789abcd\" }\n",
            &["looks like a key"],
        ),
        (
            "[[subjects]]\nname = \"k\"\nmodel = \"openai/x\"\nbase_url = \"http://127.0.0.1:1/v1?api-key=canary\"\n",
            &[
                "study.toml:7: `subjects[2]`, judge offline: base_url http://127.0.0.1:1/v1",
                "`api-key`",
            ],
        ),
        (
            "[[subjects]]\nname = \"s\"\nmodel = \"scripted/echo\"\nsystem = \"nowhere.md\"\n",
            &["study.toml:10: `subjects[2].system`: ./nowhere.md"],
        ),
        (
            "[[subjects]]\nname = \"s\"\nmodel = \"scripted/always-a\"\nbase_url = \"http://127.0.0.1:1\"\n",
            &["`subjects[2]`, judge offline: base_url has no effect"],
        ),
        (
            "[[subjects]]\nname = \"s\"\nmodel = \"no-such-model\"\n",
            &["`subjects[2]`, judge offline: ", "no-such-model"],
        ),
        (
            "[[judges]]\nmodel = \"scripted/random\"\n",
            &["study.toml:8: `judges[2].model`: is the model of the subject", "allow_self_judge"],
        ),
        (
            "[data]\nfolder = \"no-data\"\n",
            &["study.toml:8: `data.folder`: ./no-data is not there"],
        ),
        ("[limits]\nprices = \"no.toml\"\n", &["study.toml:8: `limits.prices`: ./no.toml is not"]),
        ("[calls]\nmodels = \"no.toml\"\n", &["study.toml:8: `calls.models`: ./no.toml is not"]),
        ("[data]\nprofile = \"fast\"\n", &["study.toml:8: `profile`: unknown variant `fast`"]),
        ("[[data]]\nitems = 3\n", &["study.toml:7: `[[data]]` is a list; write [data]"]),
    ];
    for (more, told) in cases {
        let folder = folder(&format!("{least}{more}"));
        for command in ["check", "plan", "run"] {
            let refused = study(folder.path(), &[command, "study.toml"]).with_code(2);
            for part in *told {
                assert!(refused.err.contains(part), "{command} {more}: {part} in {}", refused.err);
            }
            assert!(!refused.err.contains("canary"), "{}", refused.err);
        }
        assert!(!folder.path().join("studies").exists(), "nothing is written");
    }
}

#[test]
fn a_key_that_is_not_set_is_told_before_anything_is_written() {
    let text = "[study]\nname = \"x\"\n[[subjects]]\nmodel = \"openai/x\"\nkey_env = \"TRUSTMH_NO_SUCH_KEY\"\n[[judges]]\nmodel = \"none\"\n";
    let folder = folder(text);
    let refused = study(folder.path(), &["run", "study.toml"]).with_code(2);
    assert!(refused.err.contains("TRUSTMH_NO_SUCH_KEY is not set"), "{}", refused.err);
    assert!(!folder.path().join("studies").exists());
}

const SMALL: &str = "[study]\nname = \"../Sm all\"\n[[subjects]]\nname = \"a\"\nmodel = \"scripted/always-a\"\nsystem = \"prompts/coach.txt\"\n\
                     [[subjects]]\nname = \"A\"\nmodel = \"scripted/always-a\"\n[[judges]]\nmodel = \"none\"\n\
                     [data]\ntasks = [\"reliability/knowledge\"]\nitems = 2\n";

#[test]
fn what_was_changed_after_the_run_is_noticed_and_told() {
    let folder = folder(SMALL);
    let at = folder.path();
    study(at, &["study.toml", "--progress", "none"]).with_code(0);
    let kept = at.join("studies/sm-all");
    assert!(
        study(at, &["check", "study.toml"]).with_code(0).out.contains("Nothing has changed since")
    );
    let names: BTreeSet<String> = fs::read_dir(kept.join("runs"))
        .unwrap()
        .map(|run| run.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["a-2-by-none", "a-by-none"].map(str::to_owned).into());
    assert_eq!(fs::read_to_string(kept.join("study.toml")).unwrap(), SMALL);

    let tampered = |file: &str, from: &str, to: &str, told: &str| {
        let path = kept.join(file);
        let was = fs::read_to_string(&path).unwrap();
        assert!(was.contains(from), "{file}");
        fs::write(&path, was.replacen(from, to, 1)).unwrap();
        for command in ["resume", "report"] {
            let refused = study(at, &[command, "studies/sm-all"]).with_code(2);
            // A report goes on with the other runs, and says it among what is missing.
            let said = refused.err + &refused.out;
            assert!(said.contains(told), "{command} {file}: {said}");
        }
        fs::write(&path, was).unwrap();
    };
    tampered("study.toml", "items = 2", "items = 3", "data.items: 2 -> 3");
    tampered("prompts/a.txt", "coach", "judge", "the system prompt has changed");
    tampered(
        "runs/a-by-none/run.json",
        "\"seed\": ",
        "\"seed\": 1",
        "runs/a-by-none/run.json: the plan of the run has changed",
    );
    tampered(
        "study.lock",
        "\"offline_rules\": ",
        "\"offline_rules\": 9",
        "study.lock: is not as it was written",
    );
    tampered("runs/a-by-none/journal.jsonl", "\"tries\":1", "\"tries\":2", "journal.jsonl");
    study(at, &["report", "studies/sm-all"]).with_code(0);

    // The study file itself, and what it names.
    fs::write(at.join("study.toml"), format!("{SMALL}seed = 7\n[limits]\nmax_calls = 500\n"))
        .unwrap();
    fs::write(at.join("prompts/coach.txt"), "Other words.").unwrap();
    let refused = study(at, &["resume", "study.toml"]).with_code(2);
    assert!(
        refused.err.contains("data.seed: not set -> 7") && refused.err.contains("--output DIR"),
        "{}",
        refused.err
    );
    let check = study(at, &["check", "study.toml"]).with_code(0).out;
    for told in
        ["study file: limits.max_calls: not set -> 500", "subject a: its system prompt has changed"]
    {
        assert!(check.contains(&format!("since the lock: {told}")), "{check}");
    }
    let anew = study(
        at,
        &[
            "run",
            "study.toml",
            "--output",
            "anew",
            "--lock",
            "studies/sm-all/study.lock",
            "--progress",
            "none",
        ],
    );
    assert!(
        anew.with_code(0).err.contains("since the lock: subject a: its system prompt has changed")
    );
}

#[test]
fn a_plan_counts_subjects_once_and_holds_the_whole_against_the_limits() {
    let folder = folder(&WHOLE.replace("[data]", "[limits]\nmax_calls = 20\n[data]"));
    let plan = study(folder.path(), &["plan", "study.toml", "--json"]).with_code(0).json();
    let subjects = plan["subjects"].as_array().unwrap();
    let sum =
        |field: &str| subjects.iter().map(|subject| subject[field].as_u64().unwrap()).sum::<u64>();
    assert_eq!(plan["total"]["calls"].as_u64().unwrap(), sum("subject_calls") + sum("judge_calls"));
    assert_eq!(
        subjects[0]["judges"]["Second"]["judge_calls"], subjects[0]["judge_calls"],
        "rules are sent nothing"
    );
    assert!(plan["exceeds"][0].as_str().unwrap().contains("max_calls"), "{}", plan["exceeds"]);
    let told = study(folder.path(), &["plan", "study.toml"]).with_code(0).out;
    assert!(told.contains("Random / ünï") && told.contains("more than max_calls allows"), "{told}");
    assert!(!folder.path().join("studies").exists());
}

#[test]
fn the_template_works_at_once_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    study(at, &["init"]).with_code(0);
    let text = fs::read_to_string(at.join("study.toml")).unwrap();
    study(at, &["init"]).with_code(2);
    study(at, &["check"]).with_code(0);
    let few = text.replace("tasks = [\"all\"]", "tasks = [\"ethics\", \"reliability/knowledge\"]");
    fs::write(at.join("study.toml"), few).unwrap();
    let ended = study(at, &["run", "--progress", "none"]).with_code(0);
    assert!(ended.out.starts_with("First study: 2 of 2 runs complete\n"), "{}", ended.out);
    // What was found stands on the screen, and the template's items are enough to find something.
    let words = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("By offline Subjects are told apart in"), "{}", ended.out);
    assert!(words.contains("furthest behind Random in"), "{}", ended.out);
    // Without words it is `run study.toml`, which is told how to go on.
    let bare = study(at, &[]).with_code(2);
    assert!(bare.err.contains("trustmh study resume studies/first-study"), "{}", bare.err);
    let empty = tempfile::tempdir().unwrap();
    let none = study(empty.path(), &[]).with_code(2);
    assert!(none.err.contains("study.toml") && none.err.contains("study init"), "{}", none.err);
    let missing = study(at, &["run", "nowhere.toml"]).with_code(2);
    assert!(missing.err.contains("trustmh study init"), "{}", missing.err);
}

#[tokio::test]
async fn the_page_of_a_study_opens_in_a_browser() {
    let Some(browser) = Browser::start().await else { return };
    let small = WHOLE.replace("[data]", "[data]\ntasks = [\"safety\", \"ethics\"]");
    let folder = folder(&small);
    study(folder.path(), &["run", "study.toml", "--progress", "none"]).with_code(0);
    let page = |name: &str| format!("file://{}/studies/whole/{name}", folder.path().display());
    for name in ["comparison.html", "comparison-by-second.html", "leaderboard-by-offline.html"] {
        browser.fits_everywhere(&page(name)).await;
        browser.console_is_empty().await;
    }
    browser.client.goto(&page("comparison.html")).await.unwrap();
    assert_eq!(browser.text("h1").await, "TrustMH study: Whole");
    let dead = "return [...document.querySelectorAll('td a, li a')].map((link) => link.href);";
    let links = browser.client.execute(dead, Vec::new()).await.unwrap();
    let links: Vec<&str> =
        links.as_array().unwrap().iter().map(|link| link.as_str().unwrap()).collect();
    assert!(links.len() >= 9, "{links:?}");
    for link in links {
        let path = link.strip_prefix("file://").unwrap();
        assert!(Path::new(path).is_file(), "{link}");
    }
}

#[test]
fn the_schema_of_study_files_is_up_to_date() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = study(home, &["schema"]).with_code(0).out;
    let published = fs::read_to_string(home.join("../../docs/study.schema.json")).unwrap();
    assert!(schema == published, "renew it: trustmh study schema > docs/study.schema.json");
}
