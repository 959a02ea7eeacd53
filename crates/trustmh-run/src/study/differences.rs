//! What was changed in a study file, field by field.

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::digest::Digest;

use super::place::Way;

/// The values of two study files that differ, each with its field: for people who ask what was changed.
pub(super) fn differences(was: &str, is: &str) -> Vec<String> {
    let (was, is) = (flat(was), flat(is));
    let fields: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let shown = |value: Option<&String>| value.map_or_else(|| "not set".to_owned(), Clone::clone);
    let differ = fields.into_iter().filter(|field| was.get(*field) != is.get(*field));
    differ
        .map(|field| format!("{field}: {} -> {}", shown(was.get(field)), shown(is.get(field))))
        .collect()
}

/// Every value by its way; nothing of a text that is no TOML.
fn flat(text: &str) -> BTreeMap<String, String> {
    fn add(value: &toml::Value, way: &Way, all: &mut BTreeMap<String, String>) {
        match value {
            toml::Value::Table(table) => {
                table.iter().for_each(|(name, value)| add(value, &way.field(name), all))
            }
            toml::Value::Array(values) => {
                values
                    .iter()
                    .enumerate()
                    .for_each(|(place, value)| add(value, &way.at(place), all));
            }
            other => {
                const LONGEST: usize = 60;
                let shown = other.to_string();
                let cut: String = shown.chars().take(LONGEST).collect();
                // Texts that differ behind the cut must not look alike.
                let shown = if cut.len() < shown.len() {
                    format!("{cut}… (hash {})", &Digest::of(shown.as_bytes()).as_str()[..8])
                } else {
                    shown
                };
                all.insert(way.to_string(), shown);
            }
        }
    }
    let mut all = BTreeMap::new();
    if let Ok(table) = toml::from_str::<toml::Table>(text) {
        add(&toml::Value::Table(table), &Way::default(), &mut all);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "[study]\nname = \"x\"\n[[subjects]]\nmodel = \"scripted/random\"\n[[judges]]\nmodel = \"offline\"\n";

    #[test]
    fn what_was_changed_is_told_by_field() {
        let is = LEAST.replace("random", "echo") + "[limits]\nmax_calls = 5\n";
        assert_eq!(
            differences(LEAST, &is),
            [
                "limits.max_calls: not set -> 5",
                "subjects[1].model: \"scripted/random\" -> \"scripted/echo\""
            ]
        );
    }
}
