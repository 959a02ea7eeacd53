//! The journal under cuts, crowds and second writers.
use std::fs;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use trustmh_core::call::{CallEnd, CallKey, CallSpec, Finish, Purpose, Reply, Sampling};
use trustmh_core::id::{ModelId, TrialId};
use trustmh_core::message::Message;
use trustmh_core::request::RequestOptions;
use trustmh_run::error::RunError;
use trustmh_run::journal::{Call, Event, Extent, Replay, Writer, scan};

use crate::support::block;

fn spec(number: usize) -> CallSpec {
    CallSpec {
        purpose: Purpose::Subject { turn: 0 },
        messages: vec![Message::user(format!("question {number}"))],
        sampling: Sampling { temperature: 0.0, max_tokens: 8, seed: None, thinking_tokens: None },
        repeat: 0,
        trial: None,
        options: RequestOptions::default(),
    }
}

fn key(number: usize) -> CallKey {
    CallKey::of(&ModelId::new("scripted/x"), &spec(number))
}

fn call(number: usize, text: &str) -> Event {
    let reply = Reply::new(text.to_owned(), Finish::Stop, None);
    Event::Call(Box::new(Call {
        key: key(number),
        trial: TrialId::new(format!("t{number}")),
        purpose: Purpose::Subject { turn: 0 },
        model: ModelId::new("scripted/x"),
        end: CallEnd::Replied(reply),
        tries: 1,
        at: None,
        millis: 1,
        handed_out: None,
        request: None,
        response: None,
    }))
}

fn written(path: &Path, texts: &[String]) {
    let writer = Writer::open(path, &Extent::default()).unwrap();
    block(async {
        for (number, text) in texts.iter().enumerate() {
            writer.append(vec![call(number, text)]).await.unwrap();
        }
    });
    writer.close().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Wherever a write was cut: every whole line is read, the rest is left out with a warning, and
    /// going on from there gives a journal without a flaw.
    #[test]
    fn a_cut_anywhere_loses_at_most_the_last_line(
        texts in prop::collection::vec("(?s).{0,40}", 1..6),
        cut in 0.0_f64..1.0,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        written(&path, &texts);
        let bytes = fs::read(&path).unwrap();
        let length = (cut * bytes.len() as f64) as usize;
        fs::write(&path, &bytes[..length]).unwrap();
        let whole = bytes[..length].iter().filter(|byte| **byte == b'\n').count();

        let replay = Replay::open(&path).unwrap();
        prop_assert_eq!(replay.paid(), whole);
        let torn = bytes[..length].last().is_some_and(|byte| *byte != b'\n');
        prop_assert_eq!(replay.extent.warning.is_some(), torn);
        for (number, text) in texts.iter().enumerate().take(whole) {
            let call = replay.call(&key(number)).unwrap().unwrap();
            let CallEnd::Replied(reply) = call.end else { panic!("it was a reply") };
            prop_assert_eq!(&reply.text, text);
        }
        let writer = Writer::open(&path, &replay.extent).unwrap();
        block(writer.append(vec![call(99, "more")])).unwrap();
        writer.close().unwrap();
        let again = Replay::open(&path).unwrap();
        prop_assert_eq!(again.paid(), whole + 1);
        prop_assert!(again.extent.warning.is_none());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, bytes).unwrap();
        let _ = scan(&path, |_, _| {});
    }
}

#[test]
fn appends_from_many_tasks_are_whole_lines_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let writer = Arc::new(Writer::open(&path, &Extent::default()).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..200)
            .map(|number| {
                let writer = Arc::clone(&writer);
                tokio::spawn(
                    async move { writer.append(vec![call(number, "x\ny")]).await.unwrap() },
                )
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    Arc::into_inner(writer).unwrap().close().unwrap();
    let mut events = 0;
    let extent = scan(&path, |_, _| events += 1).unwrap();
    assert_eq!((events, extent.warning), (200, None));
    assert_eq!(Replay::open(&path).unwrap().paid(), 200);
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let first = Writer::open(&path, &Extent::default()).unwrap();
    let second = Writer::open(&path, &Extent::default());
    assert!(matches!(second, Err(RunError::Locked { .. })), "{second:?}");
    first.close().unwrap();
    Writer::open(&path, &Extent::default()).unwrap().close().unwrap();
}

#[test]
fn a_writer_that_knows_an_older_journal_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    written(&path, &["one".to_owned()]);
    let late = Writer::open(&path, &Extent::default());
    assert!(matches!(late, Err(RunError::Locked { .. })), "it would cut off what it has not read");
    assert_eq!(Replay::open(&path).unwrap().paid(), 1);
}
