//! What the finished calls of a trial hold.

use trustmh_core::call::{CallEnd, Exchange, Purpose};
use trustmh_core::id::RubricId;

/// The last ask of the subject: its turn and how it ended.
pub(crate) fn last_subject(exchanges: &[Exchange]) -> Option<(u8, &CallEnd)> {
    exchanges.iter().rev().find_map(|exchange| match exchange.purpose {
        Purpose::Subject { turn } => Some((turn, &exchange.end)),
        Purpose::Judge { .. } | Purpose::Client { .. } => None,
    })
}

/// How the judge's call under this rubric ended, if it was made.
pub(crate) fn verdict_of<'e>(exchanges: &'e [Exchange], rubric: &RubricId) -> Option<&'e CallEnd> {
    exchanges.iter().rev().find_map(|exchange| match &exchange.purpose {
        Purpose::Judge { rubric: id, .. } if id == rubric => Some(&exchange.end),
        Purpose::Judge { .. } | Purpose::Subject { .. } | Purpose::Client { .. } => None,
    })
}
