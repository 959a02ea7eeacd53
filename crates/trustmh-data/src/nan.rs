//! JSON with `NaN` and `Infinity`, as Python and others write it.

/// What stands for numbers that are none.
const WORDS: [&str; 4] = ["NaN", "-NaN", "Infinity", "-Infinity"];

/// The text with every `NaN`, `Infinity` and `-Infinity` outside strings made `null`, and how many there were.
pub(crate) fn as_null(text: &str) -> (String, usize) {
    let mut found = 0;
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', 'N', 'I', '-']) {
        let (before, from) = rest.split_at(at);
        clean.push_str(before);
        let taken = if from.starts_with('"') {
            string_end(from)
        } else if let Some(after) = WORDS.iter().find_map(|word| from.strip_prefix(word)) {
            found += 1;
            clean.push_str("null");
            rest = after;
            continue;
        } else {
            1
        };
        let (taken, after) = from.split_at(taken);
        clean.push_str(taken);
        rest = after;
    }
    clean.push_str(rest);
    (clean, found)
}

/// Bytes of the string that the text begins with, both quotes included.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::as_null;
    use proptest::prelude::*;

    #[test]
    fn only_bare_ones_are_replaced() {
        let (clean, found) = as_null(r#"{"a": NaN, "NaN": "say \"NaN\"", "b": [NaN,1]}"#);
        assert_eq!(clean, r#"{"a": null, "NaN": "say \"NaN\"", "b": [null,1]}"#);
        assert_eq!(found, 2);
        let (clean, found) = as_null(r#"[-Infinity, Infinity, -1, "-Infinity", -NaN]"#);
        assert_eq!((clean.as_str(), found), (r#"[null, null, -1, "-Infinity", null]"#, 3));
    }

    proptest! {
        #[test]
        fn json_without_it_is_unchanged(text in "(?s).{0,60}") {
            let json = serde_json::to_string(&[text]).unwrap();
            prop_assert_eq!(as_null(&json), (json, 0));
        }

        #[test]
        fn any_text_is_taken(text in "(?s)[-NI\"a\\\\é]{0,40}") {
            let _ = as_null(&text);
        }
    }
}
