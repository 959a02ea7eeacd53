//! What a decision tree comes to by the answers of a judge.

use std::collections::BTreeMap;

use trustmh_core::call::Exchange;
use trustmh_core::id::{DimensionId, QuestionId};
use trustmh_core::trial::MissingVerdict;

use super::Evidence;
use crate::conversation::{JudgeQuestions, Talk};
use crate::parse::json::folded_key;
use crate::rubric::{Finding, Given, Question, Rating, Rubric, TreeWalk};
use crate::rules::Judges;

/// What a tree says of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeVerdict {
    /// The rating of each dimension, or why there is none.
    pub ratings: BTreeMap<DimensionId, Result<Rating, MissingVerdict>>,
    /// The answers on the way, in order.
    pub answers: Vec<Answered>,
    /// Whether an answer says that whoever speaks for the client left its role.
    pub client_broke: bool,
}

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The question.
    pub question: QuestionId,
    /// The answer as the rubric has it.
    pub answer: String,
    /// What it finds in the question's dimension.
    pub finds: Option<Finding>,
    /// Where the judge sees it; none where it says nothing of that and is not asked to.
    pub evidence: Option<Evidence>,
}

impl TreeVerdict {
    /// What the tree comes to by answers that are given by rules. Whatever depends on a question that `answer` does not answer is missing
    /// as one that the offline rules cannot judge.
    pub fn from_answers(
        rubric: &Rubric,
        mut answer: impl FnMut(&Question) -> Option<String>,
    ) -> Self {
        let walk = TreeWalk::of(&rubric.file, |question| {
            let given = answer(question).map(|text| folded_key(&text));
            let place = given.and_then(|given| {
                question.answers.iter().position(|rule| folded_key(&rule.answer) == given)
            });
            place.map_or(Given::Unread, Given::Answer)
        });
        Self::of_walk(&walk, MissingVerdict::NotForOfflineRules, |_| None)
    }

    fn of_walk(
        walk: &TreeWalk<'_>,
        missing: MissingVerdict,
        mut evidence: impl FnMut(&Question) -> Option<Evidence>,
    ) -> Self {
        let ratings = walk.ratings().into_iter();
        let answers = walk.answers().map(|(question, answer)| Answered {
            question: question.id.clone(),
            answer: answer.answer.clone(),
            finds: answer.finds,
            evidence: evidence(question),
        });
        Self {
            ratings: ratings.map(|(id, rating)| (id.clone(), rating.ok_or(missing))).collect(),
            answers: answers.collect(),
            client_broke: walk.client_broke(),
        }
    }
}

/// What the tree comes to by the judge's answers.
pub fn tree_verdict(
    judges: Judges,
    questions: JudgeQuestions,
    rubric: &Rubric,
    talk: &Talk<'_>,
    exchanges: &[Exchange],
) -> TreeVerdict {
    let _ = (judges, questions, talk, exchanges);
    let walk = TreeWalk::of(&rubric.file, |_| Given::NotYet);
    TreeVerdict::of_walk(&walk, MissingVerdict::NotAsked, |_| None)
}
