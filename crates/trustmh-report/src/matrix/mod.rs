//! Runs beside each other as a matrix of tasks and runs: one value that HTML, LaTeX and CSV are made of.
//!
//! What may stand beside what, who is told apart and which ranks that leaves open is decided elsewhere and given; nothing is
//! tested here.

mod brief;
mod build;
mod changes;
pub mod csv;
pub mod html;
pub mod latex;
mod notes;

pub use brief::{Behind, Brief, BriefRun};
pub use build::{Given, UnlikeValues, matrix, sign};
pub use changes::{Change, Changes};

use std::collections::BTreeMap;

use trustmh_core::comparison::RankRange;
use trustmh_core::id::{MetricName, SuiteId, TaskId};
use trustmh_core::metric::{Anchors, Direction, Estimate};
use trustmh_core::pillar::Pillar;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::PillarScore;
use trustmh_core::validity::Validity;

use crate::chart::Lane;

/// Runs in columns, tasks in rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// The runs.
    pub columns: Vec<Column>,
    /// The tasks: those of each pillar, then those of each other suite.
    pub groups: Vec<Group>,
    /// The ranks of the runs by the sum of their pillar ranks, where there are any.
    pub overall: Option<Vec<RankRange>>,
    /// What changed from the first run to the second, where there are two.
    pub changes: Option<Changes>,
    /// Every pair that was compared, for tables that programs read.
    pub pairs: Vec<Pair>,
    /// The ranks of published models, where these are shown beside the runs.
    pub published: Option<Published>,
    /// What must be read with it, in whole sentences, each once.
    pub notes: Vec<String>,
    /// What is missing of the study that the runs are of, a sentence a run: said before anything else.
    pub missing: Vec<String>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// By which it is named where room is short: `A`, `B`, …
    pub sign: String,
    /// What its subject is called: by the name it was given, else the model's.
    pub name: String,
    /// The model, where the subject has another name.
    pub model: Option<String>,
    /// Its folder as it was given.
    pub run: String,
    /// Who judged.
    pub judge: String,
    /// By which rules it is scored.
    pub protocol: Protocol,
    /// What must be said before anything else of a run that is not whole.
    pub record: Option<String>,
}

/// Tasks that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What they have in common.
    pub of: Of,
    /// Their rows.
    pub rows: Vec<Row>,
}

/// What tasks of a group have in common.
#[derive(Debug, Clone, PartialEq)]
pub enum Of {
    /// They are the benchmark's own, of one pillar.
    Pillar {
        /// The pillar.
        pillar: Pillar,
        /// What the runs have of it, by column.
        standing: Vec<PillarCell>,
    },
    /// They are of another suite and in no pillar.
    Suite(SuiteId),
}

impl Of {
    /// What stands above the group.
    pub fn heading(&self) -> String {
        match self {
            Self::Pillar { pillar, .. } => pillar.title().to_owned(),
            Self::Suite(suite) => suite.heading(),
        }
    }
}

/// What a run has of a pillar.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PillarCell {
    /// Its score, if the run has a place among the others.
    pub score: Option<PillarScore>,
    /// Its rank by the sum of the ranks on the pillar's tasks.
    pub rank: Option<RankRange>,
}

/// A metric of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The task.
    pub task: TaskId,
    /// Its title.
    pub title: String,
    /// Its suite.
    pub suite: SuiteId,
    /// The metric.
    pub metric: MetricName,
    /// The metric in words.
    pub metric_title: String,
    /// Whether the task is ranked by it.
    pub primary: bool,
    /// Which way is better, and between which values it lies; none where no run has a number.
    pub scale: Option<Scale>,
    /// What stands behind it where a judge has a part in it: of the runs, the one of which least is known.
    pub validity: Option<Validity>,
    /// A cell a column.
    pub cells: Vec<Cell>,
}

/// What a metric's values are worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Which way is better.
    pub direction: Direction,
    /// The lowest and the highest value it can take.
    pub range: (f64, f64),
    /// What is best, and what is no better than knowing nothing.
    pub anchors: Option<Anchors>,
}

/// What a run has of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// It was not asked the task.
    NotAsked,
    /// It has no such number, for this reason.
    NotScored(String),
    /// It has one that may not stand beside the others, and that nobody asked to see all the same.
    Withheld(Vec<String>),
    /// It has one.
    Number(Box<Number>),
}

/// A number of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// The run's own estimate, on all its trials.
    pub estimate: Estimate,
    /// Trials that have not ended.
    pub pending: u64,
    /// Trials that ended and were not measured.
    pub missing: u64,
    /// Its rank among the runs that may be compared on the task, if the task is ranked by it.
    pub rank: Option<RankRange>,
    /// Columns that it is found better than.
    pub better_than: Vec<usize>,
    /// Columns that it is found worse than.
    pub worse_than: Vec<usize>,
    /// How it stands to all others that it may be compared with.
    pub place: Place,
    /// What makes it a number that may not stand beside the others; empty where it may.
    pub unlike: Vec<String>,
    /// Its place among the published numbers, where it has one.
    pub among_published: Option<(usize, usize)>,
}

/// How a number stands to all others of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Found better than every other.
    AheadOfAll,
    /// Not that, or there is no other.
    Among,
}

/// Two runs on a metric, as they were compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The columns.
    pub columns: (usize, usize),
    /// What was found, or why nothing is.
    pub found: Result<Change, NotCompared>,
}

/// A task of two runs that was not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCompared {
    /// The task.
    pub task: TaskId,
    /// Its suite.
    pub suite: SuiteId,
    /// Its title.
    pub title: String,
    /// Why.
    pub why: String,
}

/// Published ranks beside the runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The models.
    pub models: Vec<String>,
    /// By task, in the order of the models: the rank, and the number where it is published.
    pub tasks: BTreeMap<TaskId, Vec<Option<PublishedCell>>>,
    /// By pillar, in the order of the models.
    pub pillars: BTreeMap<Pillar, Vec<Option<usize>>>,
    /// By task and column: the places a run's value may take among the published numbers.
    pub places: BTreeMap<TaskId, Vec<Option<(usize, usize)>>>,
}

/// What is published of a model on a task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublishedCell {
    /// Its rank.
    pub rank: usize,
    /// Its number.
    pub value: Option<f64>,
}

impl Matrix {
    /// What the whole is called.
    pub fn title(&self) -> String {
        match (self.columns.as_slice(), &self.published) {
            ([], Some(published)) => {
                format!("TrustMH: {} published models", published.models.len())
            }
            (runs, Some(published)) => format!(
                "TrustMH leaderboard: {} beside {} published models",
                counted(runs.len()),
                published.models.len()
            ),
            ([one, two], None) => format!("TrustMH: {} and {}", one.name, two.name),
            (runs, None) => format!("TrustMH: {} side by side", counted(runs.len())),
        }
    }

    /// The runs whose numbers may stand beside each other in a row.
    pub(crate) fn lanes(&self, row: &Row) -> Vec<Lane> {
        let lane = self.columns.iter().zip(&row.cells).filter_map(|(column, cell)| match cell {
            Cell::Number(number) if number.unlike.is_empty() => {
                Some(Lane { sign: column.sign.clone(), estimate: number.estimate })
            }
            Cell::Number(_) | Cell::NotAsked | Cell::NotScored(_) | Cell::Withheld(_) => None,
        });
        lane.collect()
    }

    /// The signs of columns, joined.
    pub fn signs(&self, columns: &[usize]) -> String {
        let signs = columns.iter().filter_map(|at| self.columns.get(*at));
        signs.map(|column| column.sign.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn counted(runs: usize) -> String {
    if runs == 1 { "1 run".to_owned() } else { format!("{runs} runs") }
}

/// A rank; where it may be one of several, all of them and none alone.
pub(crate) fn rank_in_words(range: &RankRange) -> String {
    match (range.best, range.worst) {
        (best, worst) if best == worst => format!("rank {best}"),
        (best, worst) => format!("rank {best} to {worst}"),
    }
}

/// Places among published numbers, in words.
pub(crate) fn place_in_words((best, worst): (usize, usize)) -> String {
    if best == worst {
        format!("place {best} among published")
    } else {
        format!("place {best} to {worst} among published")
    }
}
