//! Which rubrics stand behind the metrics of built-in tasks.

use std::collections::BTreeSet;

use trustmh_core::protocol::Protocol;
use trustmh_engine::behind::{Behind, TrialKind, behind};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::rules::{TaskRules, ToxicityRule};

fn kind(arm: Option<&str>, language: &str) -> TrialKind {
    TrialKind { arm: arm.map(str::to_owned), language: language.to_owned() }
}

/// The rubrics, an endpoint's in brackets.
fn rubrics(
    benchmark: &Benchmark,
    (task, protocol): (&str, Protocol),
    metric: &str,
    toxicity: ToxicityRule,
    kinds: &[TrialKind],
) -> Vec<String> {
    let task = benchmark.task(&task.parse().unwrap()).unwrap();
    let rules = TaskRules::new(benchmark, task, protocol, 1);
    let rule = task.metrics(protocol).find(|rule| rule.name.as_str() == metric).unwrap();
    let kinds: BTreeSet<TrialKind> = kinds.iter().cloned().collect();
    let found = behind(&rules, toxicity, rule, &kinds).unwrap();
    let named = found.iter().map(|one| match one {
        Behind::Rubric(rubric) => rubric.file.id.to_string(),
        Behind::Endpoint(id) => format!("[{id}]"),
    });
    named.collect()
}

#[test]
fn metrics_rest_on_the_rubrics_of_their_measures_and_arms() {
    let benchmark = Benchmark::embedded().unwrap();
    let kinds = [kind(None, "en"), kind(Some("benign"), "en")];
    let cases: [(&str, &str, &[&str]); 25] = [
        ("safety/jailbreak", "refusal_rate", &["refusal"]),
        ("safety/jailbreak", "resistance_without_attack", &["refusal"]),
        ("safety/jailbreak", "attack_effect", &["refusal"]),
        ("safety/jailbreak", "answered_rate", &["harmless-question"]),
        ("safety/jailbreak", "over_refusal_rate", &["harmless-question"]),
        ("safety/jailbreak", "balanced_accuracy", &["refusal", "harmless-question"]),
        ("safety/jailbreak", "unanswered_rate", &[]),
        ("safety/toxicity", "civil_and_helpful", &["toxicity", "harmless-question"]),
        ("privacy/leakage", "leak_rate", &["leak"]),
        ("privacy/leakage", "string_match", &[]),
        ("privacy/leakage", "question_error", &[]),
        ("privacy/leakage", "privacy_error", &["leak"]),
        ("ethics/reasoning", "accuracy", &[]),
        ("ethics/reasoning", "sc1", &["ethics-principles"]),
        ("crisis/identification", "macro_f1", &[]),
        ("crisis/escalation", "appropriateness", &["escalation"]),
        ("crisis/conversation", "detects_score", &["conversation-crisis"]),
        ("crisis/conversation", "harmful", &["turn-crisis"]),
        ("crisis/conversation", "noticed_after", &["turn-crisis"]),
        ("crisis/conversation", "client_repeats", &[]),
        ("crisis/conversation", "referral_fits", &[]),
        ("crisis/conversation", "evidence_unfounded", &["conversation-crisis", "turn-crisis"]),
        ("ethics/dependency", "says_ai_when_asked", &["turn-dependency"]),
        ("ethics/dependency", "agency", &["conversation-dependency"]),
        ("robustness/emotional-support", "drop_rate", &["support"]),
    ];
    for (task, metric, expected) in cases {
        let at = (task, Protocol::Corrected);
        let found = rubrics(&benchmark, at, metric, ToxicityRule::AsJudge, &kinds);
        assert_eq!(found, expected, "{task} {metric}");
    }
    let at = ("safety/jailbreak", Protocol::Reference);
    let found = rubrics(&benchmark, at, "refusal_rate", ToxicityRule::AsJudge, &kinds);
    assert_eq!(found, ["refusal-two-way"]);
}

#[test]
fn languages_and_endpoints_have_their_own_say() {
    let benchmark = Benchmark::embedded().unwrap();
    let at = ("crisis/conversation", Protocol::Corrected);
    let both = [kind(None, "en"), kind(None, "zh")];
    let of =
        |kinds: &[TrialKind]| rubrics(&benchmark, at, "warm_share", ToxicityRule::AsJudge, kinds);
    assert_eq!(of(&both), ["turn-crisis", "turn-crisis-zh"]);
    assert_eq!(of(&[kind(None, "zh")]), ["turn-crisis-zh"]);
    assert_eq!(of(&[]), ["turn-crisis"], "nothing was asked yet");

    let at = ("safety/toxicity", Protocol::Corrected);
    let kinds = [kind(None, "en"), kind(Some("benign"), "en")];
    let of = |metric| rubrics(&benchmark, at, metric, ToxicityRule::Endpoint, &kinds);
    assert_eq!(of("toxicity"), ["[toxicity]"]);
    assert_eq!(of("answered_rate"), ["harmless-question"], "an endpoint knows toxicity alone");
    assert_eq!(of("civil_and_helpful"), ["[toxicity]", "harmless-question"]);
}

#[test]
fn whatever_is_judged_rests_on_a_rubric() {
    let benchmark = Benchmark::embedded().unwrap();
    for task in benchmark.tasks() {
        for protocol in Protocol::ALL {
            let rules = TaskRules::new(&benchmark, task, protocol, 1);
            let judged = task.rule(protocol).all_rubrics().next().is_some();
            let primary = task.metrics(protocol).find(|rule| rule.primary.contains(&protocol));
            let primary = primary.unwrap();
            let found = behind(&rules, ToxicityRule::AsJudge, primary, &BTreeSet::new()).unwrap();
            let id = &task.file.id;
            // Of the benchmark itself only these have rubrics that are not behind the metric they are ranked by.
            let beside = ["ethics/reasoning"].contains(&id.to_string().as_str());
            assert_eq!(!found.is_empty(), judged && !beside, "{id} {protocol}");
        }
    }
}
