//! The seam between the work on a run and whoever makes its calls.

use futures_util::future::BoxFuture;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use trustmh_core::call::{CallKey, CallSpec, Purpose};
use trustmh_core::id::ModelId;
use trustmh_model::api::Completion;
use trustmh_model::error::ModelError;
use trustmh_model::learnt::Learnt;

use super::Ending;
use crate::error::RunError;
use crate::journal::Replay;

/// Carries calls to models and replies back: in this process, or through workers elsewhere. What a run comes to does not depend on
/// which.
pub trait Dispatcher: Sync {
    /// The model that answers calls made for this purpose, if the run has one.
    fn model_for(&self, purpose: &Purpose) -> Option<&ModelId>;

    /// How many trials it takes to keep everybody busy.
    fn trials_at_once(&self) -> usize;

    /// Takes up work on a run; `recorded` knows the calls that need not be made again.
    ///
    /// # Errors
    /// Whatever keeps this from carrying any call.
    fn begin(&self, recorded: Arc<Replay>) -> BoxFuture<'_, Result<(), RunError>> {
        drop(recorded);
        Box::pin(async { Ok(()) })
    }

    /// Makes a call, trying again where that may help.
    ///
    /// # Errors
    /// [`RunError`] where calls cannot be carried any more; what went wrong with this call alone is in [`Made`].
    fn make<'a>(
        &'a self,
        key: &'a CallKey,
        call: &'a CallSpec,
    ) -> BoxFuture<'a, Result<Made, RunError>>;

    /// A trial of more than one turn of the subject has ended; `call` holds the whole list of messages. Only where the model is in this
    /// process is it told: no worker is the one that made all calls of a trial.
    fn ended<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, ()> {
        let _ = call;
        Box::pin(std::future::ready(()))
    }

    /// The end of this call is on disk: it will never be asked for again.
    fn recorded(&self, key: &CallKey) {
        let _ = key;
    }

    /// No more calls will be asked for; `ending` is how the work ended, none if by a fault.
    ///
    /// # Errors
    /// Whatever keeps this from leaving things in order; nothing recorded is lost by it.
    fn end(&self, ending: Option<Ending>) -> BoxFuture<'_, Result<(), RunError>> {
        let _ = ending;
        Box::pin(async { Ok(()) })
    }
}

/// A call that was made.
#[derive(Debug)]
pub struct Made {
    /// The reply, or what kept it from coming.
    pub result: Result<Completion, ModelError>,
    /// Tries it took.
    pub tries: u32,
    /// From first try to end.
    pub took: Duration,
    /// To how many workers it was handed, where that is known and more than one: those before the last may have sent it, too.
    pub handed_out: Option<NonZeroU32>,
    /// What the endpoint has taught so far.
    pub learnt: Vec<Learnt>,
}
