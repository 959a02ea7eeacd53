//! Folders of the Hugging Face hub in the place of published files: fixtures/hub, which the library `datasets` wrote.

use std::fs;
use std::path::{Path, PathBuf};

use trustmh_core::id::DatasetId;
use trustmh_core::item::{Item, ItemContent};
use trustmh_data::Dataset;
use trustmh_data::error::DataError;
use trustmh_data::published::{Decoding, PublishedSet};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hub").join(name)
}

fn read(set: &str, dir: &Path) -> Result<Dataset, DataError> {
    PublishedSet::with_id(&DatasetId::new(set)).unwrap().read(dir, Decoding::Repaired)
}

/// The items of a folder that holds nothing but this file, as it is published.
fn as_published(set: &str, file: &str) -> Vec<Item> {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(fixture(file), folder.path().join(file)).unwrap();
    read(set, folder.path()).unwrap().items
}

fn labels(items: &[Item]) -> Vec<String> {
    let label = |item: &Item| match &item.content {
        ItemContent::Labelled(labelled) => labelled.label.clone().unwrap(),
        other => panic!("{other:?}"),
    };
    items.iter().map(label).collect()
}

#[test]
fn a_table_gives_the_items_of_the_file_that_it_stands_for() {
    let read = |set: &str, dir: &str| read(set, &fixture(dir)).unwrap();
    let questions = read("usmle-mental", "questions");
    assert_eq!(questions.items, as_published("usmle-mental", "USMLE-mental.jsonl"));
    let warning = "USMLE-mental.jsonl was taken from usmle-mental/USMLE-mental/train-00000-of-00002.parquet, \
                   usmle-mental/USMLE-mental/train-00001-of-00002.parquet (3 rows): a table, whose bytes cannot be compared with the \
                   published file's";
    assert!(questions.source.warnings.iter().any(|told| told == warning), "{:?}", questions.source);
    assert_eq!(questions.source.files.len(), 2, "{:?}", questions.source.files);
    let scenarios = read("emobench", "scenarios");
    assert_eq!(scenarios.items, as_published("emobench", "EU.jsonl"));
}

#[test]
fn the_cache_of_the_hub_is_read_whether_it_or_its_dataset_or_its_snapshot_is_named() {
    let cached = "cache/datasets--example--SWMH";
    let snapshot = format!("{cached}/snapshots/0123456789abcdef0123456789abcdef01234567");
    for dir in ["cache", cached, &snapshot] {
        let found = read("d4-swmh", &fixture(dir)).unwrap();
        let expected = ["anxiety", "depression", "bipolar", "suicidal-thoughts", "other"];
        assert_eq!(labels(&found.items), expected, "{dir}: splits and shards in order");
        let file = found.source.files.keys().next().unwrap();
        assert!(file.ends_with("data/test-00000-of-00001.parquet"), "{file}");
    }
}

#[test]
fn a_table_of_another_name_is_nobodys() {
    let folder = tempfile::tempdir().unwrap();
    let posts = folder.path().join("posts");
    fs::create_dir(&posts).unwrap();
    fs::write(posts.join("train.csv"), "text,label\nMay I?,self.Anxiety\n").unwrap();
    // The same columns as those of other sets: only a name can tell.
    for set in ["oeq", "d4-swmh"] {
        let error = read(set, folder.path()).unwrap_err();
        assert!(matches!(error, DataError::NoFile { .. }), "{error}");
        let named = read(set, &posts).unwrap_err().to_string();
        assert!(
            named.contains("train.csv` is there, and nothing says of which set it is"),
            "{named}"
        );
    }
    fs::rename(&posts, folder.path().join("swmh")).unwrap();
    assert_eq!(labels(&read("d4-swmh", folder.path()).unwrap().items), ["anxiety"]);
    assert!(read("oeq", folder.path()).is_err());
}

#[test]
fn sets_of_one_folder_are_told_apart_by_the_names_of_files() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("elephant/data");
    fs::create_dir_all(&data).unwrap();
    fs::write(
        data.join("OEQ-train.jsonl"),
        "{\"prompt\": \"May I?\"}\n{\"prompt\": \"Must I?\"}\n",
    )
    .unwrap();
    fs::write(data.join("train.jsonl"), "{\"prompt\": \"Whose is this?\"}\n").unwrap();
    let items = read("oeq", folder.path()).unwrap().items;
    assert_eq!(items.len(), 2);
    assert!(read("pas", folder.path()).is_err() && read("aita-yta", folder.path()).is_err());
    // The whole set beside its splits: rows would be read twice.
    fs::write(data.join("oeq.json"), "[{\"prompt\": \"May I?\"}]").unwrap();
    let both = read("oeq", folder.path()).unwrap_err();
    assert!(matches!(both, DataError::Apart { .. }), "{both}");
    assert!(both.to_string().contains("`data/oeq.json` and `data/OEQ-train.jsonl`"), "{both}");
}

#[test]
fn a_folder_of_save_to_disk_is_told_with_what_turns_it_into_parquet() {
    let error = read("d4-swmh", &fixture("saved")).unwrap_err();
    assert!(matches!(error, DataError::Saved { .. }), "{error}");
    let told = error.to_string();
    assert!(told.contains("load_from_disk") && told.contains("to_parquet"), "{told}");
}

#[test]
fn faults_name_file_row_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let fault = |set: &str| read(set, folder.path()).unwrap_err().to_string();
    write(
        "swmh.jsonl",
        "{\"text\": \"Hm.\", \"label\": \"self.bipolar\"}\n{\"text\": \"Oh.\", \"label\": 2}\n",
    );
    assert_eq!(
        fault("d4-swmh"),
        "swmh.jsonl, line 2: label is `2`; expected one of the five forums"
    );
    write("EU.json", "[{\"qid\": \"1\", \"language\": \"en\"}]");
    let wrong = "EU.json, record 1: missing field `coarse_category`";
    assert_eq!(fault("emobench"), wrong);
    let whole = fs::read_to_string(fixture("EU.jsonl")).unwrap();
    write("EU.json", &whole.replacen("\"qid\": \"1\"", "\"qid\": 7", 1));
    let wrong = "EU.json, line 1: column `qid`: invalid type: integer `7`, expected a string";
    assert_eq!(fault("emobench"), wrong);
    write("OEQ.jsonl", "{\"other\": \"x\"}\n");
    let lacks = fault("oeq");
    assert!(
        lacks.starts_with("OEQ.jsonl: ") && lacks.contains("a column prompt or sentence or text"),
        "{lacks}"
    );
}

#[test]
fn shards_that_are_missing_and_files_that_are_broken_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("USMLE-mental");
    fs::create_dir(&data).unwrap();
    let shard = |number: u32| format!("train-{number:05}-of-00002.parquet");
    let from = fixture("questions/usmle-mental/USMLE-mental");
    fs::copy(from.join(shard(1)), data.join(shard(1))).unwrap();
    let missing = read("usmle-mental", folder.path()).unwrap_err().to_string();
    assert!(missing.contains("part 0 of 2 is missing"), "{missing}");
    let stale = data.join("train-00000-of-00001.parquet");
    fs::copy(from.join(shard(0)), &stale).unwrap();
    let apart = read("usmle-mental", folder.path()).unwrap_err();
    assert!(matches!(apart, DataError::Apart { .. }), "{apart}");
    let told = apart.to_string();
    let both = ["train-00000-of-00001.parquet`", "train-00001-of-00002.parquet`"];
    assert!(both.iter().all(|file| told.contains(file)), "{told}");
    fs::remove_file(stale).unwrap();
    let whole = fs::read(from.join(shard(0))).unwrap();
    fs::write(data.join(shard(0)), &whole[..whole.len() - 20]).unwrap();
    let broken = read("usmle-mental", folder.path()).unwrap_err().to_string();
    assert!(broken.starts_with("USMLE-mental/train-00000-of-00002.parquet: "), "{broken}");
}

#[cfg(unix)]
#[test]
fn links_that_lead_round_and_pipes_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("SWMH/data");
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("train.csv"), "text,label\nI worry.,self.Anxiety\n").unwrap();
    std::os::unix::fs::symlink(".", data.join("loop")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(data.join("test.csv")).unwrap();
    assert_eq!(labels(&read("d4-swmh", folder.path()).unwrap().items), ["anxiety"]);
}

#[test]
fn numbers_of_classes_are_never_named_by_another_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("SWMH");
    fs::create_dir_all(set.join("data")).unwrap();
    fs::write(set.join("data/train.jsonl"), "{\"text\": \"I worry.\", \"label\": 0}\n").unwrap();
    let entry = |config: &str, names: [&str; 2]| {
        let names = names.map(|name| format!("          {name}\n")).concat();
        format!(
            "- config_name: {config}\n  features:\n  - name: label\n    dtype:\n      class_label:\n        names:\n{names}"
        )
    };
    let write = |entries: &[String]| {
        let card = format!("---\ndataset_info:\n{}---\n", entries.concat());
        fs::write(set.join("README.md"), card).unwrap();
    };
    let other = entry("other", ["'0': self.bipolar", "'1': self.Anxiety"]);
    write(&[other.clone(), entry("default", ["'1': self.bipolar", "'0': self.Anxiety"])]);
    assert_eq!(labels(&read("d4-swmh", folder.path()).unwrap().items), ["anxiety"]);
    write(&[other.clone(), entry("more", ["'0': self.Anxiety", "'1': self.bipolar"])]);
    let unnamed = read("d4-swmh", folder.path()).unwrap_err().to_string();
    assert!(unnamed.contains("label is `0`; expected one of the five forums"), "{unnamed}");
    write(&[other, entry("default", ["'0': self.Anxiety", "'2': self.bipolar"])]);
    let gap = read("d4-swmh", folder.path()).unwrap_err().to_string();
    assert!(
        gap.starts_with("README.md, line 18: the number of a class of column `label`"),
        "{gap}"
    );
}
