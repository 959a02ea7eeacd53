//! The only place that prints.

use serde::Serialize;
use std::io::{IsTerminal, Write};

use trustmh_core::inert;

use crate::failure::Failure;

/// Colours are for terminals, and not where NO_COLOR forbids them (<https://no-color.org>).
pub(crate) fn colour_on_stdout() -> bool {
    stdout_is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Whether stdout is looked at by a person.
pub(crate) fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Columns to fill on stdout.
pub(crate) fn width() -> u16 {
    terminal_size::terminal_size().map_or(100, |(width, _)| width.0.clamp(60, 140))
}

/// Columns of the terminal itself, however wide, and 100 where there is none.
pub(crate) fn terminal_width() -> u16 {
    terminal_size::terminal_size().map_or(100, |(width, _)| width.0.clamp(40, 200))
}

/// Writes text to stdout; whatever in it would act on a terminal is shown as an escape.
pub(crate) fn print(text: &str) {
    print_data(&inert::inert(text));
}

/// Writes a value to stdout as a JSON document.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| {
        Failure::usage(format!("the result cannot be written as JSON: {error}"))
    })?;
    print_json_text(&(text + "\n"));
    Ok(())
}

/// Writes JSON text, a document or lines of them, to stdout. It means the same, and does nothing on
/// a terminal.
pub(crate) fn print_json_text(text: &str) {
    print_data(&inert::json(text));
}

/// Writes text that carries our own colours to stdout; its renderer has made inert what is not
/// ours.
pub(crate) fn print_painted(text: &str) {
    print_data(text);
}

/// Writes to stdout what is data for another program, just as it is. A closed pipe (`trustmh … |
/// head`) is no fault of the user.
pub(crate) fn print_data(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Writes one line to stderr; whatever in it would act on a terminal is shown as an escape.
pub(crate) fn note(text: &str) {
    let mut err = std::io::stderr().lock();
    drop(writeln!(err, "{}", inert::inert(text)));
}

/// Writes one JSON object to stderr.
pub(crate) fn note_json(object: &serde_json::Value) {
    let mut err = std::io::stderr().lock();
    drop(writeln!(err, "{}", inert::json(&object.to_string())));
}

/// Tells what went wrong and what to do about it.
pub(crate) fn say_failure(failure: &Failure) {
    note(&format!("error: {}", failure.message));
    if let Some(hint) = &failure.hint {
        note(&format!("hint: {hint}"));
    }
}
