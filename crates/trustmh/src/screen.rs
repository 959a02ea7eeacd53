//! The only place that prints.

mod drawn;

use serde::Serialize;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use trustmh_core::inert;

use crate::failure::Failure;
use drawn::Drawn;

/// What is drawn on stderr; whoever prints holds it.
static DRAWN: Mutex<Drawn> = Mutex::new(Drawn::NOTHING);

/// Columns of a terminal that does not say how wide it is.
const USUAL_WIDTH: usize = 80;

/// Colours are for terminals, and not where NO_COLOR forbids them (<https://no-color.org>).
pub(crate) fn colour_on_stdout() -> bool {
    stdout_is_terminal() && allows_colour()
}

/// The same for stderr.
pub(crate) fn colour_on_stderr() -> bool {
    io::stderr().is_terminal() && allows_colour()
}

fn allows_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Whether stderr is a terminal on which a line can be drawn anew.
pub(crate) fn can_draw_on_stderr() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|name| name != "dumb")
}

/// Whether stdout is looked at by a person.
pub(crate) fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Columns to fill on stdout.
pub(crate) fn width() -> u16 {
    terminal_size::terminal_size().map_or(100, |(width, _)| width.0.clamp(60, 140))
}

/// Columns of the terminal that stdout is; none where it is none, and nothing need be cut.
pub(crate) fn terminal_width() -> Option<usize> {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map(|(width, _)| usize::from(width.0)).filter(|width| *width > 0)
}

/// Columns for what ends a run: those of the terminal, however wide, and 100 where there is none.
pub(crate) fn ending_width() -> u16 {
    let columns = terminal_width().unwrap_or(100).clamp(40, 200);
    u16::try_from(columns).unwrap_or(100)
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
    let drawn = drawn();
    let mut out = io::stdout().lock();
    // Both may be the same terminal.
    drop(drawn.above(&mut io::stderr().lock(), |_| {
        out.write_all(text.as_bytes()).and_then(|()| out.flush())
    }));
}

/// Writes one line to stderr; whatever in it would act on a terminal is shown as an escape.
pub(crate) fn note(text: &str) {
    note_line(&inert::inert(text));
}

/// Writes one JSON object to stderr.
pub(crate) fn note_json(object: &serde_json::Value) {
    note_line(&inert::json(&object.to_string()));
}

fn note_line(line: &str) {
    drop(drawn().above(&mut io::stderr().lock(), |out| writeln!(out, "{line}")));
}

/// Draws lines on stderr in the place of those drawn before, below all that is said meanwhile.
/// `fitted` makes them; none may be wider than what it is told.
pub(crate) fn draw(fitted: impl FnOnce(usize) -> Vec<String>) {
    let size = terminal_size::terminal_size_of(io::stderr());
    let columns = size.map_or(0, |(width, _)| usize::from(width.0));
    let columns = if columns == 0 { USUAL_WIDTH } else { columns };
    // A line that fills the last column makes some terminals begin another.
    let lines = fitted(columns.saturating_sub(1));
    drop(drawn().draw(lines, &mut io::stderr().lock()));
}

/// Takes away what was drawn.
pub(crate) fn undraw() {
    drop(drawn().take_away(&mut io::stderr().lock()));
}

fn drawn() -> MutexGuard<'static, Drawn> {
    DRAWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells what went wrong and what to do about it.
pub(crate) fn say_failure(failure: &Failure) {
    note(&format!("error: {}", failure.message));
    if let Some(hint) = &failure.hint {
        note(&format!("hint: {hint}"));
    }
}
