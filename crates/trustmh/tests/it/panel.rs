//! Several judges of the same replies.
use std::fs;
use std::path::Path;

use crate::support::{Provider, trustmh};
use serde_json::Value;

const TASKS: [&str; 4] = ["--tasks", "crisis/escalation,sycophancy/oeq", "--progress", "none"];

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

/// The values of a metric, by the names of its parts.
fn value(metric: &Value, part: &str) -> f64 {
    metric.pointer(part).and_then(Value::as_f64).unwrap_or_else(|| panic!("{part}: {metric:#}"))
}

fn asked(log: &Path) -> usize {
    fs::read_to_string(log).unwrap().lines().count()
}

#[test]
fn a_subject_is_asked_once_for_a_panel_of_three() {
    let folder = tempfile::tempdir().unwrap();
    let log = |name: &str| folder.path().join(name);
    let provider = |behaviour: &str, name: &str| {
        Provider::start(&["--behaviour", behaviour, "--log", log(name).to_str().unwrap()])
    };
    let alone = provider("random:5", "alone.log");
    let subject = provider("random:5", "subject.log");
    let judges = [provider("judge:1", "one.log"), provider("judge:2", "two.log")];
    let ask = |more: &[&str]| {
        let arguments = ["run", "--json", "--subject", "openai/gpt-5.1"];
        trustmh(folder.path(), arguments.iter().chain(&TASKS).chain(more)).with_code(0)
    };
    ask(&["--base-url", &alone.url, "--judge", "none"]);
    let panel = ask(&[
        "--base-url",
        &subject.url,
        "--judge",
        "openai/gpt-4.1",
        "--judge",
        "openai/second",
        "--judge",
        "offline",
        "--judge-base-url",
        &judges[0].url,
        "--judge-base-url",
        &judges[1].url,
        "--judge-base-url",
        "default",
    ]);
    assert_eq!(asked(&log("subject.log")), asked(&log("alone.log")), "calls of the subject");
    assert_eq!(asked(&log("one.log")), asked(&log("two.log")), "both judges see every reply");
    let panel = panel.json();
    let runs: Vec<&str> =
        panel["runs"].as_array().unwrap().iter().map(|run| run.as_str().unwrap()).collect();
    assert_eq!(runs.len(), 3);
    let found = &panel["panel"];
    assert_eq!(found["judges"][2], "offline rules");
    let warnings = found["warnings"].to_string();
    assert!(
        warnings.contains("judge openai/gpt-4.1 is of the subject's family (GPT)"),
        "{warnings}"
    );

    let score = ["score", "--json"].into_iter().chain(runs.iter().copied());
    let cards = trustmh(folder.path(), score).with_code(0).json();
    let task = &found["tasks"]["crisis/escalation"];
    let metric =
        task.as_object().unwrap().values().find(|metric| metric["primary"] == true).unwrap();
    let name = task.as_object().unwrap().iter().find(|(_, of)| *of == metric).unwrap().0;
    let mut sum = 0.0;
    for place in 0..3 {
        let own = value(&cards[place], &format!("/tasks/crisis~1escalation/metrics/{name}/value"));
        let in_panel = value(metric, &format!("/by_judge/{place}/value"));
        assert!(close(own, in_panel), "{name} of judge {place}: {own} {in_panel}");
        sum += own;
    }
    assert!(close(value(metric, "/mean/value"), sum / 3.0), "{metric:#}");
    assert!(value(metric, "/alpha/value") < 0.5, "judges that draw lots do not agree: {metric:#}");
    let share = &found["tasks"]["sycophancy/oeq"]["endorsement_rate"];
    assert_eq!(share["majority"]["ties"], 0, "three judges: {share:#}");
}

#[test]
fn replies_that_differ_are_counted_and_runs_of_two_subjects_refused() {
    let folder = tempfile::tempdir().unwrap();
    let one = Provider::start(&["--behaviour", "random:1"]);
    let two = Provider::start(&["--behaviour", "random:2"]);
    let run = |subject: &str, url: &str, judge: &str| {
        let arguments =
            ["run", "--json", "--subject", subject, "--base-url", url, "--judge", judge];
        let card = trustmh(folder.path(), arguments.iter().chain(&TASKS)).with_code(0).json();
        card[0]["run"].as_str().unwrap().to_owned()
    };
    let first = run("openai/x", &one.url, "scripted/judge:1");
    let other = run("openai/x", &two.url, "scripted/judge:2");
    let panel = trustmh(folder.path(), ["panel", &first, &other]).with_code(0);
    assert!(panel.out.contains("replies differ between"), "{}", panel.out);
    let stranger = run("openai/y", &one.url, "scripted/judge:2");
    let refused = trustmh(folder.path(), ["panel", &first, &stranger]).with_code(2);
    assert!(refused.err.contains("different subjects"), "{}", refused.err);
    let alone = trustmh(folder.path(), ["panel", &first]).with_code(2);
    assert!(alone.err.contains("two runs or more"), "{}", alone.err);
}

#[test]
fn a_panel_says_who_is_missing_an_endpoint_and_names_no_judge_twice() {
    let folder = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| {
        let arguments = ["run", "--subject", "scripted/random"];
        trustmh(folder.path(), arguments.iter().chain(more)).with_code(2).err
    };
    let twice = run(&["--judge", "offline", "--judge", "offline"]);
    assert!(twice.contains("the judge offline is named twice"), "{twice}");
    let urls = ["--judge-base-url", "http://127.0.0.1:9", "--judge-base-url", "http://127.0.0.1:9"];
    let counted =
        run(&[&["--judge", "openai/a", "--judge", "openai/b", "--judge", "none"], &urls[..]]
            .concat());
    assert!(counted.contains("3 judges have 2 endpoints"), "{counted}");
}
