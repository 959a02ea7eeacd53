//! What is missing behind a metric: whatever the missing trials would have been, the metric lies within its bounds.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use trustmh_bench::estimate::{Basis, task_result};
use trustmh_bench::task::Task;
use trustmh_core::id::{ClusterId, DatasetId, MeasureName, MetricName, TrialId};
use trustmh_core::outcome::Outcome;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{Coverage, ItemOrigin, ItemSource, MetricEstimate};
use trustmh_core::scores::Scores;
use trustmh_core::trial::{MissingVerdict, TrialScore};

/// A task with one metric of each kind of statistic, all on a measure of 1 to 5, a mark, two ratings and a label.
fn task() -> Task {
    let mut text = String::from(
        r#"
id = "reliability/bounds"
version = 1
title = "Bounds"
question = "?"
items = "labelled"
scorer = "label"
sources = []
caveats = []
[dataset]
starter = "crisis-severity"
[protocols.reference]
summary = "-"
decoding = "as-released"
expansion = "plain"
prompt = "crisis-severity"
parser = "label"
reasks = 0
temperature = 0.0
max_tokens = 8
[protocols.corrected]
summary = "-"
decoding = "repaired"
expansion = "plain"
prompt = "crisis-severity"
parser = "label"
reasks = 0
temperature = 0.0
max_tokens = 8
"#,
    );
    let metrics = [
        ("share", "[0.0, 1.0]", r#"kind = "proportion", of = "mark""#),
        ("mean", "[1.0, 5.0]", r#"kind = "mean", of = "score""#),
        ("mean_of_items", "[1.0, 5.0]", r#"kind = "mean-of-items", of = "score""#),
        (
            "contrast",
            "[-4.0, 4.0]",
            r#"kind = "contrast", of = "score", arm = "one", against = "two""#,
        ),
        ("drop", "[-4.0, 1.0]", r#"kind = "drop-rate", of = "score", floor = 0.0"#),
        ("flips", "[0.0, 1.0]", r#"kind = "flips", of = "mark", from = "right""#),
        ("highest", "[1.0, 5.0]", r#"kind = "maximum", of = "score""#),
        ("pearson", "[-1.0, 1.0]", r#"kind = "pearson", x = "rating", y = "people""#),
        ("spearman", "[-1.0, 1.0]", r#"kind = "spearman", x = "rating", y = "people""#),
        ("kappa", "[-1.0, 1.0]", r#"kind = "quadratic-kappa", x = "rating", y = "people""#),
        ("macro_f1", "[0.0, 1.0]", r#"kind = "f1", averaging = "macro""#),
        ("micro_f1", "[0.0, 1.0]", r#"kind = "f1", averaging = "micro""#),
        ("alarm_f1", "[0.0, 1.0]", r#"kind = "alarm-f1""#),
    ];
    for (name, range, statistic) in metrics {
        let primary =
            if name == "share" { "\nprimary = [\"reference\", \"corrected\"]" } else { "" };
        text += &format!(
            "[[metrics]]\nname = \"{name}\"\ntitle = \"-\"\ndirection = \"higher\"\nrange = {range}\nstatistic = {{ {statistic} }}{primary}\n"
        );
    }
    Task::parse("bounds.toml", &text).unwrap()
}

/// What a trial's reply comes to.
#[derive(Debug, Clone, Copy)]
struct Said {
    score: f64,
    mark: f64,
    rating: f64,
    label: &'static str,
}

const LABELS: [&str; 3] = ["supportive", "ideation", "attempt"];

/// What the trial of this number says, out of all that could be said.
fn said(number: usize, way: usize) -> Said {
    let at = number * 7 + way * 11 + number * way;
    Said {
        score: (1 + at % 5) as f64,
        mark: (at / 2 % 2) as f64,
        rating: (at % 4) as f64,
        label: LABELS[at / 3 % 3],
    }
}

fn trial(number: usize, said: Option<Said>) -> TrialScore {
    let people = (number % 4) as f64;
    let name = |name: &str| MeasureName::new(name);
    let due = |label: &str| if label == "supportive" { "none" } else { "alarm" };
    let given = LABELS[number % 3];
    let mut measures = BTreeMap::from([
        (name("people"), people),
        (name("model_rating_least"), 0.0),
        (name("model_rating_greatest"), 3.0),
    ]);
    let mut texts = BTreeMap::new();
    if let Some(said) = said {
        measures.insert(name("score"), said.score);
        measures.insert(name("mark"), said.mark);
        measures.insert(name("rating"), said.rating);
        texts.insert(name("label"), given.to_owned());
        texts.insert(name("predicted"), said.label.to_owned());
        texts.insert(name("alarm"), due(given).to_owned());
        texts.insert(name("predicted_alarm"), due(said.label).to_owned());
    }
    let (item, family) = (number / 3, ["none", "word", "character"][number % 3]);
    let tags = [
        ("arm", if item % 2 == 0 { "one" } else { "two" }),
        ("family", family),
        ("level", if family == "none" { "none" } else { "low" }),
        ("label", given),
        ("scheme", "columbia"),
    ];
    TrialScore {
        trial: TrialId::new(format!("reliability/bounds:i{item}/{number:02}")),
        cluster: ClusterId::new(format!("i{item}")),
        outcome: if said.is_some() { Outcome::Scored } else { Outcome::Failed },
        measures,
        texts,
        tags: tags.map(|(facet, value)| (facet.to_owned(), value.to_owned())).into(),
        flags: Default::default(),
        verdict_missing: None::<MissingVerdict>,
    }
}

const TRIALS: usize = 24;

fn metrics(
    gone: &[usize],
    way: impl Fn(usize) -> Option<usize>,
) -> BTreeMap<MetricName, MetricEstimate> {
    let scores: Scores = (0..TRIALS)
        .map(|number| {
            let found = if gone.contains(&number) {
                way(number).map(|way| said(number, way))
            } else {
                Some(said(number, 0))
            };
            trial(number, found)
        })
        .collect();
    result(&scores, TRIALS)
}

fn result(scores: &Scores, planned: usize) -> BTreeMap<MetricName, MetricEstimate> {
    let source = ItemSource {
        dataset: DatasetId::new("invented"),
        origin: ItemOrigin::Starter,
        records: 8,
        warnings: Vec::new(),
        files: BTreeMap::new(),
        labelled_by: Vec::new(),
    };
    let basis = Basis {
        protocol: Protocol::Corrected,
        seed: 1,
        planned: planned as u64,
        source,
        caveats: Vec::new(),
    };
    task_result(&task(), scores, basis).metrics
}

#[test]
fn no_reply_that_could_have_come_leaves_the_bounds() {
    for gone in [vec![4], vec![0, 13], vec![1, 9, 17, 20]] {
        let lacking = metrics(&gone, |_| None);
        for way in 0..20 {
            let whole = metrics(&gone, |number| Some(way + number));
            for (name, found) in &whole {
                let Some(own) = lacking.get(name) else { panic!("{name} is not there") };
                assert_eq!(found.coverage, None, "{name}");
                if name.as_str() == "unanswered_rate" {
                    continue;
                }
                let Coverage { lowest, highest, missing, judged } = own.coverage.unwrap();
                assert!(missing > 0 && judged > 0, "{name}");
                let inside = lowest - 1e-9 <= found.value && found.value <= highest + 1e-9;
                assert!(
                    inside,
                    "{name} without {gone:?}: {} not in {lowest}..{highest}",
                    found.value
                );
            }
        }
    }
}

#[test]
fn bounds_of_shares_and_means_are_those_of_the_worst_and_the_best_replies() {
    let found = metrics(&[0, 13], |_| None);
    let bounds = |name: &str| {
        let Coverage { lowest, highest, .. } = found[&MetricName::new(name)].coverage.unwrap();
        (lowest, highest)
    };
    let there =
        || (0..TRIALS).filter(|number| ![0, 13].contains(number)).map(|number| said(number, 0));
    let marks: f64 = there().map(|said| said.mark).sum();
    let scores: f64 = there().map(|said| said.score).sum();
    let all = TRIALS as f64;
    let near = |(low, high): (f64, f64), least: f64, most: f64| {
        assert!(
            (low - least).abs() < 1e-12 && (high - most).abs() < 1e-12,
            "{low} {high} {least} {most}"
        );
    };
    near(bounds("share"), marks / all, (marks + 2.0) / all);
    near(bounds("mean"), (scores + 2.0) / all, (scores + 10.0) / all);
    near(bounds("mean_of_items"), (scores + 2.0) / all, (scores + 10.0) / all);
}

#[test]
fn trials_that_have_not_ended_are_missing_from_every_metric() {
    let scores: Scores = (0..18).map(|number| trial(number, Some(said(number, 0)))).collect();
    for (name, metric) in result(&scores, TRIALS) {
        let coverage = metric.coverage.unwrap_or_else(|| panic!("{name} has no bounds"));
        assert_eq!(coverage.missing, 6, "{name}");
        assert!(coverage.lowest <= metric.value && metric.value <= coverage.highest, "{name}");
        assert!(coverage.lowest < coverage.highest, "{name}");
    }
}

#[test]
fn a_rating_that_was_refused_is_missing_from_the_correlation() {
    let refused = |number: usize| {
        let mut score = trial(number, Some(said(number, 0)));
        if number < 6 {
            score.measures.remove(&MeasureName::new("rating"));
            score.outcome = Outcome::Refused;
        }
        score
    };
    let scores: Scores = (0..TRIALS).map(refused).collect();
    let found = result(&scores, TRIALS);
    for name in ["pearson", "spearman", "kappa"] {
        let coverage = found[&MetricName::new(name)].coverage.unwrap();
        assert_eq!((coverage.judged, coverage.missing), (18, 6), "{name}");
        assert!(coverage.lowest < found[&MetricName::new(name)].value, "{name}");
    }
}
