//! Judging of conversations: which verdict is due, what a judge is shown, and what its verdicts say.

mod evidence;
mod tree;

pub use evidence::{Evidence, Found};
pub use tree::{Answered, TreeVerdict, tree_verdict};

use trustmh_core::call::{CallSpec, Exchange, JudgedPart};
use trustmh_core::trial::{MissingVerdict, Trial};

use super::asks;
use super::verdict::Verdict;
use crate::conversation::{ClientTables, Talk};
use crate::error::EngineError;
use crate::rubric::Rubric;
use crate::rules::Judges;
use crate::walk::Walk;

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

impl Walk<'_> {
    /// The next call to a judge about a conversation that is over; none if all verdicts are there.
    pub(crate) fn next_verdict(
        &self,
        _trial: &Trial,
        _talk: &Talk<'_>,
        _exchanges: &[Exchange],
    ) -> Result<Option<CallSpec>, EngineError> {
        Ok(None)
    }
}
