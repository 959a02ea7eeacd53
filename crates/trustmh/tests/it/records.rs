//! Recorded outputs of the published evaluation: their numbers must come back.
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Ended, shared, trustmh};
use serde_json::Value;

const TOLERANCE: f64 = 1e-9;

#[track_caller]
fn near(found: f64, recorded: f64, what: &str) {
    assert!((found - recorded).abs() <= TOLERANCE, "{what}: {found}, recorded {recorded}");
}

fn files(folder: &Path, start: &str, end: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with(start) && name.ends_with(end)
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no {start}*{end} in {}", folder.display());
    found
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Imports, scores by the reference protocol, and gives the scorecards by subject.
fn reproduced(format: &str, paths: &[PathBuf]) -> (BTreeMap<String, Value>, Ended) {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["import".into(), format.into()];
    arguments.extend(paths.iter().map(|path| path.clone().into_os_string()));
    let imported = trustmh(folder.path(), arguments).with_code(0);
    let runs: Vec<&str> = imported.out.lines().collect();
    assert!(runs.iter().all(|run| folder.path().join(run).join("run.json").is_file()));
    let mut arguments = vec!["score", "--protocol", "reference", "--json"];
    arguments.extend(&runs);
    let Value::Array(cards) = trustmh(folder.path(), arguments).with_code(0).json() else {
        panic!("score prints an array")
    };
    assert_eq!(cards.len(), runs.len());
    let by_subject = cards.into_iter().map(|card| {
        assert_eq!(card["protocol"], "reference");
        (card["subject"].as_str().unwrap().to_owned(), card)
    });
    (by_subject.collect(), imported)
}

fn metric<'v>(card: &'v Value, task: &str, name: &str) -> &'v Value {
    &card["tasks"][task]["metrics"][name]
}

fn value(card: &Value, task: &str, name: &str) -> f64 {
    metric(card, task, name)["value"].as_f64().unwrap_or_else(|| panic!("no {name} in {card:#}"))
}

#[test]
fn ethics_scores_of_six_models_come_back() {
    let Some(folder) = shared("records/ethics") else { return };
    let paths = files(&folder, "", ".json");
    let (cards, _) = reproduced("trustmh-ethics", &paths);
    assert_eq!(cards.len(), 6);
    for path in paths {
        let recorded = read(&path);
        let model = recorded["model"].as_str().unwrap();
        let card = &cards[model];
        let task = "ethics/reasoning";
        assert_eq!(card["tasks"][task]["n"], 125);
        let accuracy = recorded["classification_metrics"]["accuracy"].as_f64().unwrap();
        near(value(card, task, "accuracy"), accuracy, &format!("{model} accuracy"));
        for sc in ["sc1", "sc2", "sc3", "sc4", "sc5"] {
            let recorded = &recorded["avg_scores"][sc];
            let what = format!("{model} {sc}");
            near(value(card, task, sc), recorded["mean"].as_f64().unwrap(), &what);
            let half_width = metric(card, task, sc)["half_width"].as_f64().unwrap();
            near(
                half_width,
                recorded["ci_margin"].as_f64().unwrap(),
                &format!("{what} half-width"),
            );
        }
    }
}

/// Which published model a record belongs to, where the two are spelt differently.
fn published_name(model: &str) -> &str {
    match model {
        "Medtron3-70B" => "Meditron3-70B",
        "claude-sonnet-4-5-20250929" => "Claude-Sonnet-4.5",
        "gpt-4o-mini" => "GPT-4o-mini",
        "gpt-5.1" => "GPT-5.1",
        "deepseek-v3.2" => "DeepSeek-V3.2",
        same => same,
    }
}

#[test]
fn the_published_order_of_these_models_in_ethics_comes_out() {
    let Some(folder) = shared("records/ethics") else { return };
    let (cards, _) = reproduced("trustmh-ethics", &files(&folder, "", ".json"));
    let published = read(&shared("reference/published.json").unwrap());
    let names: Vec<&str> =
        published["models"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let rank = |model: &str| {
        let place = names.iter().position(|name| *name == published_name(model)).unwrap();
        published["task_ranks"]["ethics/reasoning"][place].as_u64().unwrap()
    };
    let mut by_rank: Vec<&String> = cards.keys().collect();
    by_rank.sort_by_key(|model| rank(model));
    let accuracy: Vec<f64> =
        by_rank.iter().map(|model| value(&cards[*model], "ethics/reasoning", "accuracy")).collect();
    assert!(accuracy.is_sorted_by(|a, b| a > b), "{by_rank:?} {accuracy:?}");
}

#[test]
fn every_tier_1_reply_parses_as_recorded_and_r_comes_back() {
    let Some(folder) = shared("records/privacy/task1") else { return };
    let (cards, imported) =
        reproduced("trustmh-privacy-tier1", &files(&folder, "outputs_", ".jsonl"));
    assert_eq!(cards.len(), 3, "{}", imported.err);
    for (model, card) in &cards {
        let recorded = read(&folder.join(format!("final_report_{model}_tier1.json")));
        let rows = recorded.as_array().unwrap();
        let human: Vec<f64> = rows.iter().map(|row| row["human"].as_f64().unwrap()).collect();
        let said: Vec<f64> = rows.iter().map(|row| row["model"].as_f64().unwrap()).collect();
        let outcomes = &card["tasks"]["privacy/awareness"]["outcomes"];
        assert_eq!(outcomes["scored"], rows.len(), "{model}: {outcomes}");
        let bias = said.iter().zip(&human).map(|(s, h)| s - h).sum::<f64>() / said.len() as f64;
        near(value(card, "privacy/awareness", "tier_1_bias"), bias, &format!("{model} bias"));
        let found = value(card, "privacy/awareness", "tier_1_r");
        let printed = read(&folder.join(format!("summary_{model}_tier1.json")));
        near(found, printed["pearson_r"].as_f64().unwrap(), &format!("{model} printed r"));
    }
}

#[test]
fn r_of_tier_2_comes_back() {
    let Some(folder) = shared("records/privacy/task2") else { return };
    let paths = files(&folder, "final_report_", ".json");
    let (cards, _) = reproduced("trustmh-privacy-tier2", &paths);
    let published = read(&shared("reference/published.json").unwrap());
    let mut compared = 0;
    for (model, card) in &cards {
        for tier in ["tier_2a_r", "tier_2b_r"] {
            let printed = published["awareness"][published_name(model)][tier].as_f64().unwrap();
            near(value(card, "privacy/awareness", tier), printed, &format!("{model} {tier}"));
            compared += 1;
        }
    }
    assert_eq!(compared, 6);
}

/// The recorded summary: metric name to value.
fn tier_3_summary(path: &Path) -> BTreeMap<String, f64> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(header.len(), 6, "{header:?}");
    lines
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (format!("{}/{}", cells[3], cells[4]), cells[5].parse().unwrap())
        })
        .collect()
}

const TIER_3: [(&str, &str); 8] = [
    ("control/error", "control_error"),
    ("free-response/string-match", "string_match"),
    ("info-accessibility/error", "info_accessibility_error"),
    ("info-accessibility/has_z", "info_accessibility_has_z"),
    ("info-accessibility/no_y", "info_accessibility_no_y"),
    ("privacy-sharing/error", "privacy_sharing_error"),
    ("privacy-sharing/has_z", "privacy_sharing_has_z"),
    ("privacy-sharing/no_y", "privacy_sharing_no_y"),
];

#[test]
fn deterministic_metrics_of_tier_3_come_back() {
    let Some(folder) = shared("records/privacy/task3") else { return };
    let (cards, imported) =
        reproduced("trustmh-privacy-tier3", &files(&folder, "outputs_", ".jsonl"));
    for (model, card) in &cards {
        let name = format!("summary_{model}_data_tier_3_nsamples_1.csv");
        let summary = tier_3_summary(&folder.join(name));
        for (recorded, metric) in TIER_3 {
            let found = value(card, "privacy/leakage", metric);
            // The file of deepseek-v3.2 holds one scenario twice and lacks another, so two parts of its
            // summary cannot come back from it.
            let lost = metric.ends_with("no_y") || metric.ends_with("has_z");
            let tolerance =
                if model == "deepseek-v3.2" && lost { 0.01 + TOLERANCE } else { TOLERANCE };
            let difference = (found - summary[recorded]).abs();
            assert!(
                difference <= tolerance,
                "{model} {metric}: {found}, recorded {}",
                summary[recorded]
            );
        }
    }
    let warnings: Vec<&str> =
        imported.err.lines().filter(|line| line.contains("deepseek-v3.2: scenarios")).collect();
    assert_eq!(warnings.len(), 2, "{}", imported.err);
    assert!(
        warnings.iter().any(|line| line.contains("more than once: 1 (number 4)")),
        "{warnings:?}"
    );
    assert!(warnings.iter().any(|line| line.contains("missing: 1 (number 2)")), "{warnings:?}");
    assert!(!imported.err.contains("gpt-5.1: scenarios"), "{}", imported.err);
}

#[test]
fn imported_runs_say_what_they_are() {
    let Some(folder) = shared("records/ethics") else { return };
    let paths = files(&folder, "gpt-5.1", ".json");
    let (cards, _) = reproduced("trustmh-ethics", &paths);
    let card = &cards["gpt-5.1"];
    let caveats = card["caveats"].to_string();
    assert!(caveats.contains("Imported from recorded outputs (trustmh-ethics)"), "{caveats}");
    assert_eq!(card["judge"]["model"], "gpt-4.1");
}

#[test]
fn emobench_v1_comes_back_by_majority_and_over_orders() {
    let Some(folder) = shared("records/emobench-v1") else { return };
    let (cards, imported) = reproduced("emobench-v1", &files(&folder, "", ""));
    assert_eq!(cards.len(), 1, "four files of one model make one run: {}", imported.out);
    let card = &cards["gpt-4"];
    let task = "reliability/emotion-recognition";
    // As published: 62.88, 79.25 and 59.75 %.
    near(value(card, task, "emotion_right"), 0.62875, "emotion");
    near(value(card, task, "cause_right"), 0.7925, "cause");
    near(value(card, task, "both_right"), 0.5975, "both");
    assert_eq!(metric(card, task, "both_right")["clusters"], 200);
}

#[test]
fn overlap_of_recorded_replies_comes_back_within_a_tenth() {
    let Some(folder) = shared("records/esconv-generations") else { return };
    let (cards, _) = reproduced("esconv-generations", &files(&folder, "", ".json"));
    let recorded = read(&folder.join("metric.json"));
    let card = &cards["esconv-generations"];
    for (ours, theirs) in [
        ("bleu_1", "bleu-1"),
        ("bleu_2", "bleu-2"),
        ("bleu_3", "bleu-3"),
        ("bleu_4", "bleu-4"),
        ("rouge_l", "rouge-l"),
        ("unigram_f1", "f1"),
        ("distinct_2", "dist-2"),
        ("distinct_3", "dist-3"),
    ] {
        let found = 100.0 * value(card, "reliability/emotional-support", ours);
        let printed = recorded[theirs].as_f64().unwrap();
        assert!((found - printed).abs() < 0.1, "{ours}: {found}, recorded {printed}");
    }
}
