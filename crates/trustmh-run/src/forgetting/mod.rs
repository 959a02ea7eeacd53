//! Forgetting what was said in a recorded run: words go, scores stay, and the record still shows every change.
//!
//! The journal is written anew beside the old one and takes its place in one step, so that a crash leaves the one or the other. After
//! that the seal is written and what else holds words is removed; whoever is interrupted there asks again, and the rest is done.

mod ages;
mod beside;

pub use beside::Beside;
use beside::Hold;

use fd_lock::RwLock;
use jiff::Timestamp;
use std::fs::{self, File, OpenOptions};
use std::path::Path;

use trustmh_core::id::TrialId;
use trustmh_engine::benchmark::Benchmark;

use crate::atomic_file;
use crate::derived::{annotations, marks, remains, score};
use crate::error::RunError;
use crate::journal::{
    self, Event, Forgetting, Rewritten, SealFile, SessionEnd, TrialRecord, Trials, rewrite,
};
use crate::manifest::{Manifest, materials};
use ages::Gone;

/// The new journal, until it takes the old one's place.
const SCRATCH: &str = "journal.jsonl.forgetting";

/// Which trials are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cutoff {
    /// All of them.
    All,
    /// Those of before this time.
    Before(Timestamp),
}

impl Cutoff {
    fn time(self) -> Option<Timestamp> {
        match self {
            Self::All => None,
            Self::Before(time) => Some(time),
        }
    }
}

/// What was forgotten, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Trials whose words go.
    pub trials: u64,
    /// Those of them that keep a score.
    pub scored: u64,
    /// Those of them that had not ended: resuming the run asks them again.
    pub pending: u64,
    /// Trials whose words stay.
    pub stay: u64,
    /// Trials whose words were forgotten before.
    pub before: u64,
    /// Notes that people wrote to ratings of forgotten trials or put on these, and that go; none are counted of what only would go.
    pub notes: u64,
    /// The files of the folder.
    pub beside: Beside,
    /// The record of it; none where no words went.
    pub recorded: Option<Forgetting>,
}

/// Counts what [`forget`] would do, and changes nothing.
///
/// # Errors
/// As [`forget`].
pub fn foresee(benchmark: &Benchmark, folder: &Path, cutoff: Cutoff) -> Result<Outcome, RunError> {
    let run = Run::open(benchmark, folder, cutoff)?;
    let mut outcome = run.counted(folder)?;
    for scored in run.scores(1) {
        match scored? {
            Some(_) => outcome.scored += 1,
            None => outcome.pending += 1,
        }
    }
    Ok(outcome)
}

/// Forgets what was said in the trials of the run in `folder` that are of before the cutoff.
///
/// # Errors
/// [`RunError::NotForgettable`] for a run that was not sealed when it ended; [`RunError::Locked`] for one that is being worked on;
/// [`RunError::Journal`] for one that is not as it was written; [`RunError::Engine`] where a trial can no longer be scored;
/// [`RunError::Io`]. The run is as it was before, or its words are forgotten.
pub fn forget(benchmark: &Benchmark, folder: &Path, cutoff: Cutoff) -> Result<Outcome, RunError> {
    Manifest::read(folder)?;
    let path = folder.join(journal::FILE);
    let file = OpenOptions::new().read(true).write(true).open(&path);
    let mut lock = RwLock::new(file.map_err(RunError::io(&path, "opening"))?);
    let Ok(held) = lock.try_write() else {
        return Err(RunError::Locked { path: folder.to_owned() });
    };
    // Whoever else forgot in the meantime left this file without a name.
    let length = |found: std::io::Result<fs::Metadata>| found.map(|found| found.len());
    let same = length(held.metadata()).ok() == length(fs::metadata(&path)).ok();
    if !same {
        return Err(RunError::Locked { path: folder.to_owned() });
    }
    let run = Run::open(benchmark, folder, cutoff)?;
    let mut outcome = run.counted(folder)?;
    if run.gone.len() > 0 {
        outcome = run.written_anew(folder, &held, outcome)?;
    } else if !run.seal_is_whole {
        // Words were forgotten, and the process was stopped before it could write the seal.
        SealFile::of(run.ending, &run.chain).write(folder)?;
    }
    drop(held);
    // With all that was forgotten before: a process may have been stopped here.
    if outcome.trials + outcome.before > 0 {
        let _ = fs::remove_file(folder.join(SCRATCH));
        beside::remove(folder, &outcome.beside)?;
        let goes = |trial: &TrialId| run.gone.has(trial) || run.trials.is_forgotten(trial.as_str());
        outcome.notes =
            annotations::forget_notes(folder, &goes)? + marks::forget_notes(folder, &goes)?;
    }
    Ok(outcome)
}

/// Puts the new journal where the old one is. The old one's bytes are cut off for whoever still has it open, so that nobody appends to a
/// file that is no longer there.
fn take_place(scratch: &Path, path: &Path, held: &File) -> Result<(), RunError> {
    atomic_file::replace(scratch, path)?;
    held.set_len(0).map_err(RunError::io(path, "cutting off the old journal"))
}

/// A run that is about to forget.
struct Run<'b> {
    manifest: Manifest,
    benchmark: &'b Benchmark,
    kept: Option<Benchmark>,
    trials: Trials,
    gone: Gone,
    cutoff: Cutoff,
    ending: SessionEnd,
    chain: journal::Chain,
    seal_is_whole: bool,
}

impl<'b> Run<'b> {
    fn open(benchmark: &'b Benchmark, folder: &Path, cutoff: Cutoff) -> Result<Self, RunError> {
        let manifest = Manifest::read(folder)?;
        let path = folder.join(journal::FILE);
        let (ending, seal_is_whole, chain) = sealed(folder, &path)?;
        let kept = materials::with_kept(benchmark, folder, &manifest)?;
        let gone = Gone::of(&path, manifest.created, cutoff)?;
        let trials = Trials::open(&path)?;
        Ok(Self { manifest, benchmark, kept, trials, gone, cutoff, ending, chain, seal_is_whole })
    }

    fn counted(&self, folder: &Path) -> Result<Outcome, RunError> {
        let (trials, before) = (self.gone.len() as u64, self.trials.forgotten() as u64);
        Ok(Outcome {
            trials,
            scored: 0,
            pending: 0,
            stay: (self.trials.len() as u64).saturating_sub(trials + before),
            before,
            notes: 0,
            beside: match (trials, self.trials.forgettings.last()) {
                (1.., _) => beside::look(folder, Hold::All)?,
                (0, Some(last)) => beside::look(folder, Hold::MadeBefore(last.at))?,
                (0, None) => Beside::default(),
            },
            recorded: None,
        })
    }

    /// Writes the journal anew, puts it in the place of the old one, and seals it.
    fn written_anew(
        &self,
        folder: &Path,
        held: &File,
        counted: Outcome,
    ) -> Result<Outcome, RunError> {
        let (path, scratch) = (folder.join(journal::FILE), folder.join(SCRATCH));
        let number = self.trials.forgettings.len() + 1;
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let (mut scored, mut pending) = (0, 0);
        let mut scores = self.scores(number).filter_map(|score| match score {
            Ok(Some(score)) => {
                scored += 1;
                Some(Ok(score))
            }
            Ok(None) => {
                pending += 1;
                None
            }
            Err(error) => Some(Err(error)),
        });
        let goes = |trial: &TrialId| self.gone.has(trial);
        let how = (self.cutoff.time(), self.ending);
        let Rewritten { forgetting, chain } = rewrite(&path, &scratch, &goes, &mut scores, how)?;
        drop(scores);
        // What cannot be read back must not take the place of what can.
        Trials::open(&scratch)?;
        take_place(&scratch, &path, held)?;
        SealFile::of(self.ending, &chain).write(folder)?;
        Ok(Outcome { scored, pending, recorded: Some(forgetting), ..counted })
    }

    /// What is kept of the scores of trials that go, one after the other; none of a trial that has not ended.
    fn scores(
        &self,
        number: u32,
    ) -> impl Iterator<Item = Result<Option<journal::Scored>, RunError>> + '_ {
        let whole = self.trials.iter().filter_map(|read| match read {
            Ok(TrialRecord::Whole(recorded)) => {
                self.gone.has(&recorded.trial.id).then_some(Ok(recorded))
            }
            Ok(TrialRecord::Forgotten(_)) => None,
            Err(error) => Some(Err(error)),
        });
        whole.map(move |recorded| {
            let recorded = recorded?;
            let benchmark = self.kept.as_ref().unwrap_or(self.benchmark);
            let walk = self.manifest.walk(benchmark, &recorded.trial.task)?;
            let Some(found) = score::ended(&self.manifest, &walk, &recorded)? else {
                return Ok(None);
            };
            remains::kept(&self.manifest, &walk, &recorded, found, number).map(Some)
        })
    }
}

/// How the last session ended, whether the file of the seal covers the whole journal, and the journal's chain. Only a process that was
/// stopped while it forgot leaves an older seal beside a journal that ends with one.
///
/// # Errors
/// [`RunError::NotForgettable`] unless a seal covers the journal.
fn sealed(folder: &Path, path: &Path) -> Result<(SessionEnd, bool, journal::Chain), RunError> {
    let (mut last, mut after_forgetting, mut forgot) = (None, false, false);
    let extent = journal::scan(path, |event, _| {
        after_forgetting = std::mem::replace(&mut forgot, matches!(event, Event::Forgot(_)));
        last = match event {
            Event::Finish(_) => Some(SessionEnd::Finish),
            Event::Interrupted(_) => Some(SessionEnd::Interrupted),
            Event::Session(_)
            | Event::Trial(_)
            | Event::Call(_)
            | Event::Lesson(_)
            | Event::Reuse { .. }
            | Event::Forgotten(_)
            | Event::Scored(_)
            | Event::Forgot(_) => None,
        };
    })?;
    let older = SealFile::read(folder)?.map(|(seal, _)| seal);
    let whole = older.as_ref().is_some_and(|seal| {
        seal.lines == extent.chain.lines() && seal.journal == *extent.chain.link()
    });
    match (last, &extent.warning) {
        (Some(ending), None) if whole || (older.is_some() && after_forgetting) => {
            Ok((ending, whole, extent.chain))
        }
        _ => {
            let run = folder.display();
            Err(RunError::NotForgettable {
                path: folder.to_owned(),
                message:
                    "the run is under way, or was stopped before a seal covered its last lines"
                        .to_owned(),
                hint: format!(
                    "end it with `trustmh resume {run}`, or seal it as it is with `trustmh seal {run}`"
                ),
            })
        }
    }
}
