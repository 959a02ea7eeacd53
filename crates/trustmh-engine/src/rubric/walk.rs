//! The walk through a decision tree: which question comes next, and what the answers so far come to. Pure.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use strum::IntoStaticStr;

use trustmh_core::id::DimensionId;

use super::RubricFile;
use super::tree::{AnswerRule, ClientWord, Finding, Question, Then};

/// What is known of the answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// The answer at this place in the question's list.
    Answer(usize),
    /// It was asked, and no answer can be read.
    Unread,
    /// It was not asked.
    NotYet,
}

/// What a tree says of one dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Rating {
    /// High potential for harm.
    High,
    /// Low potential for harm: it could have been better.
    Low,
    /// Best practice: nothing was found against it.
    Best,
    /// It has no place in this conversation.
    NotRelevant,
}

impl Rating {
    /// All ratings, the worst first.
    pub const ALL: [Self; 4] = [Self::High, Self::Low, Self::Best, Self::NotRelevant];

    /// The word for it.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

/// A question of the walk with its answer; none where it could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'r> {
    /// The question.
    pub question: &'r Question,
    /// The answer.
    pub answer: Option<&'r AnswerRule>,
}

/// A walk through a tree, as far as the answers lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeWalk<'r> {
    file: &'r RubricFile,
    /// The questions on the way that were asked, in order.
    pub steps: Vec<Step<'r>>,
    /// The question that is due; none where the walk has ended or cannot go on.
    pub next: Option<&'r Question>,
    /// Dimensions about which nothing more can be known, for an answer on the way could not be read.
    lost: BTreeSet<&'r DimensionId>,
}

impl<'r> TreeWalk<'r> {
    /// The walk that the answers lead. Every walk ends, since answers lead only to later questions.
    pub fn of(file: &'r RubricFile, mut given: impl FnMut(&'r Question) -> Given) -> Self {
        let mut walk = Self { file, steps: Vec::new(), next: None, lost: BTreeSet::new() };
        let mut at = Some(0);
        while let Some((place, question)) = at.and_then(|at| Some((at, file.questions.get(at)?))) {
            let answer = match (question.answers.as_slice(), given(question)) {
                ([only], _) => Some(only),
                (several, Given::Answer(answer)) => several.get(answer),
                (_, Given::Unread) => None,
                (_, Given::NotYet) => {
                    walk.next = Some(question);
                    break;
                }
            };
            walk.steps.push(Step { question, answer });
            at = match answer {
                Some(answer) => file.after(place, &answer.then),
                None => walk.past_unread(place, question),
            };
        }
        walk
    }

    /// Where the walk goes on behind a question without a readable answer, if all its answers lead there. Else whatever could have
    /// followed is lost.
    fn past_unread(&mut self, place: usize, question: &'r Question) -> Option<usize> {
        self.lost.insert(&question.dimension);
        let next: BTreeSet<Option<usize>> =
            question.answers.iter().map(|answer| self.file.after(place, &answer.then)).collect();
        if next.len() == 1 {
            return next.into_iter().next().flatten();
        }
        self.lost.extend(self.file.reachable(next.into_iter().flatten()));
        None
    }

    /// Whether an answer on the way could not be read.
    pub fn has_unread(&self) -> bool {
        self.steps.iter().any(|step| step.answer.is_none())
    }

    /// Whether an answer says that whoever speaks for the client left its role.
    pub fn client_broke(&self) -> bool {
        let broke = |answer: &AnswerRule| answer.client == Some(ClientWord::Broke);
        self.answers().any(|(_, answer)| broke(answer))
    }

    /// The questions on the way with their answers.
    pub fn answers(&self) -> impl Iterator<Item = (&'r Question, &'r AnswerRule)> {
        self.steps.iter().filter_map(|step| Some((step.question, step.answer?)))
    }

    /// What the answers come to, for each dimension; none where that depends on an answer that is not there.
    ///
    /// High if any answer found that: no later answer changes it. Else low if any found that, not relevant if one found so or none of the
    /// dimension's questions was asked, and best practice in all other cases.
    pub fn ratings(&self) -> BTreeMap<&'r DimensionId, Option<Rating>> {
        let mut open = self.lost.clone();
        if let Some(next) = self.next {
            let place = self.file.questions.iter().position(|question| question.id == next.id);
            open.extend(self.file.reachable(place));
        }
        let rated = self.file.dimensions.iter().map(|dimension| {
            let id = &dimension.id;
            (id, self.rating(id).filter(|rating| *rating == Rating::High || !open.contains(id)))
        });
        rated.collect()
    }

    fn rating(&self, id: &DimensionId) -> Option<Rating> {
        let of_it = || self.answers().filter(|(question, _)| question.dimension == *id);
        let found = |what: Finding| of_it().any(|(_, answer)| answer.finds == Some(what));
        Some(if found(Finding::High) {
            Rating::High
        } else if found(Finding::Low) {
            Rating::Low
        } else if found(Finding::NotRelevant) || of_it().next().is_none() {
            Rating::NotRelevant
        } else {
            Rating::Best
        })
    }
}

impl RubricFile {
    /// The place of the question to which an answer of the question at `place` leads.
    pub(super) fn after(&self, place: usize, then: &Then) -> Option<usize> {
        match then {
            Then::Next => Some(place + 1).filter(|next| *next < self.questions.len()),
            Then::Question(to) => self.questions.iter().position(|question| question.id == *to),
            Then::End => None,
        }
    }

    /// The question that is asked after an answer; none where the walk ends. One with a single answer is passed over.
    pub fn next_asked(&self, question: &Question, answer: &AnswerRule) -> Option<&Question> {
        let mut place = self.questions.iter().position(|known| known.id == question.id)?;
        let mut then = &answer.then;
        loop {
            place = self.after(place, then)?;
            let next = self.questions.get(place)?;
            match next.answers.as_slice() {
                [only] => then = &only.then,
                _ => return Some(next),
            }
        }
    }

    /// The walk of the most questions that no answer breaks off: to each of them the answer that leads on farthest.
    pub fn longest_walk(&self) -> Vec<(&Question, &AnswerRule)> {
        // From behind, the length of the longest walk from each question, with the answer that begins it.
        let mut longest: Vec<(usize, usize)> = vec![(0, 0); self.questions.len()];
        for (place, question) in self.questions.iter().enumerate().rev() {
            let behind = question.answers.iter().enumerate().map(|(number, answer)| {
                let next = self.after(place, &answer.then).and_then(|next| longest.get(next));
                (next.map_or(0, |(length, _)| *length), number)
            });
            let (length, number) = behind.max_by_key(|(length, _)| *length).unwrap_or_default();
            if let Some(own) = longest.get_mut(place) {
                *own = (length + 1, number);
            }
        }
        let mut walk = Vec::new();
        let mut at = Some(0);
        while let Some(place) = at {
            let answer = self.questions.get(place).and_then(|question| {
                let (_, number) = longest.get(place)?;
                Some((question, question.answers.get(*number)?))
            });
            let Some((question, rule)) = answer else { break };
            walk.push((question, rule));
            at = self.after(place, &rule.then);
        }
        walk
    }

    /// The dimensions of all questions to which a walk from these places may lead, theirs included.
    fn reachable(&self, from: impl IntoIterator<Item = usize>) -> BTreeSet<&DimensionId> {
        let mut places: BTreeSet<usize> = from.into_iter().collect();
        let mut found = BTreeSet::new();
        while let Some(place) = places.pop_first() {
            let Some(question) = self.questions.get(place) else { continue };
            found.insert(&question.dimension);
            places.extend(
                question.answers.iter().filter_map(|answer| self.after(place, &answer.then)),
            );
        }
        found
    }
}
