//! What a request asks for; what cannot be read is answered by a page.

use axum::extract::{Form, FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;

use crate::error::ViewError;
use crate::pages::{self, Site};
use crate::server::Shared;

/// So long a form may take to arrive.
const FORM: Duration = Duration::from_secs(10);

/// The parameters of an address.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Shared>> for Parameters<T> {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        shared: &Arc<Shared>,
    ) -> Result<Self, Self::Rejection> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(read)) => Ok(Self(read)),
            Err(rejection) => Err(page(shared, StatusCode::BAD_REQUEST, &rejection.body_text())),
        }
    }
}

/// The fields of a form.
pub(crate) struct Filled<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Shared>> for Filled<T> {
    type Rejection = Response;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Self::Rejection> {
        match tokio::time::timeout(FORM, Form::from_request(request, shared)).await {
            Ok(Ok(Form(read))) => Ok(Self(read)),
            Ok(Err(rejection)) => Err(page(shared, rejection.status(), &rejection.body_text())),
            Err(_) => Err(page(shared, StatusCode::REQUEST_TIMEOUT, "the form did not arrive")),
        }
    }
}

fn page(shared: &Shared, status: StatusCode, why: &str) -> Response {
    let site = Site { viewer: &shared.viewer, base: &shared.base };
    let page = pages::fault(&site, &ViewError::Form(why.to_owned()));
    (status, Html(page)).into_response()
}
