//! A stop that is asked for from outside.

use tokio::sync::watch;

/// The environment variable of a process whose input is held open by whoever wants its work. At the end of the input a stop is asked for:
/// programs that are killed tell nobody. It is of one process, and goes on to none that it starts.
pub const STOP_AT_END_OF_INPUT: &str = "TRUSTMH_STOP_AT_END_OF_INPUT";

/// Whether a stop was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Halt {
    /// Nobody asked.
    #[default]
    No,
    /// The time that was allowed is up: as draining.
    TimeUp,
    /// No request is to leave any more; those under way may come back.
    Draining,
    /// Nothing is waited for.
    AtOnce,
}

impl Halt {
    /// Whether requests may leave.
    pub const fn is_asked(self) -> bool {
        match self {
            Self::No => false,
            Self::TimeUp | Self::Draining | Self::AtOnce => true,
        }
    }
}

/// Resolves when a stop is asked for; never, if nobody can ask any more.
pub(crate) async fn asked(stop: Option<watch::Receiver<Halt>>) {
    if let Some(mut stop) = stop
        && stop.wait_for(|halt| halt.is_asked()).await.is_ok()
    {
        return;
    }
    std::future::pending().await
}
