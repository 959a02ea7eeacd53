//! What fits no message travels in parts.

use std::collections::HashMap;

/// The most that is put together of parts: far more than any call takes.
const LONGEST: usize = 256 * 1024 * 1024;
/// So much of results that are not whole yet is held, of all workers.
const HELD: usize = 2 * LONGEST;
/// So many parts a result may have.
const MOST_PARTS: u32 = 16_384;

/// `text` in parts of no more than `longest` bytes, cut between characters. At least one.
pub(crate) fn parts(text: &str, longest: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > longest {
        let cut = (1..=longest).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(cut);
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// A piece of a result, and where it stands.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) parcel: String,
    pub(crate) part: u32,
    pub(crate) parts: u32,
    pub(crate) text: String,
    pub(crate) place: u64,
}

/// What became of a piece.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// Others are still to come. Places of parcels that were dropped to make room.
    Kept(Vec<u64>),
    /// The text is whole; the places of its parts.
    Whole(String, Vec<u64>),
    /// It cannot belong to any parcel. Its place, and those of what was there of it.
    Refused(Vec<u64>),
}

#[derive(Debug, Default)]
struct Parcel {
    parts: HashMap<u32, String>,
    of: u32,
    bytes: usize,
    places: Vec<u64>,
    since: u64,
}

/// Results that are not whole yet.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    parcels: HashMap<String, Parcel>,
    bytes: usize,
    count: u64,
}

impl Pieces {
    /// Puts a piece to the others.
    pub(crate) fn put(&mut self, piece: Piece) -> Put {
        let Piece { parcel: name, part, parts, text, place } = piece;
        self.count += 1;
        let since = self.count;
        if name.len() > 128 || part >= parts || parts > MOST_PARTS {
            return Put::Refused(vec![place]);
        }
        let parcel = self.parcels.entry(name.clone()).or_insert_with(|| Parcel {
            of: parts,
            since,
            ..Parcel::default()
        });
        parcel.places.push(place);
        if parcel.of != parts || parcel.bytes + text.len() > LONGEST {
            return Put::Refused(self.drop_parcel(&name));
        }
        // One that comes again is the same.
        if let Some(before) = parcel.parts.insert(part, text) {
            parcel.bytes -= before.len();
            self.bytes -= before.len();
        }
        let added = parcel.parts.get(&part).map_or(0, String::len);
        parcel.bytes += added;
        self.bytes += added;
        if parcel.parts.len() == parts as usize {
            return self.whole(&name);
        }
        let mut dropped = Vec::new();
        while self.bytes > HELD {
            let oldest = self.parcels.iter().min_by_key(|(_, parcel)| parcel.since);
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else { break };
            dropped.extend(self.drop_parcel(&oldest));
        }
        Put::Kept(dropped)
    }

    fn whole(&mut self, name: &str) -> Put {
        let Some(mut parcel) = self.parcels.remove(name) else { return Put::Kept(Vec::new()) };
        self.bytes -= parcel.bytes;
        let mut text = String::with_capacity(parcel.bytes);
        for part in 0..parcel.of {
            text.push_str(&parcel.parts.remove(&part).unwrap_or_default());
        }
        Put::Whole(text, parcel.places)
    }

    fn drop_parcel(&mut self, name: &str) -> Vec<u64> {
        let Some(parcel) = self.parcels.remove(name) else { return Vec::new() };
        self.bytes -= parcel.bytes;
        parcel.places
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn piece(parcel: &str, part: u32, parts: u32, text: &str, place: u64) -> Piece {
        Piece { parcel: parcel.to_owned(), part, parts, text: text.to_owned(), place }
    }

    proptest! {
        #[test]
        fn parts_make_up_the_whole_in_any_order(text in ".{0,80}", longest in 4_usize..20, turn in 0_usize..20) {
            let cut = parts(&text, longest);
            prop_assert!(cut.iter().all(|part| part.len() <= longest));
            let count = u32::try_from(cut.len()).unwrap_or(0);
            let mut numbered: Vec<(u32, &str)> = (0..count).zip(cut).collect();
            let by = turn % numbered.len();
            numbered.rotate_left(by);
            let mut pieces = Pieces::default();
            let mut last = Put::Kept(Vec::new());
            for (place, (number, part)) in (1..).zip(numbered) {
                last = pieces.put(piece("a", number, count, part, place));
            }
            let Put::Whole(whole, places) = last else { return Err(TestCaseError::fail("not whole")) };
            prop_assert_eq!(whole, text);
            prop_assert_eq!(places.len(), count as usize);
            prop_assert_eq!(pieces.bytes, 0);
        }
    }

    #[test]
    fn pieces_that_fit_nothing_are_refused_and_hold_no_memory() {
        let mut pieces = Pieces::default();
        assert_eq!(pieces.put(piece("a", 2, 2, "x", 1)), Put::Refused(vec![1]));
        assert_eq!(pieces.put(piece("a", 0, u32::MAX, "x", 2)), Put::Refused(vec![2]));
        assert_eq!(pieces.put(piece(&"n".repeat(200), 0, 2, "x", 3)), Put::Refused(vec![3]));
        assert_eq!(pieces.put(piece("a", 0, 3, "x", 4)), Put::Kept(Vec::new()));
        assert_eq!(pieces.put(piece("a", 0, 3, "xyz", 5)), Put::Kept(Vec::new()));
        assert_eq!(pieces.bytes, 3);
        assert_eq!(pieces.put(piece("a", 1, 4, "x", 6)), Put::Refused(vec![4, 5, 6]));
        assert_eq!((pieces.bytes, pieces.parcels.len()), (0, 0));
    }

    #[test]
    fn what_never_becomes_whole_is_bounded() {
        let mut pieces = Pieces::default();
        let large = "x".repeat(LONGEST / 2);
        let put = |pieces: &mut Pieces, place: u64| {
            pieces.put(piece(&place.to_string(), 0, 2, &large, place))
        };
        for place in 1..=4 {
            assert_eq!(put(&mut pieces, place), Put::Kept(Vec::new()));
        }
        assert_eq!(put(&mut pieces, 5), Put::Kept(vec![1]));
        assert!(pieces.bytes <= HELD);
    }
}
