//! Estimates: a number is never without its interval, its n and its direction.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Closer to zero is better, for signed quantities such as a bias.
    NearZero,
}

/// How an interval was made; all are nominal 95 % intervals.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum IntervalMethod {
    /// Wilson score interval of a proportion (doi 10.1080/01621459.1927.10502953).
    Wilson,
    /// Wilson score interval at the effective sample size of clustered data.
    WilsonClustered,
    /// Student's t of a mean.
    T,
    /// 1.96 standard errors, as the release computes it.
    Normal,
    /// Cluster-robust standard error with t on clusters - 1 (Miller 2024, arXiv 2411.00640).
    ClusteredT,
    /// Quantiles of F, of an intraclass correlation (doi 10.1037/1082-989X.1.1.30).
    FRatio,
    /// Bias-corrected accelerated bootstrap over clusters (doi 10.1080/01621459.1987.10478410).
    BootstrapBca,
    /// Percentile bootstrap over clusters.
    BootstrapPercentile,
    /// Delete-one-cluster jackknife with Student's t (Tukey 1958).
    Jackknife,
    /// Recovered from the intervals of the parts (MOVER, doi 10.1002/sim.3095).
    Mover,
}

impl IntervalMethod {
    /// The method's name as reports print it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson",
            Self::WilsonClustered => "Wilson, clustered",
            Self::T => "t",
            Self::Normal => "1.96 s/sqrt(n)",
            Self::ClusteredT => "clustered t",
            Self::FRatio => "F",
            Self::BootstrapBca => "BCa bootstrap",
            Self::BootstrapPercentile => "percentile bootstrap",
            Self::Jackknife => "jackknife",
            Self::Mover => "MOVER",
        }
    }
}

/// A 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How it was made.
    pub method: IntervalMethod,
}

/// A number with what is known of its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Its interval; none where the data cannot carry one, for example n = 1.
    pub interval: Option<Interval>,
    /// Observations behind it.
    pub n: u64,
    /// Independent clusters behind it; equals `n` where observations are independent.
    pub clusters: u64,
}
