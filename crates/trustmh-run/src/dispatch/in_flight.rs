//! Calls that are being made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use trustmh_core::call::CallKey;

/// Calls that are being made, so that none is made twice at once.
#[derive(Default)]
pub(super) struct InFlight(Mutex<HashMap<CallKey, Arc<tokio::sync::Mutex<()>>>>);

impl InFlight {
    pub(super) fn turn(&self, key: &CallKey) -> Arc<tokio::sync::Mutex<()>> {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(calls.entry(key.clone()).or_default())
    }

    /// Forgets the call unless somebody else waits for it.
    pub(super) fn over(&self, key: &CallKey, turn: &Arc<tokio::sync::Mutex<()>>) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::strong_count(turn) <= 2 {
            calls.remove(key);
        }
    }
}
