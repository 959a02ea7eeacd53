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
    /// Neither way is better: the metric describes. It is never ranked, mapped to a score, or held to be better or worse.
    None,
}

impl Direction {
    /// What is better, in words.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Higher => "higher is better",
            Self::Lower => "lower is better",
            Self::NearZero => "closer to 0 is better",
            Self::None => "neither way is better",
        }
    }
}

/// What a metric's values are worth: its range says what it can be, these say what is good.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Anchors {
    /// The value of a subject that does all that is asked.
    pub best: f64,
    /// The value of a subject that knows nothing, or the worst that is worth telling apart.
    pub worst: f64,
}

impl Anchors {
    /// The anchors of a metric that names none: the better and the worse end of its range; of one that is to be near zero, 0 and the
    /// end that is farther from it. None where neither way is better.
    pub fn of_range(direction: Direction, (low, high): (f64, f64)) -> Option<Self> {
        match direction {
            Direction::Higher => Some(Self { best: high, worst: low }),
            Direction::Lower => Some(Self { best: low, worst: high }),
            Direction::NearZero => Some(Self { best: 0.0, worst: low.abs().max(high.abs()) }),
            Direction::None => None,
        }
    }

    /// Where `value` stands on a scale from 0, at the worst or beyond, to 100, at the best or beyond. None where best and worst are the
    /// same, or one of them is no number.
    pub fn score(&self, direction: Direction, value: f64) -> Option<f64> {
        let Self { best, worst } = *self;
        let share = match direction {
            Direction::Higher | Direction::Lower => (value - worst) / (best - worst),
            Direction::NearZero => (value.abs() - worst.abs()) / (best.abs() - worst.abs()),
            Direction::None => return None,
        };
        share.is_finite().then(|| 100.0 * share.clamp(0.0, 1.0))
    }
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
    /// Cluster-robust standard error with Student's t: CR2 with Satterthwaite's degrees of freedom, which for
    /// clusters of one size are clusters - 1 (Miller 2024, arXiv 2411.00640; Bell & McCaffrey 2002).
    ClusteredT,
    /// Quantiles of F, of an intraclass correlation (doi 10.1037/1082-989X.1.1.30).
    FRatio,
    /// Score interval of a mean on a known range whose observations pile up at one value: Wilson's, stretched by the
    /// size of what lies off the pile (after doi 10.1080/01621459.1927.10502953).
    PiledScore,
    /// Score interval of a difference between two paired shares (Tango 1998,
    /// doi 10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B).
    Tango,
    /// The same at the effective sample size of clustered data.
    TangoClustered,
    /// The wider of the bootstrap of a correlation and of its Fisher z interval, at either end
    /// (Bonett & Wright 2000, doi 10.1007/BF02294183).
    BootstrapFisherZ,
    /// Bias-corrected accelerated bootstrap over clusters (doi 10.1080/01621459.1987.10478410), its levels widened for
    /// few clusters (Hesterberg 2015, doi 10.1080/00031305.2015.1089789).
    BootstrapBca,
    /// The wider of the BCa bootstrap and of the delete-one-cluster jackknife with Student's t, at either end.
    BootstrapJackknife,
    /// Percentile bootstrap over clusters.
    BootstrapPercentile,
    /// Delete-one-cluster jackknife with Student's t (Tukey 1958).
    Jackknife,
    /// Recovered from the intervals of the parts (MOVER, doi 10.1002/sim.3095).
    Mover,
    /// On the scale `ln(-ln S)` with Greenwood's variance, of the share without a failure up to a turn
    /// (Kalbfleisch & Prentice 1980, section 1.4).
    LogLog,
    /// The same with the variance of clustered data.
    LogLogClustered,
    /// By the delta method on the logit scale, clustered, a quarter of a cluster added at either end of what can be.
    LogitDelta,
    /// By the delta method: the uncertainty of a share and of a judge's error rates added up.
    Delta,
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
            Self::PiledScore => "score, piled",
            Self::Tango => "Tango",
            Self::TangoClustered => "Tango, clustered",
            Self::BootstrapFisherZ => "bootstrap and Fisher z",
            Self::FRatio => "F",
            Self::BootstrapBca => "BCa bootstrap",
            Self::BootstrapJackknife => "bootstrap and jackknife",
            Self::BootstrapPercentile => "percentile bootstrap",
            Self::Jackknife => "jackknife",
            Self::Mover => "MOVER",
            Self::LogLog => "log-log",
            Self::LogLogClustered => "log-log, clustered",
            Self::LogitDelta => "delta, logit",
            Self::Delta => "delta",
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

impl Interval {
    /// What rounding can leave of two equal numbers, as a share of their size, or of 1 where they are smaller.
    pub const DUST: f64 = 1e-12;

    /// The interval from `low` to `high`. None where an end is no number, where the ends are the wrong way round, and
    /// where nothing but rounding lies between them: an interval without width would claim what no data can know.
    pub fn new(low: f64, high: f64, method: IntervalMethod) -> Option<Self> {
        let size = low.abs().max(high.abs()).max(1.0);
        (size.is_finite() && high - low > Self::DUST * size).then_some(Self { low, high, method })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_has_a_width_beyond_rounding() {
        let new = |low: f64, high: f64| Interval::new(low, high, IntervalMethod::T);
        assert!(new(0.1, 0.2).is_some());
        // Three differences of a tenth, as they come out in binary.
        let tenths = [0.7 - 0.6, 0.4 - 0.3, 0.9 - 0.8_f64];
        let (low, high) =
            tenths.iter().fold((1.0_f64, 0.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
        assert!(low < high && new(low, high).is_none());
        for (low, high) in
            [(0.5, 0.5), (0.6, 0.5), (0.0, 1e-16), (f64::NAN, 1.0), (0.0, f64::INFINITY)]
        {
            assert_eq!(new(low, high), None, "{low} to {high}");
        }
    }
}
