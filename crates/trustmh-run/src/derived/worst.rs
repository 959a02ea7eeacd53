//! The replies at the bad end of each task, for whoever wants to read what a number is made of.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use trustmh_core::call::Purpose;
use trustmh_core::id::TaskId;
use trustmh_core::item::Side;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::conversation::Talk;
use trustmh_engine::estimate::at_bad_end;
use trustmh_engine::walk::Walk;

use crate::derived::score::ScoredRun;
use crate::error::RunError;
use crate::journal::{Recorded, TrialRecord};

/// Replies at the bad end of one task's measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Worst {
    /// The title of the metric that is made of the measure.
    pub measure: String,
    /// Trials that are no better than the last one shown.
    pub as_bad: u64,
    /// The trials, the worst first.
    pub trials: Vec<WorstTrial>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub struct WorstTrial {
    /// Its name.
    pub trial: String,
    /// The value of the measure.
    pub value: f64,
    /// The last words the subject was asked, whole; of a conversation all that was said before its last reply.
    pub asked: String,
    /// Its reply, whole.
    pub reply: String,
}

/// At most `count` replies a task. Tasks without a measure of single trials, and trials at the good end, are left out.
///
/// # Errors
/// [`RunError`] if the journal can no longer be read, or a task is unknown.
pub fn worst(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    count: usize,
) -> Result<BTreeMap<TaskId, Worst>, RunError> {
    let benchmark = scored.benchmark(benchmark);
    let mut found = BTreeMap::new();
    for (id, scores) in &scored.scores {
        let task = benchmark.task(id)?;
        let Some(bad) = at_bad_end(task, scores, scored.scorecard.protocol) else { continue };
        let mut values = bad.values;
        values.sort_by(|(one, a), (other, b)| {
            bad.towards_bad.compare(*a, *b).then_with(|| one.cmp(other))
        });
        let shown = values.get(..count.min(values.len())).unwrap_or_default();
        let Some((_, last)) = shown.last() else { continue };
        let as_bad = values
            .iter()
            .filter(|(_, value)| bad.towards_bad.compare(*value, *last) != Ordering::Greater);
        let as_bad = as_bad.count() as u64;
        let mut trials = Vec::new();
        for (trial, value) in shown {
            let name = format!("{id}:{trial}");
            match scored.trials.find(&name)? {
                Some(TrialRecord::Whole(recorded)) => {
                    let walk = scored.walk(benchmark, id)?;
                    trials.push(shown_trial(&walk, name, *value, &recorded));
                }
                Some(TrialRecord::Forgotten(_)) => {
                    let gone = || "(forgotten)".to_owned();
                    let (asked, reply) = (gone(), gone());
                    trials.push(WorstTrial { trial: name, value: *value, asked, reply });
                }
                None => {}
            }
        }
        found.insert(id.clone(), Worst { measure: bad.title, as_bad, trials });
    }
    Ok(found)
}

fn shown_trial(walk: &Walk<'_>, trial: String, value: f64, recorded: &Recorded) -> WorstTrial {
    if let Some(talk) = walk.talk(&recorded.trial, &recorded.exchanges) {
        let (asked, reply) = turns(&talk);
        return WorstTrial { trial, value, asked, reply };
    }
    let subject = |purpose: &Purpose| matches!(purpose, Purpose::Subject { .. });
    let last = recorded.exchanges.iter().rev().find(|exchange| subject(&exchange.purpose));
    let reply = last.and_then(|exchange| exchange.text()).unwrap_or("(no reply)").to_owned();
    let asked = recorded.trial.messages.last().map_or("", |message| &message.content);
    WorstTrial { trial, value, asked: asked.to_owned(), reply }
}

/// All that was said up to the subject's last words, each turn with whose it is, and these.
fn turns(talk: &Talk<'_>) -> (String, String) {
    let last = talk.said.iter().rposition(|said| said.side == Side::Subject);
    let before = talk.said.get(..last.unwrap_or(talk.said.len())).unwrap_or_default();
    let asked = before.iter().map(|said| {
        let who = match said.side {
            Side::Client => "Client",
            Side::Subject => "Reply",
        };
        format!("{who}: {}", said.text)
    });
    let reply = talk.last_reply().unwrap_or("(no reply)").to_owned();
    (asked.collect::<Vec<_>>().join("\n\n"), reply)
}
