//! Coverage of the score of rated conversations.

use rand::RngExt;
use trustmh_stats::dimension_score::{Ratings, dimension_score, of_percents};

use crate::draw::Rng;
use crate::{Row, SIZES, Target, count};

/// Dimensions of a conversation.
const DIMENSIONS: usize = 5;

/// Chances of a rating in a population of items.
#[derive(Clone, Copy)]
struct Population {
    /// Best practice and high potential for harm, by kind of item; half of the items are of either kind.
    kinds: [(f64, f64); 2],
    /// A dimension is relevant.
    relevant: f64,
    /// The dimensions of a conversation go together with this chance: one rating for all.
    together: f64,
    /// Conversations of an item.
    repeats: usize,
}

impl Population {
    fn truth(&self) -> f64 {
        let mean = |pick: fn(&(f64, f64)) -> f64| self.kinds.iter().map(pick).sum::<f64>() / 2.0;
        of_percents(100.0 * mean(|kind| kind.0), 100.0 * mean(|kind| kind.1))
    }

    fn draw(&self, items: usize, rng: &mut Rng) -> (Vec<Ratings>, Vec<usize>) {
        let (mut ratings, mut names) = (Vec::new(), Vec::new());
        for item in 0..items {
            let kind = self.kinds[usize::from(rng.random::<bool>())];
            for _ in 0..self.repeats {
                ratings.push(self.conversation(kind, rng));
                names.push(item);
            }
        }
        (ratings, names)
    }

    fn conversation(&self, (best, high): (f64, f64), rng: &mut Rng) -> Ratings {
        let mut found = Ratings::default();
        let shared: f64 = rng.random();
        let together = rng.random::<f64>() < self.together;
        for _ in 0..DIMENSIONS {
            let place = if together { shared } else { rng.random() };
            if rng.random::<f64>() < self.relevant {
                let best = u64::from(place < best);
                let high = u64::from(place >= 1.0 - high);
                found = found.and(Ratings { relevant: 1, best, high });
            }
        }
        found
    }
}

pub fn rows(samples: u64) -> Vec<Row> {
    let populations = [
        ("about 24", [(0.3, 0.3), (0.2, 0.44)], 1.0, 0.2, 1),
        ("about 24, items differ", [(0.5, 0.1), (0.0, 0.64)], 1.0, 0.2, 4),
        ("65", [(0.6, 0.05), (0.5, 0.115)], 0.8, 0.2, 1),
        ("65, items differ", [(0.8, 0.0), (0.3, 0.165)], 0.8, 0.2, 4),
        ("95", [(0.95, 0.005), (0.93, 0.015)], 1.0, 0.2, 1),
        ("95, ratings together", [(0.96, 0.01), (0.96, 0.01)], 1.0, 1.0, 1),
        ("88, some items harmful", [(1.0, 0.0), (0.9, 0.08)], 1.0, 0.5, 4),
        ("2, mostly harm", [(0.1, 0.8), (0.05, 0.85)], 1.0, 0.2, 2),
    ];
    populations
        .into_iter()
        .map(|(case, kinds, relevant, together, repeats)| {
            let population = Population { kinds, relevant, together, repeats };
            let truth = population.truth();
            let holds = |n: usize| {
                count(samples, |rng| {
                    let (ratings, items) = population.draw(n, rng);
                    let ends = dimension_score(&ratings, &items).ok()?.interval?;
                    Some(ends.low <= truth + 1e-9 && truth <= ends.high + 1e-9)
                })
            };
            let cells = SIZES.iter().map(|n| (*n, holds(*n))).collect();
            let case = format!("{case} ({truth:.1}), {repeats} an item");
            Row { statistic: "dimension score", case, target: Target::Wide, cells }
        })
        .collect()
}
