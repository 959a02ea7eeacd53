//! A score as it is kept for good: to the last digit.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::id::{ClusterId, MeasureName, TrialId};
use trustmh_core::outcome::Outcome;
use trustmh_core::trial::{Flag, MissingVerdict, TrialScore};

/// A trial's score, its measures as text: who reads numbers of JSON may round them, and nobody could take the measure again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreLeft {
    trial: TrialId,
    cluster: ClusterId,
    outcome: Outcome,
    measures: BTreeMap<MeasureName, Exact>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    texts: BTreeMap<MeasureName, String>,
    tags: BTreeMap<String, String>,
    flags: BTreeSet<Flag>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verdict_missing: Option<MissingVerdict>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Exact(f64);

impl From<Exact> for String {
    fn from(exact: Exact) -> Self {
        exact.0.to_string()
    }
}

impl TryFrom<String> for Exact {
    type Error = std::num::ParseFloatError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl ScoreLeft {
    /// The trial.
    pub fn trial(&self) -> &TrialId {
        &self.trial
    }

    /// The score, with the flag that says that it is all there is.
    pub fn score(self) -> TrialScore {
        let Self { trial, cluster, outcome, measures, texts, tags, mut flags, verdict_missing } =
            self;
        flags.insert(Flag::Forgotten);
        let measures = measures.into_iter().map(|(name, Exact(value))| (name, value)).collect();
        TrialScore { trial, cluster, outcome, measures, texts, tags, flags, verdict_missing }
    }

    /// What is kept of a score: everything but the texts for which `keeps` does not speak.
    pub fn of(score: TrialScore, keeps: impl Fn(&MeasureName) -> bool) -> Self {
        let TrialScore {
            trial,
            cluster,
            outcome,
            measures,
            mut texts,
            tags,
            flags,
            verdict_missing,
        } = score;
        texts.retain(|name, _| keeps(name));
        let measures = measures.into_iter().map(|(name, value)| (name, Exact(value))).collect();
        Self { trial, cluster, outcome, measures, texts, tags, flags, verdict_missing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn measures_come_back_to_the_last_digit(values in prop::collection::vec(any::<f64>(), 1..8)) {
            let name = |place: usize| MeasureName::new(format!("m{place}"));
            let score = TrialScore {
                trial: TrialId::new("ethics/reasoning:a:plain:0"),
                cluster: ClusterId::new("a"),
                outcome: Outcome::Scored,
                measures: values.iter().enumerate().map(|(place, value)| (name(place), *value)).collect(),
                texts: [("label", "low"), ("reply", "words")].map(|(name, text)| (MeasureName::new(name), text.to_owned())).into(),
                tags: BTreeMap::new(),
                flags: BTreeSet::new(),
                verdict_missing: None,
            };
            let left = ScoreLeft::of(score, |name| name.as_str() == "label");
            let written = serde_json::to_string(&left).unwrap();
            prop_assert!(!written.contains("words"));
            let read = serde_json::from_str::<ScoreLeft>(&written).unwrap().score();
            prop_assert_eq!(read.texts.into_values().collect::<Vec<_>>(), ["low"]);
            prop_assert!(read.flags.contains(&Flag::Forgotten));
            for (place, value) in values.iter().enumerate() {
                let found = read.measures[&name(place)];
                prop_assert!(found.to_bits() == value.to_bits() || (found.is_nan() && value.is_nan()));
            }
        }
    }
}
