//! One HTTP call: bounded in time and size, never followed to another host.

mod address;
mod body;
mod credential;
mod headers;
mod tls;

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Client, Response, StatusCode};
use secrecy::SecretString;
use std::error::Error;
use std::time::Duration;

use trustmh_core::proxy::{Proxies, Proxy};

use crate::error::{Flaw, ModelError};
use crate::redact::Redactor;
use headers::{Quotas, quotas, reset_after, retry_after};

pub(crate) use address::Address;
pub use address::is_this_machine;
pub(crate) use body::raw;
pub(crate) use credential::{KeyHeader, key_hint, trimmed};

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

/// Whether a key may travel unencrypted to another machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// It may not: whoever is on the way could read it.
    #[default]
    Refused,
    /// It may: the user says that the network between is theirs.
    Allowed,
}

/// How a server is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// How long a call may take.
    pub timeouts: Timeouts,
    /// Whether a key may go over plain http.
    pub plain_http: PlainHttp,
    /// The proxies on the way; none are looked for elsewhere.
    pub proxies: Proxies,
}

impl From<Timeouts> for Way {
    fn from(timeouts: Timeouts) -> Self {
        Self { timeouts, ..Self::default() }
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
    /// On this machine, which no proxy can reach for us.
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
    /// The proxy that calls go through, as errors name it.
    proxy: Option<String>,
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
    /// What is left of the limits.
    pub(crate) quotas: Quotas,
    pub(crate) body: Vec<u8>,
}

impl Link {
    /// Sets up a client that sends `headers` with every call.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for a key that would travel unencrypted to another machine, unless that is allowed.
    pub(crate) fn new(
        shown: String,
        transport: Transport,
        place: Place,
        headers: HeaderMap,
        way: Way,
        mut redactor: Redactor,
    ) -> Result<Self, ModelError> {
        let Way { timeouts, plain_http, proxies } = way;
        if let (Transport::Plain, Place::Elsewhere, PlainHttp::Refused) =
            (transport, place, plain_http)
            && redactor.knows_a_key()
        {
            return Err(ModelError::configuration(format!(
                "a key would travel to {shown} over plain http, where whoever is on the way can read it; use https, or say --allow-plain-http if \
                 the network between is yours alone; for a server that needs no key, name a variable that is not set with --key-env"
            )));
        }
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
        // Without this reqwest would read the variables of the process by itself.
        let mut builder = builder.no_proxy();
        let proxy = match place {
            Place::Loopback => None,
            Place::Elsewhere => proxies.through(&shown),
        };
        if let Some(proxy) = proxy {
            let through = reqwest::Proxy::all(proxy.address()).map_err(|_| {
                ModelError::configuration(format!("the proxy {} cannot be used", proxy.shown()))
            })?;
            builder = builder.proxy(through);
            redactor.add(&Redactor::of(proxy.secrets().iter().cloned().map(SecretString::from)));
        }
        let proxy = proxy.map(Proxy::shown);
        let client = builder.build().map_err(|error| {
            ModelError::configuration(format!("no HTTP client: {}", chain(&error)))
        })?;
        Ok(Self { client, shown, timeouts, redactor, proxy })
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
        if let (StatusCode::PROXY_AUTHENTICATION_REQUIRED, Some(proxy)) =
            (response.status(), &self.proxy)
        {
            return Err(no_entry(proxy));
        }
        let header = |name: HeaderName| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        Ok(Answer {
            status: response.status(),
            content_type: header(reqwest::header::CONTENT_TYPE),
            location: header(reqwest::header::LOCATION),
            retry_after: retry_after(response.headers()),
            reset_after: reset_after(response.headers()),
            quotas: quotas(response.headers()),
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
        match &self.proxy {
            Some(proxy) if cause.contains(AUTHORIZATION_WANTED) => no_entry(proxy),
            Some(proxy) => {
                let cause = format!("{cause}, through the proxy {proxy}");
                ModelError::Unreachable { endpoint, cause }
            }
            None => ModelError::Unreachable { endpoint, cause },
        }
    }
}

/// How the client words that a tunnel is refused for want of credentials.
const AUTHORIZATION_WANTED: &str = "proxy authorization required";

fn no_entry(proxy: &str) -> ModelError {
    ModelError::configuration(format!(
        "the proxy {proxy} wants other credentials, or any: give them in that variable as http://user:password@host:port, with signs such \
         as @ written as %40"
    ))
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
