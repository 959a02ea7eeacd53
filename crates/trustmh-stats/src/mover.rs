//! The mean of several estimates, with the interval recovered from theirs.

use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

/// The mean of independent estimates on one scale: `value - sqrt(Σ (value_i - low_i)²) / k` and `value + sqrt(Σ (high_i -
/// value_i)²) / k` for k of them (MOVER: Zou & Donner 2008, doi 10.1002/sim.3095; of correlations Zou 2007,
/// doi 10.1037/1082-989X.12.4.399). Its n and clusters are the sums of theirs. No interval where one of them has none; none at all
/// without estimates.
pub fn mean_of(parts: &[Estimate]) -> Option<Estimate> {
    if parts.is_empty() {
        return None;
    }
    let count = parts.len() as f64;
    let value = parts.iter().map(|part| part.value).sum::<f64>() / count;
    let ends: Option<Vec<(f64, f64)>> = parts
        .iter()
        .map(|part| part.interval.map(|ends| (part.value - ends.low, ends.high - part.value)))
        .collect();
    let interval = ends.and_then(|ends| {
        let (low, high) = ends.iter().fold((0.0_f64, 0.0_f64), |(low, high), (down, up)| {
            (low.hypot(*down), high.hypot(*up))
        });
        Interval::new(value - low / count, value + high / count, IntervalMethod::Mover)
    });
    Some(Estimate {
        value,
        interval,
        n: parts.iter().map(|part| part.n).sum(),
        clusters: parts.iter().map(|part| part.clusters).sum(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, ends: Option<(f64, f64)>) -> Estimate {
        let method = IntervalMethod::BootstrapFisherZ;
        let interval = ends.and_then(|(low, high)| Interval::new(low, high, method));
        Estimate { value, interval, n: 20, clusters: 10 }
    }

    #[test]
    fn half_widths_add_in_quadrature() {
        let parts = [estimate(0.5, Some((0.2, 0.6))), estimate(0.3, Some((-0.1, 0.6)))];
        let found = mean_of(&parts).unwrap();
        let interval = found.interval.unwrap();
        assert!((found.value - 0.4).abs() < 1e-12 && (found.n, found.clusters) == (40, 20));
        // sqrt(.3² + .4²) / 2 = .25, sqrt(.1² + .3²) / 2
        assert!((interval.low - 0.15).abs() < 1e-12);
        assert!((interval.high - (0.4 + 0.1_f64.sqrt() / 2.0)).abs() < 1e-12);
        assert_eq!(mean_of(&[parts[0], estimate(0.1, None)]).unwrap().interval, None);
        assert_eq!(mean_of(&[]), None);
    }
}
