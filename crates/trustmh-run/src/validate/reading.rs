//! What answers to a question are, and the numbers that stand for them.

use trustmh_data::labelled::LabelledReply;
use trustmh_data::ratings::Rating;
use trustmh_engine::rubric::Rubric;
use trustmh_engine::task::ScorerKind;

use super::Value;

/// What the answers to a question are.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// Labels. A value is a label's place in the list.
    Labels {
        /// The labels that are told apart.
        labels: Vec<String>,
        /// Labels that count as another: the label, and what it counts as.
        as_other: Vec<(String, String)>,
        /// A label that people's answers may have and that leaves the reply aside.
        aside: Option<String>,
    },
    /// Scores on a scale.
    Scores {
        /// Lowest and highest.
        range: (f64, f64),
    },
}

impl Reading {
    pub(super) fn of(rubric: Option<&Rubric>, name: &str, replies: &[LabelledReply]) -> Self {
        if rubric.is_some_and(|rubric| rubric.file.about == ScorerKind::RefusalVerdict) {
            let other = |label: &str, as_label: &str| (label.to_owned(), as_label.to_owned());
            return Self::Labels {
                labels: ["complied", "refused"].map(str::to_owned).into(),
                as_other: vec![other("redirected", "refused"), other("partial", "complied")],
                aside: Some("partial".to_owned()),
            };
        }
        let field = rubric.and_then(|rubric| {
            let rated = rubric.file.rated();
            let single = rated.len() == 1;
            rated.into_iter().find(|field| single || field.name == name)
        });
        match field.map(|field| (field.scale, field.labels)) {
            Some((Some((low, high)), _)) => {
                Self::Scores { range: (f64::from(low), f64::from(high)) }
            }
            Some((None, labels)) => {
                let labels = labels.iter().map(|label| label.to_lowercase()).collect();
                Self::Labels { labels, as_other: Vec::new(), aside: None }
            }
            None => Self::seen(replies),
        }
    }

    /// As people's answers have it: scores if all are numbers.
    fn seen(replies: &[LabelledReply]) -> Self {
        let given = || replies.iter().flat_map(|r| r.people.values().chain(r.agreed.as_ref()));
        let scores: Option<Vec<f64>> = given()
            .map(|rating| match rating {
                Rating::Score(score) => Some(*score),
                Rating::Label(_) => None,
            })
            .collect();
        match scores.filter(|scores| !scores.is_empty()) {
            Some(scores) => {
                let low = scores.iter().copied().fold(f64::INFINITY, f64::min);
                let high = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                Self::Scores { range: (low, high) }
            }
            None => {
                let mut labels: Vec<String> = given().map(word).collect();
                labels.sort();
                labels.dedup();
                Self::Labels { labels, as_other: Vec::new(), aside: None }
            }
        }
    }

    /// The number of an answer: a score, or a label's place in the list; none for a label that is not in it.
    pub(super) fn code(&self, rating: &Rating) -> Option<Value> {
        match (self, rating) {
            (Self::Scores { .. }, Rating::Score(score)) => Some(*score),
            (Self::Scores { .. }, Rating::Label(_)) => None,
            (Self::Labels { labels, as_other, .. }, rating) => {
                let given = word(rating);
                let other = as_other.iter().find(|(label, _)| *label == given);
                let meant = other.map_or(given.as_str(), |(_, other)| other.as_str());
                labels.iter().position(|label| label == meant).map(|place| place as f64)
            }
        }
    }

    /// Whether people's answer leaves the reply aside.
    pub(super) fn leaves_aside(&self, rating: &Rating) -> bool {
        match self {
            Self::Labels { aside, .. } => aside.as_ref().is_some_and(|one| *one == word(rating)),
            Self::Scores { .. } => false,
        }
    }

    /// What people say together: the mean of scores; the label that more gave than any other.
    pub(super) fn together(&self, people: &[(String, Value)]) -> Option<Value> {
        if people.is_empty() {
            return None;
        }
        match self {
            Self::Scores { .. } => {
                Some(people.iter().map(|(_, value)| value).sum::<f64>() / people.len() as f64)
            }
            Self::Labels { .. } => {
                let mut counts: Vec<(f64, usize)> = Vec::new();
                for (_, value) in people {
                    match counts.iter_mut().find(|(known, _)| known.total_cmp(value).is_eq()) {
                        Some((_, count)) => *count += 1,
                        None => counts.push((*value, 1)),
                    }
                }
                let most = counts.iter().map(|(_, count)| *count).max()?;
                let mut first = counts.iter().filter(|(_, count)| *count == most);
                let (value, _) = first.next()?;
                first.next().is_none().then_some(*value)
            }
        }
    }
}

pub(super) fn word(rating: &Rating) -> String {
    match rating {
        Rating::Label(label) => label.to_lowercase(),
        Rating::Score(score) => score.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusals() -> Reading {
        Reading::Labels {
            labels: ["complied", "refused"].map(str::to_owned).into(),
            as_other: vec![("redirected".to_owned(), "refused".to_owned())],
            aside: Some("partial".to_owned()),
        }
    }

    fn said(values: &[f64]) -> Vec<(String, f64)> {
        values.iter().enumerate().map(|(at, value)| (at.to_string(), *value)).collect()
    }

    #[test]
    fn labels_have_places_and_what_is_not_listed_has_none() {
        let reading = refusals();
        let code = |text: &str| reading.code(&Rating::Label(text.to_owned()));
        assert_eq!(
            ["complied", "Refused", "redirected", "partial"].map(code),
            [Some(0.0), Some(1.0), Some(1.0), None]
        );
        assert!(reading.leaves_aside(&Rating::Label("partial".to_owned())));
        assert_eq!(
            Reading::Scores { range: (1.0, 5.0) }.code(&Rating::Label("x".to_owned())),
            None
        );
    }

    #[test]
    fn people_together_are_the_mean_or_the_label_with_most_votes() {
        let scores = Reading::Scores { range: (1.0, 5.0) };
        assert_eq!(scores.together(&said(&[4.0, 5.0])), Some(4.5));
        assert_eq!(refusals().together(&said(&[1.0, 1.0, 0.0])), Some(1.0));
        assert_eq!(refusals().together(&said(&[1.0, 0.0])), None);
        assert_eq!(refusals().together(&[]), None);
    }
}
