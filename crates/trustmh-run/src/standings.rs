//! Several runs in order, how far that order would move, and which of them are told apart.

use std::collections::BTreeMap;

use trustmh_bench::benchmark::Benchmark;
use trustmh_bench::estimate::standing::{Ranking, ranking};
use trustmh_core::comparison::{
    Comparison, LeftOut, RankRange, Standing, StandingRow, Standings, SumStanding, Verdict,
};
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::TaskResult;
use trustmh_core::scores::Scores;
use trustmh_core::unlike::Unlike;
use trustmh_stats::ranks::RankDraws;

use crate::comparability::{alike, differences};
use crate::compare::{basis, named};
use crate::error::RunError;
use crate::score::ScoredRun;

/// `runs` in order by task, pillar and over all. `comparisons`, which hold every pair in the order of
/// [`crate::compare::compare`], say who is told apart.
///
/// A task ranks the largest group of runs that are alike in it; the others are named with what differs. Sums of ranks are over
/// tasks in which all runs are ranked.
///
/// # Errors
/// [`RunError::Bench`] for a task the benchmark no longer has.
pub fn standings(
    benchmark: &Benchmark,
    runs: &[ScoredRun],
    comparisons: &[Comparison],
) -> Result<Standings, RunError> {
    let mut tasks = BTreeMap::new();
    let mut draws: BTreeMap<Pillar, Vec<(String, RankDraws)>> = BTreeMap::new();
    let Some(first) = runs.first() else { return Ok(Standings::default()) };
    for (number, id) in (1_u64..).zip(first.scores.keys()) {
        if runs.iter().any(|run| !run.scores.contains_key(id)) {
            continue;
        }
        let groups = alike(runs, |_, run| run.terms.get(id).map(|terms| vec![terms]));
        let Some(places) = groups.into_iter().next().filter(|places| places.len() > 1) else {
            continue;
        };
        let ranked: Vec<&ScoredRun> = places.iter().filter_map(|place| runs.get(*place)).collect();
        let Some((best, mut basis)) =
            ranked.first().and_then(|best| Some((*best, basis(best, id)?)))
        else {
            continue;
        };
        // Tasks of as many items must not be resampled alike, or their ranks would move together.
        basis.seed ^= number.rotate_left(32);
        let task = best.benchmark(benchmark).task(id)?;
        let tables: Vec<&Scores> = ranked.iter().filter_map(|run| run.scores.get(id)).collect();
        let results: Vec<&TaskResult> =
            ranked.iter().filter_map(|run| run.scorecard.tasks.get(id)).collect();
        let Some(found) = ranking(task, &tables, &results, &basis) else { continue };
        let among = |place: usize| places.iter().position(|ranked| *ranked == place);
        let told_apart: Vec<(usize, usize)> = pairs(runs.len())
            .zip(comparisons)
            .filter(|(_, pair)| is_told_apart(pair, id, &found.metric))
            .filter_map(|((one, two), _)| among(one).zip(among(two)))
            .collect();
        let mut standing = standing(&ranked, &found, &told_apart);
        standing.left_out = left_out(runs, &places, best, id);
        tasks.insert(id.clone(), standing);
        if places.len() == runs.len() {
            draws.entry(id.pillar()).or_default().push((id.to_string(), found.draws));
        }
    }
    let pillars: BTreeMap<Pillar, (SumStanding, RankDraws)> =
        draws.iter().filter_map(|(pillar, parts)| Some((*pillar, summed(parts)?))).collect();
    let of_pillars: Vec<(String, RankDraws)> = pillars
        .iter()
        .map(|(pillar, (_, draws))| (pillar.slug().to_owned(), draws.clone()))
        .collect();
    let overall = if of_pillars.len() > 1 { summed(&of_pillars) } else { None };
    Ok(Standings {
        tasks,
        pillars: pillars.into_iter().map(|(pillar, (standing, _))| (pillar, standing)).collect(),
        overall: overall.map(|(standing, _)| standing),
    })
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

fn summed(parts: &[(String, RankDraws)]) -> Option<(SumStanding, RankDraws)> {
    let draws = RankDraws::of_sums(&parts.iter().map(|(_, draws)| draws).collect::<Vec<_>>())?;
    let of = parts.iter().map(|(name, _)| name.clone()).collect();
    Some((SumStanding { of, ranks: draws.ranges() }, draws))
}

/// The places of every pair, in the order of [`crate::compare::compare`].
fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |one| (one + 1..count).map(move |two| (one, two)))
}

fn is_told_apart(pair: &Comparison, task: &TaskId, metric: &MetricName) -> bool {
    let found = pair.tasks.get(task).and_then(|task| task.metrics.get(metric));
    found.is_some_and(|found| matches!(found.verdict, Verdict::Better | Verdict::Worse))
}

fn standing(runs: &[&ScoredRun], found: &Ranking, told_apart: &[(usize, usize)]) -> Standing {
    let ranges: Vec<RankRange> = found.draws.ranges();
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by_key(|place| ranges.get(*place).map_or(u64::MAX, |range| range.rank));
    let shown_at = |place: usize| order.iter().position(|other| *other == place);
    let apart = |place: usize| {
        let others = told_apart.iter().filter_map(|(one, two)| match place {
            place if place == *one => Some(*two),
            place if place == *two => Some(*one),
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
        metric: found.metric.clone(),
        by: found.by,
        shared: found.shared,
        pairs: pairs(runs.len()).count() as u64,
        separated: told_apart.len() as u64,
        rows: rows.collect(),
        left_out: Vec::new(),
    }
}
