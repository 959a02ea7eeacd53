//! What models are sent, letter by letter: a hash over every message of every starter item's trials, by task and protocol.
use std::fmt::Write;

use trustmh_core::call::{CallSpec, Purpose};
use trustmh_core::digest::Hashing;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Trial;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::judge::context;
use trustmh_engine::walk::JudgeRule;

use crate::support::starter::{played, trials, walk};

/// Neither an answer nor a verdict, so that everything that can be asked again is; some verdicts are blank.
fn vague(call: &CallSpec, trial: &Trial) -> String {
    let said = match call.purpose {
        Purpose::Subject { .. } | Purpose::Client { .. } => "Hm. Let me think about it.",
        Purpose::Judge { .. } if trial.id.as_str().len().is_multiple_of(2) => "Hm.",
        Purpose::Judge { .. } => " ",
    };
    said.to_owned()
}

#[test]
fn every_message_is_what_it_was() {
    let benchmark = Benchmark::embedded().unwrap();
    let mut table = String::new();
    for task in benchmark.tasks() {
        for protocol in Protocol::ALL {
            let walk = walk(&benchmark, task, protocol, JudgeRule::Model);
            let (mut asked, mut judged, mut shown) =
                (Hashing::default(), Hashing::default(), Hashing::default());
            let (mut asks, mut verdicts) = (0, 0);
            for trial in trials(&benchmark, task, protocol) {
                let (calls, _) = played(&walk, &trial, |call| vague(call, &trial));
                for call in calls {
                    let (hash, count) = match call.purpose {
                        Purpose::Subject { .. } | Purpose::Client { .. } => (&mut asked, &mut asks),
                        Purpose::Judge { .. } => (&mut judged, &mut verdicts),
                    };
                    *count += 1;
                    hash.add(&serde_json::to_vec(&call.messages).unwrap());
                }
                for rubric in walk.rules.rubrics(&trial).unwrap() {
                    for block in context(&walk.rules, rubric, &trial).unwrap() {
                        shown.add(block.title.as_bytes());
                        shown.add(block.text.trim().as_bytes());
                    }
                }
            }
            let short = |hash: Hashing| hash.end().as_str()[..16].to_owned();
            let (asked, judged, shown) = (short(asked), short(judged), short(shown));
            writeln!(
                table,
                "{} {protocol}: {asks} asks {asked}, {verdicts} verdicts {judged}, shown {shown}",
                task.file.id
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(table);
}
