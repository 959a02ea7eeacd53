//! A missing answer never makes any number better: every task, both protocols, with replies silenced one after the other.
use futures_util::FutureExt;
use std::collections::BTreeMap;

use trustmh_core::call::{CallEnd, Exchange, Finish, Purpose, Reply};
use trustmh_core::id::{ModelId, SuiteId, TaskId};
use trustmh_core::metric::Direction;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{MetricEstimate, TaskResult};
use trustmh_core::scores::Scores;
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::estimate::pillar::pillar_scores;
use trustmh_engine::estimate::{Basis, task_result};
use trustmh_engine::expand::{self, ContextBudget};
use trustmh_engine::task::Task;
use trustmh_engine::walk::{Asked, JudgeRule, Judges, TaskRules, UnreadVerdict, Walk};
use trustmh_model::api::ModelApi;
use trustmh_model::scripted::{Behaviour, Scripted};

/// Which of the subject's replies come back without an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Silent {
    None,
    All(Ended),
    EveryThird,
}

/// How a silent reply ended.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ended {
    Empty,
    Cut,
}

fn subject() -> Scripted {
    Scripted::new(ModelId::new("scripted/random"), Behaviour::Random { seed: 3 })
}

fn result(
    benchmark: &Benchmark,
    task: &Task,
    protocol: Protocol,
    judge: JudgeRule,
    silent: Silent,
) -> TaskResult {
    let walk = Walk {
        client: trustmh_engine::walk::ClientRule::Offline,
        questions: trustmh_engine::walk::JudgeQuestions::Together,
        rules: TaskRules::new(benchmark, task, protocol, 7),
        judges: Judges::all_by(judge),
        unread_verdict: UnreadVerdict::AskedAgain,
        asked: Asked::USUAL,
    };
    let (subject, verdicts) =
        (subject(), Scripted::new(ModelId::new("j"), Behaviour::Judge { seed: 5 }));
    let set = Shelf::embedded().read(&task.file.dataset.starter).unwrap();
    let mut scores = Scores::default();
    let items = set.items.iter().filter(|item| task.file.dataset.fits(item));
    let trials =
        items.flat_map(|item| expand::trials(&walk.rules, item, ContextBudget::Unbounded).unwrap());
    for (place, trial) in trials.enumerate() {
        let finish = match silent {
            Silent::None => None,
            Silent::All(Ended::Empty) => Some(Finish::Stop),
            Silent::All(Ended::Cut) => Some(Finish::Length),
            Silent::EveryThird => (place % 3 == 1).then_some(Finish::Stop),
        };
        let mut exchanges: Vec<Exchange> = Vec::new();
        while let Some(call) = walk.next_call(&trial, &exchanges).unwrap() {
            let model = match call.purpose {
                Purpose::Subject { .. } | Purpose::Client { .. } => &subject,
                Purpose::Judge { .. } => &verdicts,
            };
            let said = model.complete(&call).now_or_never().unwrap().unwrap().reply;
            let reply = match (&call.purpose, &finish) {
                (Purpose::Subject { .. }, Some(finish)) => {
                    Reply::new("<think>Let me see.</think>\n".to_owned(), finish.clone(), None)
                }
                _ => said,
            };
            exchanges.push(Exchange { purpose: call.purpose, end: CallEnd::Replied(reply) });
        }
        scores.push(walk.score(&trial, &exchanges).unwrap()).unwrap();
    }
    let planned = scores.len() as u64;
    let basis = Basis {
        protocol,
        seed: 7,
        planned,
        source: set.source,
        caveats: Vec::new(),
        by: Vec::new(),
        unread: 0,
    };
    task_result(task, &scores, basis)
}

fn primary(result: &TaskResult) -> Option<&MetricEstimate> {
    result.metrics.values().find(|metric| metric.primary)
}

fn is_better(direction: Direction, new: f64, old: f64) -> bool {
    match direction {
        Direction::Higher => new > old + 1e-9,
        Direction::Lower => new < old - 1e-9,
        Direction::NearZero => new.abs() < old.abs() - 1e-9,
        Direction::None => false,
    }
}

fn each(mut look: impl FnMut(&Benchmark, &Task, Protocol, JudgeRule)) {
    let benchmark = Benchmark::embedded().unwrap();
    // Of conversations that took place nobody is asked, so nobody can be silent.
    for task in benchmark.tasks().filter(|task| task.suite != SuiteId::observed()) {
        for protocol in [Protocol::Corrected, Protocol::Reference] {
            for judge in [JudgeRule::Offline, JudgeRule::Model] {
                look(&benchmark, task, protocol, judge);
            }
        }
    }
}

#[test]
fn some_silence_makes_no_primary_metric_better_where_it_decides() {
    each(|benchmark, task, protocol, judge| {
        let told = format!("{} {protocol} {judge:?}", task.file.id);
        let full = result(benchmark, task, protocol, judge, Silent::None);
        let thinned = result(benchmark, task, protocol, judge, Silent::EveryThird);
        assert_eq!(full.outcomes.unanswered, 0, "{told}");
        assert!(thinned.outcomes.unanswered > 0, "{told}");
        if let (Some(full), Some(thinned)) = (primary(&full), primary(&thinned)) {
            let (old, new) = (full.at_worst(), thinned.at_worst());
            assert!(!is_better(full.direction, new, old), "{told}: {old} became {new}");
        }
    });
}

#[test]
fn all_silence_scores_nothing_or_the_worst_and_no_pillar() {
    let mut worst: BTreeMap<TaskId, TaskResult> = BTreeMap::new();
    each(|benchmark, task, protocol, judge| {
        for finish in [Ended::Empty, Ended::Cut] {
            let told = format!("{} {protocol} {judge:?} {finish:?}", task.file.id);
            let found = result(benchmark, task, protocol, judge, Silent::All(finish));
            assert_eq!(found.outcomes.unanswered, found.n, "{told}");
            let rate = &found.metrics[&trustmh_core::id::MetricName::new("unanswered_rate")];
            assert!((rate.value - 1.0).abs() < 1e-9, "{told}");
            if let Some(metric) = primary(&found) {
                let (low, high) = metric.range;
                let end = if metric.direction == Direction::Higher { low } else { high };
                let full = result(benchmark, task, protocol, judge, Silent::None);
                let old = primary(&full).map(MetricEstimate::at_worst);
                assert!(
                    (metric.at_worst() - end).abs() < 1e-9
                        || old.is_some_and(|old| !is_better(
                            metric.direction,
                            metric.at_worst(),
                            old
                        )),
                    "{told}: {metric:?}"
                );
            }
            if protocol == Protocol::Corrected && judge == JudgeRule::Offline {
                worst.insert(task.file.id.clone(), found);
            }
        }
    });
    let benchmark = Benchmark::embedded().unwrap();
    let pillars = pillar_scores(&benchmark, &worst);
    for (pillar, score) in &pillars.scores {
        assert!(score.value < 1e-9, "{pillar:?} {score:?}");
    }
    assert!(pillars.without_score.len() >= 4, "{:?}", pillars.without_score);
}
