//! Coverage of the survival curve: at a turn, and at all at once.

use rand::RngExt;
use trustmh_stats::survival::{Course, End, Survival};

use crate::draw::Rng;
use crate::{Effort, Row, Target, count};

/// Conversations of every case.
pub const CONVERSATIONS: [usize; 3] = [12, 30, 100];

/// The last turn.
const TURNS: u32 = 12;

/// Turns whose intervals are looked at.
const LOOKED_AT: [u32; 3] = [3, 6, 12];

/// A population of conversations.
#[derive(Clone, Copy)]
pub struct Population {
    /// The chance to fail at a turn, by item: half of the items have the one, half the other.
    hazards: [f64; 2],
    /// The chance that a conversation ends after a turn.
    ends: f64,
    /// Conversations of an item.
    repeats: usize,
}

impl Population {
    /// Share without a failure after a turn.
    fn survival(&self, turn: u32) -> f64 {
        let after = |hazard: f64| (1.0 - hazard).powi(turn as i32);
        self.hazards.map(after).iter().sum::<f64>() / 2.0
    }

    fn draw(&self, conversations: usize, rng: &mut Rng) -> Survival {
        let (mut courses, mut items) = (Vec::new(), Vec::new());
        let mut hazard = 0.0;
        for number in 0..conversations {
            if number % self.repeats == 0 {
                hazard = self.hazards[usize::from(rng.random::<bool>())];
            }
            courses.push(self.course(hazard, rng));
            items.push(number / self.repeats);
        }
        Survival::new(&courses, &items).unwrap()
    }

    fn course(&self, hazard: f64, rng: &mut Rng) -> Course {
        for turn in 1..=TURNS {
            if rng.random::<f64>() < hazard {
                return Course { turn, end: End::Failed };
            }
            if rng.random::<f64>() < self.ends {
                return Course { turn, end: End::Clear };
            }
        }
        Course { turn: TURNS, end: End::Clear }
    }
}

/// The populations, with what they are called.
pub fn populations() -> Vec<(String, Population)> {
    let mut found = Vec::new();
    for (hazards, failed) in
        [([0.01, 0.01], "11 % fail by turn 12"), ([0.05, 0.05], "46 %"), ([0.15, 0.15], "86 %")]
    {
        for (ends, censored) in [(0.0, "none ends early"), (0.05, "1 in 20 ends at each turn")] {
            let case = format!("{failed}, {censored}");
            found.push((case, Population { hazards, ends, repeats: 1 }));
        }
    }
    for (hazards, failed) in
        [([0.0, 0.02], "11 % by turn 12"), ([0.01, 0.12], "45 %"), ([0.08, 0.3], "81 %")]
    {
        for repeats in [2, 4] {
            let case = format!("{failed}, {repeats} conversations an item, 1 in 20 ends");
            found.push((case, Population { hazards, ends: 0.05, repeats }));
        }
    }
    found
}

pub fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for (case, population) in populations() {
        for turn in LOOKED_AT {
            let truth = 1.0 - population.survival(turn);
            let holds = |n: usize| {
                count(effort.plain, |rng| {
                    let ends = population.draw(n, rng).failed_by(turn)?.interval?;
                    Some(ends.low <= truth + 1e-12 && truth <= ends.high + 1e-12)
                })
            };
            rows.push(row("failed by", format!("turn {turn}: {case}"), holds));
        }
        let holds = |n: usize| count(effort.resampled, |rng| band_holds(population, n, rng));
        rows.push(row("band", case, holds));
    }
    rows
}

fn row(statistic: &'static str, case: String, holds: impl Fn(usize) -> Option<(u64, u64)>) -> Row {
    let cells = CONVERSATIONS.iter().map(|n| (*n, holds(*n))).collect();
    let row = Row { statistic, case, target: Target::Wide, cells };
    eprintln!("{}", row.shown());
    row
}

/// Whether the band holds the survival at all turns that were followed.
fn band_holds(population: Population, n: usize, rng: &mut Rng) -> Option<bool> {
    let curve = population.draw(n, rng).curve(TURNS, rng.random());
    let mut held = true;
    for point in &curve.points {
        let truth = population.survival(point.turn);
        held &= point.band_low? <= truth + 1e-12 && truth <= point.band_high? + 1e-12;
    }
    Some(held)
}
