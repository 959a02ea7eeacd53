//! Tasks and metrics in plain words, and the picture that fits a task: what a reader sees first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::MetricEstimate;
use crate::id::MetricName;
use crate::metric::{Direction, Estimate, Interval};

/// A task in plain words.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlainTask {
    /// What a subject does that does well; completes "The model ...".
    pub does: String,
    /// The drawing that fits the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}

/// The drawing that fits a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Picture {
    /// True labels by given ones; those of a scheme with alarms have a column of the missed.
    Confusion {
        /// The scheme.
        scheme: String,
    },
    /// Labels that are levels: how far below and above the true one the given ones lie.
    Triage {
        /// The scheme.
        scheme: String,
        /// The share below.
        under: MetricName,
        /// The share above.
        over: MetricName,
    },
    /// A metric by two facets.
    Heat {
        /// The metric.
        metric: MetricName,
        /// The facet of rows.
        rows: String,
        /// The facet of columns.
        columns: String,
    },
    /// A metric over the levels of a perturbation, each family a line.
    Dose {
        /// The metric, grouped by `level`.
        metric: MetricName,
    },
    /// Shares of a whole, side by side.
    Shares {
        /// The metrics, the first drawn first.
        metrics: Vec<MetricName>,
    },
    /// A metric by one facet, with the band in which noise alone would put it.
    Dots {
        /// The metric.
        metric: MetricName,
        /// The facet.
        facet: String,
        /// The metric that is half the band's width.
        noise: MetricName,
    },
    /// A metric by one facet.
    Groups {
        /// The metric.
        metric: MetricName,
        /// The facet.
        facet: String,
    },
    /// Metrics beside each other.
    Bars {
        /// The metrics.
        metrics: Vec<MetricName>,
    },
    /// The share of conversations without a failure, by turn.
    Turns {
        /// A metric that has a curve.
        metric: MetricName,
    },
}

impl Picture {
    /// The metrics that it draws.
    pub fn metrics(&self) -> Vec<&MetricName> {
        match self {
            Self::Confusion { .. } => Vec::new(),
            Self::Triage { under, over, .. } => vec![under, over],
            Self::Dots { metric, noise, .. } => vec![metric, noise],
            Self::Heat { metric, .. }
            | Self::Dose { metric }
            | Self::Groups { metric, .. }
            | Self::Turns { metric } => vec![metric],
            Self::Shares { metrics } | Self::Bars { metrics } => metrics.iter().collect(),
        }
    }

    /// The facets by whose pairs of values a metric is drawn, and the metric.
    pub fn crossed(&self) -> Option<(&MetricName, [&str; 2])> {
        match self {
            Self::Heat { metric, rows, columns } => Some((metric, [rows, columns])),
            Self::Dose { metric } => Some((metric, ["family", "level"])),
            Self::Confusion { .. }
            | Self::Triage { .. }
            | Self::Dots { .. }
            | Self::Groups { .. }
            | Self::Turns { .. }
            | Self::Shares { .. }
            | Self::Bars { .. } => None,
        }
    }
}

/// A metric within the pairs of values of two facets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Crossed {
    /// The metric.
    pub metric: MetricName,
    /// The facets of rows and of columns.
    pub facets: [String; 2],
    /// By value of the first, then of the second.
    pub cells: BTreeMap<String, BTreeMap<String, Estimate>>,
}

/// A label of a scheme, as pictures need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownLabel {
    /// The label.
    pub name: String,
    /// Whether it calls for action.
    pub alarm: bool,
}

/// A metric in a sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// The sentence; `{count}` stands for a share as a count of trials, `{rest}` for those it leaves, `{percent}` for a share in percent,
    /// `{value}` for the number.
    pub text: String,
    /// What it tells of.
    #[serde(default)]
    pub about: About,
    /// The value from which on a reader need not worry, in the metric's units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reassuring: Option<f64>,
    /// The value from which on a reader should worry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worrying: Option<f64>,
}

/// What a sentence tells of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// How well something is done.
    #[default]
    Quality,
    /// What can hurt somebody: told also where it did not happen.
    Harm,
}

/// Where a value worries, and where it reassures, on the scale from 0 (no better than knowing nothing) to 100 (the best). They are
/// examples, no standards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zones {
    /// Below it a value worries.
    pub worrying: f64,
    /// From it on a value reassures.
    pub reassuring: f64,
}

impl Zones {
    /// Where no bounds are given.
    const DEFAULT: Self = Self { worrying: 50.0, reassuring: 80.0 };
}

/// A metric on the scale of 0 to 100, the higher the better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The value, with what is missing at the worse end.
    pub value: f64,
    /// Its 95 % interval, the lower end first; none where the data carry none.
    pub interval: Option<(f64, f64)>,
}

impl MetricEstimate {
    /// The metric by its anchors from 0 to 100, with what is missing at the worse end. None where neither way is better, or best and worst
    /// are the same.
    pub fn scored(&self) -> Option<Scored> {
        self.on_scale(&self.estimate_at_worst())
    }

    /// The same of what was measured alone.
    pub fn scored_as_measured(&self) -> Option<Scored> {
        self.on_scale(&self.estimate())
    }

    fn on_scale(&self, estimate: &Estimate) -> Option<Scored> {
        let anchors = self.anchors()?;
        let map = |value: f64| anchors.score(self.direction, value);
        let value = map(estimate.value)?;
        let interval = estimate.interval.and_then(|Interval { low, high, .. }| {
            let ends = (map(low)?, map(high)?);
            Some(match self.direction {
                Direction::Higher => ends,
                Direction::Lower => (ends.1, ends.0),
                // The best that the interval holds is 0 where it holds 0, else the end that is nearer to it.
                Direction::NearZero if low <= 0.0 && high >= 0.0 => (ends.0.min(ends.1), map(0.0)?),
                Direction::NearZero => (ends.0.min(ends.1), ends.0.max(ends.1)),
                Direction::None => return None,
            })
        });
        Some(Scored { value, interval })
    }

    /// The zones of the metric; none where neither way is better.
    pub fn zones(&self) -> Option<Zones> {
        let anchors = self.anchors()?;
        let of = |bound: Option<f64>| anchors.score(self.direction, bound?);
        let given = self.sentence.as_ref();
        Some(Zones {
            worrying: given.and_then(|said| of(said.worrying)).unwrap_or(Zones::DEFAULT.worrying),
            reassuring: given
                .and_then(|said| of(said.reassuring))
                .unwrap_or(Zones::DEFAULT.reassuring),
        })
    }
}
