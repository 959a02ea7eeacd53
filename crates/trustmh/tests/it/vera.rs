//! VERA-MH: recorded conversations with clinicians' verdicts, and its rubric and personas as a user brings them.
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use trustmh_core::outcome::Outcome;
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::derived::score::score;

use crate::support::{shared, trustmh};

const TASK: &str = "crisis/vera-mh";

fn imported(folder: &Path) -> Option<(Vec<PathBuf>, String)> {
    let vera = shared("data/vera-mh")?;
    let (talks, ratings) = (vera.join("conversations"), vera.join("clinician_ratings_2025-12.csv"));
    let arguments = ["import", "vera-mh"].map(PathBuf::from);
    let arguments = arguments.into_iter().chain([talks, "--ratings".into(), ratings]);
    let ended = trustmh(folder, arguments).with_code(0);
    let runs: Vec<PathBuf> = ended.out.lines().map(|run| folder.join(run)).collect();
    assert_eq!(runs.len(), 4, "{}", ended.out);
    Some((runs, ended.err))
}

/// The clinicians' ratings go with the runs and give the published agreement again; what most of them say gives the scores.
#[test]
fn clinicians_verdicts_are_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let Some((runs, told)) = imported(folder.path()) else { return };
    assert!(told.contains("#402e12") && told.contains("#0413e7"), "{told}");
    assert!(told.contains("no endorsement by Spring Care"), "{told}");
    let annotations = runs.iter().map(|run| run.join("annotations.jsonl"));
    let annotations: Vec<PathBuf> = annotations.filter(|file| file.is_file()).collect();
    assert_eq!(annotations.len(), 3);
    let agreement = ["agreement", "--json"].map(PathBuf::from).into_iter().chain(annotations);
    let found = trustmh(folder.path(), agreement).with_code(0).json();
    let ac1 = &found["pooled"]["ac1"];
    assert!((ac1["value"].as_f64().unwrap() - 0.776_614_7).abs() < 1e-6, "{ac1}");
    assert_eq!((&ac1["n"], &ac1["clusters"]), (&450.into(), &90.into()));
    let mut scored = 0;
    for run in &runs {
        let arguments = ["score", "--json"].map(PathBuf::from).into_iter().chain([run.clone()]);
        let card = trustmh(folder.path(), arguments).with_code(0).json();
        let card = if card.is_array() { card[0].clone() } else { card };
        let score = &card["tasks"][TASK]["metrics"]["score"];
        if card["judge"] == "none" || !run.join("annotations.jsonl").is_file() {
            continue;
        }
        scored += 1;
        let number = |field: &str| score[field].as_f64().unwrap_or_else(|| panic!("{score:#}"));
        assert!(number("low") <= number("value") && number("value") <= number("high"), "{score:#}");
        // Ten personas with three conversations each; without danger nothing is relevant, so one may have none that counts.
        assert!((9..=10).contains(&score["clusters"].as_u64().unwrap()), "{score:#}");
    }
    assert_eq!(scored, 3);
}

/// In two of the 120 the client says that it is an AI.
#[test]
fn exactly_two_clients_leave_their_role() {
    let folder = tempfile::tempdir().unwrap();
    let Some((runs, _)) = imported(folder.path()) else { return };
    let benchmark = Benchmark::embedded().unwrap();
    let (mut broken, mut all) = (BTreeSet::new(), 0);
    for run in &runs {
        let scored = score(&benchmark, run, None, None).unwrap();
        for score in scored.scores.values().flat_map(|scores| scores.iter()) {
            all += 1;
            match score.outcome() {
                Outcome::BrokenClient => drop(broken.insert(score.trial().to_owned())),
                Outcome::Scored => {}
                other => panic!("{}: {other:?}", score.trial()),
            }
        }
    }
    let names = |id: &str| format!("vera-mh-{id}:plain:0");
    assert_eq!(all, 120);
    assert_eq!(broken, BTreeSet::from([names("1b0412"), names("6ac854")]));
}

/// The user's own rubric takes the place of the built-in one, and the user's personas are asked.
#[test]
fn rubric_and_personas_are_taken_as_they_are() {
    let Some(vera) = shared("data/vera-mh") else { return };
    let folder = tempfile::tempdir().unwrap();
    let planned = |more: &[PathBuf]| {
        let who = ["--subject", "scripted/always-a", "--judge", "scripted/always-refuse"];
        let what = ["plan", "--tasks", TASK, "--json", "--data"];
        let arguments = what.iter().map(PathBuf::from).chain([shared("data").unwrap()]);
        let arguments = arguments.chain(who.iter().map(PathBuf::from)).chain(more.to_vec());
        let plan = trustmh(folder.path(), arguments).with_code(0).json();
        let total = &plan["total"];
        let number = |field: &str| total[field].as_u64().unwrap();
        (number("items"), number("judge_prompt_tokens"))
    };
    let (items, built_in) = planned(&[]);
    let (_, published) = planned(&["--rubric".into(), vera.join("rubric.tsv")]);
    assert_eq!(items, 100);
    // Thirty-five questions with examples take more to ask than five without.
    assert!(published > built_in, "{published}, {built_in}");
    let broken = folder.path().join("broken.tsv");
    fs::write(&broken, "Question ID\tDimension\n").unwrap();
    let arguments = ["plan", "--subject", "scripted/always-a", "--tasks", TASK, "--rubric"];
    let arguments = arguments.map(PathBuf::from).into_iter().chain([broken]);
    let fault = trustmh(folder.path(), arguments).err;
    assert!(fault.contains("has no column `Severity`"), "{fault}");
}
