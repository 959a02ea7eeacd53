//! What changed from one run to the next: regressions first, in the order of what a change is worth on its metric's scale.

use std::cmp::Ordering;

use trustmh_core::comparison::{Comparison, Difference, TaskComparison, Verdict};
use trustmh_core::id::{MetricName, SuiteId, TaskId};
use trustmh_core::metric::Estimate;
use trustmh_core::scorecard::{MetricEstimate, Scorecard};

use super::build::{Given, pair_places};
use super::{NotCompared, Pair, Scale};
use crate::chart::turned;
use crate::comparison::{Shown, verdict};

/// All that two runs were compared on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Found worse, the most first.
    pub worse: Vec<Change>,
    /// Found better, the most first.
    pub better: Vec<Change>,
    /// Not told apart, or without a test; what moved most towards the worse first.
    pub open: Vec<Change>,
    /// Tasks that are not compared.
    pub not_compared: Vec<NotCompared>,
}

/// A metric of two runs on the trials that both scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The task.
    pub task: TaskId,
    /// Its suite.
    pub suite: SuiteId,
    /// Its title.
    pub title: String,
    /// The metric.
    pub metric: MetricName,
    /// The metric in words.
    pub metric_title: String,
    /// Whether the task is ranked by it.
    pub primary: bool,
    /// What its values are worth.
    pub scale: Option<Scale>,
    /// Its value in the first run.
    pub first: f64,
    /// Its value in the second.
    pub second: f64,
    /// Second less first, with its interval and the pairs behind it.
    pub difference: Estimate,
    /// By how many points of 100 the second is better on the scale from what is no better than knowing nothing to the best; below 0 it
    /// is worse. None where neither way is better.
    pub points: Option<f64>,
    /// The same as a share of the metric's whole range, which also tells changes apart where both runs are no better than knowing
    /// nothing.
    pub of_range: f64,
    /// Trials that one of the runs lacks a measure of.
    pub missing: u64,
    /// The test.
    pub test: &'static str,
    /// Its p value, corrected over all that was compared together.
    pub p: Option<f64>,
    /// What the numbers carry.
    pub verdict: Verdict,
    /// The same in words, with what must be said of the judge.
    pub said: String,
}

impl Changes {
    /// The whole in a few words.
    pub fn in_words(&self) -> String {
        let counts = [
            (self.worse.len(), "found worse"),
            (self.better.len(), "found better"),
            (self.open.len(), "not told apart"),
            (self.not_compared.len(), "not compared"),
        ];
        let said: Vec<String> =
            counts.iter().map(|(count, what)| format!("{count} {what}")).collect();
        format!(
            "From A to B, over all metrics shown: {}. Points say what a change is worth: of 100, from what is no better than knowing \
             nothing to the best; a change below that is worth 0.",
            said.join(", ")
        )
    }

    /// All that was compared, regressions first.
    pub fn all(&self) -> impl Iterator<Item = &Change> {
        self.worse.iter().chain(&self.better).chain(&self.open)
    }
}

impl Change {
    /// What it is worth, with its sign.
    pub(crate) fn points_in_words(&self) -> String {
        let signed = |points: f64| match format!("{points:.1}").as_str() {
            "0.0" | "-0.0" => "0.0".to_owned(),
            text if points > 0.0 => format!("+{text}"),
            text => text.to_owned(),
        };
        self.points.map_or_else(|| "none".to_owned(), signed)
    }
}

/// What changed, where there are two runs.
pub(super) fn changes(given: &Given<'_>) -> Option<Changes> {
    let ([_, _], [comparison]) = (given.cards.as_slice(), given.comparisons) else { return None };
    let mut changes = Changes::default();
    for found in of_comparison(given, comparison, (0, 1)) {
        match found {
            Err(not) => changes.not_compared.push(not),
            Ok(change) => match change.verdict {
                Verdict::Worse => changes.worse.push(change),
                Verdict::Better => changes.better.push(change),
                Verdict::NotSeparated | Verdict::Untested => changes.open.push(change),
            },
        }
    }
    changes.worse.sort_by(by_worth);
    changes.open.sort_by(by_worth);
    changes.better.sort_by(|one, other| by_worth(other, one));
    Some(changes)
}

/// The change for the worse first.
fn by_worth(one: &Change, other: &Change) -> Ordering {
    let worth = |change: &Change| change.points.unwrap_or(0.0);
    worth(one)
        .total_cmp(&worth(other))
        .then_with(|| one.of_range.total_cmp(&other.of_range))
        .then_with(|| one.task.cmp(&other.task))
}

/// Every pair of columns on every metric that is shown.
pub(super) fn pairs(given: &Given<'_>) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (columns, comparison) in pair_places(given.cards.len()).zip(given.comparisons) {
        let found = of_comparison(given, comparison, columns).into_iter();
        pairs.extend(found.map(|found| Pair { columns, found }));
    }
    pairs
}

fn of_comparison(
    given: &Given<'_>,
    comparison: &Comparison,
    columns: (usize, usize),
) -> Vec<Result<Change, NotCompared>> {
    let cards = [columns.0, columns.1].map(|column| given.cards.get(column).copied());
    let mut found = Vec::new();
    for (id, task) in &comparison.tasks {
        let shown =
            task.metrics.iter().filter(|(_, one)| one.primary || given.metrics == Shown::All);
        let changes: Vec<_> = shown
            .map(|(name, one)| Ok(change(id, task, name, one, scale(cards, id, name))))
            .collect();
        // A task whose main metric cannot be compared says so, whatever else can be.
        if changes.is_empty() || !task.metrics.values().any(|one| one.primary) {
            let mut tasks = cards.into_iter().flatten().filter_map(|card| card.tasks.get(id));
            let primary = tasks.find_map(|task| task.primary()).map(|(name, _)| name);
            found.push(Err(not_compared(id, task, primary)));
        }
        found.extend(changes);
    }
    found
}

fn not_compared(id: &TaskId, task: &TaskComparison, primary: Option<&MetricName>) -> NotCompared {
    let forbidding: Vec<String> = task.forbidding().map(ToString::to_string).collect();
    let of_primary = primary.and_then(|name| task.not_compared.get(name));
    let why = match (forbidding.is_empty(), of_primary.or(task.not_compared.values().next())) {
        (false, _) => forbidding.join("; "),
        (true, Some(why)) => why.clone(),
        (true, None) if task.metrics.is_empty() => "no metric in both runs".to_owned(),
        (true, None) => "its main metric is not in both runs".to_owned(),
    };
    NotCompared { task: id.clone(), suite: task.suite.clone(), title: task.title.clone(), why }
}

fn scale(cards: [Option<&Scorecard>; 2], id: &TaskId, name: &MetricName) -> Option<Scale> {
    let metric = |card: &Scorecard| card.tasks.get(id)?.metrics.get(name).map(scale_of);
    cards.into_iter().flatten().find_map(metric)
}

fn scale_of(metric: &MetricEstimate) -> Scale {
    Scale { direction: metric.direction, range: metric.range, anchors: metric.anchors() }
}

fn change(
    id: &TaskId,
    task: &TaskComparison,
    name: &MetricName,
    found: &Difference,
    scale: Option<Scale>,
) -> Change {
    let score = |value: f64| {
        let scale = scale?;
        scale.anchors?.score(scale.direction, value)
    };
    Change {
        task: id.clone(),
        suite: task.suite.clone(),
        title: task.title.clone(),
        metric: name.clone(),
        metric_title: found.title.clone(),
        primary: found.primary,
        scale,
        first: found.first,
        second: found.second,
        difference: found.estimate(),
        points: score(found.second).zip(score(found.first)).map(|(second, first)| second - first),
        of_range: scale
            .map_or(0.0, |scale| turned(found.second, &scale) - turned(found.first, &scale)),
        missing: found.missing,
        test: found.test.title(),
        p: found.p_corrected,
        verdict: found.verdict,
        said: verdict(found.verdict, found.validity.as_ref(), found.untested.as_deref()),
    }
}
