//! How far a judge can be trusted for a rubric: its agreement with people, beside theirs with each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::id::RubricId;
use crate::metric::Interval;

/// A coefficient of agreement with its 95 % interval, by clusters of items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Agreed {
    /// The coefficient.
    pub value: f64,
    /// Lower end; none where there is too little data for an interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// What a judge's agreement with people was found to be, by one rubric on one set of replies that people judged and that the judge was
/// not trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The set.
    pub set: String,
    /// Hash of what was judged and of people's labels.
    pub data: Digest,
    /// Hash of the rubric by which the judge judged.
    pub rubric: Digest,
    /// Replies with a label of people and a verdict.
    pub n: u64,
    /// Items they are of: requests, posts, conversations.
    pub items: u64,
    /// Replies without a verdict, which count as disagreement.
    pub missing: u64,
    /// Kappa: Cohen's of labels, with quadratic weights of scores.
    pub kappa: Option<Agreed>,
    /// People's kappa with each other on the same replies, where two or more labelled them.
    pub people: Option<Agreed>,
    /// Of a question with two answers: how often the judge errs either way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<Errors>,
}

/// How a judge errs on a question with two answers. A missing verdict is an error either way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errors {
    /// The answer that is looked for.
    pub label: String,
    /// Replies to which people gave it.
    pub given: u64,
    /// Those of them to which the judge gave it too.
    pub found: u64,
    /// Replies to which people gave the other answer.
    pub others: u64,
    /// Those of them to which the judge gave the other one too.
    pub left: u64,
}

/// A judge's card: what is known of it, by rubric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgeCard {
    /// The judge, with all that decides what it says: a model's name and how it is asked, the version of the rules, the hash of the heads.
    pub judge: String,
    /// What was found, by the name of the rubric.
    pub rubrics: BTreeMap<RubricId, Vec<Evidence>>,
}

/// How far the judge behind a number has been checked against human ratings.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing is known of it, or it agrees with people no better than chance.
    Unvalidated,
    /// It agrees with people better than chance, and not by enough, or on too little, to be validated.
    Directional,
    /// Its agreement with people, on 100 replies or more, is at the floor or above by the whole interval.
    Validated,
}

impl Level {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unvalidated => "unvalidated",
            Self::Directional => "directional",
            Self::Validated => "validated",
        }
    }
}

/// What stands behind the judged numbers of a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Validity {
    /// How far the judge has been checked against human ratings, by the rubric for which least is known.
    pub level: Level,
    /// That rubric.
    pub rubric: RubricId,
    /// Whoever judged by it: the embedded judge leaves rubrics without a head to the rules.
    pub judge: String,
    /// The set that decided; none where there is no evidence.
    pub set: Option<String>,
    /// Replies of that set.
    pub n: u64,
    /// The judge's kappa with people there.
    pub kappa: Option<Agreed>,
    /// People's kappa with each other there.
    pub people: Option<Agreed>,
    /// The floor that the lower end of kappa is held to.
    pub floor: Option<f64>,
}

/// What evidence has to show.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Demand {
    /// Replies at least.
    pub replies: u64,
    /// The lowest end of kappa's interval; none for people's own kappa less [`Demand::BELOW_PEOPLE`].
    pub floor: Option<f64>,
}

impl Demand {
    /// What is asked for where nobody says otherwise.
    pub const USUAL: Self = Self { replies: 100, floor: None };

    /// So much below people's agreement with each other is the floor.
    pub const BELOW_PEOPLE: f64 = 0.10;

    /// The floor for this evidence; none where nobody set one and people's own agreement is not known.
    pub fn floor_of(&self, evidence: &Evidence) -> Option<f64> {
        let people = evidence.people.map(|people| people.value - Self::BELOW_PEOPLE);
        self.floor.or(people)
    }

    /// How far this evidence goes.
    pub fn level(&self, evidence: &Evidence) -> Level {
        let Some(low) = evidence.kappa.and_then(|kappa| kappa.low) else {
            return Level::Unvalidated;
        };
        // Taking .10 off leaves what rounding leaves.
        let at_floor = self.floor_of(evidence).is_some_and(|floor| low >= floor - Interval::DUST);
        if at_floor && evidence.n >= self.replies {
            Level::Validated
        } else if low > 0.0 {
            Level::Directional
        } else {
            Level::Unvalidated
        }
    }
}

impl Validity {
    /// That of a judge of which nothing is known by this rubric.
    pub const fn unknown(rubric: RubricId, judge: String) -> Self {
        let level = Level::Unvalidated;
        Self { level, rubric, judge, set: None, n: 0, kappa: None, people: None, floor: None }
    }

    /// The one by which less is known, of two on which one number rests; the first of equals.
    #[must_use]
    pub fn weaker(self, other: Self) -> Self {
        let low = |of: &Self| of.kappa.and_then(|kappa| kappa.low).unwrap_or(NOTHING);
        let order = other.level.cmp(&self.level).then(low(&other).total_cmp(&low(&self)));
        if order.is_lt() { other } else { self }
    }

    /// As reports have it: `validated for refusal (kappa .87 [.84, .90], n 1343, xstest-replication; people .93)`.
    pub fn in_words(&self) -> String {
        let Self { level, rubric, set, n, kappa, people, .. } = self;
        let found = match kappa {
            Some(kappa) => format!("kappa {}, n {n}", in_short(kappa)),
            None if *n > 0 => format!("no kappa, n {n}"),
            None => "never checked against human ratings".to_owned(),
        };
        let set = set.as_ref().map_or_else(String::new, |set| format!(", {set}"));
        let people = people
            .map_or_else(String::new, |people| format!("; people {}", without_zero(people.value)));
        format!("{} for {rubric} ({found}{set}{people})", level.word())
    }

    /// What is said with an order of subjects that this judge's verdicts make; nothing of a judge that is validated.
    pub fn behind_an_order(&self) -> Option<String> {
        let what = match (self.level, self.kappa) {
            (Level::Validated, _) => return None,
            (Level::Directional, _) => {
                "agrees with people better than chance, and is not validated for this rubric"
            }
            (Level::Unvalidated, Some(_)) => {
                "is not shown to agree with people better than chance by this rubric"
            }
            (Level::Unvalidated, None) => {
                "has not been checked against human ratings for this rubric"
            }
        };
        Some(format!("the judge behind this order {what}: {}", self.in_words()))
    }
}

/// Where no kappa is known it counts as the lowest there can be.
const NOTHING: f64 = -1.0;

/// A coefficient as the field prints it, `.87 [.84, .90]`.
fn in_short(agreed: &Agreed) -> String {
    let value = without_zero(agreed.value);
    match agreed.low.zip(agreed.high) {
        Some((low, high)) => format!("{value} [{}, {}]", without_zero(low), without_zero(high)),
        None => format!("{value}, too little data for an interval"),
    }
}

/// Two decimals, without the nought before the point of what cannot be above 1.
fn without_zero(value: f64) -> String {
    let text = format!("{value:.2}");
    match text.strip_prefix("-0") {
        Some(".00") => ".00".to_owned(),
        Some(decimals) => format!("-{decimals}"),
        None => text.strip_prefix('0').unwrap_or(&text).to_owned(),
    }
}

impl JudgeCard {
    /// What stands behind numbers judged by this rubric, by the set on which least was found. Evidence by another wording of the rubric is
    /// none.
    pub fn validity(&self, rubric: &RubricId, wording: &Digest, demand: &Demand) -> Validity {
        let found = self.rubrics.get(rubric).into_iter().flatten();
        let fits = found.filter(|evidence| evidence.rubric == *wording);
        let least = fits.min_by(|one, other| {
            let key = |evidence: &Evidence| demand.level(evidence);
            let low = |evidence: &Evidence| evidence.kappa.and_then(|kappa| kappa.low);
            key(one)
                .cmp(&key(other))
                .then_with(|| low(one).unwrap_or(NOTHING).total_cmp(&low(other).unwrap_or(NOTHING)))
        });
        Validity {
            level: least.map_or(Level::Unvalidated, |evidence| demand.level(evidence)),
            rubric: rubric.clone(),
            judge: self.judge.clone(),
            set: least.map(|evidence| evidence.set.clone()),
            n: least.map_or(0, |evidence| evidence.n),
            kappa: least.and_then(|evidence| evidence.kappa),
            people: least.and_then(|evidence| evidence.people),
            floor: least.and_then(|evidence| demand.floor_of(evidence)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(set: &str, n: u64, low: f64, people: Option<f64>) -> Evidence {
        let agreed =
            |value: f64, low: f64| Agreed { value, low: Some(low), high: Some(value + 0.02) };
        Evidence {
            set: set.to_owned(),
            data: Digest::of(set.as_bytes()),
            rubric: Digest::of(b"wording"),
            n,
            items: n,
            missing: 0,
            kappa: Some(agreed(low + 0.03, low)),
            people: people.map(|value| agreed(value, value - 0.02)),
            errors: None,
        }
    }

    #[test]
    fn the_floor_is_a_little_below_peoples_own_agreement() {
        let usual = Demand::USUAL;
        assert_eq!(usual.level(&evidence("a", 100, 0.831, Some(0.93))), Level::Validated);
        assert_eq!(usual.level(&evidence("a", 99, 0.90, Some(0.93))), Level::Directional);
        assert_eq!(usual.level(&evidence("a", 900, 0.82, Some(0.93))), Level::Directional);
        assert_eq!(usual.level(&evidence("a", 900, 0.0, Some(0.93))), Level::Unvalidated);
        // Where people did not label twice there is no ceiling, and nothing is validated unless a floor is set.
        assert_eq!(usual.level(&evidence("a", 900, 0.9, None)), Level::Directional);
        let strict = Demand { floor: Some(0.8), ..usual };
        assert_eq!(strict.level(&evidence("a", 900, 0.9, None)), Level::Validated);
        let unknown = Evidence { kappa: None, ..evidence("a", 900, 0.9, Some(0.9)) };
        assert_eq!(usual.level(&unknown), Level::Unvalidated);
    }

    #[test]
    fn the_set_on_which_least_was_found_decides_and_another_wording_is_no_evidence() {
        let rubric = RubricId::new("refusal");
        let found =
            vec![evidence("good", 900, 0.9, Some(0.93)), evidence("poor", 900, 0.5, Some(0.93))];
        let card = JudgeCard {
            judge: "a judge".to_owned(),
            rubrics: BTreeMap::from([(rubric.clone(), found)]),
        };
        let wording = Digest::of(b"wording");
        let validity = card.validity(&rubric, &wording, &Demand::USUAL);
        assert_eq!((validity.level, validity.set.as_deref()), (Level::Directional, Some("poor")));
        let reworded = card.validity(&rubric, &Digest::of(b"another"), &Demand::USUAL);
        assert_eq!((reworded.level, reworded.n), (Level::Unvalidated, 0));
    }

    #[test]
    fn the_weaker_of_two_decides_and_is_told_with_its_number() {
        let rubric = RubricId::new("refusal");
        let of = |found: Vec<Evidence>| {
            let rubrics = BTreeMap::from([(rubric.clone(), found)]);
            let card = JudgeCard { judge: "a judge".to_owned(), rubrics };
            card.validity(&rubric, &Digest::of(b"wording"), &Demand::USUAL)
        };
        let good = of(vec![evidence("good", 900, 0.84, Some(0.93))]);
        let poor = of(vec![evidence("poor", 900, 0.5, Some(0.93))]);
        let unknown = Validity::unknown(rubric.clone(), "b".to_owned());
        assert_eq!(good.clone().weaker(poor.clone()), poor);
        assert_eq!(poor.clone().weaker(good.clone()), poor);
        assert_eq!(poor.clone().weaker(unknown.clone()), unknown);
        assert_eq!(
            good.in_words(),
            "validated for refusal (kappa .87 [.84, .89], n 900, good; people .93)"
        );
        assert_eq!(
            unknown.in_words(),
            "unvalidated for refusal (never checked against human ratings)"
        );
        assert_eq!(good.behind_an_order(), None);
        let told = poor.behind_an_order().unwrap();
        assert!(told.contains("is not validated for this rubric: directional"), "{told}");
        let told = unknown.behind_an_order().unwrap();
        assert!(
            told.contains("has not been checked against human ratings for this rubric"),
            "{told}"
        );
        assert_eq!([1.0, -0.051, -0.001, 0.0].map(without_zero), ["1.00", "-.05", ".00", ".00"]);
    }
}
