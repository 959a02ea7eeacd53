//! A trial as the journal has it: with all that was said, or with what is left after its words were forgotten.

use trustmh_core::call::{CallEnd, Exchange, Purpose};
use trustmh_core::id::{TaskId, TrialId};
use trustmh_core::trial::Trial;

use super::{CallLeft, Event, Left, Scored, TrialLeft};

/// A trial with its finished calls, as the journal has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The trial.
    pub trial: Trial,
    /// Its calls in order; a call made again after it broke stands for the broken one.
    pub exchanges: Vec<Exchange>,
}

/// What is left of a trial whose words were forgotten.
#[derive(Debug, Clone, PartialEq)]
pub struct Remains {
    /// The trial.
    pub trial: TrialLeft,
    /// Its calls in order, those that served it among them; a call made again after it broke stands for the broken one.
    pub calls: Vec<CallLeft>,
    /// Its score; none if it had not ended when its words were forgotten.
    pub scored: Option<Scored>,
    /// In which forgetting.
    pub number: u32,
}

/// A trial as the journal has it.
#[derive(Debug, Clone, PartialEq)]
pub enum TrialRecord {
    /// With all that was said.
    Whole(Box<Recorded>),
    /// Without words.
    Forgotten(Box<Remains>),
}

impl TrialRecord {
    /// Its name.
    pub fn id(&self) -> &TrialId {
        match self {
            Self::Whole(recorded) => &recorded.trial.id,
            Self::Forgotten(remains) => &remains.trial.id,
        }
    }

    /// Its task.
    pub fn task(&self) -> &TaskId {
        match self {
            Self::Whole(recorded) => &recorded.trial.task,
            Self::Forgotten(remains) => &remains.trial.task,
        }
    }

    /// The trial with all that was said, if that is still there.
    pub fn whole(self) -> Option<Recorded> {
        match self {
            Self::Whole(recorded) => Some(*recorded),
            Self::Forgotten(_) => None,
        }
    }
}

/// What was found of one trial.
#[derive(Default)]
pub(super) struct Found {
    trial: Option<Trial>,
    exchanges: Vec<Exchange>,
    left: Option<(TrialLeft, u32)>,
    calls: Vec<CallLeft>,
    scored: Option<Scored>,
}

impl Found {
    pub(super) fn take(&mut self, event: Event) {
        match event {
            Event::Session(_)
            | Event::Finish(_)
            | Event::Interrupted(_)
            | Event::Lesson(_)
            | Event::Reuse { .. }
            | Event::Forgot(_) => {}
            Event::Trial(trial) => {
                if self.trial.is_none() && self.left.is_some() {
                    // It is asked again, from its first call on.
                    self.exchanges.clear();
                }
                self.trial.get_or_insert(*trial);
            }
            Event::Call(call) => record(&mut self.exchanges, call.purpose, call.end),
            Event::Forgotten(forgotten) => match forgotten.left {
                Left::Trial(trial) => {
                    // Of a trial that was asked again after it was forgotten, only the later calls are its own.
                    if self.left.replace((*trial, forgotten.number)).is_some() {
                        self.calls.clear();
                    }
                }
                Left::Call(call) => self.left_call(*call),
            },
            Event::Scored(scored) => self.scored = Some(*scored),
        }
    }

    /// A call of another trial that served this one, too.
    pub(super) fn served(&mut self, event: Event, purpose: Purpose) {
        match event {
            Event::Call(call) => record(&mut self.exchanges, purpose, call.end),
            Event::Forgotten(forgotten) => {
                if let Left::Call(call) = forgotten.left {
                    self.left_call(CallLeft { purpose, ..*call });
                }
            }
            Event::Session(_)
            | Event::Finish(_)
            | Event::Interrupted(_)
            | Event::Lesson(_)
            | Event::Trial(_)
            | Event::Reuse { .. }
            | Event::Scored(_)
            | Event::Forgot(_) => {}
        }
    }

    fn left_call(&mut self, call: CallLeft) {
        match self.calls.iter_mut().find(|one| one.purpose == call.purpose) {
            Some(one) => *one = call,
            None => self.calls.push(call),
        }
    }

    pub(super) fn ended(self) -> Option<TrialRecord> {
        let Self { trial, exchanges, left, calls, scored } = self;
        if let Some(trial) = trial {
            return Some(TrialRecord::Whole(Box::new(Recorded { trial, exchanges })));
        }
        let (trial, number) = left?;
        Some(TrialRecord::Forgotten(Box::new(Remains { trial, calls, scored, number })))
    }
}

fn record(exchanges: &mut Vec<Exchange>, purpose: Purpose, end: CallEnd) {
    match exchanges.iter_mut().find(|exchange| exchange.purpose == purpose) {
        Some(exchange) => exchange.end = end,
        None => exchanges.push(Exchange { purpose, end }),
    }
}
