//! Addresses and what answers them.

mod of_run;

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri, Path, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use std::sync::Arc;

use crate::asked::{Filled, Parameters};
use crate::error::ViewError;
use crate::pages::{self, Site};
use crate::security::{Access, Guard, SEEN, Token, guarded, has_seen};
use crate::starting::routes;
use crate::viewer::Viewer;

const STYLE: &str = include_str!("assets/style.css");
const RATING_STYLE: &str = include_str!("assets/rating.css");
const STARTED_STYLE: &str = include_str!("assets/started.css");
const KEYS: &str = include_str!("assets/keys.js");
const READ: &str = include_str!("assets/read.js");
const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#1f5f8b"/></svg>"##;
/// A rating is a few words.
const FORM_BYTES: usize = 64 * 1024;

pub(crate) struct Shared {
    pub(crate) viewer: Viewer,
    pub(crate) base: String,
}

type Web = State<Arc<Shared>>;

/// All pages, below the token. `once` is a token that leads there a single time, for whoever is handed an address that others see.
pub fn router(viewer: Viewer, token: Token, once: Option<Token>, access: Access) -> Router {
    let base = format!("/{}", token.as_str());
    let shared = Arc::new(Shared { viewer, base: base.clone() });
    let guard = Arc::new(Guard::new(token, once, access));
    let pages = Router::new()
        .route("/icon.svg", get(|| async { ([(header::CONTENT_TYPE, "image/svg+xml")], ICON) }))
        .route("/style.css", get(style))
        .route("/keys.js", get(|| async { ([(header::CONTENT_TYPE, "text/javascript")], KEYS) }))
        .route("/read.js", get(|| async { ([(header::CONTENT_TYPE, "text/javascript")], READ) }))
        .route("/seen", post(seen))
        .route("/compare", get(compare))
        .route("/compare/trial", get(compare_trial))
        .route("/run/{run}", get(card))
        .route("/run/{run}/trials", get(trials))
        .route("/run/{run}/trial", get(trial))
        .route("/run/{run}/reply", get(reply))
        .route("/run/{run}/mark", post(of_run::mark))
        .route("/run/{run}/export", get(of_run::export))
        .route("/run/{run}/worst", get(of_run::worst))
        .route("/run/{run}/calls", get(of_run::calls))
        .route("/run/{run}/setup", get(of_run::setup))
        .route("/run/{run}/rate", get(rate).post(rated))
        .route("/run/{run}/agreement", get(agreement))
        .route("/run/{run}/ratings.csv", get(ratings))
        .merge(routes::routes())
        .fallback(nothing)
        .method_not_allowed_fallback(other_method)
        .with_state(Arc::clone(&shared));
    Router::new()
        .route(&format!("{base}/"), get(list).with_state(Arc::clone(&shared)))
        .nest(&base, pages)
        // Only who knows the token comes so far.
        .fallback(nothing)
        .with_state(shared)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(from_fn_with_state(guard, guarded))
}

/// What is answered where there is no page; an address with a slash too many or too few leads to the one that is meant.
async fn nothing(State(shared): Web, method: Method, OriginalUri(uri): OriginalUri) -> Response {
    let path = uri.path();
    let meant = match path.strip_suffix('/') {
        Some(shorter) if shorter.len() > shared.base.len() => Some(shorter.to_owned()),
        None if path == shared.base => Some(format!("{path}/")),
        Some(_) | None => None,
    };
    if let Some(meant) = meant.filter(|_| [Method::GET, Method::HEAD].contains(&method)) {
        let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
        return Redirect::to(&format!("{meant}{query}")).into_response();
    }
    made(shared, |_| Err(ViewError::Missing("such page".to_owned()))).await
}

/// What is answered to a form sent to where none is taken, and the like.
async fn other_method(State(shared): Web) -> Response {
    let why = "this page takes no such request".to_owned();
    let page = made(shared, move |_| Err(ViewError::Form(why))).await;
    (StatusCode::METHOD_NOT_ALLOWED, page).into_response()
}

/// Makes a page where reading files does not hold up other requests.
pub(crate) async fn made(
    shared: Arc<Shared>,
    make: impl FnOnce(&Site<'_>) -> Result<String, ViewError> + Send + 'static,
) -> Response {
    let task = tokio::task::spawn_blocking(move || {
        let site = Site { viewer: &shared.viewer, base: &shared.base };
        match make(&site) {
            Ok(page) => (StatusCode::OK, page),
            Err(error) => fault(&site, &error),
        }
    });
    match task.await {
        Ok((status, page)) => (status, Html(page)).into_response(),
        Err(_) => {
            (StatusCode::INTERNAL_SERVER_ERROR, "the page could not be made\n").into_response()
        }
    }
}

/// The page that says what went wrong.
pub(crate) fn fault(site: &Site<'_>, error: &ViewError) -> (StatusCode, String) {
    let status = match error {
        ViewError::Missing(_) => StatusCode::NOT_FOUND,
        ViewError::Forgotten(_) => StatusCode::GONE,
        ViewError::Form(_) => StatusCode::BAD_REQUEST,
        ViewError::Run(_)
        | ViewError::Engine(_)
        | ViewError::Index(_)
        | ViewError::Io { .. }
        | ViewError::Broken { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, pages::fault(site, error))
}

/// The same for pages with replies, after the warning was read.
async fn made_after_warning(
    shared: Arc<Shared>,
    headers: &HeaderMap,
    here: String,
    make: impl FnOnce(&Site<'_>) -> Result<String, ViewError> + Send + 'static,
) -> Response {
    if has_seen(headers) {
        made(shared, make).await
    } else {
        made(shared, move |site| Ok(pages::warning(site, &here))).await
    }
}

async fn style() -> Response {
    let text = [trustmh_report::html::STYLE, STYLE, STARTED_STYLE, RATING_STYLE].concat();
    ([(header::CONTENT_TYPE, "text/css")], text).into_response()
}

/// The whole address of a page; what is below the token comes without it.
fn here(shared: &Shared, uri: &axum::http::Uri) -> String {
    format!("{}{}", shared.base, uri.path_and_query().map_or("/", |found| found.as_str()))
}

async fn list(State(shared): Web, Parameters(asked): Parameters<pages::runs::Asked>) -> Response {
    let held = Arc::clone(&shared);
    made(shared, move |site| {
        let listed = pages::runs::list(site, &asked)?;
        if !listed.unscored.is_empty() {
            // Nobody waits for it: the next look finds what it made.
            std::thread::spawn(move || {
                held.viewer.runs.catch_up(&held.viewer.benchmark, &listed.unscored);
            });
        }
        Ok(listed.page)
    })
    .await
}

#[derive(Deserialize)]
struct Seen {
    next: String,
}

/// Where a form leads on to: nobody is sent to another site.
fn inside(shared: &Shared, next: String) -> String {
    let top = format!("{}/", shared.base);
    let inside = next.starts_with(&top) && !next.contains(['\\', '\n', '\r']);
    if inside { next } else { top }
}

async fn seen(State(shared): Web, Filled(form): Filled<Seen>) -> Response {
    let next = inside(&shared, form.next);
    let cookie = format!("{SEEN}=1; Path={}; HttpOnly; SameSite=Strict", shared.base);
    ([(header::SET_COOKIE, cookie)], Redirect::to(&next)).into_response()
}

async fn card(State(shared): Web, Path(run): Path<String>) -> Response {
    made(shared, move |site| pages::card::card(site, &run)).await
}

async fn trials(
    State(shared): Web,
    Path(run): Path<String>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    Parameters(asked): Parameters<Pairs>,
) -> Response {
    let here = here(&shared, &uri);
    let asked = pages::trials::Asked::of(asked);
    made_after_warning(shared, &headers, here, move |site| {
        pages::trials::trials(site, &run, &asked)
    })
    .await
}

/// Parameters of which some may stand more than once.
type Pairs = Vec<(String, String)>;

#[derive(Deserialize)]
struct Named {
    name: String,
}

async fn trial(
    State(shared): Web,
    Path(run): Path<String>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    Parameters(Named { name }): Parameters<Named>,
    Parameters(asked): Parameters<Pairs>,
) -> Response {
    let here = here(&shared, &uri);
    let asked = pages::trials::Asked::of(asked);
    made_after_warning(shared, &headers, here, move |site| {
        pages::trial::trial(site, &run, &name, &asked)
    })
    .await
}

/// A file to be saved, or a page that says that there is none.
async fn saved(
    shared: Arc<Shared>,
    text: Result<Result<String, ViewError>, tokio::task::JoinError>,
    headers: [(header::HeaderName, &'static str); 2],
    what: &'static str,
) -> Response {
    match text {
        Ok(Ok(text)) => (headers, text).into_response(),
        Ok(Err(_)) | Err(_) => {
            made(shared, move |_| Err(ViewError::Missing(what.to_owned()))).await
        }
    }
}

/// A reply whole, as plain text that no browser shows.
async fn reply(
    State(shared): Web,
    Path(run): Path<String>,
    Parameters(Named { name }): Parameters<Named>,
) -> Response {
    let held = Arc::clone(&shared);
    let text = tokio::task::spawn_blocking(move || {
        let site = Site { viewer: &held.viewer, base: &held.base };
        pages::trial::reply(&site, &run, &name)
    });
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"reply.txt\""),
    ];
    saved(shared, text.await, headers, "such reply").await
}

async fn compare(State(shared): Web, Parameters(asked): Parameters<Pairs>) -> Response {
    let asked = pages::compare::Asked::of(asked);
    made(shared, move |site| pages::compare::compare(site, &asked)).await
}

async fn compare_trial(
    State(shared): Web,
    uri: axum::http::Uri,
    headers: HeaderMap,
    Parameters(asked): Parameters<Pairs>,
) -> Response {
    let here = here(&shared, &uri);
    let asked = pages::compare::Asked::of(asked);
    made_after_warning(shared, &headers, here, move |site| {
        pages::compare::side_by_side(site, &asked)
    })
    .await
}

async fn rate(
    State(shared): Web,
    Path(run): Path<String>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    Parameters(asked): Parameters<pages::rate::Asked>,
) -> Response {
    let here = here(&shared, &uri);
    made_after_warning(shared, &headers, here, move |site| pages::rate::rate(site, &run, &asked))
        .await
}

async fn rated(
    State(shared): Web,
    Path(run): Path<String>,
    headers: HeaderMap,
    Filled(form): Filled<std::collections::BTreeMap<String, String>>,
) -> Response {
    if !has_seen(&headers) {
        return (StatusCode::FORBIDDEN, "read the warning first\n").into_response();
    }
    let saved = tokio::task::spawn_blocking(move || {
        let site = Site { viewer: &shared.viewer, base: &shared.base };
        pages::rate::save(&site, &run, form).map_err(|error| fault(&site, &error))
    });
    match saved.await {
        Ok(Ok(next)) => Redirect::to(&next).into_response(),
        Ok(Err((status, page))) => (status, Html(page)).into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the rating was not saved\n").into_response(),
    }
}

#[derive(Deserialize)]
struct OfTask {
    #[serde(default)]
    task: String,
    #[serde(default)]
    rubric: String,
    #[serde(default)]
    field: String,
}

async fn agreement(
    State(shared): Web,
    Path(run): Path<String>,
    Parameters(OfTask { task, .. }): Parameters<OfTask>,
) -> Response {
    made(shared, move |site| pages::agreement::agreement(site, &run, &task)).await
}

async fn ratings(
    State(shared): Web,
    Path(run): Path<String>,
    Parameters(OfTask { task, rubric, field }): Parameters<OfTask>,
) -> Response {
    let held = Arc::clone(&shared);
    let text = tokio::task::spawn_blocking(move || {
        let site = Site { viewer: &held.viewer, base: &held.base };
        pages::agreement::csv(&site, &run, &task, [&rubric, &field])
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"ratings.csv\""),
    ];
    saved(shared, text.await, headers, "rating").await
}
