//! Every reader of bytes from elsewhere behind a function that takes any bytes: what fuzz/fuzz_targets runs under cargo-fuzz, and what
//! tests/readers.rs tries on a stable compiler. A reader may refuse what it is given; it may not panic, hang, or take memory without bounds.
//!
//! Messages of workers are tried where they are read, in trustmh-cluster.

mod mutate;

use std::path::Path;

use trustmh_data::hub::Choice;
use trustmh_data::mapped::Mapping;
use trustmh_data::published::{Decoding, PublishedSet};
use trustmh_data::ratings::{self, Columns};
use trustmh_data::record::{Beside, RecordFormat};
use trustmh_data::{items, mapped, transcripts};
use trustmh_engine::task::Task;
use trustmh_model::provider::Provider;
use trustmh_model::readers;
use trustmh_run::derived::annotations;
use trustmh_run::journal;
use trustmh_run::manifest::Manifest;

pub use mutate::Mutator;

/// Calls `read` with a file of this name that holds `data`. Where no file can be written nothing is tried.
fn with_file(name: &str, data: &[u8], read: impl FnOnce(&Path)) {
    let Ok(folder) = tempfile::tempdir() else { return };
    let path = folder.path().join(name);
    if std::fs::write(&path, data).is_ok() {
        read(&path);
    }
}

/// A run's journal.
pub fn journal(data: &[u8]) {
    with_file(journal::FILE, data, |path| {
        let mut events = 0_usize;
        let _ = journal::scan(path, |_, _| events += 1);
        let _ = journal::Replay::open(path);
    });
}

/// A run's manifest.
pub fn manifest(data: &[u8]) {
    with_file("run.json", data, |path| {
        if let Some(folder) = path.parent() {
            let _ = Manifest::read(folder);
        }
    });
}

/// A task file.
pub fn task(data: &[u8]) {
    let _ = Task::parse("own/task.toml", &String::from_utf8_lossy(data));
}

/// Lines of items.
pub fn items(data: &[u8]) {
    let _ = items::read_jsonl(
        &String::from_utf8_lossy(data),
        "items.jsonl",
        trustmh_data::codebook::built_in(),
    );
}

/// A table of items: CSV, JSON lines, JSON, Parquet, or a spreadsheet, by the ending.
pub fn table(ending: &str, data: &[u8]) {
    let column = |field: &str, name: &str| (field.to_owned(), vec![name.to_owned()]);
    let mapping = Mapping {
        kind: "multiple-choice".to_owned(),
        id: None,
        language: "en".to_owned(),
        columns: vec![
            column("question", "question"),
            ("options".to_owned(), vec!["A".to_owned(), "B".to_owned()]),
            column("key", "key"),
        ],
        constants: Vec::new(),
        part: Choice::default(),
    };
    with_file(&format!("table.{ending}"), data, |path| {
        let _ = mapped::read(path, &mapping, trustmh_data::codebook::built_in());
    });
}

/// A spreadsheet of items.
pub fn spreadsheet(data: &[u8]) {
    table("xlsx", data);
}

/// A file in Parquet in the place of a published one, and the head of a dataset's card.
pub fn dataset(data: &[u8]) {
    table("parquet", data);
    let Ok(folder) = tempfile::tempdir() else { return };
    let card = folder.path().join("README.md");
    let lines = folder.path().join("OEQ.jsonl");
    let text = "{\"prompt\":\"May I?\",\"label\":0}\n";
    if std::fs::write(card, data).is_ok() && std::fs::write(lines, text).is_ok() {
        for set in PublishedSet::all() {
            let _ = set.read(folder.path(), Decoding::Repaired);
        }
    }
}

/// What other harnesses recorded, in each format under a name that it takes.
pub fn imports(data: &[u8]) {
    for format in RecordFormat::all() {
        with_file(format.example(), data, |path| {
            let _ = format.read(&[path.to_owned()], &Beside::default());
        });
    }
}

/// A log of Inspect, in either form.
pub fn inspect(data: &[u8]) {
    with_file("log.eval", data, |path| {
        if let Some(format) = RecordFormat::named("inspect") {
            let _ = format.read(&[path.to_owned()], &Beside::default());
        }
    });
}

/// Conversations that happened elsewhere, the form found out under each ending.
pub fn transcripts(data: &[u8]) {
    let map = transcripts::Columns::default();
    let keep = ["channel".to_owned()];
    let options =
        transcripts::Options { map: &map, keep: &keep, region: None, format: None, redactor: None };
    for ending in ["jsonl", "json", "csv", "txt", "parquet", "eval"] {
        with_file(&format!("talks.{ending}"), data, |path| {
            let paths = [path.to_owned()];
            let _ = transcripts::read(&paths, &options, &mut |_| Ok(()), &mut |_| {});
        });
    }
}

/// A reply of a provider, as each of them would speak, and a refusal of it.
pub fn reply(data: &[u8]) {
    for provider in Provider::all() {
        for kind in [None, Some("application/json"), Some("text/event-stream")] {
            let _ = readers::reply(provider, kind, data);
        }
    }
    for status in [0, 400, 403, 404, 429, 500] {
        readers::refusal(status, data);
    }
    let _ = readers::line(1, data);
}

/// A stream of events.
pub fn events(data: &[u8]) {
    let mut body = b"data: ".to_vec();
    body.extend_from_slice(data);
    for provider in Provider::all() {
        let _ = readers::reply(provider, Some("text/event-stream"), &body);
    }
}

/// People's ratings: tables and annotations.
pub fn ratings(data: &[u8]) {
    let columns = Columns { raters: &[], unit: None };
    for name in ["ratings.csv", "ratings.json", "ratings.jsonl"] {
        with_file(name, data, |path| {
            let _ = ratings::read(path, columns);
            let _ = ratings::scored_replies(path);
            let _ = ratings::is_annotations(path);
            let _ = ratings::read_people(path, "helpful");
            let _ = annotations::read_file(path);
        });
    }
}
