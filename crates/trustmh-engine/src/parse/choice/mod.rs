//! Reading the letter of a multiple-choice answer.

use regex_lite::Regex;
use std::sync::LazyLock;

use trustmh_core::item::{option_index, option_letter};

use super::decision::{self, Reading};
use super::json::{self, fenced_object, whole_object};
use super::mention::Options;
use super::sound;
use super::structured::{option_of, own_field, own_objects, without_objects};
use super::{continuation, dress};

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
    static LONE: LazyLock<Regex> = LazyLock::new(|| sound(Regex::new(r"(?i)\b([a-d])\b")));
    let found = LONE.captures(text)?.get(1)?;
    found.as_str().chars().next().map(|letter| letter.to_ascii_uppercase())
}

/// Fields that hold a choice; of several in one object the first named here counts.
const FIELDS: [&str; 21] = [
    "choice",
    "final choice",
    "final answer",
    "my choice",
    "my answer",
    "selected option",
    "selected answer",
    "chosen option",
    "selected choice",
    "selected",
    "chosen",
    "selection",
    "correct answer",
    "correct option",
    "best option",
    "best answer",
    "answer",
    "decision",
    "最终答案",
    "答案",
    "选择",
];

/// Fields that hold a choice where none of those stands; inside another they only describe it.
const BARE_FIELDS: [&str; 3] = ["option", "letter", "选项"];

/// Reads the choice among options by what the writer commits to last, as the letter under which the subject saw it: a field of an
/// object, then a stated answer, then a lone one; an option's text stands for its letter. Options that are explained, quoted, denied,
/// chosen by others or in another case are not chosen, nor are several at once. The article "a" and the
/// pronoun "I" are never letters.
pub fn explicit<S: AsRef<str>>(reply: &str, options: &[S]) -> Option<char> {
    as_asked(reply, options.len()).or_else(|| read(reply, &Options::new(options)))
}

/// The letter of a reply in the very form that is asked for.
fn as_asked(reply: &str, options: usize) -> Option<char> {
    let said = json::as_asked(reply, "choice")?;
    let letter =
        said.chars().next().filter(|letter| said.len() == 1 && letter.is_ascii_uppercase())?;
    option_index(letter).filter(|index| *index < options).map(|_| letter)
}

fn read(reply: &str, options: &Options) -> Option<char> {
    // An unanswered first part is the question repeated, or thoughts before it.
    let readings = continuation::parts(reply).into_iter().map(|part| part_reading(part, options));
    readings
        .into_iter()
        .find(|reading| *reading != Reading::Nothing)?
        .option()
        .and_then(option_letter)
}

fn part_reading(part: &str, options: &Options) -> Reading {
    let part = continuation::with_answers_named(part);
    let field = |names: &[&str]| own_field(&part, &own_objects(&part, names), names, options);
    let Some(field) = field(&FIELDS).or_else(|| field(&BARE_FIELDS)) else {
        return decision::read(&without_objects(&part), options);
    };
    let after = without_objects(part.get(field.place.end..).unwrap_or_default());
    match decision::read_correction(&dress::taken_off(&after), options) {
        Reading::Nothing => option_of(&field.value, options),
        corrected @ (Reading::Decided(_) | Reading::Unreadable) => corrected,
    }
}

#[cfg(test)]
mod examples;

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read at once is read as the long way reads it.
    #[test]
    fn the_form_that_is_asked_for_is_read_like_any_other() {
        let texts = ["Wait", "Refer", "Seek consent", "Report"];
        let options = Options::new(&texts);
        for reason in
            ["It is safe.", "Actually, B.", "Not C but D. Final answer: D", "{\"a\": 1}", ""]
        {
            for letter in 'A'..='D' {
                let object =
                    serde_json::json!({ "choice": letter.to_string(), "reasoning": reason });
                for reply in [
                    object.to_string(),
                    format!("```json\n{object:#}\n```"),
                    format!(" {object}\n"),
                ] {
                    assert_eq!(as_asked(&reply, 4), Some(letter), "{reply}");
                    assert_eq!(read(&reply, &options), Some(letter), "{reply}");
                }
            }
        }
        for other in [
            r#"{"choice": "E"}"#,
            r#"{"choice": "a"}"#,
            r#"{"choice": "A", "choice": "B"}"#,
            r#"{"choice": "A", "text": "Refer"}"#,
            r#"{"choice": "A", "final": {"choice": "B"}}"#,
            r#"{"choice": "A"} B"#,
            r#"{"choice": ["A"]}"#,
        ] {
            assert_eq!(as_asked(other, 4), None, "{other}");
        }
    }

    #[test]
    fn the_release_reads_the_article() {
        assert_eq!(as_released("a good first step"), Some('A'));
        assert_eq!(as_released("```json\n{\"choice\": \"C\"}\n```"), Some('C'));
        assert_eq!(as_released("{\"choice\": \"d\"}"), Some('D'));
        assert_eq!(as_released("nothing here"), None);
    }
}
