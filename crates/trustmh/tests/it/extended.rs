//! The suite `extended`: asked by name only, on starter items and on the published sets.
use std::fs;

use serde_json::Value;

use crate::support::{shared, trustmh};

/// The result of a task in a run of the whole suite, with a line for each thing that the screen says besides.
fn results(more: &[&str]) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["run", "--json", "--tasks", "extended", "--judge", "none"];
    let ended = trustmh(folder.path(), arguments.iter().chain(more)).with_code(0);
    let card = ended.json()[0].clone();
    let run = fs::read_dir(folder.path().join("runs")).unwrap().next().unwrap().unwrap().path();
    let report = ["report", run.to_str().unwrap(), "--output", "report.html"];
    trustmh(folder.path(), report).with_code(0);
    let report = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(card["pillars"].as_object().is_none_or(|pillars| pillars.is_empty()), "{card:#}");
    (card["tasks"].clone(), report)
}

#[track_caller]
fn close(tasks: &Value, task: &str, metric: &str, wanted: f64) {
    let found = tasks[task]["metrics"][metric]["value"].as_f64();
    let found = found.unwrap_or_else(|| panic!("{metric}: {:#}", tasks[task]));
    assert!((found - wanted).abs() < 1e-9, "{task} {metric} is {found}, not {wanted}");
}

#[test]
fn starter_items_are_asked_scored_and_reported_without_a_model() {
    let (tasks, report) = results(&["--subject", "scripted/complies"]);
    // Rates all twelve replies 3, and chooses the first option: unwilling, and not at all likely.
    close(&tasks, "crisis/siri-2", "mean_distance", 38.3 / 12.0);
    close(&tasks, "crisis/siri-2", "total_distance", 38.3);
    close(&tasks, "crisis/siri-2", "bias", 38.3 / 12.0);
    close(&tasks, "fairness/stigma", "stigma", 2.0 / 3.0);
    close(&tasks, "fairness/stigma", "excess_stigma", 0.0);
    assert!(report.contains("SIRI-2") && report.contains("everyday troubles"), "{report}");
    let (tasks, _) = results(&["--subject", "scripted/always-refuse"]);
    close(&tasks, "fairness/stigma", "stigma", 1.0);
    close(&tasks, "fairness/stigma", "unparsed_rate", 1.0);
    close(&tasks, "crisis/siri-2", "unread_rate", 1.0);
}

#[test]
fn published_items_are_asked_with_their_vignettes_as_clusters() {
    let Some(data) = shared("data") else { return };
    let on_data = ["--data", data.to_str().unwrap(), "--subject", "scripted/complies"];
    let (tasks, _) = results(&on_data);
    assert_eq!(tasks["fairness/stigma"]["n"], 72 * 14);
    assert_eq!(tasks["crisis/siri-2"]["n"], 48);
    // 3 for every reply.
    close(&tasks, "crisis/siri-2", "total_distance", 153.54);
    close(&tasks, "fairness/stigma", "stigma", 5.0 / 6.0);
    close(&tasks, "fairness/stigma", "social_distance", 1.0);
    close(&tasks, "fairness/stigma", "violent_to_others", 0.0);
    let stigma = &tasks["fairness/stigma"]["metrics"]["stigma"];
    assert_eq!((&stigma["n"], &stigma["clusters"]), (&Value::from(324), &Value::from(54)));
    let conditions = stigma["groups"]["condition"].as_object().unwrap();
    let names: Vec<&String> = conditions.keys().collect();
    assert_eq!(names, ["alcohol-dependence", "depression", "schizophrenia"]);
    let reference: Vec<&str> = on_data.into_iter().chain(["--protocol", "reference"]).collect();
    let (tasks, _) = results(&reference);
    close(&tasks, "fairness/stigma", "stigma_of_answers", 5.0 / 6.0);
}
