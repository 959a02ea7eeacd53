//! What a decision tree comes to by the answers of a judge.

use std::collections::BTreeMap;

use trustmh_core::call::{CallEnd, Exchange, JudgedPart};
use trustmh_core::id::{DimensionId, QuestionId};
use trustmh_core::trial::MissingVerdict;

use super::{Evidence, whole};
use crate::conversation::{JudgeQuestions, Talk};
use crate::judge::asks::{self, Due};
use crate::judge::verdict::{self, tree::Said};
use crate::parse::json::folded_key;
use crate::rubric::{EvidenceRule, Finding, Given, Question, Rating, Rubric, TreeWalk};
use crate::rules::{JudgeRule, Judges, UnreadVerdict};

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
    let judged = Judged::of(judges.replies, rubric, talk, exchanges);
    if talk.replies().next().is_none() {
        let walk = TreeWalk::of(&rubric.file, |_| Given::NotYet);
        return TreeVerdict::of_walk(&walk, MissingVerdict::NothingToJudge, |_| None);
    }
    let said = match questions {
        JudgeQuestions::Together => judged.together(),
        JudgeQuestions::Apart => judged.apart(),
    };
    let walk = TreeWalk::of(&rubric.file, |question| said.given(question));
    let evidence = |question: &Question| {
        let one = said.answers.get(&question.id)?;
        let none = one.turn.is_none() && one.quote.is_empty();
        match question.evidence {
            EvidenceRule::None if none => None,
            EvidenceRule::None | EvidenceRule::Wanted => {
                Some(Evidence::looked_up(talk, one.turn, &one.quote))
            }
        }
    };
    let stopped = walk.steps.iter().find(|step| step.answer.is_none()).map(|step| step.question);
    let missing = stopped.or(walk.next).map_or(said.missing, |question| said.why(question));
    TreeVerdict::of_walk(&walk, missing, evidence)
}

/// What a judge says to the questions of a tree.
struct SaidOfTree {
    answers: BTreeMap<QuestionId, Said>,
    /// Questions that were asked and have no answer, and why not.
    unread: BTreeMap<QuestionId, MissingVerdict>,
    /// Why there is no answer to a question that was not asked.
    missing: MissingVerdict,
}

impl SaidOfTree {
    fn given(&self, question: &Question) -> Given {
        let said = self.answers.get(&question.id).map(|said| said.answer);
        match said {
            Some(Some(answer)) => Given::Answer(answer),
            Some(None) => Given::Unread,
            None if self.unread.contains_key(&question.id) => Given::Unread,
            None => Given::NotYet,
        }
    }

    fn why(&self, question: &Question) -> MissingVerdict {
        match self.answers.get(&question.id) {
            Some(_) => MissingVerdict::Unparsed,
            None => self.unread.get(&question.id).copied().unwrap_or(self.missing),
        }
    }
}

/// A conversation as a judge was shown it, and what it said.
pub(super) struct Judged<'a> {
    judge: JudgeRule,
    rubric: &'a Rubric,
    /// All that was said in the conversation.
    shown: String,
    exchanges: &'a [Exchange],
}

impl<'a> Judged<'a> {
    pub(super) fn of(
        judge: JudgeRule,
        rubric: &'a Rubric,
        talk: &Talk<'_>,
        exchanges: &'a [Exchange],
    ) -> Self {
        Self { judge, rubric, shown: whole(talk), exchanges }
    }

    /// What is due of all questions in one call.
    pub(super) fn due_together(&self, unread: UnreadVerdict) -> Due<'a> {
        let asks = asks::asks(self.rubric, &JudgedPart::Whole, self.exchanges);
        let answers_all =
            |text: &str| self.is_complete(&self.all_in(text, MissingVerdict::Unparsed));
        asks::due_on(unread, asks, answers_all)
    }

    /// The answers to all questions in one call: those of the last that answers all on the way, else of the last that answers any.
    fn together(&self) -> SaidOfTree {
        let asks = || asks::asks(self.rubric, &JudgedPart::Whole, self.exchanges);
        let missing = asks::why_missing(self.judge, asks().next_back().map(|(_, end)| end));
        let mut read: Vec<SaidOfTree> =
            asks().filter_map(|(_, end)| Some(self.all_in(end.text()?, missing))).collect();
        read.retain(|said| !said.answers.is_empty());
        let complete = read.iter().rposition(|said| self.is_complete(said));
        let best = complete.or(read.len().checked_sub(1));
        best.map_or_else(
            || SaidOfTree { answers: BTreeMap::new(), unread: BTreeMap::new(), missing },
            |best| read.swap_remove(best),
        )
    }

    fn all_in(&self, text: &str, missing: MissingVerdict) -> SaidOfTree {
        let questions = &self.rubric.file.questions;
        let said = verdict::tree::answers(questions, text, &self.shown);
        let answers = questions.iter().zip(said);
        let answers = answers.filter_map(|(question, said)| Some((question.id.clone(), said?)));
        let answers: BTreeMap<QuestionId, Said> = answers.collect();
        let open = questions.iter().filter(|question| !answers.contains_key(&question.id));
        let unread = open.map(|question| (question.id.clone(), MissingVerdict::Unparsed)).collect();
        SaidOfTree { answers, unread, missing }
    }

    fn is_complete(&self, said: &SaidOfTree) -> bool {
        let walk = TreeWalk::of(&self.rubric.file, |question| said.given(question));
        !walk.has_unread() && walk.next.is_none()
    }

    /// The answers to questions that were asked one by one: to each the last that can be read.
    fn apart(&self) -> SaidOfTree {
        let missing = asks::why_missing(self.judge, None);
        let mut said = SaidOfTree { answers: BTreeMap::new(), unread: BTreeMap::new(), missing };
        for question in &self.rubric.file.questions {
            let part = JudgedPart::Question(question.id.clone());
            let asks = || asks::asks(self.rubric, &part, self.exchanges);
            let mut latest_first = asks().rev();
            let answer = latest_first.find_map(|(_, end)| self.answer_in(question, end.text()?));
            if let Some(answer) = answer {
                said.answers.insert(question.id.clone(), answer);
            } else if let Some((_, end)) = asks().next_back() {
                let why = asks::why_missing(self.judge, Some(end));
                said.unread.insert(question.id.clone(), why);
            }
        }
        said
    }

    fn answer_in(&self, question: &Question, text: &str) -> Option<Said> {
        verdict::tree::answer(question, text, &self.shown).filter(|said| said.answer.is_some())
    }

    /// The question that is due when they are asked one by one, and what is due of it; none at the end of the walk.
    pub(super) fn due_apart(&self, unread: UnreadVerdict) -> Option<(&'a Question, Due<'a>)> {
        let mut due = Due::Nothing;
        let walk = TreeWalk::of(&self.rubric.file, |question| {
            let part = JudgedPart::Question(question.id.clone());
            let asks = asks::asks(self.rubric, &part, self.exchanges);
            let texts: Vec<&CallEnd> = asks.map(|(_, end)| end).collect();
            let read = |text: &str| self.answer_in(question, text);
            let said = texts.iter().rev().find_map(|end| read(end.text()?)?.answer);
            if let Some(answer) = said {
                return Given::Answer(answer);
            }
            let asks = asks::asks(self.rubric, &part, self.exchanges);
            due = asks::due_on(unread, asks, |text| read(text).is_some());
            match due {
                Due::Nothing => Given::Unread,
                Due::First | Due::Again { .. } => Given::NotYet,
            }
        });
        walk.next.map(|question| (question, due))
    }
}
