//! Perturbations: texts as people really type them, from a slip to a mess, to see what a model's performance
//! depends on (TrustMH-Bench, pillar 6).
//!
//! A level is a band of realised distance: Levenshtein distance over grapheme clusters, divided by the text's
//! own length in them. Edits are drawn until the distance falls into the band, and the distance that was
//! reached is recorded with the trial. Everything follows from the seed, on every machine.

mod character;
mod distance;
mod sentence;
mod tables;
mod word;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use trustmh_core::digest::Digest;
use trustmh_core::perturbation::{Family, Level};

pub use distance::distance;
pub use tables::Tables;

/// Whether a text's label must stay what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Anything goes.
    Nothing,
    /// No negation is added, lost or touched, and nothing is cut off.
    Label,
}

/// A perturbed text.
#[derive(Debug, Clone, PartialEq)]
pub struct Perturbed {
    /// The text.
    pub text: String,
    /// Grapheme clusters added, lost or changed, at the least.
    pub edits: u64,
    /// The same, divided by the length of the text before; 0 for an empty one.
    pub distance: f64,
}

impl Perturbed {
    /// `bound` edits are known to be enough.
    fn between(before: &str, text: String, bound: usize) -> Self {
        let (edits, length) = distance::within(before, &text, bound);
        let distance = if length == 0 { 0.0 } else { edits as f64 / length as f64 };
        Self { text, edits, distance }
    }
}

/// Perturbs a text by one family. Level none gives it back byte for byte. A text too short for its band is
/// brought as near to it as can be.
pub fn perturb(
    tables: &Tables,
    text: &str,
    family: Family,
    level: Level,
    keep: Keep,
    seed: u64,
) -> Perturbed {
    let Some(band) = level.band() else {
        return Perturbed { text: text.to_owned(), edits: 0, distance: 0.0 };
    };
    let mark = format!("{seed}:{}:{}:{text}", family.slug(), level.slug());
    let mut rng = ChaCha8Rng::seed_from_u64(Digest::seed(mark.as_bytes()));
    let request = Request { tables, text, keep, length: distance::length(text), band };
    match family {
        Family::Character => searched(&request, &mut rng, character::draft),
        Family::Word => searched(&request, &mut rng, word::draft),
        Family::Sentence => searched(&request, &mut rng, sentence::draft),
        Family::Stacked => {
            let mut stacked = text.to_owned();
            for family in [Family::Character, Family::Word, Family::Sentence] {
                stacked = perturb(tables, &stacked, family, level, keep, seed).text;
            }
            Perturbed::between(text, stacked, usize::MAX)
        }
    }
}

/// What is to be perturbed.
struct Request<'a> {
    tables: &'a Tables,
    text: &'a str,
    keep: Keep,
    /// In grapheme clusters.
    length: usize,
    band: (f64, f64),
}

/// How many edits a draft is to make, about and at the most. It gives its text and how many it made.
#[derive(Debug, Clone, Copy)]
struct Budget {
    aim: usize,
    most: usize,
}

/// Drafts are tried until one falls into the band; else the nearest counts.
const DRAFTS: usize = 8;

fn searched(
    request: &Request<'_>,
    rng: &mut ChaCha8Rng,
    draft: fn(&Request<'_>, Budget, &mut ChaCha8Rng) -> (String, usize),
) -> Perturbed {
    let unchanged = || Perturbed { text: request.text.to_owned(), edits: 0, distance: 0.0 };
    let (low, high) = request.band;
    // A hair inside the band, so that rounding never decides.
    let least = (low * request.length as f64 - 1e-9).ceil() as usize;
    let most = (high * request.length as f64 + 1e-9).floor() as usize;
    if most == 0 {
        return unchanged();
    }
    let middle = (low + high) / 2.0;
    let mut best = unchanged();
    for _ in 0..DRAFTS {
        let aim = rng.random_range(least.min(most)..=most);
        let (text, edits) = draft(request, Budget { aim, most }, rng);
        let lost = request.keep == Keep::Label
            && request.tables.negations(&text) != request.tables.negations(request.text);
        if lost {
            continue;
        }
        let found = Perturbed::between(request.text, text, edits);
        if (low..=high).contains(&found.distance) {
            return found;
        }
        if (found.distance - middle).abs() < (best.distance - middle).abs() {
            best = found;
        }
    }
    best
}
