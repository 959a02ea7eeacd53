//! The head of a dataset's card: what it says of the classes of its columns.
//!
//! Of YAML it takes what the hub writes: a line a key, deeper by blanks.

use std::collections::BTreeMap;

use super::features::meant;
use crate::error::{DataError, Place};
use crate::tabular::Classes;

/// How a card is called.
pub(super) const FILE: &str = "README.md";

/// The key under which a card describes the configurations of its dataset.
const DESCRIBED: &str = "dataset_info:";

/// What a card says of one configuration.
#[derive(Debug, Default)]
struct Entry {
    config: Option<String>,
    columns: BTreeMap<String, Vec<Class>>,
}

/// A class as a line of the card has it.
#[derive(Debug)]
struct Class {
    line: u64,
    number: usize,
    name: String,
}

/// The names of classes that a card has for a configuration; none where it describes only others.
///
/// # Errors
/// [`DataError::Value`] for classes whose numbers leave a gap or come twice.
pub(super) fn classes(card: &str, config: Option<&str>) -> Result<Classes, DataError> {
    let head = card.strip_prefix("---").and_then(|rest| rest.split("\n---").next());
    let entries = entries(head.unwrap_or_default());
    let configs: Vec<Option<&str>> = entries.iter().map(|entry| entry.config.as_deref()).collect();
    let entry = meant(&configs, config).and_then(|at| entries.into_iter().nth(at));
    let columns = entry.map(|entry| entry.columns).unwrap_or_default();
    columns
        .into_iter()
        .map(|(column, classes)| Ok((column.clone(), placed(&column, classes)?)))
        .collect()
}

/// The names of a column's classes, each at its number.
fn placed(column: &str, mut classes: Vec<Class>) -> Result<Vec<String>, DataError> {
    classes.sort_by_key(|class| (class.number, class.line));
    for (number, class) in classes.iter().enumerate() {
        if class.number != number {
            let field = format!("the number of a class of column `{column}`");
            let expected = format!("{number}, since each has its own, from 0 on");
            let place = Place::line(FILE, class.line);
            return Err(DataError::value(place, field, &class.number.to_string(), expected));
        }
    }
    Ok(classes.into_iter().map(|class| class.name).collect())
}

/// The configurations that the head of a card describes.
fn entries(head: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut reading: Option<Reading> = None;
    for (number, line) in (1..).zip(head.lines()) {
        let text = line.trim();
        let depth = line.len() - line.trim_start().len();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if depth == 0 && !text.starts_with('-') {
            reading = (text == DESCRIBED).then(Reading::default);
        } else if let Some(reading) = &mut reading {
            reading.line(Line { number, depth, text }, &mut entries);
        }
    }
    entries
}

struct Line<'l> {
    number: u64,
    depth: usize,
    text: &'l str,
}

/// Where in the description of configurations reading is. Depths are blanks before a line.
#[derive(Debug, Default)]
struct Reading {
    /// Of the keys of an entry, with that of the signs that begin one where there is a list of them.
    keys: Option<(usize, Option<usize>)>,
    in_features: bool,
    /// Of the columns: whatever is deeper is a member of one.
    columns: Option<usize>,
    column: Option<String>,
    /// Of the key below which classes stand.
    names: Option<usize>,
}

impl Reading {
    fn line(&mut self, Line { number, depth, text }: Line<'_>, entries: &mut Vec<Entry>) {
        let item = text.strip_prefix("- ").map(str::trim_start);
        let is_first = self.keys.is_none();
        let (keys, entry) = *self.keys.get_or_insert(match item {
            Some(item) => (depth + text.len() - item.len(), Some(depth)),
            None => (depth, None),
        });
        let begins = item.filter(|_| entry == Some(depth));
        if is_first || begins.is_some() {
            entries.push(Entry::default());
        }
        let Some(current) = entries.last_mut() else { return };
        let key = begins.or_else(|| Some(text).filter(|_| depth <= keys && item.is_none()));
        if let Some(key) = key {
            *self = Self { keys: self.keys, in_features: key == "features:", ..Self::default() };
            if let Some(name) = key.strip_prefix("config_name:") {
                current.config = Some(unquoted(name));
            }
        } else if self.in_features {
            self.feature(Line { number, depth, text }, item, current);
        }
    }

    /// A line of what is said of columns.
    fn feature(&mut self, line: Line<'_>, item: Option<&str>, entry: &mut Entry) {
        let Line { number, depth, text } = line;
        if let Some(name) = item.and_then(|item| item.strip_prefix("name:")) {
            let columns = *self.columns.get_or_insert(depth);
            self.column = (depth == columns).then(|| unquoted(name));
            self.names = None;
        } else if text == "names:" {
            self.names = Some(depth);
        } else if let (Some(names), Some(column)) = (self.names, &self.column) {
            let known = entry.columns.get(column).map_or(0, Vec::len);
            let listed = item.filter(|_| depth >= names).map(|name| (known, name));
            let numbered = text.split_once(':').filter(|_| depth > names);
            let numbered = numbered.and_then(|(at, name)| Some((unquoted(at).parse().ok()?, name)));
            match listed.or(numbered) {
                Some((at, name)) => {
                    let class = Class { line: number, number: at, name: unquoted(name) };
                    entry.columns.entry(column.clone()).or_default().push(class);
                }
                None => self.names = None,
            }
        }
    }
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let quoted = |sign: char| text.strip_prefix(sign).and_then(|text| text.strip_suffix(sign));
    match (quoted('\''), quoted('"')) {
        (Some(inner), _) => inner.replace("''", "'"),
        (None, Some(inner)) => inner.to_owned(),
        (None, None) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "---
license: mit
dataset_info:
- config_name: en
  features:
  - name: text
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          '0': self.Anxiety
          '1': 'it''s fine'
  - name: level
    dtype:
      class_label:
        names:
        - low
        - high
  - name: people
    list:
    - name: label
      dtype:
        class_label:
          names:
            '0': nobody
  splits:
  - name: train
    num_bytes: 3
- config_name: zh
  features:
  - name: label
    dtype:
      class_label:
        names:
          '0': other
configs:
- config_name: en
---
# A set
";

    #[test]
    fn a_card_names_the_classes_of_the_configuration_that_is_meant() {
        let en = classes(TWO, Some("en")).unwrap();
        assert_eq!(en["label"], ["self.Anxiety", "it's fine"]);
        assert_eq!(en["level"], ["low", "high"]);
        assert_eq!(en.len(), 2);
        assert_eq!(classes(TWO, Some("zh")).unwrap()["label"], ["other"]);
        // Files in no configuration's folder are none of those two.
        assert_eq!(classes(TWO, None).unwrap(), Classes::new());
        for usual in ["default", "plain_text"] {
            let card = TWO.replace("config_name: zh", &format!("config_name: {usual}"));
            assert_eq!(classes(&card, None).unwrap()["label"], ["other"]);
        }
        let (only, _) = TWO.split_once("- config_name: zh").unwrap();
        let only = format!("{only}---\n");
        assert_eq!(classes(&only, None).unwrap(), en);
        assert_eq!(classes(&only, Some("zh")).unwrap(), Classes::new());
        let unnamed = "---
dataset_info:
  features:
  - name: label
    dtype:
      class_label:
        names:
          '0': a
  splits:
  - name: train
---
";
        for config in [None, Some("OEQ")] {
            assert_eq!(classes(unnamed, config).unwrap()["label"], ["a"]);
        }
        assert_eq!(classes("# A set\n", None).unwrap(), Classes::new());
    }

    #[test]
    fn classes_stand_at_their_numbers() {
        let of = |names: &[&str]| {
            let names: String = names.iter().map(|name| format!("        {name}\n")).collect();
            classes(
                &format!(
                    "---\ndataset_info:\n  features:\n  - name: label\n    dtype:\n      class_label:\n       names:\n{names}---\n"
                ),
                None,
            )
        };
        let placed = of(&["'2': c", "'0': a", "'1': b"]).unwrap();
        assert_eq!(placed["label"], ["a", "b", "c"]);
        let gap = of(&["'0': a", "'2': c"]).unwrap_err();
        assert_eq!(
            gap.to_string(),
            "README.md, line 9: the number of a class of column `label` is `2`; expected 1, since each has its own, from 0 on"
        );
        assert!(gap.hint().is_some());
        let twice = of(&["'0': a", "'1': b", "'1': c"]).unwrap_err().to_string();
        assert!(twice.starts_with("README.md, line 10: ") && twice.contains("is `1`"), "{twice}");
    }
}
