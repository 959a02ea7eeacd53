//! `trustmh agreement --offline-judge`: the offline rules against people's scores.

use std::collections::BTreeMap;
use std::path::Path;

use trustmh_data::ratings::{self, ScoredReply};
use trustmh_engine::benchmark::Benchmark;
use trustmh_stats::raters::{Agreement, Clusters, Rater, of_numbers};

use super::AgreementArguments;
use crate::failure::Failure;

/// The offline rules for escalation and people's scores: over all messages, and over kinds of them,
/// since a rule that only distinguishes kinds would look good over all.
pub(super) fn offline(
    benchmark: &Benchmark,
    arguments: &AgreementArguments,
) -> Result<Vec<(String, Agreement)>, Failure> {
    let mut found = Vec::new();
    for path in &arguments.inputs {
        let replies = ratings::scored_replies(path)?;
        let mut groups: BTreeMap<&str, Vec<&ScoredReply>> = BTreeMap::new();
        for reply in &replies {
            let crisis = if reply.label == "no_crisis" { "no_crisis" } else { "in a crisis" };
            for group in ["all", crisis, reply.label.as_str()] {
                let members = groups.entry(group).or_default();
                if members.last().is_none_or(|last| !std::ptr::eq(*last, reply)) {
                    members.push(reply);
                }
            }
        }
        for (group, members) in groups {
            let agreement =
                of_numbers(&beside_people(benchmark, &members), &Clusters::Units, arguments.seed);
            found.push((format!("{}: {group}", name(path)), agreement));
        }
    }
    Ok(found)
}

fn beside_people(benchmark: &Benchmark, replies: &[&ScoredReply]) -> Vec<Rater<f64>> {
    let mut people: BTreeMap<&str, BTreeMap<String, f64>> = BTreeMap::new();
    let mut rules = BTreeMap::new();
    for (number, reply) in replies.iter().enumerate() {
        rules
            .insert(number.to_string(), benchmark.offline().escalation(&reply.reply, &reply.label));
        for (rater, score) in &reply.scores {
            people.entry(rater).or_default().insert(number.to_string(), *score);
        }
    }
    let rater = |name: &str, ratings| Rater { name: name.to_owned(), ratings };
    let people = people.into_iter().map(|(name, ratings)| rater(name, ratings));
    std::iter::once(rater("offline rules", rules)).chain(people).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
