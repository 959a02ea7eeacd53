//! The judge's card: what is kept of a validation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use trustmh_core::digest::Digest;
use trustmh_core::file_name;
use trustmh_core::id::RubricId;
use trustmh_core::validity::{Evidence, JudgeCard};
use trustmh_run::validate::{Found, Question, least, rubric_of};

use crate::failure::Failure;
use trustmh_run::atomic_file;

/// A card that is being filled in.
pub(super) struct Card {
    card: JudgeCard,
}

impl Card {
    pub(super) fn new(judge: &str) -> Self {
        Self { card: JudgeCard { judge: judge.to_owned(), rubrics: BTreeMap::new() } }
    }

    /// Adds what was found. Where a set has several questions about one rubric, the one on which least was found stands for it.
    pub(super) fn add(&mut self, set: &str, question: &Question, found: &Found, data: &Digest) {
        let Some((rubric, wording)) = rubric_of(question) else { return };
        let Some(evidence) = found.evidence(set, wording, data) else { return };
        let known: &mut Vec<Evidence> = self.card.rubrics.entry(rubric.clone()).or_default();
        match known.iter_mut().find(|known| known.set == set) {
            Some(of_set) => *of_set = least(of_set.clone(), evidence),
            None => known.push(evidence),
        }
    }

    /// Writes the card and its tables into `folder`; what an earlier card knows of other sets is kept. Returns the path of the card.
    pub(super) fn write(mut self, folder: &Path, table: &str) -> Result<PathBuf, Failure> {
        let path = folder.join(format!("{}.json", file_name(&self.card.judge)));
        if let Ok(text) = std::fs::read_to_string(&path) {
            let earlier: JudgeCard = serde_json::from_str(&text)
                .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
            self.keep(earlier.rubrics);
        }
        let text = serde_json::to_string_pretty(&self.card)
            .map_err(|error| Failure::usage(error.to_string()))?;
        atomic_file::write(&path, format!("{text}\n").as_bytes())?;
        atomic_file::write(&path.with_extension("md"), table.as_bytes())?;
        Ok(path)
    }

    fn keep(&mut self, earlier: BTreeMap<RubricId, Vec<Evidence>>) {
        for (rubric, of_sets) in earlier {
            let known = self.card.rubrics.entry(rubric).or_default();
            for evidence in of_sets {
                if !known.iter().any(|known| known.set == evidence.set) {
                    known.push(evidence);
                }
            }
            known.sort_by(|one, other| one.set.cmp(&other.set));
        }
    }
}

/// A judge's name as a file's.
pub(super) fn file_name(judge: &str) -> String {
    let words: String = file_name::file_name(judge).chars().take(60).collect();
    let hash = Digest::of(judge.as_bytes());
    format!("{words}-{}", hash.as_str().get(..8).unwrap_or_default())
}
