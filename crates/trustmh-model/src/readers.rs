//! The readers of what comes from elsewhere, on their own: for those who try them with bytes of their making.

use crate::command::read_line;
use crate::error::Flaw;
use crate::meaning::report::Report;
use crate::meaning::{self};
use crate::openai;
use crate::reading::Body;
use crate::service::Dialect;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// A server of OpenAI's chat completions.
    OpenAi,
    /// A service with a protocol of its own.
    Service(Dialect),
}

impl Speaker {
    /// All there are.
    pub const ALL: [Self; 4] = [
        Self::OpenAi,
        Self::Service(Dialect::Anthropic),
        Self::Service(Dialect::Gemini),
        Self::Service(Dialect::Ollama),
    ];
}

/// The text of the reply in a body that came with a status of success; none where it is an error.
///
/// # Errors
/// A [`Flaw`] where there is neither.
pub fn reply(speaker: Speaker, kind: Option<&str>, body: &[u8]) -> Result<Option<String>, Flaw> {
    let body = Body::read(body, kind)?;
    let outcome = match speaker {
        Speaker::OpenAi => (openai::PROTOCOL.read)(&body)?,
        Speaker::Service(dialect) => (dialect.protocol().read)(&body)?,
    };
    Ok(outcome.text())
}

/// Finds out what a body means that came with another status.
pub fn refusal(status: u16, body: &[u8]) {
    let report = Report::of_body(body, &[]);
    let _ = meaning::of(status, &report, &["temperature".to_owned(), "max_tokens".to_owned()]);
    let _ = meaning::wait(body, &report);
}

/// Reads a line of a program's output after call number `id`; whether it is an answer.
pub fn line(id: u64, line: &[u8]) -> bool {
    read_line(id, line)
}
