//! Overlap and variety of 2,295 recorded replies, against the figures recorded with them.
use std::fs;

use serde_json::Value;
use trustmh_stats::text::{BleuCounts, bleu, distinct, rouge_l, tokens, unigram_f1};

/// The recorded figures come from the NLTK tokenizer, whose model of where a sentence ends is trained; ours
/// ends one at every word with a closing mark. So a few full stops are split otherwise.
const TOLERANCE: f64 = 0.1;

#[test]
fn recorded_figures_come_back_within_a_tenth_of_a_point() {
    let Some(folder) = trustmh_testing::shared("records/esconv-generations") else { return };
    let read = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let (rows, recorded) = (read("gen.json"), read("metric.json"));
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 2295);
    let column = |name: &str| -> Vec<Vec<String>> {
        rows.iter().map(|row| tokens(row[name].as_str().unwrap())).collect()
    };
    let (replies, references) = (column("generation"), column("response"));
    let pairs = || replies.iter().zip(&references);
    let mut counts = BleuCounts::default();
    pairs().for_each(|(reply, reference)| counts.add(&BleuCounts::of(reply, reference)));
    let mean = |score: fn(&[String], &[String]) -> f64| {
        pairs().map(|(reply, reference)| score(reply, reference)).sum::<f64>() / rows.len() as f64
    };
    let clusters: Vec<usize> = (0..rows.len()).collect();
    // The jackknife over all replies is not needed here: one cluster is left out by none.
    let variety = |order| distinct(&replies, &vec![0; clusters.len()], order).unwrap().value;
    for (name, found) in [
        ("bleu-1", bleu(&counts, 1).unwrap()),
        ("bleu-2", bleu(&counts, 2).unwrap()),
        ("bleu-3", bleu(&counts, 3).unwrap()),
        ("bleu-4", bleu(&counts, 4).unwrap()),
        ("rouge-l", mean(rouge_l)),
        ("f1", mean(unigram_f1)),
        ("dist-2", variety(2)),
        ("dist-3", variety(3)),
    ] {
        let expected = recorded[name].as_f64().unwrap();
        let found = 100.0 * found;
        println!("{name}: {found:.3}, recorded {expected:.3}");
        assert!((found - expected).abs() < TOLERANCE, "{name}: {found:.3}, recorded {expected:.3}");
    }
}
