//! Which conversations were there before, by hashes: two words a conversation, however long it is.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use trustmh_core::digest::{Digest, Hashing};
use trustmh_core::inert::acts;
use trustmh_core::item::{RecordedTurn, Side};

/// The longest id that stays as it is, in bytes.
const LONGEST_ID: usize = 80;

/// What stands in ids of trials before the number of a round.
const ROUND: &str = ":round-";

/// So many conversations of one id are numbered; further ones are told apart by their hashes.
const NUMBERED: u32 = 9;

/// What an id is to those before.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nobody has it.
    Free(String),
    /// The same conversation has it.
    Duplicate,
    /// Another one has it; this one is free.
    Other(String),
}

/// The ids so far, with what their conversations are.
#[derive(Debug, Default)]
pub(super) struct Seen(HashMap<u64, u64>);

impl Seen {
    /// Takes an id for a conversation with this hash.
    pub(super) fn claim(&mut self, id: &str, turns: u64) -> Claim {
        if let Some(claimed) = self.take(id, turns) {
            return if claimed { Claim::Free(id.to_owned()) } else { Claim::Duplicate };
        }
        let numbered = (2..=NUMBERED).map(|number| format!("{id}-{number}"));
        for other in numbered.chain([format!("{id}-{turns:016x}")]) {
            match self.take(&other, turns) {
                Some(true) => return Claim::Other(other),
                Some(false) => return Claim::Duplicate,
                None => {}
            }
        }
        Claim::Duplicate
    }

    /// Whether the id was free; none if another conversation has it.
    fn take(&mut self, id: &str, turns: u64) -> Option<bool> {
        match self.0.entry(Digest::seed(id.as_bytes())) {
            Entry::Vacant(free) => {
                free.insert(turns);
                Some(true)
            }
            Entry::Occupied(taken) => (*taken.get() == turns).then_some(false),
        }
    }
}

/// The hash of all turns, as a number and as digits.
pub(super) fn hash(turns: &[RecordedTurn]) -> (u64, String) {
    let mut hashing = Hashing::default();
    for turn in turns {
        let side: &[u8] = match turn.speaker {
            Side::Client => b"c",
            Side::Subject => b"s",
        };
        hashing.add(side);
        hashing.add(turn.at.map(|at| at.to_string()).unwrap_or_default().as_bytes());
        // So that no words of one turn can be taken for the beginning of another.
        hashing.add(&(turn.text.len() as u64).to_le_bytes());
        hashing.add(turn.text.as_bytes());
    }
    let digits = hashing.end().as_str().get(..16).unwrap_or_default().to_owned();
    (u64::from_str_radix(&digits, 16).unwrap_or_default(), digits)
}

/// The id as it stands where it can, and its hash otherwise.
pub(super) fn sound(id: &str, clean: &str) -> String {
    let id = id.trim();
    let is_sound = id.len() <= LONGEST_ID && !id.chars().any(acts) && !id.contains(ROUND);
    if is_sound && clean.trim() == id {
        return id.to_owned();
    }
    let digest = Digest::of(id.as_bytes());
    format!("c-{}", digest.as_str().get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_free_once_and_others_are_told_apart() {
        let mut seen = Seen::default();
        assert_eq!(seen.claim("a", 1), Claim::Free("a".to_owned()));
        assert_eq!(seen.claim("a", 1), Claim::Duplicate);
        assert_eq!(seen.claim("a", 2), Claim::Other("a-2".to_owned()));
        assert_eq!(seen.claim("a", 2), Claim::Duplicate);
        assert_eq!(seen.claim("a", 1), Claim::Duplicate);
        for turns in 3..=9 {
            assert_eq!(seen.claim("a", turns), Claim::Other(format!("a-{turns}")));
        }
        assert_eq!(seen.claim("a", 10), Claim::Other("a-000000000000000a".to_owned()));
        assert_eq!(seen.claim("a", 10), Claim::Duplicate);
    }

    #[test]
    fn ids_that_could_do_harm_or_name_somebody_are_hashed() {
        assert_eq!(sound(" chat 7/ä ", "chat 7/ä"), "chat 7/ä");
        let long = "x".repeat(81);
        for (id, clean) in [
            ("a\u{1b}[2J", "a\u{1b}[2J"),
            (&long, &long),
            ("a:round-2", "a:round-2"),
            ("ann@x.example", "[email]"),
        ] {
            let hashed = sound(id, clean);
            assert!(hashed.starts_with("c-") && hashed.len() == 18, "{hashed}");
        }
    }
}
