//! What trials have in common: trials that are alike in every facet share a profile, so that facets are counted by profiles and not by
//! trials.

use rusqlite::{Transaction, params};
use std::collections::{BTreeMap, HashMap};

use trustmh_core::row::TrialRow;

use crate::error::ViewError;

/// A facet with more values than this is not counted, and its values are kept by trial: it names trials more than it sorts them.
const WIDE: usize = 200;
/// A value longer than this is no facet to choose by.
const LONGEST: usize = 120;

/// The profiles of a run, while its trials are read.
#[derive(Default)]
pub(super) struct Profiles {
    facets: HashMap<(String, String), u32>,
    values: BTreeMap<String, usize>,
    profiles: HashMap<Vec<u32>, u32>,
    trials: Vec<u64>,
}

/// Where a trial belongs.
pub(super) struct Found {
    /// Its profile.
    pub(super) profile: u32,
    /// Facets that are kept by trial.
    pub(super) wide: Vec<u32>,
}

impl Profiles {
    pub(super) fn of(&mut self, row: &TrialRow) -> Found {
        let (mut own, mut wide) = (Vec::new(), Vec::new());
        for (key, value) in facets(row) {
            let facet = self.facet(&key, value);
            if self.is_wide(&key) { wide.push(facet) } else { own.push(facet) }
        }
        own.sort_unstable();
        own.dedup();
        let next = u32::try_from(self.trials.len()).unwrap_or(u32::MAX);
        let profile = *self.profiles.entry(own).or_insert(next);
        match self.trials.get_mut(profile as usize) {
            Some(trials) => *trials += 1,
            None => self.trials.push(1),
        }
        Found { profile, wide }
    }

    fn is_wide(&self, key: &str) -> bool {
        self.values.get(key).is_some_and(|values| *values > WIDE)
    }

    fn facet(&mut self, key: &str, value: String) -> u32 {
        let next = u32::try_from(self.facets.len()).unwrap_or(u32::MAX);
        let facet = *self.facets.entry((key.to_owned(), value)).or_insert(next);
        if facet == next {
            *self.values.entry(key.to_owned()).or_default() += 1;
        }
        facet
    }

    pub(super) fn write(self, work: &Transaction<'_>) -> Result<(), ViewError> {
        let mut sorted: Vec<(&(String, String), u32)> =
            self.facets.iter().map(|(named, id)| (named, *id)).collect();
        sorted.sort_by_key(|(_, id)| *id);
        let mut facet = work.prepare("insert into facet values (?1, ?2, ?3, ?4)")?;
        for ((key, value), id) in sorted {
            facet.execute(params![id, key, value, self.is_wide(key)])?;
        }
        let mut profile = work.prepare("insert into profile values (?1, ?2)")?;
        for (id, trials) in (0_u32..).zip(&self.trials) {
            profile.execute(params![id, i64::try_from(*trials).unwrap_or(i64::MAX)])?;
        }
        let mut of_profile = work.prepare("insert into profile_facet values (?1, ?2)")?;
        let mut profiles: Vec<(Vec<u32>, u32)> = self.profiles.into_iter().collect();
        profiles.sort_by_key(|(_, id)| *id);
        for (facets, id) in profiles {
            for facet in facets {
                of_profile.execute(params![id, facet])?;
            }
        }
        Ok(())
    }
}

/// All facets of a trial: what it is of and what became of it, its tags, its flags, and what the judge said by the rubrics' fields.
fn facets(row: &TrialRow) -> Vec<(String, String)> {
    let named = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let mut found = vec![
        named("task", &row.task.to_string()),
        named("outcome", row.outcome.map_or("pending", |outcome| outcome.slug())),
        named("language", &row.language),
        named("variant", &row.variant),
    ];
    found.extend(row.flags.iter().map(|flag| named("flag", flag.title())));
    found.extend(row.verdict_missing.map(|why| named("verdict missing", why)));
    // The language is told once.
    let tags = row.tags.iter().filter(|(facet, _)| *facet != "language");
    found.extend(tags.map(|(facet, value)| (format!("tag:{facet}"), value.clone())));
    for (rubric, said) in &row.judged {
        let said = said.iter();
        found.extend(
            said.map(|(field, value)| (format!("verdict:{rubric}, {field}"), value.clone())),
        );
    }
    found.retain(|(_, value)| !value.is_empty() && value.len() <= LONGEST);
    found
}
