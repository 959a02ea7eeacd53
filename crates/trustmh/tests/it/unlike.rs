//! Runs that are not alike beside each other.
use crate::support;
use std::path::Path;

use crate::support::trustmh;

/// A run of a scripted subject; gives its folder.
fn run(folder: &Path, subject: &str, more: &[&str]) -> String {
    let arguments = ["run", "--json", "--subject", subject];
    let card = trustmh(folder, arguments.iter().chain(more)).with_code(0).json();
    card[0]["run"].as_str().unwrap().to_owned()
}

/// The same replies under three judges, as if they were three runs to be ranked.
#[test]
fn the_same_replies_under_several_judges_have_no_order() {
    let folder = tempfile::tempdir().unwrap();
    let judged = |judge: &str| {
        let tasks = "safety/jailbreak,sycophancy/pas";
        run(
            folder.path(),
            "scripted/complies",
            &["--tasks", tasks, "--items", "6", "--judge", judge],
        )
    };
    let runs = ["offline", "scripted/judge:1", "scripted/judge:2"].map(judged);
    let compare = |more: &[&str]| {
        let runs = runs.iter().map(String::as_str);
        trustmh(folder.path(), ["compare"].into_iter().chain(runs).chain(more.iter().copied()))
    };
    let refused = compare(&[]).with_code(2);
    assert!(
        refused.err.contains("no two runs are comparable in any task: judge:"),
        "{}",
        refused.err
    );
    assert!(refused.err.contains("--even-if-unlike"), "{}", refused.err);
    assert!(!refused.out.contains("told apart:") && !refused.out.contains("< .001"));
    let json = compare(&["--json"]).with_code(2).json();
    assert_eq!(json["standings"], serde_json::json!({}));
    for pair in json["pairs"].as_array().unwrap() {
        assert!(pair["differs"][0].as_str().unwrap().starts_with("all tasks: judge: "), "{pair}");
    }
    let aside = compare(&["--even-if-unlike", "--json"]).with_code(0).json();
    for task in aside["pairs"][0]["tasks"].as_object().unwrap().values() {
        assert_eq!(task["metrics"], serde_json::json!({}));
        let shown = task["side_by_side"].as_object().unwrap();
        let primary = shown.values().find(|metric| metric["primary"] == true).unwrap();
        assert!(primary["first"]["value"].is_number() && primary["second"]["value"].is_number());
        assert!(primary.get("p").is_none() && primary.get("verdict").is_none());
    }
    for format in ["table", "markdown"] {
        let text = compare(&["--even-if-unlike", "--format", format]).with_code(0).out;
        assert!(text.contains("Side by side, not compared"), "{text}");
        assert!(text.contains("sycophancy/pas"), "{text}");
    }
    // Two judged alike are ranked, and the third is named.
    let also = run(
        folder.path(),
        "scripted/always-refuse",
        &["--tasks", "safety/jailbreak", "--items", "6", "--judge", "scripted/judge:2"],
    );
    let some = trustmh(folder.path(), ["compare", "--json", &runs[0], &runs[2], &also]);
    let standing = some.with_code(0).json()["standings"]["safety/jailbreak"].take();
    assert_eq!(standing["rows"].as_array().unwrap().len(), 2, "{standing:#}");
    assert_eq!(standing["pairs"], 1);
    let left_out = standing["left_out"].as_array().unwrap();
    assert_eq!(left_out.len(), 1);
    assert_eq!(left_out[0]["run"]["run"], runs[0]);
    assert_eq!(left_out[0]["differs"][0]["what"], "judge");
}

#[test]
fn leaderboards_place_complete_and_like_runs_and_name_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let run = |judge: &str, more: &[&str]| {
        let usual = ["--tasks", "sycophancy", "--items", "6", "--judge", judge];
        run(folder.path(), "scripted/complies", &[&usual[..], more].concat())
    };
    let (one, like) = (run("scripted/judge:1", &[]), run("scripted/judge:1", &[]));
    let other = run("scripted/judge:2", &[]);
    let cut = ["run", "--subject", "scripted/complies", "--tasks", "sycophancy", "--items", "6"];
    let cut = cut.iter().chain(&["--judge", "scripted/judge:1", "--max-calls", "30"]);
    trustmh(folder.path(), cut.chain(&["--runs-dir", "cut"])).with_code(4);
    let cut = support::only_run(&folder.path().join("cut")).display().to_string();
    let board = ["leaderboard", "--json", &other, &one, &like, &cut];
    let board = trustmh(folder.path(), board).with_code(0).json();
    let pillar = &board["pillars"]["sycophancy"];
    assert_eq!(pillar["runs"].as_array().unwrap().len(), 2, "{pillar:#}");
    let placed: Vec<&str> =
        pillar["runs"].as_array().unwrap().iter().map(|run| run["run"].as_str().unwrap()).collect();
    assert!(placed.contains(&one.as_str()) && placed.contains(&like.as_str()), "{placed:?}");
    let left_out: Vec<(&str, &str)> = pillar["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left| (left["run"].as_str().unwrap(), left["why"].as_str().unwrap()))
        .collect();
    assert_eq!(left_out.len(), 2);
    assert!(left_out[0].0 == other && left_out[0].1.contains("judge: judge:1 and judge:2"));
    assert_eq!(left_out[1].0, cut);
    assert!(left_out[1].1.contains("missing") || left_out[1].1.contains("incomplete"));
    let caveats = board["caveats"][&cut].to_string();
    assert!(caveats.contains("pending") && caveats.contains("Starter items"), "{caveats}");
    assert!(caveats.contains("at most 6 items a task"), "{caveats}");
    let text = trustmh(folder.path(), ["leaderboard", &one, &other]).with_code(0).out;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("no Anti-sycophancy score: not like the runs that are placed"),
        "{text}"
    );
    assert!(!text.contains("published ranks of 12 models"), "{text}");
    let apart = "runs of different groups are not alike, and are not ranked together (judge: judge:1 | judge:2)";
    assert!(words.contains(&format!("All tasks: {apart}")), "{text}");
    let rows = |sign: &str, group: usize| {
        let cells = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let of_run = |cells: &Vec<&str>| matches!(cells[..], [task, of, by, ..] if task.starts_with("sycophancy/") && of == group.to_string() && by == sign);
        cells.filter(of_run).count()
    };
    assert_eq!([rows("A", 1), rows("B", 2), rows("A", 2)], [3, 3, 0], "{text}");
    let more = trustmh(folder.path(), ["leaderboard", &one, &other, "--published"]).with_code(0);
    let (own, published) = (more.out.find(": runs"), more.out.find("published ranks of 12 models"));
    assert!(own.unwrap() < published.unwrap(), "own runs come first: {}", more.out);
    assert!(words.contains("Caveat of all runs: Starter items"), "{text}");
    assert_eq!(words.matches(": Starter items").count(), 1, "each caveat once: {text}");
}
