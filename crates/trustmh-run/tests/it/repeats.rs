//! Trials that are asked several times: the first round is a run without repeats, and items are what is counted.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use trustmh_core::call::{CallKey, CallSpec, Finish, Reply};
use trustmh_core::comparison::{Difference, TaskComparison, TestName};
use trustmh_core::digest::Digest;
use trustmh_core::id::ModelId;
use trustmh_core::trial::{Trial, round_of};
use trustmh_engine::benchmark::Benchmark;
use trustmh_model::api::{Completion, ModelApi};
use trustmh_model::error::ModelError;
use trustmh_run::derived::score::{ScoredRun, score};
use trustmh_run::manifest::Caps;
use trustmh_run::plan::forecast::forecast;
use trustmh_run::plan::{Plan, Request};
use trustmh_run::several::compare::{UnlikeTasks, beside};

use crate::support::{asked, request};

fn repeated(tasks: &[&str], repeats: u32) -> Request {
    Request {
        repeats: repeats.try_into().unwrap(),
        caps: Caps { items: Some(12), ..Caps::default() },
        ..request("openai/s", tasks)
    }
}

/// Answers by a hash of what it is asked, and by the repeat.
struct Fickle {
    id: ModelId,
    salt: &'static str,
}

impl ModelApi for Fickle {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        let key = format!("{}{}", self.salt, CallKey::of(&self.id, call));
        let drawn = Digest::of(key.as_bytes()).as_str().bytes().map(u32::from).sum::<u32>();
        let letter = ["A", "B", "C", "D"][drawn as usize % 4];
        let reply = Reply::new(letter.to_owned(), Finish::Stop, None);
        async move { Ok(Completion::local(reply)) }.boxed()
    }
}

#[test]
fn the_first_round_is_the_run_without_repeats_and_nothing_collides() {
    let benchmark = Benchmark::embedded().unwrap();
    // Fairness asks its neutral arm several times by itself; robustness perturbs.
    for task in ["ethics/reasoning", "fairness/parity", "robustness/emotional-support"] {
        for protocol in trustmh_core::protocol::Protocol::ALL {
            let trials = |repeats: u32| -> Vec<Trial> {
                let request = Request { protocol, ..repeated(&[task], repeats) };
                let plan = Plan::make(&benchmark, &request).unwrap();
                let made: Vec<Trial> = plan.trials(&benchmark).collect::<Result<_, _>>().unwrap();
                assert_eq!(made.len() as u64, plan.total(), "{task}");
                made
            };
            let (once, thrice) = (trials(1), trials(3));
            assert_eq!(thrice.len(), 3 * once.len());
            let first: Vec<&Trial> =
                thrice.iter().filter(|trial| round_of(trial.id.as_str()).1 == 0).collect();
            assert!(once.iter().eq(first), "{task}: the first round is the run itself");
            let ids: BTreeSet<&str> = thrice.iter().map(|trial| trial.id.as_str()).collect();
            assert_eq!(ids.len(), thrice.len(), "{task}: ids are unique");
            // Who is asked the same words twice is asked under another number.
            let mut asks: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
            for trial in &thrice {
                let (words, variant) = (&trial.messages, trial.variant.label());
                let id = &trial.item.id;
                let kind = trial.perturbation.map(|done| (done.family.slug(), done.level.slug()));
                let new = asks
                    .entry(format!("{id} {variant} {kind:?} {words:?}"))
                    .or_default()
                    .insert(trial.repeat);
                assert!(new, "{task}: {}", trial.id);
            }
        }
    }
}

#[test]
fn a_plan_counts_every_round() {
    let benchmark = Benchmark::embedded().unwrap();
    let of = |request: Request| {
        let plan = Plan::make(&benchmark, &request).unwrap();
        let task = "ethics/reasoning".parse().unwrap();
        (plan.manifest.plan_hash.clone(), forecast(&benchmark, &plan).unwrap()[&task])
    };
    let (hash, once) = of(repeated(&["ethics/reasoning"], 1));
    let (other, thrice) = of(repeated(&["ethics/reasoning"], 3));
    assert_ne!(hash, other);
    assert_eq!((thrice.items, thrice.trials), (once.items, 3 * once.trials));
    assert_eq!(thrice.subject_calls, 3 * once.subject_calls);
    let caps = Caps { trials: Some(12), ..Caps::default() };
    let (_, capped) = of(Request { caps, ..repeated(&["ethics/reasoning"], 3) });
    assert!(capped.trials <= 12 && capped.items <= 4, "{capped:?}");
}

fn scored(
    benchmark: &Benchmark,
    repeats: u32,
    salt: &'static str,
) -> (tempfile::TempDir, ScoredRun) {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::make(benchmark, &repeated(&["ethics/reasoning"], repeats)).unwrap();
    plan.write(benchmark, folder.path()).unwrap();
    let subject = Fickle { id: ModelId::new("openai/s"), salt };
    asked(benchmark, &plan, folder.path(), &subject, None);
    let scored = score(benchmark, folder.path(), None, None).unwrap();
    (folder, scored)
}

fn accuracy(
    benchmark: &Benchmark,
    one: &ScoredRun,
    two: &ScoredRun,
) -> (TaskComparison, Difference) {
    let found = beside(benchmark, one, two, 0.05, UnlikeTasks::Refused).unwrap();
    let task = found.tasks[&"ethics/reasoning".parse().unwrap()].clone();
    let difference = task.metrics.values().find(|found| found.primary).unwrap().clone();
    (task, difference)
}

#[test]
fn repeats_of_an_item_are_one_observation_of_a_comparison() {
    let benchmark = Benchmark::embedded().unwrap();
    let ((_a, one), (_b, two)) = (scored(&benchmark, 3, "x"), scored(&benchmark, 3, "y"));
    assert_eq!(one.scorecard.repeats.get(), 3);
    let (task, found) = accuracy(&benchmark, &one, &two);
    assert_eq!(task.shared, 36);
    assert_eq!((found.n, found.clusters), (12, 12), "means of items");
    assert_eq!(found.missing, 0);
    let tests: Vec<TestName> = found.other_tests.keys().copied().chain([found.test]).collect();
    assert!(!tests.contains(&TestName::McNemar) && !tests.contains(&TestName::McNemarMidP));
    let mean = |run: &ScoredRun| {
        let card = &run.scorecard.tasks[&"ethics/reasoning".parse().unwrap()];
        card.metrics.values().find(|metric| metric.primary).unwrap().value
    };
    assert!((found.first - mean(&one)).abs() < 1e-12);
    assert!((found.difference - (mean(&two) - mean(&one))).abs() < 1e-12);
    // Without repeats the shares are tested as they were.
    let ((_c, one), (_d, two)) = (scored(&benchmark, 1, "x"), scored(&benchmark, 1, "y"));
    assert_eq!(accuracy(&benchmark, &one, &two).1.test, TestName::McNemarMidP);
}

#[test]
fn of_runs_with_unequal_repeats_the_rounds_of_both_are_compared() {
    let benchmark = Benchmark::embedded().unwrap();
    let ((_a, one), (_b, two)) = (scored(&benchmark, 3, "x"), scored(&benchmark, 1, "y"));
    let ((_c, first), _) = (scored(&benchmark, 1, "x"), ());
    let (task, found) = accuracy(&benchmark, &one, &two);
    assert_eq!((task.shared, task.only_first, task.only_second, found.missing), (12, 0, 0, 0));
    let (_, same) = accuracy(&benchmark, &first, &two);
    assert_eq!((found.first, found.second, found.p), (same.first, same.second, same.p));
    let (task, _) = accuracy(&benchmark, &two, &one);
    assert_eq!((task.shared, task.only_first, task.only_second), (12, 0, 0));
}
