//! A run beside its baseline: whether it is no worse by a margin.

use trustmh_core::comparison::Difference;
use trustmh_core::metric::Direction;

use super::CheckState;
use super::found::{Bound, Scored, enough_items};

/// Whether the interval of the difference leaves no room for a loss of the margin, and what was found in words. Without an
/// interval nothing is shown.
pub(super) fn judged(found: &Difference, margin: f64, least: f64) -> (CheckState, String) {
    let worst = found.at_worst.or(found.low.zip(found.high));
    let holds = match found.direction {
        Direction::Higher => worst.is_some_and(|(low, _)| low > -margin),
        Direction::Lower => worst.is_some_and(|(_, high)| high < margin),
        Direction::NearZero | Direction::None => false,
    };
    let scored = Scored { measured: found.measured, missing: found.missing };
    let lacking = scored.lacking(least);
    let state = if holds && lacking.is_none() { CheckState::Passed } else { CheckState::Failed };
    let words = [Some(told(found)), lacking, if holds { None } else { short_of(found, margin) }];
    (state, words.into_iter().flatten().collect::<Vec<_>>().join("; "))
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
        let (state, _) = judged(&difference(Some(-0.04), Some(0.04), 0), 0.05, 0.95);
        assert_eq!(state, CheckState::Passed);
        let (state, told) = judged(&difference(None, None, 0), 0.05, 0.95);
        assert_eq!(state, CheckState::Failed, "two equal items show nothing");
        assert!(told.contains("too little data"), "{told}");
    }

    #[test]
    fn too_few_items_are_told_how_many_would_do() {
        let (state, told) = judged(&difference(Some(-0.1), Some(0.1), 0), 0.05, 0.95);
        assert_eq!(state, CheckState::Failed);
        assert!(told.contains("items in place of 100 would have been enough"), "{told}");
    }

    #[test]
    fn a_tenth_missing_fails_whatever_the_interval_is() {
        let (state, told) = judged(&difference(Some(-0.04), Some(0.04), 11), 0.05, 0.95);
        assert_eq!(state, CheckState::Failed);
        assert!(told.contains("only 100 of 111 trials were scored (90 %)"), "{told}");
    }
}
