//! A run beside its baseline: whether it is no worse by a margin.

use trustmh_core::comparison::Difference;
use trustmh_core::metric::Direction;

use super::Known;
use super::found::{Bound, Scored, enough_items};

/// Whether the interval of the difference leaves no room for a loss of the margin, and what was found in words. Without an
/// interval nothing is shown.
pub(super) fn judged(found: &Difference, margin: f64, least: f64) -> (Known, String) {
    let known = known(found, margin);
    let scored = Scored { measured: found.measured, missing: found.missing };
    let lacking = scored.lacking(least);
    let short = match known {
        Known::TooLittleData => short_of(found, margin),
        Known::Holds | Known::Violated | Known::Missing => None,
    };
    let known = known.unless(lacking.is_some());
    let words = [Some(told(found)), lacking, short];
    (known, words.into_iter().flatten().collect::<Vec<_>>().join("; "))
}

/// A loss of exactly the margin is one too many.
fn known(found: &Difference, margin: f64) -> Known {
    let Some((low, high)) = found.at_worst.or(found.low.zip(found.high)) else {
        return Known::TooLittleData;
    };
    match found.direction {
        Direction::Higher => Known::of(low > -margin, high <= -margin),
        Direction::Lower => Known::of(high < margin, low >= margin),
        Direction::NearZero | Direction::None => Known::TooLittleData,
    }
}

fn told(found: &Difference) -> String {
    let change =
        format!("{:.3} after {:.3}, change {:+.3}", found.second, found.first, found.difference);
    let missing = match found.missing {
        0 => String::new(),
        missing => format!(", {missing} missing and taken at the worse end"),
    };
    match found.at_worst.or(found.low.zip(found.high)) {
        Some((low, high)) => format!("{change} [{low:+.3}, {high:+.3}], n {}{missing}", found.n),
        None => {
            format!("{change}, too little data for an interval, n {}{missing}", found.n)
        }
    }
}

/// Why the interval does not keep to the margin: how many items would have been enough, were the difference the same.
fn short_of(found: &Difference, margin: f64) -> Option<String> {
    let bound = match found.direction {
        Direction::Higher => Bound::Least(-margin),
        Direction::Lower => Bound::Most(margin),
        Direction::NearZero | Direction::None => {
            return Some("this metric has no worse end".to_owned());
        }
    };
    enough_items(&found.estimate(), bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::comparison::{TestName, Verdict};
    use trustmh_core::metric::IntervalMethod;

    fn difference(low: Option<f64>, high: Option<f64>, missing: u64) -> Difference {
        Difference {
            title: "-".to_owned(),
            first: 0.8,
            second: 0.8,
            difference: 0.0,
            measured: 100,
            missing,
            at_worst: None,
            low,
            high,
            method: low.map(|_| IntervalMethod::T),
            n: 100,
            clusters: 100,
            direction: Direction::Higher,
            primary: true,
            test: TestName::McNemar,
            p: Some(1.0),
            p_corrected: None,
            other_tests: Default::default(),
            effect: None,
            untested: None,
            validity: None,
            verdict: Verdict::NotSeparated,
        }
    }

    #[test]
    fn an_equal_run_passes_by_its_interval_alone() {
        let (known, _) = judged(&difference(Some(-0.04), Some(0.04), 0), 0.05, 0.95);
        assert_eq!(known, Known::Holds);
        let (known, told) = judged(&difference(None, None, 0), 0.05, 0.95);
        assert_eq!(known, Known::TooLittleData, "two equal items show nothing");
        assert!(told.contains("too little data"), "{told}");
    }

    #[test]
    fn a_loss_that_is_wholly_beyond_the_margin_is_a_violation() {
        let of = |low, high| judged(&difference(Some(low), Some(high), 0), 0.05, 0.95).0;
        assert_eq!(of(-0.3, -0.05), Known::Violated);
        assert_eq!(of(-0.3, -0.04), Known::TooLittleData);
        let lower =
            Difference { direction: Direction::Lower, ..difference(Some(0.06), Some(0.2), 0) };
        assert_eq!(judged(&lower, 0.05, 0.95).0, Known::Violated);
    }

    #[test]
    fn too_few_items_are_told_how_many_would_do() {
        let (known, told) = judged(&difference(Some(-0.1), Some(0.1), 0), 0.05, 0.95);
        assert_eq!(known, Known::TooLittleData);
        assert!(told.contains("items in place of 100 would have been enough"), "{told}");
    }

    #[test]
    fn a_tenth_missing_fails_whatever_the_interval_is() {
        let (known, told) = judged(&difference(Some(-0.04), Some(0.04), 11), 0.05, 0.95);
        assert_eq!(known, Known::TooLittleData);
        assert!(told.contains("only 100 of 111 trials were scored (90 %)"), "{told}");
    }
}
