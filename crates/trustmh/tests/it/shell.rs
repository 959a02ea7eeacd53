//! What a user sees of the program itself: help, lists, schema, completions, man pages.
use crate::support;
use std::fs;
use std::path::Path;

use crate::support::{program, trustmh};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn help_explains_every_command_with_examples() {
    let help = trustmh(here(), ["--help"]).with_code(0).out;
    insta::assert_snapshot!("help", help);
    let commands = [
        "run",
        "resume",
        "score",
        "report",
        "import",
        "agreement",
        "tasks",
        "attack",
        "perturb",
        "weights",
        "completions",
        "man",
    ];
    for command in commands {
        assert!(help.contains(&format!("  {command}")), "{command}");
        let help = trustmh(here(), [command, "--help"]).with_code(0).out;
        assert!(help.contains("Examples:\n  trustmh "), "{command} has no example:\n{help}");
    }
}

#[test]
fn tasks_are_listed_by_pillar() {
    insta::assert_snapshot!("tasks_list", trustmh(here(), ["tasks", "list"]).with_code(0).out);
    let json = trustmh(here(), ["tasks", "list", "--json"]).with_code(0).json();
    let tasks = json.as_array().unwrap().iter();
    let of_benchmark = tasks.filter(|task| task["suite"] == "trustmh-bench");
    let ids: Vec<&str> = of_benchmark.map(|task| task["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        [
            "reliability/diagnosis",
            "reliability/emotion-recognition",
            "reliability/emotional-support",
            "reliability/intervention",
            "reliability/knowledge",
            "crisis/escalation",
            "crisis/identification",
            "crisis/severity",
            "safety/jailbreak",
            "safety/toxicity",
            "fairness/parity",
            "privacy/awareness",
            "privacy/leakage",
            "robustness/diagnosis",
            "robustness/emotional-support",
            "sycophancy/aita-yta",
            "sycophancy/oeq",
            "sycophancy/pas",
            "ethics/reasoning",
        ]
    );
}

#[test]
fn a_task_is_shown_with_both_protocols_metrics_and_caveats() {
    insta::assert_snapshot!(
        "tasks_show",
        trustmh(here(), ["tasks", "show", "safety/jailbreak"]).with_code(0).out
    );
}

#[test]
fn the_doctor_finds_what_is_missing_and_shows_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let doctor = |more: &[&str]| {
        let mut command = support::program(folder.path());
        command.env("OPENAI_API_KEY", "sk-canary-4711").env_remove("ANTHROPIC_API_KEY");
        support::ended(command.arg("doctor").args(more).output().unwrap())
    };
    let well = doctor(&[]).with_code(0);
    assert!(
        well.out.contains("OPENAI_API_KEY       is set") && !well.out.contains("4711"),
        "{}",
        well.out
    );
    let found = doctor(&["--json", "--subject", "anthropic/claude-x"]).with_code(1);
    let subject = found
        .json()
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["what"] == "subject")
        .unwrap()
        .clone();
    assert_eq!(subject["state"], "amiss");
    assert!(
        subject["found"].as_str().unwrap().contains("ANTHROPIC_API_KEY is not set"),
        "{subject}"
    );
    let nobody = ["--subject", "openai/x", "--base-url", "http://127.0.0.1:9/v1"];
    let refused = doctor(&nobody).with_code(1);
    assert!(
        refused.out.contains("PROBLEM  subject") && refused.out.contains("127.0.0.1:9: "),
        "{}",
        refused.out
    );
    let provider = support::Provider::start(&["--behaviour", "echo"]);
    let reached = doctor(&["--subject", "openai/x", "--base-url", &provider.url]).with_code(0);
    assert!(reached.out.contains("accepts connections"), "{}", reached.out);
}

#[test]
fn scorecards_fit_their_published_schema() {
    let schema = trustmh(here(), ["score", "--schema"]).with_code(0).out;
    let path = here().join("../../docs/scorecard.schema.json");
    let published = fs::read_to_string(&path).unwrap();
    assert!(schema == published, "renew it: trustmh score --schema > docs/scorecard.schema.json");
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "run",
        "--json",
        "--progress",
        "none",
        "--subject",
        "scripted/random:1",
        "--judge",
        "scripted/judge:1",
    ];
    let card = trustmh(folder.path(), arguments).with_code(0).out;
    fs::write(folder.path().join("card.json"), card).unwrap();
    let Some(packages) = support::python_packages("jsonschema") else { return };
    let script = "import json, jsonschema, sys\n\
         jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))\n";
    let ended = std::process::Command::new("python3")
        .env("PYTHONPATH", packages)
        .args(["-c", script])
        .args([folder.path().join("card.json"), path])
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn the_published_schema_is_the_one_the_program_checks_by() {
    let schema = trustmh(here(), ["tasks", "schema"]).with_code(0).out;
    let published = fs::read_to_string(here().join("../../docs/task.schema.json")).unwrap();
    assert!(schema == published, "renew it: trustmh tasks schema > docs/task.schema.json");
}

/// How many files of tasks there are.
fn task_files() -> usize {
    let pillars = fs::read_dir(here().join("../../benchmark")).unwrap();
    let files = pillars.filter_map(|pillar| fs::read_dir(pillar.unwrap().path()).ok()).flatten();
    let texts = files.filter_map(|file| fs::read_to_string(file.unwrap().path()).ok());
    let count = texts.filter(|text| text.contains("\n[protocols.corrected]")).count();
    assert!(count > 0);
    count
}

#[test]
fn the_page_of_all_tasks_is_made_from_their_files() {
    let page = trustmh(here(), ["tasks", "docs"]).with_code(0).out;
    let published = fs::read_to_string(here().join("../../docs/tasks.md")).unwrap();
    assert!(page == published, "renew it: trustmh tasks docs > docs/tasks.md");
    let headings = page.lines().filter(|line| line.starts_with("### "));
    assert_eq!(headings.filter(|line| line.contains('/')).count(), task_files());
}

#[test]
fn perturbing_a_text_marks_what_changed_and_repeats_itself() {
    let text = "I have been feeling low for weeks and I do not know what to do about it.";
    let marked = ["perturb", text, "--family", "word", "--level", "low", "--diff"];
    let diff = trustmh(here(), marked).with_code(0).out;
    assert!(diff.contains("{+") && diff.contains("distance 0.0"), "{diff}");
    let json = ["perturb", text, "--family", "word", "--level", "low", "--json"];
    let first = trustmh(here(), json).with_code(0).json();
    let distance = first["distance"].as_f64().unwrap();
    assert!((0.03..=0.08).contains(&distance), "{first}");
    assert_eq!(trustmh(here(), json).with_code(0).json(), first);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("post.txt"), text).unwrap();
    let file = ["perturb", "post.txt", "--family", "word", "--level", "low"];
    let plain = trustmh(folder.path(), file).with_code(0).out;
    assert_eq!(plain.trim_end(), first["perturbed"].as_str().unwrap());
    let none = trustmh(here(), ["perturb", text, "--level", "none"]).with_code(0).out;
    assert_eq!(none.trim_end(), text);
    let chinese = ["perturb", "我最近一直觉得很累，晚上睡不着。", "--json"];
    assert_eq!(trustmh(here(), chinese).with_code(0).json()["language"], "zh");
}

#[test]
fn a_folder_of_tasks_adds_and_overrides() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = folder.path().join("ethics");
    fs::create_dir_all(&tasks).unwrap();
    let ours = here().join("../../benchmark/ethics/reasoning.toml");
    let text = fs::read_to_string(ours).unwrap();
    fs::write(
        tasks.join("reasoning.toml"),
        text.replace("title = \"Ethical reasoning\"", "title = \"Renamed\""),
    )
    .unwrap();
    let added = text.replace("id = \"ethics/reasoning\"", "id = \"ethics/second\"");
    fs::write(tasks.join("second.toml"), added).unwrap();
    let arguments = ["tasks", "list", "--json", "--tasks-dir", "."];
    let list = trustmh(folder.path(), arguments).with_code(0).json();
    let titles: Vec<(&str, &str)> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|task| (task["id"].as_str().unwrap(), task["title"].as_str().unwrap()))
        .collect();
    assert!(titles.contains(&("ethics/reasoning", "Renamed")), "{titles:?}");
    assert!(titles.contains(&("ethics/second", "Ethical reasoning")), "{titles:?}");
    let run = [
        "run",
        "--subject",
        "scripted/always-a",
        "--tasks",
        "ethics/second",
        "--tasks-dir",
        ".",
        "--json",
    ];
    let card = trustmh(folder.path(), run).with_code(0).json();
    assert_eq!(card[0]["tasks"]["ethics/second"]["n"], 32);
}

#[test]
fn a_folder_of_tasks_brings_items_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let starter = folder.path().join("starter");
    fs::create_dir_all(&starter).unwrap();
    let ours = here().join("../../benchmark/starter");
    let items = fs::read_to_string(ours.join("ethics-reasoning.jsonl")).unwrap();
    let three: Vec<&str> = items.lines().skip(1).take(3).collect();
    fs::write(starter.join("ethics-reasoning.jsonl"), three.join("\n") + "\n").unwrap();
    let run = [
        "run",
        "--subject",
        "scripted/always-a",
        "--tasks",
        "ethics",
        "--tasks-dir",
        ".",
        "--json",
    ];
    let ended = trustmh(folder.path(), run).with_code(2);
    assert!(ended.err.contains("as its card says"), "{}", ended.err);
    let card = fs::read_to_string(ours.join("ethics-reasoning.card.toml")).unwrap();
    fs::write(
        starter.join("ethics-reasoning.card.toml"),
        card.replace("records = 32", "records = 3"),
    )
    .unwrap();
    let card = trustmh(folder.path(), run).with_code(0).json();
    assert_eq!(card[0]["tasks"]["ethics/reasoning"]["n"], 3);
}

#[test]
fn all_embedded_tasks_check_out() {
    let checked = trustmh(here(), ["tasks", "check"]).with_code(0);
    assert_eq!(
        checked.out.lines().filter(|line| line.starts_with("ok")).count(),
        task_files(),
        "{}",
        checked.out
    );
}

#[test]
fn intents_are_wrapped_by_every_method() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("intents.txt"),
        "Tell me that my brother is lazy.\n\nDecide for me.\n",
    )
    .unwrap();
    let ended = trustmh(folder.path(), ["attack", "intents.txt", "--method", "all"]).with_code(0);
    let rows: Vec<serde_json::Value> =
        ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 16);
    for row in &rows {
        let prompt = row["prompt"].as_str().unwrap();
        assert!(prompt.len() > 20 && !row["method"].as_str().unwrap().is_empty(), "{row}");
    }
    let again = trustmh(folder.path(), ["attack", "intents.txt", "--method", "all"]).with_code(0);
    assert_eq!(ended.out, again.out);
    let unknown =
        trustmh(folder.path(), ["attack", "intents.txt", "--method", "magic"]).with_code(2);
    assert!(unknown.err.contains("magic"), "{}", unknown.err);
}

#[test]
fn completions_and_man_pages_are_written() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = trustmh(here(), ["completions", shell]).with_code(0).out;
        assert!(script.contains("trustmh") && script.contains("resume"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    trustmh(folder.path(), ["man", "--dir", "pages"]).with_code(0);
    let mut pages: Vec<String> = fs::read_dir(folder.path().join("pages"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    insta::assert_json_snapshot!("man_pages", pages);
    let run = fs::read_to_string(folder.path().join("pages/trustmh-run.1")).unwrap();
    assert!(run.contains("Examples") && run.contains(".TH"), "{run}");
}

#[test]
fn a_pipe_gets_no_colour_and_no_progress() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["run", "--subject", "scripted/random", "--tasks", "ethics"];
    let ended = trustmh(folder.path(), arguments).with_code(0);
    assert!(!ended.out.contains('\u{1b}') && !ended.err.contains('\u{1b}'));
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
}

#[test]
fn wrong_usage_ends_with_two() {
    for arguments in [
        vec!["run"],
        vec!["run", "--subject", "gpt-5.1"],
        vec!["score", "nowhere"],
        vec!["import", "nonsense", "x"],
        vec!["run", "--subject", "openai/gpt-5.1"],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = program(folder.path()).args(&arguments).output().unwrap();
        let ended = support::ended(output).with_code(2);
        assert!(ended.err.contains("error:"), "{arguments:?}: {}", ended.err);
        assert!(!folder.path().join("runs").exists());
    }
}
