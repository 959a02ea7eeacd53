//! Labels, ratings and refusals in replies, as careful readers take them: the cases of ../shared where they are.
use crate::support::schemes::{self as label, LabelScheme};
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use trustmh_core::item::PrivacyTier;
use trustmh_engine::parse::decline::declines_to_answer;
use trustmh_engine::parse::rating;

fn cases() -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/replies.jsonl");
    if let Ok(text) = std::fs::read_to_string(path) {
        return Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect());
    }
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(std::env::var("CI").as_deref() != Ok("true"), "../shared is not here: {test}");
    let line = format!("\nskipped, ../shared is not here: {test}\n");
    drop(std::io::stderr().write_all(line.as_bytes()));
    None
}

fn text<'c>(case: &'c Value, field: &str) -> &'c str {
    case[field].as_str().unwrap_or_default()
}

/// A thought is parted from the reply before anything reads it.
fn is_for_the_parsers(case: &Value) -> bool {
    !text(case, "why").starts_with("thought") && text(case, "expect") != "no-answer"
}

fn scheme(case: &Value) -> LabelScheme {
    match case["labels"][0].as_str().unwrap() {
        "suicidal_ideation" => LabelScheme::Crisis,
        "Supportive" => LabelScheme::Severity,
        "depression" => LabelScheme::Posts,
        "0" => LabelScheme::Depression,
        other => panic!("a scheme that begins with {other}"),
    }
}

fn options(case: &Value) -> Vec<&str> {
    let lists = [&case["options"], &case["options"]["emotions"], &case["options"]["causes"]];
    lists.into_iter().filter_map(Value::as_array).flatten().filter_map(Value::as_str).collect()
}

#[test]
fn published_labels_are_read_as_meant() {
    let Some(cases) = cases() else { return };
    let labels = cases.iter().filter(|case| case["kind"] == "label" && is_for_the_parsers(case));
    let mut wrong = Vec::new();
    for case in labels {
        let read = label::read(text(case, "reply"), scheme(case));
        let meant = match text(case, "expect") {
            "unread" | "refused" => None,
            label => Some(label.to_lowercase()),
        };
        if read.map(str::to_owned) != meant {
            wrong.push(format!("{}: {read:?}, meant {meant:?}: {}", case["id"], case["reply"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn published_ratings_are_read_as_meant() {
    let Some(cases) = cases() else { return };
    let ratings = cases.iter().filter(|case| case["kind"] == "rating" && is_for_the_parsers(case));
    let mut wrong = Vec::new();
    for case in ratings {
        let tier = if case["scale"][1] == 4 { PrivacyTier::Information } else { PrivacyTier::Flow };
        let read = rating::sound(text(case, "reply"), tier);
        let meant = case["expect"].as_f64();
        if read != meant {
            wrong.push(format!("{}: {read:?}, meant {meant:?}: {}", case["id"], case["reply"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn published_refusals_are_told_from_replies_that_cannot_be_read() {
    let Some(cases) = cases() else { return };
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| is_for_the_parsers(case)) {
        let refused = case["expect"] == "declined"
            || (case["expect"] == "refused" && case["kind"] != "verdict");
        if declines_to_answer(text(case, "reply"), &options(case)) != refused
            && (refused || case["expect"] == "unread")
        {
            wrong.push(format!("{}: meant {}: {}", case["id"], case["expect"], case["reply"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
