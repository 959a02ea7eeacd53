//! How often 95 % intervals hold what they are about, in simulated data. Slow, so ignored by default:
//!   cargo test --release -p trustmh-stats --test coverage -- --ignored --nocapture
//! The figures of the last run are in docs/statistics.md.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, unreachable_pub)]

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use trustmh_core::metric::Estimate;
use trustmh_stats::bootstrap::Resampler;
use trustmh_stats::mean::mean;
use trustmh_stats::paired::{mcnemar, t_test, wilcoxon};
use trustmh_stats::prediction_powered::{self, Labelled};
use trustmh_stats::proportion::proportion;
use trustmh_stats::sample::Sample;

const SIMULATIONS: u64 = 1000;

fn normal(rng: &mut ChaCha12Rng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

fn share(ones: f64, rng: &mut ChaCha12Rng) -> f64 {
    f64::from(u8::from(rng.random::<f64>() < ones))
}

/// The share of simulations whose interval holds `truth`.
fn covered(truth: f64, simulate: impl Fn(&mut ChaCha12Rng) -> Option<Estimate>) -> f64 {
    let held = (0..SIMULATIONS).filter(|seed| {
        let mut rng = ChaCha12Rng::seed_from_u64(*seed);
        let interval = simulate(&mut rng).and_then(|estimate| estimate.interval);
        interval.is_some_and(|ends| ends.low <= truth && truth <= ends.high)
    });
    held.count() as f64 / SIMULATIONS as f64
}

/// Prints the coverage of each case, and checks their mean where the method claims to hold.
fn report(method: &str, claimed: bool, cases: &[(String, f64)]) {
    for (case, covered) in cases {
        println!("{method:<22} {case:<34} {:.1} %", 100.0 * covered);
    }
    let mean = cases.iter().map(|(_, covered)| covered).sum::<f64>() / cases.len() as f64;
    println!("{method:<22} {:<34} {:.1} %", "mean", 100.0 * mean);
    if claimed {
        assert!((0.93..=0.97).contains(&mean), "{method} covers {mean} on average");
    }
}

#[test]
#[ignore = "slow"]
fn wilson() {
    let cases = |sizes: &[usize], shares: &[f64]| -> Vec<(String, f64)> {
        let pairs = sizes.iter().flat_map(|n| shares.iter().map(move |p| (*n, *p)));
        pairs
            .map(|(n, p)| {
                let found = covered(p, |rng| {
                    let values = (0..n).map(|_| share(p, rng)).collect();
                    proportion(&Sample::independent(values).unwrap()).ok()
                });
                (format!("n {n}, share {p}"), found)
            })
            .collect()
    };
    report("Wilson", true, &cases(&[25, 50, 125, 250, 1000], &[0.1, 0.3, 0.5, 0.8]));
    report("Wilson, near 0", false, &cases(&[25, 125], &[0.01]));
}

/// Items differ in how likely a right answer is, so trials of one item are alike.
fn clustered_shares(items: usize, trials: usize, rng: &mut ChaCha12Rng) -> Sample {
    let (mut values, mut names) = (Vec::new(), Vec::new());
    for item in 0..items {
        // Uniform between .2 and 1: mean .6.
        let p = 0.2 + 0.8 * rng.random::<f64>();
        for _ in 0..trials {
            values.push(share(p, rng));
            names.push(item);
        }
    }
    Sample::clustered(values, &names).unwrap()
}

fn clustered_scores(items: usize, trials: usize, rng: &mut ChaCha12Rng) -> Sample {
    let (mut values, mut names) = (Vec::new(), Vec::new());
    for item in 0..items {
        let level = 3.0 + 0.7 * normal(rng);
        for _ in 0..trials {
            values.push(level + 0.5 * normal(rng));
            names.push(item);
        }
    }
    Sample::clustered(values, &names).unwrap()
}

#[test]
#[ignore = "slow"]
fn clustered() {
    let of = |sizes: &[usize],
              truth: f64,
              simulate: &dyn Fn(usize, &mut ChaCha12Rng) -> Option<Estimate>| {
        let cases = sizes.iter().map(|items| {
            (format!("{items} items of 4 trials"), covered(truth, |rng| simulate(*items, rng)))
        });
        cases.collect::<Vec<_>>()
    };
    let shares = |items, rng: &mut ChaCha12Rng| proportion(&clustered_shares(items, 4, rng)).ok();
    let scores = |items, rng: &mut ChaCha12Rng| Some(mean(&clustered_scores(items, 4, rng)));
    report("Wilson, clustered", true, &of(&[10, 25, 50, 125, 250], 0.6, &shares));
    report("Wilson, clustered, few", false, &of(&[3, 5], 0.6, &shares));
    report("clustered t", true, &of(&[10, 25, 50, 125, 250], 3.0, &scores));
    report("clustered t, few", false, &of(&[3, 5], 3.0, &scores));
}

#[test]
#[ignore = "slow"]
fn t_and_bootstrap() {
    let skewed = |n: usize, rng: &mut ChaCha12Rng| -> Vec<f64> {
        (0..n).map(|_| (0.8 * normal(rng)).exp()).collect()
    };
    let truth = 0.32_f64.exp();
    let likert = |n: usize, rng: &mut ChaCha12Rng| -> Vec<f64> {
        (0..n).map(|_| (3.5 + 1.2 * normal(rng)).round().clamp(1.0, 5.0)).collect()
    };
    let mut rng = ChaCha12Rng::seed_from_u64(1);
    let many = likert(1_000_000, &mut rng);
    let of_likert = many.iter().sum::<f64>() / many.len() as f64;
    let t = |values: Vec<f64>| Some(mean(&Sample::independent(values).unwrap()));
    let bca = |values: Vec<f64>| {
        let rows: Vec<usize> = (0..values.len()).collect();
        let value = values.iter().sum::<f64>() / values.len() as f64;
        let draws = Resampler::new(&rows, 1).draw(value, |rows| {
            Some(rows.iter().filter_map(|row| values.get(*row)).sum::<f64>() / rows.len() as f64)
        });
        let interval = draws.interval();
        Some(Estimate { value, interval, n: rows.len() as u64, clusters: rows.len() as u64 })
    };
    let sizes = [25, 50, 125, 250];
    let cases = |truth: f64, simulate: &dyn Fn(usize, &mut ChaCha12Rng) -> Option<Estimate>| {
        let cases =
            sizes.iter().map(|n| (format!("n {n}"), covered(truth, |rng| simulate(*n, rng))));
        cases.collect::<Vec<_>>()
    };
    report("t, scores of 1 to 5", true, &cases(of_likert, &|n, rng| t(likert(n, rng))));
    report("t, skewed", false, &cases(truth, &|n, rng| t(skewed(n, rng))));
    report("BCa, scores of 1 to 5", true, &cases(of_likert, &|n, rng| bca(likert(n, rng))));
    report("BCa, skewed", false, &cases(truth, &|n, rng| bca(skewed(n, rng))));
}

#[test]
#[ignore = "slow"]
fn prediction_powered_means() {
    let cases: Vec<(String, f64)> = [(125, 25), (125, 60), (250, 50), (1000, 100)]
        .into_iter()
        .map(|(all, labelled)| {
            let found = covered(3.0, |rng| {
                let pairs: Vec<(f64, f64)> = (0..all)
                    .map(|_| {
                        let human = 3.0 + normal(rng);
                        (human, human + 0.6 + 0.5 * normal(rng))
                    })
                    .collect();
                let judged: Vec<f64> = pairs.iter().map(|(_, judge)| *judge).collect();
                prediction_powered::mean(&judged, &pairs[..labelled], Labelled::OfMore).ok()
            });
            (format!("{labelled} of {all} scored by people"), found)
        })
        .collect();
    report("prediction-powered", true, &cases);
}

/// Two subjects that are equally good: how often each test says otherwise at .05.
#[test]
fn of_a_thousand_equal_pairs_at_most_six_in_a_hundred_are_told_apart() {
    let rejected = |p_value: &dyn Fn(&mut ChaCha12Rng) -> Option<f64>| {
        let found = (0..SIMULATIONS).filter(|seed| {
            let mut rng = ChaCha12Rng::seed_from_u64(*seed);
            p_value(&mut rng).is_some_and(|p| p < 0.05)
        });
        found.count() as f64 / SIMULATIONS as f64
    };
    let shares = |rng: &mut ChaCha12Rng| -> Vec<f64> {
        let pair = |rng: &mut ChaCha12Rng| {
            let p = 0.3 + 0.7 * rng.random::<f64>();
            share(p, rng) - share(p, rng)
        };
        (0..125).map(|_| pair(rng)).collect()
    };
    let count =
        |values: &[f64], sign: f64| values.iter().filter(|v| **v * sign > 0.5).count() as u64;
    for (test, rate) in [
        (
            "McNemar",
            rejected(&|rng| {
                let values = shares(rng);
                Some(mcnemar(count(&values, -1.0), count(&values, 1.0)).p)
            }),
        ),
        ("paired t", rejected(&|rng| t_test(&Sample::independent(shares(rng)).unwrap()).1)),
        (
            "clustered t",
            rejected(&|rng| {
                let one = clustered_scores(28, 8, rng);
                // The same items for both: what is left of the difference is noise within items.
                let values = one.values().iter().map(|_| normal(rng) - normal(rng)).collect();
                t_test(&Sample::clustered(values, one.clusters()).unwrap()).1
            }),
        ),
        (
            "Wilcoxon",
            rejected(&|rng| {
                let values: Vec<f64> = (0..60).map(|_| (2.0 * normal(rng)).round()).collect();
                wilcoxon(&values).map(|test| test.p)
            }),
        ),
    ] {
        assert!(rate <= 0.06, "{test} tells {rate} of equal pairs apart");
    }
}
