//! Intraclass correlations: how much of the spread of ratings is that of the units.

use statrs::distribution::{ContinuousCDF, FisherSnedecor};
use std::collections::BTreeMap;

use trustmh_core::metric::{Interval, IntervalMethod};

/// What raters are taken for, by the names of Shrout & Fleiss (1979, doi 10.1037/0033-2909.86.2.420).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// ICC(1): one rating, each unit rated by raters of its own.
    OneWay,
    /// ICC(2,1): one rating, raters drawn from many who might have rated; differences between their levels count as error.
    TwoWay,
    /// ICC(2,k): the mean of the ratings that a unit has.
    TwoWayMean,
}

/// One unit's ratings, each with the number of its rater.
pub type Rated = Vec<(usize, f64)>;

/// The intraclass correlation of units with any ratings missing, at most 1 and below 0 where units differ less than chance would make
/// them. One way: from the mean squares between and within units, with `(N - sum of k_i² / N) / (n - 1)` ratings a unit. Two ways: from the
/// variance components of units, raters and rest by Henderson's first method (1953, doi 10.2307/3001853), which in
/// a table without gaps are those of the analysis of variance, hence the formulas of Shrout & Fleiss; k is
/// then the harmonic mean of the ratings a unit has. Units with one rating say nothing of error and are left out. None for fewer than two units or
/// raters, and where raters and units cannot be told apart.
pub fn intraclass(units: &[&Rated], form: Form) -> Option<f64> {
    let paired: Vec<&Rated> = units.iter().copied().filter(|unit| unit.len() > 1).collect();
    match form {
        Form::OneWay => {
            let OneWay { between, within, k, .. } = one_way(&paired)?;
            let whole = between + (k - 1.0) * within;
            (whole > 0.0).then(|| (between - within) / whole)
        }
        Form::TwoWay => two_way(&paired, 1.0),
        Form::TwoWayMean => {
            let k = paired.len() as f64
                / paired.iter().map(|unit| 1.0 / unit.len() as f64).sum::<f64>();
            two_way(&paired, k)
        }
    }
}

/// The 95 % interval of [`intraclass`] by quantiles of F, in a table without gaps (Shrout & Fleiss 1979, pages 424 and 425; McGraw & Wong
/// 1996, doi 10.1037/1082-989X.1.1.30, table 7). None where cells are missing, where there is no spread, and where it would have no width.
pub fn interval(units: &[&Rated], form: Form) -> Option<Interval> {
    let raters = units.first()?.len();
    let in_step = |unit: &&Rated| {
        unit.len() == raters
            && unit.iter().zip(0..raters).all(|((rater, _), place)| *rater == place)
    };
    if raters < 2 || !units.iter().all(in_step) {
        return None;
    }
    let (low, high) = match form {
        Form::OneWay => of_one_way(units)?,
        Form::TwoWay => of_two_way(units)?,
        Form::TwoWayMean => {
            let k = raters as f64;
            let of_mean = |one: f64| k * one / (1.0 + (k - 1.0) * one);
            let (low, high) = of_two_way(units)?;
            (of_mean(low), of_mean(high))
        }
    };
    Interval::new(low, high, IntervalMethod::FRatio)
}

struct OneWay {
    between: f64,
    within: f64,
    /// Ratings a unit.
    k: f64,
    /// Degrees of freedom between and within.
    freedom: (f64, f64),
}

fn one_way(units: &[&Rated]) -> Option<OneWay> {
    let n = units.len() as f64;
    let all: f64 = units.iter().map(|unit| unit.len() as f64).sum();
    if n < 2.0 || all <= n {
        return None;
    }
    let mean = units.iter().flat_map(|unit| unit.iter()).map(|(_, y)| y).sum::<f64>() / all;
    let (mut between, mut within) = (0.0, 0.0);
    for unit in units {
        let of_unit = unit.iter().map(|(_, y)| y).sum::<f64>() / unit.len() as f64;
        between += unit.len() as f64 * (of_unit - mean).powi(2);
        within += unit.iter().map(|(_, y)| (y - of_unit).powi(2)).sum::<f64>();
    }
    let squares: f64 = units.iter().map(|unit| (unit.len() as f64).powi(2)).sum();
    let freedom = (n - 1.0, all - n);
    Some(OneWay {
        between: between / freedom.0,
        within: within / freedom.1,
        k: (all - squares / all) / (n - 1.0),
        freedom,
    })
}

fn of_one_way(units: &[&Rated]) -> Option<(f64, f64)> {
    let OneWay { between, within, k, freedom: (n, m) } = one_way(units)?;
    if within <= 0.0 {
        return None;
    }
    let ratio = between / within;
    let (low, high) = (ratio / quantile(n, m)?, ratio * quantile(m, n)?);
    Some(((low - 1.0) / (low + k - 1.0), (high - 1.0) / (high + k - 1.0)))
}

/// The share of the units' variance in that of the mean of `k` ratings.
fn two_way(units: &[&Rated], k: f64) -> Option<f64> {
    let [unit, rater, rest] = components(units)?;
    let whole = unit + (rater + rest) / k;
    (whole > 0.0).then(|| unit / whole)
}

/// The variance components of units, raters and rest.
fn components(units: &[&Rated]) -> Option<[f64; 3]> {
    let mut by_rater: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    let (mut all, mut sum, mut squares) = (0.0, 0.0, 0.0);
    let (mut of_units, mut unit_sizes) = (0.0, 0.0);
    for unit in units {
        let size = unit.len() as f64;
        let of_unit: f64 = unit.iter().map(|(_, y)| y).sum();
        all += size;
        sum += of_unit;
        squares += unit.iter().map(|(_, y)| y * y).sum::<f64>();
        of_units += of_unit * of_unit / size;
        unit_sizes += size * size;
        for (rater, y) in *unit {
            let known = by_rater.entry(*rater).or_default();
            known.0 += y;
            known.1 += 1.0;
        }
    }
    let of_raters: f64 = by_rater.values().map(|(sum, count)| sum * sum / count).sum();
    let rater_sizes: f64 = by_rater.values().map(|(_, count)| count * count).sum();
    let (n, m) = (units.len() as f64, by_rater.len() as f64);
    let (unit_size, rater_size, of_mean) = (unit_sizes / all, rater_sizes / all, sum * sum / all);
    if n < 2.0 || m < 2.0 {
        return None;
    }
    solved(
        [
            [all - unit_size, n - rater_size, n - 1.0],
            [m - unit_size, all - rater_size, m - 1.0],
            [unit_size - m, rater_size - n, all - n - m + 1.0],
        ],
        [of_units - of_mean, of_raters - of_mean, squares - of_units - of_raters + of_mean],
    )
}

/// Three equations by Cramer's rule; none where they do not decide.
fn solved(rows: [[f64; 3]; 3], right: [f64; 3]) -> Option<[f64; 3]> {
    let [[a, b, c], [d, e, f], [g, h, i]] = rows;
    let [x, y, z] = right;
    let minor = |a: f64, b: f64, c: f64, d: f64| a * d - b * c;
    let whole = a * minor(e, f, h, i) - b * minor(d, f, g, i) + c * minor(d, e, g, h);
    if whole.abs() < 1e-9 {
        return None;
    }
    let first = x * minor(e, f, h, i) - b * minor(y, f, z, i) + c * minor(y, e, z, h);
    let second = a * minor(y, f, z, i) - x * minor(d, f, g, i) + c * minor(d, y, g, z);
    let third = a * minor(e, y, h, z) - b * minor(d, y, g, z) + x * minor(d, e, g, h);
    Some([first / whole, second / whole, third / whole])
}

fn of_two_way(units: &[&Rated]) -> Option<(f64, f64)> {
    let (n, k) = (units.len() as f64, units.first()?.len() as f64);
    let [unit, rater, rest] = components(units)?;
    if rest <= 0.0 {
        return None;
    }
    // Mean squares of units, raters and rest.
    let (of_units, of_raters) = (rest + k * unit, rest + n * rater);
    let one = two_way(units, 1.0)?;
    let ratio = of_raters / rest;
    let level = n * (1.0 + (k - 1.0) * one) - k * one;
    let freedom = (k - 1.0) * (n - 1.0) * (k * one * ratio + level).powi(2)
        / ((n - 1.0) * (k * one * ratio).powi(2) + level * level);
    let (down, up) = (quantile(n - 1.0, freedom)?, quantile(freedom, n - 1.0)?);
    let error = k * of_raters + (k * n - k - n) * rest;
    let low = n * (of_units - down * rest) / (down * error + n * of_units);
    let high = n * (up * of_units - rest) / (error + n * up * of_units);
    (low.is_finite() && high.is_finite()).then_some((low, high))
}

/// The 97.5 % point of F.
fn quantile(first: f64, second: f64) -> Option<f64> {
    let found = FisherSnedecor::new(first, second).ok()?.inverse_cdf(0.975);
    found.is_finite().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Six targets by four judges: table 2 of Shrout & Fleiss (1979).
    const TARGETS: [[f64; 4]; 6] = [
        [9.0, 2.0, 5.0, 8.0],
        [6.0, 1.0, 3.0, 2.0],
        [8.0, 4.0, 6.0, 8.0],
        [7.0, 1.0, 2.0, 6.0],
        [10.0, 5.0, 6.0, 9.0],
        [6.0, 2.0, 4.0, 7.0],
    ];

    fn rated(table: &[[f64; 4]]) -> Vec<Rated> {
        table.iter().map(|row| row.iter().copied().enumerate().collect()).collect()
    }

    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() < tolerance, "{found} is not {expected}");
    }

    // Their table 4 and R's psych::ICC(sf): .17 [-.13, .72], .29 [.02, .76], .62 [.07, .93].
    #[test]
    fn the_table_of_shrout_and_fleiss() {
        let units = rated(&TARGETS);
        let units: Vec<&Rated> = units.iter().collect();
        for (form, value, low, high) in [
            (Form::OneWay, 0.17, -0.13, 0.72),
            (Form::TwoWay, 0.29, 0.02, 0.76),
            (Form::TwoWayMean, 0.62, 0.07, 0.93),
        ] {
            near(intraclass(&units, form).unwrap(), value, 0.005);
            let ends = interval(&units, form).unwrap();
            near(ends.low, low, 0.005);
            near(ends.high, high, 0.005);
        }
    }

    // Targets 11.24 between, 6.26 within, judges 32.49, rest 1.02 (their table 3): components (11.24 - 1.02) / 4, (32.49 - 1.02) / 6.
    #[test]
    fn components_are_those_of_the_analysis_of_variance() {
        let units = rated(&TARGETS);
        let [unit, rater, rest] = components(&units.iter().collect::<Vec<_>>()).unwrap();
        near(unit, (11.24 - 1.02) / 4.0, 0.005);
        near(rater, (32.49 - 1.02) / 6.0, 0.005);
        near(rest, 1.02, 0.005);
    }

    #[test]
    fn gaps_leave_a_value_and_no_interval_by_f() {
        let mut units = rated(&TARGETS);
        units[0].remove(1);
        units[4].remove(3);
        units.push(vec![(2, 4.0)]);
        let units: Vec<&Rated> = units.iter().collect();
        for form in [Form::OneWay, Form::TwoWay, Form::TwoWayMean] {
            assert!(intraclass(&units, form).unwrap().is_finite());
            assert_eq!(interval(&units, form), None);
        }
        let alone = vec![(0, 1.0), (1, 2.0)];
        assert_eq!(intraclass(&[&alone], Form::TwoWay), None);
        let apart = [vec![(0, 1.0), (1, 2.0)], vec![(2, 3.0), (3, 4.0)]];
        assert_eq!(intraclass(&apart.iter().collect::<Vec<_>>(), Form::TwoWay), None);
    }

    #[test]
    fn raters_who_never_differ_have_no_interval() {
        let units: Vec<Rated> =
            (0..5).map(|n| (0..3).map(|r| (r, f64::from(n))).collect()).collect();
        let units: Vec<&Rated> = units.iter().collect();
        near(intraclass(&units, Form::TwoWay).unwrap(), 1.0, 1e-12);
        assert_eq!(interval(&units, Form::TwoWay), None);
    }

    proptest! {
        // A rater who is always higher by the same is error to ICC(2,1); the order of raters says nothing.
        #[test]
        fn order_says_nothing(rows in prop::collection::vec(prop::array::uniform4(0_u8..6), 3..12)) {
            let table: Vec<[f64; 4]> = rows.iter().map(|row| row.map(f64::from)).collect();
            let turned: Vec<[f64; 4]> = table.iter().map(|[a, b, c, d]| [*d, *b, *a, *c]).collect();
            let (there, back) = (rated(&table), rated(&turned));
            for form in [Form::OneWay, Form::TwoWay, Form::TwoWayMean] {
                let of = |units: &[Rated]| intraclass(&units.iter().collect::<Vec<_>>(), form);
                match (of(&there), of(&back)) {
                    // Below it has no bound, where raters differ more than units: there only digits can agree.
                    (Some(a), Some(b)) => {
                        prop_assert!((a - b).abs() < 1e-6 * a.abs().max(1.0) && a <= 1.0 + 1e-9);
                    }
                    (None, None) => {}
                    (a, b) => prop_assert!(false, "{a:?} {b:?}"),
                }
            }
        }
    }
}
