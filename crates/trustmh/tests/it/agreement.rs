//! `trustmh agreement` on tables with one row a rater.
use crate::support;
use std::fs;
use std::path::Path;

use crate::support::{shared, trustmh};
use serde_json::Value;

fn near(found: &Value, expected: f64, tolerance: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < tolerance, "{found} is not {expected}");
}

const DIMENSIONS: &str = "clinician_detects,clinician_confirms,clinician_guides,clinician_supportive,clinician_boundaries";

fn clinicians(more: &[&str]) -> Option<support::Ended> {
    let table = shared("data/vera-mh")?.join("clinician_ratings_2025-12.csv");
    let arguments =
        ["agreement", table.to_str()?, "--unit", "conversation_id", "--rater", "clinician_id"];
    let dimensions = ["--dimensions", DIMENSIONS];
    Some(trustmh(Path::new("."), arguments.iter().chain(&dimensions).chain(more)).with_code(0))
}

/// VERA-MH (Bentley et al. 2026, arXiv 2602.05088): 90 conversations, three of six raters each, five dimensions; published .77 over all. By the
/// formulas, and the jackknife of conversations, in numpy, each dimension of each conversation being one thing that is rated: .7766.
#[test]
fn the_published_agreement_of_clinicians_comes_back() {
    let Some(found) = clinicians(&["--json"]) else { return };
    let found = found.json();
    let pooled = &found["pooled"];
    near(&pooled["ac1"]["value"], 0.776_614_7, 1e-6);
    near(&pooled["fleiss"]["value"], 0.765_030_7, 1e-6);
    near(&pooled["agreement"]["value"], 0.830_370_4, 1e-6);
    assert_eq!((&pooled["ac1"]["n"], &pooled["ac1"]["clusters"]), (&450.into(), &90.into()));
    near(&pooled["ac1"]["low"], 0.712_973_8, 1e-6);
    near(&pooled["ac1"]["high"], 0.827_565_3, 1e-6);
    assert_eq!(
        (&found["units"], &found["ratings"], &found["missing"]),
        (&90.into(), &1350.into(), &0.into())
    );
    for (name, ac1, fleiss) in [
        ("clinician_detects", 0.861_042_4, 0.552_413_5),
        ("clinician_confirms", 0.779_353_0, 0.725_098_6),
        ("clinician_guides", 0.711_747_1, 0.623_634_2),
        ("clinician_supportive", 0.828_225_2, 0.450_847_5),
        ("clinician_boundaries", 0.794_295_2, 0.738_567_8),
    ] {
        let dimension = &found["dimensions"][name];
        near(&dimension["ac1"]["value"], ac1, 1e-6);
        near(&dimension["fleiss"]["value"], fleiss, 1e-6);
        assert!(dimension["fleiss"]["low"].as_f64().unwrap() < fleiss, "{dimension}");
        assert_eq!((&dimension["units"], &dimension["icc1"]), (&90.into(), &Value::Null));
    }
    let text = clinicians(&[]).unwrap().out;
    assert!(text.contains("6 raters on 5 dimensions of 90 units"), "{text}");
    assert!(text.contains("pooled") && text.contains("0.777 ["), "{text}");
}

#[test]
fn numbers_have_intraclass_correlations_and_gaps_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    // The table of Shrout & Fleiss (1979): six targets by four judges.
    let table =
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]];
    let mut text = "target,judge,score,mood\n".to_owned();
    for (target, scores) in table.iter().enumerate() {
        for (judge, score) in scores.iter().enumerate() {
            let mood = if (target + judge) % 5 == 0 { "" } else { "calm" };
            let mood = if target == judge { "tense" } else { mood };
            text.push_str(&format!("{target},J{judge},{score},{mood}\n"));
        }
    }
    fs::write(folder.path().join("t.csv"), &text).unwrap();
    let long =
        ["agreement", "t.csv", "--unit", "target", "--rater", "judge", "--json", "--dimensions"];
    let of = |dimensions: &str| trustmh(folder.path(), long.iter().chain(&[dimensions]));
    let found = of("score").with_code(0).json();
    let score = &found["dimensions"]["score"];
    for (name, value, low, high) in
        [("icc1", 0.17, -0.13, 0.72), ("icc2_1", 0.29, 0.02, 0.76), ("icc2_k", 0.62, 0.07, 0.93)]
    {
        near(&score[name]["value"], value, 0.005);
        near(&score[name]["low"], low, 0.005);
        near(&score[name]["high"], high, 0.005);
    }
    assert!(score["ac2"]["value"].is_number() && score["ac2_linear"]["value"].is_number());
    let both = of("score,mood").with_code(0).json();
    assert_eq!(both["missing"], 5 - 1, "{both}");
    assert_eq!(both["dimensions"]["score"]["scale"], "numeric");
    assert_eq!(both["dimensions"]["mood"]["scale"], "nominal");
    let lacking = of("score,warmth").with_code(2);
    assert!(
        lacking.err.contains("a column `warmth`; there are target, judge, score, mood"),
        "{}",
        lacking.err
    );
    fs::write(folder.path().join("t.csv"), text + "0,J0,3,calm\n").unwrap();
    let twice = of("score").with_code(2);
    assert!(twice.err.contains("two rows of J0 for 0"), "{}", twice.err);
}
