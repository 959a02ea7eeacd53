//! Ratings of conversations by dimensions, and those that are missing.

use std::collections::BTreeSet;

use trustmh_core::id::MeasureName;
use trustmh_core::metric::Estimate;
use trustmh_core::outcome::Outcome;
use trustmh_core::scores::Score;
use trustmh_stats::dimension_score::{Ratings, dimension_score, pooled};
use trustmh_stats::error::StatsError;

use super::coverage::is_gap;
use super::nothing_measured;
use super::rows::{Rows, Tables, by_trial};

/// How the measures begin that count over all dimensions.
const ALL: &str = "ratings";

/// The measures of one dimension, or of all.
struct Names {
    relevant: Option<MeasureName>,
    best: MeasureName,
    high: MeasureName,
    missing: MeasureName,
}

impl Names {
    fn of(dimension: Option<&str>) -> Self {
        let named = |part: &str| MeasureName::new(format!("{}_{part}", dimension.unwrap_or(ALL)));
        Self {
            // A dimension has its marks where it is relevant, and counts as one.
            relevant: dimension.is_none().then(|| named("relevant")),
            best: named("best"),
            high: named("high"),
            missing: named("missing"),
        }
    }

    fn rated(&self, score: Score<'_>) -> Rated {
        let is_whole = score.outcome() != Outcome::BrokenClient;
        let count = |name: &MeasureName| {
            let value = score.measure(name).filter(|value| is_whole && *value >= 0.0)?;
            Some(value.round() as u64)
        };
        let (best, high) = (count(&self.best), count(&self.high));
        let relevant = match &self.relevant {
            Some(name) => count(name),
            None => best.or(high).map(|_| 1),
        };
        let known = relevant.map(|relevant| Ratings {
            relevant,
            best: best.unwrap_or(0),
            high: high.unwrap_or(0),
        });
        let missing = match (count(&self.missing), known) {
            (Some(count), _) => Missing::Some(count),
            (None, None) if is_gap(score) => Missing::All,
            (None, None | Some(_)) => Missing::Some(0),
        };
        Rated { known: known.unwrap_or_default(), missing }
    }
}

/// What is known of one conversation.
struct Rated {
    known: Ratings,
    missing: Missing,
}

/// Ratings that are missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// So many.
    Some(u64),
    /// Whatever there would have been.
    All,
}

/// Whether any rating is known.
pub(super) fn is_taken(score: Score<'_>, dimension: Option<&str>) -> bool {
    Names::of(dimension).rated(score).known.relevant > 0
}

/// Whether any rating is missing.
pub(super) fn is_missing(score: Score<'_>, dimension: Option<&str>) -> bool {
    Names::of(dimension).rated(score).missing != Missing::Some(0)
}

/// The score of the ratings there are.
pub(super) fn estimate(scores: &[Score<'_>], dimension: Option<&str>) -> Result<Estimate, String> {
    let names = Names::of(dimension);
    let rated = scores.iter().map(|score| (names.rated(*score).known, score.cluster()));
    let (ratings, items): (Vec<Ratings>, Vec<&str>) = rated.unzip();
    dimension_score(&ratings, &items).map_err(|error| match error {
        StatsError::Empty => nothing_measured(scores),
        other => other.to_string(),
    })
}

/// Rows of ratings, for their score.
pub(super) fn rows<'s>(tables: Tables<'_, 's>, dimension: Option<&str>) -> Rows<'s> {
    let names = Names::of(dimension);
    let known = |score: Score<'s>| {
        let known = names.rated(score).known;
        (known.relevant > 0).then_some(known)
    };
    Rows::new(by_trial(tables, known), |ratings: &[&Ratings]| {
        pooled(ratings.iter().copied()).score()
    })
}

/// The least and the greatest score, whatever is missing: all of high potential for harm, or all best practice. A conversation
/// of which nothing is known, and each of `pending` ones that have not ended, has as many ratings as any can.
pub(super) fn bounds(
    scores: &[Score<'_>],
    dimension: Option<&str>,
    pending: u64,
) -> Option<(f64, f64)> {
    let names = Names::of(dimension);
    let rated: Vec<Rated> = scores.iter().map(|score| names.rated(*score)).collect();
    let most = if dimension.is_some() { 1 } else { most(scores, &rated) };
    let missing = |one: &Rated| match one.missing {
        Missing::Some(count) => count,
        Missing::All => most,
    };
    let missing = rated.iter().map(missing).sum::<u64>() + pending * most;
    let known = pooled(rated.iter().map(|one| &one.known));
    let least = known.and(Ratings::all_high(missing)).score()?;
    Some((least, known.and(Ratings::all_best(missing)).score()?))
}

/// The most ratings of one conversation: dimensions that any has, or as many as one has, missing ones among them.
fn most(scores: &[Score<'_>], rated: &[Rated]) -> u64 {
    let seen = rated.iter().map(|one| match one.missing {
        Missing::Some(count) => one.known.relevant + count,
        Missing::All => one.known.relevant,
    });
    let dimensions: BTreeSet<&str> = scores
        .iter()
        .flat_map(|score| score.measures())
        .filter_map(|(name, _)| {
            let name = name.as_str();
            let of_one = ["_best", "_missing"].iter().find_map(|part| name.strip_suffix(part));
            of_one.filter(|dimension| *dimension != ALL)
        })
        .collect();
    seen.max().unwrap_or(0).max(dimensions.len() as u64)
}
