//! Pillar scores: one number for an overview, never for a decision.

use std::collections::BTreeMap;

use trustmh_core::id::TaskId;
use trustmh_core::metric::{Interval, IntervalMethod};
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{PillarScore, Scored, TaskResult};

use crate::benchmark::{Benchmark, TaskOrigin};

/// What the pillars of a run come to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pillars {
    /// Scores, where every task of the pillar has ended and has its primary metric.
    pub scores: BTreeMap<Pillar, PillarScore>,
    /// Pillars of which the run has some tasks but no score, and the tasks that are missing, pending or not scored.
    pub without_score: BTreeMap<Pillar, Vec<TaskId>>,
    /// Tasks of the run that are not the benchmark's, or not as it has them: they enter no score.
    pub beside: BTreeMap<TaskId, TaskOrigin>,
}

/// The score of every pillar all of whose tasks have ended and have their primary metric: the mean of these, each
/// mapped to 0..100 by its anchors, with what is missing at the worse end: a task that is silent or left out must not make its
/// pillar look better. The interval is that of a mean of independent estimates,
/// recovered from their own intervals (MOVER, Zou & Donner 2008, doi 10.1002/sim.3095); tasks that share items
/// are not quite independent, so it is somewhat too narrow there. It is missing where one of them has none.
/// A pillar is what the suite of the benchmark has built in: tasks of other suites, tasks of the user, and those whose file the user
/// has changed, stand beside it.
pub fn pillar_scores(benchmark: &Benchmark, results: &BTreeMap<TaskId, TaskResult>) -> Pillars {
    let mut pillars = Pillars::default();
    for id in results.keys() {
        match benchmark.origin(id) {
            Some(TaskOrigin::BuiltIn) => {}
            Some(origin @ (TaskOrigin::Changed | TaskOrigin::Own)) => {
                pillars.beside.insert(id.clone(), origin);
            }
            None => drop(pillars.beside.insert(id.clone(), TaskOrigin::Own)),
        }
    }
    let of_benchmark = |id: &TaskId| results.get(id).filter(|_| !pillars.beside.contains_key(id));
    // What is still to come may change a score as no interval of what is there can tell.
    let whole = |id: &TaskId| of_benchmark(id).filter(|result| result.pending == 0);
    for pillar in Pillar::ALL {
        let of_pillar: Vec<&TaskId> =
            benchmark.of_pillars().filter(|id| id.pillar() == pillar).collect();
        let (mut parts, mut missing) = (Vec::new(), Vec::new());
        for id in &of_pillar {
            match whole(id).and_then(TaskResult::primary).and_then(|(_, metric)| metric.scored()) {
                Some(part) => parts.push(part),
                None => missing.push((*id).clone()),
            }
        }
        if missing.is_empty() {
            pillars.scores.extend(score(&parts).map(|score| (pillar, score)));
        } else if of_pillar.iter().any(|id| of_benchmark(id).is_some()) {
            pillars.without_score.insert(pillar, missing);
        }
    }
    pillars
}

fn score(parts: &[Scored]) -> Option<PillarScore> {
    if parts.is_empty() {
        return None;
    }
    let count = parts.len() as f64;
    let value = parts.iter().map(|part| part.value).sum::<f64>() / count;
    let squares = |distance: fn(&Scored) -> Option<f64>| {
        let squares: Option<f64> = parts.iter().map(|part| Some(distance(part)?.powi(2))).sum();
        squares.map(|sum| sum.sqrt() / count)
    };
    let below = squares(|part| Some(part.value - part.interval?.0));
    let above = squares(|part| Some(part.interval?.1 - part.value));
    // Where all that the data leave open is beyond an anchor, both ends are at the end of the scale: no interval is left.
    let interval = below.zip(above).and_then(|(below, above)| {
        Interval::new((value - below).max(0.0), (value + above).min(100.0), IntervalMethod::Mover)
    });
    Some(PillarScore {
        value,
        low: interval.map(|interval| interval.low),
        high: interval.map(|interval| interval.high),
        method: interval.map(|interval| interval.method),
        tasks: parts.len() as u64,
        missing: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benchmark::SourceFile;
    use crate::task::Task;
    use trustmh_core::id::{DatasetId, MetricName, SuiteId};
    use trustmh_core::metric::Anchors;
    use trustmh_core::metric::Direction;
    use trustmh_core::outcome::OutcomeCounts;
    use trustmh_core::scorecard::{ItemOrigin, ItemSource, MetricEstimate};

    fn part(value: f64, low: f64, high: f64) -> Scored {
        Scored { value, interval: Some((low, high)) }
    }

    #[test]
    fn one_task_keeps_its_interval_and_two_halve_the_noise() {
        let one = score(&[part(60.0, 50.0, 80.0)]).unwrap();
        assert_eq!((one.value, one.low, one.high), (60.0, Some(50.0), Some(80.0)));
        // sqrt(10² + 10²) / 2 below, sqrt(20² + 20²) / 2 above.
        let two = score(&[part(60.0, 50.0, 80.0), part(20.0, 10.0, 40.0)]).unwrap();
        assert!((two.value - 40.0).abs() < 1e-12);
        assert!((two.low.unwrap() - (40.0 - 50.0_f64.sqrt())).abs() < 1e-12);
        assert!((two.high.unwrap() - (40.0 + 200.0_f64.sqrt())).abs() < 1e-12);
    }

    fn metric(
        value: f64,
        ends: (f64, f64),
        direction: Direction,
        anchors: Option<Anchors>,
    ) -> MetricEstimate {
        MetricEstimate {
            value,
            low: Some(ends.0),
            high: Some(ends.1),
            n: 20,
            clusters: 20,
            method: Some(IntervalMethod::T),
            direction,
            primary: true,
            half_width: None,
            coverage: None,
            title: String::new(),
            range: (-2.0, 2.0),
            anchors,
            classes: Vec::new(),
            validity: None,
            curve: None,
            groups: BTreeMap::new(),
            sentence: None,
        }
    }

    #[test]
    fn scores_go_by_anchors_and_their_ends_stand_in_order() {
        let fair = Some(Anchors { best: 0.0, worst: 1.0 });
        let found = metric(0.25, (-0.5, 0.75), Direction::Lower, fair).scored().unwrap();
        assert_eq!((found.value, found.interval), (75.0, Some((25.0, 100.0))));
        let r = Some(Anchors { best: 1.0, worst: 0.0 });
        let found = metric(0.0, (-0.5, 0.5), Direction::Higher, r).scored().unwrap();
        assert_eq!((found.value, found.interval), (0.0, Some((0.0, 50.0))));
        // The nearer to 0 the better: the interval holds 0, or it does not.
        let found = metric(0.5, (-0.5, 1.5), Direction::NearZero, None).scored().unwrap();
        assert_eq!((found.value, found.interval), (75.0, Some((25.0, 100.0))));
        let found = metric(-1.0, (-1.5, -0.5), Direction::NearZero, None).scored().unwrap();
        assert_eq!((found.value, found.interval), (50.0, Some((25.0, 75.0))));
        assert_eq!(metric(0.5, (0.0, 1.0), Direction::None, None).scored(), None);
    }

    #[test]
    fn cards_of_older_programs_go_by_their_range() {
        let found = metric(1.0, (0.0, 2.0), Direction::Higher, None).scored().unwrap();
        assert_eq!((found.value, found.interval), (75.0, Some((50.0, 100.0))));
        let json = serde_json::to_value(metric(1.0, (0.0, 2.0), Direction::Higher, None)).unwrap();
        assert!(json.get("anchors").is_none() && json.get("classes").is_none());
        assert!(serde_json::from_value::<MetricEstimate>(json).unwrap().anchors.is_none());
    }

    #[test]
    fn a_part_without_an_interval_leaves_none() {
        let parts = [part(60.0, 50.0, 80.0), Scored { value: 20.0, interval: None }];
        let found = score(&parts).unwrap();
        assert_eq!((found.low, found.high, found.method), (None, None, None));
        assert_eq!(score(&[]), None);
    }

    fn result(task: &Task, value: f64) -> TaskResult {
        let metric = metric(value, (0.1, 0.4), Direction::Higher, None);
        let source = ItemSource {
            dataset: DatasetId::new("d"),
            origin: ItemOrigin::Starter,
            records: 20,
            warnings: Vec::new(),
            files: BTreeMap::new(),
            labelled_by: Vec::new(),
        };
        TaskResult {
            title: task.file.title.clone(),
            suite: task.suite.clone(),
            n: 20,
            pending: 0,
            outcomes: OutcomeCounts::default(),
            metrics: BTreeMap::from([(MetricName::new("primary"), metric)]),
            not_scored: BTreeMap::new(),
            flags: BTreeMap::new(),
            confusions: BTreeMap::new(),
            fairness: None,
            client: None,
            source,
            caveats: Vec::new(),
            plain: None,
            crossed: None,
            labels: BTreeMap::new(),
        }
    }

    #[test]
    fn a_pillar_has_no_score_while_trials_of_its_tasks_are_pending() {
        let benchmark = Benchmark::embedded().unwrap();
        let tasks = benchmark.tasks().filter(|task| task.file.id.pillar() == Pillar::Crisis);
        let tasks = tasks.filter(|task| task.suite.is_trustmh_bench());
        let mut results: BTreeMap<TaskId, TaskResult> =
            tasks.map(|task| (task.file.id.clone(), result(task, 0.25))).collect();
        assert!(pillar_scores(&benchmark, &results).scores.contains_key(&Pillar::Crisis));
        let severity: TaskId = "crisis/severity".parse().unwrap();
        results.get_mut(&severity).unwrap().pending = 1;
        let found = pillar_scores(&benchmark, &results);
        assert!(found.scores.is_empty());
        assert_eq!(found.without_score[&Pillar::Crisis], [severity]);
    }

    #[test]
    fn tasks_of_other_suites_and_of_the_user_change_no_pillar() {
        let embedded = Benchmark::embedded().unwrap();
        let materials = embedded.materials([&"crisis/severity".parse().unwrap()]).unwrap();
        let severity =
            materials.iter().find(|one| one.file.path == "crisis/severity.toml").unwrap();
        let own = severity.file.text.replace("id = \"crisis/severity\"", "id = \"crisis/own\"");
        let file = SourceFile { path: "crisis/own.toml".to_owned(), text: own };
        let benchmark = Benchmark::with_overrides(vec![file]).unwrap();
        let scored = |wanted: &dyn Fn(&Task) -> bool| {
            let tasks = benchmark.tasks().filter(|task| wanted(task));
            let results = tasks.map(|task| (task.file.id.clone(), result(task, 0.25))).collect();
            pillar_scores(&benchmark, &results)
        };
        let is_own = |task: &Task| task.file.id.name() == "own";
        let alone = scored(&|task| task.suite.is_trustmh_bench());
        let all = scored(&|_| true);
        assert_eq!(alone.scores.len(), Pillar::ALL.len());
        assert_eq!(alone.scores[&Pillar::Crisis].tasks, 3);
        assert_eq!((&alone.scores, &alone.without_score), (&all.scores, &all.without_score));
        assert_eq!(all.beside.keys().map(TaskId::name).collect::<Vec<_>>(), ["own"]);
        // Nor do they stand in for one that is missing, or are missing themselves.
        let lacking = scored(&|task| task.file.id.name() != "severity");
        assert_eq!(lacking.without_score[&Pillar::Crisis].len(), 1);
        let apart = scored(&|task| is_own(task) || task.suite == SuiteId::conversations());
        assert!(apart.scores.is_empty() && apart.without_score.is_empty(), "{apart:?}");
    }
}
