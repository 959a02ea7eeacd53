//! Shares of turns over all conversations, and turns of which nothing is known.

use trustmh_core::id::MeasureName;
use trustmh_core::metric::Estimate;
use trustmh_core::scores::Score;
use trustmh_stats::error::StatsError;
use trustmh_stats::proportion::proportion;
use trustmh_stats::sample::Sample;

use super::coverage::is_gap;
use super::nothing_measured;
use super::rows::{Rows, Tables, by_trial};
use crate::score::TURNS_MISSING;

/// Turns of one conversation, or of several.
#[derive(Debug, Clone, Copy, Default)]
struct Turns {
    /// Those that are so.
    of: u64,
    /// Those that could be.
    among: u64,
}

impl Turns {
    fn of(score: Score<'_>, of: &MeasureName, among: &MeasureName) -> Option<Self> {
        let (of, among) = (count(score, of)?, count(score, among)?);
        // A part is never more than the whole, whatever a recorded score says.
        Some(Self { of: of.min(among), among })
    }

    fn and(self, other: Self) -> Self {
        Self { of: self.of + other.of, among: self.among + other.among }
    }

    fn share(self) -> Option<f64> {
        (self.among > 0).then(|| self.of as f64 / self.among as f64)
    }
}

fn count(score: Score<'_>, name: &MeasureName) -> Option<u64> {
    score.measure(name).filter(|value| *value >= 0.0).map(|value| value.round() as u64)
}

fn missing(score: Score<'_>) -> Option<u64> {
    count(score, &MeasureName::new(TURNS_MISSING))
}

/// Whether any turn of the conversation counts.
pub(super) fn is_taken(score: Score<'_>, of: &MeasureName, among: &MeasureName) -> bool {
    Turns::of(score, of, among).is_some_and(|turns| turns.among > 0)
}

/// Whether a verdict on one of its turns is missing, or on all of them.
pub(super) fn is_missing(score: Score<'_>) -> bool {
    missing(score).map_or_else(|| is_gap(score), |turns| turns > 0)
}

/// The share, with the score interval of shares in clusters: the turns of a conversation, or of all conversations of one person.
pub(super) fn estimate(
    scores: &[Score<'_>],
    of: &MeasureName,
    among: &MeasureName,
) -> Result<Estimate, String> {
    let (mut values, mut clusters) = (Vec::new(), Vec::new());
    for score in scores {
        let Some(turns) = Turns::of(*score, of, among) else { continue };
        for turn in 0..turns.among {
            values.push(f64::from(u8::from(turn < turns.of)));
            clusters.push(score.cluster());
        }
    }
    let sample = Sample::clustered(values, &clusters).map_err(|error| match error {
        StatsError::Empty => no_such_turn(scores, of, among),
        other => other.to_string(),
    })?;
    proportion(&sample).map_err(|error| error.to_string())
}

/// Where turns were read and none is of the kind that the share is of, that is the reason.
fn no_such_turn(scores: &[Score<'_>], of: &MeasureName, among: &MeasureName) -> String {
    match scores.iter().any(|score| Turns::of(*score, of, among).is_some()) {
        true => "there is no such turn in the conversations".to_owned(),
        false => nothing_measured(scores),
    }
}

/// Rows of counts, for the share of their sums.
pub(super) fn rows<'s>(tables: Tables<'_, 's>, of: &MeasureName, among: &MeasureName) -> Rows<'s> {
    let counted = |score: Score<'s>| Turns::of(score, of, among).filter(|turns| turns.among > 0);
    Rows::new(by_trial(tables, counted), |turns: &[&Turns]| together(turns.iter().copied()).share())
}

fn together<'t>(turns: impl Iterator<Item = &'t Turns>) -> Turns {
    turns.fold(Turns::default(), |all, one| all.and(*one))
}

/// The least and the greatest share, whatever is missing: each turn without a verdict may count, and be so or not. A conversation of
/// which nothing is known, and each of `pending` ones, has as many turns as any has.
pub(super) fn bounds(
    scores: &[Score<'_>],
    of: &MeasureName,
    among: &MeasureName,
    pending: u64,
) -> Option<(f64, f64)> {
    let known: Vec<Turns> = scores.iter().filter_map(|s| Turns::of(*s, of, among)).collect();
    let all = together(known.iter());
    let longest = scores.iter().filter_map(|score| {
        let turns = Turns::of(*score, of, among)?.among;
        Some(turns + missing(*score).unwrap_or(0))
    });
    let most = longest.max().unwrap_or(1).max(1);
    let gaps = scores.iter().map(|score| match missing(*score) {
        Some(turns) => turns,
        None if is_gap(*score) => most,
        None => 0,
    });
    let gone = gaps.sum::<u64>() + pending * most;
    let least = Turns { of: all.of, among: all.among + gone };
    let greatest = Turns { of: all.of + gone, among: all.among + gone };
    Some((least.share()?, greatest.share()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use trustmh_core::id::{ClusterId, TrialId};
    use trustmh_core::outcome::Outcome;
    use trustmh_core::scores::Scores;
    use trustmh_core::trial::{MissingVerdict, TrialScore};

    /// A conversation: turns that are so, turns that could be, and turns without a verdict.
    fn conversation(id: &str, counts: Option<[f64; 3]>) -> TrialScore {
        let names = ["so", "could", TURNS_MISSING];
        let counts = counts.into_iter().flat_map(|counts| names.into_iter().zip(counts));
        TrialScore {
            trial: TrialId::new(format!("crisis/observed:{id}")),
            cluster: ClusterId::new(id),
            outcome: Outcome::Scored,
            measures: counts.map(|(name, count)| (MeasureName::new(name), count)).collect(),
            texts: BTreeMap::new(),
            tags: BTreeMap::new(),
            flags: BTreeSet::new(),
            verdict_missing: Some(MissingVerdict::Failed),
        }
    }

    fn scores(all: &[(&str, Option<[f64; 3]>)]) -> Scores {
        let mut scores = Scores::default();
        for (id, counts) in all {
            scores.push(conversation(id, *counts)).unwrap();
        }
        scores
    }

    fn names() -> (MeasureName, MeasureName) {
        (MeasureName::new("so"), MeasureName::new("could"))
    }

    #[test]
    fn turns_are_pooled_and_those_of_a_conversation_are_one_cluster() {
        let (of, among) = names();
        let table = scores(&[("a", Some([9.0, 9.0, 0.0])), ("b", Some([0.0, 1.0, 0.0]))]);
        let all: Vec<Score<'_>> = table.iter().collect();
        let found = estimate(&all, &of, &among).unwrap();
        // The mean of the two shares would be .5.
        assert_eq!((found.value, found.n, found.clusters), (0.9, 10, 2));
        let alone = scores(&[("a", Some([0.0, 0.0, 0.0]))]);
        let alone: Vec<Score<'_>> = alone.iter().collect();
        let why = estimate(&alone, &of, &among).unwrap_err();
        assert_eq!(why, "there is no such turn in the conversations");
        assert!(!is_taken(alone[0], &of, &among));
    }

    #[test]
    fn what_is_missing_may_all_be_so_or_none_of_it() {
        let (of, among) = names();
        // Two turns of the first are missing; of the second nothing is known, so it is as long as the longest: 6.
        let table = scores(&[("a", Some([2.0, 4.0, 2.0])), ("b", None)]);
        let all: Vec<Score<'_>> = table.iter().collect();
        assert_eq!(bounds(&all, &of, &among, 0), Some((2.0 / 12.0, 10.0 / 12.0)));
        assert!(all.iter().all(|score| is_missing(*score)));
        // A conversation that could not be read widens them further.
        assert_eq!(bounds(&all, &of, &among, 1), Some((2.0 / 18.0, 16.0 / 18.0)));
        let whole = scores(&[("a", Some([2.0, 4.0, 0.0]))]);
        let whole: Vec<Score<'_>> = whole.iter().collect();
        assert_eq!(bounds(&whole, &of, &among, 0), Some((0.5, 0.5)));
        assert!(!is_missing(whole[0]));
    }
}
