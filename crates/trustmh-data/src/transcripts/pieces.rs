//! Records of a JSON text that is no JSON lines: the elements of its outermost list, or its only value. They are parted by
//! brackets and quotes alone, so that a broken one does not take those behind it along.

use std::io::{self, BufReader, Read};

use super::lines::{Line, Lines, MOST};

/// Where one is in a JSON text.
#[derive(Debug, Default, Clone, Copy)]
struct Depth {
    brackets: usize,
    in_string: bool,
    escaped: bool,
}

impl Depth {
    /// Goes over a byte.
    fn step(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_string => self.escaped = true,
            b'"' => self.in_string = !self.in_string,
            _ if self.in_string => {}
            b'{' | b'[' => self.brackets += 1,
            b'}' | b']' => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
    }

    /// Whether the byte stands between records, or behind the end of the list; a mark at the beginning does, too.
    fn is_between(self, byte: u8) -> bool {
        let is_parting =
            byte.is_ascii_whitespace() || matches!(byte, b',' | b']') || !byte.is_ascii();
        self.brackets == 0 && !self.in_string && is_parting
    }
}

/// Where the first value of a text ends, if it does.
pub(super) fn end(text: &str) -> Option<usize> {
    let mut depth = Depth::default();
    let ends = |byte: u8| {
        depth.step(byte);
        depth.brackets == 0 && !depth.in_string && matches!(byte, b'}' | b']')
    };
    text.bytes().position(ends).map(|last| last + 1)
}

/// What a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One record a line.
    Lines,
    /// A list of records.
    List,
    /// One record over several lines, or several such.
    Values,
}

/// The records of a JSON text.
pub(super) enum Pieces<R> {
    /// One a line.
    Lines(Lines<R>),
    /// Parted by brackets.
    Bracketed(Bracketed<R>),
}

impl<R: Read> Pieces<R> {
    pub(super) fn new(from: R, shape: Shape) -> Self {
        let bracketed = |from, begins| {
            let from = BufReader::with_capacity(256 << 10, from).bytes();
            Self::Bracketed(Bracketed { from, line: 1, begins })
        };
        match shape {
            Shape::Lines => Self::Lines(Lines::new(from)),
            Shape::List => bracketed(from, Begins::WithList),
            Shape::Values => bracketed(from, Begins::Here),
        }
    }

    /// The next record that is not blank, and the line on which it begins.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Line)>> {
        match self {
            Self::Lines(lines) => loop {
                match lines.next()? {
                    Some((_, Line::Whole(line))) if line.trim_ascii().is_empty() => {}
                    next => return Ok(next),
                }
            },
            Self::Bracketed(bracketed) => bracketed.next(),
        }
    }
}

/// Where records begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    /// Behind the bracket that opens the list.
    WithList,
    /// Anywhere.
    Here,
}

/// Records parted by brackets. Such a text may be one line, however long.
pub(super) struct Bracketed<R> {
    from: io::Bytes<BufReader<R>>,
    line: u64,
    begins: Begins,
}

impl<R: Read> Bracketed<R> {
    fn next(&mut self) -> io::Result<Option<(u64, Line)>> {
        let mut piece = Vec::new();
        let (mut first, mut depth, mut is_long) = (None, Depth::default(), false);
        while let Some(byte) = self.from.next().transpose()? {
            let line = self.line;
            self.line += u64::from(byte == b'\n');
            if self.begins == Begins::WithList {
                self.begins = if byte == b'[' { Begins::Here } else { Begins::WithList };
                continue;
            }
            if depth.is_between(byte) {
                match first {
                    Some(_) => break,
                    None => continue,
                }
            }
            first.get_or_insert(line);
            depth.step(byte);
            is_long |= piece.len() >= MOST;
            if is_long {
                piece = Vec::new();
            } else {
                piece.push(byte);
            }
            if depth.brackets == 0 && !depth.in_string && matches!(byte, b'}' | b']') {
                break;
            }
        }
        let whole = if is_long { Line::TooLong } else { Line::Whole(piece) };
        Ok(first.map(|line| (line, whole)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, shape: Shape) -> Vec<(u64, String)> {
        let mut pieces = Pieces::new(text.as_bytes(), shape);
        let next = || match pieces.next().unwrap()? {
            (line, Line::Whole(bytes)) => Some((line, String::from_utf8(bytes).unwrap())),
            (line, Line::TooLong) => Some((line, "too long".to_owned())),
        };
        std::iter::from_fn(next).collect()
    }

    fn wanted(pieces: &[(u64, &str)]) -> Vec<(u64, String)> {
        pieces.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
    }

    #[test]
    fn a_list_is_parted_wherever_its_lines_end() {
        let text =
            "\u{feff}[\r\n {\"a\": \"]},{\\\"\"},\n\n{\"b\":\n[1, 2]} , broken}, {\"c\": 3}]\n";
        let pieces = [
            (2, "{\"a\": \"]},{\\\"\"}"),
            (4, "{\"b\":\n[1, 2]}"),
            (5, "broken}"),
            (5, "{\"c\": 3}"),
        ];
        assert_eq!(all(text, Shape::List), wanted(&pieces));
        assert_eq!(all("[]", Shape::List), []);
    }

    #[test]
    fn values_stand_one_after_another() {
        let text = "{\n\"a\": 1\n}\n{\"b\": 2}";
        assert_eq!(all(text, Shape::Values), wanted(&[(1, "{\n\"a\": 1\n}"), (4, "{\"b\": 2}")]));
        assert_eq!(all("a\n\n b\n", Shape::Lines), wanted(&[(1, "a\n"), (3, " b\n")]));
    }

    #[test]
    fn a_record_of_a_list_that_is_too_long_is_passed_over() {
        let text = format!("[{{\"a\": \"{}\"}}, {{\"b\": 2}}]", "x".repeat(MOST));
        assert_eq!(all(&text, Shape::List), wanted(&[(1, "too long"), (1, "{\"b\": 2}")]));
    }
}
