//! Messages in rows, those of many conversations mixed: put aside row by row, and taken up again conversation by conversation.
//!
//! What is held of a row is its conversation and its place in a temporary file without a name, which holds clean texts only.

use std::collections::HashMap;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use serde::{Deserialize, Serialize};
use tempfile::SpooledTempFile;
use trustmh_core::digest::Digest;

use super::cells::Cells;
use super::columns::Column;
use super::intake::Intake;
use super::lines::MOST;
use super::speaker::Speaker;
use super::time;
use super::told::{About, Heard, Told};
use super::unread::UnreadReason;
use crate::error::DataError;

/// So many bytes are put aside in memory before a file is made.
const IN_MEMORY: usize = 8 << 20;

/// Rows stand far apart where conversations are mixed: to read more than one ahead is waste.
const AHEAD: usize = 8 << 10;

/// The most bytes of a conversation.
const MOST_OF_ONE: u64 = 4 * MOST as u64;

/// A row as it is put aside.
#[derive(Serialize, Deserialize)]
struct Row {
    line: u64,
    id: Option<String>,
    heard: Heard,
    about: About,
}

/// Whether rows say which conversation they belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ids {
    /// The first row will show it.
    Unknown,
    /// They do.
    There,
    /// They do not: all are one conversation.
    Missing,
}

/// The rows of a file.
pub(super) struct Rows {
    aside: BufWriter<SpooledTempFile>,
    written: u64,
    /// The conversation and the place of each row.
    places: Vec<(u32, u64)>,
    conversations: HashMap<u64, u32>,
    ids: Ids,
}

impl Rows {
    pub(super) fn new(ids: Ids) -> Self {
        Self {
            aside: BufWriter::new(tempfile::spooled_tempfile(IN_MEMORY)),
            written: 0,
            places: Vec::new(),
            conversations: HashMap::new(),
            ids,
        }
    }

    /// Takes the row on a line, or says that it cannot be read.
    pub(super) fn add(
        &mut self,
        line: u64,
        cells: Cells,
        intake: &mut Intake<'_>,
    ) -> Result<(), DataError> {
        match self.row(line, cells, intake) {
            Ok(Some(row)) => self.put(&row).map_err(|source| no_place(intake, source)),
            Ok(None) => Ok(()),
            Err(reason) => {
                intake.miss(line, reason);
                Ok(())
            }
        }
    }

    fn row(
        &mut self,
        line: u64,
        mut cells: Cells,
        intake: &mut Intake<'_>,
    ) -> Result<Option<Row>, UnreadReason> {
        let missing = |column: Column| UnreadReason::Missing { field: column.key().to_owned() };
        let role = cells.get(Column::Role).ok_or_else(|| missing(Column::Role))?;
        let speaker = Speaker::of(role).ok_or(UnreadReason::Speaker)?;
        let id = cells.get(Column::Conversation).map(str::to_owned);
        let id = match (self.ids, id) {
            (Ids::Missing, _) => None,
            (Ids::Unknown | Ids::There, Some(id)) => {
                self.ids = Ids::There;
                Some(id)
            }
            (Ids::There, None) => return Err(missing(Column::Conversation)),
            (Ids::Unknown, None) => {
                self.ids = Ids::Missing;
                None
            }
        };
        let text = cells.take(Column::Content);
        let text = match speaker {
            Speaker::Side(_) => text.ok_or_else(|| missing(Column::Content))?,
            Speaker::Aside => String::new(),
        };
        let at = cells.get(Column::Time).and_then(|text| intake.time(time::read(text)));
        let about = cells.about(intake.cleaner());
        let heard = intake.heard(speaker, text, at);
        Ok(heard.map(|heard| Row { line, id, heard, about }))
    }

    fn put(&mut self, row: &Row) -> io::Result<()> {
        let key = row.id.as_deref().map_or(0, |id| Digest::seed(id.as_bytes()));
        let next = u32::try_from(self.conversations.len()).map_err(io::Error::other)?;
        let conversation = *self.conversations.entry(key).or_insert(next);
        self.places.push((conversation, self.written));
        let bytes = serde_json::to_vec(row)?;
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.aside.write_all(&length.to_le_bytes())?;
        self.aside.write_all(&bytes)?;
        self.written += 4 + u64::from(length);
        Ok(())
    }

    /// Hands on the conversations, in the order in which they began.
    pub(super) fn hand_on(self, intake: &mut Intake<'_>) -> Result<(), DataError> {
        let Self { aside, mut places, conversations, ids, .. } = self;
        drop(conversations);
        if ids == Ids::Missing {
            intake.warn(format!(
                "{}: no column says which conversation a row belongs to; the {} rows are read as one",
                intake.file(),
                places.len()
            ));
        }
        let mut aside = aside.into_inner().map_err(|error| no_place(intake, error.into_error()))?;
        aside.seek(SeekFrom::Start(0)).map_err(|source| no_place(intake, source))?;
        let mut aside = Aside { from: BufReader::with_capacity(AHEAD, aside), at: 0 };
        places.sort_unstable();
        for rows in places.chunk_by(|one, next| one.0 == next.0) {
            match aside.told(rows).map_err(|source| no_place(intake, source))? {
                Ok(mut told) => {
                    intake.read.reordered += u64::from(in_time(&mut told.turns));
                    intake.take(told)?;
                }
                Err(line) => intake.miss(line, UnreadReason::TooLong { most: MOST_OF_ONE }),
            }
        }
        Ok(())
    }
}

fn no_place(intake: &Intake<'_>, source: io::Error) -> DataError {
    DataError::NoPlaceAside { file: intake.file().to_owned(), source }
}

/// The rows that were put aside.
struct Aside {
    from: BufReader<SpooledTempFile>,
    at: u64,
}

impl Aside {
    /// The conversation of these rows; the line of its first one where they are too much.
    fn told(&mut self, rows: &[(u32, u64)]) -> io::Result<Result<Told, u64>> {
        let mut told: Option<Told> = None;
        let mut bytes = 0;
        for (_, place) in rows {
            let Row { line, id, heard, about } = self.row(*place)?;
            bytes += heard.text.as_str().len() as u64;
            let told = told.get_or_insert_with(|| Told {
                line,
                id,
                turns: Vec::new(),
                about: About::default(),
            });
            if bytes > MOST_OF_ONE {
                return Ok(Err(told.line));
            }
            told.turns.push(heard);
            told.about.or(about);
        }
        Ok(told.ok_or(0))
    }

    fn row(&mut self, place: u64) -> io::Result<Row> {
        let there = i64::try_from(place).map_err(io::Error::other)?;
        let here = i64::try_from(self.at).map_err(io::Error::other)?;
        self.from.seek_relative(there - here)?;
        let mut length = [0; 4];
        self.from.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length);
        let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.from.read_exact(&mut bytes)?;
        self.at = place + 4 + u64::from(length);
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// Puts turns in the order of their times where all have one; whether that changed anything.
fn in_time(turns: &mut [Heard]) -> bool {
    let is_dated = turns.iter().all(|turn| turn.at.is_some());
    if !is_dated || turns.is_sorted_by_key(|turn| turn.at) {
        return false;
    }
    turns.sort_by_key(|turn| turn.at);
    true
}
