//! Items in the project's own format: one JSON object a line.

use std::collections::BTreeSet;

use trustmh_core::codebook::{Codebook, did_you_mean, shown};
use trustmh_core::item::{
    Item, ItemContent, Labelled, PrivacyTier, Rated, Speaker, option_index, option_letter,
};

use crate::error::{DataError, Place};

/// Reads items from JSONL text; `file` names it in errors, and their labels and keys are checked by `codebook`. Blank lines and the canary are skipped.
///
/// # Errors
/// [`DataError::Malformed`] for a line that is no item, with unknown fields counted as faults, and
/// [`DataError::Value`] for an id used twice, a key without its option or a rating off its scale.
pub fn read_jsonl(text: &str, file: &str, codebook: &Codebook) -> Result<Vec<Item>, DataError> {
    let mut items: Vec<Item> = Vec::new();
    let mut ids = BTreeSet::new();
    for (line, json) in (1_u64..).zip(text.lines()) {
        let place = Place::line(file, line);
        if let Some(item) = read_line(json.as_bytes(), &place, codebook)? {
            if !ids.insert(item.id.clone()) {
                return Err(used_twice(place, &item));
            }
            items.push(item);
        }
    }
    Ok(items)
}

/// How a line begins that marks a file as not to be trained on.
const CANARY: &[u8] = b"{\"canary\":";

/// The item of a line; none if it is blank, or the line that asks to leave the file out of training data.
pub(crate) fn read_line(
    json: &[u8],
    place: &Place,
    codebook: &Codebook,
) -> Result<Option<Item>, DataError> {
    if json.trim_ascii().is_empty() || json.starts_with(CANARY) {
        return Ok(None);
    }
    let item: Item =
        serde_json::from_slice(json).map_err(|error| DataError::malformed(place.clone(), error))?;
    check(&item, place, codebook)?;
    Ok(Some(item))
}

pub(crate) fn used_twice(place: Place, item: &Item) -> DataError {
    DataError::value(place, "id", item.id.as_str(), "an id not used before")
}

fn check(item: &Item, place: &Place, codebook: &Codebook) -> Result<(), DataError> {
    let wrong = |field: &str, value: String, expected: String| {
        Err(DataError::value(place.clone(), field, &value, expected))
    };
    match &item.content {
        ItemContent::Dilemma(dilemma) => {
            if let Some(expected) = no_option(dilemma.key, dilemma.options.len()) {
                return wrong("key", dilemma.key.to_string(), expected);
            }
        }
        ItemContent::MultipleChoice(question) => {
            if let Some(expected) = no_option(question.key, question.options.len()) {
                return wrong("key", question.key.to_string(), expected);
            }
        }
        ItemContent::Emotion(emotion) => {
            for (field, right, options) in [
                ("emotion", &emotion.emotion, &emotion.emotions),
                ("cause", &emotion.cause, &emotion.causes),
            ] {
                if options.iter().filter(|option| *option == right).count() != 1 {
                    return wrong(field, right.clone(), format!("one of its {field}s, once"));
                }
            }
        }
        ItemContent::Labelled(labelled) => {
            if let Some((field, value, expected)) = fault_of_label(labelled, codebook) {
                return wrong(field, value, expected);
            }
        }
        ItemContent::Rated(rated) => {
            if let Some((field, value, expected)) = fault_of_key(rated, codebook) {
                return wrong(field, value, expected);
            }
        }
        ItemContent::Conversation(conversation) => {
            if let Some(fault) = conversation.fault() {
                return wrong("client", conversation.client.kind().to_owned(), fault);
            }
        }
        ItemContent::Dialogue(dialogue) => {
            if dialogue.turns.iter().all(|turn| turn.speaker != Speaker::Seeker) {
                return wrong(
                    "turns",
                    "no seeker".to_owned(),
                    "at least one seeker's turn".to_owned(),
                );
            }
        }
        ItemContent::PrivacyRating(rating) => {
            let (low, high) = scale(rating.tier);
            if !(low..=high).contains(&rating.rating) {
                let expected = format!("a number from {low} to {high}");
                return wrong("rating", rating.rating.to_string(), expected);
            }
        }
        ItemContent::Secret(_) | ItemContent::Intent(_) | ItemContent::Action(_) => {}
    }
    Ok(())
}

/// A field that is wrong, its value, and what would be right.
type Fault = (&'static str, String, String);

fn fault_of_label(labelled: &Labelled, codebook: &Codebook) -> Option<Fault> {
    let Some(scheme) = codebook.scheme(&labelled.scheme) else {
        let expected = codebook.schemes_but_not(&labelled.scheme);
        return Some(("scheme", labelled.scheme.to_string(), expected));
    };
    // No answer to a survey is right.
    if labelled.label.is_none() && scheme.has_codes() {
        return None;
    }
    let label = labelled.label.as_deref().unwrap_or_default();
    if scheme.names().any(|known| known == label) {
        return None;
    }
    let known = scheme.names().collect::<Vec<_>>().join(", ");
    let meant = did_you_mean(label, scheme.names());
    Some(("label", label.to_owned(), format!("one of {known}{meant}")))
}

fn fault_of_key(rated: &Rated, codebook: &Codebook) -> Option<Fault> {
    let Some(scale) = codebook.scale(&rated.scale) else {
        let expected = codebook.scales_but_not(&rated.scale);
        return Some(("scale", rated.scale.to_string(), expected));
    };
    let (low, high) = scale.range();
    if (low..=high).contains(&rated.key) {
        return None;
    }
    let expected = format!(
        "a number from {} to {}, as scale `{}` has it",
        shown(low),
        shown(high),
        scale.name
    );
    Some(("key", rated.key.to_string(), expected))
}

/// What a key must be, if it is none of `options` letters.
fn no_option(key: char, options: usize) -> Option<String> {
    let last = option_letter(options.saturating_sub(1)).unwrap_or('Z');
    let known = option_index(key).is_some_and(|index| index < options);
    (!known).then(|| format!("one letter from A to {last}"))
}

/// Lowest and highest rating of a tier.
pub(crate) fn scale(tier: PrivacyTier) -> (f64, f64) {
    match tier {
        PrivacyTier::Information => (1.0, 4.0),
        PrivacyTier::Flow | PrivacyTier::Story => (-100.0, 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::built_in;

    const GOOD: &str = r#"{"id":"d-1","language":"en","content":{"kind":"dilemma","scenario":"s","options":["x","y"],"key":"B","task":"t","watch_for":"w"}}"#;

    fn fault(text: &str) -> String {
        read_jsonl(text, "own.jsonl", built_in()).unwrap_err().to_string()
    }

    #[test]
    fn items_are_read_and_blank_lines_skipped() {
        let text = format!("\n{GOOD}\r\n\n");
        assert_eq!(read_jsonl(&text, "own.jsonl", built_in()).unwrap().len(), 1);
    }

    #[test]
    fn faults_name_the_line() {
        assert!(fault(&format!("{GOOD}\n{{\"id\":")).starts_with("own.jsonl, line 2: "));
        assert!(fault(&format!("{GOOD}\n\n{GOOD}")).contains("line 3: id is `d-1`"));
        let unknown = GOOD.replace("\"task\"", "\"mood\":1,\"task\"");
        assert!(fault(&unknown).contains("unknown field `mood`"));
    }

    #[test]
    fn keys_and_ratings_must_fit() {
        let key = fault(&GOOD.replace("\"B\"", "\"C\""));
        assert_eq!(key, "own.jsonl, line 1: key is `C`; expected one letter from A to B");
        let rating = r#"{"id":"r","language":"en","content":{"kind":"privacy-rating","tier":"1","statement":"s","rating":5,"rating_source":"project"}}"#;
        assert!(fault(rating).contains("rating is `5`; expected a number from 1 to 4"));
    }

    #[test]
    fn labels_and_keys_must_be_those_of_scheme_and_scale() {
        let text = r#"{"id":"t","language":"en","content":{"kind":"labelled","scheme":"severity","text":"t","label":"atempt"}}"#;
        let label = fault(text);
        let wanted = "own.jsonl, line 1: label is `atempt`; expected one of supportive, indicator, ideation, behavior, attempt; did you mean `attempt`?";
        assert_eq!(label, wanted);
        let unlabelled = text.replace(",\"label\":\"atempt\"", "");
        assert!(fault(&unlabelled).contains("label is ``"), "{unlabelled}");
        let survey = unlabelled.replace("severity", "willingness");
        assert_eq!(read_jsonl(&survey, "own.jsonl", built_in()).unwrap().len(), 1);
        let scheme = fault(&text.replace("severity", "severty"));
        assert!(
            scheme.contains(
                "line 1: scheme is `severty`; expected a file of labels/ (columbia, crisis"
            ),
            "{scheme}"
        );
        assert!(scheme.ends_with("did you mean `severity`?"), "{scheme}");
        let mut codebook = Codebook::clone(built_in());
        let scale = "name = \"fit\"\ntitle = \"Fit\"\nfrom = -3\nto = 3\nstep = 1\n";
        codebook.add("scales/fit.toml", scale).unwrap();
        let rated = r#"{"id":"r","language":"en","content":{"kind":"rated","scale":"fit","text":"t","key":-1.4}}"#;
        assert_eq!(read_jsonl(rated, "own.jsonl", &codebook).unwrap().len(), 1);
        let outside = read_jsonl(&rated.replace("-1.4", "3.4"), "own.jsonl", &codebook);
        let outside = outside.unwrap_err().to_string();
        assert_eq!(
            outside,
            "own.jsonl, line 1: key is `3.4`; expected a number from -3 to 3, as scale `fit` has it"
        );
        let none = fault(rated);
        assert!(
            none.ends_with("scale is `fit`; expected a file of scales/ (appropriateness)"),
            "{none}"
        );
    }
}
