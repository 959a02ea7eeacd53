//! Replies of choices, and of emotions with their causes, are read as a careful reader would read them.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub)]

#[path = "../../trustmh-data/tests/support/mod.rs"]
mod beside;

use serde_json::Value;
use trustmh_bench::parse::{choice, emotion};

fn texts(options: &Value) -> Vec<String> {
    options.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// What the parser of the case's kind reads, as a case would say it.
fn read(case: &Value) -> Option<Value> {
    let reply = case["reply"].as_str().unwrap();
    match case["kind"].as_str().unwrap() {
        "choice" => choice::explicit(reply, &texts(&case["options"])).map(|letter| Value::from(letter.to_string())),
        "emotion" => emotion::read(reply, &texts(&case["options"]["emotions"]), &texts(&case["options"]["causes"]))
            .map(|(emotion, cause)| serde_json::json!({"emotion": emotion.to_string(), "cause": cause.to_string()})),
        other => panic!("no parser for {other}"),
    }
}

/// Thoughts are parted from replies before a parser sees them; silence and refusals are told apart elsewhere.
fn expected(case: &Value) -> Option<Value> {
    match case["expect"].as_str() {
        Some("unread" | "refused" | "no-answer") => None,
        _ => Some(case["expect"].clone()),
    }
}

#[test]
fn choices_and_emotions_are_read_as_meant() {
    let Some(path) = beside::shared("cases/replies.jsonl") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let cases: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ours = cases.iter().filter(|case| {
        ["choice", "emotion"].contains(&case["kind"].as_str().unwrap())
            && !case["why"].as_str().unwrap().starts_with("thought")
    });
    let ours: Vec<&Value> = ours.collect();
    assert!(ours.len() > 100, "{} cases", ours.len());
    let otherwise: Vec<String> = ours
        .iter()
        .filter(|case| read(case) != expected(case))
        .map(|case| {
            format!(
                "{} reads {:?}, not {}: {}",
                case["id"],
                read(case),
                case["expect"],
                case["why"]
            )
        })
        .collect();
    assert!(
        otherwise.is_empty(),
        "{} of {} read otherwise:\n{}",
        otherwise.len(),
        ours.len(),
        otherwise.join("\n")
    );
}
