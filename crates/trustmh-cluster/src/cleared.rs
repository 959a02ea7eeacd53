//! Which results may be taken out of their stream: such as are recorded, or of no use.

use std::collections::{BTreeMap, BTreeSet};

/// So many messages that are over may stay because an earlier one is not.
const BEHIND: usize = 1_000;

/// Messages of a stream, by their place, and how much of each is still open.
#[derive(Debug, Default)]
pub(crate) struct Cleared {
    open: BTreeMap<u64, usize>,
    over: BTreeSet<u64>,
    /// The place of the last message that was read.
    pub(crate) last: u64,
    purged: u64,
}

/// What may go.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Gone {
    /// All before this place, if that is more than before.
    pub(crate) before: Option<u64>,
    /// And these.
    pub(crate) each: Vec<u64>,
}

impl Cleared {
    /// A message was read, and so many things in it have to be settled.
    pub(crate) fn read(&mut self, place: u64, things: usize) {
        self.last = self.last.max(place);
        if things == 0 {
            self.over.insert(place);
        } else {
            self.open.insert(place, things);
        }
    }

    /// One more thing of a message is settled.
    pub(crate) fn settle(&mut self, place: u64) {
        if let Some(left) = self.open.get_mut(&place) {
            *left -= 1;
            if *left == 0 {
                self.open.remove(&place);
                self.over.insert(place);
            }
        }
    }

    /// What may be taken out, which has not been said before.
    pub(crate) fn gone(&mut self) -> Gone {
        let bound = self.open.keys().next().copied().unwrap_or(self.last + 1);
        self.over = self.over.split_off(&bound);
        let before = (bound > self.purged.max(1) && self.last > 0).then_some(bound);
        self.purged = self.purged.max(bound);
        let each = if self.over.len() > BEHIND {
            std::mem::take(&mut self.over).into_iter().collect()
        } else {
            Vec::new()
        };
        Gone { before, each }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_settled_goes_and_what_is_open_stays() {
        let mut cleared = Cleared::default();
        assert_eq!(cleared.gone(), Gone::default());
        cleared.read(5, 2);
        cleared.read(6, 1);
        cleared.read(7, 0);
        assert_eq!(cleared.gone(), Gone { before: Some(5), each: Vec::new() });
        cleared.settle(6);
        cleared.settle(5);
        assert_eq!(cleared.gone(), Gone::default());
        cleared.settle(5);
        assert_eq!(cleared.gone(), Gone { before: Some(8), each: Vec::new() });
        assert_eq!(cleared.gone(), Gone::default());
    }

    #[test]
    fn one_that_stays_open_does_not_keep_all_that_came_after_it() {
        let mut cleared = Cleared::default();
        cleared.read(1, 1);
        for place in 2..=1_500 {
            cleared.read(place, 0);
        }
        let gone = cleared.gone();
        assert_eq!((gone.before, gone.each.len()), (None, 1_499));
        cleared.settle(1);
        assert_eq!(cleared.gone().before, Some(1_501));
    }
}
