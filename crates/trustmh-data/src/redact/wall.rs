//! What is replaced already is a wall, which no rule looks through or over. It is as long as what it hides, so that places stay.

use std::ops::Range;

use super::kind::Kind;

/// A blank to regular expressions, and no letter, digit or line break. Where a text holds one itself, it is a wall too.
pub(super) const WALL: char = '\x0b';

/// Where a text holds placeholders.
pub(super) fn placeholders(text: &str) -> Vec<Range<usize>> {
    let opening = text.match_indices('[').map(|(start, _)| start);
    let closed = |start: usize| {
        let rest = text.get(start..)?;
        let held = Kind::ALL.iter().find(|kind| rest.starts_with(kind.placeholder()))?;
        Some(start..start + held.placeholder().len())
    };
    opening.filter_map(closed).collect()
}

/// The text with walls; sorts them.
pub(super) fn masked(text: &str, walls: &mut [Range<usize>]) -> String {
    walls.sort_by_key(|range| range.start);
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for range in walls.iter() {
        masked.push_str(text.get(done..range.start).unwrap_or_default());
        masked.extend(std::iter::repeat_n(WALL, range.len()));
        done = range.end;
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    masked
}
