//! Who has which call: what a coordinator knows of calls that are wanted, handed out, and brought. No input, no output, no clock.

mod crew;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use trustmh_core::call::CallKey;
use trustmh_core::id::ModelId;

use crate::wire::{Job, Leave, Room};
pub(crate) use crew::{Bar, Crew, Who};

/// From this time on a call is suspected of killing its workers.
const SUSPECT: u32 = 3;
/// Suspects are let out one after the other, so that the innocent do not die beside the one that is not; but none is waited for longer.
const BETWEEN_SUSPECTS: Duration = Duration::from_secs(5);
/// A worker may say so often that it never got a call, and it does not count.
const NEVER_GOT: u32 = 20;
/// A call that is held so much longer than its lease goes to another worker, whatever its holder says; but never sooner than...
const HELD_LEASES: u32 = 20;
/// ...after this time.
const HELD_AT_LEAST: Duration = Duration::from_secs(3600);
/// Where so many times more workers died without a call in hand than with it, chance explains why it was lost so often...
const CHANCE: usize = 4;
/// ...and it is given up only after so many times more hand-outs.
const BY_CHANCE: u32 = 4;
/// So many audits are looked through for one that a worker may make.
const LOOKED_THROUGH: usize = 64;

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
    leaves: Vec<Leave>,
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
    leave: Leave,
    ask: u64,
    since: Instant,
    until: Instant,
}

/// An answer of a coordinator, and what of it is not over yet.
#[derive(Debug)]
struct Handing {
    who: Who,
    /// Where it stands in the log.
    logged: Option<u64>,
    /// Where the log ended when it was handed out: it stands further on.
    after: u64,
    open: HashMap<CallKey, Kind>,
}

/// Calls that go to a worker.
#[derive(Debug)]
pub(crate) struct HandOut {
    pub(crate) leave: Leave,
    pub(crate) calls: Vec<HandedCall>,
}

#[derive(Debug, Clone)]
pub(crate) struct HandedCall {
    pub(crate) place: Place,
    pub(crate) time: u32,
    pub(crate) job: Arc<Job>,
}

/// A result that was waited for.
#[derive(Debug, PartialEq)]
pub(crate) struct Came {
    pub(crate) kind: Kind,
    pub(crate) who: Who,
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
    leaves: HashMap<Leave, Handing>,
    logged: BTreeMap<u64, Leave>,
    /// The last place in the log.
    end: u64,
    pub(crate) crew: Crew,
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
pub(crate) struct Handed {
    pub(crate) leave: Leave,
    pub(crate) who: Who,
    pub(crate) calls: Vec<(CallKey, u32)>,
}

impl Ledger {
    pub(crate) fn new(most: u32, lease: Duration) -> Self {
        Self {
            calls: HashMap::new(),
            queues: BTreeMap::new(),
            leaves: HashMap::new(),
            logged: BTreeMap::new(),
            end: 0,
            crew: Crew::default(),
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

    /// An earlier coordinator handed these out, and may not have got their results.
    pub(crate) fn recall(
        &mut self,
        leave: Leave,
        who: Who,
        calls: Vec<(CallKey, u32)>,
        logged: u64,
        until: Instant,
        now: Instant,
    ) {
        let mut open = HashMap::new();
        for (key, time) in calls {
            let entry = self.calls.entry(Place::of_run(&key)).or_insert_with(Entry::recalled);
            entry.times = entry.times.max(time);
            // One that was written down twice counts once.
            if !entry.leaves.contains(&leave) {
                entry.leaves.push(leave.clone());
            }
            let (session, leave) = (who.session.clone(), leave.clone());
            entry.state = State::Out(Out { session, leave, ask: 0, since: now, until });
            open.insert(key, Kind::Run);
        }
        if !open.is_empty() {
            if let Some(before) = self.leaves.get(&leave).and_then(|handing| handing.logged) {
                self.logged.remove(&before);
            }
            self.logged.insert(logged, leave.clone());
            self.end = self.end.max(logged);
            self.leaves.insert(leave, Handing { who, logged: Some(logged), after: 0, open });
        }
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

    /// Hands out calls for the `room` a worker has, of no more than about `bytes`; nothing if there is nothing for it.
    pub(crate) fn hand_out(
        &mut self,
        who: &Who,
        ask: u64,
        room: &[Room],
        bytes: usize,
        now: Instant,
    ) -> Option<HandOut> {
        if self.withheld {
            return None;
        }
        let leave = Leave::new();
        let mut calls: Vec<HandedCall> = Vec::new();
        let mut left = bytes;
        for Room { model, calls: free } in room {
            if self.crew.is_barred(&who.session, model, now) {
                continue;
            }
            for _ in 0..*free {
                let Some(place) = self.next(model, who, now) else { break };
                let Some(entry) = self.calls.get_mut(&place) else { continue };
                let Some(job) = entry.job.clone() else { continue };
                entry.times += 1;
                entry.leaves.push(leave.clone());
                let until = now + self.lease;
                let (session, of) = (who.session.clone(), leave.clone());
                entry.state = State::Out(Out { session, leave: of, ask, since: now, until });
                left = left.saturating_sub(size(&job));
                calls.push(HandedCall { place, time: entry.times, job });
                if left == 0 {
                    break;
                }
            }
        }
        if calls.is_empty() {
            return None;
        }
        let open = calls.iter().map(|call| (call.place.key.clone(), call.place.kind)).collect();
        let handing = Handing { who: who.clone(), logged: None, after: self.end, open };
        self.leaves.insert(leave.clone(), handing);
        Some(HandOut { leave, calls })
    }

    /// The next call of a model for a worker.
    fn next(&mut self, model: &ModelId, who: &Who, now: Instant) -> Option<Place> {
        let mut queue = self.queues.remove(model)?;
        let found = self.next_of(&mut queue, who, now);
        self.queues.insert(model.clone(), queue);
        found
    }

    fn next_of(&mut self, queue: &mut Queue, who: &Who, now: Instant) -> Option<Place> {
        for _ in 0..queue.again.len() {
            let key = queue.again.pop_front()?;
            if !self.is_free(&Place::of_run(&key)) {
                continue;
            }
            if self.may_go_out(&key, now) {
                return Some(Place::of_run(&key));
            }
            queue.again.push_back(key);
        }
        while let Some(key) = queue.first.pop_front() {
            if self.is_free(&Place::of_run(&key)) {
                return Some(Place::of_run(&key));
            }
        }
        for _ in 0..queue.audits.len().min(LOOKED_THROUGH) {
            let place = Place::audit(&queue.audits.pop_front()?);
            let not_by = self.calls.get(&place).and_then(|entry| entry.not_by.as_deref());
            if self.is_free(&place) {
                if not_by != Some(&who.worker) {
                    return Some(place);
                }
                queue.audits.push_back(place.key);
            }
        }
        None
    }

    fn is_free(&self, place: &Place) -> bool {
        self.calls.get(place).is_some_and(|entry| matches!(entry.state, State::Waiting))
    }

    /// Whether a call is no suspect, or no other suspect is out.
    fn may_go_out(&mut self, key: &CallKey, now: Instant) -> bool {
        let times = self.calls.get(&Place::of_run(key)).map_or(0, |entry| entry.times);
        if times == 0 || times + 1 < self.most.min(SUSPECT) {
            return true;
        }
        let is_out = self.suspect.as_ref().is_some_and(|(other, since)| {
            let entry = self.calls.get(&Place::of_run(other));
            let out = entry.is_some_and(|entry| matches!(entry.state, State::Out(_)));
            out && now.duration_since(*since) < BETWEEN_SUSPECTS
        });
        if !is_out {
            self.suspect = Some((key.clone(), now));
        }
        !is_out
    }

    /// An answer stands in the log.
    pub(crate) fn logged(&mut self, leave: &Leave, at: u64) {
        self.end = self.end.max(at);
        if let Some(handing) = self.leaves.get_mut(leave) {
            if let Some(before) = handing.logged.replace(at) {
                self.logged.remove(&before);
            }
            self.logged.insert(at, leave.clone());
        }
    }

    /// What stands in the log before this place is over.
    pub(crate) fn over_before(&self) -> Option<u64> {
        let open = self.logged.keys().next().copied()?;
        let being_written = self.leaves.values().filter(|handing| handing.logged.is_none());
        Some(being_written.map(|handing| handing.after + 1).fold(open, u64::min))
    }

    /// What is out by answers in the log, to be written there again: a server that was killed may have forgotten the last of it.
    pub(crate) fn still_out(&self) -> Vec<Handed> {
        let logged = self.leaves.iter().filter(|(_, handing)| handing.logged.is_some());
        let out = logged.map(|(leave, handing)| {
            let keys = handing.open.iter().filter(|(_, kind)| **kind == Kind::Run);
            let times = |key: &CallKey| {
                self.calls.get(&Place::of_run(key)).map_or(1, |entry| entry.times.max(1))
            };
            let calls = keys.map(|(key, _)| (key.clone(), times(key))).collect();
            Handed { leave: leave.clone(), who: handing.who.clone(), calls }
        });
        out.collect()
    }

    /// An answer was never given: its calls were not begun.
    pub(crate) fn take_back(&mut self, leave: &Leave) {
        let Some(handing) = self.leaves.remove(leave) else { return };
        if let Some(at) = handing.logged {
            self.logged.remove(&at);
        }
        for (key, kind) in handing.open {
            let place = Place { key, kind };
            let Some(entry) = self.calls.get_mut(&place) else { continue };
            entry.leaves.retain(|other| other != leave);
            if matches!(&entry.state, State::Out(out) if out.leave == *leave) {
                entry.times = entry.times.saturating_sub(1);
                entry.state = State::Waiting;
                self.queue(&place);
            }
        }
    }

    /// Answers to these requests of a worker were lost on the way: their calls were not begun.
    pub(crate) fn lost(&mut self, session: &str, asks: &[u64]) {
        let never_got: Vec<Place> = self
            .calls
            .iter()
            .filter(|(_, entry)| {
                entry.never_got < NEVER_GOT
                    && matches!(&entry.state, State::Out(out) if out.session == session && asks.contains(&out.ask))
            })
            .map(|(place, _)| place.clone())
            .collect();
        for place in never_got {
            if let Some(entry) = self.calls.get_mut(&place) {
                entry.never_got += 1;
                entry.times = entry.times.saturating_sub(1);
                entry.state = State::Waiting;
            }
            self.queue(&place);
        }
    }

    /// A worker still has these.
    pub(crate) fn hold(&mut self, session: &str, keys: &[CallKey], now: Instant) {
        let longest = (self.lease * HELD_LEASES).max(HELD_AT_LEAST);
        for place in keys.iter().flat_map(|key| [Place::of_run(key), Place::audit(key)]) {
            if let Some(Entry { state: State::Out(out), .. }) = self.calls.get_mut(&place)
                && out.session == session
                && now.duration_since(out.since) < longest
            {
                out.until = now + self.lease;
            }
        }
    }

    /// Nobody could be heard until now: no lease runs out for it.
    pub(crate) fn was_deaf(&mut self, now: Instant) {
        for entry in self.calls.values_mut() {
            if let State::Out(out) = &mut entry.state {
                out.until = out.until.max(now + self.lease);
            }
        }
    }

    /// Calls whose leases ran out go to others. Names the sessions that let them run out: whether these are there, only their next word tells.
    pub(crate) fn lapse(&mut self, now: Instant) -> HashSet<String> {
        let mut silent = HashSet::new();
        let lapsed: Vec<Place> = self
            .calls
            .iter()
            .filter(|(_, entry)| matches!(&entry.state, State::Out(out) if out.until <= now))
            .map(|(place, _)| place.clone())
            .collect();
        for place in &lapsed {
            let Some(entry) = self.calls.get_mut(place) else { continue };
            if let State::Out(out) = &entry.state {
                silent.insert(out.session.clone());
                if !self.crew.was_heard(&out.session, self.lease, now) {
                    entry.deaths += 1;
                    self.dead.insert(out.session.clone());
                }
            }
            entry.state = State::Waiting;
        }
        for place in &lapsed {
            self.queue(place);
        }
        silent
    }

    /// Calls that are given up since this was last asked, and how often each was handed out.
    pub(crate) fn given_up(&mut self) -> Vec<(CallKey, u32)> {
        std::mem::take(&mut self.given_up)
    }

    /// A result has come. None if nobody was given leave with this number to make this call, or if its result came before.
    pub(crate) fn come(&mut self, leave: &Leave, key: &CallKey) -> Option<Came> {
        let handing = self.leaves.get(leave)?;
        let kind = *handing.open.get(key)?;
        let who = handing.who.clone();
        let place = Place { key: key.clone(), kind };
        let entry = self.calls.get_mut(&place)?;
        if matches!(entry.state, State::Come) {
            return None;
        }
        entry.state = State::Come;
        Some(Came { kind, who, times: entry.times, job: entry.job.clone() })
    }

    /// A result came before its call is wanted: it is taken when it is.
    pub(crate) fn come_early(&mut self, place: &Place) {
        if let Some(entry) = self.calls.get_mut(place) {
            entry.state = State::Waiting;
        }
    }

    /// What a worker that has this leave is to ask.
    pub(crate) fn job_of(&self, leave: &Leave, key: &CallKey) -> Option<Arc<Job>> {
        let kind = *self.leaves.get(leave)?.open.get(key)?;
        self.calls.get(&Place { key: key.clone(), kind })?.job.clone()
    }

    /// The model that a call asks, if it is wanted.
    pub(crate) fn model_of(&self, place: &Place) -> Option<ModelId> {
        Some(self.calls.get(place)?.job.as_ref()?.model.clone())
    }

    /// A result that came cannot be used: its call is made again.
    pub(crate) fn refuse(&mut self, place: &Place) {
        if let Some(entry) = self.calls.get_mut(place) {
            entry.state = State::Waiting;
            self.queue(place);
        }
    }

    /// Gives a call that failed at one worker to another, where one serves its model; says whether there is one.
    pub(crate) fn try_elsewhere(&mut self, place: &Place, now: Instant) -> bool {
        let Some(entry) = self.calls.get(place) else { return false };
        let Some(model) = entry.job.as_ref().map(|job| job.model.clone()) else { return false };
        if entry.times >= self.most || !self.crew.serves(&model, now) {
            return false;
        }
        self.refuse(place);
        true
    }

    /// What came of a call is recorded, or nobody wants it any more.
    pub(crate) fn settle(&mut self, place: &Place) {
        let Some(entry) = self.calls.remove(place) else { return };
        for leave in &entry.leaves {
            let Some(handing) = self.leaves.get_mut(leave) else { continue };
            handing.open.remove(&place.key);
            if handing.open.is_empty() {
                if let Some(at) = handing.logged {
                    self.logged.remove(&at);
                }
                self.leaves.remove(leave);
            }
        }
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
            leaves: Vec::new(),
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
