//! A judge's mean put right by a third of people's scores, on records that have both.
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::Value;
use trustmh_core::metric::Estimate;
use trustmh_stats::mean::mean;
use trustmh_stats::prediction_powered::{self, Labelled};
use trustmh_stats::sample::Sample;

const DRAWS: u64 = 1000;

/// How many of 1,000 intervals from a random third of the human scores hold the mean of them all, and whether the
/// interval of the judge's own mean does.
fn covered(pairs: &[(f64, f64)]) -> (u64, bool) {
    let humans = pairs.iter().map(|(human, _)| human).sum::<f64>() / pairs.len() as f64;
    let holds = |estimate: &Estimate| {
        estimate.interval.is_some_and(|ends| ends.low <= humans && humans <= ends.high)
    };
    let judged: Vec<f64> = pairs.iter().map(|(_, judge)| *judge).collect();
    let mut shuffled = pairs.to_vec();
    let mut rng = ChaCha12Rng::seed_from_u64(7);
    let held = (0..DRAWS).filter(|_| {
        shuffled.shuffle(&mut rng);
        let third = &shuffled[..pairs.len() / 3];
        holds(&prediction_powered::mean(&judged, third, Labelled::OfThese).unwrap())
    });
    (held.count() as u64, holds(&mean(&Sample::independent(judged.clone()).unwrap())))
}

#[track_caller]
fn assert_put_right(what: &str, pairs: &[(f64, f64)]) {
    let (covered, raw) = covered(pairs);
    assert!(covered >= 930, "{what}: {covered} of {DRAWS}");
    assert!(!raw, "{what}: the judge's own interval holds people's mean");
}

/// The scores in a cell: JSON, fenced or not.
fn scores(cell: &Data) -> Option<Value> {
    let text = cell.to_string();
    let object = text.get(text.find('{')?..=text.rfind('}')?)?;
    serde_json::from_str(object).ok()
}

fn column(path: &Path, name: &str) -> Vec<Option<Value>> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let mut rows = sheet.rows();
    let head = rows.next().unwrap();
    let place = head.iter().position(|cell| cell.to_string().trim() == name).unwrap();
    rows.map(|row| scores(&row[place])).collect()
}

#[test]
fn a_third_of_peoples_scores_puts_a_judge_of_support_right() {
    let Some(folder) = trustmh_testing::shared("records/mentalalign") else { return };
    for model in ["claude", "gpt4o", "llama_3"] {
        let human = column(&folder.join("Human_judge.xlsx"), &format!("human_response_{model}"));
        let judge =
            column(&folder.join("gpt-4o_llm_judge.xlsx"), &format!("judge_response_{model}"));
        for criterion in ["Guidance", "Empathy"] {
            let pairs: Vec<(f64, f64)> = human
                .iter()
                .zip(&judge)
                .filter_map(|(human, judge)| {
                    let score = |scores: &Option<Value>| scores.as_ref()?.get(criterion)?.as_f64();
                    Some((score(human)?, score(judge)?))
                })
                .collect();
            assert!(pairs.len() > 900, "{model} {criterion}: {} pairs", pairs.len());
            assert_put_right(&format!("{model} {criterion}"), &pairs);
        }
    }
}

fn read(path: &Path) -> Vec<Value> {
    // Scores that are not there stand as NaN, which is no JSON.
    let text = fs::read_to_string(path).unwrap().replace(": NaN", ": null");
    serde_json::from_str(&text).unwrap()
}

fn only(folder: &Path, begin: &str, end: &str) -> std::path::PathBuf {
    let mut paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .find(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.starts_with(begin) && name.ends_with(end)
        })
        .unwrap()
}

/// The messages that a file is about, as one text; some files have a list of sentences.
fn message(row: &Value) -> String {
    match &row["inputs"] {
        Value::Array(parts) => {
            parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ")
        }
        other => other.as_str().unwrap().to_owned(),
    }
}

#[test]
fn a_third_of_peoples_scores_puts_a_judge_of_crisis_replies_right() {
    let (Some(data), Some(records)) =
        (trustmh_testing::shared("data/crisis"), trustmh_testing::shared("records/crisis"))
    else {
        return;
    };
    // The judge scored one model's replies; people scored replies of several, of which 53 are the same.
    let judged: BTreeMap<String, f64> =
        read(&only(&records, "gpt-4o-mini-evaluation", "_merged.json"))
            .iter()
            .filter_map(|row| {
                Some((row["answer"].as_str()?.to_owned(), row["evaluation"].as_f64()?))
            })
            .collect();
    let pairs: Vec<(f64, f64)> = read(&data.join("H1_scores_n206_s42.json"))
        .iter()
        .filter_map(|row| {
            Some((row["evaluation"].as_f64()?, *judged.get(row["answer"].as_str()?)?))
        })
        .collect();
    assert!(pairs.len() > 50, "{} pairs", pairs.len());
    assert_put_right("H1", &pairs);
}

/// Which share of messages tell of a crisis: a model's labels find far fewer than people's.
#[test]
fn a_third_of_peoples_labels_puts_the_share_of_crises_right() {
    let Some(data) = trustmh_testing::shared("data/crisis") else { return };
    let alarm = |row: &Value| f64::from(u8::from(row["label"] != "no_crisis"));
    let by_model: BTreeMap<String, f64> =
        read(&only(&data, "gpt-4o-mini-labeled-sampled_dataset_n_200", ".json"))
            .iter()
            .map(|row| (message(row), alarm(row)))
            .collect();
    for rater in ["H1_labeled", "H2_labeled", "H3_labeled", "H4_labelled"] {
        let pairs: Vec<(f64, f64)> = read(&data.join(format!("{rater}_n206_s42.json")))
            .iter()
            .filter_map(|row| Some((alarm(row), *by_model.get(&message(row))?)))
            .collect();
        assert!(pairs.len() > 150, "{rater}: {} pairs", pairs.len());
        // Two of the four find about as many crises as the model: there is nothing to put right, and nothing is put wrong.
        if ["H1_labeled", "H3_labeled"].contains(&rater) {
            assert_put_right(rater, &pairs);
        } else {
            let (covered, raw) = covered(&pairs);
            assert!(covered >= 930 && raw, "{rater}: {covered}");
        }
    }
}
