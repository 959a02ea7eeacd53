//! Fields of verdicts on single replies, followed over the turns of a conversation.

use trustmh_core::call::Exchange;
use trustmh_core::id::RubricId;
use trustmh_core::item::Side;
use trustmh_core::trial::{MissingVerdict, Trial};

use crate::conversation::{Talk, of};
use crate::error::EngineError;
use crate::judge::{judged_turns, turn_verdict};
use crate::rubric::{Field, Rubric};
use crate::rules::{JudgeRule, Judges, TaskRules};

/// What kind of value a reply has in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whether it has a code: 0 or 1.
    Code,
    /// A score on the field's scale.
    Score,
}

/// One code or score over the replies that a rubric is about.
#[derive(Debug, Clone, PartialEq)]
pub struct OverTurns {
    /// The rubric.
    pub rubric: RubricId,
    /// The code's or the field's name, by which its measures begin.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
    /// The value of each judged reply, by its number from 0, or why there is none.
    pub values: Vec<(u8, Result<f64, MissingVerdict>)>,
}

/// The names of the codes and scores of a rubric for turns.
pub(crate) fn names(rubric: &Rubric) -> Vec<(String, Kind)> {
    rubric.file.fields.iter().flat_map(names_of).map(|(name, kind, _)| (name, kind)).collect()
}

/// A field's codes or score, each with the label that it stands for.
fn names_of(field: &Field) -> Vec<(String, Kind, Option<&str>)> {
    if field.scale.is_some() {
        return vec![(field.name.clone(), Kind::Score, None)];
    }
    if let Some(yes) = yes_of(field) {
        return vec![(field.name.clone(), Kind::Code, Some(yes))];
    }
    let labels = field.labels.iter();
    labels.map(|label| (field.measure_of(label), Kind::Code, Some(label.as_str()))).collect()
}

/// The label that says yes, of a field that knows no other but no.
fn yes_of(field: &Field) -> Option<&str> {
    let other = |word: &str| field.labels.iter().any(|label| label.eq_ignore_ascii_case(word));
    let yes = field.labels.iter().find(|label| label.eq_ignore_ascii_case("yes"))?;
    (field.labels.len() == 2 && other("no")).then_some(yes)
}

/// All codes and scores of a conversation's replies.
///
/// # Errors
/// [`EngineError::UnknownRubric`].
pub(crate) fn over_turns(
    rules: &TaskRules<'_>,
    judges: Judges,
    trial: &Trial,
    talk: &Talk<'_>,
    exchanges: &[Exchange],
) -> Result<Vec<OverTurns>, EngineError> {
    let language = trial.item.language.as_str();
    let mut found = Vec::new();
    for id in &rules.rule.turn_rubrics {
        let rubric = rules.benchmark.rubric_for(id, language)?;
        let replies = judged_turns(rules.benchmark.client_tables(), language, rubric, talk);
        let verdicts: Vec<_> = match judges.replies {
            JudgeRule::Offline | JudgeRule::Embedded => Vec::new(),
            JudgeRule::Model | JudgeRule::Nobody => replies
                .iter()
                .map(|(turn, reply)| turn_verdict(judges, rubric, *turn, reply, exchanges))
                .collect(),
        };
        let by_rules = ByRules { rules, trial, talk };
        for field in &rubric.file.fields {
            let found_by_rules = match judges.replies {
                JudgeRule::Offline | JudgeRule::Embedded => by_rules.found(field, &replies),
                JudgeRule::Model | JudgeRule::Nobody => Vec::new(),
            };
            for (name, kind, label) in names_of(field) {
                let values = match judges.replies {
                    JudgeRule::Offline | JudgeRule::Embedded => {
                        let value = |code: &Option<String>| match code {
                            Some(code) => Ok(f64::from(u8::from(*code == name))),
                            None => Err(MissingVerdict::NotForOfflineRules),
                        };
                        found_by_rules.iter().map(|(turn, code)| (*turn, value(code))).collect()
                    }
                    JudgeRule::Model | JudgeRule::Nobody => {
                        let verdicts = verdicts.iter().map(|verdict| {
                            let verdict = verdict.as_ref().map_err(|missing| *missing)?;
                            let value = match label {
                                None => {
                                    verdict.scores.get(&field.name).map(|score| f64::from(*score))
                                }
                                Some(label) => verdict
                                    .labels
                                    .get(&field.name)
                                    .map(|given| f64::from(u8::from(given == label))),
                            };
                            value.ok_or(MissingVerdict::Unparsed)
                        });
                        replies.iter().map(|(turn, _)| *turn).zip(verdicts).collect()
                    }
                };
                found.push(OverTurns { rubric: id.clone(), name, kind, values });
            }
        }
    }
    Ok(found)
}

/// The offline rules, and what they read.
struct ByRules<'a> {
    rules: &'a TaskRules<'a>,
    trial: &'a Trial,
    talk: &'a Talk<'a>,
}

impl ByRules<'_> {
    /// The code that each reply has in a field, or what the person said before it; none where the rules cannot tell.
    fn found(&self, field: &Field, replies: &[(u8, &str)]) -> Vec<(u8, Option<String>)> {
        let names = names_of(field);
        let codes: Vec<&str> = names.iter().map(|(name, ..)| name.as_str()).collect();
        let found = replies.iter().map(|(turn, reply)| {
            let text = match field.reads {
                Side::Subject => reply,
                Side::Client => self.before(*turn),
            };
            (*turn, self.one_of(&codes, text).map(str::to_owned))
        });
        found.collect()
    }

    fn reads(&self, code: &str, text: &str) -> Option<bool> {
        let benchmark = self.rules.benchmark;
        if let Some(mark) = benchmark.turn_rules().mark(code) {
            let signs = benchmark.client_tables().of(&self.trial.item.language);
            return Some(signs.has(mark, text));
        }
        let facts = of(self.trial).map_or(&[][..], |conversation| &conversation.secret_facts);
        benchmark.turn_rules().code(code, &self.trial.item.language, text, facts)
    }

    /// Of labels that exclude each other the last one that the rules find, the first if they find none; a code that stands alone if it is
    /// there, else no word.
    fn one_of<'c>(&self, codes: &[&'c str], text: &str) -> Option<&'c str> {
        let (first, others) = match codes {
            [alone] => ("", std::slice::from_ref(alone)),
            _ => codes.split_first().map(|(first, others)| (*first, others))?,
        };
        let mut found = None;
        for code in others.iter().rev() {
            match self.reads(code, text) {
                Some(true) => return Some(code),
                Some(false) => found = Some(first),
                None => {}
            }
        }
        found
    }

    /// What the person said right before a reply; nothing where the product began.
    fn before(&self, turn: u8) -> &str {
        let mut said = self.talk.of_client().filter(|said| said.turn == Some(turn));
        said.next().map_or("", |said| said.text.as_ref())
    }
}

/// When a code was first there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct First {
    /// The first turn that is known to have it, from 1.
    pub(super) seen: Option<u8>,
    /// The last turn up to which it is known that none has it; 0 if nothing is known.
    pub(super) clear: u8,
    /// The first turn that may have it: it does, or its verdict is missing.
    pub(super) at_worst: Option<u8>,
}

impl OverTurns {
    /// The values of all judged replies; none if one is missing.
    pub(super) fn whole(&self) -> Option<Vec<f64>> {
        self.values.iter().map(|(_, value)| value.ok()).collect()
    }

    /// The value of a reply, if it is judged and its verdict is there.
    pub(super) fn at(&self, turn: u8) -> Option<f64> {
        self.values.iter().find(|(at, _)| *at == turn).and_then(|(_, value)| value.ok())
    }

    /// Whether the judge can tell the code at all, and was asked.
    pub(super) fn told(&self) -> bool {
        self.values.iter().all(|(_, value)| !value.is_err_and(|missing| !missing.is_gap()))
    }

    /// How many replies are known to have the code.
    pub(super) fn count(&self) -> f64 {
        let known = self.values.iter().filter(|(_, value)| value.is_ok_and(|value| value > 0.0));
        known.count() as f64
    }

    /// Why a verdict is missing, if one is.
    pub(super) fn missing(&self) -> Option<MissingVerdict> {
        self.values.iter().find_map(|(_, value)| value.err())
    }

    /// When the code was first there; none of no judged reply.
    pub(super) fn first(&self) -> Option<First> {
        let (begins, _) = self.values.first()?;
        let number = |turn: &u8| turn.saturating_add(1);
        let has = |value: &Result<f64, MissingVerdict>| value.is_ok_and(|value| value > 0.0);
        let seen = self.values.iter().find(|(_, value)| has(value)).map(|(turn, _)| number(turn));
        let at_worst = self.values.iter().find(|(_, value)| value.is_err() || has(value));
        let at_worst = at_worst.map(|(turn, _)| number(turn));
        let known = self.values.iter().take_while(|(_, value)| value.is_ok() && !has(value));
        let clear = known.last().map_or(*begins, |(turn, _)| number(turn));
        Some(First { seen, clear, at_worst })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(values: &[Option<bool>]) -> OverTurns {
        let value = |value: &Option<bool>| {
            value.map(|has| f64::from(u8::from(has))).ok_or(MissingVerdict::Unparsed)
        };
        OverTurns {
            rubric: RubricId::new("turn"),
            name: "failed".to_owned(),
            kind: Kind::Code,
            values: (0..).zip(values.iter().map(value)).collect(),
        }
    }

    #[test]
    fn the_first_turn_is_found_where_it_stands() {
        let (yes, no, unread) = (Some(true), Some(false), None);
        let first = |values: &[Option<bool>]| {
            let First { seen, clear, at_worst } = code(values).first().unwrap();
            (seen, clear, at_worst)
        };
        assert_eq!(first(&[no, no, yes, no, yes]), (Some(3), 2, Some(3)));
        assert_eq!(first(&[no, no, no]), (None, 3, None));
        assert_eq!(first(&[no, unread, no, yes]), (Some(4), 1, Some(2)));
        assert_eq!(first(&[unread, no]), (None, 0, Some(1)));
        assert_eq!(first(&[yes]), (Some(1), 0, Some(1)));
        assert_eq!(code(&[]).first(), None);
    }
}
