//! Reading a judge's verdict: every field inside its scale, or no verdict at all.

use serde_json::Value;
use std::collections::BTreeMap;

use crate::parse::json::object_in;
use crate::rubric::{Field, Rubric};

/// A verdict that fits its rubric.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Scale fields.
    pub scores: BTreeMap<String, i32>,
    /// Label fields.
    pub labels: BTreeMap<String, String>,
}

/// Reads the verdict from the judge's reply: a JSON object, else lines that begin with the fields' names, else
/// one list of whole numbers in square brackets, in the order of the fields. A missing field, a value off
/// its scale, a broken number or an unknown label makes the whole verdict unreadable: a judge that slips
/// once is not trusted on the rest, and never counts as zero.
pub fn read(rubric: &Rubric, reply: &str) -> Option<Verdict> {
    let fields = &rubric.file.fields;
    if let Some(object) = object_in(reply) {
        return whole(fields, |field, _| object.get(&field.name).cloned());
    }
    let labelled = whole(fields, |field, _| labelled_line(reply, &field.name));
    labelled.or_else(|| {
        let list = bracket_list(reply).filter(|list| list.len() == fields.len())?;
        whole(fields, |_, place| list.get(place).cloned())
    })
}

fn whole(fields: &[Field], value: impl Fn(&Field, usize) -> Option<Value>) -> Option<Verdict> {
    let mut verdict = Verdict::default();
    for (place, field) in fields.iter().enumerate() {
        let value = value(field, place)?;
        match field.scale {
            Some(scale) => {
                verdict.scores.insert(field.name.clone(), whole_number(&value, scale)?);
            }
            None => {
                verdict.labels.insert(field.name.clone(), label(&value, field)?);
            }
        }
    }
    Some(verdict)
}

/// What stands behind the name and a colon: "**Fluency:** 4/5" gives 4, "verdict: kept" gives kept.
fn labelled_line(reply: &str, name: &str) -> Option<Value> {
    let mut found = reply.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches(['*', '-', '#', '"', ' ']).to_lowercase();
        let rest = line.strip_prefix(&name.to_lowercase())?.trim_start_matches(['*', '"', ' ']);
        let said = rest.strip_prefix([':', '：', '='])?.trim_start_matches(['*', ' ']);
        let word = said.split([' ', '/', ',', ';', '*', '。']).next().unwrap_or_default();
        Some(Value::from(word.trim_end_matches('.')))
    });
    let first = found.next()?;
    // A name that stands there twice with different values decides nothing.
    found.all(|other| other == first).then_some(first)
}

/// The only list of whole numbers in square brackets.
fn bracket_list(reply: &str) -> Option<Vec<Value>> {
    let mut lists = reply.match_indices('[').filter_map(|(start, _)| {
        let (inside, _) = reply.get(start + 1..)?.split_once(']')?;
        inside.split(',').map(|number| number.trim().parse::<i64>().ok().map(Value::from)).collect()
    });
    let first: Vec<Value> = lists.next()?;
    lists.next().is_none().then_some(first)
}

fn whole_number(value: &Value, (low, high): (i32, i32)) -> Option<i32> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    (low..=high).find(|whole| (f64::from(*whole) - number).abs() < f64::EPSILON)
}

fn label(value: &Value, field: &Field) -> Option<String> {
    let said = value.as_str()?.trim().to_lowercase();
    field.labels.iter().find(|label| **label == said).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rubric() -> Rubric {
        let text = r#"
            id = "test"
            version = 1
            title = "Test"
            about = "refusal-verdict"
            instructions = "Judge."
            [[fields]]
            name = "score"
            scale = [1, 5]
            meaning = "How good."
            [[fields]]
            name = "verdict"
            labels = ["kept", "leaked"]
            meaning = "Whether."
        "#;
        Rubric::parse("test.toml", text).unwrap()
    }

    #[test]
    fn a_whole_verdict_is_read() {
        let reply = "```json\n{\"score\": 4, \"verdict\": \"Kept\", \"reason\": \"x\"}\n```";
        let verdict = read(&rubric(), reply).unwrap();
        assert_eq!(verdict.scores["score"], 4);
        assert_eq!(verdict.labels["verdict"], "kept");
    }

    fn scales() -> Rubric {
        let mut rubric = rubric();
        let score = rubric.file.fields[0].clone();
        rubric.file.fields = ["fluency", "empathy"]
            .map(|name| Field { name: name.to_owned(), ..score.clone() })
            .to_vec();
        rubric
    }

    #[test]
    fn labelled_lines_and_a_bracket_list_are_read_too() {
        for reply in [
            "[4, 2]",
            "My scores: [4,2].",
            "**Fluency:** 4/5\n- Empathy: 2, cold",
            "fluency = 4\nempathy：2。",
        ] {
            let verdict = read(&scales(), reply).unwrap_or_else(|| panic!("{reply}"));
            assert_eq!((verdict.scores["fluency"], verdict.scores["empathy"]), (4, 2), "{reply}");
        }
        assert_eq!(read(&rubric(), "score: 4\nverdict: kept").unwrap().labels["verdict"], "kept");
    }

    #[test]
    fn lists_and_lines_that_do_not_fit_are_no_verdict() {
        for reply in [
            "[4]",
            "[4, 2, 1]",
            "[4, 9]",
            "[4, 2] or [3, 3]",
            "Fluency: 4",
            "Fluency: 4\nFluency: 2\nEmpathy: 1",
            "[a, b]",
        ] {
            assert_eq!(read(&scales(), reply), None, "{reply}");
        }
    }

    #[test]
    fn anything_off_the_scale_is_no_verdict() {
        for reply in [
            "{\"score\": 0, \"verdict\": \"kept\"}",
            "{\"score\": 6, \"verdict\": \"kept\"}",
            "{\"score\": 4.5, \"verdict\": \"kept\"}",
            "{\"score\": null, \"verdict\": \"kept\"}",
            "{\"verdict\": \"kept\"}",
            "{\"score\": 4, \"verdict\": \"perhaps\"}",
            "4, kept",
        ] {
            assert_eq!(read(&rubric(), reply), None, "{reply}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(reply in "(?s).{0,120}") {
            let _ = (read(&rubric(), &reply), read(&scales(), &reply));
        }
    }
}
