//! A run as a process of its own: started, listened to, asked to stop. It goes on whether or not anybody looks.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};

use super::program::{Program, Refusal, StopRequest};
use super::told::Told;

/// What a process said last is waited for so long after it ended.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is being prepared: nothing was asked yet.
    Starting,
    /// Calls are made.
    Running,
    /// It was asked to stop, and waits for the calls in flight.
    Draining,
    /// It was asked to stop at once.
    Leaving,
    /// It ended with this exit code; none if a signal ended it.
    Ended(Option<i32>),
}

impl Phase {
    pub(crate) const fn is_live(self) -> bool {
        !matches!(self, Self::Ended(_))
    }

    /// What another request to stop is, and what it makes of it; none of one that has ended.
    const fn stopped(self) -> Option<(StopRequest, Self)> {
        match self {
            Self::Starting | Self::Running => Some((StopRequest::Drain, Self::Draining)),
            Self::Draining | Self::Leaving => Some((StopRequest::AtOnce, Self::Leaving)),
            Self::Ended(_) => None,
        }
    }
}

/// A process at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Now {
    pub(crate) phase: Phase,
    pub(crate) told: Told,
}

/// A process that was started.
#[derive(Debug)]
pub(super) struct Process {
    now: watch::Receiver<Now>,
    stop: mpsc::UnboundedSender<()>,
}

impl Process {
    /// Starts the program with these arguments, no shell between. `slot` is held for as long as it lives.
    pub(super) fn start(
        program: &Arc<dyn Program>,
        arguments: &[String],
        slot: OwnedSemaphorePermit,
    ) -> Result<Self, Refusal> {
        let mut command = program.command(arguments)?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        // A Ctrl-C meant for the viewer reaches the viewer alone, which passes it on once.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = Command::from(command).spawn().map_err(|error| Refusal {
            message: format!("the run cannot be started: {error}"),
            hint: None,
        })?;
        let (tell, now) = watch::channel(Now { phase: Phase::Starting, told: Told::default() });
        let (stop, stops) = mpsc::unbounded_channel();
        tokio::spawn(follow(child, Arc::clone(program), stops, tell, slot));
        Ok(Self { now, stop })
    }

    /// As it is at this moment.
    pub(super) fn now(&self) -> Now {
        self.now.borrow().clone()
    }

    /// Tells of every change.
    pub(super) fn changes(&self) -> watch::Receiver<Now> {
        self.now.clone()
    }

    /// Asks it to stop: once to finish the calls in flight, twice to leave at once.
    pub(super) fn stop(&self) {
        // One that has ended hears nothing.
        let _ = self.stop.send(());
    }
}

async fn follow(
    mut child: Child,
    program: Arc<dyn Program>,
    mut stops: mpsc::UnboundedReceiver<()>,
    tell: watch::Sender<Now>,
    _slot: OwnedSemaphorePermit,
) {
    let mut lines = child.stderr.take().map(BufReader::new);
    let mut line = Vec::new();
    let code = loop {
        tokio::select! {
            read = next_line(&mut lines, &mut line) => match read {
                Some(line) => hear(&tell, &line),
                None => lines = None,
            },
            Some(()) = stops.recv() => {
                // It is not waited for yet, so its number is still its own.
                let stopped = tell.borrow().phase.stopped();
                if let (Some(process), Some((request, phase))) = (child.id(), stopped) {
                    program.interrupt(process, request);
                    // Where there are no signals it can only be ended; its journal stays whole.
                    #[cfg(not(unix))]
                    let _ = child.start_kill();
                    tell.send_modify(|now| now.phase = phase);
                }
            }
            ended = child.wait() => break ended.ok().and_then(|status| status.code()),
        }
    };
    let rest = async {
        while let Some(line) = next_line(&mut lines, &mut line).await {
            hear(&tell, &line);
            if lines.is_none() {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(LAST_WORDS, rest).await;
    tell.send_modify(|now| now.phase = Phase::Ended(code));
}

/// The next line; none where no more will come, and for ever nothing where none can. What was read of a line stays in `line` if this is
/// given up.
async fn next_line(
    lines: &mut Option<BufReader<impl AsyncRead + Unpin>>,
    line: &mut Vec<u8>,
) -> Option<String> {
    let Some(reader) = lines else { return std::future::pending().await };
    match reader.read_until(b'\n', line).await {
        Ok(0) | Err(_) => None,
        Ok(_) => {
            let text = String::from_utf8_lossy(line).into_owned();
            line.clear();
            Some(text)
        }
    }
}

fn hear(tell: &watch::Sender<Now>, line: &str) {
    tell.send_modify(|now| {
        now.told.take(line);
        if now.phase == Phase::Starting && now.told.folder.is_some() {
            now.phase = Phase::Running;
        }
    });
}
