//! Which verdict on a conversation is due.

use trustmh_core::call::{CallSpec, Exchange};
use trustmh_core::trial::Trial;

use crate::conversation::Talk;
use crate::error::EngineError;
use crate::walk::Walk;

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
