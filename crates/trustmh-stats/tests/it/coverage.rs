//! A seeded part of `scripts/simulate` that takes seconds: how often 95 % intervals hold, and how often tests find what is
//! not there. The tables are in docs/statistics.md.
#[path = "../../examples/simulate/draw.rs"]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod draw;

use draw::{
    Rng, Sizes, both, chance, clustered, coin, mean_near_ceiling, mostly_equal, near_ceiling,
    normal, rating, sample, toxicity,
};
use rand::SeedableRng;
use trustmh_core::metric::Estimate;
use trustmh_stats::correlation::pearson_estimate;
use trustmh_stats::mean::{bounded, mean};
use trustmh_stats::paired::{mcnemar, mean_difference, share_difference, t_test};
use trustmh_stats::prediction_powered::{self, Labelled};
use trustmh_stats::proportion::proportion;
use trustmh_stats::sample::Sample;

const SIMULATIONS: u64 = 500;

fn share_of(samples: u64, found: impl Fn(&mut Rng) -> bool) -> f64 {
    let hits = (0..samples).filter(|seed| found(&mut Rng::seed_from_u64(*seed))).count();
    hits as f64 / samples as f64
}

/// The interval holds `truth` at least as often as `least` says: 93 %, less three standard errors of 500 samples.
fn holds(case: &str, truth: f64, estimate: impl Fn(&mut Rng) -> Estimate) {
    let covered = share_of(SIMULATIONS, |rng| {
        let ends = estimate(rng).interval;
        ends.is_some_and(|ends| ends.low <= truth + 1e-12 && truth <= ends.high + 1e-12)
    });
    assert!(covered >= 0.896, "{case}: the interval holds in {covered} of the samples");
}

#[test]
fn means_at_the_ceiling_hold() {
    // t alone: .41, .65 and .86 of the samples.
    for n in [5, 10, 30] {
        for off in [0.1, 0.25] {
            holds(&format!("{off} off the ceiling, n {n}"), mean_near_ceiling(off), |rng| {
                bounded(&sample(n, rng, |rng| near_ceiling(off, rng)), (1.0, 5.0))
            });
        }
        holds(&format!("toxicity, n {n}"), 0.035, |rng| {
            bounded(&sample(n, rng, |rng| toxicity(0.07, rng)), (0.0, 1.0))
        });
        holds(&format!("toxicity of clusters, n {n}"), 0.035, |rng| {
            let share = |rng: &mut Rng| chance(0.07, 0.3, rng);
            let one = |some: &f64, rng: &mut Rng| toxicity(*some, rng);
            bounded(&clustered(n, Sizes::UpTo(12), rng, share, one), (0.0, 1.0))
        });
        holds(&format!("mostly equal, n {n}"), 0.04, |rng| {
            mean_difference(&sample(n, rng, |rng| mostly_equal(0.1, 0.9, rng)), (-1.0, 1.0))
        });
    }
}

#[test]
fn unequal_clusters_hold() {
    // With G - 1 degrees of freedom and no CR2: .89 to .92 of means; Wilson's .87 to .92.
    for items in [3, 5, 10, 30] {
        let score = |level: &f64, rng: &mut Rng| level + 0.7 * normal(rng);
        holds(&format!("mean of {items} items"), 0.0, |rng| {
            mean(&clustered(items, Sizes::UpTo(12), rng, normal, score))
        });
        for p in [0.05, 0.1, 0.5] {
            holds(&format!("share {p} of {items} items"), p, |rng| {
                let share = |rng: &mut Rng| chance(p, 0.5, rng);
                let one = |share: &f64, rng: &mut Rng| coin(*share, rng);
                proportion(&clustered(items, Sizes::UpTo(12), rng, share, one)).unwrap()
            });
        }
    }
}

#[test]
fn shares_means_and_their_differences_hold() {
    for n in [10, 30, 100] {
        for p in [0.02, 0.2, 0.5] {
            holds(&format!("share {p}, n {n}"), p, |rng| {
                proportion(&sample(n, rng, |rng| coin(p, rng))).unwrap()
            });
        }
        for (up, down) in [(0.1, 0.1), (0.0, 0.05)] {
            holds(&format!("difference of shares, {up} {down}, n {n}"), up - down, |rng| {
                let one = |rng: &mut Rng| {
                    let up = coin(up, rng);
                    if up > 0.5 { 1.0 } else { -coin(down, rng) }
                };
                share_difference(&sample(n, rng, one))
            });
        }
        holds(&format!("ratings, n {n}"), 0.0, |rng| {
            mean(&sample(n, rng, |rng| rating(rng) - rating(rng)))
        });
    }
}

#[test]
fn correlations_hold() {
    let names: Vec<usize> = (0..10).collect();
    let covered = share_of(100, |rng| {
        let (x, y): (Vec<f64>, Vec<f64>) = (0..10).map(|_| both(0.5, rng)).unzip();
        let ends = pearson_estimate(&x, &y, &names, 1).unwrap().0.interval.unwrap();
        ends.low <= 0.5 && 0.5 <= ends.high
    });
    assert!(covered >= 0.9, "{covered}");
}

#[test]
fn judges_put_right_hold() {
    for (all, labelled) in [(125, 25), (250, 50)] {
        holds(&format!("{labelled} of {all} scored by people"), 3.0, |rng| {
            let one = |rng: &mut Rng| {
                let human = 3.0 + normal(rng);
                (human, human + 0.6 + 0.5 * normal(rng))
            };
            let pairs: Vec<(f64, f64)> = (0..all).map(|_| one(rng)).collect();
            let judged: Vec<f64> = pairs.iter().map(|(_, judge)| *judge).collect();
            prediction_powered::mean(&judged, &pairs[..labelled], Labelled::OfMore).unwrap()
        });
    }
}

fn midp(differences: &Sample) -> bool {
    let count = |sign: f64| differences.values().iter().filter(|v| **v * sign > 0.5).count() as u64;
    mcnemar(count(-1.0), count(1.0)).p < 0.05
}

fn t(differences: &Sample) -> bool {
    t_test(differences).1.is_some_and(|p| p < 0.05)
}

#[test]
fn equal_subjects_are_rarely_told_apart() {
    // .06, and three standard errors of 1,000 samples.
    let rarely = |case: &str, found: &dyn Fn(&mut Rng) -> bool| {
        let rate = share_of(1000, found);
        assert!(rate <= 0.082, "{case} tells {rate} of equal pairs apart");
    };
    for n in [5, 10, 30, 100] {
        rarely(&format!("McNemar, n {n}"), &|rng| {
            midp(&sample(n, rng, |rng| coin(0.6, rng) - coin(0.6, rng)))
        });
        rarely(&format!("paired t, n {n}"), &|rng| {
            t(&sample(n, rng, |rng| rating(rng) - rating(rng)))
        });
        rarely(&format!("clustered t, n {n}"), &|rng| {
            let one = |level: &f64, rng: &mut Rng| level + normal(rng);
            t(&clustered(n, Sizes::UpTo(6), rng, normal, one))
        });
    }
}

#[test]
fn a_loss_as_great_as_the_margin_rarely_passes() {
    // By the difference's sign alone .90 of two items pass, .59 of 10, .22 of 30.
    for n in [2, 5, 10, 30, 100] {
        let rate = share_of(1000, |rng| {
            let found = share_difference(&sample(n, rng, |rng| -coin(0.05, rng)));
            found.interval.is_some_and(|ends| ends.low > -0.05)
        });
        assert!(rate <= 0.05, "n {n}: {rate}");
    }
}
