//! Trials driven from outside come to what a run of the same subject comes to.
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::support::{only_run, program, trustmh};

/// `trustmh walk`, asked one question after the other.
struct Walk {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    number: u64,
}

impl Walk {
    fn begin(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = program(folder);
        command.arg("walk").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines, number: 0 }
    }

    fn write(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    fn ask(&mut self, ask: Value) -> Value {
        self.number += 1;
        self.write(&json!({ "id": self.number, "ask": ask }).to_string());
        let said = self.read();
        assert_eq!(said["id"], self.number, "{said}");
        said
    }

    fn answer(&mut self, ask: Value) -> Value {
        let said = self.ask(ask);
        assert!(said["fault"].is_null(), "{said}");
        said["answer"].clone()
    }

    fn trials(&mut self) -> Vec<Value> {
        let mut trials = Vec::new();
        let mut answer = self.answer(json!("trials"));
        while let Some(trial) = answer["trial"].get("trial") {
            trials.push(trial.clone());
            answer = self.read()["answer"].clone();
        }
        assert_eq!(answer["trials"], trials.len());
        trials
    }

    /// Drives a trial to its end.
    fn walked(&mut self, trial: &Value, say: &dyn Fn(&Value) -> &'static str) -> Value {
        let mut answer = self.answer(json!({ "next": { "trial": trial } }));
        while let Some(call) = answer.get("call").cloned() {
            let heard = json!({ "replied": { "text": say(&call), "finish": "stop" } });
            let exchanges = &call["exchanges"];
            let next = json!({ "trial": trial, "exchanges": exchanges, "heard": heard });
            answer = self.answer(json!({ "next": next }));
        }
        answer["ended"].clone()
    }

    /// What all trials come to, each asked anew in another order than they are listed in.
    fn result(&mut self, say: &dyn Fn(&Value) -> &'static str, rounds: u64) -> Value {
        let mut scores = Vec::new();
        for trial in self.trials().iter().rev() {
            for round in 0..rounds {
                let again = self.answer(json!({ "round": { "trial": trial, "round": round } }));
                let ended = self.walked(&again["trial"]["trial"], say);
                scores.push(ended["score"].clone());
            }
        }
        // One that is there twice counts once.
        scores.push(scores[0].clone());
        let estimate = self.answer(json!({ "estimate": { "scores": scores } }));
        estimate["estimate"]["result"].clone()
    }

    fn end(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }
}

fn run(folder: &Path, task: &str, more: &[&str]) -> Value {
    let subject = ["run", "--subject", "scripted/always-a", "--tasks", task, "--json"];
    let said = trustmh(folder, subject.iter().chain(more));
    said.json()[0]["tasks"][task].clone()
}

/// Scorecards also say how far judges were checked against human ratings.
fn without_validity(mut result: Value) -> Value {
    for metric in result["metrics"].as_object_mut().unwrap().values_mut() {
        metric.as_object_mut().unwrap().remove("validity");
    }
    result
}

/// What `scripted/always-a` says.
fn always_a(_: &Value) -> &'static str {
    "A"
}

#[test]
fn what_is_driven_comes_to_the_numbers_of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (task, more) in [
        ("ethics/reasoning", &["--items", "5", "--judge", "offline"][..]),
        ("robustness/diagnosis", &["--trials", "20", "--judge", "offline", "--seed", "5"][..]),
        ("crisis/escalation", &["--items", "3", "--judge", "offline"][..]),
        ("fairness/parity", &["--items", "2", "--protocol", "reference", "--judge", "offline"][..]),
        ("crisis/conversation", &["--items", "2", "--judge", "offline"][..]),
    ] {
        let expected = run(folder, task, more);
        let mut walk = Walk::begin(folder, &[&[task][..], more].concat());
        let found = walk.result(&always_a, 1);
        walk.end();
        assert_eq!(found["pending"], 0, "{task}");
        assert_eq!(found, without_validity(expected), "{task}");
    }
}

#[test]
fn rounds_are_the_repeats_of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--items", "2", "--judge", "offline"];
    let repeated = [&options[..], &["--repeats", "3"]].concat();
    let expected = run(folder.path(), "fairness/parity", &repeated);
    let mut walk = Walk::begin(folder.path(), &[&["fairness/parity"][..], &options[..]].concat());
    let found = walk.result(&always_a, 3);
    assert_eq!(found, without_validity(expected));
    walk.end();
}

#[test]
fn calls_to_a_judge_and_to_a_client_are_handed_out_where_models_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["crisis/conversation", "--judge", "some/judge", "--client", "some/client"];
    let mut walk = Walk::begin(folder.path(), &arguments);
    let plan = walk.answer(json!("plan"))["plan"].clone();
    assert_eq!(
        (&plan["judged_by"], &plan["client"]["model"]),
        (&json!("some/judge"), &json!("some/client"))
    );
    let trials = walk.trials();
    let simulated = |trial: &&Value| trial["item"]["tags"]["client"] == "simulated";
    let trial = trials.iter().find(simulated).unwrap();
    let roles = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let say = |call: &Value| {
        roles.borrow_mut().insert(call["role"].as_str().unwrap().to_owned());
        "Please go on."
    };
    let ended = walk.walked(trial, &say);
    let roles: Vec<String> = roles.into_inner().into_iter().collect();
    assert_eq!(roles, ["client", "judge", "subject"], "{ended}");
    walk.end();
}

#[test]
fn what_has_no_answer_is_told_and_the_next_question_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let mut walk =
        Walk::begin(folder.path(), &["ethics/reasoning", "--items", "1", "--judge", "offline"]);
    let trial = walk.trials().remove(0);
    for (line, id, said) in [
        ("Hello?", Value::Null, "no question"),
        (r#"{"id": 7, "ask": "plans"}"#, json!(7), "no question"),
        (r#"{"id": 8, "ask": {"next": {"trials": 1}}}"#, json!(8), "no question"),
        (r#"{"ask": "plan"}"#, Value::Null, "no question"),
    ] {
        walk.write(line);
        let fault = walk.read();
        assert_eq!(fault["id"], id, "{fault}");
        assert!(fault["fault"]["message"].as_str().unwrap().starts_with(said), "{fault}");
    }
    let mut other = trial.clone();
    other["task"] = json!("ethics/dependency");
    let fault = walk.ask(json!({ "next": { "trial": other } }));
    assert!(
        fault["fault"]["message"].as_str().unwrap().contains("is of ethics/dependency"),
        "{fault}"
    );
    let mut unknown = trial.clone();
    unknown["id"] = json!("ethics/reasoning:none:plain:0");
    let fault = walk.ask(json!({ "round": { "trial": unknown, "round": 1 } }));
    assert!(
        fault["fault"]["message"].as_str().unwrap().contains("no trial of the plan"),
        "{fault}"
    );
    let fault = walk.ask(json!({ "round": { "trial": trial, "round": 100 } }));
    assert!(fault["fault"]["message"].as_str().unwrap().contains("101 times"), "{fault}");
    let ended = walk.walked(&trial, &always_a);
    let heard = json!({ "replied": { "text": "B", "finish": "stop" } });
    let more = json!({ "trial": trial, "exchanges": ended["exchanges"], "heard": heard });
    let fault = walk.ask(json!({ "next": more }));
    assert!(fault["fault"]["message"].as_str().unwrap().contains("waits for no reply"), "{fault}");
    walk.end();
}

#[test]
fn replies_are_parted_and_broken_calls_fail() {
    let folder = tempfile::tempdir().unwrap();
    let mut walk =
        Walk::begin(folder.path(), &["ethics/reasoning", "--items", "1", "--judge", "offline"]);
    let trial = walk.trials().remove(0);
    let mut outcome = |heard: Value| {
        let next = json!({ "next": { "trial": trial, "heard": heard } });
        let mut answer = walk.answer(next);
        if let Some(call) = answer.get("call") {
            let (exchanges, broken) =
                (call["exchanges"].clone(), json!({ "broken": { "message": "gone" } }));
            let next = json!({ "trial": trial, "exchanges": exchanges, "heard": broken });
            answer = walk.answer(json!({ "next": next }));
        }
        answer["ended"].clone()
    };
    let thought = outcome(
        json!({ "replied": { "text": "<think>B?</think>A", "thought": "Hm.", "finish": "stop" } }),
    );
    assert_eq!(
        (&thought["outcome"], &thought["answer"]),
        (&json!("scored"), &json!("A")),
        "{thought}"
    );
    assert_eq!(thought["exchanges"][0]["end"]["replied"]["thought"]["text"], "Hm.\n\nB?");
    for (heard, expected) in [
        (json!({ "replied": { "text": "", "finish": "content-filter" } }), "refused"),
        (json!({ "replied": { "text": "", "finish": "length" } }), "unanswered"),
        (json!({ "replied": { "text": "", "finish": { "other": "tool_calls" } } }), "unanswered"),
        (json!({ "broken": { "message": "connection reset" } }), "failed"),
    ] {
        assert_eq!(outcome(heard.clone())["outcome"], expected, "{heard}");
    }
    walk.end();
}

#[test]
fn options_without_effect_and_unknown_tasks_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = trustmh(folder.path(), ["walk", "ethics/reasonin"]).with_code(2);
    assert!(refused.err.contains("did you mean `ethics/reasoning`"), "{}", refused.err);
    let thinking =
        ["walk", "ethics/reasoning", "--judge", "offline", "--judge-thinking-tokens", "9"];
    let refused = trustmh(folder.path(), thinking).with_code(2);
    assert!(refused.err.contains("has no effect: no model judges"), "{}", refused.err);
    let judge = ["walk", "ethics/reasoning", "--judge", "embedded"];
    let refused = trustmh(folder.path(), judge).with_code(2);
    assert!(refused.err.contains("trustmh weights fetch minilm"), "{}", refused.err);
}

/// The exported log of a run that rules judged, with a seed of its own: all of it decides the numbers.
#[test]
fn a_log_of_a_run_comes_back_with_its_judge_seed_and_items() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let more = ["--judge", "offline", "--seed", "3", "--repeats", "2", "--items", "6"];
    let expected = run(folder, "privacy/leakage", &more);
    let run = only_run(&folder.join("runs")).display().to_string();
    trustmh(folder, ["export", &run, "--format", "inspect", "--output", "logs"]).with_code(0);
    let log = "logs/privacy-leakage.eval";
    let import = ["import", "inspect", log, log, "--runs-dir", "back", "--json"];
    let back = trustmh(folder, import).with_code(0);
    // The same log twice is one.
    assert!(back.err.contains("has the same content"), "{}", back.err);
    let back = back.json()[0].as_str().unwrap().to_owned();
    let card = trustmh(folder, ["score", &back, "--json"]).json();
    let found = &card[0]["tasks"]["privacy/leakage"];
    assert_eq!(card[0]["judge"], "offline");
    assert_eq!(card[0]["repeats"], 2);
    assert_eq!(found["source"]["origin"], "starter");
    assert_eq!(found["metrics"], expected["metrics"]);
    assert_eq!(found["outcomes"], expected["outcomes"]);
}
