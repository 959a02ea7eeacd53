//! The calls of a journal in the order they ended, for people who look through them: first where each stands, then those that are
//! looked at.

use std::path::Path;

use trustmh_core::call::Purpose;

use super::glance::{CallGlance, EndGlance, ForgottenGlance, Glance, LeftGlance, glance};
use super::read::{Lookup, Packed, scan_lines};
use super::{Call, CallLeft, Event, Left};
use crate::error::RunError;

/// Who was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// The subject.
    Subject,
    /// A judge.
    Judge,
    /// Whoever plays a client.
    Client,
}

impl Asked {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Subject, Self::Judge, Self::Client];

    /// Whom a call with this purpose asks.
    pub const fn of(purpose: &Purpose) -> Self {
        match purpose {
            Purpose::Subject { .. } => Self::Subject,
            Purpose::Judge { .. } => Self::Judge,
            Purpose::Client { .. } => Self::Client,
        }
    }

    /// The word for it.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Judge => "judge",
            Self::Client => "client",
        }
    }
}

/// What became of a call, as far as calls are chosen by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No reply came after all tries.
    Broken,
    /// A reply came, after more than one try.
    Retried,
    /// A reply came at once, or was recorded elsewhere.
    None,
}

/// Where a call stands, and by what it is chosen.
#[derive(Debug, Clone, Copy)]
struct Entry {
    asked: Asked,
    trouble: Trouble,
    place: Packed,
}

/// A call as the journal has it.
#[derive(Debug)]
pub enum Told {
    /// With all that was said.
    Whole(Box<Call>),
    /// Without words.
    Forgotten(Box<CallLeft>),
}

/// All calls of a journal: some twenty bytes each.
#[derive(Debug)]
pub struct Calls {
    lookup: Lookup,
    entries: Vec<Entry>,
}

impl Calls {
    /// Reads through the journal once.
    ///
    /// # Errors
    /// As [`super::scan`].
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let mut entries = Vec::new();
        scan_lines(path, |bytes, place, chain| {
            if let Glance::Call(call)
            | Glance::Forgotten(ForgottenGlance { left: LeftGlance::Call(call), .. }) =
                glance(bytes, chain)?
            {
                let (asked, trouble) = (Asked::of(&call.purpose), trouble(&call));
                entries.push(Entry { asked, trouble, place: place.packed() });
            }
            Ok(())
        })?;
        Ok(Self { lookup: Lookup::new(path), entries })
    }

    /// How many calls `wanted` lets through.
    pub fn count(&self, wanted: impl Fn(Asked, Trouble) -> bool) -> usize {
        self.entries.iter().filter(|entry| wanted(entry.asked, entry.trouble)).count()
    }

    /// Some of the calls that `wanted` lets through, in the order they ended.
    ///
    /// # Errors
    /// [`RunError::Io`], [`RunError::Journal`] if the journal changed.
    pub fn page(
        &self,
        wanted: impl Fn(Asked, Trouble) -> bool,
        skipped: usize,
        count: usize,
    ) -> Result<Vec<Told>, RunError> {
        let wanted = self.entries.iter().filter(|entry| wanted(entry.asked, entry.trouble));
        wanted
            .skip(skipped)
            .take(count)
            .map(|entry| match self.lookup.event(entry.place.unpacked())? {
                Event::Call(call) => Ok(Told::Whole(call)),
                Event::Forgotten(forgotten) => match forgotten.left {
                    Left::Call(call) => Ok(Told::Forgotten(call)),
                    Left::Trial(_) => Err(self.moved()),
                },
                Event::Session(_)
                | Event::Finish(_)
                | Event::Interrupted(_)
                | Event::Trial(_)
                | Event::Lesson(_)
                | Event::Reuse { .. }
                | Event::Scored(_)
                | Event::Forgot(_) => Err(self.moved()),
            })
            .collect()
    }

    fn moved(&self) -> RunError {
        self.lookup.changed("a call is no longer where it was")
    }
}

fn trouble(call: &CallGlance<'_>) -> Trouble {
    match call.end {
        EndGlance::Broken(_) => Trouble::Broken,
        EndGlance::Replied { .. } | EndGlance::Recorded(_) if call.tries > 1 => Trouble::Retried,
        EndGlance::Replied { .. } | EndGlance::Recorded(_) => Trouble::None,
    }
}
