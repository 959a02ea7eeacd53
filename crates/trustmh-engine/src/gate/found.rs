//! What a rule is held against: a value, its interval, and what is missing behind it.

use trustmh_core::metric::Estimate;
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{MetricEstimate, PillarScore, Scorecard};
use trustmh_stats::enough::{Side, enough};

/// What a number is held to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bound {
    /// Not below this.
    Least(f64),
    /// Not above this.
    Most(f64),
}

/// How many of the trials behind a number were measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scored {
    pub(super) measured: u64,
    pub(super) missing: u64,
}

impl Scored {
    /// What to say where less than the share `least` of all was measured.
    pub(super) fn lacking(self, least: f64) -> Option<String> {
        let all = self.measured + self.missing;
        let share = self.measured as f64 / all.max(1) as f64;
        (share < least).then(|| {
            format!(
                "only {} of {all} trials were scored ({:.0} %); the policy asks for {:.0} %",
                self.measured,
                100.0 * share,
                100.0 * least
            )
        })
    }
}

/// How many items would have been enough for the interval to keep to the bound, were the value to stay as it is, in words.
pub(super) fn enough_items(estimate: &Estimate, bound: Bound) -> Option<String> {
    let (side, bound) = match bound {
        Bound::Least(bound) => (Side::Above, bound),
        Bound::Most(bound) => (Side::Below, bound),
    };
    let (needed, items) = (enough(estimate, side, bound)?, estimate.clusters);
    (needed > items).then(|| {
        format!("about {needed} items in place of {items} would have been enough at this value")
    })
}

/// A value with its interval, whatever it is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) value: f64,
    pub(super) ends: Option<(f64, f64)>,
    pub(super) n: u64,
    /// Trials that are missing, and where the value lies with all of them at either end: these decide.
    pub(super) missing: u64,
    pub(super) bounds: (f64, f64),
    /// How many of the trials were measured; of a pillar, of the task with the smallest share.
    pub(super) scored: Scored,
    /// The estimate as it is; none of a pillar, which is no sample.
    pub(super) estimate: Option<Estimate>,
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
            scored: scored(metric),
            estimate: Some(metric.estimate()),
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
        let scored = Scored { measured: group.n, missing };
        Self {
            value: group.value,
            ends,
            n: group.n,
            missing,
            bounds,
            scored,
            estimate: Some(*group),
        }
    }

    /// How many items would have been enough for the interval to keep to the bound, in words.
    pub(super) fn enough(self, bound: Bound) -> Option<String> {
        enough_items(&self.estimate?, bound)
    }

    pub(super) fn of_pillar(score: &PillarScore, card: &Scorecard, pillar: Pillar) -> Self {
        let of_pillar =
            card.tasks.iter().filter(|(id, _)| id.pillar() == pillar && card.enters_pillars(id));
        let primaries = of_pillar.filter_map(|(_, task)| task.primary().map(|(_, metric)| metric));
        let share = |scored: &Scored| {
            scored.measured as f64 / (scored.measured + scored.missing).max(1) as f64
        };
        let least = primaries.map(scored).min_by(|one, other| share(one).total_cmp(&share(other)));
        Self {
            value: score.value,
            ends: score.low.zip(score.high),
            n: score.tasks,
            missing: 0,
            bounds: (score.value, score.value),
            scored: least.unwrap_or(Scored { measured: 0, missing: 0 }),
            estimate: None,
        }
    }
}

fn scored(metric: &MetricEstimate) -> Scored {
    match metric.coverage {
        Some(coverage) => Scored { measured: coverage.judged, missing: coverage.missing },
        None => Scored { measured: metric.n, missing: 0 },
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

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::metric::{Interval, IntervalMethod};

    #[test]
    fn a_share_below_what_the_policy_asks_is_told() {
        let scored = Scored { measured: 8, missing: 24 };
        let told = scored.lacking(0.95).unwrap();
        assert_eq!(told, "only 8 of 32 trials were scored (25 %); the policy asks for 95 %");
        assert_eq!(Scored { measured: 95, missing: 5 }.lacking(0.95), None);
        assert_eq!(Scored { measured: 0, missing: 0 }.lacking(0.0), None);
    }

    #[test]
    fn four_times_the_items_halve_the_distance() {
        let interval = Interval { low: 0.6, high: 1.0, method: IntervalMethod::T };
        let estimate = Estimate { value: 0.8, interval: Some(interval), n: 50, clusters: 25 };
        let told = enough_items(&estimate, Bound::Least(0.7)).unwrap();
        assert!(told.starts_with("about 9") || told.starts_with("about 10"), "{told}");
        assert!(told.contains("in place of 25"), "{told}");
        assert_eq!(enough_items(&estimate, Bound::Least(0.85)), None, "the value itself is below");
        let without = Estimate { interval: None, ..estimate };
        assert_eq!(enough_items(&without, Bound::Least(0.7)), None);
    }
}
