//! Tables that name the fields in their first row and give the values in the next.

use std::ops::Range;

use super::names::{self, Fit};
use super::statement::{Form, Statement};
use super::value::{self, Given, Stands};
use crate::rubric::Field;

/// What such tables state, and the lines that only name the fields.
pub(super) fn statements(fields: &[Field], text: &str) -> (Vec<Statement>, Vec<Range<usize>>) {
    let mut at = 0;
    let lines: Vec<(usize, &str)> = text
        .split_inclusive('\n')
        .map(|line| {
            let start = at;
            at += line.len();
            (start, line.trim_end())
        })
        .collect();
    let (mut stated, mut heads) = (Vec::new(), Vec::new());
    for (number, (start, line)) in lines.iter().enumerate() {
        let Some(sign) = ['|', '\t', ','].into_iter().find(|sign| line.contains(*sign)) else {
            continue;
        };
        let head = cells(*start, line, sign);
        let named: Vec<(usize, usize)> = fields
            .iter()
            .enumerate()
            .filter_map(|(field, of)| Some((field, column(fields, of, text, &head)?)))
            .collect();
        if named.is_empty() || (sign != '|' && named.len() < head.len().max(2)) {
            continue;
        }
        // A row that gives a value names no columns.
        let gives = |(field, _): &(usize, usize)| {
            let Some(field) = fields.get(*field) else { return false };
            head.iter().any(|cell| {
                let cell = text.get(cell.clone()).unwrap_or_default();
                let given = value::of_text(field, cell, Stands::Alone);
                matches!(given, Some(Given::Score(_) | Given::Label(_)))
            })
        };
        if named.iter().any(gives) {
            continue;
        }
        let values = lines
            .get(number + 1..)
            .and_then(|rest| rest.iter().find(|(_, line)| line.contains(char::is_alphanumeric)))
            .filter(|(_, line)| line.contains(sign))
            .map(|(start, line)| cells(*start, line, sign));
        let Some(values) = values.filter(|values| values.len() == head.len()) else { continue };
        let of_table: Vec<Statement> = named
            .iter()
            .filter_map(|(field, column)| {
                let place = values.get(*column)?.clone();
                let given =
                    value::of_text(fields.get(*field)?, text.get(place.clone())?, Stands::Alone)?;
                Some(Statement { field: *field, given, place, form: Form::Line })
            })
            .collect();
        let own = |cell: &Range<usize>| {
            fields.iter().any(|field| {
                names::fits(fields, field, text.get(cell.clone()).unwrap_or_default()).is_some()
            })
        };
        // A row that names a field of its own is no row of values.
        if of_table.len() == named.len() && !values.iter().any(own) {
            heads.push(*start..start + line.len());
            heads.extend(
                values.first().zip(values.last()).map(|(first, last)| first.start..last.end),
            );
            stated.extend(of_table);
        }
    }
    (stated, heads)
}

fn column(fields: &[Field], field: &Field, text: &str, head: &[Range<usize>]) -> Option<usize> {
    head.iter().position(|cell| {
        names::fits(fields, field, text.get(cell.clone()).unwrap_or_default()) == Some(Fit::Name)
    })
}

/// The cells of a row, without the empty ones at its ends.
fn cells(start: usize, line: &str, sign: char) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let mut at = start;
    for cell in line.split(sign) {
        cells.push(at..at + cell.len());
        at += cell.len() + sign.len_utf8();
    }
    if line.trim_start().starts_with('|') {
        cells.remove(0);
    }
    if line.ends_with('|') {
        cells.pop();
    }
    cells
}
