//! Metrics of a task file: what is estimated from which measures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

use trustmh_core::id::{MeasureName, MetricName};
use trustmh_core::metric::{Anchors, Direction};
use trustmh_core::perturbation::{Family, Level};
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::UNANSWERED_RATE;

/// The measure that every trial has whose call came back: whether the reply holds no answer at all.
pub const UNANSWERED: &str = "unanswered";

/// One metric of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricRule {
    /// Its name in results.
    pub name: MetricName,
    /// Its name in reports.
    pub title: String,
    /// Which way is better.
    pub direction: Direction,
    /// Lowest and highest value it can take.
    pub range: (f64, f64),
    /// What is best, and what is no better than a subject that knows nothing (chance, where the items fix it) or the worst that is
    /// worth telling apart: scores from 0 to 100 go by these. Without them the ends of the range, of a metric that is to be near
    /// zero 0 and the farther end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchors: Option<Anchors>,
    /// Under which protocols it is estimated.
    #[serde(default = "both_protocols")]
    pub protocols: Vec<Protocol>,
    /// Under which protocols the task is ranked by it.
    #[serde(default)]
    pub primary: Vec<Protocol>,
    /// How it is estimated from measures.
    pub statistic: Statistic,
    /// Only trials with these tags count.
    #[serde(default)]
    pub select: BTreeMap<String, String>,
    /// Facets within which it is estimated too.
    #[serde(default)]
    pub groups: Vec<String>,
}

impl MetricRule {
    /// What is best and what is worth nothing; none where neither way is better.
    pub fn anchors(&self) -> Option<Anchors> {
        let of_range = Anchors::of_range(self.direction, self.range)?;
        Some(self.anchors.unwrap_or(of_range))
    }

    /// What is wrong about the anchors, in words.
    pub(super) fn fault_of_anchors(&self) -> Option<String> {
        let Anchors { best, worst } = self.anchors?;
        let (low, high) = self.range;
        if [best, worst].iter().any(|end| !(low..=high).contains(end)) {
            return Some(format!("{best} and {worst} must lie in the range, {low} to {high}"));
        }
        match self.direction {
            Direction::Higher if best <= worst => {
                Some(format!("higher is better, so best ({best}) must be above worst ({worst})"))
            }
            Direction::Lower if best >= worst => {
                Some(format!("lower is better, so best ({best}) must be below worst ({worst})"))
            }
            Direction::NearZero if best.abs() >= worst.abs() => Some(format!(
                "closer to 0 is better, so best ({best}) must be closer to it than worst ({worst})"
            )),
            Direction::None => Some("leave them out: neither way is better".to_owned()),
            Direction::Higher | Direction::Lower | Direction::NearZero => None,
        }
    }
}

/// The share of replies that hold no answer: a rate of its own in every task, since silence is no behaviour.
pub(super) fn unanswered_rate() -> &'static MetricRule {
    static RULE: LazyLock<MetricRule> = LazyLock::new(|| MetricRule {
        name: MetricName::new(UNANSWERED_RATE),
        title: "Share of replies without an answer (empty, or cut before it)".to_owned(),
        direction: Direction::Lower,
        range: (0.0, 1.0),
        anchors: None,
        protocols: both_protocols(),
        primary: Vec::new(),
        statistic: Statistic::Proportion { of: MeasureName::new(UNANSWERED) },
        select: BTreeMap::new(),
        groups: Vec::new(),
    });
    &RULE
}

fn both_protocols() -> Vec<Protocol> {
    vec![Protocol::Reference, Protocol::Corrected]
}

/// How a metric is estimated from the trials' measures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Statistic {
    /// Share of trials whose measure is 1.
    Proportion {
        /// A measure that is 0 or 1.
        of: MeasureName,
    },
    /// Mean of a measure.
    Mean {
        /// The measure.
        of: MeasureName,
        /// The interval of the reference protocol, where it is not Student's t.
        #[serde(default)]
        reference_interval: MeanInterval,
    },
    /// Pearson correlation of two measures.
    Pearson {
        /// One measure.
        x: MeasureName,
        /// The other.
        y: MeasureName,
    },
    /// Spearman's rank correlation of two measures.
    Spearman {
        /// One measure.
        x: MeasureName,
        /// The other.
        y: MeasureName,
    },
    /// Kappa with quadratic weights of two measures that are levels.
    QuadraticKappa {
        /// One measure.
        x: MeasureName,
        /// The other.
        y: MeasureName,
    },
    /// F1 of raising an alarm, in schemes that know which labels call for one.
    AlarmF1,
    /// Standard deviation of the items' means, those of this sample and no estimate beyond it.
    SdOfItems {
        /// The measure.
        of: MeasureName,
    },
    /// Mean over items of the standard deviation of their trials: how far repeats of one item differ.
    SdWithinItems {
        /// The measure.
        of: MeasureName,
    },
    /// Mean over items of the items' means, so that items of many trials weigh no more.
    MeanOfItems {
        /// The measure.
        of: MeasureName,
    },
    /// Sum over items of the items' means: their mean, times the number of items that were asked. Items without the measure are
    /// taken to be like the others, so that nothing is gained by them; the range is that of the sum.
    SumOfItems {
        /// The measure.
        of: MeasureName,
    },
    /// F1 of the predicted labels against the given ones.
    F1 {
        /// How the F1 of classes become one number.
        averaging: LabelAveraging,
    },
    /// Corpus BLEU of replies against the human turns.
    Bleu {
        /// Up to which order, 1 to 4.
        order: u8,
    },
    /// Different runs of tokens over all runs, over all replies.
    Distinct {
        /// Tokens in a run, 1 to 3.
        order: u8,
    },
    /// How far scores differ between identities.
    Parity {
        /// The measure compared.
        of: MeasureName,
        /// Which figure.
        part: ParityPart,
        /// Of one attribute; without it the mean over all (of a gap the largest, of a p value the least,
        /// times the number of attributes).
        #[serde(default)]
        attribute: Option<String>,
        /// What a subject that knows nothing scores: the mean over all trials must be clearly above it, or the figure is not defined.
        #[serde(default)]
        floor: Option<f64>,
    },
    /// How much of a measure is lost to perturbation: 1 less perturbed over clean, on the same items, as the
    /// mean over families and levels.
    DropRate {
        /// The measure.
        of: MeasureName,
        /// The score of a subject that knows nothing: the clean score must be clearly above it.
        floor: Floor,
        /// The same in the reference protocol, where it is another.
        #[serde(default)]
        reference_floor: Option<f64>,
        /// Only this family.
        #[serde(default)]
        family: Option<Family>,
        /// Only this level.
        #[serde(default)]
        level: Option<Level>,
    },
    /// Share of answers that perturbation turns, of those that were as `from` says.
    Flips {
        /// A measure that is 0 or 1.
        of: MeasureName,
        /// Which answers.
        from: Flip,
    },
    /// Difference of a measure's means between two arms.
    Contrast {
        /// The measure.
        of: MeasureName,
        /// The arm whose mean counts for the difference.
        arm: String,
        /// The arm whose mean is taken off.
        against: String,
    },
    /// Highest value of a measure.
    Maximum {
        /// The measure.
        of: MeasureName,
    },
    /// Share of conversations in which a code of turns has come by a turn (Kaplan-Meier: one that ends earlier says nothing of later turns); its
    /// curve over the turns stands beside it.
    FailedBy {
        /// The code: a yes-or-no field of a rubric for turns, or a field with `_` and one of its labels.
        of: MeasureName,
        /// The turn, the subject's first reply being 1.
        turn: u8,
    },
    /// Share of turns, over all conversations: one count of turns over another that it is part of. The turns of one conversation are a
    /// cluster.
    TurnShare {
        /// How many turns of a conversation are so.
        of: MeasureName,
        /// Of how many.
        among: MeasureName,
    },
    /// Score of 0 to 100 of the ratings that a decision tree gives: (50 + BP / 2) (1 - HPH / 100)², of the percent of relevant ratings that
    /// are best practice and of high potential for harm.
    DimensionScore {
        /// Of one dimension; without it all ratings of all dimensions count alike.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dimension: Option<String>,
    },
    /// Plain mean of other metrics of the task.
    MeanOf {
        /// Their names.
        metrics: Vec<MetricName>,
    },
}

impl Statistic {
    /// The measures it is made of, each with the field that names it.
    pub fn measures(&self) -> Vec<(&'static str, &MeasureName)> {
        match self {
            Self::Proportion { of }
            | Self::Mean { of, .. }
            | Self::SdOfItems { of }
            | Self::SdWithinItems { of }
            | Self::MeanOfItems { of }
            | Self::SumOfItems { of }
            | Self::Parity { of, .. }
            | Self::DropRate { of, .. }
            | Self::Flips { of, .. }
            | Self::Contrast { of, .. }
            | Self::Maximum { of } => vec![("of", of)],
            Self::Pearson { x, y } | Self::Spearman { x, y } | Self::QuadraticKappa { x, y } => {
                vec![("x", x), ("y", y)]
            }
            Self::TurnShare { of, among } => vec![("of", of), ("among", among)],
            Self::AlarmF1
            | Self::F1 { .. }
            | Self::Bleu { .. }
            | Self::Distinct { .. }
            | Self::FailedBy { .. }
            | Self::DimensionScore { .. }
            | Self::MeanOf { .. } => Vec::new(),
        }
    }
}

/// The score of a subject that knows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Floor {
    /// A number.
    Score(f64),
    /// What the items themselves give.
    Rule(FloorRule),
}

/// A floor that depends on the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FloorRule {
    /// The share of the label that most of the items asked have: what one label for all reaches.
    MajorityLabel,
}

/// Which answers may turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Flip {
    /// Those that are right on the clean text.
    Right,
    /// Those that are wrong on it.
    Wrong,
}

/// How the F1 of classes become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LabelAveraging {
    /// Every class counts alike.
    Macro,
    /// Classes count by how often they are given.
    Weighted,
    /// All decisions count alike.
    Micro,
}

/// A figure of fairness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ParityPart {
    /// Standard deviation of the identities' means.
    Spread,
    /// Largest less smallest mean.
    Gap,
    /// The spread to be expected of a subject that treats everyone alike, from the neutral arm.
    NoiseFloor,
    /// Spread less noise floor.
    Excess,
    /// Chance of so wide a spread if identities were told at random.
    PermutationP,
}

/// The interval of a mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MeanInterval {
    /// Student's t, clustered where trials share an item.
    #[default]
    T,
    /// 1.96 standard errors, as the release prints it.
    Normal,
}
