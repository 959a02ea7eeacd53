//! Reading: a journal is read line by line; only its last line may be torn.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Event, FORMAT, Line};
use crate::error::RunError;

/// How far a journal could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extent {
    /// Bytes up to the end of the last whole line.
    pub good: u64,
    /// All bytes that were there.
    pub total: u64,
    /// A torn last line, if there is one.
    pub warning: Option<String>,
}

/// Where an event's line stands in the journal, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its first byte.
    pub offset: u64,
    /// Its length, with the line's end.
    pub length: u32,
}

/// A place in twelve bytes instead of sixteen, for the many that a long run holds; sorts by offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Packed {
    high: u32,
    low: u32,
    length: u32,
}

impl Place {
    pub(super) fn packed(self) -> Packed {
        let low = u32::try_from(self.offset & u64::from(u32::MAX)).unwrap_or_default();
        let high = u32::try_from(self.offset >> 32).unwrap_or_default();
        Packed { high, low, length: self.length }
    }
}

impl Packed {
    pub(super) fn unpacked(self) -> Place {
        Place { offset: u64::from(self.high) << 32 | u64::from(self.low), length: self.length }
    }
}

/// Calls `visit` with every event and where it stands.
///
/// # Errors
/// [`RunError::Journal`] for a line before the last that is no event, [`RunError::Io`].
pub fn scan(path: &Path, mut visit: impl FnMut(Event, Place)) -> Result<Extent, RunError> {
    scan_lines(path, |bytes, place| {
        visit(event_of(bytes)?, place);
        Ok(())
    })
}

/// Calls `visit` with every line and where it stands; what it cannot read is an error, or a torn last line.
pub(super) fn scan_lines(
    path: &Path,
    mut visit: impl FnMut(&[u8], Place) -> Result<(), String>,
) -> Result<Extent, RunError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Extent::default()),
        Err(error) => return Err(RunError::io(path, "opening")(error)),
    };
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut bytes = Vec::new();
    let (mut good, mut number) = (0_u64, 0_u64);
    loop {
        bytes.clear();
        let length =
            reader.read_until(b'\n', &mut bytes).map_err(RunError::io(path, "reading"))? as u64;
        if length == 0 {
            return Ok(Extent { good, total: good, warning: None });
        }
        number += 1;
        match place_of(good, &bytes).and_then(|place| visit(&bytes, place)) {
            Ok(()) => {}
            Err(message) => {
                let mut rest = [0_u8; 1];
                let last = reader.read(&mut rest).map_err(RunError::io(path, "reading"))? == 0;
                if last && bytes.last() != Some(&b'\n') {
                    let warning = format!(
                        "{}: line {number} was torn when the writer stopped; {length} bytes are left out",
                        path.display()
                    );
                    return Ok(Extent { good, total: good + length, warning: Some(warning) });
                }
                return Err(RunError::Journal { path: path.to_owned(), line: number, message });
            }
        }
        good += length;
    }
}

fn place_of(offset: u64, bytes: &[u8]) -> Result<Place, String> {
    if bytes.last() != Some(&b'\n') {
        return Err("the line does not end".to_owned());
    }
    let length = u32::try_from(bytes.len()).map_err(|_| "the line has over 4 GB".to_owned())?;
    Ok(Place { offset, length })
}

fn event_of(bytes: &[u8]) -> Result<Event, String> {
    let line: Line = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if line.v == FORMAT { Ok(line.event) } else { Err(wrong_format(line.v)) }
}

pub(super) fn wrong_format(format: u32) -> String {
    format!("journal format {format} is not {FORMAT}")
}

/// Reads single events back.
#[derive(Debug)]
pub(super) struct Lookup {
    path: PathBuf,
    file: Mutex<Option<File>>,
}

impl Lookup {
    /// The journal may not be there yet: it is opened when it is first needed.
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: Mutex::new(None) }
    }

    /// The event at this place.
    ///
    /// # Errors
    /// [`RunError::Io`] or [`RunError::Journal`] if the journal changed under the run.
    pub(super) fn event(&self, place: Place) -> Result<Event, RunError> {
        let bytes =
            self.bytes_at(place).map_err(RunError::io(&self.path, "reading back an event"))?;
        event_of(&bytes).map_err(|message| self.changed(&message))
    }

    fn bytes_at(&self, place: Place) -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![0_u8; place.length as usize];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &mut *file {
            Some(file) => file,
            none => none.insert(File::open(&self.path)?),
        };
        file.seek(SeekFrom::Start(place.offset))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn changed(&self, message: &str) -> RunError {
        let message = format!("the journal changed while the run was open: {message}");
        RunError::Journal { path: self.path.clone(), line: 0, message }
    }
}
