//! Room for thought and reply: what a plan gives its trials and its judge.
use std::collections::BTreeSet;

use trustmh_core::call::Sampling;
use trustmh_core::id::ModelId;
use trustmh_core::request::{Asking, RequestOptions};
use trustmh_core::scorecard::JudgeName;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::walk::UnreadVerdict;
use trustmh_run::manifest::{Caps, JudgeRecord, ModelRecord};
use trustmh_run::plan::forecast::forecast;
use trustmh_run::plan::{Plan, Request};

use crate::support;

fn request(caps: Caps, subject: Asking, judge: Asking) -> Request {
    let usual = support::request("openai/s", &["crisis/escalation", "ethics/reasoning"]);
    let name = JudgeName::Model(ModelId::new("openai/judge"));
    Request {
        subject: ModelRecord { asked: subject, ..usual.subject },
        judge: JudgeRecord { asked: judge, ..support::judge(name) },
        unread_verdict: UnreadVerdict::StaysMissing,
        caps: Caps { items: Some(2), ..caps },
        ..usual
    }
}

fn thinking(tokens: u32) -> Asking {
    Asking { thinking_tokens: Some(tokens), ..Asking::USUAL }
}

fn samplings(benchmark: &Benchmark, request: &Request) -> Vec<Sampling> {
    let plan = Plan::make(benchmark, request).unwrap();
    plan.trials(benchmark).map(|trial| trial.unwrap().sampling).collect()
}

#[test]
fn a_budget_sets_what_a_profile_only_bounds() {
    let benchmark = Benchmark::embedded().unwrap();
    let limits = |caps: Caps, asked: Asking| -> BTreeSet<(u32, Option<u32>)> {
        samplings(&benchmark, &request(caps, asked, Asking::USUAL))
            .iter()
            .map(|sampling| (sampling.max_tokens, sampling.thinking_tokens))
            .collect()
    };
    let usual = limits(Caps::default(), Asking::USUAL);
    assert!(usual.iter().all(|(reply, thinking)| *reply < 4000 && thinking.is_none()));
    let set = Caps { reply_budget: Some(4000), ..Caps::default() };
    assert_eq!(limits(set, thinking(900)), BTreeSet::from([(4000, Some(900))]));
    let bound = Caps { reply_tokens: Some(4000), ..Caps::default() };
    assert_eq!(limits(bound, Asking::USUAL), usual);
    let quick = Caps { reply_tokens: Some(80), ..Caps::default() };
    assert_eq!(limits(quick, thinking(900)), BTreeSet::from([(80, Some(900))]));
}

#[test]
fn a_forecast_counts_what_may_be_thought() {
    let benchmark = Benchmark::embedded().unwrap();
    let counted = |subject: Asking, judge: Asking| {
        let plan = Plan::make(&benchmark, &request(Caps::default(), subject, judge)).unwrap();
        let tasks = forecast(&benchmark, &plan).unwrap();
        tasks["crisis/escalation".parse().as_ref().unwrap()]
    };
    let (plain, room) =
        (counted(Asking::USUAL, Asking::USUAL), counted(thinking(900), thinking(50)));
    assert!(plain.judge_calls > 0 && plain.judge_thinking_tokens == 0);
    let more = room.subject_reply_tokens - plain.subject_reply_tokens;
    assert_eq!(more, 900 * plain.subject_calls);
    assert_eq!(room.judge_thinking_tokens, 50 * plain.judge_calls);
    assert_eq!(room.judge_prompt_tokens, plain.judge_prompt_tokens, "a judge sees no thought");
}

#[test]
fn other_options_are_another_plan() {
    let benchmark = Benchmark::embedded().unwrap();
    let hash = |subject: &[&str], judge: &[&str]| {
        let asked = |typed: &[&str]| Asking {
            options: RequestOptions::parse(typed.iter().copied()).unwrap(),
            ..Asking::USUAL
        };
        let request = request(Caps::default(), asked(subject), asked(judge));
        Plan::make(&benchmark, &request).unwrap().manifest.plan_hash
    };
    let hashes = [
        hash(&[], &[]),
        hash(&["top_p=0.5"], &[]),
        hash(&["top_p=0.6"], &[]),
        hash(&[], &["top_p=0.5"]),
    ];
    assert_eq!(hashes.iter().collect::<BTreeSet<_>>().len(), hashes.len());
    assert_eq!(hash(&[], &[]), hashes[0]);
}
