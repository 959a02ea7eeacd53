//! Text from models and data, made harmless wherever it is shown.

/// Shows control characters and characters that change the direction of writing as escapes, so that no
/// reply, model name or caveat can move the cursor, hide text or turn it round.
pub fn inert(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let steers = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if (c.is_control() && c != '\n') || steers {
                c.escape_unicode().collect::<Vec<char>>()
            } else {
                vec![c]
            }
        })
        .collect()
}
