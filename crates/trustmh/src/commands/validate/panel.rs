//! The judges of a validation: one, or several whose verdicts are put together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use trustmh_core::digest::Digest;
use trustmh_core::scorecard::JudgeName;
use trustmh_data::labelled::{Labelled, LabelledReply};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::judge::embedded::Heads;
use trustmh_run::validate::{self, Calls, Found, NotJudged, Question, judged, together};

use super::judge::Judge;
use super::{Beside, OfQuestion, Sets, ValidateArguments, Validation, card, table};
use crate::failure::Failure;
use crate::{screen, user_folders};

/// One judge or more.
pub(super) struct Panel<'a> {
    pub(super) judges: Vec<Judge>,
    pub(super) arguments: &'a ValidateArguments,
}

impl Panel<'_> {
    /// Has all judges judge all sets.
    pub(super) async fn validate(
        &self,
        benchmark: &Benchmark,
        sets: Sets,
    ) -> Result<Validation, Failure> {
        let cards = self.cards()?;
        let mut calls = Vec::new();
        for judge in &self.judges {
            let folder = cards.join(card::file_name(&judge.in_full));
            calls.push(Calls::open(judge.judging(self.arguments)?, &folder)?);
        }
        let mut found = BTreeMap::new();
        let mut card = card::Card::new(&self.in_full());
        let mut warnings = Vec::new();
        for (name, set) in &sets {
            warnings.extend(set.warnings.iter().map(|warning| format!("{name}: {warning}")));
            let mut of_set = BTreeMap::new();
            for (rubric, replies) in &set.rubrics {
                if !self.arguments.output.json {
                    screen::note(&format!("{name}, {rubric}: {} replies", replies.len()));
                }
                let question = Question::new(benchmark, rubric, replies)?;
                let of_question =
                    match self.asked(benchmark, &question, name, replies, &calls).await? {
                        Err(why) => OfQuestion::NotJudged { not_judged: why.to_string() },
                        Ok(beside) => {
                            let found = Found::new(&question, &beside);
                            // Where the embedded judge has no head the rules judged: that is on their card.
                            if self.judges.len() > 1
                                || self.judges.iter().all(|one| one.is_own(benchmark, &question))
                            {
                                card.add(name, &question, &found, &digest(set));
                            }
                            OfQuestion::Found(Box::new(Beside { judge: None, found }))
                        }
                    };
                of_set.insert(rubric.clone(), of_question);
            }
            found.insert(name.clone(), of_set);
        }
        warnings.extend(calls.iter().filter_map(Calls::broken));
        let made = calls.iter().map(Calls::made).sum();
        let cost = calls.iter().filter_map(Calls::cost).reduce(|sum, one| sum + one);
        for of_judge in calls {
            of_judge.end().await?;
        }
        let judge = self.in_full();
        let mut validation =
            Validation { judge, sets: found, calls: made, cost, card: None, warnings };
        if self.arguments.replies.is_none() && self.arguments.max_calls.is_none() {
            let text = table::markdown(&validation);
            validation.card = Some(card.write(&cards, &text)?);
        }
        Ok(validation)
    }

    /// What all judges together say; why not, if any of them cannot judge.
    async fn asked(
        &self,
        benchmark: &Benchmark,
        question: &Question,
        set: &str,
        replies: &[LabelledReply],
        calls: &[Calls<'_>],
    ) -> Result<Result<Vec<validate::Beside>, NotJudged>, Failure> {
        let mut by_judge = Vec::new();
        for (judge, calls) in self.judges.iter().zip(calls) {
            let seen = Seen::of(benchmark.heads(), &judge.name, set, question);
            let is_seen = |reply: &LabelledReply| seen.has(reply);
            match judged(benchmark, question, replies, calls, &is_seen).await? {
                Ok(beside) => by_judge.push(beside),
                Err(why) => return Ok(Err(why)),
            }
        }
        Ok(Ok(together(question, by_judge)))
    }

    fn in_full(&self) -> String {
        match self.judges.as_slice() {
            [one] => one.in_full.clone(),
            several => {
                let names: Vec<&str> = several.iter().map(|judge| judge.in_full.as_str()).collect();
                format!("panel of {}", names.join(" + "))
            }
        }
    }

    fn cards(&self) -> Result<PathBuf, Failure> {
        match &self.arguments.cards {
            Some(folder) => Ok(folder.clone()),
            None => user_folders::judge_cards()
                .ok_or_else(|| user_folders::nowhere("data").with_hint("give --cards")),
        }
    }
}

/// The set whose scores of people the offline rules for escalation were tuned on.
const TUNED_ON: &str = "crisis-judgements";

/// What a judge was trained or tuned on.
enum Seen<'h> {
    /// All of the set.
    Set,
    /// The replies that a head was trained on.
    Replies(&'h BTreeSet<String>),
    /// Nothing of it.
    Nothing,
}

impl<'h> Seen<'h> {
    fn of(heads: &'h Heads, judge: &JudgeName, set: &str, question: &Question) -> Self {
        let by_rules = || if set == TUNED_ON { Self::Set } else { Self::Nothing };
        match (judge, question.rubric.as_ref()) {
            (JudgeName::Offline, _) => by_rules(),
            (JudgeName::Embedded(_), Some(rubric)) => {
                heads.of(rubric).map_or_else(by_rules, |head| Self::Replies(&head.file.replies))
            }
            (JudgeName::Embedded(_) | JudgeName::Model(_) | JudgeName::None, _) => Self::Nothing,
        }
    }

    fn has(&self, reply: &LabelledReply) -> bool {
        match self {
            Self::Set => true,
            Self::Replies(seen) => reply.fingerprint().is_some_and(|one| seen.contains(&one)),
            Self::Nothing => false,
        }
    }
}

/// The hash of a set's files.
fn digest(set: &Labelled) -> Digest {
    let lines: Vec<String> =
        set.files.iter().map(|(name, hash)| format!("{name} {hash}\n")).collect();
    Digest::of(lines.concat().as_bytes())
}
