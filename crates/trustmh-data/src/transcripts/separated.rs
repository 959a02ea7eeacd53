//! Tables whose cells are parted by commas, tabs, semicolons or bars, and quoted where they hold such signs or line breaks.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::columns::Column;
use super::intake::Intake;
use super::layout::Layout;
use super::lines::{Line, Lines, MOST};
use super::rows::{Ids, Rows};
use super::unread::UnreadReason;
use crate::error::DataError;

/// What may part cells, the likeliest first.
pub(super) const SIGNS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// So many bytes may be gone over again behind quotes without an end: a file of nothing else must not take forever.
const MOST_AGAIN: usize = 256 << 20;

/// The sign that parts cells and where the columns are, by the first line of a table.
pub(super) fn header(line: &str, intake: &Intake<'_>) -> Option<(u8, Layout)> {
    let keep = intake.keep();
    SIGNS.into_iter().find_map(|sign| {
        let mut record = Record::new(sign);
        record.feed(line.trim_start_matches('\u{feff}').trim_end().as_bytes());
        let names = record.ended().into_iter();
        let names: Vec<String> =
            names.map(|name| String::from_utf8_lossy(&name).into_owned()).collect();
        Some((sign, Layout::of(&names, intake.options.map, &keep)?))
    })
}

/// Reads all rows behind the first line.
///
/// # Errors
/// What the system says, and what the taking of a conversation says.
pub(super) fn read(
    from: impl Read,
    sign: u8,
    layout: &Layout,
    intake: &mut Intake<'_>,
    unreadable: &dyn Fn(io::Error) -> DataError,
) -> Result<(), DataError> {
    let has_ids = layout.has(Column::Conversation);
    let mut rows = Rows::new(if has_ids { Ids::There } else { Ids::Missing });
    let mut records = Records {
        lines: Lines::new(from),
        again: VecDeque::new(),
        gone_over: 0,
        sign,
        width: layout.width,
    };
    records.line().map_err(unreadable)?;
    while let Some((line, cells)) = records.next().map_err(unreadable)? {
        match cells.and_then(texts) {
            Ok(texts) => rows.add(line, layout.cells(texts), intake)?,
            Err(reason) => intake.miss(line, reason),
        }
    }
    rows.hand_on(intake)
}

fn texts(cells: Vec<Vec<u8>>) -> Result<Vec<Option<String>>, UnreadReason> {
    let texts = cells.into_iter().map(String::from_utf8);
    texts.map(|text| text.map(Some).map_err(|_| UnreadReason::NotUtf8)).collect()
}

/// The records of a table. Where a quote is never closed, only its own line is lost: those behind it are read anew.
struct Records<R> {
    lines: Lines<R>,
    again: VecDeque<(u64, Line)>,
    gone_over: usize,
    sign: u8,
    width: usize,
}

/// A record's cells, or why it has none, with the line on which it begins.
type Found = (u64, Result<Vec<Vec<u8>>, UnreadReason>);

impl<R: Read> Records<R> {
    fn line(&mut self) -> io::Result<Option<(u64, Line)>> {
        match self.again.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next(),
        }
    }

    fn next(&mut self) -> io::Result<Option<Found>> {
        loop {
            let Some((first, line)) = self.line()? else { return Ok(None) };
            match line {
                Line::TooLong => {
                    return Ok(Some((first, Err(UnreadReason::TooLong { most: MOST as u64 }))));
                }
                Line::Whole(line) if line.trim_ascii().is_empty() => {}
                Line::Whole(line) => return Ok(Some((first, self.record(line)?))),
            }
        }
    }

    /// The record that begins with a line.
    fn record(&mut self, first: Vec<u8>) -> io::Result<Result<Vec<Vec<u8>>, UnreadReason>> {
        let mut record = Record::new(self.sign);
        let mut bytes = first.len();
        record.feed(&first);
        let mut more = Vec::new();
        while record.is_open() {
            let next = if bytes > MOST { None } else { self.line()? };
            let Some((number, line)) = next else { break };
            match line {
                Line::Whole(line) => {
                    bytes += line.len();
                    record.feed(&line);
                    more.push((number, Line::Whole(line)));
                }
                Line::TooLong => {
                    more.push((number, line));
                    break;
                }
            }
        }
        let cells = if record.is_open() {
            Err(UnreadReason::OpenQuote)
        } else {
            fitting(record.ended(), self.width)
        };
        if cells.is_err() && !more.is_empty() && self.gone_over < MOST_AGAIN {
            self.gone_over += bytes;
            more.into_iter().rev().for_each(|line| self.again.push_front(line));
        }
        Ok(cells)
    }
}

/// The cells if there are as many as columns. Empty ones at the end are no cells but commas too many.
fn fitting(mut cells: Vec<Vec<u8>>, width: usize) -> Result<Vec<Vec<u8>>, UnreadReason> {
    while cells.len() > width && cells.last().is_some_and(|last| last.trim_ascii().is_empty()) {
        cells.pop();
    }
    if cells.len() == width {
        Ok(cells)
    } else {
        Err(UnreadReason::Cells { found: cells.len(), expected: width })
    }
}

/// A record as its lines come.
struct Record {
    sign: u8,
    cells: Vec<Vec<u8>>,
    cell: Vec<u8>,
    state: State,
}

/// Where one is in a record (RFC 4180; a quote within a cell that does not begin with one is a sign like others).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the beginning of a cell.
    Start,
    /// In a cell without quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote that closes the cell or doubles the next one.
    Closing,
}

impl Record {
    fn new(sign: u8) -> Self {
        Self { sign, cells: Vec::new(), cell: Vec::new(), state: State::Start }
    }

    /// Whether a quote is open.
    fn is_open(&self) -> bool {
        self.state == State::Quoted
    }

    /// Goes over a line, with what ends it.
    fn feed(&mut self, line: &[u8]) {
        for byte in line {
            self.state = match (self.state, *byte) {
                (State::Start, b'"') | (State::Closing, b'"') => {
                    if self.state == State::Closing {
                        self.cell.push(b'"');
                    }
                    State::Quoted
                }
                (State::Quoted, b'"') => State::Closing,
                (State::Quoted, byte) => {
                    self.cell.push(byte);
                    State::Quoted
                }
                (_, byte) if byte == self.sign => {
                    self.cells.push(std::mem::take(&mut self.cell));
                    State::Start
                }
                // They end the line: within one they would be quoted.
                (state, b'\n') => state,
                (State::Closing, b'\r') => State::Closing,
                (_, byte) => {
                    self.cell.push(byte);
                    State::Plain
                }
            };
        }
    }

    /// All cells.
    fn ended(mut self) -> Vec<Vec<u8>> {
        if self.state == State::Plain && self.cell.last() == Some(&b'\r') {
            self.cell.pop();
        }
        self.cells.push(self.cell);
        self.cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, width: usize) -> Vec<(u64, Result<Vec<String>, UnreadReason>)> {
        let mut records = Records {
            lines: Lines::new(text.as_bytes()),
            again: VecDeque::new(),
            gone_over: 0,
            sign: b',',
            width,
        };
        let texts = |cells: Vec<Vec<u8>>| {
            cells.into_iter().map(|cell| String::from_utf8(cell).unwrap()).collect()
        };
        let next = || records.next().unwrap().map(|(line, cells)| (line, cells.map(texts)));
        std::iter::from_fn(next).collect()
    }

    fn cells(cells: &[&str]) -> Result<Vec<String>, UnreadReason> {
        Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn quoted_cells_hold_line_breaks_commas_and_quotes() {
        let text = "a,b\r\n\r\n\"x\r\ny\",\"say \"\"no\"\", then\"\r\n1,5\" of it,,\r\n,";
        assert_eq!(
            all(text, 2),
            [
                (1, cells(&["a", "b"])),
                (3, cells(&["x\r\ny", "say \"no\", then"])),
                (5, cells(&["1", "5\" of it"])),
                (6, cells(&["", ""])),
            ]
        );
    }

    #[test]
    fn a_quote_without_its_end_takes_only_its_line_along() {
        let cut = |found| Err(UnreadReason::Cells { found, expected: 2 });
        let text = "1,\"open\n2,b\n3,c\n";
        assert_eq!(
            all(text, 2),
            [(1, Err(UnreadReason::OpenQuote)), (2, cells(&["2", "b"])), (3, cells(&["3", "c"]))]
        );
        // The next quote seems to close it, and the record has too many cells.
        let text = "1,\"open\n2,b\n3,\"c, d\"\n4,e\n5\n";
        assert_eq!(
            all(text, 2),
            [
                (1, cut(3)),
                (2, cells(&["2", "b"])),
                (3, cells(&["3", "c, d"])),
                (4, cells(&["4", "e"])),
                (5, cut(1)),
            ]
        );
    }
}
