//! Coverage of every interval.

use rand::RngExt;
use trustmh_core::metric::Estimate;
use trustmh_stats::agreement::{Distance, kappa};
use trustmh_stats::bootstrap::{FisherError, Resampler};
use trustmh_stats::correlation::{pearson, pearson_estimate, spearman, spearman_estimate};
use trustmh_stats::labels::{self, Averaging, FEWEST_ITEMS_OF_MACRO};
use trustmh_stats::mean::{bounded, mean};
use trustmh_stats::mover;
use trustmh_stats::paired::{mean_difference, share_difference};
use trustmh_stats::proportion::proportion;

use crate::draw::{
    self, Rng, Sizes, both, chance, clustered, coin, mean_near_ceiling, mostly_equal, near_ceiling,
    normal, rarely, rating, ratings, toxicity,
};
use crate::{Effort, Row, SIZES, Target, count};

pub fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = shares(effort.plain);
    rows.extend(means(effort.plain));
    rows.extend(differences(effort.plain));
    rows.extend(correlations(effort.resampled));
    rows.extend(label_statistics(effort.resampled));
    rows
}

fn row(
    statistic: &'static str,
    case: &str,
    target: Target,
    samples: u64,
    truth: f64,
    estimate: impl Fn(usize, &mut Rng) -> Option<Estimate> + Sync,
) -> Row {
    let holds = |n: usize| {
        count(samples, |rng| {
            let ends = estimate(n, rng)?.interval?;
            Some(ends.low <= truth + 1e-12 && truth <= ends.high + 1e-12)
        })
    };
    let cells = SIZES.iter().map(|n| (*n, holds(*n))).collect();
    let row = Row { statistic, case: case.to_owned(), target, cells };
    eprintln!("{}", row.shown());
    row
}

fn shares(samples: u64) -> Vec<Row> {
    let one = |p: f64, target| {
        row("share", &format!("{p}"), target, samples, p, move |n, rng| {
            proportion(&draw::sample(n, rng, |rng| coin(p, rng))).ok()
        })
    };
    let many = |p: f64, likeness: f64, sizes: Sizes, name: &str, target| {
        let case = format!("{p}, {name} trials an item that correlate at {likeness}");
        row("share, clustered", &case, target, samples, p, move |n, rng| {
            let share = |rng: &mut Rng| chance(p, likeness, rng);
            proportion(&clustered(n, sizes, rng, share, |share, rng| coin(*share, rng))).ok()
        })
    };
    let (four, unequal) = (Sizes::Equal(4), Sizes::UpTo(12));
    vec![
        one(0.5, Target::ShortBelow(10)),
        one(0.2, Target::ShortBelow(10)),
        one(0.9, Target::ShortBelow(10)),
        one(0.02, Target::ShortBelow(10)),
        many(0.6, 0.3, four, "4", Target::Wide),
        many(0.5, 0.5, unequal, "1 to 12", Target::Wide),
        many(0.1, 0.5, unequal, "1 to 12", Target::Wide),
        many(0.02, 0.5, unequal, "1 to 12", Target::Wide),
        many(0.1, 0.1, unequal, "1 to 12", Target::Wide),
    ]
}

/// The mean of a population, by a million draws.
fn truth(one: impl Fn(&mut Rng) -> f64) -> f64 {
    let mut rng = <Rng as rand::SeedableRng>::seed_from_u64(u64::MAX);
    (0..1_000_000).map(|_| one(&mut rng)).sum::<f64>() / 1e6
}

fn means(samples: u64) -> Vec<Row> {
    let on = |range: (f64, f64), case: &str, target, truth: f64, one: fn(&mut Rng) -> f64| {
        row("mean on a known range", case, target, samples, truth, move |n, rng| {
            Some(bounded(&draw::sample(n, rng, one), range))
        })
    };
    let scores = |sizes: Sizes, case: &str, target| {
        row("mean, clustered", case, target, samples, 3.0, move |n, rng| {
            let level = |rng: &mut Rng| 3.0 + 0.7 * normal(rng);
            let score = |level: &f64, rng: &mut Rng| level + 0.7 * normal(rng);
            Some(mean(&clustered(n, sizes, rng, level, score)))
        })
    };
    let toxic = |some: f64, case: &str| {
        row(
            "mean on a known range, clustered",
            case,
            Target::Wide,
            samples,
            some / 2.0,
            move |n, rng| {
                let share = |rng: &mut Rng| chance(some, 0.3, rng);
                let one = |some: &f64, rng: &mut Rng| toxicity(*some, rng);
                Some(bounded(&clustered(n, Sizes::UpTo(12), rng, share, one), (0.0, 1.0)))
            },
        )
    };
    let skewed = |rng: &mut Rng| (0.8 * normal(rng)).exp();
    let (unit, five) = ((0.0, 1.0), (1.0, 5.0));
    vec![
        on(five, "ratings 1 to 5", Target::Holds, truth(rating), rating),
        on(unit, "uniform", Target::Holds, 0.5, |rng| rng.random()),
        on(unit, "two values, each half", Target::Wide, 0.5, |rng| coin(0.5, rng)),
        on(five, "60 % at the ceiling", Target::Wide, mean_near_ceiling(0.4), |r| {
            near_ceiling(0.4, r)
        }),
        on(five, "75 % at the ceiling", Target::Wide, mean_near_ceiling(0.25), |r| {
            near_ceiling(0.25, r)
        }),
        on(five, "90 % at the ceiling", Target::Wide, mean_near_ceiling(0.1), |r| {
            near_ceiling(0.1, r)
        }),
        on(five, "all at the ceiling", Target::Wide, 5.0, |_| 5.0),
        on(unit, "93 % zeros, the rest uniform", Target::Wide, 0.035, |rng| toxicity(0.07, rng)),
        row(
            "mean",
            "log-normal, no range",
            Target::ShortBelow(usize::MAX),
            samples,
            0.32_f64.exp(),
            |n, rng| Some(mean(&draw::sample(n, rng, skewed))),
        ),
        scores(Sizes::Equal(4), "4 trials an item", Target::Holds),
        scores(Sizes::UpTo(12), "1 to 12 trials an item", Target::Holds),
        toxic(0.07, "1 to 12 trials, 93 % zeros"),
        toxic(0.3, "1 to 12 trials, 70 % zeros"),
    ]
}

fn differences(samples: u64) -> Vec<Row> {
    let share = |up: f64, down: f64| {
        let case = format!("{up} won, {down} lost");
        row("difference of shares", &case, Target::Wide, samples, up - down, move |n, rng| {
            let one = |rng: &mut Rng| match rng.random::<f64>() {
                u if u < up => 1.0,
                u if u < up + down => -1.0,
                _ => 0.0,
            };
            Some(share_difference(&draw::sample(n, rng, one)))
        })
    };
    let equal = |some: f64, up: f64| {
        let case = format!("{:.0} % equal, {up} of the others up", 100.0 * (1.0 - some));
        let truth = some * (2.0 * up - 1.0) / 2.0;
        row("difference of means", &case, Target::Wide, samples, truth, move |n, rng| {
            let differences = draw::sample(n, rng, |rng| mostly_equal(some, up, rng));
            Some(mean_difference(&differences, (-1.0, 1.0)))
        })
    };
    vec![
        share(0.1, 0.1),
        share(0.05, 0.1),
        share(0.0, 0.05),
        share(0.3, 0.1),
        row(
            "difference of shares, clustered",
            "1 to 12 trials, .1 won, .1 lost",
            Target::Wide,
            samples,
            0.0,
            |n, rng| {
                let lean = |rng: &mut Rng| chance(0.5, 0.5, rng);
                let one =
                    |lean: &f64, rng: &mut Rng| coin(0.2, rng) * (2.0 * coin(*lean, rng) - 1.0);
                Some(share_difference(&clustered(n, Sizes::UpTo(12), rng, lean, one)))
            },
        ),
        equal(0.1, 0.5),
        equal(0.1, 0.9),
        equal(0.4, 0.9),
        row("difference of means", "ratings of both", Target::Wide, samples, 0.0, |n, rng| {
            let one = |rng: &mut Rng| rating(rng) - rating(rng);
            Some(mean_difference(&draw::sample(n, rng, one), (-4.0, 4.0)))
        }),
    ]
}

type Pairs = (Vec<f64>, Vec<f64>);

fn pairs(n: usize, rng: &mut Rng, one: impl Fn(&mut Rng) -> (f64, f64)) -> Pairs {
    (0..n).map(|_| one(rng)).unzip()
}

fn of_population<T>(one: impl Fn(&mut Rng) -> (f64, f64), figure: impl Fn(&Pairs) -> T) -> T {
    let mut rng = <Rng as rand::SeedableRng>::seed_from_u64(u64::MAX);
    figure(&pairs(400_000, &mut rng, one))
}

fn correlations(samples: u64) -> Vec<Row> {
    type One = fn(&mut Rng) -> (f64, f64);
    let names = |n: usize| (0..n).collect::<Vec<usize>>();
    let of_pearson = move |(x, y): &Pairs| pearson_estimate(x, y, &names(x.len()), 1).ok();
    let product = |case: &str, one: One| {
        let truth = of_population(one, |(x, y)| pearson(x, y).unwrap());
        row("Pearson's r", case, Target::Wide, samples, truth, move |n, rng| {
            Some(of_pearson(&pairs(n, rng, one))?.0)
        })
    };
    let ranked = |case: &str, one: One| {
        let truth = of_population(one, |(x, y)| spearman(x, y).unwrap());
        row("Spearman's rho", case, Target::Wide, samples, truth, move |n, rng| {
            let (x, y) = pairs(n, rng, one);
            Some(spearman_estimate(&x, &y, &names(n), 1).ok()?.0)
        })
    };
    let weighted = |case: &str, one: One| {
        let of = |x: &[f64], y: &[f64]| {
            let both: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
            kappa(&both, Distance::Quadratic)
        };
        let truth = of_population(one, |(x, y)| of(x, y).unwrap());
        row("quadratic kappa", case, Target::Wide, samples, truth, move |n, rng| {
            let (x, y) = pairs(n, rng, one);
            let value = of(&x, &y)?;
            let draws = Resampler::new(&names(n), 1).draw(value, |rows| {
                let both: Vec<(f64, f64)> = rows.iter().map(|row| (x[*row], y[*row])).collect();
                kappa(&both, Distance::Quadratic)
            });
            let interval = draws.correlation_interval(FisherError::Products);
            Some(Estimate { value, interval, n: n as u64, clusters: n as u64 })
        })
    };
    vec![
        product("normal, .3", |rng| both(0.3, rng)),
        product("normal, .8", |rng| both(0.8, rng)),
        product("ratings", |rng| ratings(0.5, rng)),
        product("a rating that is rare", rarely),
        ranked("ratings", |rng| ratings(0.5, rng)),
        ranked("ratings, close", |rng| ratings(0.9, rng)),
        weighted("levels", |rng| ratings(0.5, rng)),
        weighted("levels, close", |rng| ratings(0.9, rng)),
        row(
            "mean of three r",
            "normal, .3, .5 and .8",
            Target::Wide,
            samples,
            1.6 / 3.0,
            move |n, rng| {
                let parts: Option<Vec<Estimate>> = [0.3, 0.5, 0.8]
                    .iter()
                    .map(|r| Some(of_pearson(&pairs(n, rng, |rng| both(*r, rng)))?.0))
                    .collect();
                mover::mean(&parts?, |_, _| 0.0)
            },
        ),
    ]
}

/// Given and predicted label of one item: right with the chance `skill`, any of the seven else.
fn labelled(skill: f64, weights: &[f64; 7], rng: &mut Rng) -> (f64, f64) {
    let mut left = rng.random::<f64>();
    let given = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    let given = given.unwrap_or(6) as f64;
    let guess = f64::from(rng.random_range(0..7_u8));
    (given, if rng.random::<f64>() < skill { given } else { guess })
}

const LABELS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
const EVEN: [f64; 7] = [1.0 / 7.0; 7];
const UNEVEN: [f64; 7] = [0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05];

fn f1(given: &[f64], predicted: &[f64], rows: &[usize], averaging: Averaging) -> Option<f64> {
    let label = |of: &[f64], row: usize| LABELS[of[row] as usize];
    let pairs = rows.iter().map(|row| (label(given, *row), Some(label(predicted, *row))));
    labels::f1(pairs, averaging)
}

fn label_statistics(samples: u64) -> Vec<Row> {
    let of_labels =
        |case: &str, averaging: Averaging, skill: f64, weights: &'static [f64; 7], target| {
            let one = move |rng: &mut Rng| labelled(skill, weights, rng);
            let truth = of_population(one, |(given, predicted)| {
                f1(given, predicted, &(0..given.len()).collect::<Vec<_>>(), averaging).unwrap()
            });
            let (name, fewest) = match averaging {
                Averaging::Macro => ("macro F1, seven labels", FEWEST_ITEMS_OF_MACRO as usize),
                Averaging::Weighted => ("weighted F1, seven labels", 0),
                Averaging::Micro => ("micro F1, seven labels", 0),
            };
            row(name, case, target, samples, truth, move |n, rng| {
                let (given, predicted) = pairs(n, rng, one);
                let all: Vec<usize> = (0..n).collect();
                let value = f1(&given, &predicted, &all, averaging)?;
                let of = |rows: &[usize]| f1(&given, &predicted, rows, averaging);
                let draws = (n >= fewest).then(|| Resampler::new(&all, 1).draw(value, of));
                let interval = draws.and_then(|draws| match averaging {
                    Averaging::Macro => draws.wide_interval(),
                    Averaging::Weighted | Averaging::Micro => draws.interval(),
                });
                Some(Estimate { value, interval, n: n as u64, clusters: n as u64 })
            })
        };
    let drop = |clean: f64, lost: f64| {
        let gained = lost / 2.0;
        let after = clean * (1.0 - lost) + (1.0 - clean) * gained;
        let case = format!("clean accuracy {clean}, {lost} of it lost");
        let truth = 1.0 - after / clean;
        row("drop rate", &case, Target::Wide, samples, truth, move |n, rng| {
            let one = |rng: &mut Rng| {
                let right = coin(clean, rng);
                (right, if right > 0.5 { 1.0 - coin(lost, rng) } else { coin(gained, rng) })
            };
            let (before, after) = pairs(n, rng, one);
            // A drop is defined where the clean score is clearly above that of a subject that knows nothing.
            let sample = trustmh_stats::sample::Sample::independent(before.clone()).ok()?;
            if proportion(&sample).ok()?.interval?.low <= 0.2 {
                return None;
            }
            let of = |rows: &[usize]| {
                let sum = |of: &[f64]| rows.iter().map(|row| of[*row]).sum::<f64>();
                let room = sum(&before);
                (room > 0.0).then(|| 1.0 - sum(&after) / room)
            };
            let all: Vec<usize> = (0..n).collect();
            let value = of(&all)?;
            let interval = Resampler::new(&all, 1).draw(value, of).wide_interval();
            Some(Estimate { value, interval, n: n as u64, clusters: n as u64 })
        })
    };
    vec![
        of_labels("six in ten known", Averaging::Macro, 0.6, &EVEN, Target::Wide),
        of_labels("nine in ten known", Averaging::Macro, 0.9, &EVEN, Target::Wide),
        of_labels("six in ten known, uneven labels", Averaging::Macro, 0.6, &UNEVEN, Target::Wide),
        of_labels("six in ten known", Averaging::Weighted, 0.6, &UNEVEN, Target::Wide),
        of_labels("six in ten known", Averaging::Micro, 0.6, &UNEVEN, Target::Wide),
        drop(0.8, 0.1),
        drop(0.5, 0.2),
    ]
}
