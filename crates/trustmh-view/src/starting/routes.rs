//! Addresses of pages that start and watch runs, and what answers them.

mod events;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use std::path::PathBuf;
use std::sync::Arc;

use super::form::{Data, Fault, Limits, Typed, Wanted};
use super::program::{Offers, Refusal};
use super::registry::Starting;
use crate::asked::Filled;
use crate::error::ViewError;
use crate::pages::new_run::{self, Foretold, NewRun};
use crate::pages::{Site, watch as watch_page};
use crate::server::{Shared, made};

const FORM_SCRIPT: &str = include_str!("../assets/new-run.js");
const WATCH_SCRIPT: &str = include_str!("../assets/watch.js");

type Web = State<Arc<Shared>>;
type Fields = Filled<Vec<(String, String)>>;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    let script = |text: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, "text/javascript")], text) })
    };
    Router::new()
        .route("/new-run.js", script(FORM_SCRIPT))
        .route("/watch.js", script(WATCH_SCRIPT))
        .route("/new", get(empty).post(submitted))
        .route("/new/plan", post(plan))
        .route("/new/test", post(test))
        .route("/run/{run}/watch", get(watched))
        .route("/run/{run}/events", get(events::events))
        .route("/run/{run}/stop", post(stop))
        .route("/run/{run}/resume", post(resume))
}

/// Runs are started only where the viewer was told so.
fn starting(shared: &Shared) -> Result<Arc<Starting>, ViewError> {
    shared.viewer.starting.clone().ok_or_else(|| {
        ViewError::Form(
            "runs are not started here; start with: trustmh view --allow-runs".to_owned(),
        )
    })
}

async fn refuse(shared: Arc<Shared>, error: ViewError) -> Response {
    made(shared, move |_| Err(error)).await
}

/// Does what may take a while where other requests do not wait for it.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Refusal { message: "this could not be worked out".to_owned(), hint: None })
}

async fn empty(State(shared): Web) -> Response {
    match starting(&shared) {
        Ok(_) => form_page(shared, StatusCode::OK, NewRun::default()).await,
        Err(error) => refuse(shared, error).await,
    }
}

async fn form_page(shared: Arc<Shared>, status: StatusCode, page: NewRun) -> Response {
    let answer = made(shared, move |site| {
        let Some(starting) = &site.viewer.starting else {
            return Err(ViewError::Missing("such page".to_owned()));
        };
        Ok(new_run::page(site, &starting.program.offers(), &page))
    });
    let mut answer = answer.await;
    if answer.status() == StatusCode::OK {
        *answer.status_mut() = status;
    }
    answer
}

/// What was filled in, if all of it can be asked for.
async fn read(
    shared: &Arc<Shared>,
    starting: &Arc<Starting>,
    typed: &Typed,
) -> Result<(Wanted, Offers), Vec<Fault>> {
    let (shared, starting, typed) = (Arc::clone(shared), Arc::clone(starting), typed.clone());
    let read = aside(move || {
        let offers = starting.program.offers();
        Wanted::of(&typed, &shared.viewer.benchmark, &offers).map(|wanted| (wanted, offers))
    });
    read.await.unwrap_or_else(|refusal| Err(vec![Fault::new("form", refusal.message)]))
}

/// What the run would ask for. One plan is made at a time.
async fn foretold(starting: &Arc<Starting>, wanted: Wanted, offers: &Offers) -> Foretold {
    let arguments = wanted.arguments(offers);
    let without = (wanted.data == Data::Starter).then_some(offers.data_variable).flatten();
    let _turn = starting.planning.acquire().await;
    let held = Arc::clone(starting);
    let (subject, base_url) = (wanted.subject.clone(), wanted.base_url.clone());
    let asked = arguments.clone();
    let worked = aside(move || {
        (held.program.key(&subject, base_url.as_deref()), held.program.outlook(&asked))
    });
    let (key, outlook) = match worked.await {
        Ok((key, outlook)) => (key.ok(), outlook),
        Err(refusal) => (None, Err(refusal)),
    };
    Foretold { wanted, arguments, without, key, outlook }
}

/// The fragment that a script puts beside the form.
async fn plan(State(shared): Web, Filled(fields): Fields) -> Response {
    let starting = match starting(&shared) {
        Ok(starting) => starting,
        Err(error) => return refuse(shared, error).await,
    };
    let typed = Typed::of(fields);
    let fragment = match read(&shared, &starting, &typed).await {
        Ok((wanted, offers)) => {
            new_run::plan(&foretold(&starting, wanted, &offers).await, typed.one("millis"))
        }
        Err(faults) => new_run::faults(&faults),
    };
    Html(trustmh_core::inert::inert(&fragment.into_string())).into_response()
}

/// One call to the model that is named, and the fragment that tells of it.
async fn test(State(shared): Web, Filled(fields): Fields) -> Response {
    let starting = match starting(&shared) {
        Ok(starting) => starting,
        Err(error) => return refuse(shared, error).await,
    };
    let fragment = new_run::tested(&tested(&shared, &starting, &Typed::of(fields)).await);
    Html(trustmh_core::inert::inert(&fragment.into_string())).into_response()
}

async fn tested(shared: &Arc<Shared>, starting: &Arc<Starting>, typed: &Typed) -> new_run::Tested {
    // Only the model is tried: what else is filled in may still be wrong.
    let of_model =
        ["subject", "base-url"].map(|name| (name.to_owned(), typed.one(name).to_owned()));
    match read(shared, starting, &Typed::of(of_model.into())).await {
        Err(faults) => new_run::Tested::Misread(faults),
        Ok((wanted, _)) => {
            let _turn = starting.testing.acquire().await;
            let program = Arc::clone(&starting.program);
            let called = aside(move || program.test(&wanted.subject, wanted.base_url.as_deref()));
            match called.await {
                Ok((checks, result)) => new_run::Tested::Done { checks, result },
                Err(refusal) => new_run::Tested::Misread(vec![Fault::new("form", refusal.message)]),
            }
        }
    }
}

/// The whole form: shows the plan, tries the model, or starts the run.
async fn submitted(State(shared): Web, Filled(fields): Fields) -> Response {
    let starting = match starting(&shared) {
        Ok(starting) => starting,
        Err(error) => return refuse(shared, error).await,
    };
    let typed = Typed::of(fields);
    let mut page = NewRun { typed, ..NewRun::default() };
    if page.typed.has("do", "test") {
        page.tested = Some(tested(&shared, &starting, &page.typed).await);
        return form_page(shared, StatusCode::OK, page).await;
    }
    let (wanted, offers) = match read(&shared, &starting, &page.typed).await {
        Ok(read) => read,
        Err(faults) => {
            page.faults = faults;
            return form_page(shared, StatusCode::BAD_REQUEST, page).await;
        }
    };
    if !page.typed.has("do", "start") {
        page.foretold = Some(foretold(&starting, wanted, &offers).await);
        return form_page(shared, StatusCode::OK, page).await;
    }
    match starting.start(&wanted, &offers).await {
        Ok(folder) => match name_of(&shared, folder).await {
            Some(run) => {
                let site = Site { viewer: &shared.viewer, base: &shared.base };
                Redirect::to(&watch_page::address(&site, &run)).into_response()
            }
            None => refuse(shared, ViewError::Missing("such run".to_owned())).await,
        },
        Err(refusal) => {
            page.foretold = Some(foretold(&starting, wanted, &offers).await);
            page.refusal = Some(refusal);
            form_page(shared, StatusCode::CONFLICT, page).await
        }
    }
}

/// What addresses call the run in this folder.
async fn name_of(shared: &Arc<Shared>, folder: PathBuf) -> Option<String> {
    let shared = Arc::clone(shared);
    let find = move || {
        let folders = shared.viewer.runs.folders();
        let mut same = folders
            .into_iter()
            .filter(|(_, known)| known.canonicalize().is_ok_and(|known| known == folder));
        same.next().map(|(name, _)| name)
    };
    aside(find).await.ok().flatten()
}

async fn folder_of(shared: &Arc<Shared>, run: &str) -> Result<PathBuf, ViewError> {
    let (held, name) = (Arc::clone(shared), run.to_owned());
    let found = aside(move || held.viewer.runs.folders().remove(&name)).await.ok().flatten();
    found.ok_or_else(|| ViewError::Missing(format!("run {run}")))
}

async fn watched(State(shared): Web, Path(run): Path<String>) -> Response {
    made(shared, move |site| watch_page::page(site, &run, None)).await
}

async fn stop(State(shared): Web, Path(run): Path<String>) -> Response {
    let found = match starting(&shared) {
        Ok(starting) => folder_of(&shared, &run).await.map(|folder| starting.job(&folder)),
        Err(error) => Err(error),
    };
    match found {
        Ok(Some(job)) => {
            job.stop();
            let site = Site { viewer: &shared.viewer, base: &shared.base };
            Redirect::to(&watch_page::address(&site, &run)).into_response()
        }
        Ok(None) => {
            let why = "this run was not started here: it is stopped where it was started";
            refuse(shared, ViewError::Form(why.to_owned())).await
        }
        Err(error) => refuse(shared, error).await,
    }
}

async fn resume(State(shared): Web, Path(run): Path<String>, Filled(fields): Fields) -> Response {
    match go_on(&shared, &run, &Typed::of(fields)).await {
        Ok(()) => {
            let site = Site { viewer: &shared.viewer, base: &shared.base };
            Redirect::to(&watch_page::address(&site, &run)).into_response()
        }
        Err(GoOn::Refused(refusal)) => {
            let answer = made(shared, move |site| watch_page::page(site, &run, Some(&refusal)));
            let mut answer = answer.await;
            *answer.status_mut() = StatusCode::CONFLICT;
            answer
        }
        Err(GoOn::Fault(error)) => refuse(shared, error).await,
    }
}

/// Why a run does not go on.
enum GoOn {
    Refused(Refusal),
    Fault(ViewError),
}

impl From<ViewError> for GoOn {
    fn from(error: ViewError) -> Self {
        Self::Fault(error)
    }
}

async fn go_on(shared: &Arc<Shared>, run: &str, typed: &Typed) -> Result<(), GoOn> {
    let starting = starting(shared)?;
    let folder = folder_of(shared, run).await?;
    let mut faults = Vec::new();
    let limits = Limits::of(typed, &mut faults);
    let held = Arc::clone(&starting);
    let offers = aside(move || held.program.offers()).await.map_err(GoOn::Refused)?;
    let data = match typed.one("data") {
        "" | "starter" => None,
        path => {
            let mut known = offers.data.iter().map(|folder| folder.path.to_string_lossy());
            let found = known.find(|known| known == path).map(|known| known.into_owned());
            if found.is_none() {
                faults.push(Fault::new("data", "That data folder is not offered."));
            }
            found
        }
    };
    if let Some(fault) = faults.into_iter().next() {
        return Err(ViewError::Form(fault.message).into());
    }
    let Some(place) = folder.to_str() else {
        let why = "the run's folder has a name that cannot be passed on";
        return Err(ViewError::Form(why.to_owned()).into());
    };
    // A folder may be called as an option is; behind a path it is none.
    let place = if place.starts_with('-') { format!("./{place}") } else { place.to_owned() };
    let mut arguments = vec!["resume".to_owned(), place];
    arguments.extend(data.map(|data| format!("--data={data}")));
    arguments.extend(limits.arguments());
    arguments.extend(offers.fixed.iter().filter(|word| !word.starts_with("--runs-dir")).cloned());
    arguments.push("--progress=json".to_owned());
    starting.resume(&folder, &arguments, limits).await.map_err(GoOn::Refused)
}
