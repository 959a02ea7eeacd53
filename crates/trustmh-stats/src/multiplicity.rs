//! Many tests at once: p values that keep what they promise.

/// Holm's step-down correction, which bounds the chance of a single false finding among all (Holm 1979, Scandinavian
/// Journal of Statistics 6). Corrected values in the order given; each at most 1.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let count = p_values.len();
    let mut highest = 0.0_f64;
    let mut corrected = vec![1.0; count];
    for (place, index) in ascending(p_values).into_iter().enumerate() {
        let p = p_values.get(index).copied().unwrap_or(1.0);
        highest = highest.max(p * (count - place) as f64).min(1.0);
        set(&mut corrected, index, highest);
    }
    corrected
}

/// Benjamini and Hochberg's step-up correction, which bounds the expected share of false findings among those found
/// (doi 10.1111/j.2517-6161.1995.tb02031.x). Corrected values in the order given; each at most 1.
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let count = p_values.len() as f64;
    let mut lowest = 1.0_f64;
    let mut corrected = vec![1.0; p_values.len()];
    for (place, index) in ascending(p_values).into_iter().enumerate().rev() {
        let p = p_values.get(index).copied().unwrap_or(1.0);
        lowest = lowest.min(p * count / (place + 1) as f64);
        set(&mut corrected, index, lowest);
    }
    corrected
}

fn ascending(p_values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    let p = |index: &usize| p_values.get(*index).copied().unwrap_or(1.0);
    order.sort_by(|a, b| p(a).total_cmp(&p(b)));
    order
}

fn set(values: &mut [f64], index: usize, value: f64) {
    if let Some(place) = values.get_mut(index) {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(left: &[f64], right: &[f64]) {
        assert!(left.iter().zip(right).all(|(l, r)| (l - r).abs() < 1e-12), "{left:?} {right:?}");
    }

    #[test]
    fn golden_corrections() {
        // R 4.3: p.adjust(c(.01, .04, .03, .005, .5), "holm"), "BH"
        let p = [0.01, 0.04, 0.03, 0.005, 0.5];
        close(&holm(&p), &[0.04, 0.09, 0.09, 0.025, 0.5]);
        close(&benjamini_hochberg(&p), &[0.025, 0.05, 0.05, 0.025, 0.5]);
    }

    proptest! {
        #[test]
        fn corrections_never_lower_a_p_nor_change_the_order(p in prop::collection::vec(0.0_f64..1.0, 0..20)) {
            for corrected in [holm(&p), benjamini_hochberg(&p)] {
                prop_assert!(corrected.iter().zip(&p).all(|(c, p)| *c >= p - 1e-12 && *c <= 1.0));
                for (i, a) in p.iter().enumerate() {
                    for (j, b) in p.iter().enumerate() {
                        prop_assert!(a > b || corrected[i] <= corrected[j] + 1e-12);
                    }
                }
            }
            let (strict, loose) = (holm(&p), benjamini_hochberg(&p));
            prop_assert!(strict.iter().zip(&loose).all(|(s, l)| *s >= l - 1e-12));
        }
    }
}
