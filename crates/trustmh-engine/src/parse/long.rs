//! Replies longer than anybody writes: patterns take time for each byte, and a server may send megabytes.

use std::borrow::Cow;

/// So many bytes of start and end are read: some 8,000 words each, more than a model says in a reply.
const KEPT: usize = 32 * 1024;

/// The text; of one that is longer than start and end together, these two.
pub(crate) fn within(text: &str) -> Cow<'_, str> {
    if text.len() <= 2 * KEPT {
        return Cow::Borrowed(text);
    }
    let start = text.get(..text.floor_char_boundary(KEPT)).unwrap_or_default();
    let end = text.get(text.ceil_char_boundary(text.len() - KEPT)..).unwrap_or_default();
    Cow::Owned(format!("{start}\n\n{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_and_end_are_read_however_long_a_text_is() {
        let whole = "a".repeat(2 * KEPT);
        assert_eq!(within(&whole), whole);
        for length in [2 * KEPT, 8 << 20] {
            let long = format!("I cannot help. {} The answer is B.", "\u{20ac}".repeat(length / 3));
            let read = within(&long);
            assert!(read.len() <= 2 * KEPT + 8, "{}", read.len());
            assert!(read.starts_with("I cannot help.") && read.ends_with("The answer is B."));
        }
    }
}
