//! A judge's values beside people's: how far they agree, and how far people agree with each other.

use serde::Serialize;
use std::collections::BTreeMap;

use trustmh_core::metric::Estimate;

use crate::agreement::{Distance, Tally, estimate, kappa};
use crate::correlation::spearman;
use crate::labels::{Averaging, f1};
use crate::sample::numbered;

/// What values are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Values {
    /// Numbers of labels, which have no order.
    Labels,
    /// Scores from the first to the second.
    Scores(f64, f64),
}

/// One reply.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The item it is of; replies of one item are alike.
    pub item: String,
    /// What people say.
    pub people: f64,
    /// What the judge says; none where it gave no verdict.
    pub judge: Option<f64>,
}

/// How far a judge agrees with people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgainstPeople {
    /// Replies.
    pub n: u64,
    /// Items they are of.
    pub items: u64,
    /// Replies without a verdict; each counts as the greatest disagreement there can be.
    pub missing: u64,
    /// Share of equal values.
    pub agreement: Option<Estimate>,
    /// Cohen's kappa of labels; of scores with quadratic weights.
    pub kappa: Option<Estimate>,
    /// Gwet's AC1 of labels; AC2 with quadratic weights of scores.
    pub gwet: Option<Estimate>,
    /// Mean of the F1 of the values that occur; of labels and of whole scores.
    pub macro_f1: Option<f64>,
    /// Spearman's rank correlation of scores, over replies with a verdict.
    pub rank_correlation: Option<f64>,
    /// Mean distance of scores, over replies with a verdict.
    pub mean_absolute_error: Option<f64>,
    /// Mean of judge less people, over replies with a verdict.
    pub bias: Option<f64>,
}

/// Where no verdict stands; no label and no score is this number.
const NO_VERDICT: f64 = -1e9;

/// Of these replies.
///
/// Intervals leave out one item at a time: [`crate::agreement::estimate`].
pub fn against_people(replies: &[Judged], values: Values) -> AgainstPeople {
    let names: Vec<&str> = replies.iter().map(|reply| reply.item.as_str()).collect();
    let clusters = numbered(&names);
    let pairs: Vec<(f64, f64)> = replies.iter().map(|reply| filled(reply, values)).collect();
    let given: Vec<(f64, f64)> =
        replies.iter().filter_map(|reply| Some((reply.people, reply.judge?))).collect();
    let distance = match values {
        Values::Labels => Distance::Nominal,
        Values::Scores(..) => Distance::Quadratic,
    };
    let at = |rows: &[usize]| -> Vec<(f64, f64)> {
        rows.iter().filter_map(|row| pairs.get(*row)).copied().collect()
    };
    let kappa_of = |rows: &[usize]| kappa(&at(rows), distance);
    let equal = |rows: &[usize]| {
        let pairs = at(rows);
        let equal = pairs.iter().filter(|(one, other)| (one - other).abs() < f64::EPSILON).count();
        (!pairs.is_empty()).then(|| equal as f64 / pairs.len() as f64)
    };
    let of_two: Vec<[f64; 2]> = pairs.iter().map(|(one, other)| [*one, *other]).collect();
    let tally = Tally::of(&of_two.iter().map(<[f64; 2]>::as_slice).collect::<Vec<_>>());
    let scores = matches!(values, Values::Scores(..)) && !given.is_empty();
    let (people, judge): (Vec<f64>, Vec<f64>) = given.iter().copied().unzip();
    let over = |of: fn(f64, f64) -> f64| {
        let sum: f64 = given.iter().map(|(people, judge)| of(*people, *judge)).sum();
        scores.then(|| sum / given.len() as f64)
    };
    AgainstPeople {
        n: replies.len() as u64,
        items: clusters.iter().max().map_or(0, |last| *last as u64 + 1),
        missing: (replies.len() - given.len()) as u64,
        agreement: estimate(&clusters, equal),
        kappa: estimate(&clusters, kappa_of),
        gwet: estimate(&clusters, |rows| tally.gwet(rows, distance)),
        macro_f1: macro_f1(replies),
        rank_correlation: scores.then(|| spearman(&people, &judge).ok()).flatten(),
        mean_absolute_error: over(|people, judge| (judge - people).abs()),
        bias: over(|people, judge| judge - people),
    }
}

/// People's agreement with each other: the mean of kappa over all pairs of raters, on the replies that both rated. `raters` has the
/// values of one person by the names of replies, `items` what each reply is of.
pub fn among_people(
    raters: &[BTreeMap<String, f64>],
    items: &BTreeMap<String, String>,
    values: Values,
) -> Option<Estimate> {
    let replies: Vec<&String> = items.keys().collect();
    let names: Vec<&str> = items.values().map(String::as_str).collect();
    let clusters = numbered(&names);
    let distance = match values {
        Values::Labels => Distance::Nominal,
        Values::Scores(..) => Distance::Quadratic,
    };
    let mean = |rows: &[usize]| {
        let rows: Vec<&String> = rows.iter().filter_map(|row| replies.get(*row).copied()).collect();
        let mut found = Vec::new();
        for (place, one) in raters.iter().enumerate() {
            for other in raters.iter().skip(place + 1) {
                let both = rows.iter().filter_map(|id| Some((*one.get(*id)?, *other.get(*id)?)));
                found.extend(kappa(&both.collect::<Vec<_>>(), distance));
            }
        }
        (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
    };
    let rated = |id: &&String| raters.iter().filter(|rater| rater.contains_key(*id)).count() > 1;
    let n = replies.iter().filter(|id| rated(id)).count() as u64;
    estimate(&clusters, mean).map(|found| Estimate { n, ..found })
}

/// A reply without a verdict disagrees as far as it can.
fn filled(reply: &Judged, values: Values) -> (f64, f64) {
    let judge = reply.judge.unwrap_or(match values {
        Values::Labels => NO_VERDICT,
        Values::Scores(low, high) => {
            if reply.people - low > high - reply.people {
                low
            } else {
                high
            }
        }
    });
    (reply.people, judge)
}

/// A missing verdict is a miss of people's value.
fn macro_f1(replies: &[Judged]) -> Option<f64> {
    let word = |value: f64| value.to_string();
    let words: Vec<(String, Option<String>)> =
        replies.iter().map(|reply| (word(reply.people), reply.judge.map(word))).collect();
    let pairs = words.iter().map(|(people, judge)| (people.as_str(), judge.as_deref()));
    f1(pairs, Averaging::Macro)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(item: &str, people: f64, judge: Option<f64>) -> Judged {
        Judged { item: item.to_owned(), people, judge }
    }

    // Three of four equal, half of either label by chance: (.75 - .5) / .5.
    #[test]
    fn labels_by_hand_and_a_missing_verdict_is_a_disagreement() {
        let mut replies = vec![
            reply("a", 0.0, Some(0.0)),
            reply("b", 0.0, Some(0.0)),
            reply("c", 1.0, Some(1.0)),
            reply("d", 1.0, Some(0.0)),
        ];
        let found = against_people(&replies, Values::Labels);
        assert!((found.kappa.unwrap().value - 0.5).abs() < 1e-12);
        assert_eq!((found.n, found.items, found.missing), (4, 4, 0));
        assert_eq!(found.rank_correlation, None);
        replies.push(reply("e", 1.0, None));
        let with_gap = against_people(&replies, Values::Labels);
        assert_eq!((with_gap.n, with_gap.missing), (5, 1));
        assert!(with_gap.kappa.unwrap().value < 0.5);
        assert!((with_gap.agreement.unwrap().value - 0.6).abs() < 1e-12);
    }

    #[test]
    fn scores_have_errors_and_a_missing_one_is_as_far_off_as_can_be() {
        let replies =
            [reply("a", 1.0, Some(2.0)), reply("b", 3.0, Some(3.0)), reply("c", 5.0, Some(4.0))];
        let found = against_people(&replies, Values::Scores(1.0, 5.0));
        assert!((found.mean_absolute_error.unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert!(found.bias.unwrap().abs() < 1e-12);
        assert!((found.rank_correlation.unwrap() - 1.0).abs() < 1e-12);
        let missing = [replies.as_slice(), &[reply("d", 4.0, None)]].concat();
        let worse = against_people(&missing, Values::Scores(1.0, 5.0));
        assert!(worse.kappa.unwrap().value < found.kappa.unwrap().value);
        assert_eq!(filled(&missing[3], Values::Scores(1.0, 5.0)), (4.0, 1.0));
    }

    #[test]
    fn people_agree_by_pairs() {
        let rater = |values: &[f64]| {
            values.iter().enumerate().map(|(at, value)| (at.to_string(), *value)).collect()
        };
        let raters = [rater(&[0.0, 0.0, 1.0, 1.0]), rater(&[0.0, 0.0, 1.0, 0.0])];
        let items: BTreeMap<String, String> =
            (0..4).map(|at| (at.to_string(), at.to_string())).collect();
        let found = among_people(&raters, &items, Values::Labels).unwrap();
        assert!((found.value - 0.5).abs() < 1e-12);
        assert_eq!(among_people(&raters[..1], &items, Values::Labels), None);
    }
}
