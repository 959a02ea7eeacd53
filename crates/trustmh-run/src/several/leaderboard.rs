//! Local runs beside the 12 published models: ranks as ranks, numbers only where numbers may stand beside each other.

mod pillars;

use serde::Serialize;
use std::collections::BTreeMap;

use trustmh_core::id::{MetricName, SuiteId, TaskId};
use trustmh_core::metric::Direction;
use trustmh_core::pillar::Pillar;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{MetricEstimate, PillarScore};
use trustmh_core::scores::Scores;
use trustmh_core::validity::Validity;
use trustmh_data::record::Prompts;
use trustmh_engine::caveats::caveats;
use trustmh_engine::published::Published;

use crate::derived::score::ScoredRun;
use crate::derived::terms::{Key, Terms};
use crate::manifest::Origin;

/// The whole board.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leaderboard {
    /// Task by task.
    pub tasks: BTreeMap<TaskId, TaskBoard>,
    /// Tasks of the runs that are of no published rank: other suites, and the users' own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub suites: BTreeMap<SuiteId, BTreeMap<TaskId, Vec<Group>>>,
    /// Published pillar ranks by model, and pillar scores of the runs.
    pub pillars: BTreeMap<Pillar, PillarBoard>,
    /// What a reader of the published ranks must know.
    pub notes: Vec<String>,
    /// What must be known of the runs, by folder: items, judge, caps, what is missing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub caveats: BTreeMap<String, Vec<String>>,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskBoard {
    /// The published models in the order of their ranks.
    pub published: Vec<PublishedRow>,
    /// The runs, in groups whose numbers may stand beside each other.
    pub groups: Vec<Group>,
}

/// A published model on a task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PublishedRow {
    /// The model.
    pub model: String,
    /// Its published rank among 12.
    pub rank: usize,
    /// Its published number, where there is one for the metric that the runs are shown by.
    pub value: Option<f64>,
}

/// Runs that asked and judged a task alike.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// What they have in common.
    pub key: Key,
    /// Whether they stand beside the published numbers, and if not, why.
    pub beside_published: Beside,
    /// What stands behind the numbers where a judge has a part in them: of the runs, the one of which least is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validity: Option<Validity>,
    /// The runs, the best value first.
    pub runs: Vec<RunRow>,
}

/// Whether numbers may be set beside the published ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beside {
    /// The published outputs themselves, scored as they were.
    Directly,
    /// Not, for this reason.
    Not(String),
}

impl Beside {
    /// In words, for the middle of a sentence.
    pub fn in_words(&self) -> String {
        match self {
            Self::Directly => "directly comparable with the published numbers".to_owned(),
            Self::Not(why) => format!("not comparable with the published numbers: {why}"),
        }
    }
}

/// A run on a task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunRow {
    /// Its folder.
    pub run: String,
    /// Its subject.
    pub subject: String,
    /// The metric that the task is ranked by.
    pub metric: MetricName,
    /// Which way it is better.
    pub direction: Direction,
    /// Its value.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Trials behind it.
    pub n: u64,
    /// Items that these trials share.
    pub clusters: u64,
    /// Trials that are pending: a run with any has no place.
    pub pending: u64,
    /// Where it would stand among the published numbers, at best and at worst, by its interval; none without published
    /// numbers, without comparability, or with trials that are pending.
    pub place: Option<(usize, usize)>,
}

/// One pillar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PillarBoard {
    /// Published ranks, the best first.
    pub published: Vec<(String, usize)>,
    /// Pillar scores of runs that are complete and alike in all tasks of the pillar, the best first; not comparable with the
    /// published ranks.
    pub runs: Vec<PlacedRun>,
    /// Runs of the pillar that have no place among these, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// A run with a place in a pillar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlacedRun {
    /// Its folder.
    pub run: String,
    /// Its subject.
    pub subject: String,
    /// Its score.
    pub score: PillarScore,
}

/// A run without a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Its folder.
    pub run: String,
    /// Its subject.
    pub subject: String,
    /// Why.
    pub why: String,
}

/// Sets `runs` beside the published models.
pub fn leaderboard(published: &Published, runs: &[ScoredRun]) -> Leaderboard {
    let tasks = published.task_ranks.keys();
    let tasks = tasks.map(|id| (id.clone(), board(published, runs, id))).collect();
    let pillars = Pillar::ALL.into_iter().filter_map(|pillar| {
        let ranks = published.pillar_ranks.get(&pillar)?;
        let mut of_models: Vec<(String, usize)> =
            published.models.iter().cloned().zip(ranks.iter().copied()).collect();
        of_models.sort_by_key(|(_, rank)| *rank);
        let (runs, left_out) = pillars::placed(runs, pillar);
        Some((pillar, PillarBoard { published: of_models, runs, left_out }))
    });
    let caveats = runs.iter().map(|run| (run.scorecard.run.clone(), caveats(&run.scorecard)));
    Leaderboard {
        tasks,
        suites: suites(published, runs),
        pillars: pillars.collect(),
        notes: published.notes.clone(),
        caveats: caveats.filter(|(_, caveats)| !caveats.is_empty()).collect(),
    }
}

/// The runs on tasks that no published model was asked, by suite.
fn suites(
    published: &Published,
    runs: &[ScoredRun],
) -> BTreeMap<SuiteId, BTreeMap<TaskId, Vec<Group>>> {
    let mut suites: BTreeMap<SuiteId, BTreeMap<TaskId, Vec<Group>>> = BTreeMap::new();
    for run in runs {
        for (id, result) in &run.scorecard.tasks {
            if published.task_ranks.contains_key(id) {
                continue;
            }
            let of_suite = suites.entry(result.suite.clone()).or_default();
            of_suite.entry(id.clone()).or_insert_with(|| board(published, runs, id).groups);
        }
    }
    suites
}

fn board(published: &Published, runs: &[ScoredRun], id: &TaskId) -> TaskBoard {
    let mut groups: Vec<Group> = Vec::new();
    for run in runs {
        let Some((metric, found)) = primary(run, id) else { continue };
        let Some(key) = run.terms.get(id).map(Terms::key) else { continue };
        let pending = run.scorecard.tasks.get(id).map_or(0, |result| result.pending);
        let beside = beside(run);
        let numbers = published.numbers_of(id, metric);
        let place = (beside == Beside::Directly && pending == 0 && !numbers.is_empty())
            .then(|| place(&numbers, found))
            .flatten();
        let row = RunRow {
            run: run.scorecard.run.clone(),
            subject: run.scorecard.subject_shown(),
            metric: metric.clone(),
            direction: found.direction,
            value: found.value,
            low: found.low,
            high: found.high,
            n: found.n,
            clusters: found.clusters,
            pending,
            place,
        };
        let validity = found.validity.clone();
        match groups.iter_mut().find(|group| group.key == key) {
            Some(group) => {
                group.runs.push(row);
                let both = group.validity.take().into_iter().chain(validity);
                group.validity = both.reduce(Validity::weaker);
            }
            None => {
                groups.push(Group { key, beside_published: beside, validity, runs: vec![row] });
            }
        }
    }
    let direction = runs.iter().find_map(|run| primary(run, id)).map(|(_, found)| found.direction);
    for group in &mut groups {
        group.runs.sort_by(|a, b| worth(b.value, direction).total_cmp(&worth(a.value, direction)));
    }
    let shown = groups.first().and_then(|group| group.runs.first()).map(|row| row.metric.clone());
    TaskBoard { published: published_rows(published, id, shown.as_ref()), groups }
}

fn published_rows(
    published: &Published,
    id: &TaskId,
    metric: Option<&MetricName>,
) -> Vec<PublishedRow> {
    let numbers: BTreeMap<&str, f64> = metric
        .map(|metric| published.numbers_of(id, metric))
        .unwrap_or_default()
        .into_iter()
        .collect();
    let mut rows: Vec<PublishedRow> = published
        .models
        .iter()
        .filter_map(|model| {
            let rank = published.rank(model, id)?;
            Some(PublishedRow {
                model: model.clone(),
                rank,
                value: numbers.get(model.as_str()).copied(),
            })
        })
        .collect();
    rows.sort_by_key(|row| row.rank);
    rows
}

fn primary<'r>(run: &'r ScoredRun, id: &TaskId) -> Option<(&'r MetricName, &'r MetricEstimate)> {
    run.scores.get(id).filter(|scores| !Scores::is_empty(scores))?;
    run.scorecard.tasks.get(id)?.primary()
}

/// Prompts of this program are its own, so only the published outputs themselves, and runs that were asked the very prompts
/// behind them, stand beside the published numbers, and only as scored by the published rules.
fn beside(run: &ScoredRun) -> Beside {
    let not = |why: &str| Beside::Not(why.to_owned());
    let format = match (&run.manifest.origin, &run.manifest.prompts_from) {
        (Origin::Imported { format }, _) => format,
        (Origin::Asked, Some(source)) => &source.format,
        (Origin::Observed(_), _) => {
            return not("conversations that took place elsewhere");
        }
        (Origin::Asked, None) => {
            return not(
                "asked with this program's own prompts; --prompts-from asks the recorded ones",
            );
        }
    };
    match (format.prompts(), run.scorecard.protocol) {
        (Prompts::Others, _) => Beside::Not(format!("prompts of another origin ({format})")),
        (Prompts::OfThePublication, Protocol::Reference) => Beside::Directly,
        (Prompts::OfThePublication, Protocol::Corrected) => {
            not("scored by the corrected rules; --protocol reference scores as published")
        }
    }
}

/// The places that a value whose interval is known may take among others, 1 before all of them.
fn place(numbers: &[(&str, f64)], found: &MetricEstimate) -> Option<(usize, usize)> {
    let (low, high) = (found.low?, found.high?);
    let direction = Some(found.direction);
    let (worst, best) = (
        worth(low, direction).min(worth(high, direction)),
        worth(low, direction).max(worth(high, direction)),
    );
    let better_than =
        |own: f64| 1 + numbers.iter().filter(|(_, value)| worth(*value, direction) > own).count();
    Some((better_than(best), better_than(worst)))
}

/// More is better.
fn worth(value: f64, direction: Option<Direction>) -> f64 {
    match direction {
        Some(Direction::Lower) => -value,
        Some(Direction::NearZero) => -value.abs(),
        Some(Direction::None) => 0.0,
        Some(Direction::Higher) | None => value,
    }
}
