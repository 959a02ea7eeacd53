//! Calls between their way into the journal and the word of the disk that it keeps them.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

use trustmh_core::call::CallKey;

use super::Dispatcher;
use crate::journal::Place;

/// Calls that were written and may not be on disk yet, with where they end in the journal.
#[derive(Debug, Default)]
pub(super) struct Written(Mutex<VecDeque<(u64, CallKey)>>);

impl Written {
    pub(super) fn push(&self, place: Place, key: CallKey) {
        let end = place.offset + u64::from(place.length);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back((end, key));
    }

    /// Tells the dispatcher of every call that comes to disk.
    pub(super) async fn follow(
        &self,
        mut synced: watch::Receiver<u64>,
        dispatcher: &dyn Dispatcher,
    ) -> Infallible {
        while synced.changed().await.is_ok() {
            let on_disk = *synced.borrow_and_update();
            self.tell(on_disk, dispatcher);
        }
        std::future::pending().await
    }

    /// Tells the dispatcher of the calls within the first `on_disk` bytes.
    pub(super) fn tell(&self, on_disk: u64, dispatcher: &dyn Dispatcher) {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while written.front().is_some_and(|(end, _)| *end <= on_disk) {
            if let Some((_, key)) = written.pop_front() {
                dispatcher.recorded(&key);
            }
        }
    }
}
