//! A task with one metric of each kind of statistic, and trials whose measures are invented.
pub mod schemes;
pub mod starter;
pub mod talks;

use std::collections::BTreeMap;
use std::sync::Arc;

use trustmh_core::id::{ClusterId, DatasetId, MeasureName, TrialId};
use trustmh_core::outcome::Outcome;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{ItemOrigin, ItemSource};
use trustmh_core::trial::{MissingVerdict, TrialScore};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::estimate::Basis;
use trustmh_engine::task::Task;

/// A task with one metric of each kind of statistic, all on a measure of 1 to 5, a mark, two ratings and a label.
pub fn task() -> Task {
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
    let built_in = Benchmark::embedded().unwrap();
    let codebook = &built_in.task(&"crisis/severity".parse().unwrap()).unwrap().codebook;
    Task { codebook: Arc::clone(codebook), ..Task::parse("bounds.toml", &text).unwrap() }
}

/// What a trial's reply comes to.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    pub score: f64,
    pub mark: f64,
    pub rating: f64,
    pub label: &'static str,
}

const LABELS: [&str; 3] = ["supportive", "ideation", "attempt"];

/// What the trial of this number says, out of all that could be said.
pub fn said(number: usize, way: usize) -> Said {
    let at = number * 7 + way * 11 + number * way;
    Said {
        score: (1 + at % 5) as f64,
        mark: (at / 2 % 2) as f64,
        rating: (at % 4) as f64,
        label: LABELS[at / 3 % 3],
    }
}

pub fn trial(number: usize, said: Option<Said>) -> TrialScore {
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

/// What the results rest on, with so many trials planned.
pub fn basis(planned: usize) -> Basis {
    let source = ItemSource {
        dataset: DatasetId::new("invented"),
        origin: ItemOrigin::Starter,
        records: 8,
        warnings: Vec::new(),
        files: BTreeMap::new(),
        labelled_by: Vec::new(),
    };
    Basis {
        protocol: Protocol::Corrected,
        seed: 1,
        planned: planned as u64,
        source,
        caveats: Vec::new(),
        by: Vec::new(),
        unread: 0,
    }
}
