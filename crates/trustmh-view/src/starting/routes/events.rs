//! What a watching page is told, for as long as the run goes on.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::{Web, aside, folder_of, refuse, starting};
use crate::error::ViewError;
use crate::pages::{Site, watch as watch_page};
use crate::server::{Shared, fault};
use crate::starting::process::Now;
use crate::starting::registry::{Job, Starting};

/// A watching page is told of changes no more often than this,
const NEWS: Duration = Duration::from_secs(1);
/// and looks at the journal at least this often.
const LOOK: Duration = Duration::from_secs(4);

/// What a watching page waits for.
struct Watching {
    shared: Arc<Shared>,
    run: String,
    changes: watch::Receiver<Now>,
    last: [String; 2],
    step: Step,
    _seat: OwnedSemaphorePermit,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    First,
    Going,
    Last,
    Over,
}

/// Tells a page of a run that was started here, until it ends: the page comes back by itself if the connection breaks.
pub(super) async fn events(State(shared): Web, Path(run): Path<String>) -> Response {
    let job = async {
        let starting = starting(&shared)?;
        let folder = folder_of(&shared, &run).await?;
        let job = starting.job(&folder);
        let job = job.ok_or_else(|| ViewError::Form("this run was not started here".to_owned()))?;
        Ok::<(Arc<Starting>, Arc<Job>), ViewError>((starting, job))
    };
    let (starting, job) = match job.await {
        Ok(found) => found,
        Err(error) => return refuse(shared, error).await,
    };
    let Ok(seat) = Arc::clone(&starting.watchers).try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many pages watch already\n").into_response();
    };
    let watching = Watching {
        shared,
        run,
        changes: job.changes(),
        last: Default::default(),
        step: Step::First,
        _seat: seat,
    };
    let news = stream::unfold((watching, Vec::new()), |(mut watching, mut ready)| async move {
        while ready.is_empty() {
            ready = watching.news().await?;
        }
        let event: Event = ready.remove(0);
        Some((Ok::<_, Infallible>(event), (watching, ready)))
    });
    Sse::new(news).keep_alive(KeepAlive::default()).into_response()
}

impl Watching {
    /// What changed, once something did; none when there is no more to tell.
    async fn news(&mut self) -> Option<Vec<Event>> {
        match self.step {
            Step::Over => return None,
            Step::Last => {
                self.step = Step::Over;
                return Some(vec![Event::default().event("over").data("over")]);
            }
            Step::First => self.step = Step::Going,
            Step::Going => {
                let _ = tokio::time::timeout(LOOK, self.changes.changed()).await;
                if self.changes.borrow().phase.is_live() {
                    tokio::time::sleep(NEWS).await;
                }
            }
        }
        let over = !self.changes.borrow_and_update().phase.is_live();
        let (shared, run) = (Arc::clone(&self.shared), self.run.clone());
        let parts = aside(move || {
            let site = Site { viewer: &shared.viewer, base: &shared.base };
            watch_page::parts(&site, &run).map_err(|error| fault(&site, &error))
        });
        let Ok(Ok(parts)) = parts.await else {
            self.step = Step::Last;
            return Some(Vec::new());
        };
        if over {
            self.step = Step::Last;
        }
        let mut found = Vec::new();
        for ((name, text), last) in
            ["figures", "actions"].into_iter().zip(parts).zip(&mut self.last)
        {
            if text != *last {
                found.push(Event::default().event(name).data(&text));
                *last = text;
            }
        }
        Some(found)
    }
}
