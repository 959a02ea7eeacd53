//! How often intervals and bands of survival hold, and how often those of the score of rated conversations do: a seeded part of
//! `scripts/simulate` that takes seconds.
use rand::{RngExt, SeedableRng};
use trustmh_stats::dimension_score::{Ratings, dimension_score, of_percents};
use trustmh_stats::survival::{Course, End, Survival};

type Rng = rand_chacha::ChaCha12Rng;

const TURNS: u32 = 12;

/// Conversations of which half of the items fail at each turn with the one chance, half with the other, and one in 20 ends at each turn.
fn drawn(count: usize, hazards: [f64; 2], repeats: usize, rng: &mut Rng) -> Survival {
    let (mut courses, mut items) = (Vec::new(), Vec::new());
    let mut hazard = 0.0;
    for number in 0..count {
        if number % repeats == 0 {
            hazard = hazards[usize::from(rng.random::<bool>())];
        }
        let (mut turn, mut end) = (1, End::Clear);
        loop {
            if rng.random::<f64>() < hazard {
                end = End::Failed;
                break;
            }
            if turn == TURNS || rng.random::<f64>() < 0.05 {
                break;
            }
            turn += 1;
        }
        courses.push(Course { turn, end });
        items.push(number / repeats);
    }
    Survival::new(&courses, &items).unwrap()
}

fn survival(hazards: [f64; 2], turn: u32) -> f64 {
    hazards.iter().map(|hazard| (1.0 - hazard).powi(turn as i32)).sum::<f64>() / 2.0
}

fn share_of(samples: u64, holds: impl Fn(u64, &mut Rng) -> bool) -> f64 {
    let held = (0..samples).filter(|seed| holds(*seed, &mut Rng::seed_from_u64(*seed))).count();
    held as f64 / samples as f64
}

#[test]
fn survival_holds_at_a_turn() {
    for count in [12, 30, 100] {
        for (hazards, repeats) in [
            ([0.01, 0.01], 1),
            ([0.05, 0.05], 1),
            ([0.15, 0.15], 1),
            ([0.0, 0.02], 2),
            ([0.01, 0.12], 4),
            ([0.08, 0.3], 4),
        ] {
            let truth = 1.0 - survival(hazards, 6);
            let held = share_of(300, |_, rng| {
                let found = drawn(count, hazards, repeats, rng).failed_by(6);
                found.is_none_or(|found| {
                    let ends = found.interval.unwrap();
                    ends.low <= truth && truth <= ends.high
                })
            });
            // 93 %, less three standard errors of 300 samples.
            let case = format!("{count} conversations, {hazards:?}, {repeats} an item");
            assert!(held >= 0.886, "{case}: {held}");
        }
    }
}

#[test]
fn the_band_holds_at_all_turns_at_once() {
    for (count, hazards, repeats) in
        [(12, [0.01, 0.01], 1), (30, [0.15, 0.15], 1), (60, [0.01, 0.12], 4)]
    {
        let held = share_of(100, |seed, rng| {
            let curve = drawn(count, hazards, repeats, rng).curve(TURNS, seed);
            curve.points.iter().all(|point| {
                let truth = survival(hazards, point.turn);
                point.band_low.unwrap() <= truth && truth <= point.band_high.unwrap()
            })
        });
        // 95 %, less three standard errors of 100 samples.
        assert!(held >= 0.885, "{count} conversations, {hazards:?}: {held}");
    }
}

/// As if conversations of one item were independent, the interval is too narrow.
#[test]
fn conversations_of_an_item_are_one_cluster() {
    let mut covered = [0_u32; 2];
    let (hazards, repeats) = ([0.0, 0.3], 8);
    for seed in 0..300 {
        let mut rng = Rng::seed_from_u64(seed);
        let (mut courses, mut items) = (Vec::new(), Vec::new());
        for item in 0..20 {
            let hazard = hazards[usize::from(rng.random::<bool>())];
            for _ in 0..repeats {
                let fails = (1..=TURNS).find(|_| rng.random::<f64>() < hazard);
                courses.push(fails.map_or(Course { turn: TURNS, end: End::Clear }, |turn| {
                    Course { turn, end: End::Failed }
                }));
                items.push(item);
            }
        }
        let alone: Vec<usize> = (0..courses.len()).collect();
        let truth = 1.0 - survival(hazards, 6);
        for (covered, names) in covered.iter_mut().zip([&items, &alone]) {
            let found = Survival::new(&courses, names).unwrap().failed_by(6).unwrap();
            let ends = found.interval.unwrap();
            *covered += u32::from(ends.low <= truth && truth <= ends.high);
        }
    }
    let [clustered, alone] = covered.map(|covered| f64::from(covered) / 300.0);
    assert!(clustered >= 0.9 && alone < 0.75, "{clustered} {alone}");
}

/// Half of the items are rated well and half badly, or nearly all well.
#[test]
fn scores_of_rated_conversations_hold() {
    for (chances, repeats) in [([(0.8, 0.0), (0.3, 0.165)], 4), ([(0.95, 0.01), (0.95, 0.01)], 1)] {
        let mean = |pick: fn(&(f64, f64)) -> f64| chances.iter().map(pick).sum::<f64>() / 2.0;
        let truth = of_percents(100.0 * mean(|of| of.0), 100.0 * mean(|of| of.1));
        for items in [5, 12, 30] {
            let covered = (0..300_u64).filter(|seed| {
                let mut rng = Rng::seed_from_u64(*seed);
                let (mut ratings, mut names) = (Vec::new(), Vec::new());
                for item in 0..items {
                    let (best, high) = chances[usize::from(rng.random::<bool>())];
                    for _ in 0..5 * repeats {
                        let place: f64 = rng.random();
                        let (best, high) = (place < best, place >= 1.0 - high);
                        let (best, high) = (u64::from(best), u64::from(high));
                        ratings.push(Ratings { relevant: 1, best, high });
                        names.push(item);
                    }
                }
                let ends = dimension_score(&ratings, &names).unwrap().interval.unwrap();
                ends.low <= truth && truth <= ends.high
            });
            let covered = covered.count() as f64 / 300.0;
            assert!(covered >= 0.9, "{items} items, {truth}: {covered}");
        }
    }
}
