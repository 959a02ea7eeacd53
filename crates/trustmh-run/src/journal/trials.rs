//! A journal by trial: first where everything stands, then each trial with its calls when it is asked for.
//!
//! Nothing but names and places is held, so that a run of any length can be scored in little memory.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use trustmh_core::call::{Purpose, Usage};
use trustmh_core::digest::Digest;
use trustmh_core::id::TaskId;

use super::glance::{CallGlance, EndGlance, ForgottenGlance, Glance, LeftGlance, glance};
use super::read::{Lookup, Packed, scan_lines};
use super::trial_record::{Found, TrialRecord};
use super::{Event, Forgetting, Lesson, Mark, Place, Session};
use crate::error::RunError;

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
    /// Calls that were handed to more than one worker.
    pub handed_on: u64,
    /// Tokens to and from the subject, as providers counted them.
    pub subject_tokens: Usage,
    /// Tokens to and from the judge.
    pub judge_tokens: Usage,
    /// Messages of clients, a model's or the offline client's.
    pub client_calls: u64,
    /// Tokens to and from the client's model.
    pub client_tokens: Usage,
    /// Replies that came without a count of tokens.
    pub uncounted: Uncounted,
}

/// Replies that came without a count of tokens, by who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Uncounted {
    /// The subject.
    pub subject: u64,
    /// The judge.
    pub judge: u64,
    /// Whoever played clients.
    pub client: u64,
}

impl Totals {
    fn add(&mut self, call: &CallGlance<'_>) {
        let Uncounted { subject, judge, client } = &mut self.uncounted;
        let (calls, tokens, uncounted) = match call.purpose {
            Purpose::Subject { .. } => (&mut self.subject_calls, &mut self.subject_tokens, subject),
            Purpose::Judge { .. } => (&mut self.judge_calls, &mut self.judge_tokens, judge),
            Purpose::Client { .. } => (&mut self.client_calls, &mut self.client_tokens, client),
        };
        *calls += 1;
        self.retries += u64::from(call.tries.saturating_sub(1));
        self.handed_on += u64::from(call.handed_out.is_some());
        match &call.end {
            EndGlance::Replied { usage: None, .. } => *uncounted += 1,
            EndGlance::Replied { usage: Some(usage), .. } => {
                tokens.prompt_tokens += usage.prompt_tokens;
                tokens.reply_tokens += usage.reply_tokens;
            }
            EndGlance::Recorded(_) => {}
            EndGlance::Broken(_) => self.broken += 1,
        }
    }
}

/// All trials of a journal, sorted by name, and what else it tells.
#[derive(Debug)]
pub struct Trials {
    lookup: Lookup,
    /// The events of all trials; those of one stand together in the order of the journal.
    events: Vec<Packed>,
    /// Where the events of each trial begin, trials sorted by name.
    begins: Vec<u32>,
    /// Where the calls stand that served several trials.
    shared: HashMap<String, Place>,
    /// When work began and stopped.
    pub sessions: Vec<Session>,
    /// What endpoints taught, each lesson once.
    pub lessons: Vec<Lesson>,
    /// When words were forgotten, in order.
    pub forgettings: Vec<Forgetting>,
    /// The trials whose words were.
    forgotten: HashSet<[u8; 16]>,
    /// Totals over all calls.
    pub totals: Totals,
    /// A torn last line, if there is one.
    pub warning: Option<String>,
}

impl Trials {
    /// Reads through the journal once.
    ///
    /// # Errors
    /// As [`super::scan`].
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let mut names = Names::default();
        let mut events: Vec<(u32, Packed)> = Vec::new();
        let (mut begun, mut reused) = (HashSet::new(), HashSet::new());
        let (mut sessions, mut totals) = (Vec::new(), Totals::default());
        let mut lessons: Vec<Lesson> = Vec::new();
        let mut forgettings: Vec<Forgetting> = Vec::new();
        let (mut left, mut last_forgot) = (HashSet::new(), None);
        let extent = scan_lines(path, |bytes, place, chain| {
            let glance = glance(bytes, chain)?;
            // A seal right after a forgetting covers it, and ends no session of work.
            let seals_forgetting = last_forgot == Some(chain.lines() - 1);
            match glance {
                Glance::Session(session) => sessions.push(session),
                Glance::Finish(_) | Glance::Interrupted(_) if seals_forgetting => {}
                Glance::Finish(seal) => sessions.push(seal.session(Mark::Finished)),
                Glance::Interrupted(seal) => sessions.push(seal.session(Mark::Stopped)),
                Glance::Forgot(forgetting) => {
                    forgettings.push(forgetting);
                    last_forgot = Some(chain.lines());
                }
                Glance::Forgotten(ForgottenGlance { left: LeftGlance::Trial(trial), .. }) => {
                    let number = names.number(&trial.id)?;
                    left.insert(number);
                    events.push((number, place.packed()));
                }
                Glance::Forgotten(ForgottenGlance { left: LeftGlance::Call(call), .. }) => {
                    totals.add(&call);
                    events.push((names.number(&call.trial)?, place.packed()));
                }
                Glance::Scored(scored) => {
                    events.push((names.number(&scored.score.trial)?, place.packed()));
                }
                // Every session learns anew.
                Glance::Lesson(lesson) if lessons.contains(&lesson) => {}
                Glance::Lesson(lesson) => lessons.push(*lesson),
                Glance::Trial(trial) => {
                    let number = names.number(&trial.id)?;
                    begun.insert(number);
                    events.push((number, place.packed()));
                }
                Glance::Call(call) => {
                    totals.add(&call);
                    events.push((names.number(&call.trial)?, place.packed()));
                }
                Glance::Reuse(reuse) => {
                    events.push((names.number(&reuse.trial)?, place.packed()));
                    reused.insert(reuse.key.into_owned());
                }
            }
            Ok(())
        })?;
        // One that was asked again after it was forgotten is there as a whole.
        left.retain(|number| !begun.contains(number));
        let forgotten = left.iter().map(|number| Digest::half(names.name(*number as usize)));
        let forgotten = forgotten.collect();
        // A repaired run may hold calls of trials whose own line was lost, until it is resumed.
        events.retain(|(number, _)| begun.contains(number) || left.contains(number));
        let shared = places_of(path, &reused)?;
        let ranks = names.ranks();
        let rank = |number: u32| ranks.get(number as usize).copied().unwrap_or(u32::MAX);
        events.sort_unstable_by_key(|(number, place)| (rank(*number), *place));
        let begins = events
            .iter()
            .zip(0_u32..)
            .scan(None, |before, ((number, _), index)| {
                Some((before.replace(*number) != Some(*number)).then_some(index))
            })
            .flatten()
            .collect();
        let events = events.into_iter().map(|(_, place)| place).collect();
        let (lookup, warning) = (Lookup::new(path), extent.warning);
        Ok(Self {
            lookup,
            events,
            begins,
            shared,
            sessions,
            lessons,
            forgettings,
            forgotten,
            totals,
            warning,
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.begins.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.begins.is_empty()
    }

    /// How many of them have no words any more.
    pub fn forgotten(&self) -> usize {
        self.forgotten.len()
    }

    /// Whether the words of the trial of this name were forgotten.
    pub fn is_forgotten(&self, name: &str) -> bool {
        self.forgotten.contains(&Digest::half(name))
    }

    /// The forgetting of this number.
    pub fn forgetting(&self, number: u32) -> Option<&Forgetting> {
        self.forgettings.iter().find(|forgetting| forgetting.number == number)
    }

    /// All trials with their calls, read one after the other.
    pub fn iter(&self) -> impl Iterator<Item = Result<TrialRecord, RunError>> {
        (0..self.len()).map(|which| self.read(which))
    }

    /// The trial of this name, if there is one.
    ///
    /// # Errors
    /// As [`Trials::read`].
    pub fn find(&self, name: &str) -> Result<Option<TrialRecord>, RunError> {
        let place = self.first_from(name)?;
        if place == self.len() {
            return Ok(None);
        }
        Ok(Some(self.read(place)?).filter(|found| found.id().as_str() == name))
    }

    /// The trials of one task, which stand together, read one after the other.
    ///
    /// # Errors
    /// As [`Trials::read`].
    pub fn of_task<'t>(
        &'t self,
        task: &TaskId,
    ) -> Result<impl Iterator<Item = Result<TrialRecord, RunError>> + 't, RunError> {
        let first = self.first_from(&format!("{task}:"))?;
        let task = task.clone();
        let other = move |read: &Result<TrialRecord, RunError>| {
            read.as_ref().is_ok_and(|recorded| *recorded.task() != task)
        };
        Ok((first..self.len()).map(|which| self.read(which)).take_while(move |read| !other(read)))
    }

    /// The place of the first trial whose name is not before this one.
    fn first_from(&self, name: &str) -> Result<usize, RunError> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.read(middle)?.id().as_str() < name {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// One trial, by its place in the order of names.
    ///
    /// # Errors
    /// [`RunError::Io`], [`RunError::Journal`] for a line that is no event.
    pub fn read(&self, which: usize) -> Result<TrialRecord, RunError> {
        let begin = self.begins.get(which).copied().unwrap_or_default() as usize;
        let end = self.begins.get(which + 1).map_or(self.events.len(), |next| *next as usize);
        let mut found = Found::default();
        for place in self.events.get(begin..end).unwrap_or_default() {
            match self.lookup.event(place.unpacked())? {
                Event::Reuse { key, purpose, .. } => {
                    let Some(place) = self.shared.get(key.as_str()) else { continue };
                    found.served(self.lookup.event(*place)?, purpose);
                }
                event => found.take(event),
            }
        }
        found.ended().ok_or_else(|| self.lookup.changed("a trial is no longer where it was"))
    }
}

/// Where the calls with these keys stand that did not break.
fn places_of(path: &Path, keys: &HashSet<String>) -> Result<HashMap<String, Place>, RunError> {
    let mut places = HashMap::new();
    if keys.is_empty() {
        return Ok(places);
    }
    scan_lines(path, |bytes, place, chain| {
        let call = match glance(bytes, chain)? {
            Glance::Call(call)
            | Glance::Forgotten(ForgottenGlance { left: LeftGlance::Call(call), .. }) => call,
            _ => return Ok(()),
        };
        if !matches!(call.end, EndGlance::Broken(_)) && keys.contains(call.key.as_ref()) {
            places.insert(call.key.into_owned(), place);
        }
        Ok(())
    })?;
    Ok(places)
}

/// Names of trials, one after the other, and their numbers.
#[derive(Default)]
struct Names {
    text: String,
    ends: Vec<usize>,
    numbers: HashMap<[u8; 16], u32>,
}

impl Names {
    /// # Errors
    /// For the trial after four thousand million.
    fn number(&mut self, name: &str) -> Result<u32, String> {
        let next =
            u32::try_from(self.ends.len()).map_err(|_| "there are too many trials".to_owned())?;
        Ok(*self.numbers.entry(Digest::half(name)).or_insert_with(|| {
            self.text.push_str(name);
            self.ends.push(self.text.len());
            next
        }))
    }

    fn name(&self, number: usize) -> &str {
        let begin = number.checked_sub(1).and_then(|before| self.ends.get(before));
        let end = self.ends.get(number).copied().unwrap_or_default();
        self.text.get(begin.copied().unwrap_or_default()..end).unwrap_or_default()
    }

    /// The place of each number in the order of names.
    fn ranks(self) -> Vec<u32> {
        let mut order: Vec<u32> = (0_u32..).take(self.ends.len()).collect();
        order.sort_unstable_by_key(|number| self.name(*number as usize));
        let mut ranks = vec![0; order.len()];
        for (rank, number) in (0_u32..).zip(order) {
            if let Some(place) = ranks.get_mut(number as usize) {
                *place = rank;
            }
        }
        ranks
    }
}
