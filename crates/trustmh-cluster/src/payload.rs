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
pub(crate) struct Chunk {
    pub(crate) payload: String,
    pub(crate) part: u32,
    pub(crate) parts: u32,
    pub(crate) text: String,
    pub(crate) place: u64,
}

/// What became of a piece.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ChunkOutcome {
    /// Others are still to come. Places of payloads that were dropped to make room.
    Kept(Vec<u64>),
    /// The text is whole; the places of its parts.
    Whole(String, Vec<u64>),
    /// It cannot belong to any payload. Its place, and those of what was there of it.
    Refused(Vec<u64>),
}

#[derive(Debug, Default)]
struct Payload {
    parts: HashMap<u32, String>,
    of: u32,
    bytes: usize,
    places: Vec<u64>,
    since: u64,
}

/// Results that are not whole yet.
#[derive(Debug, Default)]
pub(crate) struct Reassembly {
    payloads: HashMap<String, Payload>,
    bytes: usize,
    count: u64,
}

impl Reassembly {
    /// Puts a piece to the others.
    pub(crate) fn put(&mut self, piece: Chunk) -> ChunkOutcome {
        let Chunk { payload: name, part, parts, text, place } = piece;
        self.count += 1;
        let since = self.count;
        if name.len() > 128 || part >= parts || parts > MOST_PARTS {
            return ChunkOutcome::Refused(vec![place]);
        }
        let payload = self.payloads.entry(name.clone()).or_insert_with(|| Payload {
            of: parts,
            since,
            ..Payload::default()
        });
        payload.places.push(place);
        if payload.of != parts || payload.bytes + text.len() > LONGEST {
            return ChunkOutcome::Refused(self.drop_payload(&name));
        }
        // One that comes again is the same.
        if let Some(before) = payload.parts.insert(part, text) {
            payload.bytes -= before.len();
            self.bytes -= before.len();
        }
        let added = payload.parts.get(&part).map_or(0, String::len);
        payload.bytes += added;
        self.bytes += added;
        if payload.parts.len() == parts as usize {
            return self.whole(&name);
        }
        let mut dropped = Vec::new();
        while self.bytes > HELD {
            let oldest = self.payloads.iter().min_by_key(|(_, payload)| payload.since);
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else { break };
            dropped.extend(self.drop_payload(&oldest));
        }
        ChunkOutcome::Kept(dropped)
    }

    fn whole(&mut self, name: &str) -> ChunkOutcome {
        let Some(mut payload) = self.payloads.remove(name) else {
            return ChunkOutcome::Kept(Vec::new());
        };
        self.bytes -= payload.bytes;
        let mut text = String::with_capacity(payload.bytes);
        for part in 0..payload.of {
            text.push_str(&payload.parts.remove(&part).unwrap_or_default());
        }
        ChunkOutcome::Whole(text, payload.places)
    }

    fn drop_payload(&mut self, name: &str) -> Vec<u64> {
        let Some(payload) = self.payloads.remove(name) else { return Vec::new() };
        self.bytes -= payload.bytes;
        payload.places
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn piece(payload: &str, part: u32, parts: u32, text: &str, place: u64) -> Chunk {
        Chunk { payload: payload.to_owned(), part, parts, text: text.to_owned(), place }
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
            let mut pieces = Reassembly::default();
            let mut last = ChunkOutcome::Kept(Vec::new());
            for (place, (number, part)) in (1..).zip(numbered) {
                last = pieces.put(piece("a", number, count, part, place));
            }
            let ChunkOutcome::Whole(whole, places) = last else { return Err(TestCaseError::fail("not whole")) };
            prop_assert_eq!(whole, text);
            prop_assert_eq!(places.len(), count as usize);
            prop_assert_eq!(pieces.bytes, 0);
        }
    }

    #[test]
    fn pieces_that_fit_nothing_are_refused_and_hold_no_memory() {
        let mut pieces = Reassembly::default();
        assert_eq!(pieces.put(piece("a", 2, 2, "x", 1)), ChunkOutcome::Refused(vec![1]));
        assert_eq!(pieces.put(piece("a", 0, u32::MAX, "x", 2)), ChunkOutcome::Refused(vec![2]));
        assert_eq!(
            pieces.put(piece(&"n".repeat(200), 0, 2, "x", 3)),
            ChunkOutcome::Refused(vec![3])
        );
        assert_eq!(pieces.put(piece("a", 0, 3, "x", 4)), ChunkOutcome::Kept(Vec::new()));
        assert_eq!(pieces.put(piece("a", 0, 3, "xyz", 5)), ChunkOutcome::Kept(Vec::new()));
        assert_eq!(pieces.bytes, 3);
        assert_eq!(pieces.put(piece("a", 1, 4, "x", 6)), ChunkOutcome::Refused(vec![4, 5, 6]));
        assert_eq!((pieces.bytes, pieces.payloads.len()), (0, 0));
    }

    #[test]
    fn what_never_becomes_whole_is_bounded() {
        let mut pieces = Reassembly::default();
        let large = "x".repeat(LONGEST / 2);
        let put = |pieces: &mut Reassembly, place: u64| {
            pieces.put(piece(&place.to_string(), 0, 2, &large, place))
        };
        for place in 1..=4 {
            assert_eq!(put(&mut pieces, place), ChunkOutcome::Kept(Vec::new()));
        }
        assert_eq!(put(&mut pieces, 5), ChunkOutcome::Kept(vec![1]));
        assert!(pieces.bytes <= HELD);
    }
}
