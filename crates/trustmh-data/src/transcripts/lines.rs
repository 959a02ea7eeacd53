//! Lines of a stream, numbered, none of them held beyond a bound.

use std::io::{self, BufRead, BufReader, Read};

/// The most bytes of a line, or of any other record, that are held.
pub(super) const MOST: usize = 16 << 20;

/// A line, with what ends it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// All of it.
    Whole(Vec<u8>),
    /// Too long to be held.
    TooLong,
}

/// The lines of a stream.
pub(super) struct Lines<R> {
    from: BufReader<R>,
    most: usize,
    number: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(from: R) -> Self {
        Self::of_at_most(from, MOST)
    }

    pub(super) fn of_at_most(from: R, most: usize) -> Self {
        Self { from: BufReader::with_capacity(256 << 10, from), most, number: 0 }
    }

    /// The next line and its number.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Line)>> {
        let mut line = Vec::new();
        let (mut is_long, mut has_any, mut has_ended) = (false, false, false);
        while !has_ended {
            let ready = self.from.fill_buf()?;
            if ready.is_empty() {
                break;
            }
            has_any = true;
            let end = ready.iter().position(|byte| *byte == b'\n');
            has_ended = end.is_some();
            let count = end.map_or(ready.len(), |end| end + 1);
            if line.len() + count > self.most {
                is_long = true;
                line = Vec::new();
            }
            if !is_long {
                line.extend_from_slice(ready.get(..count).unwrap_or_default());
            }
            self.from.consume(count);
        }
        if !has_any {
            return Ok(None);
        }
        self.number += 1;
        if self.number == 1 && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        let line = if is_long { Line::TooLong } else { Line::Whole(line) };
        Ok(Some((self.number, line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], most: usize) -> Vec<(u64, Line)> {
        let mut lines = Lines::of_at_most(bytes, most);
        std::iter::from_fn(|| lines.next().unwrap()).collect()
    }

    #[test]
    fn lines_are_numbered_and_long_ones_are_not_held() {
        let whole = |text: &str| Line::Whole(text.as_bytes().to_vec());
        assert_eq!(
            all(b"\xEF\xBB\xBFa\r\n\nlonger than that\nb", 6),
            [(1, whole("a\r\n")), (2, whole("\n")), (3, Line::TooLong), (4, whole("b"))]
        );
        assert_eq!(all(b"", 4), []);
        assert_eq!(all(b"a\n", 4), [(1, whole("a\n"))]);
    }
}
