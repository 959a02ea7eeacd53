//! Judging of conversations: which verdict is due, what a judge is shown, and what its verdicts say.

mod call;
mod evidence;
mod tree;

pub(crate) use call::TEMPLATES;

pub use evidence::{Evidence, Found};
pub use tree::{Answered, TreeVerdict, tree_verdict};

use trustmh_core::call::{CallSpec, Exchange, JudgedPart, Purpose};
use trustmh_core::trial::{MissingVerdict, Trial};

use super::asks::{self, Due};
use super::verdict::{self, Verdict};
use crate::conversation::fidelity::has_left_role;
use crate::conversation::{ClientTables, JudgeQuestions, Next, Stop, Talk};
use crate::error::EngineError;
use crate::rubric::Rubric;
use crate::rules::{JudgeRule, Judges};
use crate::walk::Walk;
use call::TalkCall;
use tree::Judged;

/// The replies that a rubric for turns is about, with their numbers from 0: all, or those from the first turn of the client with the
/// rubric's mark on.
pub fn judged_turns<'t>(
    tables: &ClientTables,
    language: &str,
    rubric: &Rubric,
    talk: &'t Talk<'_>,
) -> Vec<(u8, &'t str)> {
    let Some(mark) = rubric.file.from else { return talk.replies().collect() };
    let signs = tables.of(language);
    let marked = talk.of_client().find(|said| signs.marks(&said.text, said.line).contains(&mark));
    let Some(first) = marked.and_then(|said| said.turn) else { return Vec::new() };
    talk.replies().filter(|(turn, _)| *turn >= first).collect()
}

/// The verdict by a flat rubric on one reply, or why there is none.
///
/// # Errors
/// [`MissingVerdict`].
pub fn turn_verdict(
    judges: Judges,
    rubric: &Rubric,
    turn: u8,
    reply: &str,
    exchanges: &[Exchange],
) -> Result<Verdict, MissingVerdict> {
    asks::verdict_on(judges.replies, rubric, &JudgedPart::Turn(turn), reply, exchanges)
}

/// The verdict by a flat rubric on the whole conversation, or why there is none.
///
/// # Errors
/// [`MissingVerdict`].
pub fn whole_verdict(
    judges: Judges,
    rubric: &Rubric,
    talk: &Talk<'_>,
    exchanges: &[Exchange],
) -> Result<Verdict, MissingVerdict> {
    if talk.replies().next().is_none() {
        return Err(MissingVerdict::NothingToJudge);
    }
    asks::verdict_on(judges.replies, rubric, &JudgedPart::Whole, &whole(talk), exchanges)
}

/// All that was said, in one text.
fn whole(talk: &Talk<'_>) -> String {
    talk.said.iter().map(|said| said.text.as_ref()).collect::<Vec<_>>().join("\n")
}

/// What of a conversation is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Nothing: it has not come to its end, or its client was none.
    Nothing,
    /// The replies that there are: the subject fell silent before the end.
    Replies,
    /// Those, and the whole.
    Whole,
}

impl Extent {
    fn of(talk: &Talk<'_>) -> Self {
        match talk.next {
            Next::Client(_) | Next::Subject(_) => Self::Nothing,
            Next::Over(stop) => match stop {
                // No call to the subject came back: a run that is resumed makes it again.
                Stop::ClientBroke(_) | Stop::SubjectFailed => Self::Nothing,
                Stop::SubjectWithheld | Stop::SubjectSilent(_) => Self::Replies,
                Stop::MostTurns | Stop::ClientEnded | Stop::Recorded => Self::Whole,
            },
        }
    }
}

impl Walk<'_> {
    /// The next call to a judge about a conversation that is over; none if all verdicts are there.
    ///
    /// Reply by reply each rubric for turns is asked about, then each rubric about the whole. Nothing is asked about a conversation whose
    /// client left its role.
    pub(crate) fn next_verdict(
        &self,
        trial: &Trial,
        talk: &Talk<'_>,
        exchanges: &[Exchange],
    ) -> Result<Option<CallSpec>, EngineError> {
        let extent = Extent::of(talk);
        if self.judges.replies != JudgeRule::Model || extent == Extent::Nothing {
            return Ok(None);
        }
        let (tables, language) = (self.rules.benchmark.client_tables(), &trial.item.language);
        // A judge was asked only if the client kept its role: that is looked up once.
        let asked = exchanges.iter().any(|one| matches!(one.purpose, Purpose::Judge { .. }));
        if !asked && has_left_role(tables, language, talk) {
            return Ok(None);
        }
        let mut turns = Vec::new();
        for rubric in self.rules.turn_rubrics(trial)? {
            let judged = judged_turns(tables, language, rubric, talk);
            turns.extend(judged.into_iter().map(|(turn, reply)| (turn, reply, rubric)));
        }
        // Rubrics in their order, turn by turn.
        turns.sort_by_key(|(turn, ..)| *turn);
        for (turn, reply, rubric) in turns {
            let part = JudgedPart::Turn(turn);
            let asks = asks::asks(rubric, &part, exchanges);
            let is_read = |text: &str| verdict::given(rubric, text, reply).is_some();
            let due = asks::due_on(self.unread_verdict, asks, is_read);
            if let Some(call) = self.call_on(trial, talk, (rubric, part.clone()), due)? {
                return Ok(Some(call));
            }
        }
        match extent {
            Extent::Whole => self.next_on_whole(trial, talk, exchanges),
            Extent::Nothing | Extent::Replies => Ok(None),
        }
    }

    fn next_on_whole(
        &self,
        trial: &Trial,
        talk: &Talk<'_>,
        exchanges: &[Exchange],
    ) -> Result<Option<CallSpec>, EngineError> {
        for rubric in self.rules.rubrics(trial)? {
            let call = match (rubric.file.is_tree(), self.questions) {
                (true, JudgeQuestions::Apart) => {
                    let judged = Judged::of(self.judges.replies, rubric, talk, exchanges);
                    let Some((question, due)) = judged.due_apart(self.unread_verdict) else {
                        continue;
                    };
                    let part = JudgedPart::Question(question.id.clone());
                    self.call_on(trial, talk, (rubric, part), due)?
                }
                (true, JudgeQuestions::Together) => {
                    let judged = Judged::of(self.judges.replies, rubric, talk, exchanges);
                    let due = judged.due_together(self.unread_verdict);
                    self.call_on(trial, talk, (rubric, JudgedPart::Whole), due)?
                }
                (false, _) => {
                    let asks = asks::asks(rubric, &JudgedPart::Whole, exchanges);
                    let shown = whole(talk);
                    let is_read = |text: &str| verdict::given(rubric, text, &shown).is_some();
                    let due = asks::due_on(self.unread_verdict, asks, is_read);
                    self.call_on(trial, talk, (rubric, JudgedPart::Whole), due)?
                }
            };
            if call.is_some() {
                return Ok(call);
            }
        }
        Ok(None)
    }

    fn call_on(
        &self,
        trial: &Trial,
        talk: &Talk<'_>,
        (rubric, part): (&Rubric, JudgedPart),
        due: Due<'_>,
    ) -> Result<Option<CallSpec>, EngineError> {
        let (rules, asking) = (&self.rules, self.asked.judge);
        let call = TalkCall { rules, asking, rubric, trial, talk, part };
        match due {
            Due::Nothing => Ok(None),
            Due::First => call.first().map(Some),
            Due::Again { ask, unread } => call.again(ask, unread).map(Some),
        }
    }
}
