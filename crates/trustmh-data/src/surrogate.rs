//! JSON with half a character: one `\u` escape of a surrogate pair without the other, as Python writes what a model broke off.

/// What stands for a half without its other.
const REPLACEMENT: &str = "\\ufffd";

/// The JSON text with every lone half made U+FFFD, and how many there were.
pub(crate) fn replaced(json: &str) -> (String, usize) {
    let mut found = 0;
    let mut clean = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        clean.push_str(before);
        let taken = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                found += 1;
                clean.push_str(REPLACEMENT);
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            // A backslash and the sign that it escapes, which may be another backslash.
            _ => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (whole, after) = escape.split_at(taken);
        clean.push_str(whole);
        rest = after;
    }
    clean.push_str(rest);
    (clean, found)
}

/// The unit of UTF-16 that the escape `\uXXXX` at the beginning of `text` stands for.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_lone_halves_are_replaced() {
        let json = r#"["\ud83e\udd89", "\ud83e", "\udd89 \ud83e\u0041", "\\ud83e", "\n\u"]"#;
        let expected = r#"["\ud83e\udd89", "\ufffd", "\ufffd \ufffd\u0041", "\\ud83e", "\n\u"]"#;
        assert_eq!(replaced(json), (expected.to_owned(), 3));
    }

    proptest! {
        #[test]
        fn sound_json_is_unchanged(text in "(?s).{0,40}") {
            let json = serde_json::to_string(&[text]).unwrap();
            prop_assert_eq!(replaced(&json), (json, 0));
        }

        #[test]
        fn any_text_is_taken(text in "[\\\\ud8cDé0\"]{0,40}") {
            let _ = replaced(&text);
        }
    }
}
