//! Several runs in order, which of them are told apart, and the ranks that this leaves open.

use std::collections::BTreeMap;

use trustmh_core::comparison::{
    Comparison, LeftOut, RankRange, Standing, StandingRow, Standings, SumStanding, Verdict,
};
use trustmh_core::id::{MetricName, SuiteId, TaskId};
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::TaskResult;
use trustmh_core::scores::Scores;
use trustmh_core::unlike::Unlike;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::estimate::standing::{Ranking, ranking};
use trustmh_stats::ranks::{Apart, RankSets, confidence_sets, confidence_sets_of_sums, ranks};

use crate::derived::score::ScoredRun;
use crate::error::RunError;
use crate::several::comparability::{alike, differences};
use crate::several::compare::{basis, named, weakest};

/// `runs` in order by task, pillar and over all. `comparisons`, which hold every pair in the order of
/// [`crate::several::compare::compare`], say who is told apart.
///
/// A task ranks the largest group of runs that are alike in it; the others are named with what differs. Sums of ranks are over
/// tasks of the benchmark itself in which all runs are ranked: other suites and the user's own tasks are ranked task by task alone.
///
/// # Errors
/// [`RunError::Engine`] for a task the benchmark no longer has.
pub fn standings(
    benchmark: &Benchmark,
    runs: &[ScoredRun],
    comparisons: &[Comparison],
) -> Result<Standings, RunError> {
    let mut tasks = BTreeMap::new();
    let mut sets: BTreeMap<Pillar, Ranked> = BTreeMap::new();
    let Some(first) = runs.first() else { return Ok(Standings::default()) };
    for id in first.scores.keys() {
        if runs.iter().any(|run| !run.scores.contains_key(id)) {
            continue;
        }
        let groups = alike(runs, |_, run| run.terms.get(id).map(|terms| vec![terms]));
        let Some(places) = groups.into_iter().next().filter(|places| places.len() > 1) else {
            continue;
        };
        let ranked: Vec<&ScoredRun> = places.iter().filter_map(|place| runs.get(*place)).collect();
        let Some((best, basis)) = ranked.first().and_then(|best| Some((*best, basis(best, id)?)))
        else {
            continue;
        };
        let task = best.benchmark(benchmark).task(id)?;
        let tables: Vec<&Scores> = ranked.iter().filter_map(|run| run.scores.get(id)).collect();
        let results: Vec<&TaskResult> =
            ranked.iter().filter_map(|run| run.scorecard.tasks.get(id)).collect();
        let Some(found) = ranking(task, &tables, &results, &basis) else { continue };
        let among = |place: usize| places.iter().position(|ranked| *ranked == place);
        let apart: Vec<Apart> = pairs(runs.len())
            .zip(comparisons)
            .filter_map(|((one, two), pair)| {
                told_apart((among(one)?, among(two)?), pair, id, &found.metric)
            })
            .collect();
        let of_task = confidence_sets(&ranks(&found.values, found.direction), apart.clone());
        let mut standing = standing(&ranked, &found, &of_task.ranges, &apart);
        standing.suite = task.suite.clone();
        standing.validity = weakest(ranked.iter().copied(), id, &found.metric);
        standing.left_out = left_out(runs, &places, best, id);
        tasks.insert(id.clone(), standing);
        let enters = ranked.iter().all(|run| run.scorecard.enters_pillars(id));
        if enters && places.len() == runs.len() {
            sets.entry(id.pillar()).or_default().add(id.to_string(), of_task);
        }
    }
    let pillars: BTreeMap<Pillar, (SumStanding, RankSets)> =
        sets.into_iter().filter_map(|(pillar, ranked)| Some((pillar, ranked.summed()?))).collect();
    let mut of_pillars = Ranked::default();
    for (pillar, (_, sets)) in &pillars {
        of_pillars.add(pillar.slug().to_owned(), sets.clone());
    }
    let overall = if pillars.len() > 1 { of_pillars.summed() } else { None };
    Ok(Standings {
        tasks,
        pillars: pillars.into_iter().map(|(pillar, (standing, _))| (pillar, standing)).collect(),
        overall: overall.map(|(standing, _)| standing),
    })
}

/// Ranks to be summed, and what they are of.
#[derive(Default)]
struct Ranked {
    of: Vec<String>,
    sets: Vec<RankSets>,
}

impl Ranked {
    fn add(&mut self, name: String, sets: RankSets) {
        self.of.push(name);
        self.sets.push(sets);
    }

    fn summed(self) -> Option<(SumStanding, RankSets)> {
        let sets = confidence_sets_of_sums(&self.sets.iter().collect::<Vec<_>>())?;
        Some((SumStanding { ranks: sets.ranges.clone(), of: self.of }, sets))
    }
}

/// The runs that are not at `places`, and how they differ from `ranked`, which is.
fn left_out(runs: &[ScoredRun], places: &[usize], ranked: &ScoredRun, id: &TaskId) -> Vec<LeftOut> {
    let others = runs.iter().enumerate().filter(|(place, _)| !places.contains(place));
    others
        .map(|(_, run)| {
            let mut differs = differences(ranked, run, id);
            differs.retain(Unlike::forbids);
            LeftOut { run: named(run), differs }
        })
        .collect()
}

/// The places of every pair, in the order of [`crate::several::compare::compare`].
fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |one| (one + 1..count).map(move |two| (one, two)))
}

/// Who of a pair is found better, if anybody is.
fn told_apart(
    (first, second): (usize, usize),
    pair: &Comparison,
    task: &TaskId,
    metric: &MetricName,
) -> Option<Apart> {
    match pair.tasks.get(task)?.metrics.get(metric)?.verdict {
        Verdict::Better => Some(Apart { better: second, worse: first }),
        Verdict::Worse => Some(Apart { better: first, worse: second }),
        Verdict::NotSeparated | Verdict::Untested => None,
    }
}

fn standing(
    runs: &[&ScoredRun],
    found: &Ranking,
    ranges: &[RankRange],
    told_apart: &[Apart],
) -> Standing {
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by_key(|place| ranges.get(*place).map_or(u64::MAX, |range| range.rank));
    let shown_at = |place: usize| order.iter().position(|other| *other == place);
    let apart = |place: usize| {
        let others = told_apart.iter().filter_map(|pair| match place {
            place if place == pair.better => Some(pair.worse),
            place if place == pair.worse => Some(pair.better),
            _ => None,
        });
        let mut shown: Vec<u64> =
            others.filter_map(shown_at).map(|place| place as u64 + 1).collect();
        shown.sort_unstable();
        shown
    };
    let rows = order.iter().filter_map(|place| {
        Some(StandingRow {
            run: named(runs.get(*place)?),
            value: *found.values.get(*place)?,
            rank: *ranges.get(*place)?,
            told_apart_from: apart(*place),
        })
    });
    Standing {
        suite: SuiteId::trustmh_bench(),
        metric: found.metric.clone(),
        by: found.by,
        shared: found.shared,
        pairs: pairs(runs.len()).count() as u64,
        separated: told_apart.len() as u64,
        rows: rows.collect(),
        validity: None,
        left_out: Vec::new(),
    }
}
