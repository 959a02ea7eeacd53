//! The readers of what comes from elsewhere, on their own: for those who try them with bytes of their making.

use crate::command::read_line;
use crate::error::Flaw;
use crate::meaning::report::Report;
use crate::meaning::{self};
use crate::provider::Provider;
use crate::reading::Body;

/// The text of the reply in a body that came with a status of success; none where it is an error.
///
/// # Errors
/// A [`Flaw`] where there is neither.
pub fn reply(provider: Provider, kind: Option<&str>, body: &[u8]) -> Result<Option<String>, Flaw> {
    let body = Body::read(body, kind)?;
    Ok(provider.dialect().read(&body)?.text())
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
