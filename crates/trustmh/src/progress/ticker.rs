//! Something that is done again and again until it is dropped.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Does something at a steady pace, in a thread of its own, until this is dropped.
pub(super) struct Ticker {
    /// Gone as soon as it is to end.
    going: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(super) fn new(every: Duration, tick: impl Fn() + Send + 'static) -> Self {
        let (going, gone) = channel();
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(move || {
            while gone.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                tick();
            }
        });
        // Without a thread nothing is shown; the run is none the worse.
        Self { going: Some(going), thread: thread.ok() }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.going.take());
        // After this no tick comes any more.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
