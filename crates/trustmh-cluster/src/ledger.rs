//! Who has which call: what a coordinator knows of calls that are wanted, handed out, and brought. No input, no output, no clock.

mod delivery;
mod handing_out;
mod leases;
mod record;
#[cfg(test)]
mod tests;
mod workers;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use trustmh_core::call::CallKey;
use trustmh_core::id::ModelId;

use crate::wire::{Job, Permit};
pub(crate) use workers::{Exclusion, WorkerSession, Workers};

/// Where so many times more workers died without a call in hand than with it, chance explains why it was lost so often...
const CHANCE: usize = 4;
/// ...and it is given up only after so many times more hand-outs.
const BY_CHANCE: u32 = 4;

/// Why a call is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// The run wants its result.
    Run,
    /// Its result is recorded, and another worker is asked, too.
    Audit,
}

/// A call as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) key: CallKey,
    pub(crate) kind: Kind,
}

impl Place {
    pub(crate) fn of_run(key: &CallKey) -> Self {
        Self { key: key.clone(), kind: Kind::Run }
    }

    pub(crate) fn audit(key: &CallKey) -> Self {
        Self { key: key.clone(), kind: Kind::Audit }
    }
}

#[derive(Debug)]
struct Entry {
    /// What is to be asked; none for calls that an earlier coordinator handed out and that are not wanted yet.
    job: Option<Arc<Job>>,
    /// Hand-outs that may have been spent on it.
    times: u32,
    never_got: u32,
    /// Workers that died with it in hand.
    deaths: usize,
    permits: Vec<Permit>,
    state: State,
    /// Who must not make it: who made it first.
    not_by: Option<String>,
}

#[derive(Debug)]
enum State {
    /// Nobody has it.
    Waiting,
    /// Somebody has it.
    Out(Out),
    /// Its result has come, and is not recorded yet.
    Come,
}

#[derive(Debug)]
struct Out {
    session: String,
    permit: Permit,
    ask: u64,
    since: Instant,
    until: Instant,
}

/// An answer of a coordinator, and what of it is not over yet.
#[derive(Debug)]
struct OpenGrant {
    who: WorkerSession,
    /// Where it stands in the log.
    logged: Option<u64>,
    /// Where the log ended when it was handed out: it stands further on.
    after: u64,
    open: HashMap<CallKey, Kind>,
}

/// Calls that go to a worker.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) permit: Permit,
    pub(crate) calls: Vec<GrantedCall>,
}

#[derive(Debug, Clone)]
pub(crate) struct GrantedCall {
    pub(crate) place: Place,
    pub(crate) time: u32,
    pub(crate) job: Arc<Job>,
}

/// A result that was waited for.
#[derive(Debug, PartialEq)]
pub(crate) struct Delivery {
    pub(crate) kind: Kind,
    pub(crate) who: WorkerSession,
    /// To how many workers the call was handed, at the most.
    pub(crate) times: u32,
    /// What was asked; none for calls of an earlier coordinator that are not wanted yet.
    pub(crate) job: Option<Arc<Job>>,
}

/// Calls of one model that nobody has.
#[derive(Debug, Default)]
struct Queue {
    /// Such as were handed out before: these go first.
    again: VecDeque<CallKey>,
    first: VecDeque<CallKey>,
    audits: VecDeque<CallKey>,
}

/// What a coordinator knows of its calls.
#[derive(Debug)]
pub(crate) struct Ledger {
    calls: HashMap<Place, Entry>,
    queues: BTreeMap<ModelId, Queue>,
    permits: HashMap<Permit, OpenGrant>,
    logged: BTreeMap<u64, Permit>,
    /// The last place in the log.
    end: u64,
    pub(crate) workers: Workers,
    suspect: Option<(CallKey, Instant)>,
    given_up: Vec<(CallKey, u32)>,
    /// Workers that died with calls in hand, by their sessions.
    dead: HashSet<String>,
    /// A call that was handed out so often is given up.
    most: u32,
    lease: Duration,
    withheld: bool,
}

/// What a worker was handed and has not brought back: each call with for which time.
#[derive(Debug)]
pub(crate) struct OutstandingGrant {
    pub(crate) permit: Permit,
    pub(crate) who: WorkerSession,
    pub(crate) calls: Vec<(CallKey, u32)>,
}

impl Ledger {
    pub(crate) fn new(most: u32, lease: Duration) -> Self {
        Self {
            calls: HashMap::new(),
            queues: BTreeMap::new(),
            permits: HashMap::new(),
            logged: BTreeMap::new(),
            end: 0,
            workers: Workers::default(),
            suspect: None,
            given_up: Vec::new(),
            dead: HashSet::new(),
            most,
            lease,
            withheld: false,
        }
    }

    /// The run wants a call.
    pub(crate) fn want(&mut self, key: &CallKey, job: Arc<Job>) {
        let place = Place::of_run(key);
        match self.calls.get_mut(&place) {
            Some(entry) => {
                entry.job = Some(job);
                if matches!(entry.state, State::Waiting) {
                    self.queue(&place);
                }
            }
            None => {
                self.calls.insert(place.clone(), Entry::new(job, None));
                self.queue(&place);
            }
        }
    }

    /// The run wants a call whose result has come already.
    pub(crate) fn want_come(&mut self, key: &CallKey, job: Arc<Job>) {
        if let Some(entry) = self.calls.get_mut(&Place::of_run(key)) {
            entry.job = Some(job);
        }
    }

    /// Another worker than `not_by` is to make a call again, whose result is recorded.
    pub(crate) fn want_audit(&mut self, key: &CallKey, job: Arc<Job>, not_by: String) {
        let place = Place::audit(key);
        self.calls.insert(place.clone(), Entry::new(job, Some(not_by)));
        self.queue(&place);
    }

    /// Audits that nobody has brought yet.
    pub(crate) fn audits(&self) -> impl Iterator<Item = (&CallKey, &ModelId, &str)> {
        self.calls.iter().filter(|(place, _)| place.kind == Kind::Audit).filter_map(
            |(place, entry)| {
                let job = entry.job.as_ref()?;
                Some((&place.key, &job.model, entry.not_by.as_deref()?))
            },
        )
    }

    /// Forgets what is known of a call of an earlier coordinator.
    pub(crate) fn forget(&mut self, key: &CallKey) {
        self.settle(&Place::of_run(key));
    }

    fn queue(&mut self, place: &Place) {
        let Some(entry) = self.calls.get_mut(place) else { return };
        let Some(job) = entry.job.as_ref() else { return };
        let others = self.dead.len().saturating_sub(entry.deaths);
        let by_chance = others >= CHANCE * entry.deaths.max(1);
        let most = if by_chance { self.most.saturating_mul(BY_CHANCE) } else { self.most };
        if entry.times >= most {
            match place.kind {
                Kind::Run => {
                    entry.state = State::Come;
                    self.given_up.push((place.key.clone(), entry.times));
                }
                Kind::Audit => self.settle(place),
            }
            return;
        }
        let queue = self.queues.entry(job.model.clone()).or_default();
        let line = match (place.kind, entry.times) {
            (Kind::Audit, _) => &mut queue.audits,
            (Kind::Run, 0) => &mut queue.first,
            (Kind::Run, _) => &mut queue.again,
        };
        line.push_back(place.key.clone());
    }

    /// Calls that are given up since this was last asked, and how often each was handed out.
    pub(crate) fn given_up(&mut self) -> Vec<(CallKey, u32)> {
        std::mem::take(&mut self.given_up)
    }

    /// Hands out nothing more.
    pub(crate) fn withhold(&mut self) {
        self.withheld = true;
    }

    /// Calls of a model that wait, that are out, and that are out not for the first time.
    pub(crate) fn counts(&self, model: &ModelId) -> (u64, u64, u64) {
        let mut counts = (0, 0, 0);
        for entry in self.calls.values() {
            if entry.job.as_ref().is_some_and(|job| job.model == *model) {
                match entry.state {
                    State::Waiting => counts.0 += 1,
                    State::Out(_) | State::Come => {
                        counts.1 += 1;
                        counts.2 += u64::from(entry.times > 1);
                    }
                }
            }
        }
        counts
    }
}

impl Entry {
    fn new(job: Arc<Job>, not_by: Option<String>) -> Self {
        Self { job: Some(job), not_by, ..Self::recalled() }
    }

    fn recalled() -> Self {
        Self {
            job: None,
            times: 0,
            never_got: 0,
            deaths: 0,
            permits: Vec::new(),
            state: State::Waiting,
            not_by: None,
        }
    }
}

/// About how many bytes a call takes in a message.
fn size(job: &Job) -> usize {
    let said: usize = job.messages.iter().map(|message| message.content.len()).sum();
    600 + said + said / 4
}
