//! A key that comes back, wherever and in whatever form, is neither recorded nor shown.

mod elsewhere;

use crate::support::answering::{Answering, response};
use crate::support::{Ended, ended, only_run, program, trustmh};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const KEY: &str = "sk-CANARYab12-SECONDcd34";

/// What the key is split into.
const HALVES: [&str; 2] = ["sk-CANARYab12", "-SECONDcd34"];

/// All of the key that must not be found anywhere, also in part.
fn traces() -> Vec<String> {
    let encoded = STANDARD.encode(format!("user:{KEY}"));
    // Without the edges, which stand for more than the key.
    let core = encoded[8..encoded.len() - 4].to_owned();
    vec!["CANARY".to_owned(), "SECONDcd".to_owned(), escaped("CANARY"), "%43ANARY".to_owned(), core]
}

fn escaped(text: &str) -> String {
    text.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect()
}

/// A string of JSON that holds the key in one of its forms.
fn forms() -> [String; 5] {
    [
        KEY.to_owned(),
        escaped(KEY),
        KEY.replace("CAN", &escaped("CAN")),
        KEY.replace("sk-C", "%73k%2d%43"),
        STANDARD.encode(format!("user:{KEY}")),
    ]
}

/// The reply of a dialect as it should be.
fn template(dialect: &str) -> Value {
    match dialect {
        "openai" => json!({
            "id": "x", "model": "m", "system_fingerprint": "f",
            "choices": [{ "index": 0, "finish_reason": "stop", "message": {
                "role": "assistant", "content": "ANSWER: A", "reasoning_content": "Hm." } }],
        }),
        "anthropic" => json!({
            "id": "x", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
            "content": [{ "type": "thinking", "thinking": "Hm.", "signature": "s" }, { "type": "text", "text": "ANSWER: A" }],
        }),
        "gemini" => json!({
            "modelVersion": "m", "candidates": [{ "finishReason": "STOP", "content": { "role": "model",
                "parts": [{ "text": "Hm.", "thought": true }, { "text": "ANSWER: A" }] } }],
        }),
        "ollama" => json!({
            "model": "m", "done": true, "done_reason": "stop",
            "message": { "role": "assistant", "content": "ANSWER: A", "thinking": "Hm." },
        }),
        other => panic!("no dialect {other}"),
    }
}

/// The places of all strings.
fn places(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(place.to_owned()),
        Value::Array(parts) => (0..).zip(parts).for_each(|(number, part)| {
            places(part, &format!("{place}/{number}"), found);
        }),
        Value::Object(fields) => {
            fields
                .iter()
                .for_each(|(name, field)| places(field, &format!("{place}/{name}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Bodies with the key in each place and each form.
fn bodies(dialect: &str) -> Vec<String> {
    let template = template(dialect);
    let mut found = Vec::new();
    places(&template, "", &mut found);
    let mut bodies = Vec::new();
    for place in &found {
        for form in forms() {
            let mut body = template.clone();
            let was = body.pointer(place).and_then(Value::as_str).unwrap().to_owned();
            *body.pointer_mut(place).unwrap() = format!("{was} MARK {was}").into();
            bodies.push(body.to_string().replace("MARK", &form));
        }
    }
    bodies
}

/// Streams in which the key is split over two events.
fn streams(dialect: &str) -> Vec<String> {
    let [one, two] = HALVES;
    match dialect {
        "openai" => ["content", "reasoning_content"]
            .map(|field| {
                let event = |text: &str, end: &str| {
                    let delta = json!({ field: text });
                    format!(
                        "data: {}\n\n",
                        json!({ "choices": [{ "delta": delta, "finish_reason": end }] })
                    )
                };
                [event(&format!("A {one}"), ""), event(two, "stop"), "data: [DONE]\n\n".to_owned()]
                    .concat()
            })
            .to_vec(),
        "anthropic" => {
            let event = |delta: Value| {
                format!(
                    "event: e\ndata: {}\n\n",
                    json!({ "type": "content_block_delta", "delta": delta })
                )
            };
            let stop = json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" } });
            ["text", "thinking"]
                .map(|field| {
                    [
                        event(json!({ field: one })),
                        event(json!({ field: two })),
                        format!("data: {stop}\n\n"),
                    ]
                    .concat()
                })
                .to_vec()
        }
        "gemini" => {
            let piece = |text: &str| json!({ "candidates": [{ "finishReason": "STOP", "content": { "parts": [{ "text": text }] } }] });
            vec![json!([piece(one), piece(two)]).to_string()]
        }
        "ollama" => {
            let line = |text: &str, done: bool| {
                json!({ "message": { "content": text }, "done": done, "done_reason": "stop" })
                    .to_string()
            };
            vec![format!("{}\n{}\n", line(one, false), line(two, true))]
        }
        other => panic!("no dialect {other}"),
    }
}

/// A run against a server, with the key in every variable that may hold one.
fn run(folder: &Path, subject: &str, url: &str, more: &[&str]) -> Ended {
    let asked =
        ["run", "--subject", subject, "--base-url", url, "--tries", "1", "--tasks", "ethics"];
    with_key(folder, &[&asked, more].concat())
}

fn with_key(folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = program(folder);
    for name in [
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "GEMINI_API_KEY",
        "OLLAMA_API_KEY",
        "PERSPECTIVE_API_KEY",
    ] {
        command.env(name, KEY);
    }
    ended(command.args(arguments).output().unwrap())
}

/// Puts what is exported of the runs, and what is said of them, beside them.
fn export_all(folder: &Path) {
    for run in fs::read_dir(folder.join("runs")).into_iter().flatten() {
        let run = run.unwrap().path().display().to_string();
        for format in ["markdown", "latex", "model-card", "json", "csv", "jsonl"] {
            let export = trustmh(folder, ["export", &run, "--format", format]);
            fs::write(folder.join(format!("exported.{format}")), export.out + &export.err).unwrap();
        }
        trustmh(folder, ["export", &run, "--format", "inspect-json", "--output", "logs"]);
        let verified = trustmh(folder, ["verify", &run]);
        fs::write(folder.join("verified"), verified.out + &verified.err).unwrap();
    }
}

/// Fails where any trace of the key stands in what was said, recorded, reported or exported.
#[track_caller]
fn nowhere(folder: &Path, said: &Ended, what: &str) {
    let mut texts =
        vec![("stdout".to_owned(), said.out.clone()), ("stderr".to_owned(), said.err.clone())];
    let mut open = vec![folder.to_owned()];
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_none_or(|ending| ending != "sh") {
                let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
                texts.push((path.display().to_string(), text));
            }
        }
    }
    for (name, text) in texts {
        for trace in traces() {
            let place = text.find(&trace);
            let around = place.map(|place| {
                text[place.saturating_sub(120)..].chars().take(240).collect::<String>()
            });
            assert!(place.is_none(), "{what}: {trace} in {name}: {around:?}");
        }
    }
}

#[test]
fn a_key_that_comes_back_in_a_reply_is_struck_out_wherever_it_stands() {
    for dialect in ["openai", "anthropic", "gemini", "ollama"] {
        let folder = tempfile::tempdir().unwrap();
        let bodies = bodies(dialect);
        let count = bodies.len();
        let server = Answering::start(move |number, _| {
            response("200 OK", "application/json", &bodies[number % bodies.len()])
        });
        let judge = Answering::start(move |_, _| {
            let said = json!({ "choices": [{ "message": { "content": format!("{KEY} sc1: 3") }, "finish_reason": KEY }] });
            response("200 OK", "application/json", &said.to_string())
        });
        let url = format!("http://{}", server.address);
        let judge = format!("http://{}", judge.address);
        let more = ["--judge", "openai/j", "--judge-base-url", &judge];
        let said = run(folder.path(), &format!("{dialect}/m"), &url, &more);
        export_all(folder.path());
        nowhere(folder.path(), &said, dialect);
        assert!(count >= 25, "{dialect}: {count} variants");
        let journal =
            fs::read_to_string(only_run(&folder.path().join("runs")).join("journal.jsonl"))
                .unwrap();
        assert!(
            journal.matches("[key]").count() >= 32,
            "{dialect}: every trial has a reply with its mark"
        );
    }
}

#[test]
fn a_key_that_comes_in_pieces_is_not_kept() {
    for dialect in ["openai", "anthropic", "gemini", "ollama"] {
        let folder = tempfile::tempdir().unwrap();
        let streams = streams(dialect);
        let kind = match dialect {
            "openai" | "anthropic" => "text/event-stream",
            _ => "application/json",
        };
        let server = Answering::start(move |number, _| {
            response("200 OK", kind, &streams[number % streams.len()])
        });
        let url = format!("http://{}", server.address);
        let said =
            run(folder.path(), &format!("{dialect}/m"), &url, &["--judge", "none", "--stream"]);
        export_all(folder.path());
        nowhere(folder.path(), &said, dialect);
        let journal =
            fs::read_to_string(only_run(&folder.path().join("runs")).join("journal.jsonl"))
                .unwrap();
        assert!(journal.contains("[key]"), "{dialect}: {}", said.err);
    }
}

#[test]
fn a_key_in_errors_and_redirects_is_struck_out() {
    for dialect in ["openai", "anthropic", "gemini", "ollama"] {
        for status in [
            "400 Bad",
            "401 No",
            "404 None",
            "429 Slow",
            "500 Broken",
            "302 Found",
            "307 Elsewhere",
            "200 OK",
        ] {
            let folder = tempfile::tempdir().unwrap();
            let server = Answering::start(move |number, _| {
                let form = &forms()[number % forms().len()];
                let error = json!({ "error": { "type": "e", "code": "c", "message": "no: MARK" } })
                    .to_string();
                let answer = response(status, "application/json", &error.replace("MARK", form));
                answer.replacen(
                    "\r\n",
                    &format!(
                        "\r\nLocation: http://127.0.0.1:9/{form}?k={form}\r\nX-Key: {KEY}\r\n"
                    ),
                    1,
                )
            });
            let url = format!("http://{}", server.address);
            let more = ["--judge", "none", "--items", "5"];
            let said = run(folder.path(), &format!("{dialect}/m"), &url, &more);
            nowhere(folder.path(), &said, &format!("{dialect}, {status}"));
        }
    }
}
