//! Codebooks: the label schemes and rating scales to which items refer by name.
//!
//! Each is a file of its own, `labels/<name>.toml` or `scales/<name>.toml`, and not a part of a task file: items name
//! their scheme or scale and are read without their task, and several tasks may ask the same items.

mod scale;
mod scheme;

pub use scale::{RatingScale, shown};
pub use scheme::{LabelOrder, LabelScheme, NameCounts, NamePattern, ReleasedReading, SchemeLabel};

use std::collections::BTreeMap;

use crate::form_fault;
use crate::id::{ScaleName, SchemeName};

/// The folder of label schemes.
pub const LABELS: &str = "labels";

/// The folder of rating scales.
pub const SCALES: &str = "scales";

/// What is wrong with a scheme or a scale.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {}{message}", field.as_ref().map_or_else(String::new, |field| format!("field `{field}`: ")))]
pub struct CodebookError {
    /// The file as the user knows it.
    pub file: String,
    /// The field at fault; none where the file is no TOML of its form.
    pub field: Option<String>,
    /// What is wrong and what would be right.
    pub message: String,
}

/// A rule that a scheme or scale breaks: the field, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field at fault.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Fault {
    fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// All schemes and scales at hand.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Codebook {
    schemes: BTreeMap<SchemeName, LabelScheme>,
    scales: BTreeMap<ScaleName, RatingScale>,
}

impl Codebook {
    /// Adds the scheme or scale of a file, or puts it in the place of the one of its name. Tells whether the file is one
    /// at all: files outside of `labels/` and `scales/` are none.
    ///
    /// # Errors
    /// [`CodebookError`] for a file that is not of its form, and for one that breaks a rule.
    pub fn add(&mut self, path: &str, text: &str) -> Result<bool, CodebookError> {
        let Some((folder, file)) = path.split_once('/') else { return Ok(false) };
        let Some(stem) = file.strip_suffix(".toml") else { return Ok(false) };
        let of_form = |error: toml::de::Error| CodebookError {
            file: path.to_owned(),
            field: None,
            message: form_fault::with_place(&error),
        };
        let broken = |fault: Fault| CodebookError {
            file: path.to_owned(),
            field: Some(fault.field),
            message: fault.message,
        };
        match folder {
            LABELS => {
                let scheme: LabelScheme = toml::from_str(text).map_err(of_form)?;
                named_like_its_file(scheme.name.as_str(), stem).map_err(broken)?;
                scheme.check().map_err(broken)?;
                self.schemes.insert(scheme.name.clone(), scheme);
            }
            SCALES => {
                let scale: RatingScale = toml::from_str(text).map_err(of_form)?;
                named_like_its_file(scale.name.as_str(), stem).map_err(broken)?;
                scale.check().map_err(broken)?;
                self.scales.insert(scale.name.clone(), scale);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The scheme of this name.
    pub fn scheme(&self, name: &SchemeName) -> Option<&LabelScheme> {
        self.schemes.get(name)
    }

    /// The scale of this name.
    pub fn scale(&self, name: &ScaleName) -> Option<&RatingScale> {
        self.scales.get(name)
    }

    /// All schemes, by name.
    pub fn schemes(&self) -> impl Iterator<Item = &LabelScheme> {
        self.schemes.values()
    }

    /// All scales, by name.
    pub fn scales(&self) -> impl Iterator<Item = &RatingScale> {
        self.scales.values()
    }

    /// What a scheme's name could be instead of one that is not there, in words.
    pub fn schemes_but_not(&self, name: &SchemeName) -> String {
        one_of(name.as_str(), self.schemes.keys().map(SchemeName::as_str), LABELS)
    }

    /// What a scale's name could be instead of one that is not there, in words.
    pub fn scales_but_not(&self, name: &ScaleName) -> String {
        one_of(name.as_str(), self.scales.keys().map(ScaleName::as_str), SCALES)
    }
}

fn one_of<'k>(name: &str, known: impl Iterator<Item = &'k str> + Clone, folder: &str) -> String {
    let all = known.clone().collect::<Vec<_>>().join(", ");
    let all = if all.is_empty() { "none yet".to_owned() } else { all };
    format!("a file of {folder}/ ({all}){}", did_you_mean(name, known))
}

/// "; did you mean `x`?" where a known word is much like the one that was written, else nothing.
pub fn did_you_mean<'k>(written: &str, known: impl Iterator<Item = &'k str>) -> String {
    let likeness = |word: &str| {
        strsim::normalized_damerau_levenshtein(&written.to_lowercase(), &word.to_lowercase())
    };
    let nearest = known
        .map(|word| (word, likeness(word)))
        .filter(|(word, likeness)| *likeness >= 0.6 && *word != written)
        .max_by(|(_, one), (_, other)| one.total_cmp(other));
    nearest.map_or_else(String::new, |(word, _)| format!("; did you mean `{word}`?"))
}

fn named_like_its_file(name: &str, stem: &str) -> Result<(), Fault> {
    let slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.is_empty() && name.chars().all(slug) && name == stem {
        return Ok(());
    }
    Err(Fault::new(
        "name",
        format!(
            "is `{name}`; it must be `{stem}`, like the file, in lower-case letters, digits and hyphens"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(path: &str, text: &str) -> String {
        Codebook::default().add(path, text).unwrap_err().to_string()
    }

    #[test]
    fn schemes_and_scales_are_told_by_their_folder() {
        let mut codebook = Codebook::default();
        let mood = "name = \"mood\"\ntitle = \"Mood\"\nlabels = [{ name = \"low\" }, { name = \"high\" }]\n";
        assert_eq!(codebook.add("labels/mood.toml", mood), Ok(true));
        let fit = "name = \"fit\"\ntitle = \"Fit\"\nfrom = -3\nto = 3\nstep = 1\n";
        assert_eq!(codebook.add("scales/fit.toml", fit), Ok(true));
        assert_eq!(codebook.add("rubrics/fit.toml", fit), Ok(false));
        assert!(codebook.scheme(&SchemeName::new("mood")).is_some());
        assert!(codebook.scale(&ScaleName::new("fit")).is_some());
        let known = codebook.schemes_but_not(&SchemeName::new("mod"));
        assert_eq!(known, "a file of labels/ (mood); did you mean `mood`?");
    }

    #[test]
    fn faults_name_file_and_field() {
        let other = fault("labels/mood.toml", "name = \"moods\"\ntitle = \"\"\nlabels = []\n");
        assert!(other.starts_with("labels/mood.toml: field `name`: is `moods`"), "{other}");
        assert!(other.contains("must be `mood`"), "{other}");
        let unknown = fault("scales/fit.toml", "name = \"fit\"\ncolour = 1\n");
        assert!(unknown.starts_with("scales/fit.toml: "), "{unknown}");
        assert!(unknown.contains("colour"), "{unknown}");
    }
}
