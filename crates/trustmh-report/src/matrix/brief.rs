//! What a comparison found in a few lines: who is told apart from whom in how many tasks, and where each run falls furthest behind.

use std::collections::BTreeSet;

use trustmh_core::comparison::{RankRange, Verdict};
use trustmh_core::id::TaskId;
use trustmh_core::inert::inert;
use trustmh_core::metric::{Estimate, Interval};

use super::{Cell, Change, Matrix, Row, rank_in_words};
use crate::number::{count, counted, decimal, estimate_interval, signed};
use crate::validity::is_unvalidated;

/// What a comparison found in a few lines. Tasks count by the metric that they are ranked by.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Tasks in which any two runs were compared.
    pub compared: u64,
    /// Those of them in which any two are told apart.
    pub apart: u64,
    /// Compared tasks whose judge has not been checked against human ratings.
    pub unvalidated: u64,
    /// The tasks that are not compared.
    pub not_compared: u64,
    /// The runs, in their order.
    pub runs: Vec<BriefRun>,
}

/// A run among those that it was compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct BriefRun {
    /// What its subject is called.
    pub name: String,
    /// The ranks it may have over all pillars.
    pub rank: Option<RankRange>,
    /// Tasks in which it is found better than another.
    pub better: u64,
    /// Tasks in which it is found worse than another.
    pub worse: u64,
    /// Where it is furthest behind another.
    pub furthest: Option<Behind>,
}

/// A task in which a run is found worse than another.
#[derive(Debug, Clone, PartialEq)]
pub struct Behind {
    /// What the other is called.
    pub than: String,
    /// The run's own value on the trials that both scored.
    pub own: f64,
    /// The other's.
    pub other: f64,
    /// The comparison, by the order of the runs.
    pub change: Change,
    /// Own less other.
    pub difference: Estimate,
    /// Whether the judge behind it has not been checked against human ratings.
    pub unvalidated: bool,
}

impl Brief {
    /// What the comparisons of a matrix found; none where nothing stands beside another.
    pub fn of(matrix: &Matrix) -> Option<Self> {
        let changes = || matrix.pairs.iter().filter_map(primary);
        let tasks = |which: &dyn Fn(&Change) -> bool| -> BTreeSet<&TaskId> {
            changes()
                .map(|(_, change)| change)
                .filter(|one| which(one))
                .map(|one| &one.task)
                .collect()
        };
        let compared = tasks(&|_| true);
        let is_apart = |one: &Change| matches!(one.verdict, Verdict::Better | Verdict::Worse);
        let rows = || matrix.groups.iter().flat_map(|group| &group.rows);
        let unvalidated = rows().filter(|row| {
            row.primary && compared.contains(&row.task) && is_unvalidated(row.validity.as_ref())
        });
        let without = |row: &&Row| !compared.contains(&row.task);
        let left: BTreeSet<&TaskId> = rows().filter(without).map(|row| &row.task).collect();
        (matrix.columns.len() > 1).then(|| Self {
            compared: compared.len() as u64,
            apart: tasks(&is_apart).len() as u64,
            unvalidated: unvalidated.count() as u64,
            not_compared: left.len() as u64,
            runs: (0..matrix.columns.len()).filter_map(|column| run(matrix, column)).collect(),
        })
    }

    /// The lines for a terminal of `width` columns.
    pub fn terminal(&self, width: u16) -> String {
        let width = usize::from(width).max(40);
        let put = |text: &str, indent: &'static str, next: &'static str| {
            let options =
                textwrap::Options::new(width).initial_indent(indent).subsequent_indent(next);
            textwrap::fill(&inert(text), options) + "\n"
        };
        let mut text = put(&self.headline(), "  ", "    ");
        for run in &self.runs {
            text.push_str(&put(&run.standing(), "  ", "      "));
            if let Some(behind) = &run.furthest {
                text.push_str(&put(&behind.in_words(), "    ", "      "));
            }
        }
        text
    }

    pub(crate) fn headline(&self) -> String {
        let tasks = |count: u64| counted(count, "task", "tasks");
        let mut said = match (self.compared, self.apart) {
            (0, _) => "No task could be compared between subjects".to_owned(),
            (all, 0) => format!("Subjects are told apart in none of {}", tasks(all)),
            (all, apart) => format!("Subjects are told apart in {apart} of {}", tasks(all)),
        };
        if self.unvalidated > 0 {
            let Self { unvalidated, compared, .. } = self;
            said += &format!("; the judge is not validated in {unvalidated} of {compared}");
        }
        if self.not_compared > 0 {
            said += &format!("; {} not compared", tasks(self.not_compared));
        }
        said
    }
}

impl BriefRun {
    pub(crate) fn standing(&self) -> String {
        let rank =
            self.rank.as_ref().map(|rank| format!("{} over all pillars; ", rank_in_words(rank)));
        format!(
            "{}: {}better than another in {}, worse in {}",
            self.name,
            rank.unwrap_or_default(),
            counted(self.better, "task", "tasks"),
            self.worse
        )
    }
}

impl Behind {
    pub(crate) fn in_words(&self) -> String {
        let change = &self.change;
        let missing = match change.missing {
            0 => String::new(),
            missing => format!(", {missing} missing"),
        };
        let judge = if self.unvalidated { "; judge not validated" } else { "" };
        let direction = change
            .scale
            .map_or_else(String::new, |scale| format!(" ({})", scale.direction.in_words()));
        format!(
            "furthest behind {} in {}: {}{direction} {} against {}, difference {} {}, n {}{missing}{judge}",
            self.than,
            change.task,
            change.metric_title,
            decimal(self.own),
            decimal(self.other),
            signed(self.difference.value),
            estimate_interval(&self.difference),
            count(self.difference.n, self.difference.clusters),
        )
    }
}

/// First less second of second less first.
fn turned(difference: Estimate) -> Estimate {
    let interval =
        difference.interval.map(|found| Interval { low: -found.high, high: -found.low, ..found });
    Estimate { value: -difference.value, interval, ..difference }
}

/// A pair on the metric that its task is ranked by.
fn primary(pair: &super::Pair) -> Option<((usize, usize), &Change)> {
    let change = pair.found.as_ref().ok().filter(|change| change.primary)?;
    Some((pair.columns, change))
}

fn run(matrix: &Matrix, column: usize) -> Option<BriefRun> {
    let rows = || matrix.groups.iter().flat_map(|group| &group.rows).filter(|row| row.primary);
    let numbers = || {
        rows().filter_map(|row| match row.cells.get(column) {
            Some(Cell::Number(number)) => Some(number),
            Some(Cell::NotAsked | Cell::NotScored(_) | Cell::Withheld(_)) | None => None,
        })
    };
    Some(BriefRun {
        name: matrix.columns.get(column)?.name.clone(),
        rank: matrix.overall.as_ref().and_then(|ranks| ranks.get(column)).copied(),
        better: numbers().filter(|number| !number.better_than.is_empty()).count() as u64,
        worse: numbers().filter(|number| !number.worse_than.is_empty()).count() as u64,
        furthest: furthest(matrix, column),
    })
}

/// Where a run is furthest behind another, by what the difference is worth on its scale.
fn furthest(matrix: &Matrix, column: usize) -> Option<Behind> {
    let behind = matrix.pairs.iter().filter_map(primary).filter_map(|((first, second), change)| {
        let (than, own, other, difference) = match (change.verdict, column) {
            (Verdict::Worse, column) if column == second => {
                (first, change.second, change.first, change.difference)
            }
            (Verdict::Better, column) if column == first => {
                (second, change.first, change.second, turned(change.difference))
            }
            _ => return None,
        };
        let mut rows = matrix.groups.iter().flat_map(|group| &group.rows);
        let row = rows.find(|row| row.task == change.task && row.metric == change.metric);
        Some(Behind {
            than: matrix.columns.get(than)?.name.clone(),
            own,
            other,
            change: change.clone(),
            difference,
            unvalidated: is_unvalidated(row.and_then(|row| row.validity.as_ref())),
        })
    });
    let worth = |one: &Behind| one.change.points.map_or(0.0, f64::abs);
    behind.max_by(|one, other| {
        worth(one)
            .total_cmp(&worth(other))
            .then_with(|| one.change.of_range.abs().total_cmp(&other.change.of_range.abs()))
            .then_with(|| other.change.task.cmp(&one.change.task))
    })
}
