//! Robustness and the rest of Safety as a process: shared calls, an endpoint for toxicity, all tasks at once.
use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::support::{Provider, only_run, shared, trustmh};
use serde_json::Value;
use trustmh_run::journal::{Event, Line};

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn value(card: &Value, task: &str, name: &str) -> f64 {
    let metric = &card["tasks"][task]["metrics"][name];
    metric["value"].as_f64().unwrap_or_else(|| panic!("no {name} in {:#}", card["tasks"][task]))
}

#[test]
fn clean_arms_and_shared_replies_are_asked_once() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.log");
    let behaviour = ["--behaviour", "random:3", "--log", log.to_str().unwrap()];
    let provider = Provider::start(&behaviour);
    let judge = Provider::start(&["--behaviour", "judge:3"]);
    let arguments = [
        "run",
        "--json",
        "--subject",
        "openai/s",
        "--base-url",
        &provider.url,
        "--judge",
        "openai/j",
        "--judge-base-url",
        &judge.url,
        "--tasks",
        "reliability/emotional-support,reliability/diagnosis,robustness,safety",
    ];
    let card = trustmh(folder.path(), arguments).with_code(0).json()[0].take();
    let asked = lines(&log);
    assert_eq!(asked.len(), asked.iter().collect::<HashSet<_>>().len(), "no request is sent twice");
    let planned = |task: &str| card["tasks"][task]["n"].as_u64().unwrap();
    assert_eq!(planned("robustness/emotional-support"), 240);
    assert_eq!(planned("safety/toxicity"), 224 + 40);
    // 24 clean support trials, 30 clean posts and all 224 replies scored for toxicity were there already.
    let run = only_run(&folder.path().join("runs"));
    let reused = lines(&run.join("journal.jsonl"))
        .iter()
        .filter(|line| {
            let event = serde_json::from_str::<Line>(line).unwrap().event;
            matches!(event, Event::Reuse { .. })
        })
        .count();
    // The judge's verdicts on the 24 support replies are shared too.
    assert!(reused >= 24 + 24 + 30 + 224, "{reused} calls were shared");
}

#[test]
fn toxicity_can_come_from_an_endpoint_and_the_run_can_be_scored_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.log");
    let provider = Provider::start(&["--log", log.to_str().unwrap()]);
    let url = provider.url.replace("/v1", "/v1alpha1/comments:analyze");
    let run = |more: &[&str]| {
        let arguments =
            ["run", "--json", "--subject", "scripted/echo", "--tasks", "safety/toxicity"];
        let arguments = arguments.iter().chain(more).copied();
        trustmh(folder.path(), arguments).with_code(0).json()[0].take()
    };
    let by_endpoint = run(&["--judge", "none", "--toxicity-url", &url]);
    assert_eq!(lines(&log).len(), 224);
    // The fake endpoint scores by the embedded list of words, as the offline judge does.
    let offline = run(&[]);
    let task = "safety/toxicity";
    for metric in ["toxicity", "toxicity_max", "toxic_share", "toxicity_of_answers"] {
        assert!((value(&by_endpoint, task, metric) - value(&offline, task, metric)).abs() < 1e-9);
    }
    assert!(value(&by_endpoint, task, "toxicity") > 0.0);
    let path = by_endpoint["run"].as_str().unwrap();
    let again = trustmh(folder.path(), ["score", path, "--json"]).with_code(0).json()[0].take();
    assert_eq!(again["tasks"], by_endpoint["tasks"]);
    let nowhere =
        ["run", "--subject", "scripted/echo", "--tasks", "safety/toxicity", "--toxicity-url"];
    let refused = trustmh(folder.path(), nowhere.into_iter().chain(["ftp://x"])).with_code(2);
    assert!(refused.err.contains("neither http:// nor https://"), "{}", refused.err);
}

#[test]
fn refusing_everything_resists_every_attack_and_fails_every_harmless_question() {
    let folder = tempfile::tempdir().unwrap();
    let card = |subject: &str| {
        let arguments = ["run", "--json", "--subject", subject, "--tasks", "safety"];
        trustmh(folder.path(), arguments).with_code(0).json()[0].take()
    };
    let (refuses, complies) = (card("scripted/always-refuse"), card("scripted/complies"));
    let task = "safety/jailbreak";
    for (name, one, other) in [
        ("resistance_rate", 1.0, 0.0),
        ("resistance_without_attack", 1.0, 0.0),
        ("over_refusal_rate", 1.0, 0.0),
        ("attack_effect", 0.0, 0.0),
    ] {
        assert!((value(&refuses, task, name) - one).abs() < 1e-12, "{name}");
        assert!((value(&complies, task, name) - other).abs() < 1e-12, "{name}");
    }
    // The release averages over replies that do not refuse; there are none.
    let toxicity = &refuses["tasks"]["safety/toxicity"];
    assert!(toxicity["not_scored"]["toxicity_of_answers"].is_string(), "{toxicity}");
    assert!((value(&refuses, "safety/toxicity", "toxicity")).abs() < 1e-12);
}

#[test]
fn robustness_runs_on_published_dialogues() {
    let Some(data) = shared("data") else { return };
    let folder = tempfile::tempdir().unwrap();
    let judge = Provider::start(&["--behaviour", "judge:3"]);
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
        "robustness",
        "--items",
        "40",
        "--data",
        data.to_str().unwrap(),
    ];
    let card = trustmh(folder.path(), arguments).with_code(0).json()[0].take();
    let support = &card["tasks"]["robustness/emotional-support"];
    assert_eq!(support["source"]["origin"], "published");
    assert!(support["n"].as_u64().unwrap() >= 700, "{support:#}");
    let distance = value(&card, "robustness/emotional-support", "distance");
    assert!((0.05..0.30).contains(&distance), "{distance}");
    let diagnosis = &card["tasks"]["robustness/diagnosis"];
    assert!(
        diagnosis["source"]["warnings"].to_string().contains("starter items are asked instead")
    );
    assert_eq!(diagnosis["n"], 300);
}

#[test]
fn all_tasks_run_in_one_command() {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["run", "--json", "--subject", "scripted/random", "--items", "12"];
    let data = shared("data");
    if let Some(data) = &data {
        arguments.extend(["--data", data.to_str().unwrap()]);
    }
    let provider = Provider::start(&["--behaviour", "judge:3"]);
    arguments.extend(["--judge", "openai/j", "--judge-base-url", &provider.url]);
    let card = trustmh(folder.path(), arguments).with_code(0).json()[0].take();
    let tasks = card["tasks"].as_object().unwrap();
    assert!(tasks.len() >= 19, "those of the published benchmark, at least");
    for (id, task) in tasks {
        assert!(task["n"].as_u64().unwrap() > 0, "{id}");
        let primary =
            task["metrics"].as_object().unwrap().values().filter(|m| m["primary"] == true);
        // Guessing is not clearly above chance, and four items carry no correlation of every tier.
        let may_lack = ["robustness/diagnosis", "privacy/awareness"].contains(&id.as_str());
        assert!(primary.count() == 1 || may_lack, "{id}: {:#}", task["not_scored"]);
    }
}
