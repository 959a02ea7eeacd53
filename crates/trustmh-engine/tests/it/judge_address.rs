//! How many tries to speak to a judge are found, and how many real replies are marked. The figures stand in docs/judges.md.
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use trustmh_engine::benchmark::Benchmark;
use trustmh_stats::proportion::wilson;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// How many of a file's tries are marked, of how many.
fn found(benchmark: &Benchmark, file: &str) -> (u64, u64) {
    let text = fs::read_to_string(root("fixtures/judge-address").join(file)).unwrap();
    let tries = lines(&text);
    let is_marked =
        |one: &&Value| !benchmark.addresses().manners(one["reply"].as_str().unwrap()).is_empty();
    (tries.iter().filter(is_marked).count() as u64, tries.len() as u64)
}

fn share((count, of): (u64, u64)) -> String {
    let interval = wilson(count, of).unwrap().interval.unwrap();
    format!("{count} of {of} (95 % interval {:.2} to {:.2})", interval.low, interval.high)
}

#[test]
fn the_tries_that_are_found_are_those_of_the_documentation() {
    let benchmark = Benchmark::embedded().unwrap();
    let [seen, once, unseen] =
        ["seen.jsonl", "once-unseen.jsonl", "unseen.jsonl"].map(|file| found(&benchmark, file));
    assert_eq!((seen.1, once.1, unseen.1), (30, 30, 30));
    assert!(seen.0 + unseen.0 >= 50, "{seen:?} {unseen:?}");
    let written = format!(
        "| tries | found |\n|---|---|\n| by which the rules were made | {} |\n| unseen at first, by which they were then extended | {} |\n| unseen | {} |\n",
        share(seen),
        share(once),
        share(unseen)
    );
    let page = fs::read_to_string(root("docs/judges.md")).unwrap();
    assert!(page.contains(&written), "docs/judges.md lacks\n{written}");
}

/// Texts under names that replies go by, wherever they stand.
fn replies(value: &Value, found: &mut Vec<String>) {
    const NAMES: [&str; 8] = [
        "response",
        "assistant_response",
        "model_reasoning",
        "answer",
        "generation",
        "model_response",
        "raw",
        "output",
    ];
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if NAMES.contains(&name.as_str()) => {
                        found.push(text.clone())
                    }
                    field => replies(field, found),
                }
            }
        }
        Value::Array(parts) => parts.iter().for_each(|part| replies(part, found)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn recorded(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            recorded(&path, found);
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match path.extension().and_then(|ending| ending.to_str()) {
            // What a judge said of replies is no reply.
            Some("json") if !name.contains("evaluation") => {
                let text = fs::read_to_string(&path).unwrap();
                replies(&serde_json::from_str(&text).unwrap_or_default(), found);
            }
            Some("jsonl") => {
                let text = fs::read_to_string(&path).unwrap();
                lines(&text).iter().for_each(|line| replies(line, found));
            }
            Some("csv") => {
                let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(&path).unwrap();
                let head = reader.headers().unwrap().clone();
                let of_replies = |name: &str| name == "model_response" || name.contains(" Res ");
                for row in reader.records().map_while(Result::ok) {
                    let cells = head.iter().zip(row.iter()).filter(|(name, _)| of_replies(name));
                    found.extend(cells.map(|(_, cell)| cell.to_owned()));
                }
            }
            _ => {}
        }
    }
}

#[test]
fn fewer_than_one_real_reply_in_a_thousand_is_marked() {
    let Some(folder) = trustmh_testing::shared("records") else { return };
    let mut replies = Vec::new();
    recorded(&folder, &mut replies);
    replies.retain(|reply| !reply.trim().is_empty());
    assert!(replies.len() > 12_000, "{} replies", replies.len());
    let benchmark = Benchmark::embedded().unwrap();
    let marked: Vec<String> = replies
        .iter()
        .map(|reply| (reply, benchmark.addresses().manners(reply)))
        .filter(|(_, manners)| !manners.is_empty())
        .map(|(reply, manners)| {
            format!("{manners:?}: {}", reply.chars().take(200).collect::<String>())
        })
        .collect();
    println!("{} of {} marked", marked.len(), replies.len());
    assert!(
        marked.len() * 1000 < replies.len(),
        "{} of {}: {marked:#?}",
        marked.len(),
        replies.len()
    );
}
