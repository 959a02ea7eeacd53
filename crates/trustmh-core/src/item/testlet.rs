//! Testlets: several items about one thing, such as fourteen questions about one vignette.

use super::Item;

/// The facet that names what an item shares with others. Items of one testlet are not independent of each other, so they are one cluster.
pub const TESTLET: &str = "testlet";

impl Item {
    /// The testlet it belongs to, if it shares one with other items.
    pub(crate) fn testlet(&self) -> Option<&str> {
        self.tags.get(TESTLET).map(String::as_str)
    }
}
