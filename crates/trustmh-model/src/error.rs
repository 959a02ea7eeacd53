//! What can go wrong with a model, and what may be done about it.

use serde::{Deserialize, Serialize};
use std::time::Duration;

use trustmh_core::call::CallKey;

/// A call that brought no reply. No text in it holds a credential, and excerpts are short.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Nobody answered, or the connection broke.
    #[error("{endpoint} cannot be reached: {cause}")]
    Unreachable {
        /// The base URL.
        endpoint: String,
        /// What the network says.
        cause: String,
    },
    /// No whole answer came in time.
    #[error("{endpoint} did not answer within {} s", after.as_secs_f64())]
    Timeout {
        /// The base URL.
        endpoint: String,
        /// How long was waited.
        after: Duration,
    },
    /// Too many requests (429).
    #[error("{endpoint} limits the rate{}: {excerpt}", asked(*retry_after))]
    RateLimited {
        /// The base URL.
        endpoint: String,
        /// When the server wants to be asked again.
        retry_after: Option<Duration>,
        /// Start of what the server says.
        excerpt: String,
    },
    /// The server is at fault (5xx), or wants the request again (408, 409).
    #[error("{endpoint} failed with status {status}: {body_excerpt}")]
    Server {
        /// The base URL.
        endpoint: String,
        /// The HTTP status.
        status: u16,
        /// When the server wants to be asked again.
        retry_after: Option<Duration>,
        /// Start of what the server says.
        body_excerpt: String,
    },
    /// The key is missing, wrong, or may not do this (401, 403).
    #[error("{endpoint} refuses the credentials (status {status}): {excerpt}; {hint}")]
    Unauthorized {
        /// The base URL.
        endpoint: String,
        /// The HTTP status.
        status: u16,
        /// Start of what the server says.
        excerpt: String,
        /// What to do, naming the environment variable that holds the key.
        hint: String,
    },
    /// The account has no credit left (402, or 429 with `insufficient_quota`).
    #[error("{endpoint} has no credit left for this account (status {status}): {excerpt}")]
    NoCredit {
        /// The base URL.
        endpoint: String,
        /// The HTTP status.
        status: u16,
        /// Start of what the server says.
        excerpt: String,
    },
    /// There is no such model, or no chat endpoint below the base URL (404, 405, 410).
    #[error(
        "{endpoint} has no model `{model}`, or is no base URL of an OpenAI-compatible server (status {status}): {excerpt}"
    )]
    NotFound {
        /// The base URL.
        endpoint: String,
        /// The model's name as sent.
        model: String,
        /// The HTTP status.
        status: u16,
        /// Start of what the server says.
        excerpt: String,
    },
    /// The server sends the call elsewhere (3xx), where a key must not follow unasked.
    #[error(
        "{endpoint} redirects to {to} (status {status}); if that is right, make it the base URL"
    )]
    Redirected {
        /// The base URL.
        endpoint: String,
        /// The HTTP status.
        status: u16,
        /// Scheme, host and path it names.
        to: String,
    },
    /// The server does not take this request (400, 422 and other 4xx).
    #[error("the request was refused (status {status}): {message}")]
    BadRequest {
        /// The HTTP status.
        status: u16,
        /// Start of what the server says.
        message: String,
    },
    /// The answer is no chat completion.
    #[error("the response is no chat completion: {what}; it begins with: {excerpt}")]
    BadResponse {
        /// What is wrong with it.
        what: Flaw,
        /// Its start.
        excerpt: String,
    },
    /// The model ended without saying anything.
    #[error("the reply is empty")]
    EmptyReply,
    /// The conversation does not fit the model.
    #[error("the prompt has {tokens} tokens; the model takes {limit}")]
    PromptTooLong {
        /// Tokens asked for, prompt and reply where the provider adds them up.
        tokens: u64,
        /// Tokens the model takes.
        limit: u64,
    },
    /// A replayed run holds no reply to this call.
    #[error("the replayed run holds no reply to call {key}")]
    NotRecorded {
        /// The call's key under the recorded model.
        key: CallKey,
    },
    /// A scripted model has nothing to go by.
    #[error("{message}")]
    Script {
        /// Which one, and why.
        message: String,
    },
    /// A model in this process failed.
    #[error("the local model failed: {message}")]
    Local {
        /// What it says.
        message: String,
    },
    /// A worker made the call elsewhere, and no reply came.
    #[error("at worker {worker}: {message}")]
    Remote {
        /// Which worker.
        worker: String,
        /// What it says.
        message: String,
        /// What may be done about it.
        fault: RemoteFault,
    },
    /// A name, endpoint or key that cannot be used; nothing was called.
    #[error("{message}")]
    Configuration {
        /// What is wrong, and what would be right.
        message: String,
    },
}

/// What makes a response no chat completion.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Not JSON, and not said to be.
    #[error("its content type is `{0}`, not JSON")]
    ContentType(String),
    /// Longer than is read.
    #[error("it is longer than {limit} bytes")]
    TooLarge {
        /// The most that is read.
        limit: usize,
    },
    /// It ends too early.
    #[error("it is cut off")]
    CutOff,
    /// Not the JSON of a chat completion.
    #[error("{0}")]
    Json(String),
    /// A chat completion without any choice.
    #[error("it holds no choice")]
    NoChoice,
    /// An error where a chat completion was due, with a status of success.
    #[error("it reports an error")]
    ReportsError,
}

/// What may be done about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The same call may work later.
    Transient {
        /// When the server wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// No call of this run can work: stop.
    Permanent,
    /// This call cannot work; others may.
    ThisCallOnly,
}

/// What a worker says may be done about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemoteFault {
    /// Nobody answered at the endpoint.
    Unreachable,
    /// The same call may work later.
    Transient,
    /// No call of this run can work.
    Permanent,
    /// This call cannot work; others may.
    ThisCallOnly,
}

impl From<&ModelError> for RemoteFault {
    fn from(error: &ModelError) -> Self {
        match error.fault() {
            _ if error.is_unreachable() => Self::Unreachable,
            Fault::Transient { .. } => Self::Transient,
            Fault::Permanent => Self::Permanent,
            Fault::ThisCallOnly => Self::ThisCallOnly,
        }
    }
}

impl ModelError {
    /// Whether nobody was there to answer.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Remote { fault: RemoteFault::Unreachable, .. }
        )
    }

    /// What may be done about it.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::EmptyReply => {
                Fault::Transient { retry_after: None }
            }
            Self::RateLimited { retry_after, .. } | Self::Server { retry_after, .. } => {
                Fault::Transient { retry_after: *retry_after }
            }
            Self::Remote { fault, .. } => match fault {
                RemoteFault::Unreachable | RemoteFault::Transient => {
                    Fault::Transient { retry_after: None }
                }
                RemoteFault::Permanent => Fault::Permanent,
                RemoteFault::ThisCallOnly => Fault::ThisCallOnly,
            },
            Self::BadResponse { what: Flaw::TooLarge { .. }, .. } => Fault::ThisCallOnly,
            // Gateways that restart answer with pages and halves.
            Self::BadResponse { .. } => Fault::Transient { retry_after: None },
            Self::Unauthorized { .. }
            | Self::NoCredit { .. }
            | Self::NotFound { .. }
            | Self::Redirected { .. }
            | Self::Configuration { .. } => Fault::Permanent,
            Self::BadRequest { .. }
            | Self::PromptTooLong { .. }
            | Self::NotRecorded { .. }
            | Self::Script { .. }
            | Self::Local { .. } => Fault::ThisCallOnly,
        }
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::Configuration { message: message.into() }
    }
}

fn asked(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| format!(" for {} s", wait.as_secs_f64()))
}
