//! Label schemes, rating scales and judge fields of one's own: the tasks of fixtures/own-tasks, written with TOML alone.
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::answering::Answering;
use crate::support::trustmh;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/own-tasks")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// A folder with a copy of the tasks, to be changed.
fn copied() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture(), &folder.path().join("mine"));
    folder
}

/// The items of a starter set of the fixture.
fn items(set: &str) -> Vec<Value> {
    let text = fs::read_to_string(fixture().join(format!("starter/{set}.jsonl"))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Runs a task against a server that answers by a rule, which is shown the prompt, and gives the task's result.
fn answered(task: &str, rule: impl Fn(&str) -> String + Send + Sync + 'static) -> Value {
    let folder = copied();
    let server = Answering::start(move |_, request| {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let messages = body["messages"].as_array().unwrap();
        let said = rule(messages[0]["content"].as_str().unwrap());
        crate::support::answering::response(
            "200 OK",
            "application/json",
            &serde_json::json!({
                "model": "test",
                "choices": [{ "index": 0, "message": { "role": "assistant", "content": said }, "finish_reason": "stop" }],
                "usage": { "prompt_tokens": 1, "completion_tokens": 1 },
            })
            .to_string(),
        )
    });
    let url = format!("http://{}/v1", server.address);
    let run = ["run", "--json", "--subject", "openai/test", "--base-url", &url];
    let with = ["--tasks", task, "--tasks-dir", "mine"];
    let card = trustmh(folder.path(), run.iter().chain(&with)).with_code(0).json()[0].clone();
    card["tasks"][task].clone()
}

fn metric(result: &Value, name: &str) -> f64 {
    let found = result["metrics"][name]["value"].as_f64();
    found.unwrap_or_else(|| panic!("{name} is not there: {result:#}"))
}

#[track_caller]
fn close(result: &Value, name: &str, wanted: f64) {
    let found = metric(result, name);
    assert!((found - wanted).abs() < 1e-9, "{name} is {found}, not {wanted}");
}

#[test]
fn the_example_tasks_are_checked_and_no_rule_looks_good() {
    let folder = copied();
    let here = folder.path();
    let checked = trustmh(here, ["tasks", "check", "--tasks-dir", "mine"]).with_code(0).out;
    for told in [
        "crisis/helper-replies.toml: 10 starter items",
        "reliability/stress.toml: 12 starter items",
        "reliability/check-in.toml: 4 starter items",
    ] {
        assert!(checked.contains(told), "{checked}");
    }
    let baselines = |task: &str| {
        let arguments = ["tasks", "check", "--tasks-dir", "mine", "--json", "--baselines", task];
        trustmh(here, arguments).with_code(0).json()
    };
    let of = |found: &Value, subject: &str| {
        let found = found.as_array().unwrap().iter().find(|one| one["subject"] == subject);
        found.unwrap()["result"].clone()
    };
    let rated = baselines("crisis/helper-replies");
    // Whoever rates nothing is as far off as can be: 3 and the size of each key.
    close(&of(&rated, "scripted/always-refuse"), "total_distance", 50.0);
    close(&of(&rated, "scripted/complies"), "total_distance", 29.2);
    assert_eq!(of(&rated, "scripted/random")["outcomes"]["scored"], 10);
    let stress = baselines("reliability/stress");
    close(&of(&stress, "scripted/always-refuse"), "macro_f1", 0.0);
    close(&of(&stress, "scripted/always-no-crisis"), "accuracy", 0.5);
    close(&of(&stress, "scripted/always-no-crisis"), "recall", 0.0);
    let judged = baselines("reliability/check-in");
    assert!(of(&judged, "scripted/echo")["metrics"]["concreteness"].is_null(), "{judged}");
}

#[test]
fn ratings_are_held_against_the_means_of_experts() {
    let zero = answered("crisis/helper-replies", |_| "Answer: 0".to_owned());
    close(&zero, "total_distance", 20.0);
    close(&zero, "mean_distance", 2.0);
    close(&zero, "bias", -0.08);
    close(&zero, "within_one", 0.2);
    assert!(
        zero["not_scored"]["correlation"].is_string(),
        "one rating for all correlates with nothing"
    );

    let items = items("crisis-helper-replies");
    let right = answered("crisis/helper-replies", move |prompt| {
        let item =
            items.iter().find(|item| prompt.contains(item["content"]["reply"].as_str().unwrap()));
        let key = item.unwrap()["content"]["key"].as_f64().unwrap().round();
        let words = ["zero", "one", "two", "three"][key.abs() as usize];
        match key {
            key if key <= -2.0 => {
                format!("I would rate this reply minus {words}, as it dismisses the person.")
            }
            key if key < 0.0 => format!("Rating: **\u{2212}{}**", key.abs()),
            key if key > 2.0 => "Answer: entirely fitting".to_owned(),
            key => format!("{{\"rating\": {key}}}"),
        }
    });
    assert_eq!(right["outcomes"]["scored"], 10, "{right:#}");
    close(&right, "total_distance", 3.2);
    close(&right, "within_one", 1.0);
    assert!(metric(&right, "correlation") > 0.98);

    let unread = answered("crisis/helper-replies", |_| "Between -1 and 1.".to_owned());
    close(&unread, "total_distance", 50.0);
    close(&unread, "unread_rate", 1.0);
}

#[test]
fn a_binary_label_has_accuracy_f1_and_recall() {
    let always =
        answered("reliability/stress", |_| "```json\n{\"label\": \"stressed\"}\n```".to_owned());
    close(&always, "accuracy", 0.5);
    close(&always, "recall", 1.0);
    close(&always, "stress_f1", 2.0 / 3.0);
    close(&always, "macro_f1", 1.0 / 3.0);

    let items = items("reliability-stress");
    let right = answered("reliability/stress", move |prompt| {
        let item =
            items.iter().find(|item| prompt.contains(item["content"]["text"].as_str().unwrap()));
        match item.unwrap()["content"]["label"].as_str().unwrap() {
            "stressed" => "Label: under stress. They hardly sleep.".to_owned(),
            _ => "I would label this post as not stressed, since they sound content.".to_owned(),
        }
    });
    assert_eq!(right["outcomes"]["scored"], 12, "{right:#}");
    for name in ["accuracy", "macro_f1", "stress_f1", "recall"] {
        close(&right, name, 1.0);
    }
    assert_eq!(right["confusions"]["stress"]["stressed"]["stressed"], 6, "{right:#}");
}

#[test]
fn fields_of_a_judge_become_measures() {
    let folder = copied();
    let here = folder.path();
    let task =
        ["--tasks", "reliability/check-in", "--tasks-dir", "mine", "--judge", "scripted/judge"];
    let run = ["run", "--json", "--subject", "scripted/echo"];
    let card = trustmh(here, run.iter().chain(&task)).with_code(0).json()[0].clone();
    let result = &card["tasks"]["reliability/check-in"];
    let (concreteness, warm, cold) =
        (metric(result, "concreteness"), metric(result, "warm"), metric(result, "cold"));
    // Four verdicts of 0, 2 or 4 each.
    assert!((concreteness * 4.0 / 2.0).fract() == 0.0 && concreteness <= 4.0, "{concreteness}");
    assert!(warm + cold <= 1.0 && result["metrics"]["warm"]["n"] == 4, "{result:#}");
    let rubric = here.join("mine/rubrics/check-in.toml");
    let text = fs::read_to_string(&rubric).unwrap();
    fs::write(&rubric, text.replace("step = 2", "step = 3")).unwrap();
    let broken = trustmh(here, ["tasks", "check", "--tasks-dir", "mine"]).with_code(2).err;
    let told = "rubrics/check-in.toml: field `fields.concreteness`: the step 3 does not divide the scale from 0 to 4";
    assert!(broken.contains(told), "{broken}");
}

#[test]
fn what_is_wrong_is_named_with_file_and_field() {
    for (file, from, to, told) in [
        (
            "starter/reliability-stress.jsonl",
            "\"label\": \"stressed\"",
            "\"label\": \"stresed\"",
            "reliability-stress.jsonl, line 1: label is `stresed`; expected one of not stressed, stressed; did you mean `stressed`?",
        ),
        (
            "starter/reliability-stress.jsonl",
            "\"scheme\": \"stress\"",
            "\"scheme\": \"stres\"",
            "line 1: scheme is `stres`; expected a file of labels/",
        ),
        (
            "starter/crisis-helper-replies.jsonl",
            "\"key\": 2.6",
            "\"key\": 3.6",
            "crisis-helper-replies.jsonl, line 1: key is `3.6`; expected a number from -3 to 3, as scale `fitting` has it",
        ),
        (
            "labels/stress.toml",
            "name = \"stressed\"",
            "name = \"Not-stressed\"",
            "labels/stress.toml: field `labels.Not-stressed.name`: `Not-stressed` stands for `not stressed` already",
        ),
        ("labels/stress.toml", "alarm = true", "alarms = true", "labels/stress.toml: "),
        (
            "scales/fitting.toml",
            "step = 1",
            "step = 4",
            "scales/fitting.toml: field `step`: 4 does not divide the scale: from -3 its steps reach 1, not 3",
        ),
        (
            "scales/fitting.toml",
            "name = \"fitting\"",
            "name = \"fit\"",
            "scales/fitting.toml: field `name`: is `fit`; it must be `fitting`",
        ),
    ] {
        let folder = copied();
        let path = folder.path().join("mine").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let err =
            trustmh(folder.path(), ["tasks", "check", "--tasks-dir", "mine"]).with_code(2).err;
        assert!(err.contains(told), "{err}\n\nmeant: {told}");
    }
}

#[test]
fn a_task_is_begun_like_one_with_a_scheme_of_its_own() {
    let folder = copied();
    let here = folder.path();
    for (task, like) in [
        ("reliability/strain", "reliability/stress"),
        ("crisis/answers", "crisis/helper-replies"),
        ("reliability/evening", "reliability/check-in"),
    ] {
        let new = ["tasks", "new", task, "--like", like, "--tasks-dir", "mine", "--dir", "more"];
        trustmh(here, new).with_code(0);
    }
    for file in
        ["labels/stress.toml", "scales/fitting.toml", "rubrics/check-in.toml", "prompts/stress.md"]
    {
        assert!(here.join("more").join(file).is_file(), "{file}");
    }
    // Only what is to be written is missing.
    let check = trustmh(here, ["tasks", "check", "--tasks-dir", "more"]);
    assert!(!check.err.contains("labels/") && !check.err.contains("scales/"), "{}", check.err);

    // The run keeps scheme and scale, and is scored by them where the folder is not at hand.
    let run = [
        "run",
        "--json",
        "--subject",
        "scripted/random",
        "--tasks",
        "reliability/stress,crisis/helper-replies",
    ];
    let own = ["--tasks-dir", "mine"];
    let card = trustmh(here, run.iter().chain(&own)).with_code(0).json()[0].clone();
    let made = card["run"].as_str().unwrap();
    let with = trustmh(here, ["score", "--json", made].iter().chain(&own)).with_code(0).out;
    fs::remove_dir_all(here.join("mine")).unwrap();
    let without = trustmh(here, ["score", "--json", made]).with_code(0).out;
    assert_eq!(with, without);
}

#[test]
fn items_are_made_of_a_table_with_a_scale() {
    let folder = copied();
    let here = folder.path();
    let table = "Says,Answers,Mean\nI can't sleep.,Since when?,2.25\nI can't sleep.,Count sheep.,\u{2212}1.5\n";
    fs::write(here.join("table.csv"), table).unwrap();
    let kind = ["tasks", "items", "table.csv", "--kind", "rated", "--tasks-dir", "mine"];
    let map = [
        "--map",
        "text=Says",
        "--map",
        "reply=Answers",
        "--map",
        "key=Mean",
        "--set",
        "scale=fitting",
    ];
    let made = trustmh(here, kind.iter().chain(&map)).with_code(0).out;
    let keys: Vec<Value> = made
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["content"]["key"].clone())
        .collect();
    assert_eq!(keys, [Value::from(2.25), Value::from(-1.5)]);
    let none = trustmh(here, kind[..5].iter().chain(&map)).with_code(2).err;
    assert!(
        none.contains("line 2: scale is `fitting`; expected a file of scales/ (appropriateness)"),
        "{none}"
    );
}
