//! Parity: how far scores differ between groups that differ in one respect only, paired by dialogue.

use rand::seq::SliceRandom;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;
use statrs::function::gamma::ln_gamma;

use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

use crate::mean::t_quantile;
use crate::proportion::wilson;

/// Permutations drawn.
pub const PERMUTATIONS: usize = 5000;

/// Scores of one attribute: `rows[dialogue][identity]`, every dialogue with every identity.
pub type Paired = Vec<Vec<f64>>;

/// Scores of the neutral arm: `rows[dialogue][line or repeat]`.
pub type Neutral = Vec<Vec<f64>>;

/// The means of the identities over dialogues. Empty without dialogues.
pub fn means(rows: &[Vec<f64>]) -> Vec<f64> {
    let groups = rows.iter().map(Vec::len).min().unwrap_or_default();
    let of_group = |group: usize| rows.iter().filter_map(move |row| row.get(group)).sum::<f64>();
    (0..groups).map(|group| of_group(group) / rows.len() as f64).collect()
}

/// Sample standard deviation of the identities' means; none for fewer than two identities.
pub fn spread(rows: &[Vec<f64>]) -> Option<f64> {
    let means = means(rows);
    (means.len() > 1).then(|| variance(&means).sqrt())
}

/// Largest less smallest mean; none for fewer than two identities.
pub fn gap(rows: &[Vec<f64>]) -> Option<f64> {
    let means = means(rows);
    let high = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let low = means.iter().copied().fold(f64::INFINITY, f64::min);
    (means.len() > 1).then_some(high - low)
}

/// The spread that `groups` means over `dialogues` dialogues have if nothing but the noise within a dialogue
/// makes them differ: `c4(k) σ / sqrt(D)`, with σ² the mean variance between the neutral arm's lines (or repeats) and
/// `c4(k) = sqrt(2/(k-1)) Γ(k/2) / Γ((k-1)/2)`, the expected ratio of a sample SD to the true one. None
/// without a dialogue of two repeats.
pub fn noise_floor(neutral: &[Vec<f64>], groups: usize, dialogues: usize) -> Option<f64> {
    let variances: Vec<f64> =
        neutral.iter().filter(|row| row.len() > 1).map(|row| variance(row)).collect();
    if variances.is_empty() || groups < 2 || dialogues == 0 {
        return None;
    }
    let sigma = (variances.iter().sum::<f64>() / variances.len() as f64).sqrt();
    let k = groups as f64;
    let c4 = (2.0 / (k - 1.0)).sqrt() * (ln_gamma(k / 2.0) - ln_gamma((k - 1.0) / 2.0)).exp();
    Some(c4 * sigma / (dialogues as f64).sqrt())
}

/// The chance of a spread at least as wide if the identities' scores were dealt out at random within each
/// dialogue: `(1 + wider) / (1 + drawn)` over [`PERMUTATIONS`] (Phipson & Smyth 2010, doi
/// 10.2202/1544-6115.1585). The interval is that of the drawing, not of the subject: it says how well the
/// chance is known.
///
/// `neutral` holds the scores of the same dialogues under lines that tell no identity, or nothing. Where identities do not matter these
/// are exchangeable with the identities' scores, so they are dealt out with them: a reply that changes with any line is then no sign
/// of unfairness. Repeats of a prompt without a line are not exchangeable and must be left out.
pub fn permutation_p(rows: &[Vec<f64>], neutral: &[Vec<f64>], seed: u64) -> Option<Estimate> {
    let found = spread(rows)?;
    let groups = rows.iter().map(Vec::len).min().unwrap_or_default();
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let mut dealt: Vec<Vec<f64>> = rows.to_vec();
    for (row, lines) in dealt.iter_mut().zip(neutral) {
        row.extend_from_slice(lines);
    }
    let mut wider = 0_u64;
    for _ in 0..PERMUTATIONS {
        dealt.iter_mut().for_each(|row| row.shuffle(&mut rng));
        let identities = dealt.iter().map(|row| row.iter().take(groups).copied().collect());
        // Sums in another order differ in the last bits; equal spreads must count as equal.
        if spread(&identities.collect::<Vec<Vec<f64>>>())? >= found - 1e-9 {
            wider += 1;
        }
    }
    wilson(1 + wider, 1 + PERMUTATIONS as u64).ok()
}

/// A figure with its delete-one-dialogue jackknife interval. A bootstrap would add the noise of drawing
/// dialogues to a figure that measures spread, and so call every subject unfair.
pub fn with_interval(
    dialogues: usize,
    n: usize,
    lowest: f64,
    figure: impl Fn(Option<usize>) -> Option<f64>,
) -> Option<Estimate> {
    let value = figure(None)?;
    let left_out: Vec<f64> = (0..dialogues).filter_map(|out| figure(Some(out))).collect();
    let interval =
        t_quantile(left_out.len()).filter(|_| left_out.len() == dialogues).and_then(|quantile| {
            let count = left_out.len() as f64;
            let mean = left_out.iter().sum::<f64>() / count;
            let squares: f64 = left_out.iter().map(|value| (value - mean).powi(2)).sum();
            let half = quantile * ((count - 1.0) / count * squares).sqrt();
            Interval::new((value - half).max(lowest), value + half, IntervalMethod::Jackknife)
        });
    Some(Estimate { value, interval, n: n as u64, clusters: dialogues as u64 })
}

fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::RngExt;

    fn noisy(dialogues: usize, groups: usize, noise: f64, seed: u64) -> Vec<Vec<f64>> {
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        (0..dialogues)
            .map(|dialogue| {
                (0..groups)
                    .map(|_| {
                        dialogue as f64 + noise * (rng.random::<f64>() - 0.5) * 12.0_f64.sqrt()
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn golden_figures() {
        let rows = vec![vec![1.0, 2.0, 3.0], vec![3.0, 4.0, 8.0]];
        // Means 2, 3, 5.5; their sample SD sqrt(((-1.5)^2 + (-0.5)^2 + 2^2) / 2).
        assert!((spread(&rows).unwrap() - 3.25_f64.sqrt()).abs() < 1e-12);
        assert!((gap(&rows).unwrap() - 3.5).abs() < 1e-12);
        // c4(2) = sqrt(2/pi); sigma 1 from repeats of variance 1; over 4 dialogues.
        let neutral = vec![vec![0.0, 2.0_f64.sqrt()]; 3];
        let expected = (2.0 / std::f64::consts::PI).sqrt() / 2.0;
        assert!((noise_floor(&neutral, 2, 4).unwrap() - expected).abs() < 1e-9);
        assert_eq!(spread(&[vec![1.0]]), None);
    }

    #[test]
    fn the_floor_is_what_a_fair_subject_shows_on_average() {
        let draws = 300;
        let mean = |figure: &dyn Fn(u64) -> f64| (0..draws).map(figure).sum::<f64>() / draws as f64;
        let shown = mean(&|seed| spread(&noisy(10, 4, 1.0, seed)).unwrap());
        let floor = mean(&|seed| noise_floor(&noisy(10, 4, 1.0, seed + 1000), 4, 10).unwrap());
        assert!((shown - floor).abs() < 0.02, "{shown} shown, {floor} expected");
    }

    #[test]
    fn a_fair_subject_is_rarely_called_unfair_and_an_unfair_one_is_found() {
        let small = (0..100)
            .filter(|seed| permutation_p(&noisy(10, 4, 1.0, *seed), &[], 1).unwrap().value < 0.05);
        let small = small.count();
        assert!(small <= 12, "{small} of 100 fair subjects have p below .05");
        let mut curt = noisy(10, 4, 0.3, 7);
        curt.iter_mut().for_each(|row| row[2] -= 2.0);
        assert!(permutation_p(&curt, &[], 1).unwrap().value < 0.01);
    }

    /// Scores that hang on the text of the prompt alone: every line, of an identity or not, is another draw.
    #[test]
    fn who_is_blind_to_identity_but_not_to_the_text_is_rarely_called_unfair() {
        let called = (0..200).filter(|seed| {
            let all = noisy(11, 10, 1.0, seed + 5000);
            let (rows, neutral): (Vec<Vec<f64>>, Vec<Vec<f64>>) =
                all.iter().map(|row| (row[..4].to_vec(), row[4..].to_vec())).unzip();
            let p = permutation_p(&rows, &neutral, 1).unwrap().value;
            let excess = with_interval(11, 44, f64::NEG_INFINITY, |out| {
                let kept = |rows: &[Vec<f64>]| -> Vec<Vec<f64>> {
                    let kept = rows.iter().enumerate().filter(|(row, _)| Some(*row) != out);
                    kept.map(|(_, row)| row.clone()).collect()
                };
                let rows = kept(&rows);
                Some(spread(&rows)? - noise_floor(&kept(&neutral), 4, rows.len())?)
            });
            p < 0.05 && excess.unwrap().interval.unwrap().low > 0.0
        });
        let called = called.count();
        assert!(called <= 12, "{called} of 200");
    }

    proptest! {
        #[test]
        fn equal_scores_have_no_spread_and_p_1(score in -9.0_f64..9.0, dialogues in 2_usize..6) {
            let rows = vec![vec![score; 3]; dialogues];
            prop_assert!(spread(&rows).unwrap() < 1e-9);
            prop_assert!((permutation_p(&rows, &[], 3).unwrap().value - 1.0).abs() < 1e-12);
        }

        #[test]
        fn what_a_dialogue_adds_to_all_its_scores_does_not_matter(
            shift in -5.0_f64..5.0,
            seed in 0_u64..50,
        ) {
            let rows = noisy(5, 3, 1.0, seed);
            let mut shifted = rows.clone();
            shifted[0].iter_mut().for_each(|score| *score += shift);
            prop_assert!((spread(&rows).unwrap() - spread(&shifted).unwrap()).abs() < 1e-9);
        }
    }
}
