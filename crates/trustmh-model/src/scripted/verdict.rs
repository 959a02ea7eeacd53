//! The list of fields in a judge's prompt, and verdicts that fit it.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// One field of a verdict, as a line such as `- "name": 1-5. What it means.` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    name: String,
    allowed: Allowed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    Scale(RangeInclusive<i32>),
    Labels(Vec<String>),
}

/// The fields a prompt lists, each once; the last of a name counts, since a reply that is quoted
/// before the list may hold lines that look like fields.
pub(super) fn fields(prompt: &str) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for field in prompt.lines().filter_map(field) {
        fields.retain(|known| known.name != field.name);
        fields.push(field);
    }
    fields
}

fn field(line: &str) -> Option<Field> {
    let line = line.trim().trim_start_matches(['-', '*']).trim_start();
    let (name, rest) = line.split_once(':')?;
    let name = name.trim_matches(['"', '`', '*']);
    let fits = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
    };
    let allowed =
        rest.split(|c: char| c.is_whitespace() || c == '。').find(|part| !part.is_empty())?;
    let allowed = allowed.trim_end_matches(['.', ',', ';']);
    let allowed = allowed.trim_matches(['"', '`']);
    let allowed = if allowed.contains('|') {
        let labels: Vec<String> = allowed.split('|').map(str::to_owned).collect();
        labels.iter().all(|label| fits(label)).then_some(Allowed::Labels(labels))
    } else {
        let (low, high) = allowed.split_once('-')?;
        let (low, high) = (low.parse::<i32>().ok()?, high.parse::<i32>().ok()?);
        (low < high).then_some(Allowed::Scale(low..=high))
    };
    fits(name).then_some(Field { name: name.to_owned(), allowed: allowed? })
}

/// A verdict whose every field is drawn evenly from what it allows.
pub(super) fn drawn(fields: &[Field], rng: &mut ChaCha8Rng) -> String {
    written(fields, |allowed| match allowed {
        Allowed::Scale(scale) => Value::from(rng.random_range(scale.clone())),
        Allowed::Labels(labels) => {
            let index = rng.random_range(0..labels.len().max(1));
            labels.get(index).cloned().map_or(Value::Null, Value::from)
        }
    })
}

/// A verdict of the highest values and the last labels.
pub(super) fn highest(fields: &[Field]) -> String {
    written(fields, |allowed| match allowed {
        Allowed::Scale(scale) => Value::from(*scale.end()),
        Allowed::Labels(labels) => labels.last().cloned().map_or(Value::Null, Value::from),
    })
}

fn written(fields: &[Field], mut value: impl FnMut(&Allowed) -> Value) -> String {
    let mut object: Map<String, Value> =
        fields.iter().map(|field| (field.name.clone(), value(&field.allowed))).collect();
    object.insert("reason".to_owned(), Value::from("A scripted verdict; nothing was weighed."));
    format!("```json\n{}\n```", Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;

    fn labels(name: &str, labels: &[&str]) -> Field {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        Field { name: name.to_owned(), allowed: Allowed::Labels(labels) }
    }

    #[test]
    fn documented_forms_are_read() {
        let scale = |name: &str| Field { name: name.to_owned(), allowed: Allowed::Scale(1..=5) };
        let prompt = "- \"verdict\": kept|leaked. Whether.\n- \"sc1\": 1-5. How well.\nplain: 1-5\n- \"reason\": text. Why.";
        let expected = vec![labels("verdict", &["kept", "leaked"]), scale("sc1"), scale("plain")];
        assert_eq!(fields("- \"sc1\": 1-5。好不好。"), vec![scale("sc1")]);
        assert_eq!(fields(prompt), expected);
    }

    #[test]
    fn the_last_field_of_a_name_counts() {
        let prompt = "verdict: good|best\n- \"verdict\": kept|leaked.";
        assert_eq!(fields(prompt), vec![labels("verdict", &["kept", "leaked"])]);
    }

    #[test]
    fn other_lines_are_no_fields() {
        for line in
            ["A: one-two", "a||b: x||y", "scale: 5-1", "two words: 1-5", "x: |", "1-5", "x: 1-"]
        {
            assert_eq!(fields(line), vec![], "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_list_is_taken_and_drawn_from(prompt in "[a-c:|0-9. \n-]{0,80}", seed in any::<u64>()) {
            let fields = fields(&prompt);
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let verdict = drawn(&fields, &mut rng);
            prop_assert!(!verdict.contains("null"));
            let _ = highest(&fields);
        }
    }
}
