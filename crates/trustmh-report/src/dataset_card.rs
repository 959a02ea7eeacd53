//! The card of a dataset: what a folder in the layout of the Hugging Face hub says of itself.

use trustmh_core::inert::inert;

use crate::escape;

/// What a card tells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DatasetCard {
    /// The dataset's title.
    pub title: String,
    /// What must be read before anything else: that the run behind it is not whole, or which items are left out.
    pub first: Vec<String>,
    /// What it is, in sentences.
    pub about: Vec<String>,
    /// Its tables, the first of which is loaded unasked.
    pub tables: Vec<CardTable>,
    /// Languages of the items, as tags.
    pub languages: Vec<String>,
    /// The sets that its texts are from, and their licences in words.
    pub licences: Vec<(String, String)>,
    /// What a reader of the numbers must know.
    pub caveats: Vec<String>,
}

/// A table of the dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardTable {
    /// The name by which it is loaded.
    pub name: &'static str,
    /// Its file below the folder.
    pub file: String,
    /// Its rows.
    pub rows: u64,
    /// What a row is.
    pub row: String,
}

/// Where texts stand under no licence of their own.
const CLINICAL: &str = "Scores and replies here are no clinical evidence. Texts are about crises, self-harm and illness, and may be distressing.";

impl DatasetCard {
    /// The card, as `README.md`.
    pub fn markdown(&self) -> String {
        let mut text = self.head();
        text.push_str(&format!("\n# {}\n\n", escape::markdown(&self.title)));
        for words in &self.first {
            text.push_str(&format!("> **{}**\n\n", escape::markdown(words)));
        }
        for words in self.about.iter().map(String::as_str).chain([CLINICAL]) {
            text.push_str(&format!("{}\n\n", escape::markdown(words)));
        }
        text.push_str("| table | file | rows | a row is |\n|---|---|---|---|\n");
        for CardTable { name, file, rows, row } in &self.tables {
            text.push_str(&format!("| {name} | {file} | {rows} | {} |\n", escape::markdown(row)));
        }
        if let Some(first) = self.tables.first() {
            text.push_str(&format!(
                "\n    from datasets import load_dataset\n    {} = load_dataset(\"FOLDER\", \"{}\", split=\"train\")\n",
                first.name, first.name
            ));
        }
        text.push_str("\n## Whose texts these are\n\n");
        text.push_str("The licence of each set holds for its texts here; replies are under the terms of the models that gave them.\n\n");
        for (set, licence) in &self.licences {
            text.push_str(&format!("- {}: {}\n", escape::markdown(set), escape::markdown(licence)));
        }
        if !self.caveats.is_empty() {
            text.push_str("\n## What must be known of the numbers\n\n");
            for caveat in &self.caveats {
                text.push_str(&format!("- {}\n", escape::markdown(caveat)));
            }
        }
        text
    }

    /// The part that programs read. A text in YAML is written as JSON has it, which YAML takes.
    fn head(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(inert(text)).to_string();
        let mut head = format!("---\npretty_name: {}\nlicense: other\n", quoted(&self.title));
        if !self.languages.is_empty() {
            head.push_str("language:\n");
            self.languages.iter().for_each(|tag| head.push_str(&format!("- {}\n", quoted(tag))));
        }
        head.push_str("tags:\n- trustmh\n- mental-health\n- evaluation\nconfigs:\n");
        for (place, table) in self.tables.iter().enumerate() {
            head.push_str(&format!(
                "- config_name: {}\n  data_files: {}\n",
                table.name, table.file
            ));
            if place == 0 {
                head.push_str("  default: true\n");
            }
        }
        head.push_str("---\n");
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_says_first_what_is_missing_and_holds_whatever_it_is_told() {
        let card = DatasetCard {
            title: "a\u{202e}\"\n---\nlicense: mit <script>".to_owned(),
            first: vec!["INCOMPLETE: 1 of 2.".to_owned()],
            about: vec!["About.".to_owned()],
            tables: vec![CardTable {
                name: "trials",
                file: "data/trials-00000-of-00001.parquet".to_owned(),
                rows: 2,
                row: "a trial".to_owned(),
            }],
            languages: vec!["no".to_owned()],
            licences: vec![("set".to_owned(), "MIT".to_owned())],
            caveats: vec!["A caveat.".to_owned()],
        };
        let text = card.markdown();
        let (head, body) = text.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
        assert!(head.contains("license: other") && !head.contains("\nlicense: mit"), "{head}");
        assert!(!text.contains('\u{202e}'), "{text}");
        assert!(head.contains("- \"no\"") && head.ends_with("default: true"), "{head}");
        let place = |words: &str| body.find(words).unwrap();
        assert!(place("INCOMPLETE") < place("About.") && !body.contains("<script"), "{body}");
        assert!(place("- set: MIT") < place("- A caveat."), "{body}");
    }
}
