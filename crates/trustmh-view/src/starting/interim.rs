//! What a run shows so far: counted from its journal, now and then, at a bounded cost.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{MetricEstimate, RecordState, TaskResult};
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::derived::score::score;

use crate::error::ViewError;
use crate::index::journal_length;

/// A journal is read again no more often than this,
const SELDOM: Duration = Duration::from_secs(3);
/// and not before so many times the time that reading it took has passed: at most a twentieth of a core goes into it.
const SHARE: u32 = 20;
/// So many reasons for failures are told.
const REASONS: usize = 5;

/// A run so far.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Interim {
    pub(crate) pillars: Vec<PillarRow>,
    /// Why calls broke, the most common first, and how many each.
    pub(crate) failures: Vec<(String, u64)>,
    pub(crate) ended: u64,
    pub(crate) planned: u64,
    pub(crate) state: RecordState,
}

/// The tasks of a pillar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PillarRow {
    pub(crate) pillar: Pillar,
    pub(crate) ended: u64,
    pub(crate) planned: u64,
    pub(crate) tasks: Vec<TaskRow>,
}

/// A task, and the metric it is ranked by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TaskRow {
    pub(crate) title: String,
    pub(crate) ended: u64,
    pub(crate) planned: u64,
    pub(crate) metric: Option<Figure>,
    /// Why there is no number though trials have ended.
    pub(crate) without: Option<String>,
}

/// A number with what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    pub(crate) title: String,
    pub(crate) value: f64,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    pub(crate) n: u64,
}

impl Figure {
    fn of(metric: &MetricEstimate) -> Self {
        let MetricEstimate { title, value, low, high, n, .. } = metric;
        Self { title: title.clone(), value: *value, low: *low, high: *high, n: *n }
    }
}

impl Interim {
    fn of(benchmark: &Benchmark, folder: &Path) -> Result<Self, ViewError> {
        let scored = score(benchmark, folder, None, None)?;
        let mut by_pillar: BTreeMap<Pillar, Vec<TaskRow>> = BTreeMap::new();
        for (id, result) in &scored.scorecard.tasks {
            by_pillar.entry(id.pillar()).or_default().push(row(result));
        }
        let sum = |tasks: &[TaskRow], of: fn(&TaskRow) -> u64| tasks.iter().map(of).sum::<u64>();
        let pillars: Vec<PillarRow> = by_pillar
            .into_iter()
            .map(|(pillar, tasks)| PillarRow {
                pillar,
                ended: sum(&tasks, |task| task.ended),
                planned: sum(&tasks, |task| task.planned),
                tasks,
            })
            .collect();
        let aside = scored.set_aside.iter();
        let mut failures: Vec<_> = aside.map(|(why, found)| (why.clone(), found.calls)).collect();
        failures.sort_by_key(|(_, calls)| std::cmp::Reverse(*calls));
        failures.truncate(REASONS);
        Ok(Self {
            ended: pillars.iter().map(|row| row.ended).sum(),
            planned: pillars.iter().map(|row| row.planned).sum(),
            state: scored.scorecard.record.state,
            pillars,
            failures,
        })
    }
}

fn row(result: &TaskResult) -> TaskRow {
    let reason = result.not_scored.values().next().filter(|_| result.n > 0);
    TaskRow {
        without: reason.cloned(),
        title: result.title.clone(),
        ended: result.n,
        planned: result.n + result.pending,
        metric: result.primary().map(|(_, metric)| Figure::of(metric)),
    }
}

/// How new a look has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// As its cost allows.
    Bounded,
    /// As the journal is: the run has ended.
    Exact,
}

/// The last look at each run.
#[derive(Default)]
pub(crate) struct Interims(Mutex<HashMap<PathBuf, Arc<Mutex<Option<Look>>>>>);

struct Look {
    at: Instant,
    took: Duration,
    /// Bytes of the journal.
    length: u64,
    found: Arc<Interim>,
}

impl Look {
    fn serves(&self, length: u64, freshness: Freshness) -> bool {
        let bounded = self.at.elapsed() < SELDOM.max(self.took * SHARE);
        self.length == length || (freshness == Freshness::Bounded && bounded)
    }
}

impl Interims {
    /// A run so far. Whoever asks while another look is taken waits for that one.
    pub(crate) fn of(
        &self,
        benchmark: &Benchmark,
        folder: &Path,
        freshness: Freshness,
    ) -> Result<Arc<Interim>, ViewError> {
        let own = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(folder.to_owned()).or_default())
        };
        let mut own = own.lock().unwrap_or_else(PoisonError::into_inner);
        let length = journal_length(folder);
        if let Some(look) = own.as_ref().filter(|look| look.serves(length, freshness)) {
            return Ok(Arc::clone(&look.found));
        }
        let begun = Instant::now();
        let found = Arc::new(Interim::of(benchmark, folder)?);
        let (at, took) = (Instant::now(), begun.elapsed());
        *own = Some(Look { at, took, length, found: Arc::clone(&found) });
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_serves_as_long_as_it_was_dear_unless_it_must_be_exact() {
        let found = Arc::new(Interim {
            pillars: Vec::new(),
            failures: Vec::new(),
            ended: 0,
            planned: 0,
            state: RecordState::Incomplete,
        });
        let look = |took| Look {
            at: Instant::now() - Duration::from_secs(10),
            took: Duration::from_millis(took),
            length: 7,
            found: Arc::clone(&found),
        };
        assert!(look(1).serves(7, Freshness::Exact), "nothing was written since");
        assert!(!look(1).serves(8, Freshness::Bounded));
        assert!(look(5_000).serves(8, Freshness::Bounded), "twenty times five seconds");
        assert!(!look(5_000).serves(8, Freshness::Exact));
    }
}
