//! What laws and frameworks ask, as data: one file each in `benchmark/frameworks`. A new one is a new file.

use include_dir::{Dir, include_dir};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use strum::IntoStaticStr;

use crate::error::EvidenceError;
use crate::need::Need;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../benchmark/frameworks");

/// A law or framework with all that it asks.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// The word on the command line: the name of its file.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What it is.
    pub kind: FrameworkKind,
    /// Where it holds.
    pub jurisdiction: String,
    /// The official citation.
    pub source: String,
    /// Where it can be read.
    pub url: String,
    /// The version that the map was made of.
    pub version: String,
    /// The first date on which any of it applies; of a framework when it was published.
    pub in_force: Date,
    /// When the source was read.
    pub read_on: Date,
    /// Whom it binds.
    pub applies: String,
    /// What a pack for it does not prove.
    pub not_proved: Vec<String>,
    /// What it asks.
    pub duties: Vec<Duty>,
    /// Methods of testing that it lists, if it lists any.
    #[serde(default)]
    pub methods: Vec<Method>,
}

/// What a map is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum FrameworkKind {
    /// Law: it binds.
    Law,
    /// A framework that nobody has to follow.
    Framework,
    /// A standard.
    Standard,
}

impl FrameworkKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// One thing that is asked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Its name, unique in the file.
    pub id: String,
    /// Where it stands in the source.
    pub section: String,
    /// What it is, in a few words.
    pub title: String,
    /// Who must do what, when.
    pub says: String,
    /// Since when it applies.
    pub since: Date,
    /// What speaks to it.
    pub needs: Vec<Need>,
    /// The most that a pack can do for it.
    pub at_most: DutyAtMost,
    /// What a pack cannot show, and who has to.
    pub because: String,
    /// What could not be confirmed, or differs between versions.
    #[serde(default)]
    pub note: Option<String>,
}

/// The most that a pack can do for a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DutyAtMost {
    /// The document that is asked for is what the pack holds.
    Filled,
    /// The pack speaks to it and cannot settle it.
    InPart,
    /// Nothing that was measured speaks to it; the operator may state something.
    Operator,
}

/// A method of testing that a framework lists.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Its name, unique in the file.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What it measures.
    pub about: String,
    /// Parts of a pack that measure some of it.
    pub needs: Vec<Need>,
    /// The most that a pack has of it.
    pub at_most: MethodAtMost,
    /// Why not more.
    pub because: String,
    /// What could not be confirmed.
    #[serde(default)]
    pub note: Option<String>,
}

/// The most that a pack has of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MethodAtMost {
    /// It is measured as the framework asks.
    Measured,
    /// Some of it is measured.
    InPart,
    /// It is not measured.
    Not,
}

impl Framework {
    /// Reads the text of `file`.
    ///
    /// # Errors
    /// [`EvidenceError::Malformed`] with the line; [`EvidenceError::Rule`] for names that are there twice and duties that no pack could
    /// answer as they stand.
    pub fn parse(file: &str, text: &str) -> Result<Self, EvidenceError> {
        let framework: Self =
            toml::from_str(text).map_err(|error| EvidenceError::toml(file, text, &error))?;
        let rule = |field: &str, message: String| Err(EvidenceError::rule(file, field, message));
        if file != format!("{}.toml", framework.id) {
            return rule("id", format!("`{}` is not the name of its file", framework.id));
        }
        if framework.duties.is_empty() || framework.not_proved.is_empty() {
            return rule("duties", "duties and what is not proved must be told".to_owned());
        }
        let mut seen = BTreeSet::new();
        let duties = framework.duties.iter().map(|duty| &duty.id);
        for id in duties.chain(framework.methods.iter().map(|method| &method.id)) {
            let is_slug =
                id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            if !is_slug || id.is_empty() {
                return rule("id", format!("`{id}` is not of small letters, digits and hyphens"));
            }
            if !seen.insert(id) {
                return rule("id", format!("`{id}` is there twice"));
            }
        }
        for duty in &framework.duties {
            if duty.at_most == DutyAtMost::Filled && duty.needs.is_empty() {
                return rule("needs", format!("{}: nothing would fill it", duty.id));
            }
        }
        Ok(framework)
    }

    /// Those that are built in, by name.
    ///
    /// # Errors
    /// As [`Framework::parse`].
    pub fn all() -> Result<Vec<Self>, EvidenceError> {
        let mut all = Vec::new();
        for file in BUILT_IN.files() {
            let name = file.path().to_string_lossy();
            if let (true, Some(text)) = (name.ends_with(".toml"), file.contents_utf8()) {
                all.push(Self::parse(&name, text)?);
            }
        }
        all.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(all)
    }

    /// The one of this name.
    ///
    /// # Errors
    /// [`EvidenceError::UnknownFramework`], naming those there are; and as [`Framework::parse`].
    pub fn of_name(name: &str) -> Result<Self, EvidenceError> {
        let all = Self::all()?;
        let known: Vec<&str> = all.iter().map(|framework| framework.id.as_str()).collect();
        let unknown =
            EvidenceError::UnknownFramework { name: name.to_owned(), known: known.join(", ") };
        all.into_iter().find(|framework| framework.id == name).ok_or(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"
id = "x"
title = "X"
kind = "law"
jurisdiction = "EU"
source = "S"
url = "https://example.org"
version = "1"
in_force = "2026-01-01"
read_on = "2026-02-01"
applies = "Everybody."
not_proved = ["That it is so."]
"#;

    fn with(duty: &str) -> Result<Framework, EvidenceError> {
        let usual = "section = \"1\"\ntitle = \"T\"\nsays = \"S\"\nsince = \"2026-01-01\"\nbecause = \"B\"\n";
        Framework::parse("x.toml", &format!("{HEAD}[[duties]]\nid = \"a\"\n{usual}{duty}"))
    }

    #[test]
    fn every_file_is_read_and_every_word_known() {
        let all = Framework::all().unwrap();
        let ids: Vec<&str> = all.iter().map(|framework| framework.id.as_str()).collect();
        let known = [
            "ca-sb243",
            "chai",
            "eu-annex-iv",
            "iso-42001",
            "nist-ai-rmf",
            "ny-gbl47",
            "ut-58-60-118",
        ];
        assert_eq!(ids, known);
        let methods: Vec<usize> = all.iter().map(|framework| framework.methods.len()).collect();
        assert_eq!(methods, [0, 25, 0, 0, 0, 0, 0], "methods of CHAI");
    }

    #[test]
    fn what_no_pack_could_answer_is_refused() {
        assert!(with("needs = [\"crisis\"]\nat_most = \"in-part\"\n").is_ok());
        for (duty, why) in [
            ("needs = [\"crisis2\"]\nat_most = \"in-part\"\n", "`crisis2` is neither a part"),
            ("needs = []\nat_most = \"filled\"\n", "nothing would fill it"),
            ("needs = []\nat_most = \"operator\"\ncolour = 1\n", "unknown field `colour`"),
            ("needs = []\nat_most = \"mostly\"\n", "unknown variant `mostly`"),
        ] {
            let told = with(duty).unwrap_err().to_string();
            assert!(told.contains(why), "{told}");
        }
        let twice = "needs = []\nat_most = \"operator\"\n[[duties]]\nid = \"a\"\nsection = \"1\"\ntitle = \"T\"\nsays = \"S\"\n\
             since = \"2026-01-01\"\nbecause = \"B\"\nneeds = []\nat_most = \"operator\"\n";
        assert!(with(twice).unwrap_err().to_string().contains("`a` is there twice"));
    }
}
