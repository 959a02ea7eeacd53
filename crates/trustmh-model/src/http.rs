//! One HTTP call: bounded in time and size, never followed to another host.

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Client, Response, StatusCode};
use std::error::Error;
use std::time::Duration;

use crate::error::{Flaw, ModelError};
use crate::meaning::wait::spoken;
use crate::redact::Redactor;
use crate::tls;

/// The most that is read of a response.
pub(crate) const BODY_LIMIT: usize = 8 * 1024 * 1024;

const REDIRECTS: usize = 3;

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the answer begins; none for no bound but that of the whole call.
    pub first_byte: Option<Duration>,
    /// From the first byte sent to the last one received.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), first_byte: None, total: Duration::from_secs(300) }
    }
}

/// Whether the way to a server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// https
    Encrypted,
    /// http
    Plain,
}

/// Where a server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On this machine, where no proxy can reach it for us.
    Loopback,
    /// Anywhere else.
    Elsewhere,
}

/// A way to one server.
#[derive(Debug)]
pub(crate) struct Link {
    client: Client,
    /// The address as errors name it.
    shown: String,
    timeouts: Timeouts,
    redactor: Redactor,
}

/// What came back, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// When a limit ends that is spent, where no more is said.
    pub(crate) reset_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

impl Link {
    /// Sets up a client that sends `headers` with every call.
    pub(crate) fn new(
        shown: String,
        transport: Transport,
        place: Place,
        headers: HeaderMap,
        timeouts: Timeouts,
        redactor: Redactor,
    ) -> Result<Self, ModelError> {
        let config = match transport {
            Transport::Encrypted => tls::platform()?,
            Transport::Plain => tls::nobody()?,
        };
        let builder = Client::builder()
            .tls_backend_preconfigured(config)
            .user_agent(concat!("trustmh/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(Policy::custom(same_origin))
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total);
        let builder = match place {
            Place::Loopback => builder.no_proxy(),
            Place::Elsewhere => builder,
        };
        let client = builder.build().map_err(|error| {
            ModelError::configuration(format!("no HTTP client: {}", chain(&error)))
        })?;
        Ok(Self { client, shown, timeouts, redactor })
    }

    /// The address as errors name it.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Strikes out the keys that `more` knows, too.
    pub(crate) fn strike_out(&mut self, more: &Redactor) {
        self.redactor.add(more);
    }

    /// Strikes out this server's key.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Posts a JSON body and reads the whole answer, whatever its status.
    pub(crate) async fn post(&self, url: &str, body: String) -> Result<Answer, ModelError> {
        let request = self
            .client
            .post(url)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .header(reqwest::header::ACCEPT, "application/json")
            .body(body);
        let mut response = self.begun(request.send()).await?;
        let header = |name: HeaderName| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        Ok(Answer {
            status: response.status(),
            content_type: header(reqwest::header::CONTENT_TYPE),
            location: header(reqwest::header::LOCATION),
            retry_after: retry_after(response.headers()),
            reset_after: reset_after(response.headers()),
            body: self.read(&mut response).await?,
        })
    }

    /// Waits for the answer to begin.
    async fn begun(
        &self,
        sent: impl Future<Output = Result<Response, reqwest::Error>>,
    ) -> Result<Response, ModelError> {
        let response = match self.timeouts.first_byte {
            Some(after) => tokio::time::timeout(after, sent)
                .await
                .map_err(|_| ModelError::Timeout { endpoint: self.shown.clone(), after })?,
            None => sent.await,
        };
        response.map_err(|error| self.broken(error))
    }

    async fn read(&self, response: &mut Response) -> Result<Vec<u8>, ModelError> {
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= BODY_LIMIT => {
                    body.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => {
                    let what = Flaw::TooLarge { limit: BODY_LIMIT };
                    return Err(self.unusable(what, &body));
                }
                Ok(None) => return Ok(body),
                Err(error) if error.is_timeout() => return Err(self.broken(error)),
                // The connection broke after all was said.
                Err(_) if is_whole(&body) => return Ok(body),
                Err(_) => return Err(self.unusable(Flaw::CutOff, &body)),
            }
        }
    }

    fn unusable(&self, what: Flaw, body: &[u8]) -> ModelError {
        // Room for the excerpt and for the longest key that could begin in it.
        let start = body.get(..16 * 1024).unwrap_or(body);
        let excerpt = self.redactor.excerpt(&String::from_utf8_lossy(start));
        ModelError::BadResponse { from: self.shown.clone(), what, excerpt }
    }

    fn broken(&self, error: reqwest::Error) -> ModelError {
        let endpoint = self.shown.clone();
        if error.is_timeout() && !error.is_connect() {
            return ModelError::Timeout { endpoint, after: self.timeouts.total };
        }
        // The URL may carry a query that is nobody's business.
        let cause = self.redactor.excerpt(&chain(&error.without_url()));
        ModelError::Unreachable { endpoint, cause }
    }
}

/// Follows only what repeats the request (307, 308) to the same scheme, host and port. Elsewhere the
/// key must not go, and other redirects would turn the call into a GET.
fn same_origin(attempt: Attempt<'_>) -> Action {
    let repeats = matches!(attempt.status().as_u16(), 307 | 308);
    let same =
        attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
    if repeats && same && attempt.previous().len() <= REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// An error and what lies under it, the deepest last; reqwest's own texts only say where it broke.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        source = cause.source();
    }
    text
}

/// Whether a body that broke off is a whole one all the same.
fn is_whole(body: &[u8]) -> bool {
    let body = body.trim_ascii_end();
    let json =
        body.ends_with(b"}") && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok();
    json || body.ends_with(b"[DONE]")
}

/// When the server wants to be asked again: `retry-after-ms`, or `retry-after` in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = |text: &str| text.parse::<f64>().ok();
    let from = |seconds: f64| Duration::try_from_secs_f64(seconds).ok();
    let millis = ["retry-after-ms", "x-ms-retry-after-ms"].into_iter().find_map(text);
    if let Some(wait) = millis.and_then(seconds).and_then(|ms| from(ms / 1000.0)) {
        return Some(wait);
    }
    let value = ["retry-after", "x-retry-after"].into_iter().find_map(text)?;
    seconds(value).map_or_else(|| until(value).or_else(|| spoken(value)), from)
}

/// When the limits end that are spent: of requests or tokens, as a span, a moment, or seconds from now or from 1970.
fn reset_after(headers: &HeaderMap) -> Option<Duration> {
    const LIMITS: [(&str, &str); 6] = [
        ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
        ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
        ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
        ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
        ("x-ratelimit-remaining", "x-ratelimit-reset"),
        ("ratelimit-remaining", "ratelimit-reset"),
    ];
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let waits = LIMITS.into_iter().filter_map(|(left, reset)| {
        let spent = text(left).is_none_or(|left| left.parse::<f64>().is_ok_and(|left| left <= 0.0));
        text(reset).filter(|_| spent).and_then(moment)
    });
    waits.max()
}

/// A moment to come: seconds or milliseconds since 1970, seconds from now, a span or a date.
fn moment(text: &str) -> Option<Duration> {
    const YEAR_2001: f64 = 1.0e9;
    let Ok(number) = text.parse::<f64>() else {
        let date = text.parse::<jiff::Timestamp>().ok().map(from_now);
        return date.or_else(|| until(text)).or_else(|| spoken(text));
    };
    let seconds = if number >= YEAR_2001 * 1000.0 { number / 1000.0 } else { number };
    if seconds < YEAR_2001 {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let now = jiff::Timestamp::now().as_millisecond() as f64 / 1000.0;
    Duration::try_from_secs_f64((seconds - now).max(0.0)).ok()
}

/// From now until an HTTP date; none if it is no date, zero if it is past.
fn until(date: &str) -> Option<Duration> {
    let then = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(from_now(then))
}

fn from_now(then: jiff::Timestamp) -> Duration {
    Duration::try_from(then.duration_since(jiff::Timestamp::now())).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wait(name: &'static str, value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        retry_after(&headers)
    }

    #[test]
    fn retry_after_takes_seconds_milliseconds_and_dates() {
        assert_eq!(wait("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("retry-after", "0.5"), Some(Duration::from_millis(500)));
        assert_eq!(wait("retry-after-ms", "250"), Some(Duration::from_millis(250)));
        assert_eq!(wait("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let far = wait("retry-after", "Thu, 21 Oct 2100 07:28:00 GMT").unwrap();
        assert!(far > Duration::from_secs(1_000_000));
        assert_eq!(wait("retry-after", "soon"), None);
        assert_eq!(wait("retry-after", "-3"), None);
        assert_eq!(wait("retry-after", "NaN"), None);
    }

    #[test]
    fn a_spent_limit_tells_when_it_ends() {
        let reset = |fields: &[(&'static str, String)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.insert(*name, value.parse().unwrap());
            }
            reset_after(&headers)
        };
        let spent = |left: &str, span: &str| {
            reset(&[
                ("x-ratelimit-remaining-requests", left.to_owned()),
                ("x-ratelimit-reset-requests", span.to_owned()),
            ])
        };
        assert_eq!(spent("0", "1m2s"), Some(Duration::from_secs(62)));
        assert_eq!(spent("7", "1m2s"), None);
        let soon = jiff::Timestamp::now().as_millisecond() + 30_000;
        for value in [soon.to_string(), (soon / 1000).to_string(), "30".to_owned()] {
            let wait = reset(&[("x-ratelimit-reset", value.clone())]).unwrap();
            assert!((25..=30).contains(&wait.as_secs()), "{value}: {wait:?}");
        }
    }

    proptest! {
        #[test]
        fn retry_after_takes_any_text(value in "[ -~]{0,40}") {
            let _ = wait("retry-after", &value);
        }
    }
}
