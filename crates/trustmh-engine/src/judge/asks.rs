//! How often a judge is asked by one rubric, and which of its answers counts.

use trustmh_core::call::{CallEnd, Exchange, Finish, Purpose};
use trustmh_core::trial::MissingVerdict;

use super::verdict::{self, Verdict};
use crate::exchanges::last_subject;
use crate::parse::decline::declines_to_answer;
use crate::parse::within;
use crate::rubric::Rubric;
use crate::rules::{JudgeRule, UnreadVerdict};

/// A verdict that cannot be read is asked for again so many times.
const REASKS: u8 = 1;

/// What is to be asked of the judge next, by one rubric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due<'e> {
    /// Nothing: there is a verdict, or there will be none.
    Nothing,
    /// The first ask.
    First,
    /// Another ask, after this answer, which could not be read.
    Again {
        /// How many asks came before.
        ask: u8,
        /// The answer; blank where the judge said nothing.
        unread: &'e str,
    },
}

/// The judge's verdict by `rubric`: the last that can be read, in the light of the reply that it judges.
pub fn verdict(rubric: &Rubric, exchanges: &[Exchange]) -> Option<Verdict> {
    let judged = judged(exchanges);
    asks(rubric, exchanges).rev().find_map(|(_, end)| verdict::read(rubric, end.text()?, judged))
}

/// The verdict by `rubric`, or why there is none.
pub(crate) fn verdict_or_why(
    judge: JudgeRule,
    rubric: &Rubric,
    exchanges: &[Exchange],
) -> Result<Verdict, MissingVerdict> {
    verdict(rubric, exchanges).ok_or_else(|| match asks(rubric, exchanges).next_back() {
        Some((_, end)) => match end.text() {
            Some(text) if withheld(end) || declines_to_answer(&within(text), &[]) => {
                MissingVerdict::Declined
            }
            Some(text) if text.trim().is_empty() => MissingVerdict::Unanswered,
            Some(_) => MissingVerdict::Unparsed,
            None => MissingVerdict::Failed,
        },
        None if is_withheld_or_silent(exchanges) => MissingVerdict::NothingToJudge,
        None => match judge {
            JudgeRule::Offline => MissingVerdict::NotForOfflineRules,
            JudgeRule::Model | JudgeRule::Nobody => MissingVerdict::NotAsked,
        },
    })
}

/// What is due by `rubric`. Only an answer that tells no verdict is asked for again: not one that was withheld
/// or declined, for that is the judge's word, and not a call that broke, for resuming the run makes that again.
pub(crate) fn due<'e>(
    unread: UnreadVerdict,
    rubric: &Rubric,
    exchanges: &'e [Exchange],
) -> Due<'e> {
    let Some((ask, end)) = asks(rubric, exchanges).next_back() else { return Due::First };
    let may = match unread {
        UnreadVerdict::AskedAgain => ask < REASKS,
        UnreadVerdict::StaysMissing => false,
    };
    match end {
        CallEnd::Replied(reply)
            if may
                && !withheld(end)
                && verdict(rubric, exchanges).is_none()
                && !declines_to_answer(&within(&reply.text), &[]) =>
        {
            Due::Again { ask: ask + 1, unread: &reply.text }
        }
        CallEnd::Replied(_) | CallEnd::Recorded { .. } | CallEnd::Broken { .. } => Due::Nothing,
    }
}

/// Whether any verdict was asked for again.
pub(crate) fn asked_again(exchanges: &[Exchange]) -> bool {
    exchanges.iter().any(|exchange| match exchange.purpose {
        Purpose::Judge { ask, .. } => ask > 0,
        Purpose::Subject { .. } | Purpose::Client { .. } => false,
    })
}

/// The answers by one rubric, each with how many asks came before.
fn asks<'e>(
    rubric: &Rubric,
    exchanges: &'e [Exchange],
) -> impl DoubleEndedIterator<Item = (u8, &'e CallEnd)> {
    let id = rubric.file.id.clone();
    exchanges.iter().filter_map(move |exchange| match &exchange.purpose {
        Purpose::Judge { rubric, ask, .. } if *rubric == id => Some((*ask, &exchange.end)),
        Purpose::Judge { .. } | Purpose::Subject { .. } | Purpose::Client { .. } => None,
    })
}

/// Whether there is nothing that a judge could be shown.
fn is_withheld_or_silent(exchanges: &[Exchange]) -> bool {
    last_subject(exchanges)
        .is_some_and(|(_, end)| withheld(end) || end.text().is_none_or(|t| t.trim().is_empty()))
}

/// The reply that is judged; empty where none came.
fn judged(exchanges: &[Exchange]) -> &str {
    last_subject(exchanges).and_then(|(_, end)| end.text()).unwrap_or_default()
}

pub(crate) fn withheld(end: &CallEnd) -> bool {
    matches!(end, CallEnd::Replied(reply) if reply.finish == Finish::ContentFilter)
}
