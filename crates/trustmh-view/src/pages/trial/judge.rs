//! What a judge wrote, as people read it: reasons as text; what stands in tables is not said twice.

use maud::{Markup, html};
use serde_json::Value;

use super::said;
use crate::pages::beginning;

/// The reasons of a judge, and all that it wrote, folded. `in_table` are fields that are shown elsewhere.
pub(in crate::pages) fn in_words(text: &str, in_table: &[&str]) -> Markup {
    let Some(fields) = object(text) else { return said("judge", text) };
    let reasons: Vec<(&String, String)> = fields
        .iter()
        .filter(|(name, _)| !in_table.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((name, words(value)?)))
        .collect();
    html! {
        @if !reasons.is_empty() {
            article.said.judge {
                @for (name, reason) in &reasons {
                    @let (shown, whole) = beginning(reason);
                    h3 { (name.replace('_', " ")) }
                    div.text dir="auto" { (shown) }
                    @if !whole { p.small { "Cut: it has " (reason.chars().count()) " characters." } }
                }
            }
        }
        details { summary { "As the judge wrote it" } pre { (beginning(text).0) } }
    }
}

/// The object that a judge's reply holds, from its first brace to its last.
fn object(text: &str) -> Option<serde_json::Map<String, Value>> {
    let (first, last) = (text.find('{')?, text.rfind('}')?);
    match serde_json::from_str(text.get(first..=last)?) {
        Ok(Value::Object(fields)) => Some(fields),
        Ok(_) | Err(_) => None,
    }
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.trim().is_empty()).then(|| text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(all) => {
            let all: Vec<String> = all.iter().filter_map(words).collect();
            (!all.is_empty()).then(|| all.join("; "))
        }
        Value::Object(fields) => {
            let all = fields
                .iter()
                .filter_map(|(name, value)| Some(format!("{name}: {}", words(value)?)));
            let all: Vec<String> = all.collect();
            (!all.is_empty()).then(|| all.join("; "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_text_and_what_is_no_object_stays() {
        let text = "```json\n{\"verdict\": \"refused\", \"reason\": \"It <b>declines</b>.\"}\n```";
        let page = in_words(text, &["verdict"]).into_string();
        let (said, raw) = page.split_once("<details>").unwrap();
        assert!(said.contains("It &lt;b&gt;declines&lt;/b&gt;.") && !said.contains("refused"));
        assert!(raw.contains("```json"));
        assert!(in_words("I cannot.", &[]).into_string().contains("I cannot."));
    }
}
