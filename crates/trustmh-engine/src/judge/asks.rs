//! How often a judge is asked by one rubric, and which of its answers counts.

use trustmh_core::call::{CallEnd, Exchange, Finish, JudgedPart, Purpose};
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
    let mut latest_first = asks(rubric, &JudgedPart::Whole, exchanges).rev();
    latest_first.find_map(|(_, end)| verdict::read(rubric, end.text()?, judged))
}

/// The verdict by `rubric`, or why there is none.
pub(crate) fn verdict_or_why(
    judge: JudgeRule,
    rubric: &Rubric,
    exchanges: &[Exchange],
) -> Result<Verdict, MissingVerdict> {
    let part = JudgedPart::Whole;
    let nothing = || is_withheld_or_silent(exchanges);
    verdict(rubric, exchanges).ok_or_else(|| match asks(rubric, &part, exchanges).next_back() {
        None if nothing() => MissingVerdict::NothingToJudge,
        last => why_missing(judge, last.map(|(_, end)| end)),
    })
}

/// The verdict by `rubric` on a part of a conversation, which is `judged`, or why there is none.
pub(crate) fn verdict_on(
    judge: JudgeRule,
    rubric: &Rubric,
    part: &JudgedPart,
    judged: &str,
    exchanges: &[Exchange],
) -> Result<Verdict, MissingVerdict> {
    let mut latest_first = asks(rubric, part, exchanges).rev();
    let verdict = latest_first.find_map(|(_, end)| verdict::given(rubric, end.text()?, judged));
    verdict.ok_or_else(|| {
        why_missing(judge, asks(rubric, part, exchanges).next_back().map(|(_, end)| end))
    })
}

/// Why there is no verdict, by the last answer of the judge.
pub(crate) fn why_missing(judge: JudgeRule, last: Option<&CallEnd>) -> MissingVerdict {
    let Some(end) = last else {
        return match judge {
            JudgeRule::Offline | JudgeRule::Embedded => MissingVerdict::NotForOfflineRules,
            JudgeRule::Model | JudgeRule::Nobody => MissingVerdict::NotAsked,
        };
    };
    match end.text() {
        Some(text) if withheld(end) || declines_to_answer(&within(text), &[]) => {
            MissingVerdict::Declined
        }
        Some(text) if text.trim().is_empty() => MissingVerdict::Unanswered,
        Some(_) => MissingVerdict::Unparsed,
        None => MissingVerdict::Failed,
    }
}

/// What is due by `rubric`.
pub(crate) fn due<'e>(
    unread: UnreadVerdict,
    rubric: &Rubric,
    exchanges: &'e [Exchange],
) -> Due<'e> {
    let is_read = |text: &str| verdict::read(rubric, text, judged(exchanges)).is_some();
    due_on(unread, asks(rubric, &JudgedPart::Whole, exchanges), is_read)
}

/// What is due after these asks. Only an answer that tells no verdict is asked for again: not one that was withheld
/// or declined, for that is the judge's word, and not a call that broke, for resuming the run makes that again.
pub(crate) fn due_on<'e>(
    unread: UnreadVerdict,
    asks: impl DoubleEndedIterator<Item = (u8, &'e CallEnd)>,
    is_read: impl Fn(&str) -> bool,
) -> Due<'e> {
    let mut latest_first = asks.rev();
    let Some((ask, end)) = latest_first.next() else { return Due::First };
    let may = match unread {
        UnreadVerdict::AskedAgain => ask < REASKS,
        UnreadVerdict::StaysMissing => false,
    };
    match end {
        CallEnd::Replied(reply)
            if may
                && !withheld(end)
                && !is_read(&reply.text)
                && !latest_first.any(|(_, end)| end.text().is_some_and(&is_read))
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

/// The answers by one rubric on a part of the trial, each with how many asks came before.
pub(crate) fn asks<'a, 'e: 'a>(
    rubric: &'a Rubric,
    part: &'a JudgedPart,
    exchanges: &'e [Exchange],
) -> impl DoubleEndedIterator<Item = (u8, &'e CallEnd)> + 'a {
    exchanges.iter().filter_map(move |exchange| match &exchange.purpose {
        Purpose::Judge { rubric: id, ask, part: own } if *id == rubric.file.id && own == part => {
            Some((*ask, &exchange.end))
        }
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
