//! Connections: who is too slow to ask is not waited for.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// So long a connection may take to ask, its first time and after each answer.
const ASKING: Duration = Duration::from_secs(10);

/// So long answers that are on their way may take when the viewer ends.
const ENDING: Duration = Duration::from_secs(5);

/// So long nobody is let in after the system gave no connection, for want of file descriptors for example.
const FULL: Duration = Duration::from_millis(100);

/// Serves `router` until `ended` comes. A connection that has not sent the whole head of a request within 10 seconds is closed.
///
/// # Errors
/// None in practice: what goes wrong with one connection ends that connection.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    ended: impl Future<Output = ()>,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut ended = pin!(ended);
    loop {
        tokio::select! {
            () = &mut ended => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(speak(stream, router.clone(), stopped.clone()));
                }
                Err(_) => tokio::time::sleep(FULL).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(stop);
    // Whoever still reads after that is not waited for.
    let all_ended = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(ENDING, all_ended).await;
    Ok(())
}

/// Answers the requests of one connection.
async fn speak(stream: TcpStream, router: Router, mut stopped: watch::Receiver<()>) {
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(ASKING);
    let service = TowerToHyperService::new(router);
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    // A connection that breaks off concerns nobody but whoever broke it off.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
