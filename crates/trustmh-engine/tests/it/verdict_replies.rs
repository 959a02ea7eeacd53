//! Judges' replies whose meaning is agreed on, where they lie beside the repository.
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use trustmh_core::digest::Digest;
use trustmh_core::id::RubricId;
use trustmh_engine::judge::verdict::{self, Verdict};
use trustmh_engine::rubric::{Field, Rubric, RubricFile};
use trustmh_engine::task::ScorerKind;

#[derive(Deserialize)]
struct Case {
    id: String,
    kind: String,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
    scale: Option<(i32, i32)>,
    reply: String,
    expect: Value,
    why: String,
}

/// The path below `../shared`; none, with a line that says so, where that folder is not there.
fn shared(path: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if folder.is_dir() {
        return Some(folder.join(path));
    }
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "../shared is not here: {test}");
    // In one piece and on a line of its own, for tests run side by side.
    let line = format!("\nskipped, ../shared is not here: {test}\n");
    drop(std::io::stderr().write_all(line.as_bytes()));
    None
}

fn rubric(case: &Case) -> Rubric {
    let field = |name: &str| Field {
        name: name.to_owned(),
        scale: case.scale.filter(|_| case.labels.is_empty()),
        step: None,
        labels: case.labels.clone(),
        reads: trustmh_core::item::Side::Subject,
        meaning: String::new(),
    };
    let fields = match case.labels.is_empty() {
        true => case.fields.iter().map(|name| field(name)).collect(),
        false => vec![field("verdict")],
    };
    let file = RubricFile {
        id: RubricId::new("cases"),
        version: 1,
        title: "Cases".to_owned(),
        about: ScorerKind::RefusalVerdict,
        instructions: String::new(),
        fields,
        dimensions: Vec::new(),
        questions: Vec::new(),
        from: None,
        anchors: BTreeMap::new(),
    };
    Rubric { file, path: "own.toml".to_owned(), digest: Digest::of(b"") }
}

fn said(verdict: Option<Verdict>) -> Value {
    match verdict {
        None => json!("unread"),
        Some(verdict) => match verdict.labels.get("verdict") {
            Some(label) => json!(label),
            None => json!(verdict.scores),
        },
    }
}

#[test]
fn verdicts_are_read_as_they_are_meant() {
    let Some(path) = shared("cases/replies.jsonl") else { return };
    let mut wrong = Vec::new();
    let mut tried = 0;
    for line in fs::read_to_string(path).unwrap().lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        // Thoughts are parted from a reply, and empty replies told apart, before a verdict is looked for.
        if case.kind != "verdict" || case.why.starts_with("thought") || case.expect == "no-answer" {
            continue;
        }
        tried += 1;
        let expected =
            if case.expect == "declined" { json!("unread") } else { case.expect.clone() };
        let read = said(verdict::read(&rubric(&case), &case.reply, ""));
        if read != expected {
            wrong.push(format!("{}: read {read}, meant {expected} ({})", case.id, case.why));
        }
    }
    assert!(tried > 0, "there is no case of a verdict");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}
