//! Label schemes: the labels a text may be given, and the words by which replies name them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::Fault;
use crate::id::SchemeName;

/// Which labels a text is to be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelScheme {
    /// The name by which items refer to it, that of its file.
    pub name: SchemeName,
    /// What is labelled, in a few words.
    pub title: String,
    /// Whether the labels are levels.
    #[serde(default)]
    pub order: LabelOrder,
    /// The field of a JSON reply in which the label is asked for.
    #[serde(default = "label")]
    pub field: String,
    /// How the release read replies, where it is not as they are read soundly.
    #[serde(default)]
    pub released: ReleasedReading,
    /// The labels, in the order in which prompts list them.
    pub labels: Vec<SchemeLabel>,
}

fn label() -> String {
    "label".to_owned()
}

/// Whether labels are levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelOrder {
    /// They are not.
    #[default]
    None,
    /// They are, the lowest first.
    LowestFirst,
}

/// How a release read labels out of replies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ReleasedReading {
    /// Nothing is known of it: replies are read soundly.
    #[default]
    Sound,
    /// The label's field of the first JSON object, else the only label that the reply names.
    FieldOrOnlyName {
        /// The label of a reply from which none can be read so.
        #[serde(default)]
        otherwise: Option<String>,
    },
    /// The first number after the name of the field.
    NumberOfField,
}

/// A label of a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemeLabel {
    /// The label itself, as items and results spell it.
    pub name: String,
    /// Whether it calls for action. In a scheme with such labels misses and false alarms are measured.
    #[serde(default)]
    pub alarm: bool,
    /// Of surveys, where no answer is right: 1 for an answer that is counted (such as unwilling), 0 for one that is not. An answer
    /// without a code is left out (do not know).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u8>,
    /// Other spellings of the label, which mean it where it stands alone or in its field.
    #[serde(default)]
    pub spellings: Vec<String>,
    /// Other words for it. They count where a reply gives them as its answer, or where they stand alone.
    #[serde(default)]
    pub words: Vec<String>,
    /// Words for it so plain that they count wherever a reply affirms them. The label's own name may be among them.
    #[serde(default)]
    pub anywhere: Vec<String>,
    /// Regular expressions in the place of words. A label that has some is not looked for by its name besides.
    #[serde(default)]
    pub patterns: Vec<NamePattern>,
}

/// A way in which replies name a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamePattern {
    /// A regular expression, over the reply in lower case.
    pub find: String,
    /// Pieces of text of which every match has one: the expression is tried only where one of them occurs.
    pub contains: Vec<String>,
    /// Where it counts.
    pub counts: NameCounts,
}

/// Where the name of a label counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameCounts {
    /// Wherever it is affirmed.
    Anywhere,
    /// Only where it is stated as the answer or stands alone.
    AsAnswer,
}

impl LabelScheme {
    /// The labels' names, in order.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        self.labels.iter().map(|label| label.name.as_str())
    }

    /// The label that a spelling stands for: the label itself in any case, or one of its spellings, blanks around it
    /// aside. No other spelling is guessed at.
    pub fn spelled(&self, spelling: &str) -> Option<&str> {
        let said = spelling.trim().to_lowercase();
        let is = |known: &str| known.to_lowercase() == said;
        let by_name = self.labels.iter().find(|label| is(&label.name));
        let label = by_name.or_else(|| {
            self.labels.iter().find(|label| label.spellings.iter().any(|known| is(known)))
        });
        label.map(|label| label.name.as_str())
    }

    /// The level of a label, from 0, in schemes whose labels are ordered.
    pub fn level(&self, label: &str) -> Option<f64> {
        match self.order {
            LabelOrder::None => None,
            LabelOrder::LowestFirst => {
                let place = self.names().position(|known| known == label)?;
                Some(place as f64)
            }
        }
    }

    /// Whether a label calls for action, in schemes that know the difference.
    pub fn alarms(&self, label: &str) -> Option<bool> {
        let known = self.labels.iter().find(|known| known.name == label)?;
        self.labels.iter().any(|label| label.alarm).then_some(known.alarm)
    }

    /// How an answer is coded, 0 or 1; none for one that is left out.
    pub fn code(&self, label: &str) -> Option<bool> {
        let known = self.labels.iter().find(|known| known.name == label)?;
        known.code.map(|code| code == 1)
    }

    /// Whether answers are coded.
    pub fn has_codes(&self) -> bool {
        self.labels.iter().any(|label| label.code.is_some())
    }

    /// Whether all labels are whole numbers.
    pub fn is_of_numbers(&self) -> bool {
        self.names().all(|label| label.parse::<i32>().is_ok())
    }

    /// What a scheme must keep to beyond its form.
    ///
    /// # Errors
    /// [`Fault`], with the field.
    pub fn check(&self) -> Result<(), Fault> {
        if self.labels.len() < 2 {
            let message = format!("a choice takes at least two labels, not {}", self.labels.len());
            return Err(Fault::new("labels", message));
        }
        if self.field.trim().is_empty() {
            return Err(Fault::new("field", "must name the field of a JSON reply"));
        }
        if let ReleasedReading::FieldOrOnlyName { otherwise: Some(label) } = &self.released
            && !self.names().any(|known| known == label)
        {
            let meant = super::did_you_mean(label, self.names());
            return Err(Fault::new("released", format!("`{label}` is none of the labels{meant}")));
        }
        if self.order == LabelOrder::LowestFirst && self.is_of_numbers() {
            let levels: Vec<i32> = self.names().filter_map(|label| label.parse().ok()).collect();
            if !levels.is_sorted() {
                return Err(Fault::new("labels", "the lowest comes first, and these numbers fall"));
            }
        }
        self.check_codes()?;
        self.check_names()
    }

    /// Codes are 0 and 1, and there are both: otherwise every answer would count, or none.
    fn check_codes(&self) -> Result<(), Fault> {
        let coded = || self.labels.iter().filter_map(|label| Some((&label.name, label.code?)));
        if let Some((name, code)) = coded().find(|(_, code)| *code > 1) {
            let field = format!("labels.{name}.code");
            return Err(Fault::new(field, format!("{code} is neither 0 nor 1")));
        }
        let has = |wanted: u8| coded().any(|(_, code)| code == wanted);
        if self.has_codes() && !(has(0) && has(1)) {
            let message = "where answers are coded, one has the code 0 and one the code 1";
            return Err(Fault::new("labels", message));
        }
        Ok(())
    }

    /// No word may stand for two labels.
    fn check_names(&self) -> Result<(), Fault> {
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        for (place, label) in self.labels.iter().enumerate() {
            let name = label.name.as_str();
            if name.is_empty() || name.trim() != name || name.contains('\n') {
                let message =
                    format!("`{name}` is no label: it is a word or a few, without blanks around");
                return Err(Fault::new("labels", message));
            }
            if self.names().take(place).any(|earlier| earlier == name) {
                return Err(Fault::new("labels", format!("`{name}` is there twice")));
            }
            for (list, word) in label.every_word() {
                let field = format!("labels.{name}.{list}");
                if folded(word).is_empty() {
                    return Err(Fault::new(field, "has an empty word"));
                }
                let other = taken.insert(folded(word), place).filter(|other| *other != place);
                if let Some(other) = other.and_then(|other| self.labels.get(other)) {
                    let message = format!("`{word}` stands for `{}` already", other.name);
                    return Err(Fault::new(field, message));
                }
            }
        }
        Ok(())
    }
}

impl SchemeLabel {
    /// The name and all words for it, each with its field.
    fn every_word(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let lists = [("spellings", &self.spellings), ("words", &self.words)];
        let lists = lists.into_iter().chain([("anywhere", &self.anywhere)]);
        let words = lists.flat_map(|(list, words)| words.iter().map(move |word| (list, word)));
        std::iter::once(("name", &self.name)).chain(words)
    }
}

/// A word as it is compared: in lower case, with blanks for what joins its parts.
fn folded(word: &str) -> String {
    let spaced = word.to_lowercase().replace(['-', '_'], " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheme(text: &str) -> LabelScheme {
        toml::from_str(&format!("name = \"mood\"\ntitle = \"Mood\"\n{text}")).unwrap()
    }

    fn fault(text: &str) -> String {
        let Fault { field, message } = scheme(text).check().unwrap_err();
        format!("{field}: {message}")
    }

    #[test]
    fn labels_have_spellings_levels_and_alarms() {
        let mood = scheme(
            "order = \"lowest-first\"\nlabels = [{ name = \"fine\" }, { name = \"low-mood\", spellings = [\"low mood\"], alarm = true }]",
        );
        mood.check().unwrap();
        assert_eq!(mood.spelled(" LOW mood "), Some("low-mood"));
        assert_eq!(mood.spelled("low"), None);
        assert_eq!((mood.level("low-mood"), mood.level("high")), (Some(1.0), None));
        assert_eq!((mood.alarms("fine"), mood.alarms("low-mood")), (Some(false), Some(true)));
        let plain = scheme("labels = [{ name = \"a\" }, { name = \"b\" }]");
        assert_eq!((plain.level("a"), plain.alarms("a")), (None, None));
    }

    #[test]
    fn answers_of_surveys_have_codes() {
        let survey = scheme(
            "labels = [{ name = \"willing\", code = 0 }, { name = \"unwilling\", code = 1 }, { name = \"do not know\" }]",
        );
        survey.check().unwrap();
        let codes =
            ["willing", "unwilling", "do not know", "perhaps"].map(|name| survey.code(name));
        assert_eq!((survey.has_codes(), codes), (true, [Some(false), Some(true), None, None]));
        let two = fault("labels = [{ name = \"a\", code = 2 }, { name = \"b\" }]");
        assert_eq!(two, "labels.a.code: 2 is neither 0 nor 1");
        let one = fault("labels = [{ name = \"a\", code = 1 }, { name = \"b\" }]");
        assert!(one.starts_with("labels: where answers are coded"), "{one}");
    }

    #[test]
    fn no_word_stands_for_two_labels() {
        let twice = fault("labels = [{ name = \"low\" }, { name = \"Low\" }]");
        assert_eq!(twice, "labels.Low.name: `Low` stands for `low` already");
        let same = fault("labels = [{ name = \"low\" }, { name = \"low\" }]");
        assert_eq!(same, "labels: `low` is there twice");
        let word = fault(
            "labels = [{ name = \"low\", words = [\"down\"] }, { name = \"high\", anywhere = [\"Down\"] }]",
        );
        assert_eq!(word, "labels.high.anywhere: `Down` stands for `low` already");
        let name = fault("labels = [{ name = \"low\", words = [\"high\"] }, { name = \"high\" }]");
        assert_eq!(name, "labels.high.name: `high` stands for `low` already");
        assert!(fault("labels = [{ name = \"low\" }]").starts_with("labels: a choice takes"));
        let falls = "order = \"lowest-first\"\nlabels = [{ name = \"2\" }, { name = \"1\" }]";
        assert!(fault(falls).contains("these numbers fall"));
        let other = "released = { kind = \"field-or-only-name\", otherwise = \"lo\" }\nlabels = [{ name = \"low\" }, { name = \"high\" }]";
        assert_eq!(fault(other), "released: `lo` is none of the labels; did you mean `low`?");
    }
}
