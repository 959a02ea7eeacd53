//! Runs compared as `trustmh compare` does it, kept for whoever looks again.

use std::sync::{Arc, Mutex, PoisonError};

use trustmh_core::comparison::{Comparison, Standings};
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::metric::Anchors;
use trustmh_core::scorecard::{MetricEstimate, Scorecard};
use trustmh_core::validity::Demand;
use trustmh_run::derived::score::score;
use trustmh_run::several::compare::{ALPHA, UnlikeTasks, compare};
use trustmh_run::several::standings::standings;

use crate::error::ViewError;
use crate::index::journal_length;
use crate::viewer::Viewer;

/// So many comparisons are kept.
const KEPT: usize = 8;

/// Runs and what their comparison comes to.
pub(crate) struct Compared {
    pub(crate) runs: Vec<OfRun>,
    /// Every pair, each run with all after it.
    pub(crate) pairs: Vec<Comparison>,
    pub(crate) standings: Standings,
}

/// A run that is compared.
pub(crate) struct OfRun {
    pub(crate) name: String,
    pub(crate) card: Scorecard,
}

impl OfRun {
    pub(crate) fn metric(&self, task: &TaskId, name: &MetricName) -> Option<&MetricEstimate> {
        self.card.tasks.get(task)?.metrics.get(name)
    }
}

impl Compared {
    /// The comparison of the runs at these places, the first before the second.
    pub(crate) fn pair(&self, first: usize, second: usize) -> Option<&Comparison> {
        let count = self.runs.len();
        let mut all = (0..count).flat_map(|one| (one + 1..count).map(move |two| (one, two)));
        self.pairs.get(all.position(|pair| pair == (first, second))?)
    }

    /// The anchors of a metric, which both runs of a pair have in common.
    pub(crate) fn anchors(&self, task: &TaskId, name: &MetricName) -> Option<Anchors> {
        self.runs.iter().find_map(|run| run.metric(task, name))?.anchors()
    }
}

/// Comparisons by what was compared: the names of runs and how long their journals were.
#[derive(Default)]
pub(crate) struct Comparisons(Mutex<Vec<(Key, Arc<Compared>)>>);

type Key = Vec<(String, u64)>;

impl Viewer {
    /// The runs of these names, compared in this order.
    pub(crate) fn compared(&self, names: &[String]) -> Result<Arc<Compared>, ViewError> {
        let folders = self.runs.folders();
        let mut key = Vec::new();
        for name in names {
            let folder = folders.get(name);
            let folder = folder.ok_or_else(|| ViewError::Missing(format!("run {name}")))?;
            key.push((name.clone(), journal_length(folder)));
        }
        let known = |kept: &[(Key, Arc<Compared>)]| {
            kept.iter().find(|(other, _)| *other == key).map(|(_, found)| Arc::clone(found))
        };
        let Comparisons(kept) = &self.runs.comparisons;
        if let Some(found) = known(&kept.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(found);
        }
        let mut scored = Vec::new();
        for folder in names.iter().filter_map(|name| folders.get(name)) {
            let run = score(&self.benchmark, folder, None, None)?;
            scored.push(run.held_to(&self.benchmark, &self.cards, &Demand::USUAL)?);
        }
        let pairs = compare(&self.benchmark, &scored, ALPHA, UnlikeTasks::ShownAside)?;
        let standings = standings(&self.benchmark, &scored, &pairs)?;
        let runs = names.iter().zip(scored);
        let runs = runs.map(|(name, run)| OfRun { name: name.clone(), card: run.scorecard });
        let found = Arc::new(Compared { runs: runs.collect(), pairs, standings });
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((key, Arc::clone(&found)));
        Ok(found)
    }
}
