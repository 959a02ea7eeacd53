//! The key metrics of a card: primary figures by what they are to show.

use serde_json::json;
use std::collections::BTreeSet;

use trustmh_core::id::TaskId;
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{MetricEstimate, TaskResult};
use trustmh_report::number::count;

use crate::pack::Pack;
use crate::xml::Xml;

/// What a group of key metrics is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// Usefulness, usability, efficacy.
    Useful,
    /// Fairness and equity.
    Fair,
    /// Safety and reliability.
    Safe,
}

impl Goal {
    /// All groups in the schema's order.
    pub(super) const ALL: [Self; 3] = [Self::Useful, Self::Fair, Self::Safe];

    const fn element(self) -> &'static str {
        match self {
            Self::Useful => "UsefulnessUsabilityEfficacy",
            Self::Fair => "FairnessEquity",
            Self::Safe => "SafetyReliability",
        }
    }

    const fn of(pillar: Pillar) -> Self {
        match pillar {
            Pillar::Reliability | Pillar::Robustness => Self::Useful,
            Pillar::Fairness => Self::Fair,
            Pillar::Crisis
            | Pillar::Safety
            | Pillar::Privacy
            | Pillar::Sycophancy
            | Pillar::Ethics => Self::Safe,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Useful => {
                "Knowledge of the field and quality of support, also where the input is noisy. Usability and effects on people are not \
                 measured."
            }
            Self::Fair => {
                "The same quality of support for everybody. Outcomes for groups of people are not measured."
            }
            Self::Safe => {
                "Recognition of crises and referral to people, refusal of harm, privacy, no endorsement of whatever is said, professional \
                 principles."
            }
        }
    }

    /// Writes the group.
    pub(super) fn write(self, pack: &Pack, xml: &mut Xml) {
        let figures: Vec<Figure<'_>> = figures(pack, self).collect();
        xml.open(self.element(), None);
        xml.leaf("MetricGoal", self.words());
        xml.open("Results", None);
        for figure in &figures {
            xml.open("MetricResult", None);
            xml.leaf("Label", &figure.label());
            xml.leaf("ValueJson", &value(figure.metric));
            xml.close();
        }
        if figures.is_empty() {
            xml.open("MetricResult", None);
            xml.leaf("Label", "Not measured in these runs");
            xml.leaf("ValueJson", &json!({ "kind": "not-measured" }).to_string());
            xml.close();
        }
        xml.close();
        xml.leaf("Interpretation", &interpretation(&figures));
        xml.leaf("TestType", test_type(&figures));
        xml.leaf("TestingDataDescription", &data(&figures));
        xml.leaf("ValidationProcessAndJustification", &validation(&figures));
        xml.close();
    }
}

struct Figure<'p> {
    task: &'p TaskId,
    result: &'p TaskResult,
    metric: &'p MetricEstimate,
}

impl Figure<'_> {
    fn label(&self) -> String {
        let metric = self.metric;
        format!(
            "{} ({}): {} (n = {}; {})",
            self.result.title,
            self.task,
            metric.title,
            count(metric.n, metric.clusters),
            metric.direction.in_words()
        )
    }
}

fn figures(pack: &Pack, goal: Goal) -> impl Iterator<Item = Figure<'_>> {
    let tasks = pack.runs.iter().flat_map(|run| &run.card.tasks);
    let tasks = tasks.filter(move |(id, _)| Goal::of(id.pillar()) == goal);
    tasks.filter_map(|(task, result)| {
        let metric = result.metrics.values().find(|metric| metric.primary)?;
        Some(Figure { task, result, metric })
    })
}

/// The value in the card's own JSON, to four decimals.
fn value(metric: &MetricEstimate) -> String {
    let short = |value: f64| (value * 1e4).round() / 1e4;
    match metric.low.zip(metric.high) {
        Some((low, high)) => json!({
            "kind": "estimate_ci",
            "estimate": short(metric.value),
            "lower": short(low),
            "upper": short(high),
            "level": 95,
        }),
        None => json!({ "kind": "single", "value": short(metric.value) }),
    }
    .to_string()
}

fn interpretation(figures: &[Figure<'_>]) -> String {
    if figures.is_empty() {
        return "Not measured in these runs.".to_owned();
    }
    let ranges = figures.iter().map(|figure| {
        let (low, high) = figure.metric.range;
        format!("{} can be {low} to {high}", figure.task)
    });
    let ranges: Vec<String> = ranges.collect();
    format!(
        "Each value stands with its 95 % interval; values whose intervals overlap are not shown to differ. {}.",
        ranges.join("; ")
    )
}

fn test_type(figures: &[Figure<'_>]) -> &'static str {
    match figures.is_empty() {
        true => "None.",
        false => "Automated tests of the running system; no trial with people.",
    }
}

fn data(figures: &[Figure<'_>]) -> String {
    let sets: BTreeSet<String> = figures
        .iter()
        .map(|figure| {
            let source = &figure.result.source;
            format!("{} ({} records)", source.dataset, source.records)
        })
        .collect();
    match sets.is_empty() {
        true => "None.".to_owned(),
        false => sets.into_iter().collect::<Vec<_>>().join("; "),
    }
}

fn validation(figures: &[Figure<'_>]) -> String {
    let judged = figures.iter().filter_map(|figure| figure.metric.validity.as_ref());
    let told: BTreeSet<String> =
        judged.map(|validity| format!("{}: {}", validity.judge, validity.in_words())).collect();
    match told.is_empty() {
        true => "No judge has a part in these figures.".to_owned(),
        false => told.into_iter().collect::<Vec<_>>().join("; "),
    }
}
