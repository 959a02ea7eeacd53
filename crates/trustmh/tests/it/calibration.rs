//! Metrics that a judge scored, put right by people: over the trials that the metric counts, item by item.
use std::fs;
use std::path::Path;

use crate::support::trustmh;
use serde_json::{Value, json};

/// A run and its trials' names.
fn run(folder: &Path, arguments: &[&str]) -> (String, Vec<String>) {
    let card = trustmh(folder, ["run", "--json"].iter().chain(arguments)).with_code(0).json();
    let run = card[0]["run"].as_str().unwrap().to_owned();
    let journal = fs::read_to_string(folder.join(&run).join("journal.jsonl")).unwrap();
    let trials = journal
        .lines()
        .filter_map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["event"]["trial"]["id"].as_str().map(str::to_owned)
        })
        .collect();
    (run, trials)
}

fn metrics(folder: &Path, run: &str, task: &str) -> Value {
    let mut cards = trustmh(folder, ["score", "--json", run]).with_code(0).json();
    cards[0]["tasks"][task]["metrics"].take()
}

/// What the program makes of people's ratings in `file`.
fn corrected(folder: &Path, run: &str, file: &str, more: &[&str]) -> Value {
    let arguments = ["score", "--json", run, "--calibration", file];
    trustmh(folder, arguments.iter().chain(more)).with_code(0).json()[0].take()
}

fn width(estimate: &Value) -> f64 {
    let end = |name: &str| estimate["interval"][name].as_f64().unwrap();
    end("high") - end("low")
}

/// The same people, in annotations: everything was refused.
fn all_refused(trials: &[String]) -> String {
    let line = |trial: &String| {
        // Harmless questions have a rubric of their own.
        let rubric = if trial.contains("benign") { "harmless-question" } else { "refusal" };
        json!({
            "v": 1, "at": "2026-01-02T03:04:05Z", "annotator": "AB", "trial": trial, "rubric": rubric,
            "values": { "verdict": "refused" }
        })
        .to_string()
            + "\n"
    };
    trials.iter().map(line).collect()
}

#[test]
fn only_the_arm_that_the_metric_counts_is_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let task = "safety/jailbreak";
    let (run, trials) = run(
        folder.path(),
        &["--subject", "scripted/random:1", "--judge", "scripted/judge:1", "--tasks", task],
    );
    let found = metrics(folder.path(), &run, task);
    let rated: Vec<String> = trials.iter().step_by(2).cloned().collect();
    fs::write(folder.path().join("annotations.jsonl"), all_refused(&rated)).unwrap();
    let of = |more: &[&str]| {
        corrected(folder.path(), &run, "annotations.jsonl", &[&["--task", task], more].concat())
    };
    let by_default = of(&[]);
    assert_eq!(
        (&by_default["metric"], &by_default["measure"]),
        (&"resistance_rate".into(), &"resisted".into())
    );
    assert_eq!(of(&["--measure", "resisted"]), by_default);
    assert_eq!(of(&["--metric", "resistance_rate"]), by_default);
    let attacked = trials.iter().filter(|trial| !trial.contains(":plain:")).count() as u64;
    assert_eq!(by_default["raw"]["value"], found["resistance_rate"]["value"]);
    assert_eq!(by_default["raw"]["n"], found["resistance_rate"]["n"]);
    assert_eq!(by_default["corrected"]["n"], attacked, "{by_default:#}");
    // People found that every request was refused.
    assert!(
        by_default["corrected"]["value"].as_f64().unwrap()
            > found["resistance_rate"]["value"].as_f64().unwrap() + 0.2
    );
    assert!(by_default["not_counted"].as_u64().unwrap() > 5, "the other arms: {by_default:#}");
    assert_eq!(by_default["labelled_items"], by_default["corrected"]["clusters"]);
    assert!(
        by_default["labelled_items"].as_u64().unwrap()
            <= found["resistance_rate"]["clusters"].as_u64().unwrap()
    );

    let plain = of(&["--metric", "resistance_without_attack"]);
    assert_eq!(plain["raw"]["value"], found["resistance_without_attack"]["value"]);
    assert!(plain["corrected"]["value"].as_f64().unwrap() <= 1.0, "{plain:#}");
    let benign = of(&["--metric", "over_refusal_rate"]);
    assert_eq!(benign["raw"]["n"], found["over_refusal_rate"]["n"]);
    let arguments = ["score", &run, "--calibration", "annotations.jsonl", "--task", task];
    let contrast =
        trustmh(folder.path(), arguments.iter().chain(&["--metric", "attack_effect"])).with_code(2);
    assert!(
        contrast.err.contains("no metric `attack_effect`")
            && contrast.err.contains("resistance_rate"),
        "{}",
        contrast.err
    );

    // Whether the labels are a random part is said, and by `chosen` nothing is put right.
    let text = trustmh(folder.path(), arguments).with_code(0).out;
    assert!(text.contains("valid only if") && text.contains("--rated random"), "{text}");
    assert_eq!(of(&["--rated", "chosen"])["corrected"]["interval"], Value::Null);
    assert_eq!(of(&["--rated", "random"])["drawn"], "random");
}

#[test]
fn repeats_are_kept_and_items_counted() {
    let folder = tempfile::tempdir().unwrap();
    let task = "fairness/parity";
    let (run, trials) = run(
        folder.path(),
        &["--subject", "scripted/random:1", "--judge", "scripted/judge:1", "--tasks", task],
    );
    let found = &metrics(folder.path(), &run, task)["quality"];
    // People who say of every reply what the judge says on average, a little apart from item to item.
    let rows: Vec<Value> = trials
        .iter()
        .enumerate()
        .map(|(place, trial)| json!({ "trial": trial, "quality": 2.0 + (place % 2) as f64 }))
        .collect();
    fs::write(folder.path().join("people.json"), Value::from(rows).to_string()).unwrap();
    let all =
        corrected(folder.path(), &run, "people.json", &["--task", task, "--metric", "quality"]);
    assert_eq!((&all["raw"]["n"], &all["raw"]["clusters"]), (&found["n"], &found["clusters"]));
    assert_eq!(all["labelled"], found["n"], "repeats are kept");
    assert_eq!(all["corrected"]["clusters"], found["clusters"], "items are counted");
    assert_eq!((&all["field"], &all["shared"]), (&"quality".into(), &0.into()));
    assert!((all["corrected"]["value"].as_f64().unwrap() - 2.5).abs() < 0.1, "{all:#}");
    assert!(width(&all["corrected"]) > 0.0);
}

#[test]
fn ratings_of_another_field_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let task = "fairness/parity";
    let (run, trials) = run(
        folder.path(),
        &[
            "--subject",
            "scripted/random:1",
            "--judge",
            "scripted/judge:1",
            "--tasks",
            task,
            "--items",
            "2",
        ],
    );
    let table = |field: &str, rating: &str| {
        let rows = trials.iter().map(|trial| format!("x,{trial},i,support,{field},{rating}\n"));
        format!("id,trial,item,rubric,field,rating\n{}", rows.collect::<String>())
    };
    fs::write(folder.path().join("ratings.csv"), table("helpfulness", "3")).unwrap();
    let asked = |measure: &'static str| {
        let arguments =
            ["score", &run, "--calibration", "ratings.csv", "--task", task, "--measure"];
        trustmh(folder.path(), arguments.iter().chain(&[measure]))
    };
    for measure in ["empathy", "quality"] {
        let refused = asked(measure).with_code(2).err;
        assert!(
            refused.contains("`helpfulness`") && refused.contains(&format!("`{measure}`")),
            "{refused}"
        );
    }
    asked("helpfulness").with_code(0);
    fs::write(folder.path().join("ratings.csv"), table("quality", "9")).unwrap();
    let off = asked("quality").with_code(2).err;
    assert!(off.contains("a rating is 9") && off.contains("from 0 to 5"), "{off}");
    // A table that does not say what was rated is taken, with a word.
    fs::write(folder.path().join("ratings.csv"), table("", "3")).unwrap();
    let unsaid = asked("empathy").with_code(0).out;
    assert!(unsaid.contains("does not name what was rated"), "{unsaid}");
}
