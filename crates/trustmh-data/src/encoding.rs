//! From bytes to text.

use encoding_rs::GB18030;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The bytes after a UTF-8 byte order mark, if there is one.
pub(crate) fn after_mark(bytes: &[u8]) -> Option<&[u8]> {
    bytes.strip_prefix(BYTE_ORDER_MARK)
}

/// Decodes UTF-8; a byte order mark and broken sequences are repaired and reported.
pub(crate) fn utf8(bytes: &[u8], file: &str, warnings: &mut Vec<String>) -> String {
    let text = match after_mark(bytes) {
        Some(rest) => {
            warnings.push(format!("{file} begins with a byte order mark, which was left out"));
            rest
        }
        None => bytes,
    };
    let broken = text.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    if broken > 0 {
        warnings.push(format!(
            "{file} is not valid UTF-8: {broken} broken sequences were replaced by U+FFFD"
        ));
    }
    String::from_utf8_lossy(text).into_owned()
}

/// Decodes GB18030, broken sequences as U+FFFD.
pub(crate) fn gb18030(bytes: &[u8]) -> String {
    GB18030.decode_without_bom_handling(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mark_and_broken_sequences_are_reported() {
        let mut warnings = Vec::new();
        assert_eq!(utf8(b"\xEF\xBB\xBFa\xFFb", "f.txt", &mut warnings), "a\u{FFFD}b");
        assert_eq!(warnings.len(), 2);
        assert!(warnings[1].contains("1 broken"));
    }

    #[test]
    fn clean_text_passes_in_silence() {
        let mut warnings = Vec::new();
        assert_eq!(utf8("ä".as_bytes(), "f.txt", &mut warnings), "ä");
        assert!(warnings.is_empty());
    }
}
