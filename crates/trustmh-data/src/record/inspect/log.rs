//! The file of a log: an archive with a head and a member for each sample, or one JSON text with both.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use trustmh_core::id::TaskId;
use trustmh_core::repeats::Repeats;

use super::sample::Sample;
use super::{OWN, OwnTerms};
use crate::encoding::after_mark;
use crate::error::{DataError, Place};
use crate::nan;
use crate::record::batch::Source;
use crate::surrogate;
use crate::unpack::{Archive, Bounds, UnpackError};

/// A log unpacked may be so large, a sample of it less; what is larger is no log but an attack or a mistake.
const UNPACKED: Bounds = Bounds { total: 4 << 30, member: 256 << 20, ratio: 200, small: 64 << 20 };

/// How an archive begins.
const ARCHIVE: &[u8] = b"PK";

/// The head of an evaluation that ended.
const HEADER: &str = "header.json";

/// What was written when the evaluation began. A crashed one has nothing else for a head.
const START: &str = "_journal/start.json";

/// A log, its samples in the order of their epochs.
#[derive(Debug, Deserialize)]
pub(super) struct Log {
    /// What Inspect says of the end; a log without it never ended.
    #[serde(default)]
    pub(super) status: Status,
    pub(super) eval: Eval,
    #[serde(default)]
    samples: Option<Vec<Sample>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Eval {
    pub(super) model: String,
    /// Of this attempt.
    #[serde(default)]
    eval_id: Option<String>,
    /// Of the evaluation, which Inspect's `eval-retry` and `eval-set` keep.
    #[serde(default)]
    task_id: Option<String>,
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    dataset: Dataset,
    #[serde(default)]
    config: Config,
    #[serde(default)]
    metadata: Option<BTreeMap<String, Value>>,
    /// Read from there.
    #[serde(skip)]
    terms: Option<OwnTerms>,
}

#[derive(Debug, Default, Deserialize)]
struct Dataset {
    #[serde(default)]
    sample_ids: Option<Vec<Value>>,
}

#[derive(Debug, Default, Deserialize)]
struct Config {
    #[serde(default)]
    epochs: Option<usize>,
}

/// How an evaluation stands, in Inspect's word.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Status(pub(super) String);

impl Default for Status {
    fn default() -> Self {
        Self("started".to_owned())
    }
}

impl Log {
    /// Reads a log in either form, whatever the file's name says.
    pub(super) fn read(source: &Source) -> Result<Self, DataError> {
        let mut log = if source.bytes.starts_with(ARCHIVE) {
            unpacked(source)?
        } else {
            parsed(&source.file, &source.bytes)?
        };
        log.samples.get_or_insert_default().sort_by_key(|sample| sample.epoch);
        log.eval.terms = terms(source, log.eval.metadata.as_ref())?;
        let rounds = log.eval.config.epochs.and_then(|epochs| u32::try_from(epochs).ok());
        if let Some(plan) = log.eval.terms.as_mut().and_then(|terms| terms.plan.as_mut()) {
            let asked = rounds.and_then(|rounds| Repeats::new(rounds).ok());
            plan.repeats = plan.repeats.or(asked);
        }
        if log.samples().is_empty() {
            return Err(DataError::NoSamples {
                file: source.file.clone(),
                status: log.status.0.clone(),
            });
        }
        Ok(log)
    }

    pub(super) fn samples(&self) -> &[Sample] {
        self.samples.as_deref().unwrap_or_default()
    }

    /// How its trials were scored, where this program says so.
    pub(super) fn terms(&self) -> Option<&OwnTerms> {
        self.eval.terms.as_ref()
    }

    /// What all attempts at the same evaluation of a task have in common, where the log says it.
    pub(super) fn evaluation(&self, task: &TaskId) -> Option<&str> {
        let Eval { eval_id, task_id, .. } = &self.eval;
        // What this program exports has the task's name there, whichever run it is of.
        let exported = task.to_string().replace('/', "-");
        let of_task = task_id.as_deref().filter(|id| *id != exported && !id.is_empty());
        of_task.or_else(|| eval_id.as_deref().filter(|id| !id.is_empty()))
    }

    /// When this attempt began.
    pub(super) fn begun(&self) -> Option<Timestamp> {
        self.eval.created.as_ref()?.parse().ok()
    }

    /// What must be said of a log whose evaluation did not come to its end.
    pub(super) fn unended(&self) -> Option<String> {
        let Status(status) = &self.status;
        if status == "success" {
            return None;
        }
        let epochs = self.eval.config.epochs.unwrap_or(1);
        let planned = self.eval.dataset.sample_ids.as_ref().map(|ids| ids.len() * epochs);
        let there = match planned {
            Some(planned) => format!("{} of {planned} samples are there", self.samples().len()),
            None => format!("{} samples are there", self.samples().len()),
        };
        Some(format!("the evaluation did not come to its end (status `{status}`): {there}"))
    }
}

/// What the head of a log says that this program wrote, or had written.
fn terms(
    source: &Source,
    metadata: Option<&BTreeMap<String, Value>>,
) -> Result<Option<OwnTerms>, DataError> {
    let own = metadata.and_then(|metadata| metadata.get(OWN));
    let place = Place::file(&format!("{}, eval.metadata.{OWN}", source.file));
    own.map(OwnTerms::deserialize).transpose().map_err(|error| DataError::malformed(place, error))
}

/// Hands on every sample as it stands in the log, with the model's name: whole logs may be larger than what one wants to hold.
/// Those of an archive come in the order of their names.
///
/// # Errors
/// [`DataError`] for a log whose head cannot be read, and what `take` returns. What is wrong with one sample is for `take`.
pub(crate) fn each_sample<T: DeserializeOwned>(
    source: &Source,
    take: &mut TakeSample<'_, T>,
) -> Result<(), DataError> {
    if !source.bytes.starts_with(ARCHIVE) {
        let log: Samples = parsed(&source.file, &source.bytes)?;
        for sample in log.samples.iter().flatten() {
            take(&log.eval.model, parsed(&source.file, sample.get().as_bytes()))?;
        }
        return Ok(());
    }
    let (mut archive, head, names) = opened(source)?;
    let head: Samples = member(&mut archive, source, head)?;
    for name in names {
        take(&head.eval.model, member(&mut archive, source, &name))?;
    }
    Ok(())
}

/// What takes the model's name and a sample, or what is wrong with that one.
pub(crate) type TakeSample<'t, T> =
    dyn FnMut(&str, Result<T, DataError>) -> Result<(), DataError> + 't;

/// A log whose samples are not taken apart.
#[derive(Debug, Deserialize)]
struct Samples {
    eval: Eval,
    #[serde(default)]
    samples: Option<Vec<Box<RawValue>>>,
}

fn unpacked(source: &Source) -> Result<Log, DataError> {
    let (mut archive, head, names) = opened(source)?;
    let mut log: Log = member(&mut archive, source, head)?;
    let samples = names.iter().map(|name| member(&mut archive, source, name));
    log.samples = Some(samples.collect::<Result<_, _>>()?);
    Ok(log)
}

/// An archive, the name of its head and the names of its samples.
fn opened(source: &Source) -> Result<(Archive<'_>, &'static str, Vec<String>), DataError> {
    let broken = |error: UnpackError| DataError::malformed(Place::file(&source.file), error);
    let archive = Archive::open(&source.bytes, UNPACKED).map_err(broken)?;
    let mut names = archive.names();
    let head = [HEADER, START].into_iter().find(|head| names.iter().any(|name| name == head));
    let head = head.ok_or_else(|| DataError::NoHead { file: source.file.clone() })?;
    names.retain(|name| name.starts_with("samples/") && name.ends_with(".json"));
    names.sort();
    Ok((archive, head, names))
}

/// A member of the archive, read as JSON.
fn member<T: DeserializeOwned>(
    archive: &mut Archive<'_>,
    source: &Source,
    name: &str,
) -> Result<T, DataError> {
    let bytes = archive
        .member(name)
        .map_err(|error| DataError::malformed(Place::file(&source.file), error))?;
    parsed(&format!("{}, {name}", source.file), &bytes)
}

/// JSON as Python writes it: numbers that are none (`NaN`, `Infinity`) are taken as null, halves of characters as U+FFFD.
fn parsed<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<T, DataError> {
    let bytes = after_mark(bytes).unwrap_or(bytes);
    // Logs may be very large, and few need mending: the text is only looked through where it must be.
    let read = serde_json::from_slice(bytes).or_else(|error| {
        let (text, numbers) = nan::as_null(&String::from_utf8_lossy(bytes));
        let (text, halves) = surrogate::replaced(&text);
        if numbers + halves == 0 { Err(error) } else { serde_json::from_str(&text) }
    });
    read.map_err(|error| {
        let line = (error.line() > 0).then_some(error.line() as u64);
        DataError::malformed(Place { file: file.to_owned(), line }, error)
    })
}
