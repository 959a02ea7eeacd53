//! Who may ask, and what pages may do.

use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, ORIGIN, REFERRER_POLICY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use subtle::ConstantTimeEq;

/// Pages carry no script and no style of their own, and fetch nothing from elsewhere; the viewer's own scripts ask the viewer alone.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'; connect-src 'self'";

/// Where a request comes from, as browsers say (Fetch Metadata, <https://www.w3.org/TR/fetch-metadata/>).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The part of every address that nobody can guess.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// From 32 random bytes.
    pub fn of(random: [u8; 32]) -> Self {
        Self(random.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// One that was written down: 64 hexadecimal digits. None for anything else.
    pub fn written(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 64 && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// As it stands in addresses.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who may reach the viewer.
pub enum Access {
    /// Programs on this machine that know the token. The host named in a request must be this address.
    Loopback(SocketAddr),
    /// Whoever knows the token and the password, which travels as HTTP Basic authentication.
    Password(String),
}

/// What every request is checked by.
pub(crate) struct Guard {
    token: Token,
    /// Leads to the pages a single time.
    once: Mutex<Option<Token>>,
    access: Access,
}

/// Refuses what may not pass, and puts the headers on what goes out.
pub(crate) async fn guarded(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match guard.refusal(&request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 6] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

impl Guard {
    pub(crate) fn new(token: Token, once: Option<Token>, access: Access) -> Self {
        Self { token, once: Mutex::new(once), access }
    }

    /// Whether this is the token that works once; from now on it does not.
    fn takes_once(&self, given: &str) -> bool {
        let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = once.as_ref().is_some_and(|once| equal(given, once.as_str()));
        if fits {
            *once = None;
        }
        fits
    }

    fn refusal(&self, request: &Request) -> Option<Response> {
        let headers = request.headers();
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(HOST).unwrap_or_default();
        // A request names its host once, and its address names no other (RFC 9112, 3.2).
        let elsewhere = request.uri().authority().is_some_and(|named| named.as_str() != host);
        if headers.get_all(HOST).iter().count() > 1 || elsewhere {
            return Some((StatusCode::MISDIRECTED_REQUEST, "wrong host\n").into_response());
        }
        match &self.access {
            Access::Loopback(address) if !names_loopback(host, address.port()) => {
                return Some((StatusCode::MISDIRECTED_REQUEST, "wrong host\n").into_response());
            }
            Access::Loopback(_) => {}
            Access::Password(password) => {
                let given = text(AUTHORIZATION).and_then(basic_password).unwrap_or_default();
                if !equal(&given, password) {
                    let ask = [(WWW_AUTHENTICATE, "Basic realm=\"trustmh\", charset=\"UTF-8\"")];
                    let refusal = (StatusCode::UNAUTHORIZED, ask, "a password is needed\n");
                    return Some(refusal.into_response());
                }
            }
        }
        let token = request.uri().path().split('/').nth(1).unwrap_or_default();
        if !equal(token, self.token.as_str()) {
            if request.method() == Method::GET && self.takes_once(token) {
                return Some(Redirect::to(&format!("/{}/", self.token.as_str())).into_response());
            }
            return Some((StatusCode::NOT_FOUND, "there is nothing here\n").into_response());
        }
        // Forms of other sites are refused even if they guessed the address; so are those of frames without an origin (`null`).
        let own = |origin: &str| origin.split_once("://").is_some_and(|(_, named)| named == host);
        let origins: Vec<_> = headers.get_all(ORIGIN).iter().collect();
        let foreign = origins.iter().any(|origin| !origin.to_str().is_ok_and(own));
        let from_elsewhere =
            text(FETCH_SITE).is_some_and(|site| !["same-origin", "none"].contains(&site));
        let is_read = [Method::GET, Method::HEAD].contains(request.method());
        let foreign_form = !is_read && (foreign || from_elsewhere);
        foreign_form.then(|| (StatusCode::FORBIDDEN, "a form of another site\n").into_response())
    }
}

fn names_loopback(host: &str, port: u16) -> bool {
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| host == format!("{name}:{port}"))
}

fn equal(given: &str, wanted: &str) -> bool {
    given.as_bytes().ct_eq(wanted.as_bytes()).into()
}

/// The password of an `Authorization: Basic` header; whatever user is named.
fn basic_password(header: &str) -> Option<String> {
    let encoded = header.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

/// The cookie that says that the warning was read.
pub(crate) const SEEN: &str = "trustmh_seen";

pub(crate) fn has_seen(headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).any(|cookie| cookie.trim() == format!("{SEEN}=1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_read_from_the_header() {
        // printf 'any:open sesame é' | base64
        assert_eq!(
            basic_password("Basic YW55Om9wZW4gc2VzYW1lIMOp").as_deref(),
            Some("open sesame é")
        );
        assert_eq!(basic_password("Basic !!!"), None);
        assert_eq!(basic_password("Bearer YW55"), None);
    }

    #[test]
    fn a_token_that_was_written_down_is_one_or_none() {
        let token = Token::of([0xa7; 32]);
        assert!(Token::written(token.as_str()) == Some(token.clone()));
        for text in ["", "a7", &token.as_str().to_uppercase(), &format!("{}\n", token.as_str())] {
            assert!(Token::written(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_works_once_does_not_work_twice() {
        let (token, once) = (Token::of([1; 32]), Token::of([2; 32]));
        let guard = Guard::new(token.clone(), Some(once.clone()), Access::Password(String::new()));
        assert!(!guard.takes_once(token.as_str()) && !guard.takes_once(""));
        assert!(guard.takes_once(once.as_str()) && !guard.takes_once(once.as_str()));
    }

    #[test]
    fn only_this_machine_is_this_machine() {
        assert!(names_loopback("127.0.0.1:80", 80) && names_loopback("localhost:80", 80));
        assert!(
            !names_loopback("127.0.0.1.evil.example:80", 80) && !names_loopback("localhost", 80)
        );
        assert!(!names_loopback("localhost:81", 80) && !names_loopback("", 80));
    }
}
