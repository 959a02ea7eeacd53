//! The only place that prints.

use std::io::{IsTerminal, Write};

use crate::failure::Failure;

/// Colours are for terminals, and not where NO_COLOR forbids them (<https://no-color.org>).
pub(crate) fn colour_on_stdout() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Columns to fill on stdout.
pub(crate) fn width() -> u16 {
    terminal_size::terminal_size().map_or(100, |(width, _)| width.0.clamp(60, 140))
}

/// Writes to stdout. A closed pipe (`trustmh … | head`) is no fault of the user.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Writes one line to stderr.
pub(crate) fn note(text: &str) {
    let mut err = std::io::stderr().lock();
    drop(writeln!(err, "{text}"));
}

/// Tells what went wrong and what to do about it.
pub(crate) fn say_failure(failure: &Failure) {
    note(&format!("error: {}", failure.message));
    if let Some(hint) = &failure.hint {
        note(&format!("hint: {hint}"));
    }
}
