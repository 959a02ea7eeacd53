//! The pages of a run besides its trials, and what is written and saved there.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

use trustmh_run::derived::rows::Words;

use super::{Pairs, Web, fault, here, inside, made, made_after_warning};
use crate::asked::{Filled, Parameters};
use crate::pages::{self, Site};
use crate::saved;
use crate::security::has_seen;

pub(super) async fn worst(
    State(shared): Web,
    Path(run): Path<String>,
    uri: axum::http::Uri,
    headers: HeaderMap,
) -> Response {
    let here = here(&shared, &uri);
    made_after_warning(shared, &headers, here, move |site| pages::worst::worst(site, &run)).await
}

pub(super) async fn calls(
    State(shared): Web,
    Path(run): Path<String>,
    Parameters(asked): Parameters<pages::calls::Asked>,
) -> Response {
    made(shared, move |site| pages::calls::calls(site, &run, &asked)).await
}

pub(super) async fn setup(State(shared): Web, Path(run): Path<String>) -> Response {
    made(shared, move |site| pages::setup::setup(site, &run)).await
}

/// A flag or a note, on the disk before the answer.
pub(super) async fn mark(
    State(shared): Web,
    Path(run): Path<String>,
    headers: HeaderMap,
    Filled(form): Filled<pages::marks::Given>,
) -> Response {
    if !has_seen(&headers) {
        return (StatusCode::FORBIDDEN, "read the warning first\n").into_response();
    }
    let next = inside(&shared, form.next.clone());
    let saved = tokio::task::spawn_blocking(move || {
        let site = Site { viewer: &shared.viewer, base: &shared.base };
        pages::marks::save(&site, &run, &form).map_err(|error| fault(&site, &error))
    });
    match saved.await {
        Ok(Ok(())) => Redirect::to(&next).into_response(),
        Ok(Err((status, page))) => (status, Html(page)).into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the mark was not saved\n").into_response(),
    }
}

#[derive(Deserialize)]
pub(super) struct Exported {
    #[serde(default)]
    format: String,
    #[serde(default)]
    words: String,
}

/// The trials that were asked for as a file, written as it is read; with what was said only where that is asked for, after the warning.
pub(super) async fn export(
    State(shared): Web,
    Path(run): Path<String>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    Parameters(Exported { format, words }): Parameters<Exported>,
    Parameters(asked): Parameters<Pairs>,
) -> Response {
    let words = if words == "kept" { Words::Kept } else { Words::LeftOut };
    if words == Words::Kept && !has_seen(&headers) {
        let here = here(&shared, &uri);
        return made(shared, move |site| Ok(pages::warning(site, &here))).await;
    }
    let asked = pages::trials::Asked::of(asked);
    let format = match pages::export::Format::of(&format) {
        Ok(format) => format,
        Err(error) => return made(shared, move |_| Err(error)).await,
    };
    let held = Arc::clone(&shared);
    let file = saved::written(move |out| {
        let site = Site { viewer: &held.viewer, base: &held.base };
        pages::export::export(&site, &run, &asked, format, words, out)
    });
    match file.await {
        Ok(body) => {
            let [kind, offered] = format.headers();
            let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, offered)];
            (headers, body).into_response()
        }
        Err(error) => made(shared, move |_| Err(error)).await,
    }
}
