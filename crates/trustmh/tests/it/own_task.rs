//! A task of one's own, written with nothing but the documentation: TOML and items, no Rust.
use std::fs;
use std::path::Path;

use crate::support::trustmh;

#[test]
fn a_new_task_is_begun_checked_asked_scored_reported_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let new = ["tasks", "new", "reliability/sleep", "--like", "reliability/knowledge"];
    trustmh(here, new).with_code(0);
    let twice = trustmh(here, new).with_code(2);
    assert!(twice.err.contains("exists already"), "{}", twice.err);
    let known = ["tasks", "new", "ethics/reasoning", "--like", "ethics/reasoning"];
    assert!(trustmh(here, known).with_code(2).err.contains("task ethics/reasoning exists"));

    let rows: String = (0..10)
        .map(|number| {
            let key = ["A", "B", "C", "D"][number % 4];
            format!("sleep-{number},\"Question {number} on sleep: which comes first?\",One,Two,Three,Four,{key},night\n")
        })
        .collect();
    fs::write(here.join("table.csv"), format!("Nr,Question,A,B,C,D,Right,Theme\n{rows}")).unwrap();
    let out = "my-tasks/starter/reliability-sleep.jsonl";
    let map = ["question=Question", "options=A|B|C|D", "key=Right", "tags.theme=Theme"];
    let map = map.iter().flat_map(|map| ["--map", map]);
    let made =
        ["tasks", "items", "table.csv", "--kind", "multiple-choice", "--id", "Nr", "--output", out];
    trustmh(here, made.into_iter().chain(map)).with_code(0);
    let wrong =
        ["tasks", "items", "table.csv", "--kind", "multiple-choice", "--map", "question=Frage"];
    let wrong = trustmh(here, wrong).with_code(2);
    assert!(
        wrong.err.contains("table.csv, line 2: column is `Frage`; expected one of A, B, C, D, Nr"),
        "{}",
        wrong.err
    );
    let starter = here.join("my-tasks/starter");
    let unequal = trustmh(here, ["tasks", "check", "--tasks-dir", "my-tasks"]).with_code(2);
    assert!(unequal.err.contains("10 items; expected 2, as its card says"), "{}", unequal.err);
    let card = starter.join("reliability-sleep.card.toml");
    let text = fs::read_to_string(&card).unwrap().replace("records = 2", "records = 10");
    fs::write(&card, text).unwrap();
    let unwritten = trustmh(here, ["tasks", "check", "--tasks-dir", "my-tasks"]).with_code(2).err;
    for part in [
        "reliability/sleep.toml: field `title`",
        "field `question`: `What the task asks of a model",
        "field `sources`",
        "field `caveats`",
        "starter/reliability-sleep.card.toml: field `licence`",
        "field `gold`",
        "is placeholder text: replace it",
    ] {
        assert!(unwritten.contains(part), "{part} is not in: {unwritten}");
    }
    assert!(!unwritten.contains("example-1"), "{unwritten}");
    write_words(&here.join("my-tasks"), "reliability/sleep");
    let checked = trustmh(here, ["tasks", "check", "--tasks-dir", "my-tasks"]).with_code(0).out;
    assert!(checked.contains("reliability/sleep.toml: 10 starter items"), "{checked}");

    let baselines =
        ["tasks", "check", "--tasks-dir", "my-tasks", "--baselines", "reliability/sleep", "--json"];
    let baselines = trustmh(here, baselines).with_code(0).json();
    let of = |subject: &str| {
        let found =
            baselines.as_array().unwrap().iter().find(|one| one["subject"] == subject).unwrap();
        found["result"].clone()
    };
    assert_eq!(of("scripted/always-a")["metrics"]["accuracy"]["n"], 10);
    assert_eq!(of("scripted/always-refuse")["metrics"]["accuracy"]["value"], 0.0);
    assert!(of("scripted/random")["metrics"]["accuracy"]["value"].as_f64().unwrap() < 0.8);

    let tasks = ["--tasks", "reliability/sleep", "--tasks-dir", "my-tasks"];
    let run = |subject: &str| {
        let arguments = ["run", "--json", "--subject", subject];
        let card = trustmh(here, arguments.iter().chain(&tasks)).with_code(0).json()[0].clone();
        assert_eq!(card["tasks"]["reliability/sleep"]["n"], 10);
        (card["run"].as_str().unwrap().to_owned(), card)
    };
    let (one, card) = run("scripted/random:1");
    let (two, _) = run("scripted/always-a");
    assert!(card["tasks"]["reliability/sleep"]["metrics"]["accuracy"]["low"].is_number(), "{card}");
    let own = ["--tasks-dir", "my-tasks"];
    let report = trustmh(here, ["report", &one].iter().chain(&own)).with_code(0);
    let page = fs::read_to_string(here.join(report.out.trim())).unwrap();
    assert!(page.contains("Words of my own (title)") && page.contains("Words of my own (caveats)"));
    let pair = trustmh(here, ["compare", "--json", &one, &two].iter().chain(&own)).with_code(0);
    let accuracy = &pair.json()["pairs"][0]["tasks"]["reliability/sleep"]["metrics"]["accuracy"];
    assert_eq!(accuracy["n"], 10, "{accuracy}");
    // The run keeps what its task is made of, and is scored by it alike without the folder.
    let with = trustmh(here, ["score", "--json", &one].iter().chain(&own)).with_code(0);
    let without = trustmh(here, ["score", "--json", &one]).with_code(0);
    assert_eq!((with.out, with.err), (without.out, without.err.clone()));
    assert!(!without.err.contains("warning"), "{}", without.err);
    // An own task stands beside the pillars, and its items are not the project's.
    assert_eq!(card["own_tasks"][0], "reliability/sleep");
    assert_eq!(card["tasks"]["reliability/sleep"]["source"]["origin"], "own");
    assert!(card["pillars"].is_null() && card["pillars_without_score"].is_null(), "{card}");
    let told = trustmh(here, ["score", &one, "--all"]).with_code(0).out;
    assert!(told.contains("in no pillar score: reliability/sleep"), "{told}");
    assert!(!told.to_lowercase().contains("starter items"), "{told}");
    for arguments in [
        &["report", &one, "--output", "r.html"][..],
        &["export", &one, "--format", "csv"],
        &["gate", "--policy", "policy.toml", &one],
        &["compare", &one, &two],
        &["verify", &one],
        &["leaderboard", &one],
    ] {
        let policy = "title = \"t\"\n[[rules]]\nname = \"r\"\ntask = \"reliability/sleep\"\nat_least = 0.0\n";
        fs::write(here.join("policy.toml"), policy).unwrap();
        trustmh(here, arguments).with_code(0);
    }
    edited(here, &one);
}

/// Writes words in the place of what `tasks new` leaves to be written.
fn write_words(folder: &Path, task: &str) {
    let set = task.replace('/', "-");
    let files = [format!("{task}.toml"), format!("starter/{set}.card.toml")];
    for path in files.map(|file| folder.join(file)) {
        let text = fs::read_to_string(&path).unwrap();
        let mut table: toml::Table = text.parse().unwrap();
        for field in
            ["title", "question", "licence", "written_by", "description", "gold", "sensitive"]
        {
            if let Some(value) = table.get_mut(field) {
                *value = format!("Words of my own ({field}).").into();
            }
        }
        for field in ["sources", "caveats", "limits"] {
            if let Some(value) = table.get_mut(field) {
                *value = vec![format!("Words of my own ({field}).")].into();
            }
        }
        fs::write(path, table.to_string()).unwrap();
    }
}

/// Gives the examples ids of one's own.
fn write_items(folder: &Path, task: &str) {
    let path = folder.join(format!("starter/{}.jsonl", task.replace('/', "-")));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"example-1\""), "{text}");
    fs::write(path, text.replace("\"example-", "\"mine-")).unwrap();
}

#[test]
fn a_task_after_any_pattern_holds_once_its_words_and_items_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let all = trustmh(here, ["tasks", "list", "--json"]).with_code(0).json();
    let mine = here.join("my-tasks");
    let check = ["tasks", "check", "--tasks-dir", "my-tasks"];
    for pattern in all.as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap()) {
        let new = format!("{pattern}-mine");
        trustmh(here, ["tasks", "new", &new, "--like", pattern]).with_code(0);
        let left = trustmh(here, check).with_code(2).err;
        assert!(left.contains("`example-1, example-2"), "{pattern}: {left}");
        assert!(!left.contains("field `metrics."), "{pattern}: {left}");
        write_words(&mine, &new);
        write_items(&mine, &new);
        trustmh(here, check).with_code(0);
    }
}

#[test]
fn what_does_not_fit_is_refused_by_check_and_by_run() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let task = "reliability/sleep";
    trustmh(here, ["tasks", "new", task, "--like", "reliability/knowledge"]).with_code(0);
    write_words(&here.join("my-tasks"), task);
    write_items(&here.join("my-tasks"), task);
    let file = here.join("my-tasks/reliability/sleep.toml");
    let sound = fs::read_to_string(&file).unwrap();
    let check = ["tasks", "check", "--tasks-dir", "my-tasks"];
    let run = ["run", "--subject", "scripted/always-a", "--tasks", task, "--tasks-dir", "my-tasks"];
    trustmh(here, check).with_code(0);
    for (was, is, parts) in [
        (
            "parser = \"choice\"",
            "parser = \"rating\"",
            &["protocols.corrected.parser`: `rating` does not fit"][..],
        ),
        (
            "expansion = \"plain\"",
            "expansion = \"attacks\"",
            &["protocols.reference.expansion`: `attacks` does not fit"],
        ),
        (
            "of = \"correct\"",
            "of = \"corect\"",
            &["metrics.accuracy.statistic.of`: `corect`", "did you mean `correct`?"],
        ),
        (
            "groups = [\"options\"]",
            "groups = [\"thema\"]",
            &["metrics.accuracy.groups`", "the facet `thema`"],
        ),
        ("[metrics.select]", "[metrics.select]\narm = \"x\"", &["select.arm`", "the facet `arm`"]),
        ("range = [0.0, 1.0]", "range = [0.0, 100.0]", &["metrics.accuracy.range`", "0 to 100"]),
    ] {
        assert!(sound.contains(was), "{was} is not in {sound}");
        fs::write(&file, sound.replace(was, is)).unwrap();
        for arguments in [&check[..], &run] {
            let refused = trustmh(here, arguments).with_code(2).err;
            for part in ["reliability/sleep.toml: field `"].iter().chain(parts) {
                assert!(refused.contains(part), "{part} is not in: {refused}");
            }
        }
        assert!(!here.join("runs").exists(), "{is}");
    }
    fs::write(&file, sound).unwrap();
    trustmh(here, run).with_code(0);
}

/// Scored by an edited task file, every output says so, and a kept file that was edited is an error.
fn edited(here: &Path, run: &str) {
    let file = here.join("my-tasks/reliability/sleep.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("version = 1", "version = 2")).unwrap();
    let own = ["--tasks-dir", "my-tasks"];
    let told = "not those the run was made with: reliability/sleep (version 1 then, 2 now)";
    let score = trustmh(here, ["score", "--json", run].iter().chain(&own)).with_code(0);
    assert!(score.err.contains(told), "{}", score.err);
    assert!(score.json()[0]["caveats"][0].as_str().unwrap().contains(told));
    let report = ["report", run, "--output", "edited.html"];
    assert!(trustmh(here, report.iter().chain(&own)).with_code(0).err.contains(told));
    assert!(fs::read_to_string(here.join("edited.html")).unwrap().contains(told));
    for format in ["markdown", "latex", "model-card", "json"] {
        let export = ["export", run, "--format", format];
        let export = trustmh(here, export.iter().chain(&own)).with_code(0);
        assert!(export.out.contains("those the run was made with"), "{format}: {}", export.out);
        assert!(export.err.contains(told), "{format}: {}", export.err);
    }
    let materials = here.join(run).join("materials");
    for entry in fs::read_dir(&materials).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}\n# edited\n")).unwrap();
    }
    let changed = trustmh(here, ["score", run]).with_code(2);
    assert!(changed.err.contains("has changed since the run kept it"), "{}", changed.err);
    assert!(trustmh(here, ["verify", run]).with_code(5).out.contains("BROKEN   kept file"));
}
