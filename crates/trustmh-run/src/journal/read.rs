//! Reading: a journal is read line by line; only its last line may be torn.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use trustmh_core::call::{CallEnd, CallKey, Exchange, Purpose};
use trustmh_core::id::TrialId;
use trustmh_core::trial::Trial;

use super::{Call, Event, FORMAT, Line, Session};
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

/// Calls `visit` with every event, its offset and its length in bytes.
///
/// # Errors
/// [`RunError::Journal`] for a line before the last that is no event, [`RunError::Io`].
pub fn scan(path: &Path, mut visit: impl FnMut(Event, u64, u64)) -> Result<Extent, RunError> {
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
        match event_of(&bytes) {
            Ok(event) => visit(event, good, length),
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

fn event_of(bytes: &[u8]) -> Result<Event, String> {
    if bytes.last() != Some(&b'\n') {
        return Err("the line does not end".to_owned());
    }
    let line: Line = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if line.v == FORMAT {
        Ok(line.event)
    } else {
        Err(format!("journal format {} is not {FORMAT}", line.v))
    }
}

/// A trial with its finished calls, as the journal has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The trial.
    pub trial: Trial,
    /// Its calls in order; a call made again after it broke stands for the broken one.
    pub exchanges: Vec<Exchange>,
}

/// All trials of a journal in the order of their first record, and what else it tells.
#[derive(Debug, Default)]
pub struct Contents {
    /// Trials with their calls.
    pub trials: Vec<Recorded>,
    /// When work began and stopped.
    pub sessions: Vec<Session>,
    /// Totals over all calls.
    pub totals: Totals,
    /// A torn last line, if there is one.
    pub warning: Option<String>,
}

/// Sums over the calls of a journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Calls to the subject that ended.
    pub subject_calls: u64,
    /// Calls to the judge that ended.
    pub judge_calls: u64,
    /// Tries beyond the first.
    pub retries: u64,
    /// Calls that broke.
    pub broken: u64,
    /// Prompt tokens as providers counted them.
    pub prompt_tokens: u64,
    /// Reply tokens as providers counted them.
    pub reply_tokens: u64,
}

impl Totals {
    fn add(&mut self, call: &Call) {
        match call.purpose {
            Purpose::Subject { .. } => self.subject_calls += 1,
            Purpose::Judge { .. } => self.judge_calls += 1,
        }
        self.retries += u64::from(call.tries.saturating_sub(1));
        match &call.end {
            CallEnd::Replied(reply) => {
                let usage = reply.usage.unwrap_or_default();
                self.prompt_tokens += usage.prompt_tokens;
                self.reply_tokens += usage.reply_tokens;
            }
            CallEnd::Recorded { .. } => {}
            CallEnd::Broken { .. } => self.broken += 1,
        }
    }
}

/// Reads all trials with their calls.
///
/// # Errors
/// As [`scan`].
pub fn read_trials(path: &Path) -> Result<Contents, RunError> {
    let mut contents = Contents::default();
    let mut places: HashMap<TrialId, usize> = HashMap::new();
    let mut ends: HashMap<CallKey, CallEnd> = HashMap::new();
    let extent = scan(path, |event, _, _| match event {
        Event::Session(session) => contents.sessions.push(session),
        Event::Trial(trial) => {
            places.entry(trial.id.clone()).or_insert_with(|| {
                contents.trials.push(Recorded { trial: *trial, exchanges: Vec::new() });
                contents.trials.len() - 1
            });
        }
        Event::Call(call) => {
            contents.totals.add(&call);
            if let Some(recorded) = place(&places, &mut contents.trials, &call.trial) {
                record(recorded, call.purpose, call.end.clone());
            }
            ends.insert(call.key, call.end);
        }
        Event::Reuse { key, trial, purpose } => {
            if let (Some(recorded), Some(end)) =
                (place(&places, &mut contents.trials, &trial), ends.get(&key))
            {
                record(recorded, purpose, end.clone());
            }
        }
    })?;
    contents.warning = extent.warning;
    Ok(contents)
}

fn place<'t>(
    places: &HashMap<TrialId, usize>,
    trials: &'t mut [Recorded],
    trial: &TrialId,
) -> Option<&'t mut Recorded> {
    trials.get_mut(*places.get(trial)?)
}

fn record(recorded: &mut Recorded, purpose: Purpose, end: CallEnd) {
    match recorded.exchanges.iter_mut().find(|exchange| exchange.purpose == purpose) {
        Some(exchange) => exchange.end = end,
        None => recorded.exchanges.push(Exchange { purpose, end }),
    }
}

/// What a run needs of its journal to go on: where each paid call stands, and which trials are there.
#[derive(Debug)]
pub struct Replay {
    file: Mutex<Option<File>>,
    path: PathBuf,
    calls: Mutex<HashMap<CallKey, Place>>,
    trials: HashSet<TrialId>,
    reuses: HashSet<(TrialId, Purpose)>,
    /// How far the journal could be read.
    pub extent: Extent,
}

/// Where an event's line stands in the journal, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its first byte.
    pub offset: u64,
    /// Its length, with the line's end.
    pub length: u64,
}

impl Replay {
    /// Indexes the journal. Broken calls are left out: they may be tried again.
    ///
    /// # Errors
    /// As [`scan`].
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let mut calls = HashMap::new();
        let mut trials = HashSet::new();
        let mut reuses = HashSet::new();
        let extent = scan(path, |event, offset, length| match event {
            Event::Session(_) => {}
            Event::Trial(trial) => drop(trials.insert(trial.id)),
            Event::Call(call) => {
                if !matches!(call.end, CallEnd::Broken { .. }) {
                    calls.insert(call.key, Place { offset, length });
                }
            }
            Event::Reuse { trial, purpose, .. } => drop(reuses.insert((trial, purpose))),
        })?;
        let (file, calls) = (Mutex::new(None), Mutex::new(calls));
        Ok(Self { file, path: path.to_owned(), calls, trials, reuses, extent })
    }

    /// How many calls are already paid for.
    pub fn paid(&self) -> usize {
        held(&self.calls).len()
    }

    /// Takes note of a call that was just paid for, so that no other trial of the run pays again.
    pub fn note(&self, key: CallKey, place: Place) {
        held(&self.calls).insert(key, place);
    }

    /// Whether the trial has been written.
    pub fn has_trial(&self, trial: &TrialId) -> bool {
        self.trials.contains(trial)
    }

    /// Whether it is recorded that another trial's call served this one.
    pub fn has_reuse(&self, trial: &TrialId, purpose: &Purpose) -> bool {
        self.reuses.contains(&(trial.clone(), purpose.clone()))
    }

    /// The finished call with this key, read back from the journal.
    ///
    /// # Errors
    /// [`RunError::Io`] or [`RunError::Journal`] if the journal changed under the run.
    pub fn call(&self, key: &CallKey) -> Result<Option<Call>, RunError> {
        let Some(place) = held(&self.calls).get(key).copied() else { return Ok(None) };
        let bytes =
            self.bytes_at(place).map_err(RunError::io(&self.path, "reading back a call"))?;
        match event_of(&bytes) {
            Ok(Event::Call(call)) => Ok(Some(*call)),
            Ok(_) => Err(self.changed("another event stands where the call was")),
            Err(message) => Err(self.changed(&message)),
        }
    }

    /// The journal may not have been there when the run began, so it is opened when it is first needed.
    fn bytes_at(&self, place: Place) -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![0_u8; usize::try_from(place.length).unwrap_or(usize::MAX)];
        let mut file = held(&self.file);
        let file = match &mut *file {
            Some(file) => file,
            none => none.insert(File::open(&self.path)?),
        };
        file.seek(SeekFrom::Start(place.offset))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn changed(&self, message: &str) -> RunError {
        let message = format!("the journal changed while the run was open: {message}");
        RunError::Journal { path: self.path.clone(), line: 0, message }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
