//! Audits: calls of a sample are made a second time by another worker, and their results compared. They go into a file of their own and into
//! no score.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::sync::Mutex;

use trustmh_core::call::CallKey;
use trustmh_core::digest::Digest;

use crate::Notifier;
use crate::coordinator::held;
use crate::error::ClusterError;
use crate::wire::{OutcomeEnd, encoded};

/// The line format of the file of audits.
const FORMAT: u32 = 1;
/// A line that is longer is none of ours.
const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// Which calls a second worker is asked again.
#[derive(Debug, Clone)]
pub struct Auditing {
    /// Their share of all calls, above 0 and at most 1.
    pub share: f64,
    /// The run's seed: the same calls are drawn each time.
    pub seed: u64,
    /// Where comparisons are kept; lines are added.
    pub file: PathBuf,
}

/// Whether two things are the same, to the byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Likeness {
    Same,
    Different,
    /// There is nothing to compare.
    Unknown,
}

/// A comparison, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Compared {
    v: u32,
    at: Timestamp,
    key: CallKey,
    /// Who made the recorded call.
    first: String,
    /// Who made it again.
    second: String,
    requests: Likeness,
    replies: Likeness,
    /// The second reply, where it is another; the first stands in the journal.
    text: Option<String>,
    /// Tokens of the second call, prompt and reply, where the provider counted them.
    tokens: Option<u64>,
    /// Why there was no second reply.
    failed: Option<String>,
}

/// What the recorded call came to.
struct First {
    worker: String,
    request: Option<Digest>,
    text: String,
}

/// What all comparisons come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    sampled: u64,
    compared: u64,
    other_replies: u64,
    other_requests: u64,
    failed: u64,
    tokens: u64,
}

impl Counts {
    fn add(&mut self, compared: &Compared) {
        self.tokens += compared.tokens.unwrap_or_default();
        if compared.failed.is_some() {
            self.failed += 1;
            return;
        }
        self.compared += 1;
        self.other_replies += u64::from(compared.replies == Likeness::Different);
        self.other_requests += u64::from(compared.requests == Likeness::Different);
    }
}

/// The audits of a run.
pub(crate) struct Audit {
    terms: Auditing,
    file: Mutex<File>,
    /// Calls that were compared before this session.
    before: HashSet<CallKey>,
    firsts: Mutex<HashMap<CallKey, First>>,
    counts: Mutex<Counts>,
}

impl Audit {
    /// Goes on with the audits in the file.
    pub(crate) fn open(terms: Auditing) -> Result<Self, ClusterError> {
        let failed = |error: std::io::Error| ClusterError::Configuration {
            message: format!("{}: {error}", terms.file.display()),
        };
        let (mut before, mut counts) = (HashSet::new(), Counts::default());
        let mut options = OpenOptions::new();
        options.create(true).append(true).read(true);
        let mut file = options.open(&terms.file).map_err(failed)?;
        let mut ends_in_line = true;
        for line in BufReader::new(&file).split(b'\n') {
            let line = line.map_err(failed)?;
            // One that was cut off when its writer was killed is not counted, and its call is not made again.
            if line.len() < LONGEST_LINE
                && let Ok(compared) = serde_json::from_slice::<Compared>(&line)
            {
                counts.sampled += 1;
                counts.add(&compared);
                before.insert(compared.key);
            } else if !line.is_empty() {
                ends_in_line = false;
            }
        }
        if !ends_in_line {
            file.write_all(b"\n").map_err(failed)?;
        }
        let (firsts, counts) = (Mutex::default(), Mutex::new(counts));
        Ok(Self { terms, file: Mutex::new(file), before, firsts, counts })
    }

    /// Whether a call is in the sample: drawn by seed and key, so that no worker can tell and each run draws the same.
    fn is_sampled(&self, key: &CallKey) -> bool {
        let drawn = Digest::seed(format!("audit {} {key}", self.terms.seed).as_bytes());
        // 53 bits are what a double holds.
        let drawn = (drawn >> 11) as f64 / (1_u64 << 53) as f64;
        drawn < self.terms.share
    }

    /// Takes note of the result that is being recorded; says whether another worker is to be asked.
    pub(crate) fn first(&self, key: &CallKey, worker: &str, end: &OutcomeEnd) -> bool {
        let OutcomeEnd::Replied { reply, request, .. } = end else { return false };
        if !self.is_sampled(key) || self.before.contains(key) {
            return false;
        }
        held(&self.counts).sampled += 1;
        let request = request.as_ref().map(|body| Digest::of(body.get().as_bytes()));
        let first = First { worker: worker.to_owned(), request, text: reply.text.clone() };
        held(&self.firsts).insert(key.clone(), first);
        true
    }

    /// Compares with what another worker brought, and keeps what comes of it.
    pub(crate) fn second(&self, key: &CallKey, worker: &str, end: &OutcomeEnd, notify: &Notifier) {
        let Some(first) = held(&self.firsts).remove(key) else { return };
        let compared = compare(key, &first, worker, end);
        held(&self.counts).add(&compared);
        if compared.requests == Likeness::Different {
            notify(&format!(
                "audit: workers {} and {worker} sent different requests for call {key}",
                first.worker
            ));
        }
        let mut line = encoded(&compared);
        line.push(b'\n');
        if let Err(error) = held(&self.file).write_all(&line) {
            notify(&format!("audit: {}: {error}", self.terms.file.display()));
        }
    }

    /// What the audits come to, in words.
    pub(crate) fn told(&self) -> String {
        let Counts { sampled, compared, other_replies, other_requests, failed, tokens } =
            *held(&self.counts);
        let alike = compared - other_replies;
        let share = if compared > 0 {
            format!(" ({:.1} %)", 100.0 * alike as f64 / compared as f64)
        } else {
            String::new()
        };
        let missing = sampled.saturating_sub(compared + failed);
        format!(
            "audit: {sampled} calls drawn, {compared} asked again of a second worker and compared ({tokens} tokens, paid on top), \
             {failed} without a second reply, {missing} not asked again; replies identical in {alike} of {compared}{share}, \
             requests different in {other_requests}. A model that draws lots differs from itself; its requests must not. See {}",
            self.terms.file.display()
        )
    }
}

fn compare(key: &CallKey, first: &First, worker: &str, end: &OutcomeEnd) -> Compared {
    let mut compared = Compared {
        v: FORMAT,
        at: Timestamp::now(),
        key: key.clone(),
        first: first.worker.clone(),
        second: worker.to_owned(),
        requests: Likeness::Unknown,
        replies: Likeness::Unknown,
        text: None,
        tokens: None,
        failed: None,
    };
    match end {
        OutcomeEnd::Replied { reply, request, .. } => {
            let request = request.as_ref().map(|body| Digest::of(body.get().as_bytes()));
            compared.requests = match (&first.request, &request) {
                (Some(one), Some(other)) => likeness(one == other),
                (None, None) => Likeness::Unknown,
                (Some(_), None) | (None, Some(_)) => Likeness::Different,
            };
            compared.replies = likeness(first.text == reply.text);
            compared.text = (compared.replies == Likeness::Different).then(|| reply.text.clone());
            compared.tokens = reply.usage.map(|usage| usage.prompt_tokens + usage.reply_tokens);
        }
        OutcomeEnd::Failed { message, .. } => compared.failed = Some(message.clone()),
    }
    compared
}

fn likeness(same: bool) -> Likeness {
    if same { Likeness::Same } else { Likeness::Different }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;
    use std::sync::Arc;
    use trustmh_core::call::{Finish, Reply, Usage};
    use trustmh_model::error::RemoteFault;

    fn key(number: u32) -> CallKey {
        serde_json::from_value(format!("{number:064x}").into()).expect("a key")
    }

    fn replied(request: &str, text: &str) -> OutcomeEnd {
        let usage = Some(Usage { prompt_tokens: 5, reply_tokens: 2 });
        let reply = Reply::new(text.to_owned(), Finish::Stop, usage);
        let request = RawValue::from_string(request.to_owned()).ok();
        OutcomeEnd::Replied { reply, request, response: None }
    }

    fn audit(file: PathBuf, share: f64) -> Audit {
        Audit::open(Auditing { share, seed: 3, file }).expect("a file that can be written")
    }

    #[test]
    fn comparisons_are_kept_counted_and_not_made_again() {
        let folder = std::env::temp_dir().join(format!("audit-{}", uuid::Uuid::now_v7()));
        let notify: Notifier = Arc::new(|_: &str| {});
        let first_session = audit(folder.clone(), 1.0);
        for number in 1..=4 {
            assert!(first_session.first(&key(number), "one", &replied("{}", "A")));
        }
        first_session.second(&key(1), "two", &replied("{}", "A"), &notify);
        first_session.second(&key(2), "two", &replied("{}", "B"), &notify);
        first_session.second(&key(3), "two", &replied("{\"a\":1}", "A"), &notify);
        let failed = OutcomeEnd::Failed { fault: RemoteFault::Transient, message: "no".to_owned() };
        first_session.second(&key(4), "two", &failed, &notify);
        // What was never drawn is compared with nothing.
        first_session.second(&key(5), "two", &replied("{}", "A"), &notify);
        let expected = Counts {
            sampled: 4,
            compared: 3,
            other_replies: 1,
            other_requests: 1,
            failed: 1,
            tokens: 21,
        };
        assert_eq!(*held(&first_session.counts), expected);
        drop(first_session);
        let second_session = audit(folder.clone(), 1.0);
        assert_eq!(*held(&second_session.counts), expected);
        assert!(!second_session.first(&key(1), "one", &replied("{}", "A")));
        let told = second_session.told();
        assert!(told.contains("replies identical in 2 of 3 (66.7 %)"), "{told}");
        let _ = std::fs::remove_file(folder);
    }

    #[test]
    fn the_sample_is_drawn_by_seed_and_key() {
        let folder = std::env::temp_dir().join(format!("audit-{}", uuid::Uuid::now_v7()));
        let (one, same) = (audit(folder.clone(), 0.1), audit(folder.clone(), 0.1));
        let drawn: Vec<u32> = (0..10_000).filter(|number| one.is_sampled(&key(*number))).collect();
        assert!((800..1_200).contains(&drawn.len()), "{} of 10,000 at a tenth", drawn.len());
        assert!(drawn.iter().all(|number| same.is_sampled(&key(*number))));
        let other = Audit {
            terms: Auditing { seed: 4, ..one.terms.clone() },
            ..audit(folder.clone(), 0.1)
        };
        assert!(drawn.iter().any(|number| !other.is_sampled(&key(*number))));
        let _ = std::fs::remove_file(folder);
    }
}
