//! Every reader is given changed samples: it may refuse them, and may not panic, hang or take memory without bounds.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use serde_json::json;
use std::io::{Cursor, Write};
use trustmh_fuzz::Mutator;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Gives `read` the samples and so many changes of each.
fn try_all(samples: &[&[u8]], changes: u32, read: fn(&[u8])) {
    let mut mutator = Mutator::new(22);
    for sample in samples {
        read(sample);
        for _ in 0..changes {
            read(&mutator.changed(sample));
        }
    }
}

fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn journals() {
    let key = "0".repeat(64);
    let line = |event: serde_json::Value| format!("{}\n", json!({ "v": 3, "event": event }));
    let call = json!({
        "call": { "key": key, "trial": "t", "purpose": { "subject": { "turn": 0 } }, "model": "openai/m",
            "end": { "replied": { "text": "A", "finish": "stop", "usage": { "prompt_tokens": 1, "reply_tokens": 1 } } },
            "tries": 1, "at": "2026-01-01T00:00:00Z", "millis": 7, "request": {}, "response": {} }
    });
    let session =
        json!({ "session": { "at": "2026-01-01T00:00:00Z", "mark": "began", "program": "0.1.0" } });
    let sample = line(session) + &line(call);
    try_all(&[sample.as_bytes()], 400, trustmh_fuzz::journal);
}

#[test]
fn manifests() {
    let sample = json!({
        "format": 4, "id": "r", "created": "2026-01-01T00:00:00Z", "program": "0.1.0", "protocol": "corrected", "seed": 1,
        "subject": { "id": "openai/m" }, "judge": { "name": "none" }, "tasks": {}, "caps": {}, "plan": "0",
    });
    try_all(&[sample.to_string().as_bytes()], 200, trustmh_fuzz::manifest);
}

#[test]
fn task_files() {
    let sample = include_bytes!("../../../benchmark/reliability/knowledge.toml");
    try_all(&[sample], 150, trustmh_fuzz::task);
}

#[test]
fn items() {
    let choice = json!({ "id": "a-1", "language": "en", "tags": { "theme": "sleep" }, "content": {
        "kind": "multiple-choice", "question": "Which?", "options": ["one", "two"], "key": "B", "source": "own" } });
    try_all(&[format!("{choice}\n{choice}\n").as_bytes()], 400, trustmh_fuzz::items);
}

#[test]
fn tables_of_items() {
    let table = b"question,A,B,key\n\"Which, then?\",one,two,B\nAnd?,x,y,A\n";
    try_all(&[table], 300, |data| trustmh_fuzz::table("csv", data));
    let line = br#"{"question":"Which?","A":"one","B":"two","key":"B"}"#;
    try_all(&[line], 300, |data| trustmh_fuzz::table("jsonl", data));
}

const SHEET: &str = r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>question</t></is></c><c r="B1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>Which?</t></is></c><c r="B2"><v>7</v></c></row></sheetData></worksheet>"#;

fn book(sheet: &str) -> Vec<u8> {
    let types = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
    let workbook = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="one" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let relations = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let strings = r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>A</t></si></sst>"#;
    zipped(&[
        ("[Content_Types].xml", types),
        ("xl/workbook.xml", workbook),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/sharedStrings.xml", strings),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

#[test]
fn spreadsheets() {
    try_all(&[&book(SHEET)], 200, trustmh_fuzz::spreadsheet);
    // Changes below the packing reach the reader of cells.
    let mut mutator = Mutator::new(7);
    for _ in 0..200 {
        let sheet = mutator.changed(SHEET.as_bytes());
        trustmh_fuzz::spreadsheet(&book(&String::from_utf8_lossy(&sheet)));
    }
}

#[test]
fn logs_of_inspect() {
    let sample = json!({ "id": "q1", "epoch": 1, "input": "Which?", "choices": ["a", "b"], "target": "A",
        "output": { "model": "m", "choices": [{ "message": { "role": "assistant", "content": "A" }, "stop_reason": "stop" }] },
        "scores": { "choice": { "value": "C", "answer": "A" } } });
    let head = json!({ "version": 2, "status": "success", "eval": { "model": "lab/owl", "dataset": {}, "config": {} } });
    let mut whole = head.clone();
    whole["samples"] = json!([sample]);
    let log = zipped(&[
        ("header.json", &head.to_string()),
        ("samples/q1_epoch_1.json", &sample.to_string()),
    ]);
    try_all(&[whole.to_string().as_bytes(), &log], 200, trustmh_fuzz::inspect);
}

#[test]
fn transcripts() {
    let samples: [&[u8]; 7] = [
        include_bytes!("../../../fixtures/transcripts/own.jsonl"),
        include_bytes!("../../../fixtures/transcripts/openai.jsonl"),
        include_bytes!("../../../fixtures/transcripts/sharegpt.json"),
        include_bytes!("../../../fixtures/transcripts/rows.csv"),
        include_bytes!("../../../fixtures/transcripts/rows.jsonl"),
        include_bytes!("../../../fixtures/transcripts/talk-1.txt"),
        include_bytes!("../../../fixtures/transcripts/rows.parquet"),
    ];
    try_all(&samples, 100, trustmh_fuzz::transcripts);
}

#[test]
fn records_of_other_harnesses() {
    let samples = [
        json!([{ "question": "q", "options": ["a"], "answer": "A", "response": "A", "model": "m" }]).to_string(),
        "{\"item\":\"a\",\"result\":\"3\",\"human\":2}\n{}\n".to_owned(),
        "id,question,answer\n1,Which?,A\n".to_owned(),
    ];
    let samples: Vec<&[u8]> = samples.iter().map(String::as_bytes).collect();
    try_all(&samples, 60, trustmh_fuzz::imports);
}

#[test]
fn replies_of_providers() {
    let samples: [&[u8]; 11] = [
        include_bytes!("../../trustmh-model/fixtures/openai/reply.json"),
        include_bytes!("../../trustmh-model/fixtures/openai/rate-limited.json"),
        include_bytes!("../../trustmh-model/fixtures/openai/filter-error.json"),
        include_bytes!("../../trustmh-model/fixtures/openai/too-long.json"),
        include_bytes!("../../trustmh-model/fixtures/anthropic/reply.json"),
        include_bytes!("../../trustmh-model/fixtures/anthropic/error.json"),
        include_bytes!("../../trustmh-model/fixtures/gemini/reply.json"),
        include_bytes!("../../trustmh-model/fixtures/gemini/error.json"),
        include_bytes!("../../trustmh-model/fixtures/ollama/reply.json"),
        br#"{"id":1,"text":"Yes.","thought":"Hm.","reply_tokens":3}"#,
        b"{\"message\":{\"content\":\"a\"},\"done\":false}\n{\"done\":true,\"done_reason\":\"stop\"}\n",
    ];
    try_all(&samples, 60, trustmh_fuzz::reply);
}

#[test]
fn streams_of_events() {
    let stream = b"{\"choices\":[{\"delta\":{\"content\":\"Y\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"es\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let messages = b"{\"type\":\"message_start\"}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"Y\"}}\n\nevent: message_stop\ndata: {}\n\n";
    try_all(&[stream, messages], 300, trustmh_fuzz::events);
}

#[test]
fn ratings() {
    let table = b"unit,rater,rating\na,one,3\na,two,4\nb,one,1\n";
    let wide = br#"[{"unit":"a","rating":3},{"unit":"b","rating":"4"}]"#;
    let annotation = json!({ "rater": "r", "trial": "t", "at": "2026-01-01T00:00:00Z", "rubric": "x", "scores": { "helpful": 3 } });
    let line = annotation.to_string();
    try_all(&[table, wide, line.as_bytes()], 80, trustmh_fuzz::ratings);
}

#[test]
fn datasets() {
    let shard = include_bytes!(
        "../../../fixtures/hub/questions/usmle-mental/USMLE-mental/train-00000-of-00002.parquet"
    );
    try_all(&[shard], 100, trustmh_fuzz::dataset);
}
