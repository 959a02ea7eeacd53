//! What the list of runs knows of each, from what can be read at once: the manifest, the seal, and what the index keeps. Nothing is
//! scored while the list is waited for, but for small runs.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use trustmh_core::scorecard::RecordState;
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::journal::{self, SealFile, SessionEnd};
use trustmh_run::manifest::{self, Manifest};

use crate::error::ViewError;
use crate::index::Summary;
use crate::runs::{Runs, fitting};

/// A run that was written to so recently, in seconds, is taken to be running.
const LIVE: u64 = 60;

/// Runs with journals of at most so many bytes are scored while the list is made, as long as all of them together are no longer.
const AT_ONCE: u64 = 4 << 20;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// It is being written.
    Running,
    /// Trials have not ended.
    Incomplete,
    /// It was made of what was sound of a damaged run.
    Repaired,
    /// All trials have ended.
    Complete,
}

impl State {
    pub(crate) const ALL: [Self; 4] =
        [Self::Running, Self::Incomplete, Self::Repaired, Self::Complete];

    /// The word for it, in addresses.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Incomplete => "incomplete",
            Self::Repaired => "repaired",
            Self::Complete => "complete",
        }
    }
}

/// What is known of a run.
pub(crate) struct Glance {
    pub(crate) manifest: Manifest,
    pub(crate) state: State,
    /// Trials that have ended, or have begun where nothing else is known.
    pub(crate) ended: u64,
    pub(crate) planned: u64,
    /// Figures, where the run was scored as it is now.
    pub(crate) summary: Option<Summary>,
    /// Seconds since the journal was written.
    pub(crate) quiet_for: Option<u64>,
}

impl Glance {
    /// What [`Glance::ended`] counts.
    pub(crate) const fn counts(&self) -> &'static str {
        match (&self.summary, self.state) {
            (_, State::Running) | (None, State::Incomplete | State::Repaired) => "begun",
            (Some(_), _) | (None, State::Complete) => "ended",
        }
    }
}

/// By which a run is known to be as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    journal: u64,
    planned: Option<(u64, SystemTime)>,
}

impl Stamp {
    fn of(folder: &Path) -> Self {
        let planned = std::fs::metadata(folder.join(manifest::FILE)).ok();
        let planned = planned.and_then(|found| Some((found.len(), found.modified().ok()?)));
        Self { journal: crate::index::journal_length(folder), planned }
    }
}

/// What was seen of a run.
struct Seen {
    stamp: Stamp,
    manifest: Manifest,
    summary: Option<Summary>,
}

/// What was seen of all runs.
#[derive(Default)]
pub(crate) struct Glances {
    seen: Mutex<HashMap<PathBuf, Arc<Seen>>>,
    /// How far each journal was counted: bytes, and trials that had begun.
    begun: Mutex<HashMap<PathBuf, (u64, u64)>>,
    catching_up: AtomicBool,
    /// Runs that could not be scored as they were.
    unscorable: Mutex<HashMap<PathBuf, Stamp>>,
}

impl Runs {
    /// What is known of the run in `folder`.
    pub(crate) fn glance(&self, benchmark: &Benchmark, folder: &Path) -> Result<Glance, ViewError> {
        let seen = self.seen(benchmark, folder)?;
        let planned = seen.manifest.tasks.values().map(|task| task.trials).sum();
        let quiet_for = quiet_for(folder);
        let sealed = SealFile::read(folder).ok().flatten().map(|(seal, _)| seal.ending);
        let is_fresh = quiet_for.is_some_and(|quiet| quiet < LIVE);
        let record = seen.summary.as_ref().map(|summary| &summary.record);
        let state = match (record.map(|record| record.state), sealed) {
            (Some(RecordState::Complete), _) => State::Complete,
            (_, None) if is_fresh && !seen.manifest.origin.is_imported() => State::Running,
            (Some(RecordState::Repaired), _) => State::Repaired,
            (Some(RecordState::Incomplete), _) => State::Incomplete,
            (None, _) if seen.manifest.repaired.is_some() => State::Repaired,
            (None, Some(SessionEnd::Finish)) => State::Complete,
            (None, Some(SessionEnd::Interrupted) | None) => State::Incomplete,
        };
        let ended = match (record, state) {
            (_, State::Running) => self.begun(folder).min(planned),
            (Some(record), _) => record.planned.saturating_sub(record.pending),
            (None, State::Complete) => planned,
            (None, State::Incomplete | State::Repaired) => self.begun(folder).min(planned),
        };
        let (manifest, summary) = (seen.manifest.clone(), seen.summary.clone());
        Ok(Glance { manifest, state, ended, planned, summary, quiet_for })
    }

    fn seen(&self, benchmark: &Benchmark, folder: &Path) -> Result<Arc<Seen>, ViewError> {
        let stamp = Stamp::of(folder);
        let known = self.glances.all().get(folder).cloned();
        if let Some(known) = known
            && known.stamp == stamp
        {
            return Ok(known);
        }
        let manifest = Manifest::read(folder)?;
        // An index that is old, damaged or of tasks that are not at hand has no figures of the run as it is.
        let index = fitting(benchmark, folder).ok().flatten();
        let summary = index.and_then(|index| index.summary().ok());
        let seen = Arc::new(Seen { stamp, manifest, summary });
        self.glances.all().insert(folder.to_owned(), Arc::clone(&seen));
        Ok(seen)
    }

    /// Scores what has no figures and is small, and gives the folders of what is left to [`Runs::catch_up`].
    pub(crate) fn score_small(
        &self,
        benchmark: &Benchmark,
        folders: impl Iterator<Item = PathBuf>,
    ) -> Vec<PathBuf> {
        let (mut left, mut scored) = (Vec::new(), 0);
        for folder in folders {
            let Ok(glance) = self.glance(benchmark, &folder) else { continue };
            let length = crate::index::journal_length(&folder);
            let is_hopeless = self.glances.unscorable().get(&folder) == Some(&Stamp::of(&folder));
            if glance.summary.is_some()
                || glance.state == State::Running
                || length == 0
                || is_hopeless
            {
                continue;
            }
            scored += length;
            if scored > AT_ONCE {
                scored -= length;
                left.push(folder);
            } else {
                self.score_one(benchmark, &folder);
            }
        }
        left
    }

    /// Scores runs one after the other, unless somebody is at it.
    pub(crate) fn catch_up(&self, benchmark: &Benchmark, folders: &[PathBuf]) {
        if self.glances.catching_up.swap(true, Ordering::AcqRel) {
            return;
        }
        for folder in folders {
            self.score_one(benchmark, folder);
        }
        self.glances.catching_up.store(false, Ordering::Release);
    }

    /// A run that cannot be scored stands in the list without figures; its own page says why.
    fn score_one(&self, benchmark: &Benchmark, folder: &Path) {
        let stamp = Stamp::of(folder);
        match self.index(benchmark, folder) {
            Ok(()) => drop(self.glances.all().remove(folder)),
            Err(_) => drop(self.glances.unscorable().insert(folder.to_owned(), stamp)),
        }
    }

    /// Trials in the journal, counted by how their lines begin; those asked again count once more, so it may be a little ahead. What was
    /// counted before is not read again.
    pub(crate) fn begun(&self, folder: &Path) -> u64 {
        let before = self.glances.counts().get(folder).copied().unwrap_or_default();
        let Ok(now) = counted(&folder.join(journal::FILE), before) else { return before.1 };
        self.glances.counts().insert(folder.to_owned(), now);
        now.1
    }
}

impl Glances {
    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Arc<Seen>>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unscorable(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Stamp>> {
        self.unscorable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, (u64, u64)>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn quiet_for(folder: &Path) -> Option<u64> {
    let written = std::fs::metadata(folder.join(journal::FILE)).ok()?.modified().ok()?;
    Some(written.elapsed().ok()?.as_secs())
}

/// Goes on counting whole lines from where it was left.
fn counted(path: &Path, (offset, begun): (u64, u64)) -> std::io::Result<(u64, u64)> {
    let mut file = File::open(path)?;
    // A journal that was written anew is counted anew.
    let (mut offset, mut begun) =
        if file.metadata()?.len() < offset { (0, 0) } else { (offset, begun) };
    file.seek(SeekFrom::Start(offset))?;
    let mut lines = BufReader::with_capacity(1 << 20, file);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 && line.last() == Some(&b'\n') {
        let head = line.get(..HEAD).unwrap_or(&line);
        begun += u64::from(head.windows(TRIAL.len()).any(|window| window == TRIAL));
        offset += line.len() as u64;
        line.clear();
    }
    Ok((offset, begun))
}

const TRIAL: &[u8] = b"\"event\":{\"trial\":";
/// The event's name stands within so many bytes of a line, behind its format and the hash of the line before.
const HEAD: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_that_have_begun_are_counted_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let line = "{\"v\":3,\"event\":{\"trial\":{}}}\n";
        std::fs::write(&path, format!("{line}{{\"v\":3,\"event\":{{\"call\":{{}}}}}}\n{line}torn"))
            .unwrap();
        let first = counted(&path, (0, 0)).unwrap();
        assert_eq!(first.1, 2);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("torn", line)).unwrap();
        assert_eq!(counted(&path, first).unwrap().1, 3);
        std::fs::write(&path, line).unwrap();
        assert_eq!(counted(&path, first).unwrap().1, 1);
    }
}
