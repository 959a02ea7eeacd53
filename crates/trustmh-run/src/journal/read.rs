//! Reading: a journal is read line by line; only its last line may be torn.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use trustmh_core::digest::Digest;

use super::chain::Chain;
use super::seal::Sealed;
use super::{Event, FORGETTING, Line};
use crate::error::RunError;

/// How far a journal could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extent {
    /// Bytes up to the end of the last whole line.
    pub good: u64,
    /// All bytes that were there.
    pub total: u64,
    /// The chain of the good lines, on which the next goes on.
    pub chain: Chain,
    /// A torn last line, if there is one.
    pub warning: Option<String>,
}

impl Extent {
    /// A journal that is not there yet, of the run whose manifest has this hash.
    pub fn beginning(manifest: &Digest) -> Self {
        Self { chain: Chain::beginning(manifest), ..Self::default() }
    }
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

/// Calls `visit` with every event and where it stands. Every line is held to the chain, and all together to the seal beside them.
///
/// # Errors
/// [`RunError::Journal`] for a line before the last that is no event, and for one that does not belong where it stands; [`RunError::Io`].
pub fn scan(path: &Path, mut visit: impl FnMut(Event, Place)) -> Result<Extent, RunError> {
    scan_lines(path, |bytes, place, chain| {
        visit(event_of(bytes, chain)?, place);
        Ok(())
    })
}

/// Calls `visit` with every line, where it stands and the chain before it, which `visit` has to take on; what it cannot read is an error,
/// or a torn last line.
pub(super) fn scan_lines(
    path: &Path,
    mut visit: impl FnMut(&[u8], Place, &mut Chain) -> Result<(), String>,
) -> Result<Extent, RunError> {
    let mut lines = Lines::open(path)?;
    let (mut chain, mut good) = (Chain::of(path)?, 0_u64);
    let mut sealed = Sealed::beside(path)?;
    while let Some((number, bytes)) = lines.read()? {
        let length = bytes.len() as u64;
        if bytes.last() != Some(&b'\n') {
            let warning = format!(
                "{}: line {number} was torn when the writer stopped; {length} bytes are left out",
                path.display()
            );
            return Ok(Extent { good, total: good + length, chain, warning: Some(warning) });
        }
        place_of(good, bytes).and_then(|place| visit(bytes, place, &mut chain)).map_err(
            |message| RunError::Journal { path: path.to_owned(), line: number, message },
        )?;
        good += length;
        if let Some(sealed) = &mut sealed {
            sealed.pass(&chain);
        }
    }
    if let Some(sealed) = &sealed {
        sealed.hold(path, &chain)?;
    }
    chain.ended().map_err(|message| RunError::Journal {
        path: path.to_owned(),
        line: chain.lines(),
        message,
    })?;
    Ok(Extent { good, total: good, chain, warning: None })
}

/// The lines of a file, with their ends, one after the other; none if there is no file.
#[derive(Debug)]
pub struct Lines {
    path: PathBuf,
    reader: Option<BufReader<File>>,
    bytes: Vec<u8>,
    number: u64,
}

/// A line longer than this is none of ours: a reply has at most 8 MB, and a line holds it twice, escaped.
const LONGEST: u64 = 256 << 20;
/// The longest event that is written: its line is a little longer.
pub(super) const LONGEST_EVENT: usize = 255 << 20;

impl Lines {
    /// Opens the file.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let reader = match File::open(path) {
            Ok(file) => Some(BufReader::with_capacity(1 << 16, file)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(RunError::io(path, "opening")(error)),
        };
        Ok(Self { path: path.to_owned(), reader, bytes: Vec::new(), number: 0 })
    }

    /// The next line and its number, from 1.
    ///
    /// # Errors
    /// [`RunError::Io`]; [`RunError::Journal`] for a line that has no end in sight.
    pub fn read(&mut self) -> Result<Option<(u64, &[u8])>, RunError> {
        let Some(reader) = &mut self.reader else { return Ok(None) };
        self.bytes.clear();
        let read = reader.take(LONGEST).read_until(b'\n', &mut self.bytes);
        let length = read.map_err(RunError::io(&self.path, "reading"))? as u64;
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        if length == LONGEST {
            let message = format!("the line has over {} MB", LONGEST >> 20);
            return Err(RunError::Journal { path: self.path.clone(), line: self.number, message });
        }
        Ok(Some((self.number, &self.bytes)))
    }
}

fn place_of(offset: u64, bytes: &[u8]) -> Result<Place, String> {
    let length = u32::try_from(bytes.len()).map_err(|_| "the line has over 4 GB".to_owned())?;
    Ok(Place { offset, length })
}

fn event_of(bytes: &[u8], chain: &mut Chain) -> Result<Event, String> {
    let line = line_of(bytes)?;
    chain.take(bytes, line.v, line.prev.as_ref().map(Digest::as_str), line.event.stands_for())?;
    if let Event::Forgot(forgetting) = &line.event {
        chain.hold(forgetting)?;
    }
    Ok(line.event)
}

/// A line by itself, wherever it stands.
pub(super) fn line_of(bytes: &[u8]) -> Result<Line, String> {
    let line: Line = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if (1..=FORGETTING).contains(&line.v) {
        Ok(line)
    } else {
        Err(format!("journal format {} is not one of 1 to {FORGETTING}", line.v))
    }
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
        line_of(&bytes).map(|line| line.event).map_err(|message| self.changed(&message))
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
