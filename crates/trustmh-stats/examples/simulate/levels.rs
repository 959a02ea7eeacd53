//! How often tests find what is not there, and what is.

use rand::RngExt;
use trustmh_core::metric::Direction;
use trustmh_stats::multiplicity::holm;
use trustmh_stats::paired::{mcnemar, share_difference, t_test, wilcoxon};
use trustmh_stats::power::{Asked, Outcome, PairedDesign};
use trustmh_stats::ranks::{Apart, confidence_sets, ranks};
use trustmh_stats::sample::Sample;

use crate::draw::{self, Rng, Sizes, chance, clustered, coin, mostly_equal, normal, rating};
use crate::{Effort, Row, SIZES, Target, count};

/// At most so often may a test at .05 find what is not there.
const LEVEL: f64 = 0.06;

fn row(
    statistic: &'static str,
    case: &str,
    target: Target,
    sizes: &[usize],
    samples: u64,
    found: impl Fn(usize, &mut Rng) -> bool + Sync,
) -> Row {
    let cells = sizes.iter().map(|n| (*n, count(samples, |rng| Some(found(*n, rng))))).collect();
    Row { statistic, case: case.to_owned(), target, cells }
}

fn midp(differences: &Sample) -> bool {
    let count =
        |sign: f64| differences.values().iter().filter(|value| **value * sign > 0.5).count() as u64;
    mcnemar(count(-1.0), count(1.0)).p < 0.05
}

fn t(differences: &Sample) -> bool {
    t_test(differences).1.is_some_and(|p| p < 0.05)
}

/// Whether the ranks of equal subjects, each right on seven items in ten, are said to be less open than they are.
fn ranked(subjects: usize, items: usize, rng: &mut Rng) -> bool {
    let right: Vec<Vec<f64>> =
        (0..subjects).map(|_| (0..items).map(|_| coin(0.7, rng)).collect()).collect();
    let pairs: Vec<(usize, usize)> =
        (0..subjects).flat_map(|one| (one + 1..subjects).map(move |two| (one, two))).collect();
    let only = |one: usize, two: usize| {
        right[one].iter().zip(&right[two]).filter(|(one, two)| *one > *two).count() as u64
    };
    let tests: Vec<f64> =
        pairs.iter().map(|(one, two)| mcnemar(only(*one, *two), only(*two, *one)).p).collect();
    let told = pairs.iter().zip(holm(&tests)).filter(|(_, p)| *p < 0.05);
    let apart: Vec<Apart> = told
        .map(|((one, two), _)| match only(*one, *two) > only(*two, *one) {
            true => Apart { better: *one, worse: *two },
            false => Apart { better: *two, worse: *one },
        })
        .collect();
    let sums: Vec<f64> = right.iter().map(|answers| answers.iter().sum()).collect();
    let sets = confidence_sets(&ranks(&sums, Direction::Higher), apart);
    sets.ranges.iter().any(|set| (set.best, set.worst) != (1, subjects as u64))
}

/// 1 with the chance `up`, -1 with `down`.
fn sided(up: f64, down: f64, rng: &mut Rng) -> f64 {
    match rng.random::<f64>() {
        u if u < up => 1.0,
        u if u < up + down => -1.0,
        _ => 0.0,
    }
}

pub fn rows(effort: Effort) -> Vec<Row> {
    let level = Target::AtMost(LEVEL);
    let of = |statistic, case: &str, found: &(dyn Fn(usize, &mut Rng) -> bool + Sync)| {
        row(statistic, case, level, &SIZES, effort.plain, found)
    };
    let mut rows = vec![
        of("McNemar, mid-p", "a fifth discordant", &|n, rng| {
            midp(&draw::sample(n, rng, |rng| sided(0.1, 0.1, rng)))
        }),
        of("McNemar, mid-p", "nearly all discordant", &|n, rng| {
            midp(&draw::sample(n, rng, |rng| sided(0.45, 0.45, rng)))
        }),
        of("ranges of ranks", "3 equal subjects", &|n, rng| ranked(3, n, rng)),
        of("ranges of ranks", "12 equal subjects", &|n, rng| ranked(12, n, rng)),
        of("paired t", "ratings 1 to 5", &|n, rng| {
            t(&draw::sample(n, rng, |rng| rating(rng) - rating(rng)))
        }),
        of("paired t", "90 % equal", &|n, rng| {
            t(&draw::sample(n, rng, |rng| mostly_equal(0.1, 0.5, rng)))
        }),
        of("clustered t", "4 trials an item", &|n, rng| {
            let one = |level: &f64, rng: &mut Rng| level + normal(rng);
            t(&clustered(n, Sizes::Equal(4), rng, normal, one))
        }),
        of("clustered t", "1 to 12 trials an item", &|n, rng| {
            let one = |level: &f64, rng: &mut Rng| level + normal(rng);
            t(&clustered(n, Sizes::UpTo(12), rng, normal, one))
        }),
        of("clustered t", "shares, 1 to 12 trials an item", &|n, rng| {
            let lean = |rng: &mut Rng| chance(0.5, 0.5, rng);
            let one = |lean: &f64, rng: &mut Rng| coin(0.4, rng) * (2.0 * coin(*lean, rng) - 1.0);
            t(&clustered(n, Sizes::UpTo(12), rng, lean, one))
        }),
        of("Wilcoxon", "ratings 1 to 5", &|n, rng| {
            let values = draw::sample(n, rng, |rng| rating(rng) - rating(rng));
            wilcoxon(values.values()).is_some_and(|test| test.p < 0.05)
        }),
    ];
    for (up, down) in [(0.0, 0.05), (0.05, 0.1)] {
        let case = format!("truly worse by .05: {up} won, {down} lost");
        let passes = |n: usize, rng: &mut Rng| {
            let found = share_difference(&draw::sample(n, rng, |rng| sided(up, down, rng)));
            found.interval.is_some_and(|ends| ends.low > -0.05)
        };
        // One-sided: 2.5 % is meant.
        let target = Target::AtMost(0.035);
        rows.push(row("no worse by .05", &case, target, &SIZES, effort.plain, passes));
    }
    rows
}

pub fn power(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for (discordant, difference) in [(0.2, 0.11), (0.1, 0.1), (0.3, 0.2), (0.2, 0.05)] {
        let design = PairedDesign {
            outcome: Outcome::Shares { discordant },
            alpha: 0.05,
            power: 0.8,
            asked: Asked::ONCE,
        };
        let items = design.items_for(difference).unwrap() as usize;
        let (up, down) = ((discordant + difference) / 2.0, (discordant - difference) / 2.0);
        let case = format!("{discordant} discordant, difference {difference}");
        rows.push(row(
            "McNemar, mid-p",
            &case,
            Target::AtLeast(0.8),
            &[items],
            effort.plain,
            |n, rng| midp(&draw::sample(n, rng, |rng| sided(up, down, rng))),
        ));
    }
    for difference in [1.0, 0.3] {
        let design = PairedDesign {
            outcome: Outcome::Scores { spread: 1.0 },
            alpha: 0.05,
            power: 0.8,
            asked: Asked::ONCE,
        };
        let items = design.items_for(difference).unwrap() as usize;
        let case = format!("standard deviation 1, difference {difference}");
        rows.push(row(
            "paired t",
            &case,
            Target::AtLeast(0.8),
            &[items],
            effort.plain,
            |n, rng| t(&draw::sample(n, rng, |rng| difference + normal(rng))),
        ));
    }
    rows
}
