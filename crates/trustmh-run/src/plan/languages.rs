//! The languages that are asked for, over all tasks of a run.

use std::collections::BTreeMap;

use trustmh_core::id::TaskId;
use trustmh_core::language::{LanguageRange, UNKNOWN};

use super::Chosen;
use crate::error::RunError;

/// What of the languages asked for has been met.
#[derive(Debug)]
pub(super) struct Languages<'r> {
    asked: &'r [LanguageRange],
    met: BTreeMap<String, usize>,
    without_items: Vec<TaskId>,
}

impl<'r> Languages<'r> {
    /// Nothing has been met.
    pub(super) fn of(asked: &'r [LanguageRange]) -> Self {
        Self { asked, met: BTreeMap::new(), without_items: Vec::new() }
    }

    /// Counts the items of a task, and says whether it is left out: there are some, and none in a language asked for.
    pub(super) fn leave_out(&mut self, task: &TaskId, chosen: &Chosen) -> bool {
        for (language, count) in chosen.met() {
            *self.met.entry(language.clone()).or_default() += count;
        }
        let is_without = chosen.is_empty() && !chosen.met().is_empty();
        if is_without {
            self.without_items.push(task.clone());
        }
        is_without
    }

    /// The tasks that are left out, once it is known that every language asked for is one of some item.
    ///
    /// # Errors
    /// [`RunError::Language`] for one that is not.
    pub(super) fn checked(self) -> Result<Vec<TaskId>, RunError> {
        let is_met = |range: &&LanguageRange| self.met.keys().any(|tag| range.takes(tag));
        // Recorded prompts have no languages to choose from, and are refused before.
        if self.met.is_empty() {
            return Ok(self.without_items);
        }
        let missing: Vec<&str> =
            self.asked.iter().filter(|range| !is_met(range)).map(LanguageRange::as_str).collect();
        if missing.is_empty() {
            return Ok(self.without_items);
        }
        let there = self.met.iter().map(|(tag, count)| {
            let tag = if tag.is_empty() { UNKNOWN } else { tag };
            format!("{tag} ({count} items)")
        });
        let there: Vec<String> = there.collect();
        Err(RunError::Language { asked: missing.join(" or "), there: there.join(", ") })
    }
}
