//! A journal written anew without the words of some trials. Every other line stays as it is, byte for byte.

use jiff::Timestamp;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use trustmh_core::digest::Digest;
use trustmh_core::id::TrialId;

use super::chain::Chain;
use super::read::{Lines, line_of};
use super::{
    CallLeft, Event, FORGETTING, Forgetting, Forgotten, Left, Scored, SessionEnd, TrialLeft,
};
use crate::error::RunError;

/// What was written.
#[derive(Debug)]
pub(crate) struct Rewritten {
    /// The record of the forgetting.
    pub(crate) forgetting: Forgetting,
    /// The chain of the new journal.
    pub(crate) chain: Chain,
}

/// The scores of the trials that are forgotten, one after the other.
pub(crate) type Scores<'s> = &'s mut dyn Iterator<Item = Result<Scored, RunError>>;

/// Writes the journal at `path` anew to `to`: without the words of trials that `goes` names, with their scores, the record of the
/// forgetting, and a seal. `to` lies beside it, and the disk keeps it.
///
/// # Errors
/// [`RunError::Io`], [`RunError::Journal`] for a journal that is not as it was read, and what the scores fail with.
pub(crate) fn rewrite(
    path: &Path,
    to: &Path,
    goes: &dyn Fn(&TrialId) -> bool,
    scores: Scores<'_>,
    (cutoff, ending): (Option<Timestamp>, SessionEnd),
) -> Result<Rewritten, RunError> {
    let _ = fs::remove_file(to);
    let file = File::create_new(to).map_err(RunError::io(to, "creating"))?;
    let mut out = Out { out: BufWriter::new(file), path: to };
    let (mut chain, trials) = lines(path, &mut out, goes)?;
    let number = chain.forgettings() + 1;
    for scored in scores {
        let scored = scored?;
        let event = out.json(&Event::Scored(Box::new(scored)))?;
        out.write(&chain.line_of(FORGETTING, &event))?;
    }
    let left = chain.left_by(number);
    let forgetting = Forgetting {
        at: Timestamp::now(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        number,
        cutoff,
        trials,
        lines: left.lines(),
        digest: left.digest(),
    };
    let event = out.json(&Event::Forgot(forgetting.clone()))?;
    out.write(&chain.line_of(FORGETTING, &event))?;
    let event = out.json(&ending.event(&chain))?;
    out.write(&chain.line(&event))?;
    out.end()?;
    Ok(Rewritten { forgetting, chain })
}

/// The lines that were there, each as it was or what is left of it; the chain after them, and how many trials were forgotten.
fn lines(
    path: &Path,
    out: &mut Out<'_>,
    goes: &dyn Fn(&TrialId) -> bool,
) -> Result<(Chain, u64), RunError> {
    let mut chain = Chain::of(path)?;
    let mut trials = 0;
    let number = count(path)? + 1;
    let mut lines = Lines::open(path)?;
    while let Some((line_number, bytes)) = lines.read()? {
        let wrong = |message: String| RunError::Journal {
            path: path.to_owned(),
            line: line_number,
            message,
        };
        let line = line_of(bytes).map_err(wrong)?;
        let mut after = chain.clone();
        let prev = line.prev.as_ref().map(Digest::as_str);
        after.take(bytes, line.v, prev, line.event.stands_for()).map_err(wrong)?;
        if let Event::Forgot(forgetting) = &line.event {
            after.hold(forgetting).map_err(wrong)?;
        }
        match left_of(&line.event, goes) {
            None => {
                out.write(bytes)?;
                chain = after;
            }
            Some(left) => {
                trials += u64::from(matches!(left, Left::Trial(_)));
                let line = after.link().clone();
                let forgotten = Forgotten { line: line.clone(), number, left };
                let event = out.json(&Event::Forgotten(Box::new(forgotten)))?;
                out.write(&chain.line_for(line, number, &event))?;
            }
        }
    }
    Ok((chain, trials))
}

/// How many forgettings the journal records.
fn count(path: &Path) -> Result<u32, RunError> {
    let mut found = 0;
    super::scan(path, |event, _| found += u32::from(matches!(event, Event::Forgot(_))))?;
    Ok(found)
}

/// What is left of an event that holds words of a trial that goes; none of any other.
fn left_of(event: &Event, goes: &dyn Fn(&TrialId) -> bool) -> Option<Left> {
    match event {
        Event::Trial(trial) if goes(&trial.id) => Some(Left::Trial(Box::new(TrialLeft::of(trial)))),
        Event::Call(call) if goes(&call.trial) => Some(Left::Call(Box::new(CallLeft::of(call)))),
        Event::Session(_)
        | Event::Finish(_)
        | Event::Interrupted(_)
        | Event::Trial(_)
        | Event::Call(_)
        | Event::Lesson(_)
        | Event::Reuse { .. }
        | Event::Forgotten(_)
        | Event::Scored(_)
        | Event::Forgot(_) => None,
    }
}

struct Out<'p> {
    out: BufWriter<File>,
    path: &'p Path,
}

impl Out<'_> {
    fn json(&self, event: &Event) -> Result<Vec<u8>, RunError> {
        serde_json::to_vec(event).map_err(|error| RunError::io(self.path, "writing")(error.into()))
    }

    fn write(&mut self, line: &[u8]) -> Result<(), RunError> {
        self.out.write_all(line).map_err(RunError::io(self.path, "writing"))
    }

    fn end(mut self) -> Result<(), RunError> {
        let flushed = self.out.flush().and_then(|()| self.out.get_ref().sync_all());
        flushed.map_err(RunError::io(self.path, "writing"))
    }
}
