//! What a dataset says of its columns: the names of classes whose numbers its tables hold.

use serde_json::Value;
use std::fs;
use std::path::Path;

use super::{Part, Repository};
use crate::tabular::{Classes, Form, parquet};

/// The names of classes by column: from the file itself, from what is kept beside it, or from the dataset's card.
pub(super) fn classes(repository: &Repository, part: &Part, shard: &Path) -> Classes {
    if part.form == Form::Parquet
        && let Some(features) = parquet::features(shard)
    {
        return of_features(&features);
    }
    beside(repository, part).unwrap_or_else(|| of_card(repository, part))
}

/// The names of classes that a file in Parquet holds itself.
pub(crate) fn of_file(path: &Path) -> Classes {
    parquet::features(path).map(|features| of_features(&features)).unwrap_or_default()
}

/// The names in a description of columns as `datasets` keeps it.
fn of_features(features: &Value) -> Classes {
    let columns = features.as_object().into_iter().flatten();
    columns
        .filter(|(_, feature)| feature["_type"] == "ClassLabel")
        .filter_map(|(column, feature)| {
            let names = feature["names"].as_array()?.iter();
            let names =
                names.map(|name| name.as_str().map(str::to_owned)).collect::<Option<_>>()?;
            Some((column.clone(), names))
        })
        .collect()
}

fn beside(repository: &Repository, part: &Part) -> Option<Classes> {
    let read = |name: &str| -> Option<Value> {
        serde_json::from_slice(&fs::read(repository.files.join(name)).ok()?).ok()
    };
    if let Some(features) = read("dataset_info.json").and_then(|info| info.get("features").cloned())
    {
        return Some(of_features(&features));
    }
    let all = read("dataset_infos.json")?;
    let config = part.config.as_deref().unwrap_or("default");
    let only = || all.as_object().filter(|all| all.len() == 1)?.values().next();
    Some(of_features(all.get(config).or_else(only)?.get("features")?))
}

fn of_card(repository: &Repository, part: &Part) -> Classes {
    let card = fs::read_to_string(repository.files.join("README.md")).unwrap_or_default();
    let head = card.strip_prefix("---").and_then(|rest| rest.split("\n---").next());
    head.map(|head| of_head(head, part.config.as_deref())).unwrap_or_default()
}

/// The names of classes in the head of a card. Of YAML it takes what the hub writes: a line a key, deeper by blanks.
fn of_head(head: &str, config: Option<&str>) -> Classes {
    let mut classes = Classes::new();
    let mut in_config = true;
    let (mut column, mut names_at) = (None, None);
    for line in head.lines() {
        let text = line.trim();
        let depth = line.len() - line.trim_start().len();
        if depth == 0 && !text.starts_with('-') {
            (column, names_at) = (None, None);
        }
        if let Some(name) = text.trim_start_matches("- ").strip_prefix("config_name:") {
            in_config = config.is_none_or(|config| unquoted(name) == config);
            (column, names_at) = (None, None);
        } else if let Some(name) = text.strip_prefix("- name:") {
            (column, names_at) = (Some(unquoted(name)), None);
        } else if text == "names:" {
            names_at = Some(depth);
        } else if let (Some(at), Some(column)) = (names_at, &column)
            && in_config
        {
            let listed = text.strip_prefix("- ");
            let numbered = text.split_once(':').filter(|_| depth > at);
            let numbered = numbered.filter(|(number, _)| unquoted(number).parse::<usize>().is_ok());
            match listed.filter(|_| depth >= at).or(numbered.map(|(_, name)| name)) {
                Some(name) => classes.entry(column.clone()).or_default().push(unquoted(name)),
                None => names_at = None,
            }
        }
    }
    classes
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

    #[test]
    fn a_card_names_its_classes() {
        let head = "
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
";
        let classes = of_head(head, Some("en"));
        assert_eq!(classes["label"], ["self.Anxiety", "it's fine"]);
        assert_eq!(classes["level"], ["low", "high"]);
        assert_eq!(classes.len(), 2);
        assert_eq!(of_head(head, Some("zh"))["label"], ["other"]);
    }
}
