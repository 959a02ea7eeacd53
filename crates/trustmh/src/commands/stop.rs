//! Stopping when the user or the system says so.

use tokio::sync::watch::Sender;

use crate::screen;

/// Waits for an interrupt or a termination, says `note`, and tells all who listen.
pub(super) async fn on_signal(stop: Sender<bool>, note: &'static str) {
    let terminated = async {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending::<()>().await,
            }
        }
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    };
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => drop(interrupted),
        () = terminated => {}
    }
    screen::note(note);
    // The work may have ended meanwhile; then nobody listens.
    let _ = stop.send(true);
    // Keeps the channel open, so that a time of grace can run.
    std::future::pending::<()>().await;
}
