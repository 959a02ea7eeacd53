//! How to cite what a run was made with: references as text, BibTeX and JSON.
//!
//! A reference holds what is known and no more: where authors or a title of a paper are not recorded, it says where they stand.

mod bibtex;

pub use bibtex::bibtex;

use serde::Serialize;

/// Something to be cited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// A short name, unique among those that are cited together.
    pub key: String,
    /// What it is.
    pub kind: ReferenceKind,
    /// How it is called.
    pub title: String,
    /// Who made it, as far as that is recorded here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authors: Option<String>,
    /// The year, as far as it is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Which version or commit was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its licence, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Number in arXiv.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arxiv: Option<String>,
    /// Digital object identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doi: Option<String>,
    /// Address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What must be known besides, such as what is not recorded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What is cited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReferenceKind {
    /// This program.
    Program,
    /// The benchmark it measures by.
    Benchmark,
    /// A set of items.
    DataSet,
}

impl ReferenceKind {
    const fn title(self) -> &'static str {
        match self {
            Self::Program => "Program",
            Self::Benchmark => "Benchmark",
            Self::DataSet => "Data set",
        }
    }
}

impl Reference {
    /// One of which only key, kind and title are known.
    pub fn new(key: &str, kind: ReferenceKind, title: &str) -> Self {
        Self {
            key: key.to_owned(),
            kind,
            title: title.to_owned(),
            authors: None,
            year: None,
            version: None,
            licence: None,
            arxiv: None,
            doi: None,
            url: None,
            notes: Vec::new(),
        }
    }

    /// The same with what a citation in words holds: a number in arXiv, a DOI, an address; anything else is kept as it stands. The year
    /// of a paper in arXiv is that of its number.
    #[must_use]
    pub fn described_in(mut self, citation: &str) -> Self {
        let mut rest = Vec::new();
        for part in citation.split(", ").map(str::trim) {
            if let Some(number) = part.strip_prefix("arXiv ") {
                self.year = year_of_arxiv(number);
                self.arxiv = Some(number.to_owned());
            } else if let Some(doi) = part.strip_prefix("doi ") {
                self.doi = Some(doi.to_owned());
            } else if part.starts_with("github.com/") {
                self.url = Some(format!("https://{part}"));
            } else if !part.is_empty() {
                rest.push(part);
            }
        }
        if !rest.is_empty() {
            self.notes.push(format!("described in: {}", rest.join(", ")));
        }
        self
    }

    /// Where who made it can be looked up; none if nothing is known.
    pub fn place(&self) -> Option<String> {
        let arxiv = self.arxiv.as_ref().map(|number| format!("arXiv:{number}"));
        let doi = self.doi.as_ref().map(|doi| format!("doi:{doi}"));
        arxiv.or(doi).or_else(|| self.url.clone())
    }
}

/// The year in which a number was given out: 2402.12071 is of February 2024.
fn year_of_arxiv(number: &str) -> Option<u16> {
    let (month, serial) = number.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|sign| sign.is_ascii_digit());
    let is_one = month.len() == 4 && is_number(month) && is_number(serial);
    is_one.then(|| month.get(..2)?.parse::<u16>().ok()).flatten().map(|year| 2000 + year)
}

/// References for people, one paragraph each.
pub fn text(references: &[Reference]) -> String {
    let mut text = String::new();
    for reference in references {
        if !text.is_empty() {
            text.push('\n');
        }
        let Reference {
            kind, title, authors, year, version, licence, arxiv, doi, url, notes, ..
        } = reference;
        text.push_str(&format!("{}: {title}\n", kind.title()));
        let by = match (authors, year) {
            (Some(authors), Some(year)) => Some(format!("{authors} ({year})")),
            (Some(authors), None) => Some(authors.clone()),
            (None, _) => None,
        };
        let alone = if authors.is_none() { year.map(|year| year.to_string()) } else { None };
        for (name, value) in [
            ("by", by),
            ("year", alone),
            ("version", version.clone()),
            ("licence", licence.clone()),
            ("arXiv", arxiv.clone()),
            ("doi", doi.clone()),
            ("address", url.clone()),
        ] {
            if let Some(value) = value {
                text.push_str(&format!("  {name}: {value}\n"));
            }
        }
        notes.iter().for_each(|note| text.push_str(&format!("  note: {note}\n")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citation_in_words_is_taken_apart() {
        let of = |citation: &str| {
            Reference::new("k", ReferenceKind::DataSet, "T").described_in(citation)
        };
        let paper = of("arXiv 2402.12071");
        assert_eq!((paper.arxiv.as_deref(), paper.year), (Some("2402.12071"), Some(2024)));
        let page = of("Psy-Eval, github.com/a/b");
        assert_eq!(page.url.as_deref(), Some("https://github.com/a/b"));
        assert_eq!(page.notes, ["described in: Psy-Eval"]);
        assert_eq!(of("doi 10.5281/zenodo.1").place().as_deref(), Some("doi:10.5281/zenodo.1"));
        assert_eq!((of("arXiv new.1").year, of("Somebody 1997").place()), (None, None));
    }
}
