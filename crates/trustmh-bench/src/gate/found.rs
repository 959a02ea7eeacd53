//! What a rule is held against: a value, its interval, and what is missing behind it.

use trustmh_core::metric::Estimate;
use trustmh_core::scorecard::{MetricEstimate, PillarScore};

/// A value with its interval, whatever it is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) value: f64,
    pub(super) ends: Option<(f64, f64)>,
    pub(super) n: u64,
    /// Trials that are missing, and where the value lies with all of them at either end: these decide.
    pub(super) missing: u64,
    pub(super) bounds: (f64, f64),
}

impl Found {
    pub(super) fn of(metric: &MetricEstimate) -> Self {
        let bounds = metric.coverage.map(|coverage| (coverage.lowest, coverage.highest));
        Self {
            value: metric.value,
            ends: metric.ends_at_worst(),
            n: metric.n,
            missing: metric.coverage.map_or(0, |coverage| coverage.missing),
            bounds: bounds.unwrap_or((metric.value, metric.value)),
        }
    }

    /// A group of the metric's trials. Whose trials are missing is not known group by group, so all of them may be this group's.
    pub(super) fn within(metric: &MetricEstimate, group: &Estimate) -> Self {
        let missing = metric.coverage.map_or(0, |coverage| coverage.missing);
        let all = (group.n + missing) as f64;
        let with = |end: f64| match missing {
            0 => group.value,
            missing => (group.value * group.n as f64 + end * missing as f64) / all,
        };
        let bounds = (with(metric.range.0), with(metric.range.1));
        let ends = group.interval.map(|interval| {
            let (below, above) = (group.value - bounds.0, bounds.1 - group.value);
            (interval.low - below, interval.high + above)
        });
        Self { value: group.value, ends, n: group.n, missing, bounds }
    }

    pub(super) fn of_pillar(score: &PillarScore) -> Self {
        Self {
            value: score.value,
            ends: score.low.zip(score.high),
            n: score.tasks,
            missing: 0,
            bounds: (score.value, score.value),
        }
    }
}

/// The value in words, with how many trials are missing behind it.
pub(super) fn told(found: Found) -> String {
    let missing = match found.missing {
        0 => String::new(),
        missing => format!(", {missing} missing and taken at the worse end"),
    };
    match found.ends {
        Some((low, high)) => {
            format!("{:.3} [{low:.3}, {high:.3}], n {}{missing}", found.value, found.n)
        }
        None => {
            format!("{:.3}, too little data for an interval, n {}{missing}", found.value, found.n)
        }
    }
}
