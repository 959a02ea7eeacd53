//! Levenshtein distance over grapheme clusters.

use rapidfuzz::distance::levenshtein;
use std::collections::HashMap;
use unicode_segmentation::UnicodeSegmentation;

/// Edits that make one text of the other at the least, and the length of the first, both in grapheme clusters.
pub fn distance(before: &str, after: &str) -> (u64, usize) {
    within(before, after, usize::MAX)
}

/// The same, where it is known that so many edits are enough: the fewer, the sooner it is found.
pub(super) fn within(before: &str, after: &str, bound: usize) -> (u64, usize) {
    if before.is_ascii() && after.is_ascii() && simple(before) && simple(after) {
        return (between(before.bytes(), after.bytes(), bound), before.len());
    }
    let mut numbers = Numbers::default();
    let (before, after) = (numbers.of_text(before), numbers.of_text(after));
    (between(before.iter().copied(), after.iter().copied(), bound), before.len())
}

/// A text's length in grapheme clusters.
pub(super) fn length(text: &str) -> usize {
    if simple(text) { text.chars().count() } else { text.graphemes(true).count() }
}

/// A text's grapheme clusters.
pub(super) fn clusters(text: &str) -> Vec<&str> {
    if !simple(text) {
        return text.graphemes(true).collect();
    }
    let ends = text.char_indices().map(|(start, sign)| (start, start + sign.len_utf8()));
    ends.filter_map(|(start, end)| text.get(start..end)).collect()
}

/// Whether every sign is a cluster of its own, which can be told without the tables of Unicode: Latin, Greek and
/// Cyrillic letters, Han signs and their punctuation, but no carriage returns and nothing that combines.
fn simple(text: &str) -> bool {
    text.chars().all(|sign| {
        matches!(u32::from(sign),
            0..=0x0c | 0x0e..=0x2ff | 0x370..=0x482 | 0x48a..=0x52f | 0x2010..=0x2027
            | 0x3001..=0x3020 | 0x4e00..=0x9fff | 0xff01..=0xff60)
    })
}

fn between<C>(
    before: impl DoubleEndedIterator<Item = C> + ExactSizeIterator + Clone,
    after: impl DoubleEndedIterator<Item = C> + ExactSizeIterator + Clone,
    bound: usize,
) -> u64
where
    C: rapidfuzz::HashableChar + Copy + PartialEq,
{
    let arguments = levenshtein::Args::default().score_cutoff(bound);
    let bounded = levenshtein::distance_with_args(before.clone(), after.clone(), &arguments);
    bounded.unwrap_or_else(|| levenshtein::distance(before, after)) as u64
}

/// Numbers for clusters: a single sign stands for itself, a cluster of several gets a number beyond all signs.
#[derive(Default)]
struct Numbers<'t> {
    clusters: HashMap<&'t str, u32>,
}

impl<'t> Numbers<'t> {
    fn of_text(&mut self, text: &'t str) -> Vec<u32> {
        if simple(text) {
            return text.chars().map(u32::from).collect();
        }
        text.graphemes(true).map(|cluster| self.of(cluster)).collect()
    }

    fn of(&mut self, cluster: &'t str) -> u32 {
        let mut signs = cluster.chars();
        match (signs.next(), signs.next()) {
            (Some(only), None) => u32::from(only),
            _ => {
                let next = 0x0011_0000 + u32::try_from(self.clusters.len()).unwrap_or_default();
                *self.clusters.entry(cluster).or_insert(next)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn clusters_count_once() {
        assert_eq!(distance("kitten", "sitting"), (3, 6));
        assert_eq!(distance("e\u{301}a", "ea"), (1, 2));
        assert_eq!(distance("👩‍👩‍👧 hi", "👨‍👩‍👧 hi"), (1, 4));
        assert_eq!(distance("我很累", "我狠累"), (1, 3));
        assert_eq!(distance("", "ab"), (2, 0));
    }

    /// The table everybody learns, for comparison.
    fn by_table(before: &[&str], after: &[&str]) -> usize {
        let mut row: Vec<usize> = (0..=after.len()).collect();
        for (i, a) in before.iter().enumerate() {
            let mut last = std::mem::replace(&mut row[0], i + 1);
            for (j, b) in after.iter().enumerate() {
                let changed = last + usize::from(a != b);
                last = row[j + 1];
                row[j + 1] = changed.min(last + 1).min(row[j] + 1);
            }
        }
        row[after.len()]
    }

    proptest! {
        #[test]
        fn it_is_the_textbooks(before in "[ab é我，с👍🏽\u{301}\r\n]{0,20}", after in "[ab é我，с👍🏽\u{301}\r\n]{0,20}") {
            let (a, b): (Vec<&str>, Vec<&str>) =
                (before.graphemes(true).collect(), after.graphemes(true).collect());
            let found = by_table(&a, &b);
            prop_assert_eq!(distance(&before, &after), (found as u64, a.len()));
            // A bound that is too low changes nothing.
            prop_assert_eq!(within(&before, &after, found / 2), (found as u64, a.len()));
            prop_assert_eq!(clusters(&before), a);
        }
    }
}
