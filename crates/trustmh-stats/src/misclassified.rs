//! A share that a judge counted, put right by how often the judge errs either way.

use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

/// How often a judge is right, by a set that people labelled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Right {
    /// Items that have what is looked for.
    pub given: f64,
    /// The share of them that the judge finds: its sensitivity.
    pub found: f64,
    /// Items that do not have it.
    pub others: f64,
    /// The share of them that the judge leaves: its specificity.
    pub left: f64,
}

/// Standard normal quantile of a two-sided 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// The share as people would count it (Rogan & Gladen 1978, doi 10.1093/oxfordjournals.aje.a112510): what the judge counted, less its false
/// finds, over what it finds beyond them; within 0 and 1. The interval adds up the uncertainty of the share and of both rates by the delta
/// method, the rates with one right and one wrong added (after Lang & Reiczigel 2014, doi 10.1016/j.prevetmed.2013.09.015).
///
/// None where the judge finds no more of what is there than of what is not, or where the share has no interval.
pub fn put_right(share: &Estimate, right: &Right) -> Option<Estimate> {
    let beyond = right.found + right.left - 1.0;
    let ends = share.interval?;
    if beyond <= 0.0 || right.given < 1.0 || right.others < 1.0 {
        return None;
    }
    let value = ((share.value + right.left - 1.0) / beyond).clamp(0.0, 1.0);
    let of_share = ((ends.high - ends.low) / (2.0 * Z)).powi(2);
    let of_rate = |rate: f64, n: f64| {
        let rate = (rate * n + 1.0) / (n + 2.0);
        rate * (1.0 - rate) / (n + 2.0)
    };
    let of_found = of_rate(right.found, right.given) * value.powi(2);
    let of_left = of_rate(right.left, right.others) * (1.0 - value).powi(2);
    let half = Z * (of_share + of_found + of_left).sqrt() / beyond;
    let (low, high) = ((value - half).max(0.0), (value + half).min(1.0));
    let interval = Interval::new(low, high, IntervalMethod::Delta);
    Some(Estimate { value, interval, ..*share })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(value: f64, low: f64, high: f64) -> Estimate {
        let interval = Interval::new(low, high, IntervalMethod::Wilson);
        Estimate { value, interval, n: 200, clusters: 200 }
    }

    // Of 200, 30 % are so; a judge that finds .9 of them and takes .2 of the others counts .27 + .14 = .41.
    #[test]
    fn what_a_known_error_adds_is_taken_off() {
        let right = Right { given: 400.0, found: 0.9, others: 400.0, left: 0.8 };
        let found = put_right(&share(0.41, 0.34, 0.48), &right).unwrap();
        assert!((found.value - 0.3).abs() < 1e-9);
        let ends = found.interval.unwrap();
        // At least as wide as the share's own, stretched by what the judge finds beyond chance.
        assert!(ends.high - ends.low > 0.14 / 0.7, "{ends:?}");
        assert!(ends.low < 0.3 && ends.high > 0.3);
    }

    #[test]
    fn a_judge_without_errors_changes_little_and_one_that_guesses_puts_nothing_right() {
        let sure = Right { given: 1e6, found: 1.0, others: 1e6, left: 1.0 };
        let found = put_right(&share(0.41, 0.34, 0.48), &sure).unwrap();
        assert!((found.value - 0.41).abs() < 1e-9);
        assert!((found.interval.unwrap().low - 0.34).abs() < 1e-3);
        let guesses = Right { found: 0.5, left: 0.5, ..sure };
        assert_eq!(put_right(&share(0.5, 0.4, 0.6), &guesses), None);
        assert_eq!(put_right(&Estimate { interval: None, ..share(0.5, 0.4, 0.6) }, &sure), None);
        // Fewer finds than false ones alone would make: none are left.
        let low = Right { given: 100.0, found: 0.9, others: 100.0, left: 0.8 };
        assert!(put_right(&share(0.1, 0.05, 0.2), &low).unwrap().value.abs() < 1e-12);
    }
}
