//! Stopping when the user or the system says so: once to drain, twice to leave at once.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch::Sender;

use trustmh_model::halt::{Halt, STOP_AT_END_OF_INPUT};
use trustmh_view::StopRequest;

use crate::failure::{Exit, Failure};
use crate::screen;

/// What has passed the gates when a stop is asked for leaves within this time, before anything is
/// said.
const SETTLING: Duration = Duration::from_millis(100);

/// Makes what is said once a stop is asked for.
type Note = Box<dyn FnOnce() -> String + Send>;

/// The work under way that a signal is for.
static WORK: Mutex<Option<Work>> = Mutex::new(None);

struct Work {
    stop: Sender<Halt>,
    /// What is to be said once a stop is asked for; none after it was said.
    note: Option<Note>,
    asked: Halt,
}

/// Work that signals are for until this is dropped; after it they end the process.
pub(crate) struct Heeding(());

impl Drop for Heeding {
    fn drop(&mut self) {
        // Work that ends within the time of settling says it all the same.
        let owed = work().take().and_then(|mut work| work.owed());
        say(owed);
    }
}

fn say(note: Option<Note>) {
    if let Some(note) = note {
        screen::note(&note());
    }
}

fn work() -> MutexGuard<'static, Option<Work>> {
    WORK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on an interrupt, a termination or a hangup tells `stop` to drain and says what `note` makes; the
/// next one tells it to leave at once, and whatever comes when no work is under way ends the
/// process.
pub(crate) fn heed(
    stop: Sender<Halt>,
    note: impl FnOnce() -> String + Send + 'static,
) -> Result<Heeding, Failure> {
    let listening = {
        let mut work = work();
        *work = Some(Work { stop, note: Some(Box::new(note)), asked: Halt::No });
        std::mem::replace(&mut *LISTENING.lock().unwrap_or_else(PoisonError::into_inner), true)
    };
    if !listening {
        let failed = |error: std::io::Error| Failure::usage(format!("no signals: {error}"));
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        // A thread of its own: it hears signals also while the rest of the program computes.
        let ear = std::thread::Builder::new().name("signals".to_owned());
        let (ready, heard) = sync_channel(1);
        ear.spawn(move || runtime.block_on(listen(ready))).map_err(failed)?;
        // A signal that came before would end the process without a word.
        let _ = heard.recv();
        if std::env::var_os(STOP_AT_END_OF_INPUT).is_some() {
            let watch = std::thread::Builder::new().name("input".to_owned());
            watch.spawn(drain_at_end_of_input).map_err(failed)?;
        }
    }
    Ok(Heeding(()))
}

/// Asks for a stop when the time that is allowed is up. Calls that only wait, for a service that refuses all for example, would never look
/// at the clock.
pub(crate) async fn end_after(most: Duration, stop: Sender<Halt>) {
    tokio::time::sleep(most).await;
    stop.send_if_modified(|halt| {
        let is_first = *halt == Halt::No;
        *halt = if is_first { Halt::TimeUp } else { *halt };
        is_first
    });
}

/// What is left of `work`, a run or a study, that was to be stopped at once.
pub(crate) fn stopped_at_once(work: &str, how_to_resume: String) -> Failure {
    let left =
        format!("stopped at once: calls in flight were dropped and the {work} is not scored");
    Failure { exit: Exit::Interrupted, ..Failure::usage(left) }.with_hint(how_to_resume)
}

/// Reads to the end of the input, then asks for a stop as a first signal does.
fn drain_at_end_of_input() {
    drop(std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()));
    if let Some(work) = work().as_mut().filter(|work| work.asked == Halt::No) {
        work.ask();
    }
    std::thread::sleep(SETTLING);
    let owed = work().as_mut().and_then(Work::owed);
    say(owed);
}

/// Whether the thread that listens was started.
static LISTENING: Mutex<bool> = Mutex::new(false);

async fn listen(ready: SyncSender<()>) {
    let mut signals = Signals::all();
    // Whoever waits for this has gone on if it is gone.
    let _ = ready.send(());
    loop {
        signals.next().await;
        match work().as_mut() {
            None => leave(),
            Some(work) => work.ask(),
        }
        tokio::time::sleep(SETTLING).await;
        let owed = work().as_mut().and_then(Work::owed);
        say(owed);
    }
}

impl Work {
    /// Asks for more than was asked for before.
    fn ask(&mut self) {
        self.asked = match self.asked {
            Halt::No | Halt::TimeUp => Halt::Draining,
            Halt::Draining => Halt::AtOnce,
            Halt::AtOnce => leave(),
        };
        // The work may have ended meanwhile; then nobody listens.
        let _ = self.stop.send(self.asked);
    }

    /// What is to be said of the stop that was asked for, once.
    fn owed(&mut self) -> Option<Note> {
        if self.asked == Halt::No { None } else { self.note.take() }
    }
}

/// Ends the process at once; what is recorded is safe.
pub(crate) fn leave() -> ! {
    screen::undraw();
    std::process::exit(Exit::Interrupted.code().into())
}

/// Waits until this process is asked to end, by Ctrl-C or, where there are such signals, by a termination.
pub(crate) async fn asked_to_end() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let kind = tokio::signal::unix::SignalKind::terminate();
        let mut ends = tokio::signal::unix::signal(kind)?;
        tokio::select! {
            asked = tokio::signal::ctrl_c() => asked,
            _ = ends.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Asks another process to stop, as Ctrl-C does. Where there are no signals nothing happens.
pub(crate) fn interrupt(process: u32, request: StopRequest) {
    #[cfg(unix)]
    if let Some(id) = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw) {
        // Two signals of one kind are one while the first is not delivered (signal(7)); those of two kinds are two.
        let signal = match request {
            StopRequest::Drain => rustix::process::Signal::INT,
            StopRequest::AtOnce => rustix::process::Signal::TERM,
        };
        // One that has just ended needs no signal.
        let _ = rustix::process::kill_process(id, signal);
    }
    #[cfg(not(unix))]
    let _ = (process, request);
}

/// The signals that ask for a stop.
struct Signals {
    #[cfg(unix)]
    streams: Vec<tokio::signal::unix::Signal>,
}

impl Signals {
    #[cfg(unix)]
    fn all() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        // Whoever starts the program with nohup wants it to go on.
        if Hangup::of_this_process() == Hangup::Heeded {
            kinds.push(SignalKind::hangup());
        }
        Self { streams: kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect() }
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        let next = self.streams.iter_mut().map(|stream| Box::pin(stream.recv()));
        drop(futures_util::future::select_all(next).await);
    }

    #[cfg(not(unix))]
    fn all() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        drop(tokio::signal::ctrl_c().await);
    }
}

/// What becomes of a hangup.
#[cfg(unix)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hangup {
    /// It ends the process, unless it is handled.
    Heeded,
    /// It was ignored when the process began, or that cannot be found out.
    Ignored,
}

#[cfg(unix)]
impl Hangup {
    fn of_this_process() -> Self {
        std::fs::read_to_string("/proc/self/status")
            .map_or(Self::Ignored, |status| Self::of(&status))
    }

    /// By the mask of ignored signals, whose lowest bit is that of SIGHUP (proc_pid_status(5)).
    fn of(status: &str) -> Self {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        match mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()) {
            Some(mask) if mask & 1 == 0 => Self::Heeded,
            Some(_) | None => Self::Ignored,
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_hangup_that_was_ignored_at_the_start_stays_so() {
        let status =
            |mask: &str| format!("Name:\ttrustmh\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\n");
        assert_eq!(Hangup::of(&status("0000000000001000")), Hangup::Heeded);
        assert_eq!(Hangup::of(&status("0000000000001001")), Hangup::Ignored);
        assert_eq!(Hangup::of("Name:\ttrustmh\n"), Hangup::Ignored);
        assert_eq!(Hangup::of(&status("mask")), Hangup::Ignored);
    }

    #[test]
    fn the_second_signal_asks_for_more_than_the_first() {
        let (stop, stopped) = tokio::sync::watch::channel(Halt::No);
        let mut work =
            Work { stop, note: Some(Box::new(|| "stopping".to_owned())), asked: Halt::No };
        let owed = |work: &mut Work| work.owed().map(|note| note());
        assert_eq!(owed(&mut work), None);
        work.ask();
        assert_eq!(owed(&mut work).as_deref(), Some("stopping"));
        assert_eq!(*stopped.borrow(), Halt::Draining);
        work.ask();
        assert_eq!((owed(&mut work), *stopped.borrow()), (None, Halt::AtOnce));
    }
}
