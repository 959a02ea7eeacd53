//! A task of one's own, written with nothing but the documentation: TOML and items, no Rust.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub)]

mod support;

use std::fs;

use support::trustmh;

#[test]
fn a_new_task_is_begun_checked_asked_scored_reported_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let new = ["tasks", "new", "reliability/sleep", "--like", "reliability/knowledge"];
    trustmh(here, new).with_code(0);
    let twice = trustmh(here, new).with_code(2);
    assert!(twice.err.contains("is there already"), "{}", twice.err);
    let known = ["tasks", "new", "ethics/reasoning", "--like", "ethics/reasoning"];
    assert!(trustmh(here, known).with_code(2).err.contains("there is a task ethics/reasoning"));

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
    assert!(page.contains("A title for reliability/sleep") && page.contains("reports say it"));
    let pair = trustmh(here, ["compare", "--json", &one, &two].iter().chain(&own)).with_code(0);
    let accuracy = &pair.json()["pairs"][0]["tasks"]["reliability/sleep"]["metrics"]["accuracy"];
    assert_eq!(accuracy["n"], 10, "{accuracy}");
    let without = trustmh(here, ["score", &one]).with_code(2);
    assert!(without.err.contains("reliability/sleep"), "{}", without.err);
}
