//! Lines that are drawn anew in the same place on a terminal, below all that is said meanwhile.
//!
//! The cursor rests where the first of them begins: to take them away is to erase all that is below it, whatever has become of them
//! since, as when the window was made narrower and the terminal broke them.

use std::io::{self, Write};

/// To the begin of the line, and everything from there on erased.
const ERASE: &str = "\r\x1b[J";

/// The lines that stand on the terminal.
#[derive(Debug, Default)]
pub(super) struct Drawn(Vec<String>);

impl Drawn {
    /// Nothing.
    pub(super) const NOTHING: Self = Self(Vec::new());

    /// Draws these lines in the place of those that are there. None may be as wide as the terminal.
    pub(super) fn draw(&mut self, lines: Vec<String>, out: &mut impl Write) -> io::Result<()> {
        self.0 = lines;
        self.redraw(out)
    }

    /// Writes what stays, above the lines.
    pub(super) fn above(
        &self,
        out: &mut impl Write,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.0.is_empty() {
            return write(out);
        }
        out.write_all(ERASE.as_bytes())?;
        write(out)?;
        self.redraw(out)
    }

    /// Takes them away; nothing is written where there are none.
    pub(super) fn take_away(&mut self, out: &mut impl Write) -> io::Result<()> {
        match std::mem::take(&mut self.0).is_empty() {
            true => Ok(()),
            false => out.write_all(ERASE.as_bytes()),
        }
    }

    /// In one write, so that nothing flickers.
    fn redraw(&self, out: &mut impl Write) -> io::Result<()> {
        let mut text = format!("{ERASE}{}\r", self.0.join("\n"));
        if let rows @ 1.. = self.0.len().saturating_sub(1) {
            text.push_str(&format!("\x1b[{rows}A"));
        }
        out.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_rests_at_the_first_line_and_words_go_above() {
        let mut drawn = Drawn::NOTHING;
        let mut out = Vec::new();
        drawn.draw(vec!["one".to_owned(), "two".to_owned()], &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\r\x1b[Jone\ntwo\r\x1b[1A");
        let mut out = Vec::new();
        drawn.above(&mut out, |out| writeln!(out, "said")).unwrap();
        let said = String::from_utf8(out).unwrap();
        assert_eq!(said, "\r\x1b[Jsaid\n\r\x1b[Jone\ntwo\r\x1b[1A");
        let mut out = Vec::new();
        drawn.take_away(&mut out).unwrap();
        drawn.take_away(&mut out).unwrap();
        drawn.above(&mut out, |out| writeln!(out, "said")).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\r\x1b[Jsaid\n");
    }
}
