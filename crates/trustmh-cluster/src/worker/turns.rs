//! Whose call is made next: one that was handed out before goes first. A worker that dies while a call waits its turn would be held against
//! the call.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;

/// When a call gets its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// After those that came before it.
    Usual,
    /// Before all usual ones.
    First,
}

#[derive(Debug)]
struct Line {
    free: usize,
    first: VecDeque<oneshot::Sender<()>>,
    usual: VecDeque<oneshot::Sender<()>>,
}

/// So many calls at once.
#[derive(Debug)]
pub(super) struct Turns(Mutex<Line>);

/// A call's turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn<'t>(&'t Turns);

impl Turns {
    pub(super) fn new(at_once: usize) -> Self {
        Self(Mutex::new(Line { free: at_once, first: VecDeque::new(), usual: VecDeque::new() }))
    }

    pub(super) async fn wait(&self, urgency: Urgency) -> Turn<'_> {
        let waits = {
            let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if line.free > 0 {
                line.free -= 1;
                None
            } else {
                let (sender, receiver) = oneshot::channel();
                match urgency {
                    Urgency::First => line.first.push_back(sender),
                    Urgency::Usual => line.usual.push_back(sender),
                }
                Some(receiver)
            }
        };
        if let Some(waits) = waits {
            // The sender is never dropped without its word.
            let _ = waits.await;
        }
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut line = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(next) = line.first.pop_front().or_else(|| line.usual.pop_front()) {
            // One that waits no more passes its turn on.
            if next.send(()).is_ok() {
                return;
            }
        }
        line.free += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn the_urgent_go_before_those_that_came_earlier() {
        let turns = Arc::new(Turns::new(1));
        let (order, mut ended) = tokio::sync::mpsc::unbounded_channel();
        let first = turns.wait(Urgency::Usual).await;
        for (name, urgency) in [(1, Urgency::Usual), (2, Urgency::First), (3, Urgency::Usual)] {
            let (turns, order) = (Arc::clone(&turns), order.clone());
            tokio::spawn(async move {
                let _turn = turns.wait(urgency).await;
                let _ = order.send(name);
            });
            tokio::task::yield_now().await;
        }
        drop(first);
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.extend(ended.recv().await);
        }
        assert_eq!(seen, [2, 1, 3]);
        // All are free again.
        let _turn = turns.wait(Urgency::Usual).await;
    }
}
