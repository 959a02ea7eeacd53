//! Reading an emotion and its cause as two letters.

use serde_json::{Map, Value};

use super::json::object_in;

/// The letters of emotion and cause, each among its options: the fields `emotion` and `cause` of a JSON
/// object, else lines that begin with those words. Nothing else is taken for an answer.
pub fn read(reply: &str, emotions: usize, causes: usize) -> Option<(char, char)> {
    if let Some(object) = object_in(reply) {
        return Some((field(&object, "emotion", emotions)?, field(&object, "cause", causes)?));
    }
    Some((line(reply, "emotion", emotions)?, line(reply, "cause", causes)?))
}

fn field(object: &Map<String, Value>, name: &str, options: usize) -> Option<char> {
    letter(object.get(name)?.as_str()?, options)
}

fn line(reply: &str, name: &str, options: usize) -> Option<char> {
    let mut named = reply.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches(['*', '-', '#', ' ']).to_lowercase();
        let rest = line.strip_prefix(name)?.trim_start_matches(['*', ' ']);
        letter(rest.strip_prefix([':', '='])?, options)
    });
    named.next_back()
}

/// "B", "(b)", "B." or "B) Relief": a letter that stands alone at the beginning.
fn letter(text: &str, options: usize) -> Option<char> {
    let text = text.trim().trim_start_matches(['*', '(', '[', '"', ' ']);
    let mut chars = text.chars();
    let letter = chars.next()?.to_ascii_uppercase();
    let alone =
        chars.next().is_none_or(|next| matches!(next, '.' | ')' | ']' | ':' | '*' | '"' | ','));
    let index = trustmh_core::item::option_index(letter)?;
    (alone && index < options).then_some(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn json_and_labelled_lines_are_read() {
        for reply in [
            r#"{"emotion": "B", "cause": "D"}"#,
            "```json\n{\"emotion\": \"b\", \"cause\": \"D) because\"}\n```",
            "**Emotion:** B) Relief\n**Cause:** (D)",
            "Emotion: B\nCause: D.",
        ] {
            assert_eq!(read(reply, 6, 4), Some(('B', 'D')), "{reply}");
        }
    }

    #[test]
    fn words_and_letters_off_the_list_are_no_answer() {
        for reply in [
            "A good guess is relief.",
            "Emotion: a mix of feelings\nCause: B",
            r#"{"emotion": "G", "cause": "A"}"#,
            r#"{"emotion": "A"}"#,
            "",
        ] {
            assert_eq!(read(reply, 6, 4), None, "{reply}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(reply in "(?s).{0,120}", emotions in 0_usize..9, causes in 0_usize..9) {
            if let Some((emotion, cause)) = read(&reply, emotions, causes) {
                prop_assert!(usize::from(emotion as u8 - b'A') < emotions);
                prop_assert!(usize::from(cause as u8 - b'A') < causes);
            }
        }
    }
}
