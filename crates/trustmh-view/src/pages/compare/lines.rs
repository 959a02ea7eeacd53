//! The differences of two runs in the order in which they are to be read: what became worse first, by how much it is worth.

use std::cmp::Ordering;

use trustmh_core::comparison::{Comparison, Difference, TaskComparison, Verdict};
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::metric::Direction;

use crate::compared::Compared;

/// The difference in the metric that a task is ranked by.
pub(super) struct Line<'c> {
    pub(super) id: &'c TaskId,
    pub(super) task: &'c TaskComparison,
    pub(super) name: &'c MetricName,
    pub(super) found: &'c Difference,
    /// How much better the second run is, of the 100 points between the worst and the best; none where neither way is better.
    pub(super) points: Option<f64>,
}

/// How a difference reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Found worse.
    Worse,
    /// Not told apart, and on the worse side.
    Below,
    /// Not told apart, and not on the worse side.
    Level,
    /// Found better.
    Better,
}

impl Standing {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Below | Self::Level => "open",
            Self::Better => "better",
        }
    }

    /// A shape besides the word.
    pub(super) const fn shape(self) -> &'static str {
        match self {
            Self::Worse => "▼",
            Self::Below | Self::Level => "○",
            Self::Better => "▲",
        }
    }
}

impl Line<'_> {
    pub(super) fn standing(&self) -> Standing {
        match self.found.verdict {
            Verdict::Worse => Standing::Worse,
            Verdict::Better => Standing::Better,
            Verdict::NotSeparated | Verdict::Untested => match self.points {
                Some(points) if points < 0.0 => Standing::Below,
                Some(_) | None => Standing::Level,
            },
        }
    }

    /// Those that lose most first; of those that are better, those that gain most.
    fn order(&self, other: &Self) -> Ordering {
        let points = |line: &Self| line.points.unwrap_or_default();
        let by_points = match self.standing() {
            Standing::Worse | Standing::Below => points(self).total_cmp(&points(other)),
            Standing::Level | Standing::Better => points(other).total_cmp(&points(self)),
        };
        self.standing().cmp(&other.standing()).then(by_points).then_with(|| self.id.cmp(other.id))
    }
}

/// The primary differences of a pair.
pub(super) fn lines<'c>(compared: &'c Compared, pair: &'c Comparison) -> Vec<Line<'c>> {
    let mut lines: Vec<Line<'c>> = pair
        .tasks
        .iter()
        .flat_map(|(id, task)| {
            task.metrics.iter().map(move |(name, found)| (id, task, name, found))
        })
        .filter(|(.., found)| found.primary)
        .map(|(id, task, name, found)| Line {
            id,
            task,
            name,
            found,
            points: points(compared, id, name, [found.first, found.second]),
        })
        .collect();
    lines.sort_by(Line::order);
    lines
}

/// How much better the second value is, of the 100 points between the metric's anchors.
pub(super) fn points(
    compared: &Compared,
    id: &TaskId,
    name: &MetricName,
    [first, second]: [f64; 2],
) -> Option<f64> {
    let anchors = compared.anchors(id, name)?;
    let direction = compared.runs.iter().find_map(|run| run.metric(id, name))?.direction;
    match direction {
        Direction::None => None,
        Direction::Higher | Direction::Lower | Direction::NearZero => {
            Some(anchors.score(direction, second)? - anchors.score(direction, first)?)
        }
    }
}
