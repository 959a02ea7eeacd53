//! Logs of Inspect AI, written here in its forms: what is read, what is refused, and why.
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};
use trustmh_core::call::{CallEnd, Finish, RecordedAnswer};
use trustmh_core::item::ItemContent;
use trustmh_core::thought::ThoughtEnd;
use trustmh_data::error::DataError;
use trustmh_data::record::{Beside, RecordFormat, RecordedRun};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn head(status: &str) -> Value {
    json!({ "version": 2, "status": status, "eval": { "model": "lab/owl", "dataset": { "sample_ids": ["q1", "q2"] }, "config": {} } })
}

/// A question about birds with the model's output.
fn sample(id: &str, target: &Value, output: &Value) -> Value {
    json!({
        "id": id, "epoch": 1, "input": format!("Which bird is {id}?"), "choices": ["owl", "wren", "rook", "swan"],
        "target": target, "output": output,
    })
}

fn said(content: impl Into<Value>, stop_reason: &str) -> Value {
    let message = json!({ "role": "assistant", "content": content.into() });
    json!({ "model": "lab/owl", "choices": [{ "message": message, "stop_reason": stop_reason }] })
}

fn scored(
    mut sample: Value,
    scorer: &str,
    value: impl Into<Value>,
    answer: impl Into<Value>,
) -> Value {
    sample["scores"] = json!({ scorer: { "value": value.into(), "answer": answer.into() } });
    sample
}

fn json_log(status: &str, samples: &[Value]) -> Vec<u8> {
    let mut log = head(status);
    log["samples"] = Value::from(samples);
    log.to_string().into_bytes()
}

fn archive(members: &[(&str, String)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn read_all(logs: &[(&str, Vec<u8>)]) -> Result<Vec<RecordedRun>, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = logs
        .iter()
        .map(|(name, bytes)| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        })
        .collect();
    RecordFormat::named("inspect").unwrap().read(&paths, &Beside::default())
}

fn read(name: &str, bytes: Vec<u8>) -> Result<RecordedRun, DataError> {
    let mut runs = read_all(&[(name, bytes)])?;
    assert_eq!(runs.len(), 1);
    Ok(runs.remove(0))
}

/// How the calls of the samples of a log ended.
fn ends(samples: &[Value]) -> Vec<CallEnd> {
    let run = read("birds.json", json_log("success", samples)).unwrap();
    run.trials.into_iter().map(|one| one.exchanges[0].end.clone()).collect()
}

fn end(sample: Value) -> CallEnd {
    ends(&[sample]).remove(0)
}

/// The letter that Inspect's scorer read; nothing where the reply is to be read anew.
fn letter(end: &CallEnd) -> Option<Option<char>> {
    match end {
        CallEnd::Recorded { answer: RecordedAnswer::Choice(letter), .. } => Some(*letter),
        CallEnd::Recorded { .. } | CallEnd::Replied(_) | CallEnd::Broken { .. } => None,
    }
}

fn warned(run: &RecordedRun, what: &str) -> bool {
    run.source.warnings.iter().any(|warning| warning.contains(what))
}

#[test]
fn the_answer_that_inspect_read_stands_beside_the_reply() {
    let asked = |text: &str| sample("q1", &json!("B"), &said(text, "stop"));
    for (text, value, answer, expected) in [
        ("ANSWER: $B$", json!("C"), json!("B"), Some(Some('B'))),
        ("answer: b", json!("C"), json!("B"), Some(Some('B'))),
        ("Is it C? No.\n\nANSWER: B", json!("C"), json!("B"), Some(Some('B'))),
        ("ANSWER: D", json!("I"), json!("D"), Some(Some('D'))),
        ("ANSWER: A, B", json!("I"), json!("A, B"), Some(None)),
        ("The answer is B", json!("I"), json!(""), Some(None)),
        ("B?", json!("I"), Value::Null, Some(None)),
        ("ANSWER: B", json!(1.0), json!("B"), Some(Some('B'))),
        ("ANSWER: B", json!(true), json!("B"), Some(Some('B'))),
        // Grades that do not fit the answer, that are no grades, or none: read anew.
        ("ANSWER: D", json!("C"), json!("D"), None),
        ("ANSWER: B", json!("P"), json!("B"), None),
        ("ANSWER: B", Value::Null, json!("B"), None),
        ("ANSWER: B", json!("C"), json!("the wren"), None),
    ] {
        let found = end(scored(asked(text), "choice", value, answer));
        assert_eq!(letter(&found), expected, "{text}: {found:?}");
        match found {
            CallEnd::Recorded { text: kept, finish, .. } => {
                assert_eq!((kept.as_str(), finish), (text, Some(Finish::Stop)));
            }
            CallEnd::Replied(reply) => assert_eq!(reply.text, text),
            CallEnd::Broken { message } => panic!("{message}"),
        }
    }
    assert_eq!(letter(&end(asked("ANSWER: B"))), None, "a log without scores");
}

#[test]
fn another_scorer_counts_where_it_tells_the_letter() {
    let asked = || sample("q1", &json!(["b"]), &said("ANSWER: B", "stop"));
    assert_eq!(letter(&end(scored(asked(), "birds", "C", "b"))), Some(Some('B')));
    assert_eq!(letter(&end(scored(asked(), "pattern", "I", Value::Null))), Some(None));
    assert_eq!(letter(&end(scored(asked(), "politeness", "I", Value::Null))), None);
    let mut both = scored(asked(), "choice", "C", "B");
    both["scores"]["brevity"] = json!({ "value": "I", "answer": "A" });
    assert_eq!(letter(&end(both)), Some(Some('B')), "the scorer of choices comes first");
    let mut old = asked();
    old["score"] = json!({ "value": "C", "answer": "B" });
    assert_eq!(letter(&end(old)), Some(Some('B')), "a log with one score");
    let log = json_log("success", &[scored(asked(), "politeness", "C", "very polite")]);
    let run = read("birds.json", log).unwrap();
    assert!(warned(&run, "1 sample with scores that do not tell"), "{:?}", run.source.warnings);
}

#[test]
fn the_stop_reason_says_how_a_reply_ended() {
    let asked = |output: &Value| sample("q1", &json!("A"), output);
    let replied = |sample: Value| match end(sample) {
        CallEnd::Replied(reply) => reply,
        other => panic!("{other:?}"),
    };
    for stop in ["max_tokens", "model_length", "length"] {
        let cut = scored(asked(&said("I think it is the", stop)), "choice", "I", "");
        let CallEnd::Recorded { answer, finish, .. } = end(cut) else { panic!("{stop}") };
        assert_eq!((answer, finish), (RecordedAnswer::Choice(None), Some(Finish::Length)));
        let reply = replied(scored(asked(&said("", stop)), "choice", "N", ""));
        assert_eq!((reply.text.as_str(), reply.finish), ("", Finish::Length));
    }
    let empty = replied(scored(asked(&said("", "stop")), "choice", "N", ""));
    assert_eq!((empty.text.as_str(), empty.finish), ("", Finish::Stop));
    let withheld = replied(scored(asked(&said("", "content_filter")), "choice", "N", ""));
    assert_eq!(withheld.finish, Finish::ContentFilter);
    let mut flagged = said("Sorry, this cannot be answered.", "stop");
    flagged["error"] = json!("flagged as unsafe");
    assert_eq!(replied(asked(&flagged)).finish, Finish::ContentFilter);
    let right = scored(asked(&said("ANSWER: A. The", "content_filter")), "choice", "C", "A");
    let run = read("birds.json", json_log("success", &[right])).unwrap();
    assert!(warned(&run, "1 sample right by Inspect, though the model's service withheld"));
    assert!(
        matches!(&run.trials[0].exchanges[0].end, CallEnd::Replied(reply) if reply.finish == Finish::ContentFilter)
    );
}

#[test]
fn reasoning_is_the_thought() {
    let parts = json!([
        { "type": "reasoning", "reasoning": "Wrens are small, so ANSWER: B?" },
        { "type": "reasoning", "reasoning": "c2VjcmV0", "summary": "It weighed two birds.", "redacted": true },
        { "type": "text", "text": "ANSWER: A" },
    ]);
    let output = said(parts, "stop");
    let asked = sample("q1", &json!("A"), &output);
    let expected = "Wrens are small, so ANSWER: B?\n\nIt weighed two birds.";
    match end(asked.clone()) {
        CallEnd::Replied(reply) => {
            assert_eq!(reply.text, "ANSWER: A");
            assert_eq!(reply.thought.unwrap().text, expected);
        }
        other => panic!("{other:?}"),
    }
    match end(scored(asked, "choice", "C", "A")) {
        CallEnd::Recorded { text, thought, .. } => {
            assert_eq!(text, "ANSWER: A");
            assert_eq!(thought.unwrap().text, expected);
        }
        other => panic!("{other:?}"),
    }
    let open = sample("q1", &json!("A"), &said("<think>ANSWER: A would be", "max_tokens"));
    let run = read("birds.json", json_log("success", &[scored(open, "choice", "C", "A")])).unwrap();
    assert!(warned(&run, "1 sample right by Inspect, though the reply says nothing"));
    match &run.trials[0].exchanges[0].end {
        CallEnd::Replied(reply) => {
            assert_eq!(reply.thought.as_ref().unwrap().end, ThoughtEnd::Open);
            assert_eq!(reply.text, "");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_failed_in_inspect_failed() {
    let mut halted = sample("q1", &json!("A"), &said("ANSWER: A", "stop"));
    halted["error"] = json!({ "message": "the sandbox is gone", "traceback": "" });
    let nothing = sample("q2", &json!("A"), &json!({ "model": "lab/owl", "choices": [] }));
    let scored = scored(nothing.clone(), "choice", "N", "");
    let found = ends(&[halted, nothing, scored]);
    let broken = |end: &CallEnd, what: &str| matches!(end, CallEnd::Broken { message } if message.contains(what));
    assert!(broken(&found[0], "sandbox") && broken(&found[1], "no reply"), "{found:?}");
    assert!(matches!(&found[2], CallEnd::Replied(reply) if reply.text.is_empty()), "{found:?}");
}

#[test]
fn several_targets_are_left_out_and_counted() {
    let one = sample("q1", &json!("A"), &said("ANSWER: A", "stop"));
    let several = |id: &str, target: Value| sample(id, &target, &said("ANSWER: B, C", "stop"));
    let both = [several("q2", json!(["B", "C"])), several("q3", json!("BC"))];
    let run =
        read("birds.json", json_log("success", &[vec![one], both.to_vec()].concat())).unwrap();
    assert_eq!(run.trials.len(), 1);
    assert!(
        warned(&run, "left out: 2 samples with several right choices in their target"),
        "{:?}",
        run.source.warnings
    );
    assert!(warned(&run, "q2, q3"), "{:?}", run.source.warnings);
    let error = read("birds.json", json_log("success", &both)).unwrap_err();
    assert!(
        matches!(&error, DataError::NoneUsable { reasons, .. } if reasons.contains("2 samples with several")),
        "{error}"
    );
    assert!(error.hint().is_some());
}

#[test]
fn numbers_that_are_none_are_passed_over_in_both_forms() {
    let asked = sample("q1", &json!("A"), &said("ANSWER: NaN, Infinity", "stop"));
    let text = scored(asked, "choice", "I", "").to_string();
    let text = text.replacen('{', r#"{"model_usage": {"cost": NaN, "most": -Infinity}, "#, 1);
    let head = head("success").to_string();
    let head = head.replacen('{', r#"{"results": {"value": NaN, "high": Infinity}, "#, 1);
    let whole = head.replacen('{', &format!(r#"{{"samples": [{text}], "#), 1);
    let members = [("header.json", head), ("samples/q1_epoch_1.json", text)];
    for (name, bytes) in [("birds.json", whole.into_bytes()), ("birds.eval", archive(&members))] {
        let run = read(name, bytes).unwrap();
        assert_eq!(run.trials[0].exchanges[0].text(), Some("ANSWER: NaN, Infinity"), "{name}");
    }
}

#[test]
fn half_a_character_costs_no_log() {
    let asked = sample("q1", &json!("A"), &said("ANSWER: A HALF", "stop"));
    let log = json_log("success", &[asked]);
    let log = String::from_utf8(log).unwrap().replace("HALF", r"\ud83e");
    let run = read("birds.json", log.into_bytes()).unwrap();
    assert_eq!(run.trials[0].exchanges[0].text(), Some("ANSWER: A \u{fffd}"));
}

#[test]
fn a_log_without_samples_or_without_a_head_is_refused_with_a_reason() {
    let mut null = head("success");
    null["samples"] = Value::Null;
    for (log, status) in [
        (head("cancelled").to_string(), "cancelled"),
        (null.to_string(), "success"),
        (String::from_utf8(json_log("error", &[])).unwrap(), "error"),
    ] {
        let error = read("birds.json", log.clone().into_bytes()).unwrap_err();
        let DataError::NoSamples { status: found, .. } = &error else { panic!("{error}") };
        assert_eq!(found, status);
        assert!(error.hint().unwrap().contains("inspect log recover"));
        let error = read("birds.eval", archive(&[("header.json", log)])).unwrap_err();
        assert!(matches!(error, DataError::NoSamples { .. }), "{error}");
    }
    let one = sample("q1", &json!("A"), &said("ANSWER: A", "stop"));
    let whole = ("birds.json", json_log("success", std::slice::from_ref(&one)));
    let runs = read_all(&[("none.json", json_log("error", &[])), whole]).unwrap();
    assert!(warned(&runs[0], "none.json: the log holds no samples"), "one among others");
    let text = one.to_string();
    let error = read("birds.eval", archive(&[("samples/q1_epoch_1.json", text)])).unwrap_err();
    assert!(matches!(error, DataError::NoHead { .. }), "{error}");
    let error = read("birds.eval", b"PK\x03\x04 and then nothing".to_vec()).unwrap_err();
    assert!(matches!(error, DataError::Malformed { .. }), "{error}");
}

#[test]
fn the_log_of_a_crashed_evaluation_is_read_and_said_to_be_one() {
    let mut start = head("");
    start.as_object_mut().unwrap().remove("status");
    let text = sample("q1", &json!("A"), &said("ANSWER: A", "stop")).to_string();
    let members = [("_journal/start.json", start.to_string()), ("samples/q1_epoch_1.json", text)];
    let run = read("birds.eval", archive(&members)).unwrap();
    assert_eq!(run.trials.len(), 1);
    assert!(warned(&run, "(status `started`): 1 of 2 samples"), "{:?}", run.source.warnings);
}

#[test]
fn epochs_are_repeats_in_their_order_and_equal_names_in_two_logs_are_two_questions() {
    let asked = |epoch: u64, text: &str| {
        let mut one = sample("q1", &json!("A"), &said(text, "stop"));
        one["epoch"] = epoch.into();
        one
    };
    let members: Vec<(String, String)> = [10, 2, 1]
        .map(|epoch| {
            (
                format!("samples/q1_epoch_{epoch}.json"),
                asked(epoch, &format!("{epoch}")).to_string(),
            )
        })
        .to_vec();
    let head = head("success").to_string();
    let mut all = vec![("header.json", head)];
    all.extend(members.iter().map(|(name, text)| (name.as_str(), text.clone())));
    let mut shuffled = asked(1, "ANSWER: C");
    shuffled["choices"] = json!(["swan", "owl", "rook", "wren"]);
    let mut other = asked(1, "ANSWER: D");
    other["input"] = json!("Which tree is q1?");
    let logs = [
        ("birds.eval", archive(&all)),
        ("mixed.json", json_log("success", &[shuffled])),
        ("trees.json", json_log("success", &[other])),
    ];
    let runs = read_all(&logs).unwrap();
    let found: Vec<(&str, u32, &str)> = runs[0]
        .trials
        .iter()
        .map(|one| {
            assert!(matches!(one.trial.item.content, ItemContent::MultipleChoice(_)));
            (one.trial.item.id.as_str(), one.trial.repeat, one.exchanges[0].text().unwrap())
        })
        .collect();
    let expected = [
        ("inspect-q1", 0, "1"),
        ("inspect-q1", 1, "2"),
        ("inspect-q1", 2, "10"),
        ("inspect-q1", 3, "ANSWER: C"),
        ("inspect-q1#2", 0, "ANSWER: D"),
    ];
    assert_eq!(found, expected);
    assert_eq!(runs[0].source.files.len(), 3);
}
