//! How often the sign-flip test finds what is not there: two subjects of one quality on the same items.

use rand::RngExt;
use trustmh_stats::correlation::pearson;
use trustmh_stats::labels::{Averaging, f1};
use trustmh_stats::permutation::{Labels, sign_flip};

use crate::draw::{Rng, coin, normal};
use crate::{Effort, Row, SIZES, Target, count};

/// What two subjects come to on an item.
type Both<T> = [T; 2];

fn row<T: Sync>(
    case: &str,
    effort: Effort,
    item: impl Fn(&mut Rng) -> Both<T> + Sync,
    statistic: impl Fn(&[&T]) -> Option<f64> + Sync,
) -> Row {
    let found = |n: usize, rng: &mut Rng| {
        let items: Vec<Both<T>> = (0..n).map(|_| item(rng)).collect();
        let test = sign_flip(n, 1, |labels| {
            let pick = |own: usize, other: usize| -> Option<f64> {
                let place = |label: &Labels| if *label == Labels::AsTheyAre { own } else { other };
                let chosen = items.iter().zip(labels).map(|(both, label)| &both[place(label)]);
                statistic(&chosen.collect::<Vec<_>>())
            };
            Some(pick(1, 0)? - pick(0, 1)?)
        })?;
        Some(test.p < 0.05)
    };
    let cells = SIZES.iter().map(|n| (*n, count(effort.resampled, |rng| found(*n, rng)))).collect();
    Row { statistic: "sign-flip", case: case.to_owned(), target: Target::AtMost(0.06), cells }
}

const LABELS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

pub fn rows(effort: Effort) -> Vec<Row> {
    let label = |rng: &mut Rng| LABELS[rng.random_range(0..LABELS.len())];
    let answer = move |given: &'static str, rng: &mut Rng| {
        (given, if coin(0.7, rng) > 0.5 { given } else { label(rng) })
    };
    let rating = |human: f64, rng: &mut Rng| (human, 0.6 * human + 0.8 * normal(rng));
    let kept = |rng: &mut Rng| {
        let clean = coin(0.8, rng);
        (clean, clean * coin(0.8, rng) + (1.0 - clean) * coin(0.1, rng))
    };
    vec![
        row(
            "macro F1 of seven labels",
            effort,
            move |rng| {
                let given = label(rng);
                [answer(given, rng), answer(given, rng)]
            },
            |pairs| f1(pairs.iter().map(|(given, said)| (*given, Some(*said))), Averaging::Macro),
        ),
        row(
            "Pearson correlation",
            effort,
            move |rng| {
                let human = normal(rng);
                [rating(human, rng), rating(human, rng)]
            },
            |pairs| {
                let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().map(|pair| **pair).unzip();
                pearson(&x, &y).ok()
            },
        ),
        row(
            "drop rate",
            effort,
            move |rng| [kept(rng), kept(rng)],
            |pairs| {
                let clean: f64 = pairs.iter().map(|pair| pair.0).sum();
                let after: f64 = pairs.iter().map(|pair| pair.1).sum();
                (clean > 0.0).then(|| 1.0 - after / clean)
            },
        ),
    ]
}
