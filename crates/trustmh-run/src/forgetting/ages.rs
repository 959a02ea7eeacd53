//! How old trials are, and which of them go together.

use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::path::Path;

use trustmh_core::digest::Digest;
use trustmh_core::id::TrialId;
use trustmh_core::item::{Client, ItemContent};
use trustmh_core::trial::Trial;

use super::Cutoff;
use crate::error::RunError;
use crate::journal::{self, Event};

type Half = [u8; 16];

/// Names in halves of hashes: a run of any length is looked through in little memory.
fn half(name: &str) -> Half {
    Digest::half(name)
}

/// What a journal tells of the age of its trials.
#[derive(Debug, Default)]
struct Ages {
    /// The last dated turn of recorded conversations, and the newest call of other trials. Trials without either are as old as the run.
    trials: HashMap<Half, Age>,
    /// Of each call the trial it was made for, and when it was made.
    calls: HashMap<Half, (Half, Option<Timestamp>)>,
    /// Pairs of trials that share a call.
    shared: Vec<(Half, Half)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Age {
    said: Option<Timestamp>,
    called: Option<Timestamp>,
}

impl Age {
    fn of(self, created: Timestamp) -> Timestamp {
        self.said.or(self.called).unwrap_or(created)
    }
}

/// The trials of a journal that go.
#[derive(Debug, Default)]
pub(super) struct Gone(HashSet<Half>);

impl Gone {
    /// Those that still have words and are of before the cutoff. Trials that share a call go together as soon as one of them does: what
    /// was said to one was said to the other.
    ///
    /// # Errors
    /// As [`journal::scan`].
    pub(super) fn of(path: &Path, created: Timestamp, cutoff: Cutoff) -> Result<Self, RunError> {
        let mut ages = Ages::default();
        journal::scan(path, |event, _| ages.take(&event))?;
        Ok(ages.gone(created, cutoff))
    }

    pub(super) fn has(&self, trial: &TrialId) -> bool {
        self.0.contains(&half(trial.as_str()))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Ages {
    fn take(&mut self, event: &Event) {
        match event {
            Event::Session(_)
            | Event::Finish(_)
            | Event::Interrupted(_)
            | Event::Lesson(_)
            | Event::Forgotten(_)
            | Event::Scored(_)
            | Event::Forgot(_) => {}
            Event::Trial(trial) => {
                self.trials.entry(half(trial.id.as_str())).or_default().said = last_turn(trial);
            }
            Event::Call(call) => {
                let trial = half(call.trial.as_str());
                self.calls.insert(half(call.key.as_str()), (trial, call.at));
                self.called(trial, call.at);
            }
            Event::Reuse { key, trial, .. } => {
                let trial = half(trial.as_str());
                if let Some((owner, at)) = self.calls.get(&half(key.as_str())).copied() {
                    self.shared.push((owner, trial));
                    self.called(trial, at);
                }
            }
        }
    }

    fn gone(&self, created: Timestamp, cutoff: Cutoff) -> Gone {
        let goes = |age: &Age| match cutoff {
            Cutoff::All => true,
            Cutoff::Before(time) => age.of(created) < time,
        };
        let old = self.trials.iter().filter(|(_, age)| goes(age)).map(|(trial, _)| *trial);
        let mut gone: HashSet<Half> = old.collect();
        loop {
            let before = gone.len();
            for (one, other) in &self.shared {
                if gone.contains(one) || gone.contains(other) {
                    gone.extend([*one, *other].iter().filter(|of| self.trials.contains_key(*of)));
                }
            }
            if gone.len() == before {
                return Gone(gone);
            }
        }
    }

    fn called(&mut self, trial: Half, at: Option<Timestamp>) {
        let age = self.trials.entry(trial).or_default();
        age.called = age.called.max(at);
    }
}

/// When the last turn of a recorded conversation was said, of those that say when.
fn last_turn(trial: &Trial) -> Option<Timestamp> {
    let ItemContent::Conversation(conversation) = &trial.item.content else { return None };
    match &conversation.client {
        Client::Recorded { turns } => turns.iter().filter_map(|turn| turn.at).max(),
        Client::Scripted { .. } | Client::Simulated { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(name: &str, content: &str) -> String {
        let item = format!(r#"{{"id":"{name}","language":"en","content":{content}}}"#);
        let sampling = r#"{"temperature":0.0,"max_tokens":1,"seed":null}"#;
        format!(
            r#"{{"trial":{{"id":"ethics/reasoning:{name}","task":"ethics/reasoning","item":{item},
            "variant":"plain","repeat":0,"messages":[],"sampling":{sampling}}}}}"#
        )
    }

    fn call(key: &str, name: &str, at: &str) -> String {
        let end = r#"{"replied":{"text":"x","finish":"stop","usage":null}}"#;
        format!(
            r#"{{"call":{{"key":"{key}","trial":"ethics/reasoning:{name}",
            "purpose":{{"subject":{{"turn":0}}}},"model":"a/b","end":{end},
            "tries":1,"at":{at},"millis":1,"request":null,"response":null}}}}"#
        )
    }

    fn reuse(key: &str, name: &str) -> String {
        format!(
            r#"{{"reuse":{{"key":"{key}","trial":"ethics/reasoning:{name}","purpose":{{"subject":{{"turn":0}}}}}}}}"#
        )
    }

    /// The trials of these events that go before the year 2026, of a run that was made in 2020.
    fn gone(events: &[String], names: &[&str]) -> String {
        let mut ages = Ages::default();
        for event in events {
            ages.take(&serde_json::from_str(event).unwrap());
        }
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let cutoff = Cutoff::Before(time("2026-01-01T00:00:00Z"));
        let gone = ages.gone(time("2020-01-01T00:00:00Z"), cutoff);
        let is_gone = |name: &&&str| gone.has(&TrialId::new(format!("ethics/reasoning:{name}")));
        names.iter().filter(is_gone).copied().collect()
    }

    /// A recorded conversation, its first turn old and its last of this time.
    fn talk(at: &str) -> String {
        let turn =
            |speaker: &str, at: &str| format!(r#"{{"speaker":"{speaker}","text":"x","at":{at}}}"#);
        let turns = format!("{},{}", turn("client", OLD), turn("subject", at));
        let client = format!(r#"{{"recorded":{{"turns":[{turns}]}}}}"#);
        format!(r#"{{"kind":"conversation","situation":"x","client":{client}}}"#)
    }

    const ACTION: &str = r#"{"kind":"action","text":"x"}"#;
    const OLD: &str = "\"2025-12-31T23:59:59Z\"";
    const NEW: &str = "\"2026-01-01T00:00:00Z\"";

    #[test]
    fn a_trial_is_as_old_as_its_newest_call_or_its_last_dated_turn_or_the_run() {
        let events = [
            trial("a", ACTION),
            call("1", "a", OLD),
            call("2", "a", NEW),
            trial("b", ACTION),
            call("3", "b", OLD),
            trial("c", ACTION),
            call("4", "c", "null"),
            trial("d", &talk(NEW)),
            trial("e", &talk(OLD)),
            call("5", "e", NEW),
        ];
        assert_eq!(gone(&events, &["a", "b", "c", "d", "e"]), "bce");
    }

    #[test]
    fn trials_that_share_a_call_go_together_however_many_stand_between_them() {
        let events = [
            trial("a", ACTION),
            call("1", "a", NEW),
            trial("b", ACTION),
            reuse("1", "b"),
            call("2", "b", NEW),
            trial("c", ACTION),
            reuse("2", "c"),
            trial("d", ACTION),
            call("3", "d", NEW),
        ];
        assert_eq!(gone(&events, &["a", "b", "c", "d"]), "", "a shared call makes nobody older");
        let old: Vec<String> =
            events.iter().cloned().chain([trial("e", ACTION), reuse("2", "e")]).collect();
        assert_eq!(gone(&old, &["a", "b", "c", "d", "e"]), "");
        let recorded = trial("f", &talk(OLD));
        let chained = [&old[..], &[recorded, reuse("2", "f")]].concat();
        assert_eq!(gone(&chained, &["a", "b", "c", "d", "e", "f"]), "abcef");
    }
}
