//! Conversations that happened elsewhere, in every form in which they are read, with what is broken in them.

mod forms;
mod hostile;
mod large;
mod packed;
mod rows;

use std::fs;
use std::path::{Path, PathBuf};

use trustmh_core::item::{Client, Conversation, Item, ItemContent, Side};
use trustmh_data::error::DataError;
use trustmh_data::transcripts::{self, Columns, Format, Options, Read, Redact};

/// What came of reading.
pub(super) struct Came {
    pub(super) items: Vec<Item>,
    /// File, line and reason of each record that could not be read.
    pub(super) unread: Vec<String>,
    pub(super) read: Read,
}

/// How a test has files read.
#[derive(Default)]
pub(super) struct How<'h> {
    pub(super) map: &'h str,
    pub(super) keep: &'h [&'h str],
    pub(super) format: Option<Format>,
    pub(super) redactor: Option<&'h Redact<'h>>,
}

pub(super) fn read_paths(paths: &[PathBuf], how: &How<'_>) -> Result<Came, DataError> {
    let map: Columns = how.map.parse().unwrap();
    let keep: Vec<String> = how.keep.iter().map(|name| (*name).to_owned()).collect();
    let options = Options {
        map: &map,
        keep: &keep,
        region: None,
        format: how.format,
        redactor: how.redactor,
    };
    let (mut items, mut unread) = (Vec::new(), Vec::new());
    let read = transcripts::read(
        paths,
        &options,
        &mut |item| {
            items.push(item);
            Ok(())
        },
        &mut |one| unread.push(one.to_string()),
    )?;
    for item in &items {
        assert_eq!(talk(item).fault(), None, "{}", item.id);
    }
    Ok(Came { items, unread, read })
}

/// Reads one file of these bytes.
pub(super) fn read_as(name: &str, bytes: &[u8], how: &How<'_>) -> Result<Came, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    read_paths(&[path], how)
}

pub(super) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/transcripts").join(name)
}

pub(super) fn talk(item: &Item) -> &Conversation {
    match &item.content {
        ItemContent::Conversation(conversation) => conversation,
        other => panic!("{other:?}"),
    }
}

/// The turns of an item, as `c: ...` and `s: ...`.
pub(super) fn said(item: &Item) -> Vec<String> {
    let Client::Recorded { turns } = &talk(item).client else { panic!("not recorded") };
    let side = |speaker| if speaker == Side::Client { "c" } else { "s" };
    turns.iter().map(|turn| format!("{}: {}", side(turn.speaker), turn.text)).collect()
}

/// The times of an item's turns.
pub(super) fn times(item: &Item) -> Vec<Option<String>> {
    let Client::Recorded { turns } = &talk(item).client else { panic!("not recorded") };
    turns.iter().map(|turn| turn.at.map(|at| at.to_string())).collect()
}

pub(super) fn ids(came: &Came) -> Vec<&str> {
    came.items.iter().map(|item| item.id.as_str()).collect()
}

/// The tags of an item, as `name=value`.
pub(super) fn tags(item: &Item) -> Vec<String> {
    item.tags.iter().map(|(name, value)| format!("{name}={value}")).collect()
}
