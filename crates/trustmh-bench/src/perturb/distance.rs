//! Levenshtein distance over grapheme clusters.

use std::collections::HashMap;
use unicode_segmentation::UnicodeSegmentation;

/// Edits that make one text of the other at the least, and the length of the first, both in grapheme clusters.
pub fn distance(before: &str, after: &str) -> (u64, usize) {
    if plain(before) && plain(after) {
        let edits = between(before.bytes(), after.bytes());
        return (edits as u64, before.len());
    }
    let mut numbers = Numbers::default();
    let before: Vec<u32> = before.graphemes(true).map(|cluster| numbers.of(cluster)).collect();
    let after: Vec<u32> = after.graphemes(true).map(|cluster| numbers.of(cluster)).collect();
    (between(before.iter().copied(), after.iter().copied()) as u64, before.len())
}

/// A text's length in grapheme clusters.
pub(super) fn length(text: &str) -> usize {
    if plain(text) { text.len() } else { text.graphemes(true).count() }
}

/// ASCII without carriage returns: every byte is a cluster.
fn plain(text: &str) -> bool {
    text.is_ascii() && !text.contains('\r')
}

fn between<C: rapidfuzz::HashableChar + Copy>(
    before: impl DoubleEndedIterator<Item = C> + ExactSizeIterator + Clone,
    after: impl DoubleEndedIterator<Item = C> + ExactSizeIterator + Clone,
) -> usize
where
    C: PartialEq,
{
    rapidfuzz::distance::levenshtein::distance(before, after)
}

/// Numbers for clusters: a single sign stands for itself, a cluster of several gets a number beyond all signs.
#[derive(Default)]
struct Numbers<'t> {
    clusters: HashMap<&'t str, u32>,
}

impl<'t> Numbers<'t> {
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
        fn it_is_the_textbooks(before in "[ab é我👍🏽\u{301}]{0,20}", after in "[ab é我👍🏽\u{301}]{0,20}") {
            let (a, b): (Vec<&str>, Vec<&str>) =
                (before.graphemes(true).collect(), after.graphemes(true).collect());
            prop_assert_eq!(distance(&before, &after), (by_table(&a, &b) as u64, a.len()));
        }
    }
}
