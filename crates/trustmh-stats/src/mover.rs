//! Intervals of means of estimates, recovered from the estimates' own intervals.

use statrs::distribution::{ContinuousCDF, Normal};

use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

use crate::proportion::Z;

/// The mean of `parts` with the interval that is recovered from theirs (MOVER, Zou & Donner 2008, doi 10.1002/sim.3095; with
/// correlated estimates Zou 2007, doi 10.1037/1082-989X.12.4.399): each end lies as far from the mean as
/// `sqrt(ΣΣ r_ij d_i d_j) / k`, `d_i` being how far the part's own end lies from its value. `correlation` gives `r_ij` of two
/// parts by their places; 0 where they rest on different items. Intervals that are wide at the ends of a range stay so, unlike
/// those of resamples. The interval is missing where one of the parts has none; None without parts.
pub fn mean(parts: &[Estimate], correlation: impl Fn(usize, usize) -> f64) -> Option<Estimate> {
    let count = parts.len() as f64;
    let sum: f64 = parts.iter().map(|part| part.value).sum();
    let value = (!parts.is_empty()).then_some(sum / count)?;
    let half = |distance: fn(&Estimate) -> Option<f64>| -> Option<f64> {
        let distances: Vec<f64> = parts.iter().map(distance).collect::<Option<_>>()?;
        let mut squares = 0.0;
        for (one, first) in distances.iter().enumerate() {
            for (two, second) in distances.iter().enumerate() {
                let together = if one == two { 1.0 } else { correlation(one, two) };
                squares += together * first * second;
            }
        }
        Some(squares.max(0.0).sqrt() / count)
    };
    let below = half(|part| Some(part.value - part.interval?.low));
    let above = half(|part| Some(part.interval?.high - part.value));
    let interval = below.zip(above).and_then(|(below, above)| {
        Interval::new(value - below, value + above, IntervalMethod::Mover)
    });
    let (n, clusters) = parts.iter().fold((0, 0), |(n, k), part| (n + part.n, k + part.clusters));
    Some(Estimate { value, interval, n, clusters })
}

/// The difference of two estimates that rest on different items, `two` less `one`, with the interval that is recovered from theirs: each
/// end lies as far off as `sqrt(d_1² + d_2²)`, `d_1` being how far the one's end lies from its value on the other side, `d_2` how far the
/// other's own does (of shares Newcombe 1998, method 10, doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I; in general
/// Zou & Donner 2008, doi 10.1002/sim.3095). Without an interval of either there is none.
pub fn difference(one: &Estimate, two: &Estimate) -> Estimate {
    let value = two.value - one.value;
    let interval = one.interval.zip(two.interval).and_then(|(first, second)| {
        let below = (two.value - second.low).hypot(first.high - one.value);
        let above = (second.high - two.value).hypot(one.value - first.low);
        Interval::new(value - below, value + above, IntervalMethod::Mover)
    });
    Estimate { value, interval, n: one.n + two.n, clusters: one.clusters + two.clusters }
}

/// The two-sided p value that goes with a 95 % interval of a difference: normal, with the standard error that the end nearer to nothing
/// stands for. It is below .05 where the interval leaves nothing out, and only there. None without an interval, or with one that has no
/// width.
pub fn p_of(difference: &Estimate) -> Option<f64> {
    let Interval { low, high, .. } = difference.interval?;
    let value = difference.value;
    let width = if value > 0.0 { value - low } else { high - value };
    let normal = Normal::new(0.0, 1.0).ok()?;
    (width > 0.0).then(|| 2.0 * normal.sf(Z * value.abs() / width))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe 1998, table II, method 10: 56 of 70 and 48 of 80.
    #[test]
    fn the_difference_of_two_shares_is_newcombes() {
        let two = crate::proportion::wilson(56, 70).unwrap();
        let one = crate::proportion::wilson(48, 80).unwrap();
        let found = difference(&one, &two);
        let ends = found.interval.unwrap();
        assert!((found.value - 0.2).abs() < 1e-12);
        assert!((ends.low - 0.0524).abs() < 5e-5 && (ends.high - 0.3339).abs() < 5e-5, "{ends:?}");
        assert_eq!((found.n, found.clusters), (150, 150));
        let p = p_of(&found).unwrap();
        assert!((0.005..0.05).contains(&p), "{p}");
    }

    #[test]
    fn p_is_small_where_the_interval_leaves_nothing_out_and_only_there() {
        let of = |low: f64, high: f64| {
            let interval = Interval::new(low, high, IntervalMethod::Mover);
            p_of(&Estimate { value: 0.2, interval, n: 1, clusters: 1 })
        };
        assert!((of(0.0, 0.3).unwrap() - 0.05).abs() < 1e-9);
        assert!(of(-0.01, 0.3).unwrap() > 0.05 && of(0.01, 0.3).unwrap() < 0.05);
        assert_eq!(of(0.2, 0.3), None);
    }

    fn part(value: f64, low: f64, high: f64) -> Estimate {
        let interval = Some(Interval { low, high, method: IntervalMethod::Wilson });
        Estimate { value, interval, n: 10, clusters: 10 }
    }

    #[test]
    fn independent_parts_add_their_squares_and_parts_that_move_together_their_ends() {
        let parts = [part(0.6, 0.5, 0.8), part(0.2, 0.1, 0.4)];
        let apart = mean(&parts, |_, _| 0.0).unwrap();
        let ends = apart.interval.unwrap();
        assert!((apart.value - 0.4).abs() < 1e-12 && apart.n == 20 && apart.clusters == 20);
        assert!((ends.low - (0.4 - 0.02_f64.sqrt() / 2.0)).abs() < 1e-12);
        assert!((ends.high - (0.4 + 0.08_f64.sqrt() / 2.0)).abs() < 1e-12);
        let together = mean(&parts, |_, _| 1.0).unwrap().interval.unwrap();
        assert!((together.low - 0.3).abs() < 1e-12 && (together.high - 0.6).abs() < 1e-12);
    }

    #[test]
    fn a_part_at_the_end_of_its_range_keeps_its_width_and_one_without_interval_leaves_none() {
        let sure = mean(&[part(1.0, 0.8, 1.0), part(1.0, 0.8, 1.0)], |_, _| 0.0).unwrap();
        assert!(sure.interval.unwrap().low < 0.9);
        let bare = Estimate { interval: None, ..part(0.2, 0.1, 0.4) };
        assert_eq!(mean(&[part(1.0, 0.8, 1.0), bare], |_, _| 0.0).unwrap().interval, None);
        assert_eq!(mean(&[], |_, _| 0.0), None);
    }
}
