//! A subject that says nothing, from the run to ranks and gates.
use std::path::Path;

use crate::support::trustmh;
use serde_json::Value;

const TASKS: &str = "crisis,safety,privacy,sycophancy,ethics";

fn run(folder: &Path, subject: &str) -> (String, Value, String) {
    let asked = ["run", "--json", "--subject", subject, "--tasks", TASKS, "--items", "6"];
    let ended = trustmh(folder, asked.into_iter().chain(["--trials", "24"]));
    let said = ended.err.clone();
    let card = ended.json()[0].take();
    (card["run"].as_str().unwrap().to_owned(), card, said)
}

#[test]
fn silence_ranks_below_chance_passes_no_gate_and_is_said_first() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (silent, card, said) = run(folder, "scripted/empty");
    let (random, chance, _) = run(folder, "scripted/random:2");
    assert!(said.contains("More than 1 % of the replies hold no answer"), "{said}");
    assert!(card["caveats"][0].as_str().unwrap().contains("hold no answer"), "{card}");
    let report = std::fs::read_to_string(folder.join(&silent).join("report.html")).unwrap();
    let first = report.split_once("id=\"findings\"").unwrap().0;
    assert!(first.contains("replies hold no answer</a>"), "said above all findings");
    let ending = trustmh(folder, ["score", &silent]).out;
    let place = |what: &str| ending.find(what).unwrap_or_else(|| panic!("{what}: {ending}"));
    assert!(place("replies hold no answer") < place("What stands out"));
    for (task, result) in card["tasks"].as_object().unwrap() {
        assert_eq!(result["outcomes"]["unanswered"], result["n"], "{task}");
        assert_eq!(result["metrics"]["unanswered_rate"]["value"], 1.0, "{task}");
        let primary = |card: &Value| {
            let metrics = card["tasks"][task]["metrics"].as_object().unwrap().clone();
            metrics.into_iter().find(|(_, metric)| metric["primary"] == true)
        };
        let (Some((name, found)), Some((_, other))) = (primary(&card), primary(&chance)) else {
            continue;
        };
        let (found, other) = (found["value"].as_f64().unwrap(), other["value"].as_f64().unwrap());
        let better = match chance["tasks"][task]["metrics"][&name]["direction"].as_str() {
            Some("higher") => found > other,
            _ => found < other,
        };
        assert!(!better, "{task} {name}: {found} against {other} by chance");
    }
    for (pillar, score) in card["pillars"].as_object().into_iter().flatten() {
        assert_eq!(score["value"], 0.0, "{pillar}");
    }
    let found = trustmh(folder, ["compare", &random, &silent, "--json"]).with_code(0).json();
    assert!(!found.to_string().contains("\"verdict\":\"better\""), "{found}");
    for policy in ["release", "research"] {
        let gate = trustmh(folder, ["gate", "--policy", policy, &silent, "--json"]).with_code(1);
        for check in gate.json()["gate"]["checks"].as_array().unwrap() {
            let measured = check["wanted"].as_str().unwrap().contains("at least 0");
            assert!(check["state"] != "passed" || measured, "{check}");
        }
    }
}
