//! The matrix, from scorecards, comparisons and standings.

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::comparison::{Comparison, Standings, Verdict};
use trustmh_core::given_name::GivenName;
use trustmh_core::id::{MetricName, SuiteId, TaskId};
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{MetricEstimate, PillarScore, Scorecard, TaskResult};
use trustmh_core::suite::by_suite;
use trustmh_core::validity::Validity;

use super::changes::{changes, pairs};
use super::notes::notes;
use super::{Cell, Column, Group, Matrix, Number, Of, PillarCell, Place, Published, Row, Scale};
use crate::comparison::Shown;

/// What a matrix is made of. Lists of runs have the order of `cards`.
#[derive(Debug)]
pub struct Given<'r> {
    /// The scorecards.
    pub cards: Vec<&'r Scorecard>,
    /// What must be known of each run besides.
    pub caveats: Vec<Vec<String>>,
    /// Every pair: each run with all after it.
    pub comparisons: &'r [Comparison],
    /// Who is ranked where.
    pub standings: &'r Standings,
    /// By task the places of runs whose numbers may stand beside each other, the largest group first.
    pub alike: &'r BTreeMap<TaskId, Vec<Vec<usize>>>,
    /// Pillar scores of the runs that have a place among the others.
    pub pillars: BTreeMap<Pillar, Vec<Option<PillarScore>>>,
    /// Which metrics are shown.
    pub metrics: Shown,
    /// What becomes of values that may not stand beside the others.
    pub unlike: UnlikeValues,
    /// What is published, where it is shown beside the runs.
    pub published: Option<Published>,
    /// What must be read besides, in whole sentences.
    pub notes: Vec<String>,
}

/// What becomes of values that may not stand beside those of other runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlikeValues {
    /// They are not shown.
    Withheld,
    /// They are shown, and marked.
    Marked,
}

/// The matrix of `given`.
pub fn matrix(given: Given<'_>) -> Matrix {
    let rows = rows(&given);
    let found = Matrix {
        columns: columns(&given.cards),
        groups: groups(&given, rows),
        overall: given.standings.overall.as_ref().map(|sum| sum.ranks.clone()),
        changes: changes(&given),
        pairs: pairs(&given),
        published: given.published.clone(),
        notes: Vec::new(),
        missing: Vec::new(),
    };
    Matrix { notes: notes(&given, &found), ..found }
}

fn columns(cards: &[&Scorecard]) -> Vec<Column> {
    let column = |(place, card): (usize, &&Scorecard)| Column {
        sign: sign(place),
        name: card.name.as_ref().map_or_else(|| card.subject.to_string(), GivenName::to_string),
        model: card.name.is_some().then(|| card.subject.to_string()),
        run: card.run.clone(),
        judge: card.judge.title().to_owned(),
        protocol: card.protocol,
        record: card.record.note.clone(),
    };
    cards.iter().enumerate().map(column).collect()
}

/// By what a run is named where room is short: `A` to `Z`, then `A2`, `B2`, …
pub fn sign(place: usize) -> String {
    let letter = (b'A'..=b'Z').nth(place % 26).map_or('?', char::from);
    match place / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{}", round + 1),
    }
}

/// All rows, in the order of tasks, the metric that a task is ranked by first.
fn rows(given: &Given<'_>) -> Vec<Row> {
    let tasks: BTreeSet<&TaskId> = given.cards.iter().flat_map(|card| card.tasks.keys()).collect();
    tasks.into_iter().flat_map(|id| rows_of(given, id)).collect()
}

fn rows_of(given: &Given<'_>, id: &TaskId) -> Vec<Row> {
    let results: Vec<Option<&TaskResult>> =
        given.cards.iter().map(|card| card.tasks.get(id)).collect();
    let Some(first) = results.iter().flatten().next() else { return Vec::new() };
    let mut metrics: BTreeMap<&MetricName, &MetricEstimate> = BTreeMap::new();
    for result in results.iter().flatten() {
        for (name, metric) in &result.metrics {
            if metric.primary || given.metrics == Shown::All {
                metrics.entry(name).or_insert(metric);
            }
        }
    }
    let mut metrics: Vec<(&MetricName, &MetricEstimate)> = metrics.into_iter().collect();
    metrics.sort_by_key(|(_, metric)| !metric.primary);
    if metrics.is_empty() {
        return vec![without_number(id, first, &results)];
    }
    let row = |(name, metric): (&MetricName, &MetricEstimate)| {
        let found = results.iter().flatten().filter_map(|result| result.metrics.get(name));
        Row {
            task: id.clone(),
            title: first.title.clone(),
            suite: first.suite.clone(),
            metric: name.clone(),
            metric_title: metric.title.clone(),
            primary: metric.primary,
            scale: Some(Scale {
                direction: metric.direction,
                range: metric.range,
                anchors: metric.anchors(),
            }),
            validity: found.filter_map(|metric| metric.validity.clone()).reduce(Validity::weaker),
            cells: cells(given, id, name, &results),
        }
    };
    metrics.into_iter().map(row).collect()
}

/// The row of a task of which no run has a number: that it has none must be seen.
fn without_number(id: &TaskId, first: &TaskResult, results: &[Option<&TaskResult>]) -> Row {
    let cell = |result: &Option<&TaskResult>| match result {
        None => Cell::NotAsked,
        Some(result) => {
            let why = result.not_scored.values().next().cloned();
            Cell::NotScored(why.unwrap_or_else(|| "nothing was measured".to_owned()))
        }
    };
    let name = first.not_scored.keys().next();
    Row {
        task: id.clone(),
        title: first.title.clone(),
        suite: first.suite.clone(),
        metric: name.cloned().unwrap_or_else(|| MetricName::new("none")),
        metric_title: "no number".to_owned(),
        primary: false,
        scale: None,
        validity: None,
        cells: results.iter().map(cell).collect(),
    }
}

fn cells(
    given: &Given<'_>,
    id: &TaskId,
    name: &MetricName,
    results: &[Option<&TaskResult>],
) -> Vec<Cell> {
    let mut cells: Vec<Cell> = results
        .iter()
        .enumerate()
        .map(|(column, result)| match result {
            None => Cell::NotAsked,
            Some(result) => match result.metrics.get(name) {
                None => Cell::NotScored(why_none(result, name)),
                Some(metric) => number(given, id, name, column, result, metric),
            },
        })
        .collect();
    let beside = |column: usize| -> Vec<usize> {
        let group = group_of(given, id, column);
        let others = group.iter().filter(|other| **other != column);
        let has_number = |other: &&usize| {
            results.get(**other).copied().flatten().is_some_and(|r| r.metrics.contains_key(name))
        };
        others.filter(has_number).copied().collect()
    };
    for (column, cell) in cells.iter_mut().enumerate() {
        let Cell::Number(number) = cell else { continue };
        let others = beside(column);
        if !others.is_empty() && others.iter().all(|other| number.better_than.contains(other)) {
            number.place = Place::AheadOfAll;
        }
    }
    cells
}

fn why_none(result: &TaskResult, name: &MetricName) -> String {
    let why = result.not_scored.get(name).cloned();
    why.unwrap_or_else(|| "the run has no such metric".to_owned())
}

fn number(
    given: &Given<'_>,
    id: &TaskId,
    name: &MetricName,
    column: usize,
    result: &TaskResult,
    metric: &MetricEstimate,
) -> Cell {
    let unlike = unlike(given, id, column);
    if !unlike.is_empty() && given.unlike == UnlikeValues::Withheld {
        return Cell::Withheld(unlike);
    }
    let (better_than, worse_than) = told_apart(given, id, name, column);
    let places = given.published.as_ref().and_then(|published| published.places.get(id));
    Cell::Number(Box::new(Number {
        estimate: metric.estimate(),
        pending: result.pending,
        // Those that are pending are counted as missing there, and by themselves here.
        missing: metric
            .coverage
            .map_or(0, |coverage| coverage.missing.saturating_sub(result.pending)),
        rank: rank(given, id, name, column),
        better_than,
        worse_than,
        place: Place::Among,
        unlike,
        among_published: places.and_then(|places| *places.get(column)?).filter(|_| metric.primary),
    }))
}

/// The runs that a run may be compared with on the task, itself among them.
fn group_of<'r>(given: &Given<'r>, id: &TaskId, column: usize) -> &'r [usize] {
    let groups = given.alike.get(id).map_or(&[][..], Vec::as_slice);
    groups.iter().find(|group| group.contains(&column)).map_or(&[], Vec::as_slice)
}

/// How the run differs from those of the largest group; nothing where it is one of them. Where no two runs are alike, each differs
/// from the next.
fn unlike(given: &Given<'_>, id: &TaskId, column: usize) -> Vec<String> {
    let Some(largest) = given.alike.get(id).and_then(|groups| groups.first()) else {
        return Vec::new();
    };
    let others = given.alike.get(id).into_iter().flatten().flatten();
    let like = match (largest.contains(&column), largest.len()) {
        (true, 2..) => None,
        (true, _) => others.copied().find(|other| *other != column),
        (false, _) => largest.first().copied(),
    };
    let Some(like) = like else { return Vec::new() };
    let Some((pair, _)) = pair_of(given, column, like) else { return Vec::new() };
    let forbidding = pair.tasks.get(id).into_iter().flat_map(|task| task.forbidding());
    forbidding.map(|unlike| unlike.what.title().to_owned()).collect()
}

/// Which of two runs a comparison has first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    First,
    Second,
}

/// The comparison of two columns, and which of its runs the first column is.
fn pair_of<'r>(given: &Given<'r>, column: usize, other: usize) -> Option<(&'r Comparison, Side)> {
    let side = if column < other { Side::First } else { Side::Second };
    let wanted = (column.min(other), column.max(other));
    let mut of_pairs = pair_places(given.cards.len()).zip(given.comparisons);
    of_pairs.find(|(places, _)| *places == wanted).map(|(_, pair)| (pair, side))
}

/// The places of every pair, in the order of comparisons.
pub(super) fn pair_places(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |one| (one + 1..count).map(move |two| (one, two)))
}

/// The columns that a run is found better than, and those it is found worse than.
fn told_apart(
    given: &Given<'_>,
    id: &TaskId,
    name: &MetricName,
    column: usize,
) -> (Vec<usize>, Vec<usize>) {
    let (mut better, mut worse) = (Vec::new(), Vec::new());
    for other in (0..given.cards.len()).filter(|other| *other != column) {
        let Some((pair, side)) = pair_of(given, column, other) else { continue };
        let found = pair.tasks.get(id).and_then(|task| task.metrics.get(name));
        // A verdict speaks of the second run.
        match (found.map(|found| found.verdict), side) {
            (Some(Verdict::Better), Side::Second) | (Some(Verdict::Worse), Side::First) => {
                better.push(other);
            }
            (Some(Verdict::Worse), Side::Second) | (Some(Verdict::Better), Side::First) => {
                worse.push(other);
            }
            (Some(Verdict::NotSeparated | Verdict::Untested) | None, _) => {}
        }
    }
    (better, worse)
}

fn rank(
    given: &Given<'_>,
    id: &TaskId,
    name: &MetricName,
    column: usize,
) -> Option<trustmh_core::comparison::RankRange> {
    let standing = given.standings.tasks.get(id).filter(|standing| standing.metric == *name)?;
    let card = given.cards.get(column)?;
    let row = standing.rows.iter().find(|row| row.run.run == card.run)?;
    Some(row.rank)
}

/// The benchmark's rows by pillar, then those of each other suite.
fn groups(given: &Given<'_>, rows: Vec<Row>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let suites: Vec<(SuiteId, Row)> =
        rows.into_iter().map(|row| (row.suite.clone(), row)).collect();
    for (suite, rows) in by_suite(suites.iter().map(|(suite, row)| (suite, row))) {
        for row in rows {
            let of = match suite.is_trustmh_bench() {
                true => of_pillar(given, row.task.pillar()),
                false => Of::Suite(suite.clone()),
            };
            match groups.last_mut().filter(|group| group.of == of) {
                Some(group) => group.rows.push(row.clone()),
                None => groups.push(Group { of, rows: vec![row.clone()] }),
            }
        }
    }
    groups
}

fn of_pillar(given: &Given<'_>, pillar: Pillar) -> Of {
    let ranks = given.standings.pillars.get(&pillar).map(|sum| &sum.ranks);
    let scores = given.pillars.get(&pillar);
    let standing = (0..given.cards.len()).map(|column| PillarCell {
        score: scores.and_then(|scores| scores.get(column)?.clone()),
        rank: ranks.and_then(|ranks| ranks.get(column).copied()),
    });
    Of::Pillar { pillar, standing: standing.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_signs_however_many_they_are() {
        assert_eq!([0, 1, 25, 26, 53].map(sign), ["A", "B", "Z", "A2", "B3"]);
        let places: Vec<(usize, usize)> = pair_places(3).collect();
        assert_eq!(places, [(0, 1), (0, 2), (1, 2)]);
    }
}
