//! The slope of scores over the turns of one conversation.

/// Fewer turns than this have no slope that says anything.
pub const FEWEST_TURNS: usize = 3;

/// Least squares slope of scores over turns, per turn. Turns without a score are left out; none for fewer than
/// [`FEWEST_TURNS`] that have one, and where all are at one turn.
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
    if points.len() < FEWEST_TURNS {
        return None;
    }
    let n = points.len() as f64;
    let mean = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).sum::<f64>() / n;
    let (turn, score) = (mean(|point| point.0), mean(|point| point.1));
    let squares: f64 = points.iter().map(|(x, _)| (x - turn).powi(2)).sum();
    let products: f64 = points.iter().map(|(x, y)| (x - turn) * (y - score)).sum();
    (squares > 0.0).then(|| products / squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_slope() {
        // scipy 1.17: st.linregress([1, 2, 4, 5], [2, 1, 3, 5]).slope = .8
        let found = slope(&[(1.0, 2.0), (2.0, 1.0), (4.0, 3.0), (5.0, 5.0)]).unwrap();
        assert!((found - 0.8).abs() < 1e-12, "{found}");
    }

    #[test]
    fn two_turns_have_no_slope() {
        assert_eq!(slope(&[(1.0, 0.0), (2.0, 1.0)]), None);
        assert_eq!(slope(&[(1.0, 0.0), (1.0, 1.0), (1.0, 2.0)]), None);
    }
}
