//! Reliability and Fairness on the published data, against baselines whose scores are known.
use crate::support;
use crate::support::{Provider, shared, trustmh};
use serde_json::Value;

fn card(subject: &str, tasks: &str, more: &[&str]) -> Option<Value> {
    let data = shared("data")?;
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["run", "--json", "--subject", subject, "--tasks", tasks, "--data"];
    let arguments =
        arguments.into_iter().chain([data.to_str().unwrap()]).chain(more.iter().copied());
    let mut cards = trustmh(folder.path(), arguments).with_code(0).json();
    Some(cards[0].take())
}

/// The mean of a metric over runs of several seeds: one seed alone strays.
fn mean_over_seeds(subject: &str, task: &str, metrics: &[&str]) -> Option<Vec<f64>> {
    let seeds = ["1", "2", "3", "4"];
    let mut sums = vec![0.0; metrics.len()];
    for seed in seeds {
        let card = card(subject, task, &["--seed", seed, "--judge", "none"])?;
        for (sum, metric) in sums.iter_mut().zip(metrics) {
            *sum += card["tasks"][task]["metrics"][metric]["value"].as_f64().unwrap();
        }
    }
    Some(sums.into_iter().map(|sum| sum / seeds.len() as f64).collect())
}

#[test]
fn guessing_scores_at_chance_on_shuffled_options() {
    // 279 of 400 items have four causes, 120 six and one seven.
    let cause = (279.0 / 4.0 + 120.0 / 6.0 + 1.0 / 7.0) / 400.0;
    for subject in ["scripted/always-a", "scripted/random:4"] {
        for (task, metrics, chance) in [
            ("reliability/knowledge", ["chance_corrected"].as_slice(), [0.0].as_slice()),
            (
                "reliability/emotion-recognition",
                &["emotion_right", "cause_right", "both_right"],
                &[1.0 / 6.0, cause, cause / 6.0],
            ),
        ] {
            let Some(found) = mean_over_seeds(subject, task, metrics) else { return };
            for ((found, chance), metric) in found.iter().zip(chance).zip(metrics) {
                // More than three standard errors of 1,600 trials.
                assert!(
                    (found - chance).abs() < 0.033,
                    "{subject} {metric}: {found}, chance {chance}"
                );
            }
        }
    }
}

#[test]
fn in_file_order_the_first_letters_win_in_chinese() {
    let task = "reliability/emotion-recognition";
    let Some(card) = card("scripted/always-a", task, &["--protocol", "reference"]) else { return };
    let both = &card["tasks"][task]["metrics"]["both_right"]["groups"]["language"]["zh"]["value"];
    assert!((both.as_f64().unwrap() - 0.245).abs() < 1e-9, "{both}");
}

#[test]
fn a_gated_set_that_is_not_there_is_replaced_with_a_warning() {
    let Some(card) = card("scripted/random", "reliability/diagnosis", &[]) else { return };
    let task = &card["tasks"]["reliability/diagnosis"];
    assert_eq!(task["source"]["origin"], "starter");
    assert!(
        task["source"]["warnings"].to_string().contains("given out by its owners only"),
        "{task}"
    );
    assert!(task["confusions"]["posts"]["anxiety"]["anxiety"].is_u64(), "{task}");
}

#[test]
fn both_pillars_run_against_a_server_with_a_judge() {
    let Some(data) = shared("data") else { return };
    let folder = tempfile::tempdir().unwrap();
    let subject = Provider::start(&["--behaviour", "random:2"]);
    let judge = Provider::start(&["--behaviour", "judge:4"]);
    let arguments = [
        "run",
        "--json",
        "--subject",
        "openai/s",
        "--base-url",
        &subject.url,
        "--judge",
        "openai/j",
        "--judge-base-url",
        &judge.url,
        "--tasks",
        "reliability,fairness",
        "--items",
        "6",
        "--data",
        data.to_str().unwrap(),
    ];
    let card = trustmh(folder.path(), arguments).with_code(0).json()[0].take();
    let tasks = card["tasks"].as_object().unwrap();
    assert_eq!(tasks.len(), 6);
    for (id, task) in tasks {
        assert_eq!(task["outcomes"]["failed"], 0, "{id}");
        let primary = task["metrics"]
            .as_object()
            .unwrap()
            .values()
            .filter(|metric| metric["primary"] == true);
        assert_eq!(primary.count(), 1, "{id}: {task}");
    }
    let run = support::only_run(&folder.path().join("runs"));
    assert!(
        std::fs::read_to_string(run.join("report.html")).unwrap().contains("Parity of support")
    );
}

#[test]
fn one_call_for_all_criteria_saves_three_quarters_of_the_judges_calls() {
    let Some(data) = shared("data") else { return };
    let folder = tempfile::tempdir().unwrap();
    let calls = |protocol: &str| {
        let arguments = [
            "run",
            "--subject",
            "scripted/random",
            "--judge",
            "scripted/judge",
            "--items",
            "5",
            "--tasks",
            "reliability/emotional-support",
            "--protocol",
            protocol,
            "--runs-dir",
            protocol,
            "--data",
            data.to_str().unwrap(),
        ];
        trustmh(folder.path(), arguments).with_code(0);
        let journal = support::only_run(&folder.path().join(protocol)).join("journal.jsonl");
        let text = std::fs::read_to_string(journal).unwrap();
        text.lines().filter(|line| line.contains("\"purpose\":{\"judge\"")).count()
    };
    assert_eq!((calls("reference"), calls("corrected")), (40, 10));
}
