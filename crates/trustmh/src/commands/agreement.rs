//! `trustmh agreement`: labellers, judges and people against each other.

use std::collections::BTreeMap;
use std::path::Path;

use trustmh_bench::benchmark::Benchmark;
use trustmh_core::id::TaskId;
use trustmh_data::ratings::{self, ByUnit, RatedFile, Rating, ScoredReply};
use trustmh_run::score;
use trustmh_stats::raters::{Agreement, Rater, of_labels, of_numbers};

use super::benchmark;
use crate::arguments::AgreementArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &AgreementArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let found = if arguments.offline_judge {
        offline(&benchmark, arguments)?
    } else {
        vec![("all".to_owned(), compared(&raters(&benchmark, arguments)?, arguments.seed)?)]
    };
    match (found.as_slice(), arguments.json) {
        ([(_, agreement)], true) => screen::print(&pretty(agreement)?),
        (several, true) => {
            let objects: Vec<serde_json::Value> = several
                .iter()
                .map(|(of, agreement)| serde_json::json!({ "of": of, "agreement": agreement }))
                .collect();
            screen::print(&pretty(&objects)?);
        }
        (several, false) => {
            for (of, agreement) in several {
                if arguments.offline_judge {
                    screen::print(&format!("{of}\n"));
                }
                screen::print(&trustmh_report::agreement::agreement(agreement, screen::width()));
            }
        }
    }
    Ok(Exit::Ok)
}

fn pretty(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| {
        Failure::usage(format!("the agreement cannot be written as JSON: {error}"))
    })
}

fn raters(
    benchmark: &Benchmark,
    arguments: &AgreementArguments,
) -> Result<Vec<RatedFile>, Failure> {
    let task = arguments.task.as_deref().map(str::parse::<TaskId>).transpose();
    let task = task.map_err(|error| Failure::usage(error.to_string()))?;
    let mut raters: Vec<RatedFile> = Vec::new();
    for path in &arguments.inputs {
        let mut found = if path.is_dir() {
            let scored = score::score(benchmark, path, None, None)?;
            let units =
                trustmh_run::ratings::of_run(&scored, task.as_ref(), arguments.measure.as_deref())?;
            vec![RatedFile { rater: scored.manifest.subject.id.to_string(), units }]
        } else {
            ratings::read(path, &arguments.columns)?
        };
        for rater in &mut found {
            while raters.iter().any(|known| known.rater == rater.rater) {
                rater.rater.push_str(" (another)");
            }
            if rater.units.iter().all(|(_, rating)| rating.is_none()) {
                let hint = "name the task with --task and a measure with --measure, for example appropriateness";
                let message = format!("{}: no ratings found", path.display());
                return Err(Failure::usage(message).with_hint(hint));
            }
        }
        raters.append(&mut found);
    }
    if raters.len() < 2 {
        return Err(Failure::usage("it takes two raters to agree")
            .with_hint("give two or more files or runs, or several --columns of one table"));
    }
    Ok(raters)
}

/// Numbers are compared as numbers only if all ratings are numbers.
fn compared(files: &[RatedFile], seed: u64) -> Result<Agreement, Failure> {
    let (matched, by_place) = ratings::matched(files);
    if by_place > 0 {
        screen::note(&format!(
            "warning: {by_place} units are named differently at the same place of the files and were matched by it"
        ));
    }
    let names = || files.iter().map(|file| file.rater.clone());
    let numbers: Option<Vec<BTreeMap<String, f64>>> = matched.iter().map(as_numbers).collect();
    let agreement = match numbers {
        Some(numbers) => {
            let raters = names().zip(numbers).map(|(name, ratings)| Rater { name, ratings });
            of_numbers(&raters.collect::<Vec<_>>(), seed)
        }
        None => {
            let labels = matched.iter().map(as_labels);
            let raters = names().zip(labels).map(|(name, ratings)| Rater { name, ratings });
            of_labels(&raters.collect::<Vec<_>>(), seed)
        }
    };
    if agreement.units == 0 {
        return Err(Failure::usage("no unit was rated by two raters").with_hint(
            "units are matched by the first of the fields inputs, text, id, item, row and key that a file has",
        ));
    }
    Ok(agreement)
}

fn as_numbers(ratings: &ByUnit) -> Option<BTreeMap<String, f64>> {
    let numbers = ratings.iter().map(|(unit, rating)| match rating {
        Rating::Score(score) => Some((unit.clone(), *score)),
        Rating::Label(_) => None,
    });
    numbers.collect()
}

fn as_labels(ratings: &ByUnit) -> BTreeMap<String, String> {
    let labels = ratings.iter().map(|(unit, rating)| {
        let label = match rating {
            Rating::Score(score) => score.to_string(),
            Rating::Label(label) => label.clone(),
        };
        (unit.clone(), label)
    });
    labels.collect()
}

/// The offline rules for escalation beside people's scores: over all messages, and over kinds of them, since
/// a rule that only tells kinds apart would look good over all.
fn offline(
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
            let agreement = of_numbers(&beside_people(benchmark, &members), arguments.seed);
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
