//! Undoing the damage of UTF-8 that was read as GBK and saved again, twice over.
//!
//! A curly quote or dash is three bytes in UTF-8, `E2 80 xx`. Read as GBK, the first two and the
//! third with the letter behind it become two Chinese characters. That loses nothing: encoding such
//! a run as GBK gives the old bytes back. Where a blank stood behind the sign, however, the third
//! byte and the blank are no GBK pair; they became a question mark. A second round of the same
//! mistake then took the last byte of the character before it: `E9 88 3F` is what is left, in a file
//! that is no longer valid UTF-8. Which sign it was can only be told from its surroundings.

use encoding_rs::GBK;

/// A text, and what it took to read it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Mended {
    /// The text.
    pub(crate) text: String,
    /// Signs whose bytes were still all there.
    pub(crate) restored: usize,
    /// Signs that were set by their surroundings because a byte of them is lost.
    pub(crate) inferred: usize,
    /// Broken sequences that no rule explains, now U+FFFD.
    pub(crate) unexplained: usize,
}

impl Mended {
    /// How many places were damaged.
    pub(crate) fn places(&self) -> usize {
        self.restored + self.inferred + self.unexplained
    }
}

/// The first two bytes of the character whose third became a question mark.
const TORN: &[u8] = b"\xE9\x88";

/// Reads damaged bytes as the UTF-8 they once were. Sound text passes unchanged.
pub(crate) fn mend(bytes: &[u8]) -> Mended {
    let mut mended = Mended::default();
    let mut torn = false;
    for chunk in bytes.utf8_chunks() {
        let valid = match (torn, chunk.valid().strip_prefix('?')) {
            (true, Some(rest)) => {
                mended.text.push_str(lost_sign(&mended.text));
                mended.inferred += 1;
                rest
            }
            (true, None) => {
                mended.unexplained += 1;
                mended.text.push(char::REPLACEMENT_CHARACTER);
                chunk.valid()
            }
            (false, _) => chunk.valid(),
        };
        unscramble(valid, &mut mended);
        torn = chunk.invalid() == TORN;
        if !torn && !chunk.invalid().is_empty() {
            mended.unexplained += 1;
            mended.text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    if torn {
        mended.unexplained += 1;
        mended.text.push(char::REPLACEMENT_CHARACTER);
    }
    mended
}

/// The sign and the blank that were lost: behind a blank a dash, behind a word a possessive quote.
fn lost_sign(before: &str) -> &'static str {
    if before.is_empty() || before.ends_with(char::is_whitespace) {
        "\u{2014} "
    } else {
        "\u{2019} "
    }
}

fn unscramble(text: &str, mended: &mut Mended) {
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| !c.is_ascii()) {
        let (plain, tail) = rest.split_at(start);
        let end = tail.find(|c: char| c.is_ascii()).unwrap_or(tail.len());
        let (run, after) = tail.split_at(end);
        mended.text.push_str(plain);
        match sign_behind(run) {
            Some(sign) => {
                mended.restored += 1;
                mended.text.push_str(&sign);
            }
            None => mended.text.push_str(run),
        }
        rest = after;
    }
    mended.text.push_str(rest);
}

/// The punctuation that a run of characters was before it was misread, if it was any.
fn sign_behind(run: &str) -> Option<String> {
    let (bytes, _, unmappable) = GBK.encode(run);
    if unmappable {
        return None;
    }
    let text = String::from_utf8(bytes.into_owned()).ok()?;
    text.starts_with(|c: char| ('\u{2010}'..='\u{2027}').contains(&c)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The mistake itself: UTF-8 bytes read as GBK, saved as UTF-8.
    fn misread(text: &str) -> String {
        GBK.decode_without_bom_handling(text.as_bytes()).0.into_owned()
    }

    #[test]
    fn quotes_and_dashes_with_a_letter_behind_come_back() {
        for text in ["the owl\u{2019}s nest", "old\u{2014}grey", "\u{2018}tis", "\u{201C}why"] {
            let mended = mend(misread(text).as_bytes());
            assert_eq!(mended.text, text);
            assert_eq!((mended.restored, mended.inferred, mended.unexplained), (1, 0, 0));
        }
    }

    #[test]
    fn torn_signs_are_told_by_what_stands_before() {
        let mended = mend(b"two owls\xE9\x88?nests \xE9\x88?grey");
        assert_eq!(mended.text, "two owls\u{2019} nests \u{2014} grey");
        assert_eq!(mended.inferred, 2);
    }

    #[test]
    fn other_broken_bytes_are_counted() {
        let mended = mend(b"a\xFFb\xE9\x88c\xE9\x88");
        assert_eq!(mended.text, "a\u{FFFD}b\u{FFFD}c\u{FFFD}");
        assert_eq!(mended.unexplained, 3);
    }

    #[test]
    fn sound_text_of_other_scripts_stays() {
        let text = "caf\u{E9} \u{2019}s \u{6C34}\u{706B} \u{2014}";
        assert_eq!(mend(text.as_bytes()), Mended { text: text.to_owned(), ..Mended::default() });
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mended = mend(&bytes);
            prop_assert!(mended.places() > 0 || mended.text.as_bytes() == bytes);
        }
    }
}
