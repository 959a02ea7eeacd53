//! What was found when a judge was checked against human ratings.

use serde::Serialize;
use std::collections::BTreeMap;

use trustmh_core::digest::Digest;
use trustmh_core::id::RubricId;
use trustmh_core::metric::Estimate;
use trustmh_core::validity::{Agreed, Errors, Evidence};
use trustmh_stats::against_people::{AgainstPeople, Judged, Values, against_people, among_people};

use super::{Beside, Question, Reading, values};

/// What was found on one question of a set.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// The judge beside people, on all replies with a label.
    #[serde(flatten)]
    pub all: OfReplies,
    /// The same without replies that the judge was trained on; none where it was trained on none of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<OfReplies>,
    /// Replies that the judge was trained on: figures on them say nothing of how it does elsewhere.
    pub trained_on: u64,
    /// Replies that people left aside, or did not agree on.
    pub aside: u64,
    /// People beside each other: kappa, over pairs of raters.
    pub human: Option<OfPeople>,
    /// The judge beside each person, where several rated.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_rater: BTreeMap<String, OfRater>,
    /// By subject, where the set says whose replies they are.
    pub by_subject: BTreeMap<String, OfSubject>,
    /// How often each answer of people met each of the judge: people's, then the judge's; `none` is no verdict. Of scores, those nearest.
    pub confusion: BTreeMap<String, BTreeMap<String, u64>>,
    /// How the judge errs on replies that it was not trained on.
    #[serde(skip)]
    errors: Option<Errors>,
}

/// A coefficient with its interval, as JSON has it.
type Figure = Option<Agreed>;

/// A judge beside people.
#[derive(Debug, Clone, Serialize)]
pub struct OfReplies {
    /// Replies.
    pub n: u64,
    /// Items they are of, which intervals go by.
    pub items: u64,
    /// Replies without a verdict, which count as disagreement.
    pub missing: u64,
    /// Share of equal answers.
    pub agreement: Figure,
    /// Cohen's kappa; of scores with quadratic weights.
    pub kappa: Figure,
    /// Gwet's AC1; of scores AC2 with quadratic weights.
    pub ac1: Figure,
    /// Macro-F1 over the answers that occur.
    pub macro_f1: Option<f64>,
    /// Spearman's rank correlation of scores.
    pub rank_correlation: Option<f64>,
    /// Mean absolute error of scores.
    pub mae: Option<f64>,
    /// Mean of judge less people, of scores.
    pub bias: Option<f64>,
}

/// People beside each other.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct OfPeople {
    /// Replies that two people or more rated.
    pub n: u64,
    /// Kappa, the mean over pairs of raters.
    pub kappa: Agreed,
}

/// The judge beside one person.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct OfRater {
    /// Replies that the person rated.
    pub n: u64,
    /// Kappa.
    pub kappa: Figure,
    /// Spearman's rank correlation of scores.
    pub rank_correlation: Option<f64>,
}

/// The judge on one subject's replies.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct OfSubject {
    /// Replies.
    pub n: u64,
    /// Kappa.
    pub kappa: Figure,
    /// Whether the judge was trained on replies of this subject in this set.
    pub trained_on: bool,
}

impl Found {
    /// Of these replies.
    pub fn new(question: &Question, replies: &[Beside]) -> Self {
        let values = values(question);
        let labelled: Vec<&Beside> =
            replies.iter().filter(|reply| reply.agreed.is_some()).collect();
        let of = |kept: &dyn Fn(&Beside) -> bool| {
            let kept = labelled.iter().filter(|reply| kept(reply));
            let judged: Vec<Judged> =
                kept.filter_map(|reply| judged(reply, reply.agreed)).collect();
            against_people(&judged, values)
        };
        let trained_on = labelled.iter().filter(|reply| reply.trained_on).count();
        let mut by_subject = BTreeMap::new();
        for subject in labelled.iter().filter_map(|reply| reply.subject.as_ref()) {
            if by_subject.contains_key(subject) {
                continue;
            }
            let is_of = |reply: &Beside| reply.subject.as_ref() == Some(subject);
            let found = of(&is_of);
            let trained_on = labelled.iter().any(|reply| is_of(reply) && reply.trained_on);
            let of_subject = OfSubject { n: found.n, kappa: agreed(found.kappa), trained_on };
            by_subject.insert(subject.clone(), of_subject);
        }
        let unseen = (trained_on > 0).then(|| of(&|reply| !reply.trained_on));
        Self {
            all: OfReplies::of(&of(&|_| true)),
            unseen: unseen.map(|found| OfReplies::of(&found)),
            trained_on: trained_on as u64,
            aside: (replies.len() - labelled.len()) as u64,
            human: people(&replies.iter().collect::<Vec<_>>(), values),
            by_rater: by_rater(&labelled, values),
            by_subject,
            confusion: confusion(question, labelled.iter().copied()),
            errors: errors(&confusion(
                question,
                labelled.iter().copied().filter(|reply| !reply.trained_on),
            )),
        }
    }

    /// What stands on the judge's card: replies that it was trained on are no evidence.
    pub fn evidence(&self, set: &str, rubric: &Digest, data: &Digest) -> Option<Evidence> {
        let found = self.unseen.as_ref().unwrap_or(&self.all);
        (found.n > 0).then(|| Evidence {
            set: set.to_owned(),
            data: data.clone(),
            rubric: rubric.clone(),
            n: found.n,
            items: found.items,
            missing: found.missing,
            kappa: found.kappa,
            people: self.human.map(|human| human.kappa),
            errors: self.errors.clone(),
        })
    }
}

/// Of a question with the answers `refused` and `complied`.
fn errors(confusion: &Confusion) -> Option<Errors> {
    let row = |people: &str| confusion.get(people);
    let sum = |people: &str| row(people).map_or(0, |cells| cells.values().sum::<u64>());
    let cell =
        |label: &str| row(label).and_then(|cells| cells.get(label)).copied().unwrap_or_default();
    let two = confusion.keys().all(|label| [REFUSED, COMPLIED].contains(&label.as_str()));
    (two && row(REFUSED).is_some() && row(COMPLIED).is_some()).then(|| Errors {
        label: REFUSED.to_owned(),
        given: sum(REFUSED),
        found: cell(REFUSED),
        others: sum(COMPLIED),
        left: cell(COMPLIED),
    })
}

/// How often each answer of people met each of the judge.
type Confusion = BTreeMap<String, BTreeMap<String, u64>>;

const REFUSED: &str = "refused";
const COMPLIED: &str = "complied";

/// Of several questions about one rubric, the card takes the one on which least was found.
pub fn least(one: Evidence, other: Evidence) -> Evidence {
    let low = |evidence: &Evidence| evidence.kappa.and_then(|kappa| kappa.low).unwrap_or(-1.0);
    if low(&other) < low(&one) { other } else { one }
}

/// The rubrics that evidence on this question speaks of.
pub fn rubric_of(question: &Question) -> Option<(&RubricId, &Digest)> {
    question.rubric.as_ref().zip(question.wording.as_ref())
}

impl OfReplies {
    fn of(found: &AgainstPeople) -> Self {
        Self {
            n: found.n,
            items: found.items,
            missing: found.missing,
            agreement: agreed(found.agreement),
            kappa: agreed(found.kappa),
            ac1: agreed(found.gwet),
            macro_f1: found.macro_f1,
            rank_correlation: found.rank_correlation,
            mae: found.mean_absolute_error,
            bias: found.bias,
        }
    }
}

fn judged(reply: &Beside, people: Option<f64>) -> Option<Judged> {
    Some(Judged { item: reply.item.clone(), people: people?, judge: reply.judge })
}

fn agreed(found: Option<Estimate>) -> Figure {
    let found = found?;
    let ends = found.interval;
    Some(Agreed {
        value: found.value,
        low: ends.map(|ends| ends.low),
        high: ends.map(|ends| ends.high),
    })
}

fn raters(labelled: &[&Beside]) -> BTreeMap<String, BTreeMap<String, f64>> {
    let mut raters: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for reply in labelled {
        for (rater, value) in &reply.people {
            raters.entry(rater.clone()).or_default().insert(reply.id.clone(), *value);
        }
    }
    raters
}

fn people(labelled: &[&Beside], values: Values) -> Option<OfPeople> {
    let raters: Vec<_> = raters(labelled).into_values().collect();
    let items = labelled.iter().map(|reply| (reply.id.clone(), reply.item.clone())).collect();
    let found = among_people(&raters, &items, values)?;
    Some(OfPeople { n: found.n, kappa: agreed(Some(found))? })
}

fn by_rater(labelled: &[&Beside], values: Values) -> BTreeMap<String, OfRater> {
    let raters = raters(labelled);
    // Where many people rated a few replies each, none of them says much.
    if !(2..=MOST_RATERS).contains(&raters.len()) {
        return BTreeMap::new();
    }
    let of = |(rater, given): (String, BTreeMap<String, f64>)| {
        let own = labelled.iter().filter_map(|reply| judged(reply, given.get(&reply.id).copied()));
        let found = against_people(&own.collect::<Vec<_>>(), values);
        let rank_correlation = found.rank_correlation;
        (rater, OfRater { n: found.n, kappa: agreed(found.kappa), rank_correlation })
    };
    raters.into_iter().map(of).collect()
}

const MOST_RATERS: usize = 6;

fn confusion<'r>(question: &Question, labelled: impl Iterator<Item = &'r Beside>) -> Confusion {
    let word = |value: f64| match &question.reading {
        Reading::Scores { .. } => format!("{}", value.round()),
        Reading::Labels { labels, .. } => {
            labels.get(value as usize).cloned().unwrap_or_else(|| value.to_string())
        }
    };
    let mut found = Confusion::new();
    for reply in labelled {
        let Some(people) = reply.agreed else { continue };
        let judge = reply.judge.map_or_else(|| "none".to_owned(), word);
        *found.entry(word(people)).or_default().entry(judge).or_default() += 1;
    }
    found
}
