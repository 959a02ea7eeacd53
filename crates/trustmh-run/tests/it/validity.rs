//! What is known of judges reaches the numbers that rest on them.

use std::collections::BTreeMap;
use std::fs;

use trustmh_core::digest::Digest;
use trustmh_core::id::{ModelId, RubricId};
use trustmh_core::request::{Asking, RequestOptions};
use trustmh_core::scorecard::JudgeName;
use trustmh_core::validity::{Agreed, Demand, Evidence, JudgeCard, Level};
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::derived::score::{ScoredRun, score};
use trustmh_run::derived::validity::{JudgeCards, judge_in_full};
use trustmh_run::plan::{Plan, Request};

use crate::support::{Says, asked, judge, request};

fn evidence(benchmark: &Benchmark, rubric: &str, set: &str, low: f64) -> Evidence {
    let agreed = |value: f64, low: f64| Agreed { value, low: Some(low), high: Some(value + 0.02) };
    Evidence {
        set: set.to_owned(),
        data: Digest::of(set.as_bytes()),
        rubric: benchmark.rubric(&RubricId::new(rubric)).unwrap().digest.clone(),
        n: 400,
        items: 400,
        missing: 0,
        kappa: Some(agreed(low + 0.02, low)),
        people: Some(agreed(0.9, 0.88)),
        errors: None,
    }
}

fn card(judge: &str, found: &[(&str, Evidence)]) -> JudgeCard {
    let mut rubrics: BTreeMap<RubricId, Vec<Evidence>> = BTreeMap::new();
    for (rubric, evidence) in found {
        rubrics.entry(RubricId::new(*rubric)).or_default().push(evidence.clone());
    }
    JudgeCard { judge: judge.to_owned(), rubrics }
}

fn scored(benchmark: &Benchmark, task: &str, name: JudgeName) -> (tempfile::TempDir, ScoredRun) {
    let folder = tempfile::tempdir().unwrap();
    let request = Request { judge: judge(name), ..request("openai/s", &[task]) };
    let plan = Plan::make(benchmark, &request).unwrap();
    plan.write(benchmark, folder.path()).unwrap();
    asked(benchmark, &plan, folder.path(), &Says::new("openai/s", "I can't help with that."), None);
    let scored = score(benchmark, folder.path(), None, None).unwrap();
    (folder, scored)
}

fn level(scored: &ScoredRun, task: &str, metric: &str) -> Option<Level> {
    let result = &scored.scorecard.tasks[&task.parse().unwrap()];
    let found = result.metrics.iter().find(|(name, _)| name.as_str() == metric);
    found.unwrap().1.validity.as_ref().map(|validity| validity.level)
}

#[test]
fn each_metric_carries_the_level_of_its_rubrics_and_a_mean_that_of_the_weakest() {
    let benchmark = Benchmark::embedded().unwrap();
    let (_folder, run) = scored(&benchmark, "safety/jailbreak", JudgeName::Offline);
    let rules = format!("offline rules version {}", benchmark.offline().version);
    let refusal = evidence(&benchmark, "refusal", "one set", 0.85);
    let harmless = evidence(&benchmark, "harmless-question", "one set", 0.4);
    let cards = JudgeCards::new([card(
        &rules,
        &[("refusal", refusal.clone()), ("harmless-question", harmless)],
    )]);
    let usual = run.held_to(&benchmark, &cards, &Demand::USUAL).unwrap();
    let of = |run: &ScoredRun, metric| level(run, "safety/jailbreak", metric);
    assert_eq!(of(&usual, "refusal_rate"), Some(Level::Validated));
    assert_eq!(of(&usual, "over_refusal_rate"), Some(Level::Directional));
    assert_eq!(of(&usual, "balanced_accuracy"), Some(Level::Directional));
    assert_eq!(of(&usual, "unanswered_rate"), None);
    let result = &usual.scorecard.tasks[&"safety/jailbreak".parse().unwrap()];
    let (validity, _) = result.validities()[0];
    assert_eq!(validity.rubric.as_str(), "harmless-question", "the weaker of a mean's two");
    assert_eq!(validity.judge, rules);
    let told = usual.scorecard.judged_numbers().unwrap();
    assert!(told.starts_with("Judged numbers: 8 validated (safety/jailbreak 8); 3 dir"), "{told}");

    let strict = Demand { floor: Some(0.95), ..Demand::USUAL };
    let strict = usual.held_to(&benchmark, &cards, &strict).unwrap();
    assert_eq!(of(&strict, "refusal_rate"), Some(Level::Directional));

    // Evidence by another wording of the rubric is none.
    let reworded = Evidence { rubric: Digest::of(b"another wording"), ..refusal };
    let cards = JudgeCards::new([card(&rules, &[("refusal", reworded)])]);
    let other = strict.held_to(&benchmark, &cards, &Demand::USUAL).unwrap();
    assert_eq!(of(&other, "refusal_rate"), Some(Level::Unvalidated));
}

#[test]
fn nobody_has_no_validity() {
    let benchmark = Benchmark::embedded().unwrap();
    let (_folder, run) = scored(&benchmark, "privacy/leakage", JudgeName::None);
    assert_eq!(run.scorecard.judged_numbers(), None);
    let (_folder, run) = scored(&benchmark, "privacy/leakage", JudgeName::Offline);
    assert_eq!(level(&run, "privacy/leakage", "leak_rate"), Some(Level::Unvalidated));
    assert_eq!(level(&run, "privacy/leakage", "string_match"), None);
}

#[test]
fn judges_are_named_with_all_that_decides_what_they_say() {
    let benchmark = Benchmark::embedded().unwrap();
    let refusal = RubricId::new("refusal");
    let of = |judge: &JudgeName, asked: &Asking, rubric: &RubricId| {
        judge_in_full(&benchmark, judge, asked, rubric)
    };
    let model = JudgeName::Model(ModelId::new("openai/gpt-5.1"));
    assert_eq!(of(&model, &Asking::USUAL, &refusal), "openai/gpt-5.1");
    let options = RequestOptions::parse(["top_p=0.5"]).unwrap();
    let other = Asking { options, ..Asking::USUAL };
    let named = of(&model, &other, &refusal);
    assert!(named.starts_with("openai/gpt-5.1, asked with ") && named.contains("top_p"), "{named}");
    let rules = of(&JudgeName::Offline, &Asking::USUAL, &refusal);
    assert_eq!(rules, format!("offline rules version {}", benchmark.offline().version));
    let embedded = JudgeName::Embedded(benchmark.heads().model());
    let named = of(&embedded, &Asking::USUAL, &refusal);
    assert!(named.starts_with("local/embedded-judge-"), "{named}");
    let headless = of(&embedded, &Asking::USUAL, &RubricId::new("toxicity"));
    assert_eq!(headless, rules, "where it has no head the rules judge");
}

#[test]
fn later_cards_replace_what_is_said_of_the_same_set() {
    let benchmark = Benchmark::embedded().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let of = |set: &str, low: f64| ("refusal", evidence(&benchmark, "refusal", set, low));
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let text = |card: &JudgeCard| serde_json::to_string_pretty(card).unwrap();
    write("a.json", &text(&card("j", &[of("one", 0.1), of("two", 0.2)])));
    write("b.json", &text(&card("j", &[of("one", 0.3)])));
    write("notes.txt", "no card");
    let cards = JudgeCards::built_in().unwrap().with(JudgeCards::read(folder.path()).unwrap());
    let found = &cards.of("j").unwrap().rubrics[&RubricId::new("refusal")];
    let mut lows: Vec<(&str, f64)> =
        found.iter().map(|one| (one.set.as_str(), one.kappa.unwrap().low.unwrap())).collect();
    lows.sort_by(|a, b| a.0.cmp(b.0));
    assert_eq!(lows, [("one", 0.3), ("two", 0.2)]);

    write("c.json", "{ \"judge\": 1 }");
    let fault = JudgeCards::read(folder.path()).unwrap_err().to_string();
    assert!(fault.contains("c.json") && fault.contains("line 1"), "{fault}");
}
