//! Reading the letter of a multiple-choice answer.

use regex_lite::Regex;
use std::sync::LazyLock;

use trustmh_core::item::{option_index, option_letter};

use super::json::{fenced_object, object_in, whole_object};

/// Reads a choice as the release did: the `choice` field of fenced JSON, of whole JSON, else the first
/// letter A to D that stands alone, in either case. So "a good step" reads as A; that is the release's
/// rule, kept so that its numbers come back.
pub fn as_released(reply: &str) -> Option<char> {
    let object = fenced_object(reply).or_else(|| whole_object(reply));
    if let Some(value) = object.as_ref().and_then(|object| object.get("choice")?.as_str())
        && let Some(letter) = first_lone_letter(value)
    {
        return Some(letter);
    }
    first_lone_letter(reply)
}

fn first_lone_letter(text: &str) -> Option<char> {
    static LONE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\b([a-d])\b").ok());
    let found = LONE.as_ref()?.captures(text)?.get(1)?;
    found.as_str().chars().next().map(|letter| letter.to_ascii_uppercase())
}

/// Reads an explicit choice among `options` letters from A: a `choice` or `answer` field of fenced or
/// bare JSON, then a phrase such as "answer: C" or "I choose option C", then a reply or last line that
/// is nothing but a letter. The article "a" and the pronoun "I" are never choices.
pub fn explicit(reply: &str, options: usize) -> Option<char> {
    let in_range = |letter: &char| option_index(*letter).is_some_and(|index| index < options);
    if let Some(object) = object_in(reply) {
        let field = ["choice", "answer"].iter().find_map(|name| object.get(*name)?.as_str());
        // An object without a readable field is a failed answer; prose around it is not searched.
        return field.and_then(|value| field_letter(value, options));
    }
    phrase_letter(reply).or_else(|| bare_letter(reply)).filter(in_range)
}

fn field_letter(value: &str, options: usize) -> Option<char> {
    let value = value.trim();
    let mut chars = value.chars();
    if let (Some(only), None) = (chars.next(), chars.next()) {
        let letter = only.to_ascii_uppercase();
        return (0..options).find_map(|i| option_letter(i).filter(|known| *known == letter));
    }
    // Inside the field "Option D" can only be the answer.
    let value = value.strip_prefix("Option ").unwrap_or(value);
    let letter = phrase_letter(value).or_else(|| bare_letter(value))?;
    option_index(letter).filter(|index| *index < options).map(|_| letter)
}

fn phrase_letter(reply: &str) -> Option<char> {
    // The lead-in is read in any case, the letter only as a capital.
    static PHRASE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?i:\b(?:answer|choice)\b\W{0,4}(?:is\b)?|\b(?:choose|pick|select|option)\b)",
            r"(?i:[\s:=*_]{0,4}\boption\b)?[\s:=*_(\[\x22']{1,4}([A-Z])\b"
        ))
        .ok()
    });
    let phrase = PHRASE.as_ref()?;
    let found = phrase.captures_iter(reply).filter_map(|captures| {
        let letter = captures.get(1)?;
        let text = captures.get(0)?.as_str().to_ascii_lowercase();
        // "Option B" alone only names an option; it decides nothing.
        let decides =
            ["answer", "choice", "choose", "pick", "select"].iter().any(|w| text.contains(w));
        let letter_char = letter.as_str().chars().next()?;
        (decides && stands_as_letter(letter_char, reply.get(letter.end()..)?))
            .then_some(letter_char)
    });
    found.last()
}

/// "A" before a word is the article and "I" the pronoun, unless the word can only follow a letter.
fn stands_as_letter(letter: char, rest: &str) -> bool {
    if letter != 'A' && letter != 'I' {
        return true;
    }
    let Some(after_blank) = rest.strip_prefix([' ', '\t']) else {
        return true;
    };
    let word: String = after_blank.chars().take_while(|c| c.is_alphanumeric()).collect();
    word.is_empty() || (letter == 'A' && ["because", "since", "as"].contains(&word.as_str()))
}

fn bare_letter(reply: &str) -> Option<char> {
    let trimmed = reply.trim();
    let last_line = trimmed.lines().last().unwrap_or_default();
    only_letter(trimmed).or_else(|| leading_letter(trimmed)).or_else(|| only_letter(last_line))
}

fn only_letter(text: &str) -> Option<char> {
    let bare = text.trim().trim_matches(|c: char| !c.is_alphanumeric());
    let mut chars = bare.chars();
    match (chars.next(), chars.next()) {
        (Some(letter), None) if letter.is_ascii_uppercase() => Some(letter),
        _ => None,
    }
}

/// "B. Seek consent ..." or "(B) Seek consent ...": the letter of an option that is then quoted.
fn leading_letter(text: &str) -> Option<char> {
    static LEADING: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[*_(\[]{0,3}([A-Z])(?:[.:]\s|[)\]*_])").ok());
    LEADING.as_ref()?.captures(text)?.get(1)?.as_str().chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_article_is_never_a_choice() {
        for reply in [
            "A good first step is to ask for consent.",
            "a good first step is to ask for consent.",
            "The answer is a collaborative plan.",
            "Answer: A good first step would be to talk.",
            "I choose a careful approach.",
            "My choice is a mix of B and C.",
            "{\"choice\": \"A good first step\"}",
            "I would talk to the client first.",
            "Answer: I think it depends.",
            "Option A is risky.",
        ] {
            assert_eq!(explicit(reply, 10), None, "{reply}");
        }
    }

    #[test]
    fn explicit_forms_are_read() {
        for (reply, letter) in [
            ("```json\n{\"choice\": \"C\", \"reasoning\": \"A good step.\"}\n```", 'C'),
            ("{\"choice\": \"b\"}", 'B'),
            ("{\"choice\": \"Option D\"}", 'D'),
            ("{\"answer\": \"D. Report it\"}", 'D'),
            ("Answer: B", 'B'),
            ("**Answer:** (C) because it respects the client", 'C'),
            ("The correct answer is A.", 'A'),
            ("I would choose option D, since it is safest.", 'D'),
            ("I pick A because it is kind.", 'A'),
            ("B", 'B'),
            ("(B)", 'B'),
            ("**B**", 'B'),
            ("B. Respect the request", 'B'),
            ("Some thoughts first.\nC", 'C'),
            ("Answer: A. No, on reflection: Answer: C", 'C'),
        ] {
            assert_eq!(explicit(reply, 4), Some(letter), "{reply}");
        }
    }

    #[test]
    fn a_letter_beyond_the_options_is_no_choice() {
        assert_eq!(explicit("Answer: E", 4), None);
        assert_eq!(explicit("{\"choice\": \"E\"}", 4), None);
        assert_eq!(explicit("{\"choice\": \"E\"}", 5), Some('E'));
    }

    #[test]
    fn the_release_reads_the_article() {
        assert_eq!(as_released("a good first step"), Some('A'));
        assert_eq!(as_released("```json\n{\"choice\": \"C\"}\n```"), Some('C'));
        assert_eq!(as_released("{\"choice\": \"d\"}"), Some('D'));
        assert_eq!(as_released("nothing here"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(reply in "(?s).{0,120}", options in 0_usize..12) {
            let _ = as_released(&reply);
            if let Some(letter) = explicit(&reply, options) {
                prop_assert!(option_index(letter).unwrap() < options);
            }
        }

        #[test]
        fn prose_that_begins_with_the_article_is_no_choice(word in "[a-z]{2,12}", rest in "[a-z ,]{0,60}") {
            prop_assume!(!["because", "since", "as"].contains(&word.as_str()));
            let reply = format!("A {word} {rest}.");
            prop_assert_eq!(explicit(&reply, 4), None);
        }
    }
}
