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
    /// The server is at fault (5xx), or wants the request again (408, 409, 425).
    #[error("{endpoint} failed{}: {body_excerpt}", of_status(*status))]
    Server {
        /// The base URL.
        endpoint: String,
        /// The HTTP status; none of an error that came with a status of success and names no other.
        status: Option<u16>,
        /// When the server wants to be asked again.
        retry_after: Option<Duration>,
        /// Start of what the server says.
        body_excerpt: String,
    },
    /// The key is missing, wrong, or may not do this (401, 403).
    #[error("{endpoint} refuses the credentials{}: {excerpt}; {hint}", of_status(*status))]
    Unauthorized {
        /// The base URL.
        endpoint: String,
        /// The HTTP status; none of an error that came with a status of success and names no other.
        status: Option<u16>,
        /// Start of what the server says.
        excerpt: String,
        /// What to do, naming the environment variable that holds the key.
        hint: String,
    },
    /// The account has no credit left, or the quota of the day is spent.
    #[error(
        "{endpoint} answers no more calls of this account{}: its credit or quota is spent; add credit, raise the limit, or wait until the quota is renewed, then resume the run. It says: {excerpt}",
        of_status(*status)
    )]
    NoCredit {
        /// The base URL.
        endpoint: String,
        /// The HTTP status; none of an error that came with a status of success and names no other.
        status: Option<u16>,
        /// Start of what the server says.
        excerpt: String,
    },
    /// There is no such model, or nothing that speaks the protocol below the base URL (404, 405, 410).
    #[error(
        "{endpoint} has no model `{model}`, or is no base URL of {protocol}{}: {excerpt}",
        of_status(*status)
    )]
    NotFound {
        /// The base URL.
        endpoint: String,
        /// The protocol that was spoken, for example "an OpenAI-compatible server".
        protocol: &'static str,
        /// The model's name as sent.
        model: String,
        /// The HTTP status; none of an error that came with a status of success and names no other.
        status: Option<u16>,
        /// Start of what the server says.
        excerpt: String,
    },
    /// The server sends the call elsewhere (3xx), where a key must not follow unasked.
    #[error(
        "{endpoint} redirects to {to}{}; if that is right, make it the base URL",
        of_status(*status)
    )]
    Redirected {
        /// The base URL.
        endpoint: String,
        /// The HTTP status; none of an error that came with a status of success and names no other.
        status: Option<u16>,
        /// Scheme, host and path it names.
        to: String,
    },
    /// A parameter of the request is not taken, and there is no way around it.
    #[error(
        "{endpoint} does not take `{field}`, and leaving it out did not help{}: {excerpt}",
        of_status(*status)
    )]
    NotTaken {
        /// The base URL.
        endpoint: String,
        /// The parameter, as it stood in the request.
        field: String,
        /// The HTTP status; none of an error that came with a status of success and names no other.
        status: Option<u16>,
        /// Start of what the server says.
        excerpt: String,
    },
    /// The server does not take this request (400, 422 and other 4xx).
    #[error("the request was refused{}: {message}", of_status(*status))]
    BadRequest {
        /// The HTTP status; none of an error that came with a status of success and names no other.
        status: Option<u16>,
        /// Start of what the server says.
        message: String,
    },
    /// The answer holds no reply.
    #[error("no reply of {from} can be read: {what}; it begins with: {excerpt}")]
    BadResponse {
        /// Who answered, for example "an OpenAI-compatible server", or a program.
        from: String,
        /// What is wrong with it.
        what: Flaw,
        /// Its start.
        excerpt: String,
    },
    /// The conversation does not fit the model.
    #[error("{}", too_long(*size, excerpt.as_deref()))]
    PromptTooLong {
        /// How long it is, where that is known.
        size: Option<Size>,
        /// Start of what the server says, if one said it.
        excerpt: Option<String>,
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
    /// A program says that it cannot answer this call.
    #[error("`{program}` cannot answer this call: {message}")]
    Program {
        /// The program.
        program: String,
        /// What it says.
        message: String,
    },
    /// A function of the process that started this one could not answer this call.
    #[error("{model} failed: {message}")]
    Function {
        /// The model's name, which is that of the function.
        model: String,
        /// The type of the exception and what it says.
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
    /// A stop was asked for before this call could be made, or tried again.
    #[error("the run was stopped before this call was made")]
    Halted,
    /// A name, endpoint or key that cannot be used; nothing was called.
    #[error("{message}")]
    Configuration {
        /// What is wrong, and what would be right.
        message: String,
    },
}

/// How long a conversation is, and how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Tokens asked for, prompt and reply where the provider adds them up.
    pub tokens: u64,
    /// Tokens the model takes.
    pub limit: u64,
}

/// What makes a response no reply.
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
    /// No JSON of the form that is due.
    #[error("{0}")]
    Json(String),
    /// Whole, but without any reply in it.
    #[error("it holds no reply")]
    NoChoice,
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
    /// No call can work, unless others of this endpoint did: then it may be this call's alone, such as the page of a proxy.
    Doubtful,
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
    /// No call can work, unless others of this endpoint did.
    Doubtful,
    /// This call cannot work; others may.
    ThisCallOnly,
    /// The account has no credit left, or the quota of the day is spent.
    NoCredit,
    /// The conversation does not fit the model.
    TooLong,
}

impl From<&ModelError> for RemoteFault {
    fn from(error: &ModelError) -> Self {
        match error.fault() {
            _ if error.is_unreachable() => Self::Unreachable,
            _ if error.is_no_credit() => Self::NoCredit,
            _ if error.is_too_long() => Self::TooLong,
            Fault::Transient { .. } => Self::Transient,
            Fault::Permanent => Self::Permanent,
            Fault::Doubtful => Self::Doubtful,
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

    /// Whether nothing can be paid for any more.
    pub fn is_no_credit(&self) -> bool {
        matches!(self, Self::NoCredit { .. } | Self::Remote { fault: RemoteFault::NoCredit, .. })
    }

    fn is_too_long(&self) -> bool {
        matches!(
            self,
            Self::PromptTooLong { .. } | Self::Remote { fault: RemoteFault::TooLong, .. }
        )
    }

    /// What errors of this kind have in common, whatever the prompt; none for those that say nothing about other calls. Numbers differ from
    /// call to call and count for nothing.
    pub fn likeness(&self) -> Option<String> {
        let alike = match self {
            Self::Unauthorized { .. }
            | Self::NotFound { .. }
            | Self::BadRequest { .. }
            | Self::Function { .. } => true,
            Self::Remote { fault, .. } => {
                matches!(fault, RemoteFault::Doubtful | RemoteFault::ThisCallOnly)
            }
            _ => false,
        };
        let text = match self {
            // Which worker says it makes no difference.
            Self::Remote { message, .. } => message.clone(),
            other => other.to_string(),
        };
        let words =
            text.split_whitespace().filter(|word| !word.contains(|c: char| c.is_ascii_digit()));
        alike.then(|| words.take(30).collect::<Vec<_>>().join(" "))
    }

    /// What may be done about it.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Halted => {
                Fault::Transient { retry_after: None }
            }
            Self::RateLimited { retry_after, .. } | Self::Server { retry_after, .. } => {
                Fault::Transient { retry_after: *retry_after }
            }
            Self::Remote { fault, .. } => match fault {
                RemoteFault::Unreachable | RemoteFault::Transient => {
                    Fault::Transient { retry_after: None }
                }
                RemoteFault::Permanent | RemoteFault::NoCredit => Fault::Permanent,
                RemoteFault::Doubtful => Fault::Doubtful,
                RemoteFault::ThisCallOnly | RemoteFault::TooLong => Fault::ThisCallOnly,
            },
            Self::BadResponse { what: Flaw::TooLarge { .. }, .. } => Fault::ThisCallOnly,
            // Gateways that restart answer with pages and halves.
            Self::BadResponse { .. } => Fault::Transient { retry_after: None },
            Self::Unauthorized { .. } | Self::NotFound { .. } => Fault::Doubtful,
            Self::NoCredit { .. }
            | Self::NotTaken { .. }
            | Self::Redirected { .. }
            | Self::Configuration { .. } => Fault::Permanent,
            Self::BadRequest { .. }
            | Self::PromptTooLong { .. }
            | Self::NotRecorded { .. }
            | Self::Script { .. }
            | Self::Local { .. }
            | Self::Program { .. }
            | Self::Function { .. } => Fault::ThisCallOnly,
        }
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::Configuration { message: message.into() }
    }
}

fn too_long(size: Option<Size>, excerpt: Option<&str>) -> String {
    let sizes = size.map_or_else(String::new, |Size { tokens, limit }| {
        format!(" (it has {tokens} tokens; the model takes {limit})")
    });
    let said = excerpt.map_or_else(String::new, |excerpt| format!(". The server says: {excerpt}"));
    format!(
        "the prompt is too long for the model{sizes}; --context TOKENS leaves out the oldest posts of longer inputs{said}"
    )
}

/// A status, where the error came with one of its own.
fn of_status(status: Option<u16>) -> String {
    status.map_or_else(String::new, |status| format!(" (status {status})"))
}

fn asked(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| format!(" for {} s", wait.as_secs_f64()))
}
