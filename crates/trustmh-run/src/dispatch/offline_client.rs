//! The offline client's part in a run: it takes no call, and its words are recorded as if it had.

use jiff::Timestamp;

use trustmh_core::call::{CallEnd, CallKey, CallSpec, Finish, Purpose, Reply};
use trustmh_core::id::ModelId;
use trustmh_core::trial::Trial;

use super::{Dispatch, trial_event};
use crate::error::RunError;
use crate::journal::{Call, Event};

/// What the offline client says in the place of a call.
pub(super) struct Spoken<'a> {
    pub(super) model: &'a ModelId,
    pub(super) call: &'a CallSpec,
    pub(super) key: CallKey,
    pub(super) words: Option<String>,
}

impl Dispatch<'_> {
    /// The model that answers calls made for this purpose, if the run has one.
    pub(super) fn answering(&self, purpose: &Purpose) -> Option<&ModelId> {
        match purpose {
            Purpose::Client { .. } if self.plan.manifest.client.is_none() => {
                Some(&self.offline_client)
            }
            Purpose::Client { .. } | Purpose::Subject { .. } | Purpose::Judge { .. } => {
                self.dispatcher.model_for(purpose)
            }
        }
    }

    /// Records what the offline client says: it takes no call, and must never be worked out again by other rules.
    pub(super) async fn offline(
        &self,
        trial: &Trial,
        written: &mut bool,
        spoken: Spoken<'_>,
    ) -> Result<CallEnd, RunError> {
        let Spoken { model, call, key, words } = spoken;
        let end = CallEnd::Replied(Reply::new(words.unwrap_or_default(), Finish::Stop, None));
        let mut events = trial_event(trial, written);
        events.push(Event::Call(Box::new(Call {
            key: key.clone(),
            trial: trial.id.clone(),
            purpose: call.purpose.clone(),
            model: model.clone(),
            end: end.clone(),
            tries: 0,
            at: Some(Timestamp::now()),
            millis: 0,
            handed_out: None,
            request: None,
            response: None,
        })));
        let places = self.writer.append(events).await?;
        if let Some(place) = places.last() {
            self.replay.note(&key, *place);
        }
        Ok(end)
    }
}
