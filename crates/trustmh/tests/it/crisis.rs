//! Crisis and Anti-sycophancy: recorded numbers come back, baselines score what they must.
use crate::support;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Ended, shared, trustmh};
use serde_json::Value;

fn named(folder: &Path, parts: &[&str]) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            parts.iter().all(|part| name.contains(part))
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no file with {parts:?} in {}", folder.display());
    found
}

/// Imports with the published data at hand, and scores each run.
fn imported(arguments: &[&str], paths: &[PathBuf], protocol: &str) -> (Vec<Value>, Ended) {
    let folder = tempfile::tempdir().unwrap();
    let data = shared("data").unwrap();
    let mut import = vec!["import".into(), arguments[0].into()];
    import.extend(paths.iter().map(|path| path.clone().into_os_string()));
    import.extend(arguments[1..].iter().map(Into::into));
    import.extend(["--data".into(), data.into_os_string()]);
    let ended = trustmh(folder.path(), import).with_code(0);
    let mut score = vec!["score", "--json", "--protocol", protocol];
    score.extend(ended.out.lines());
    let Value::Array(cards) = trustmh(folder.path(), score).with_code(0).json() else {
        panic!("score prints an array")
    };
    (cards, ended)
}

fn metric<'v>(card: &'v Value, task: &str, name: &str) -> &'v Value {
    &card["tasks"][task]["metrics"][name]
}

fn value(card: &Value, task: &str, name: &str) -> f64 {
    metric(card, task, name)["value"].as_f64().unwrap_or_else(|| panic!("no {name} in {card:#}"))
}

#[track_caller]
fn near(found: f64, recorded: f64, tolerance: f64) {
    assert!((found - recorded).abs() <= tolerance, "{found}, recorded {recorded}");
}

#[test]
fn levels_of_the_columbia_scale_come_back() {
    let Some(folder) = shared("records/cssrs-llm") else { return };
    let paths = ["gpt_responses.jsonl", "claude_responses.jsonl"].map(|name| folder.join(name));
    let labels = folder.join("labels.csv");
    let arguments = ["cssrs-llm", "--labels", labels.to_str().unwrap()];
    let (cards, ended) = imported(&arguments, &paths, "reference");
    assert!(ended.err.contains("26 replies belong to no post"), "{}", ended.err);
    let recorded = [
        ("gpt", 1161, [0.7278, 0.8692, 0.4884, 0.8843]),
        ("claude", 1169, [0.7348, 0.8763, 0.4482, 0.8801]),
    ];
    for (model, n, figures) in recorded {
        let card = cards.iter().find(|card| card["subject"] == model).unwrap();
        for (name, figure) in ["accuracy", "qwk", "mae", "spearman"].into_iter().zip(figures) {
            let found = metric(card, "crisis/severity", name);
            assert_eq!(found["n"], n, "{model} {name}");
            assert!(found["low"].as_f64() < found["high"].as_f64(), "{model} {name}");
            // Recorded to four decimals.
            near(found["value"].as_f64().unwrap(), figure, 0.000_05);
        }
    }
}

#[test]
fn the_merge_agrees_with_one_of_its_voters_and_says_so() {
    let Some(folder) = shared("data/crisis") else { return };
    let paths = named(&folder, &["gpt-4o-mini-labeled", "n_200"]);
    let task = "crisis/identification";
    let (reference, _) = imported(&["crisis-labels"], &paths, "reference");
    assert_eq!(metric(&reference[0], task, "accuracy")["n"], 190);
    near(value(&reference[0], task, "accuracy"), 177.0 / 190.0, 1e-12);
    near(value(&reference[0], task, "accuracy"), 0.9316, 0.000_05);
    let (corrected, _) = imported(&["crisis-labels"], &paths, "corrected");
    assert_eq!(metric(&corrected[0], task, "accuracy")["n"], 178);
    near(value(&corrected[0], task, "accuracy"), 150.0 / 178.0, 1e-12);
    for card in [&reference[0], &corrected[0]] {
        let caveats = card["tasks"][task]["caveats"].to_string();
        assert!(caveats.contains("Circular: gpt-4o-mini"), "{caveats}");
    }
    let Some(records) = shared("records/crisis") else { return };
    let (other, _) =
        imported(&["crisis-labels"], &named(&records, &["gpt-5-nano-labeled"]), "reference");
    assert!(!other[0]["tasks"][task]["caveats"].to_string().contains("Circular"));
}

#[test]
fn the_recorded_judges_scores_come_back_from_repeats_and_from_their_merge() {
    let Some(folder) = shared("records/crisis") else { return };
    let evaluations = named(&folder, &["gpt-4o-mini-evaluation"]);
    let (merged, raw): (Vec<PathBuf>, Vec<PathBuf>) =
        evaluations.into_iter().partition(|path| path.to_str().unwrap().ends_with("_merged.json"));
    assert_eq!((raw.len(), merged.len()), (3, 1));
    // The record's own mean of each reply, and from them mean and population SD.
    let rows: Value = serde_json::from_str(&fs::read_to_string(&merged[0]).unwrap()).unwrap();
    let number = |field: &str| -> Vec<f64> {
        rows.as_array().unwrap().iter().filter_map(|row| row[field].as_f64()).collect()
    };
    let (means, sds) = (number("evaluation"), number("evaluation_std"));
    assert_eq!((means.len(), sds.len()), (190, 190));
    let average = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mean = average(&means);
    let squares: f64 = means.iter().map(|value| (value - mean).powi(2)).sum();
    let sd = (squares / means.len() as f64).sqrt();
    let task = "crisis/escalation";
    for paths in [&raw, &merged] {
        let (cards, ended) = imported(&["crisis-judgements"], paths, "reference");
        assert_eq!(cards.len(), 1);
        assert_eq!(cards[0]["judge"]["model"], "gpt-4o-mini");
        assert!(ended.err.contains("16 answers to messages without a label"), "{}", ended.err);
        let found = metric(&cards[0], task, "appropriateness");
        assert_eq!((found["n"].as_u64(), found["clusters"].as_u64()), (Some(570), Some(190)));
        near(value(&cards[0], task, "appropriateness"), mean, 1e-9);
        near(value(&cards[0], task, "appropriateness_sd"), sd, 1e-9);
        near(value(&cards[0], task, "repeat_sd"), average(&sds), 1e-9);
    }
}

#[test]
fn answers_alone_can_be_judged_offline() {
    let Some(folder) = shared("records/crisis") else { return };
    let answers = named(&folder, &["gpt-4o-mini-answers"]);
    let runs = tempfile::tempdir().unwrap();
    let data = shared("data").unwrap();
    let arguments = ["import", "crisis-answers", answers[0].to_str().unwrap(), "--data"];
    let import = trustmh(runs.path(), arguments.into_iter().chain([data.to_str().unwrap()]));
    let run = import.with_code(0).out.trim().to_owned();
    let scored = trustmh(runs.path(), ["score", &run, "--judge", "offline", "--json"]);
    let card = scored.with_code(0).json()[0].take();
    assert_eq!(metric(&card, "crisis/escalation", "appropriateness")["n"], 190);
    assert!(card["caveats"].to_string().contains("offline rules"));
}

fn card(subject: &str, more: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["run", "--json", "--subject", subject, "--tasks", "crisis,sycophancy"];
    let arguments = arguments.into_iter().chain(more.iter().copied());
    trustmh(folder.path(), arguments).with_code(0).json()[0].take()
}

const ACTIONS: [&str; 3] = ["sycophancy/aita-yta", "sycophancy/oeq", "sycophancy/pas"];

#[test]
fn endorsing_all_or_nothing_scores_one_or_nought_under_both_protocols() {
    for protocol in ["reference", "corrected"] {
        for (subject, rate) in
            [("scripted/always-endorse", 1.0), ("scripted/always-challenge", 0.0)]
        {
            let card = card(subject, &["--protocol", protocol]);
            for task in ACTIONS {
                near(value(&card, task, "endorsement_rate"), rate, 1e-12);
                near(value(&card, task, "endorsement_of_sides_taken"), rate, 1e-12);
                near(value(&card, task, "challenge_rate"), 1.0 - rate, 1e-12);
            }
        }
    }
}

#[test]
fn who_sees_no_crisis_misses_them_all() {
    let card = card("scripted/always-no-crisis", &[]);
    near(value(&card, "crisis/identification", "missed_crisis"), 1.0, 1e-12);
    near(value(&card, "crisis/identification", "false_alarm"), 0.0, 1e-12);
    near(value(&card, "crisis/identification", "crisis_f1"), 0.0, 1e-12);
    near(value(&card, "crisis/severity", "under_triage"), 0.8, 1e-12);
    near(value(&card, "crisis/severity", "missed_risk"), 1.0, 1e-12);
    // Nobody can be rated below the lowest level.
    near(value(&card, "crisis/severity", "over_triage"), 0.0, 1e-12);
}

#[test]
fn a_small_context_cuts_the_oldest_posts_and_the_report_says_so() {
    let Some(data) = shared("data") else { return };
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["run", "--json", "--subject", "scripted/random", "--tasks", "crisis/severity"];
    let run = |context: &'static str| {
        let more = ["--context", context, "--data", data.to_str().unwrap()];
        let card = trustmh(folder.path(), arguments.into_iter().chain(more)).with_code(0).json();
        card[0]["tasks"]["crisis/severity"]["flags"]["input-cut"].as_u64()
    };
    let (small, large) = (run("1024").unwrap(), run("4096").unwrap());
    assert!(small > large && large > 50, "{small} and {large}");
    assert_eq!(run("100000"), None);
    let runs = fs::read_dir(folder.path().join("runs")).unwrap();
    let newest = runs.map(|run| run.unwrap().path()).max().unwrap();
    let html = fs::read_to_string(newest.join("report.html")).unwrap();
    assert!(html.contains("inputs cut to fit"), "the report names the bound");
}

#[test]
fn both_pillars_run_on_published_data_with_table_json_and_report() {
    let Some(data) = shared("data") else { return };
    let folder = tempfile::tempdir().unwrap();
    let provider = support::Provider::start(&["--behaviour", "random:3"]);
    let judge = support::Provider::start(&["--behaviour", "judge:3"]);
    let run = trustmh(
        folder.path(),
        [
            "run",
            "--all",
            "--subject",
            "openai/s",
            "--base-url",
            &provider.url,
            "--judge",
            "openai/j",
            "--judge-base-url",
            &judge.url,
            "--tasks",
            "crisis,sycophancy",
            "--items",
            "60",
            "--data",
            data.to_str().unwrap(),
        ],
    )
    .with_code(0);
    for task in ["crisis/identification", "crisis/severity", "crisis/escalation"] {
        assert!(run.out.contains(task), "{}", run.out);
    }
    let runs: Vec<PathBuf> = fs::read_dir(folder.path().join("runs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let run = runs[0].to_str().unwrap();
    let card = trustmh(folder.path(), ["score", run, "--json"]).with_code(0).json()[0].take();
    assert_eq!(metric(&card, "crisis/escalation", "appropriateness")["n"], 45);
    assert!(value(&card, "sycophancy/oeq", "endorsement_rate") > 0.0);
    let warnings = card["tasks"]["sycophancy/pas"]["source"]["warnings"].to_string();
    assert!(warnings.contains("starter items are asked instead"), "{warnings}");
    let html = fs::read_to_string(runs[0].join("report.html")).unwrap();
    assert!(html.contains("crisis/severity") && html.contains("sycophancy/aita-yta"));
}

#[test]
fn anchors_can_be_taken_from_a_table() {
    let Some(data) = shared("data/crisis") else { return };
    let folder = tempfile::tempdir().unwrap();
    let protocol = data.join("protocol.csv");
    let judge = support::Provider::start(&["--behaviour", "judge:3"]);
    let arguments = [
        "run",
        "--json",
        "--subject",
        "scripted/random",
        "--judge",
        "openai/j",
        "--judge-base-url",
        &judge.url,
        "--tasks",
        "crisis/escalation",
        "--items",
        "7",
    ];
    let own = trustmh(folder.path(), arguments).with_code(0).json();
    let more = ["--rubric", protocol.to_str().unwrap()];
    let theirs = trustmh(folder.path(), arguments.into_iter().chain(more)).with_code(0).json();
    // The scripted judge draws by the prompt, which holds the anchors.
    assert_ne!(own[0]["tasks"], theirs[0]["tasks"]);

    let short = folder.path().join("short.csv");
    fs::write(&short, "label,1,2,3,4,5\nno_crisis,a,b,c,d,e\n").unwrap();
    let more = ["--rubric", short.to_str().unwrap()];
    let refused = trustmh(folder.path(), arguments.into_iter().chain(more)).with_code(2);
    assert!(refused.err.contains("has no row for anxiety_crisis"), "{}", refused.err);
}

fn agreement(arguments: &[&str], paths: &[PathBuf]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut command = vec!["agreement".into(), "--json".into()];
    command.extend(arguments.iter().map(Into::into));
    command.extend(paths.iter().map(|path| path.clone().into_os_string()));
    trustmh(folder.path(), command).with_code(0).json()
}

fn figure(found: &Value, name: &str) -> f64 {
    let estimate = &found["pairs"][0][name];
    assert!(estimate["interval"]["low"].as_f64() < estimate["interval"]["high"].as_f64());
    estimate["value"].as_f64().unwrap_or_else(|| panic!("no {name} in {found:#}"))
}

#[test]
fn peoples_agreement_comes_back() {
    let Some(folder) = shared("data/crisis") else { return };
    let labels = named(&folder, &["_label", "n206", "H"]);
    let labels: Vec<PathBuf> = labels
        .into_iter()
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with('H'))
        .collect();
    assert_eq!(labels.len(), 4);
    let found = agreement(&[], &labels);
    assert_eq!(found["units"], 206);
    // Recorded: H1 and H2 .5765, all four .5487.
    near(figure(&found, "cohen_kappa"), 0.5765, 0.000_05);
    near(found["fleiss_kappa"]["value"].as_f64().unwrap(), 0.5487, 0.000_05);
    assert_eq!(found["pairs"][0]["confusion"]["anxiety_crisis"]["no_crisis"], 34);

    let found = agreement(&[], &named(&folder, &["_scores_"]));
    near(figure(&found, "mae"), 0.463_157_894_736_842_1, 1e-9);
    near(figure(&found, "rmse"), 0.794_719_414_239_026_3, 1e-9);
    near(figure(&found, "within_1"), 0.952_631_578_947_368_4, 1e-9);
    assert_eq!(found["pairs"][0]["mae"]["n"], 190);
}

#[test]
fn annotators_in_columns_of_one_table_are_raters() {
    let Some(folder) = shared("records/llms-as-therapists") else { return };
    let table = named(&folder, &["classification_validation"]);
    // Recorded: .94 between the annotators, .98 and .96 between each and the model.
    for (other, recorded) in [
        ("annotator_1_classification,annotator_2_classification", 0.94),
        ("annotator_1_classification,gpt-4o-2024-08-06_classification", 0.98),
        ("annotator_2_classification,gpt-4o-2024-08-06_classification", 0.96),
    ] {
        near(figure(&agreement(&["--columns", other], &table), "cohen_kappa"), recorded, 0.005);
    }
}

#[test]
fn runs_are_raters_too() {
    let folder = tempfile::tempdir().unwrap();
    let run = |subject: &str| {
        let arguments = ["run", "--json", "--subject", subject, "--tasks", "crisis"];
        let card = trustmh(folder.path(), arguments).with_code(0).json();
        card[0]["run"].as_str().unwrap().to_owned()
    };
    let (random, calm) = (run("scripted/random"), run("scripted/always-no-crisis"));
    let arguments = ["agreement", "--json", "--task", "crisis/identification", &random, &calm];
    let found = trustmh(folder.path(), arguments).with_code(0).json();
    assert_eq!((&found["units"], &found["scale"]), (&49.into(), &"nominal".into()));
    let measure = ["--task", "crisis/escalation", "--measure", "appropriateness"];
    let arguments = ["agreement", "--json", &random, &calm].into_iter().chain(measure);
    let found = trustmh(folder.path(), arguments).with_code(0).json();
    assert_eq!((&found["units"], &found["scale"]), (&49.into(), &"numeric".into()));
    let refused = trustmh(folder.path(), ["agreement", &random]).with_code(2);
    assert!(refused.err.contains("two raters"), "{}", refused.err);
    let refused = trustmh(folder.path(), ["agreement", &random, &calm, "--measure", "mood"]);
    assert!(refused.with_code(2).err.contains("no ratings found"));
}

/// The offline rules beside people's scores; docs/judges.md shows the same table, and this keeps it true.
#[test]
fn the_offline_rules_for_escalation_are_as_good_as_documented() {
    let Some(data) = shared("data/crisis") else { return };
    let Some(records) = shared("records/llms-as-therapists") else { return };
    let mut paths = named(&data, &["_scores_"]);
    paths.extend(named(&records, &["classification_validation"]));
    let found = agreement(&["--offline-judge"], &paths);
    let mut table = String::from(
        "| replies | rater | n | Spearman's rank correlation with the rules |\n|---|---|---|---|\n",
    );
    for group in found.as_array().unwrap() {
        let (file, of) = group["of"].as_str().unwrap().split_once(": ").unwrap();
        let is_ours = file.starts_with('H');
        if !["all", "in a crisis", "no_crisis", "suicidal_ideation"].contains(&of)
            || (!is_ours && of != "all")
        {
            continue;
        }
        for pair in group["agreement"]["pairs"].as_array().unwrap() {
            if pair["left"] != "offline rules" {
                continue;
            }
            let rho = &pair["spearman"];
            let bound = |end: &str| rho["interval"][end].as_f64().unwrap();
            let replies = if is_ours { of } else { "llms-as-therapists, all" };
            table.push_str(&format!(
                "| {replies} | {} | {} | {:.2} (95 % interval {:.2} to {:.2}) |\n",
                pair["right"].as_str().unwrap(),
                rho["n"],
                rho["value"].as_f64().unwrap(),
                bound("low"),
                bound("high"),
            ));
            // What makes the rules the default: better than chance with every person over all replies.
            assert!(of != "all" || bound("low") > 0.0, "{table}");
        }
    }
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/judges.md");
    let document = fs::read_to_string(document).unwrap();
    let stands = document
        .split_once("<!-- escalation: begin -->\n")
        .and_then(|(_, rest)| rest.split_once("<!-- escalation: end -->"))
        .map(|(stands, _)| stands);
    assert!(stands == Some(&table), "docs/judges.md is out of date; it should say:\n{table}");
}
