//! What repeats are worth: the power that is calculated is the power that the test of items' means has.

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;

use trustmh_stats::paired::t_test;
use trustmh_stats::power::{Asked, Outcome, PairedDesign};
use trustmh_stats::sample::Sample;

const RUNS: u32 = 4_000;

fn design(outcome: Outcome, times: u32, within: f64) -> PairedDesign {
    let asked = Asked::repeatedly(times, within).unwrap();
    PairedDesign { outcome, alpha: 0.05, power: 0.8, asked }
}

/// The share of runs in which the paired t test of items' mean differences finds one.
fn found(seed: u64, items: u32, of_item: impl Fn(u32, &mut ChaCha12Rng) -> f64) -> f64 {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let finds = (0..RUNS).filter(|_| {
        let means = (0..items).map(|item| of_item(item, &mut rng)).collect();
        t_test(&Sample::independent(means).unwrap()).1.is_some_and(|p| p < 0.05)
    });
    finds.count() as f64 / f64::from(RUNS)
}

fn normal(rng: &mut ChaCha12Rng) -> f64 {
    let (one, two): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - one).ln()).sqrt() * (std::f64::consts::TAU * two).cos()
}

#[test]
fn scores_of_repeated_items_are_found_as_often_as_calculated() {
    let (items, times, within) = (40, 3, 0.6_f64);
    for difference in [0.0, 0.3] {
        let one = |_: u32, rng: &mut ChaCha12Rng| {
            let item = difference + (1.0 - within).sqrt() * normal(rng);
            let chance: f64 = (0..times).map(|_| within.sqrt() * normal(rng)).sum();
            item + chance / f64::from(times)
        };
        let calculated = design(Outcome::Scores { spread: 1.0 }, times, within)
            .power_of(u64::from(items), difference)
            .unwrap();
        let found = found(1, items, one);
        assert!((found - calculated).abs() < 0.025, "{difference}: {found}, {calculated}");
    }
}

#[test]
fn shares_of_repeated_items_are_found_as_often_as_calculated() {
    // Half of the items are hard, and the second subject is better at these alone.
    let (items, times) = (60, 5);
    let chances = |item: u32| if item.is_multiple_of(2) { (0.3, 0.5) } else { (0.8, 0.8) };
    // Of a single ask: .41 of the items are got right by one of the two, .39 of .40 is chance within items.
    let calculated = design(Outcome::Shares { discordant: 0.41 }, times, 0.39 / 0.40)
        .power_of(u64::from(items), 0.1)
        .unwrap();
    let one = |item: u32, rng: &mut ChaCha12Rng| {
        let (first, second) = chances(item);
        let mut right = |chance: f64| f64::from(u8::from(rng.random::<f64>() < chance));
        let sum: f64 = (0..times).map(|_| right(second) - right(first)).sum();
        sum / f64::from(times)
    };
    let found = found(2, items, one);
    assert!((found - calculated).abs() < 0.03, "{found}, {calculated}");
    assert!((0.5..0.95).contains(&calculated), "{calculated}: a test that says something");
}
