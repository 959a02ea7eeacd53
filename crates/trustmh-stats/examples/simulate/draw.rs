//! Samples of populations whose figures are known.

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use trustmh_stats::sample::Sample;

pub type Rng = ChaCha12Rng;

/// A standard normal number (Box & Muller 1958).
pub fn normal(rng: &mut Rng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// 1 with the given chance, 0 else.
pub fn coin(chance: f64, rng: &mut Rng) -> f64 {
    f64::from(u8::from(rng.random::<f64>() < chance))
}

/// A rating of 1 to 5 of something normal around 3.5.
pub fn rating(rng: &mut Rng) -> f64 {
    level(3.5 + 1.2 * normal(rng))
}

/// The nearest whole number of 1 to 5.
pub fn level(value: f64) -> f64 {
    value.round().clamp(1.0, 5.0)
}

/// A score of 1 to 5 that is 5 but with the chance `off`, and then rarely low.
pub fn near_ceiling(off: f64, rng: &mut Rng) -> f64 {
    if rng.random::<f64>() >= off {
        return 5.0;
    }
    match rng.random::<f64>() {
        low if low < 0.6 => 4.0,
        low if low < 0.8 => 3.0,
        low if low < 0.9 => 2.0,
        _ => 1.0,
    }
}

/// The mean of [`near_ceiling`].
pub fn mean_near_ceiling(off: f64) -> f64 {
    5.0 - off * (0.6 + 2.0 * 0.2 + 3.0 * 0.1 + 4.0 * 0.1)
}

/// A toxicity: 0 but with the chance `some`, then anything up to 1.
pub fn toxicity(some: f64, rng: &mut Rng) -> f64 {
    coin(some, rng) * rng.random::<f64>()
}

/// A difference that is 0 but with the chance `some`, then up to 1 either way, upwards with the chance `up`.
pub fn mostly_equal(some: f64, up: f64, rng: &mut Rng) -> f64 {
    let sign = 2.0 * coin(up, rng) - 1.0;
    sign * toxicity(some, rng)
}

/// Two normal numbers with the correlation `r`.
pub fn both(r: f64, rng: &mut Rng) -> (f64, f64) {
    let x = normal(rng);
    (x, r * x + (1.0 - r * r).sqrt() * normal(rng))
}

/// Two ratings of 1 to 5, of what correlates at `r`.
pub fn ratings(r: f64, rng: &mut Rng) -> (f64, f64) {
    let (x, y) = both(r, rng);
    (level(3.0 + 1.1 * x), level(3.0 + 1.1 * y))
}

/// A rating of 1 to 5 and one that is nearly always the same.
pub fn rarely(rng: &mut Rng) -> (f64, f64) {
    let (x, y) = both(0.5, rng);
    (level(3.0 + 1.1 * x), if y > 1.28 { 2.0 } else { 1.0 })
}

/// How many observations each cluster has.
#[derive(Clone, Copy)]
pub enum Sizes {
    Equal(usize),
    /// Anything from one to so many.
    UpTo(usize),
}

/// A sample of so many clusters: `cluster` draws what its observations share, `one` an observation.
pub fn clustered<T>(
    count: usize,
    sizes: Sizes,
    rng: &mut Rng,
    cluster: impl Fn(&mut Rng) -> T,
    one: impl Fn(&T, &mut Rng) -> f64,
) -> Sample {
    let (mut values, mut names) = (Vec::new(), Vec::new());
    for name in 0..count {
        let shared = cluster(rng);
        let size = match sizes {
            Sizes::Equal(size) => size,
            Sizes::UpTo(most) => rng.random_range(1..=most),
        };
        for _ in 0..size {
            values.push(one(&shared, rng));
            names.push(name);
        }
    }
    Sample::clustered(values, &names).unwrap()
}

/// The chance of a cluster's trials, so that all trials have the mean chance `mean` and two of a cluster the correlation
/// `likeness`: all or nothing with that chance, the mean else.
pub fn chance(mean: f64, likeness: f64, rng: &mut Rng) -> f64 {
    // Trials of such a cluster correlate by `likeness`.
    if rng.random::<f64>() < likeness { coin(mean, rng) } else { mean }
}

/// Independent observations.
pub fn sample(n: usize, rng: &mut Rng, one: impl Fn(&mut Rng) -> f64) -> Sample {
    Sample::independent((0..n).map(|_| one(rng)).collect()).unwrap()
}
