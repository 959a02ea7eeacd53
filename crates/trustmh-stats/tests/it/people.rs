//! How often the interval of a mean that people put right holds what it is about, where trials share items.
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use trustmh_stats::prediction_powered::{Judged, Labelled, mean, mean_by_items};

const ITEMS: usize = 28;
const TRIALS: usize = 8;

/// Which trials people score.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Scored {
    Trials(usize),
    WholeItems(usize),
}

/// What is judged.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    /// Yes or no, of which the judge turns some no into yes, more in some items than in others.
    Share,
    /// A score, with an error by item and by trial.
    Score,
}

fn normal(rng: &mut ChaCha12Rng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// The judge's and people's scores of all trials, item by item; people's mean is .5 or 3.
fn simulated(kind: Kind, rng: &mut ChaCha12Rng) -> Vec<(usize, f64, f64)> {
    let mut trials = Vec::new();
    for item in 0..ITEMS {
        let (level, error): (f64, f64) = (rng.random(), rng.random::<f64>().powi(3));
        let (base, off) = (3.0 + 0.7 * normal(rng), 0.6 + 0.5 * normal(rng));
        for _ in 0..TRIALS {
            trials.push(match kind {
                Kind::Share => {
                    let people = f64::from(u8::from(rng.random::<f64>() < level));
                    (item, if rng.random::<f64>() < error { 1.0 } else { people }, people)
                }
                Kind::Score => {
                    let people = base + 0.7 * normal(rng);
                    (item, people + off + 0.5 * normal(rng), people)
                }
            });
        }
    }
    trials
}

/// How often the interval by items holds, and how often the one that takes trials for independent does.
fn covered(kind: Kind, scored: Scored, simulations: u64) -> [f64; 2] {
    let names: Vec<String> = (0..ITEMS).map(|item| item.to_string()).collect();
    let truth = match kind {
        Kind::Share => 0.5,
        Kind::Score => 3.0,
    };
    let mut held = [0_u32; 2];
    for seed in 0..simulations {
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        let all = simulated(kind, &mut rng);
        let mut order: Vec<usize> = match scored {
            Scored::Trials(_) => (0..all.len()).collect(),
            Scored::WholeItems(_) => (0..ITEMS).collect(),
        };
        order.shuffle(&mut rng);
        let is_scored = |trial: usize| match scored {
            Scored::Trials(count) => order[..count].contains(&trial),
            Scored::WholeItems(count) => order[..count].contains(&all[trial].0),
        };
        let trials: Vec<Judged<'_>> = all
            .iter()
            .enumerate()
            .map(|(trial, (item, judge, people))| Judged {
                item: &names[*item],
                judge: *judge,
                people: is_scored(trial).then_some(*people),
            })
            .collect();
        let judged: Vec<f64> = trials.iter().map(|trial| trial.judge).collect();
        let pairs: Vec<(f64, f64)> =
            trials.iter().filter_map(|trial| Some((trial.people?, trial.judge))).collect();
        let both =
            [mean_by_items(&trials).unwrap(), mean(&judged, &pairs, Labelled::OfMore).unwrap()];
        for (held, found) in held.iter_mut().zip(both) {
            let holds = found.interval.is_some_and(|ends| ends.low <= truth && truth <= ends.high);
            *held += u32::from(holds);
        }
    }
    held.map(|held| f64::from(held) / simulations as f64)
}

/// 300 simulations a case here; more with `--ignored`.
#[test]
fn intervals_by_item_hold_where_those_by_trial_do_not() {
    for kind in [Kind::Share, Kind::Score] {
        let [by_item, by_trial] = covered(kind, Scored::WholeItems(15), 300);
        assert!(by_item >= 0.92, "{kind:?}: {by_item}");
        assert!(by_trial < 0.9, "{kind:?}: {by_trial}");
    }
}

/// cargo test --release -p trustmh-stats --test it people -- --ignored --nocapture
#[test]
#[ignore = "slow"]
fn coverage_of_means_that_people_put_right() {
    for kind in [Kind::Share, Kind::Score] {
        let trials = [8, 10, 15, 20, 40, 80, 160].map(Scored::Trials);
        let items = [5, 8, 10, 15, 20, 28].map(Scored::WholeItems);
        for scored in trials.into_iter().chain(items) {
            let [by_item, by_trial] = covered(kind, scored, 2000);
            println!("{kind:?} {scored:?}: {by_item:.3} by item, {by_trial:.3} by trial");
            assert!((0.925..=1.0).contains(&by_item), "{kind:?} {scored:?}: {by_item}");
        }
    }
}
