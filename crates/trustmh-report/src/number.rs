//! Numbers as reports print them.

use trustmh_core::metric::{Direction, Estimate, IntervalMethod};
use trustmh_core::scorecard::MetricEstimate;

/// Three decimals for anything within ±10, one beyond.
pub fn decimal(value: f64) -> String {
    let text = if value.abs() < 10.0 { format!("{value:.3}") } else { format!("{value:.1}") };
    // A rounded negative nothing is nothing.
    match text.trim_start_matches('-').trim_start_matches(['0', '.']) {
        "" => text.trim_start_matches('-').to_owned(),
        _ => text,
    }
}

/// `1 retry`, `2 retries`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A difference with its sign; a rounded nothing has none.
pub fn signed(value: f64) -> String {
    let text = decimal(value);
    if value > 0.0 && !text.trim_start_matches(['0', '.']).is_empty() {
        format!("+{text}")
    } else {
        text
    }
}

/// `[low, high]`, or why there is none.
pub fn interval(low: Option<f64>, high: Option<f64>) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("[{}, {}]", decimal(low), decimal(high)),
        _ => "too little data".to_owned(),
    }
}

/// The interval of an estimate.
pub fn estimate_interval(estimate: &Estimate) -> String {
    interval(estimate.interval.map(|i| i.low), estimate.interval.map(|i| i.high))
}

/// `n`, or `n in clusters` where observations share items.
pub fn count(n: u64, clusters: u64) -> String {
    if n == clusters { n.to_string() } else { format!("{n} in {clusters}") }
}

/// Which way is better, in words.
pub(crate) fn direction(direction: Direction) -> &'static str {
    direction.in_words()
}

/// How the interval was made.
pub(crate) fn method(metric: &MetricEstimate) -> &'static str {
    metric.method.map_or("none", IntervalMethod::title)
}

/// Seconds as people say them: `42s`, `2m 38s`, `3h 05m`.
pub fn duration(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m {rest:02}s"),
        _ => format!("{hours}h {minutes:02}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let retries = |count| counted(count, "retry", "retries");
        assert_eq!([retries(0), retries(1), retries(2)], ["0 retries", "1 retry", "2 retries"]);
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let said = [0, 42, 158, 3725, 90_000].map(duration);
        assert_eq!(said, ["0s", "42s", "2m 38s", "1h 02m", "25h 00m"]);
    }

    #[test]
    fn decimals_keep_what_matters() {
        for (value, text) in [
            (0.6, "0.600"),
            (-0.0001, "0.000"),
            (-12.34, "-12.3"),
            (4.664, "4.664"),
            (0.0, "0.000"),
        ] {
            assert_eq!(decimal(value), text);
        }
    }
}
