//! Judges checked against human ratings: a judge judges replies that people have judged, by the same rubrics and prompts as in runs.
//!
//! Calls are journalled like those of a run, in a journal for each judge, and none is made twice.

mod calls;
mod figures;
mod question;
mod reading;

pub use calls::{Calls, Judging};
pub use figures::{Found, OfPeople, OfRater, OfReplies, OfSubject, least, rubric_of};
pub use question::Question;
pub use reading::Reading;

use futures_util::{StreamExt, TryStreamExt, stream};

use trustmh_core::scorecard::JudgeName;
use trustmh_data::labelled::{Judged, LabelledReply};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::judge::embedded::Heads;
use trustmh_stats::against_people::Values;

use crate::error::RunError;
use crate::manifest::judge_rule;

/// A value that people or a judge gave: the place of a label in the list of the question, or a score.
pub type Value = f64;

/// A reply with the values of people and of the judge.
#[derive(Debug, Clone, PartialEq)]
pub struct Beside {
    /// The reply.
    pub id: String,
    /// The item it is of.
    pub item: String,
    /// Whose reply it is.
    pub subject: Option<String>,
    /// Whether the judge was trained on it.
    pub trained_on: bool,
    /// What each person said.
    pub people: Vec<(String, Value)>,
    /// What people say together; none where they do not agree, or settled on what the question leaves aside.
    pub agreed: Option<Value>,
    /// What the judge says.
    pub judge: Option<Value>,
}

/// Why a judge is not checked against human ratings on a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotJudged {
    /// The judge has no head and no rules for the rubric.
    #[error("this judge cannot judge by this rubric; name a model")]
    ForThisJudge,
    /// The set has ratings and no replies.
    #[error("the set has ratings without replies: only `recorded` judges can be held against it")]
    RatingsAlone,
    /// No rubric and no field of one has this name.
    #[error("there is no rubric for this question: only `recorded` judges can be held against it")]
    NoRubric,
}

/// Has the judge judge all replies of a question.
///
/// # Errors
/// [`RunError`] if the journal cannot be written, or if no call to the judge can work.
pub async fn judged(
    benchmark: &Benchmark,
    question: &Question,
    replies: &[LabelledReply],
    judge: &Calls<'_>,
    seen: &(dyn Fn(&LabelledReply) -> bool + Sync),
) -> Result<Result<Vec<Beside>, NotJudged>, RunError> {
    if replies.iter().all(|reply| reply.judged == Judged::RatingsAlone) {
        return Ok(Err(NotJudged::RatingsAlone));
    }
    if question.rubric.is_none() {
        return Ok(Err(NotJudged::NoRubric));
    }
    if !can_judge(question, judge.name(), benchmark.heads()) {
        return Ok(Err(NotJudged::ForThisJudge));
    }
    let rule = judge_rule(judge.name());
    let one = |reply: LabelledReply| async move {
        let value = match question.trial(&reply) {
            Some((trial, exchanges)) => {
                let exchanges =
                    judge.finished(benchmark, question, &trial, exchanges, rule).await?;
                question.value(benchmark, rule, &trial, &exchanges)?
            }
            None => None,
        };
        Ok::<_, RunError>(question.beside(&reply, value, seen(&reply)))
    };
    let beside: Vec<Beside> = stream::iter(replies.iter().cloned())
        .map(one)
        .buffered(judge.at_once())
        .try_collect()
        .await?;
    Ok(Ok(beside))
}

/// What several judges say together, reply by reply: what more of them say than anything else, or the mean of scores. A reply on which they
/// are split, or that one of them gave no verdict on, has none.
pub fn together(question: &Question, mut by_judge: Vec<Vec<Beside>>) -> Vec<Beside> {
    let Some(mut first) = by_judge.pop() else { return Vec::new() };
    if by_judge.is_empty() {
        return first;
    }
    for (place, beside) in first.iter_mut().enumerate() {
        let others = by_judge.iter().filter_map(|judge| judge.get(place));
        beside.trained_on |= others.clone().any(|other| other.trained_on);
        let given = others.map(|other| other.judge).chain([beside.judge]);
        let given: Option<Vec<(String, Value)>> =
            given.map(|value| Some((String::new(), value?))).collect();
        beside.judge = given.and_then(|given| question.reading.together(&given));
    }
    first
}

/// The recorded judges of a question, each beside people.
pub fn recorded(question: &Question, replies: &[LabelledReply]) -> Vec<(String, Vec<Beside>)> {
    let mut names: Vec<&String> = replies.iter().flat_map(|reply| reply.recorded.keys()).collect();
    names.sort();
    names.dedup();
    let of = |name: &String| {
        let judged = replies.iter().filter(|reply| reply.recorded.contains_key(name));
        let beside = judged.map(|reply| {
            let value = reply.recorded.get(name).and_then(|rating| question.code(rating));
            question.beside(reply, value, false)
        });
        (name.clone(), beside.collect())
    };
    names.into_iter().map(of).collect()
}

/// Labels are compared as such; scores on the scale of the question.
pub(crate) fn values(question: &Question) -> Values {
    match &question.reading {
        Reading::Labels { .. } => Values::Labels,
        Reading::Scores { range: (low, high) } => Values::Scores(*low, *high),
    }
}

fn can_judge(question: &Question, judge: &JudgeName, heads: &Heads) -> bool {
    let Some(rubric) = &question.rubric else { return false };
    match judge {
        JudgeName::Model(_) => true,
        JudgeName::Embedded(_) => question.has_rules() || heads.of(rubric).is_some(),
        JudgeName::Offline => question.has_rules(),
        JudgeName::None => false,
    }
}
