//! Calls that need not be made: another trial of the run made them, or another run.

use trustmh_core::call::{CallEnd, CallKey, CallSpec, Purpose};
use trustmh_core::trial::Trial;

use super::{Dispatch, trial_event};
use crate::error::RunError;
use crate::journal::{Call, Event};

impl Dispatch<'_> {
    /// A call paid for by another trial serves this one too; the journal says so.
    pub(super) async fn note_reuse(
        &self,
        trial: &Trial,
        written: &mut bool,
        key: &CallKey,
        purpose: &Purpose,
        paid: &Call,
    ) -> Result<(), RunError> {
        let mut events = trial_event(trial, written);
        if paid.trial == trial.id || self.replay.has_reuse(&trial.id, purpose) {
            // The line of its trial is missing only in a run that was repaired.
            return match events.is_empty() {
                true => Ok(()),
                false => self.writer.append(events).await.map(drop),
            };
        }
        events.push(Event::Reuse {
            key: key.clone(),
            trial: trial.id.clone(),
            purpose: purpose.clone(),
        });
        self.writer.append(events).await.map(drop)
    }

    /// The very same call of another run, written into this one's journal, so that it stands on its own.
    pub(super) async fn reused(
        &self,
        trial: &Trial,
        written: &mut bool,
        call: &CallSpec,
        key: &CallKey,
    ) -> Result<Option<CallEnd>, RunError> {
        for other in self.others {
            if let Some(paid) = other.call(key)? {
                let mut events = trial_event(trial, written);
                let end = paid.end.clone();
                let (trial, purpose) = (trial.id.clone(), call.purpose.clone());
                events.push(Event::Call(Box::new(Call { trial, purpose, ..paid })));
                let places = self.writer.append(events).await?;
                if let Some(place) = places.last() {
                    self.replay.note(key, *place);
                }
                return Ok(Some(end));
            }
        }
        Ok(None)
    }
}
