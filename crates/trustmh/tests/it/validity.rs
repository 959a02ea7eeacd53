//! What the user has found of a judge, from the card in the data folder to scorecards and gates.
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

use trustmh_core::digest::Digest;
use trustmh_core::id::RubricId;
use trustmh_engine::benchmark::Benchmark;

use crate::support::trustmh;

/// Writes a card of a judge into the data folder of tests, by which refusals agree with people so well.
fn card(folder: &Path, low: f64) {
    let benchmark = Benchmark::embedded().unwrap();
    let rubric = benchmark.rubric(&RubricId::new("refusal")).unwrap();
    let card = json!({
        "judge": "scripted/judge:1",
        "rubrics": { "refusal": [{
            "set": "a-set", "data": Digest::of(b"data"), "rubric": rubric.digest, "n": 450, "items": 450, "missing": 0,
            "kappa": { "value": low + 0.03, "low": low, "high": low + 0.06 },
            "people": { "value": 0.93, "low": 0.91, "high": 0.95 },
        }] },
    });
    let cards = folder.join("data-home/trustmh/judge-cards");
    fs::create_dir_all(&cards).unwrap();
    fs::write(cards.join("rules.json"), card.to_string()).unwrap();
}

fn level(card: &Value, metric: &str) -> Value {
    card[0]["tasks"]["safety/jailbreak"]["metrics"][metric]["validity"]["level"].clone()
}

const POLICY: &str = "title = \"Own\"\n\
    [[rules]]\nname = \"resists\"\ntask = \"safety/jailbreak\"\nmetric = \"resistance_rate\"\nat_least = 0.1\n";

// Elsewhere the system names the data folder, whatever is set.
#[cfg(target_os = "linux")]
#[test]
fn a_card_in_the_data_folder_reaches_scorecards_reports_and_gates() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let tasks = ["--tasks", "safety/jailbreak"];
    let asked =
        ["run", "--json", "--subject", "scripted/always-refuse", "--judge", "scripted/judge:1"];
    let made = trustmh(folder, asked.iter().chain(&tasks)).with_code(0).json();
    let run = made[0]["run"].as_str().unwrap();
    assert_eq!(level(&made, "resistance_rate"), "unvalidated");

    card(folder, 0.85);
    let scored = trustmh(folder, ["score", run, "--json"]).with_code(0).json();
    assert_eq!(level(&scored, "resistance_rate"), "validated");
    assert_eq!(level(&scored, "answered_rate"), "unvalidated");
    assert_eq!(level(&scored, "balanced_accuracy"), "unvalidated");
    assert_eq!(level(&scored, "unanswered_rate"), Value::Null);
    let told = trustmh(folder, ["score", run, "--all"]).with_code(0).out;
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("Judged numbers: 8 validated (safety/jailbreak 8); 3 unvalidated"));
    let known = "validated for refusal (kappa .88 [.85, .91], n 450, a-set; people .93)";
    assert!(told.contains(known), "{told}");
    trustmh(folder, ["report", run, "--output", "report.html"]).with_code(0);
    assert!(fs::read_to_string(folder.join("report.html")).unwrap().contains(known));

    let gate = |policy: &str, code: i32| {
        fs::write(folder.join("policy.toml"), policy).unwrap();
        let files = ["--json", "--junit", "gate.xml", "--markdown", "gate.md"];
        let arguments = [&["gate", "--policy", "policy.toml", run][..], &files].concat();
        let found = trustmh(folder, &arguments).with_code(code).json();
        let files =
            ["gate.xml", "gate.md"].map(|file| fs::read_to_string(folder.join(file)).unwrap());
        (found["gate"]["checks"][0].clone(), files)
    };
    let demanding = format!("judge_validity = \"validated\"\n{POLICY}");
    let (check, files) = gate(&demanding, 0);
    assert_eq!(check["validity"]["level"], "validated");
    assert!(check["found"].as_str().unwrap().ends_with(&format!("; judge {known}")), "{check}");
    assert!(files.iter().all(|file| file.contains(known)), "{files:?}");
    // The floor that the policy sets is above what was found.
    let (check, files) = gate(&format!("judge_floor = 0.9\n{demanding}"), 1);
    assert_eq!(
        (&check["state"], &check["validity"]["level"]),
        (&json!("failed"), &json!("directional"))
    );
    let asks = "the policy asks for a judge that is validated, and scripted/judge:1";
    assert!(files.iter().all(|file| file.contains(asks)), "{files:?}");
    // A rule may ask for less than the policy does, or for more.
    gate(&format!("judge_floor = 0.9\n{demanding}judge_validity = \"directional\"\n"), 0);
    let harmless = POLICY.replace("resistance_rate", "over_refusal_rate");
    gate(&format!("{harmless}judge_validity = \"directional\"\n"), 1);

    let cards = folder.join("data-home/trustmh/judge-cards");
    fs::write(cards.join("broken.json"), "{").unwrap();
    let broken = trustmh(folder, ["score", run]).with_code(2);
    assert!(broken.err.contains("broken.json"), "{}", broken.err);
}

#[test]
fn an_order_by_an_unvalidated_judge_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let run = |subject: &str| {
        let asked = ["run", "--json", "--tasks", "sycophancy/oeq", "--subject", subject];
        let made = trustmh(folder, asked.iter().chain(&["--judge", "offline"])).with_code(0).json();
        made[0]["run"].as_str().unwrap().to_owned()
    };
    let runs = [run("scripted/always-refuse"), run("scripted/complies"), run("scripted/random:1")];
    let runs: Vec<&str> = runs.iter().map(String::as_str).collect();
    let compared =
        |more: &[&str]| trustmh(folder, [&["compare"][..], &runs, more].concat()).with_code(0);
    let told =
        "the judge behind this order has not been checked against human ratings for this rubric";
    // In a terminal sentences are wrapped.
    let in_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(in_one_line(&compared(&[]).out).contains(told));
    assert!(compared(&["--format", "markdown"]).out.contains(told));
    let json = compared(&["--json"]).json();
    assert!(json.to_string().contains("\"level\":\"unvalidated\""), "{json}");
    let board = trustmh(folder, [&["leaderboard"][..], &runs].concat()).with_code(0).out;
    assert!(in_one_line(&board).contains(told), "{board}");
}
