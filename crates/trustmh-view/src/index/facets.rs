//! Facets and how many of the filtered trials have each.

use rusqlite::params_from_iter;
use std::collections::{BTreeMap, HashMap};

use super::filter::Conditions;
use super::{Filter, Index};
use crate::error::ViewError;

/// A facet as an index knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FacetId {
    /// One of profiles.
    OfProfile(u32),
    /// One that is kept by trial.
    OfTrial(u32),
}

/// What an index keeps in memory to count by.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Key and value of each facet of profiles.
    named: HashMap<u32, (String, String)>,
    ids: HashMap<(String, String), FacetId>,
    /// Trials of each profile.
    trials: HashMap<u32, u64>,
    facets: HashMap<u32, Vec<u32>>,
}

impl Kept {
    pub(super) fn id_of(&self, key: &str, value: &str) -> Option<FacetId> {
        self.ids.get(&(key.to_owned(), value.to_owned())).copied()
    }
}

/// What trials may be chosen by, with the values that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// Its key, as [`Filter::facets`] has it, or `task` or `outcome`.
    pub key: String,
    /// Its values, those of most trials first.
    pub values: Vec<FacetValue>,
}

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// Trials that would be shown if it were chosen, in the place of what is chosen of its facet, all else staying as it is.
    pub trials: u64,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Index {
    pub(super) fn kept(&self) -> Result<&Kept, ViewError> {
        if let Some(kept) = self.kept.get() {
            return Ok(kept);
        }
        let mut kept = Kept::default();
        let mut facets = self.connection.prepare("select id, key, value, wide from facet")?;
        let mut rows = facets.query([])?;
        while let Some(row) = rows.next()? {
            let (id, named): (u32, (String, String)) = (row.get(0)?, (row.get(1)?, row.get(2)?));
            let wide: i64 = row.get(3)?;
            if wide == 0 {
                kept.ids.insert(named.clone(), FacetId::OfProfile(id));
                kept.named.insert(id, named);
            } else {
                kept.ids.insert(named, FacetId::OfTrial(id));
            }
        }
        let mut profiles = self.connection.prepare("select id, trials from profile")?;
        let mut rows = profiles.query([])?;
        while let Some(row) = rows.next()? {
            kept.trials.insert(row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs());
        }
        let mut of_profiles =
            self.connection.prepare("select profile, facet from profile_facet")?;
        let mut rows = of_profiles.query([])?;
        while let Some(row) = rows.next()? {
            kept.facets.entry(row.get(0)?).or_default().push(row.get(1)?);
        }
        Ok(self.kept.get_or_init(|| kept))
    }

    /// The facets of the trials that `filter` lets through.
    ///
    /// # Errors
    /// [`ViewError`] if the index is damaged.
    pub fn facets(&self, filter: &Filter) -> Result<Vec<Facet>, ViewError> {
        let kept = self.kept()?;
        let asked = [("task", &filter.task), ("outcome", &filter.outcome)].into_iter();
        let asked = asked.filter(|(_, value)| !value.is_empty());
        let asked = asked.chain(filter.facets.iter().map(|(key, value)| (key.as_str(), value)));
        let mut conditions = Conditions::apart_from_facets(filter);
        let mut chosen: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (key, value) in asked {
            match kept.id_of(key, value) {
                Some(FacetId::OfProfile(id)) => chosen.entry(key).or_default().push(id),
                other => conditions.facet(other),
            }
        }
        let counts = self.by_profile(&conditions)?;
        let counts = counts.as_ref().unwrap_or(&kept.trials);
        let mut found: HashMap<u32, u64> = HashMap::new();
        for (profile, trials) in counts {
            let Some(own) = kept.facets.get(profile) else { continue };
            let misses = |wanted: &[u32]| wanted.iter().any(|facet| !own.contains(facet));
            let mut missed = chosen.iter().filter(|(_, wanted)| misses(wanted));
            let key = missed.next().map(|(key, _)| *key);
            if missed.next().is_some() {
                continue;
            }
            // Trials that lack nothing but what is chosen of one facet would be there if another value of it were.
            let counted = own.iter().filter(|facet| {
                key.is_none_or(|key| kept.named.get(facet).is_some_and(|named| named.0 == key))
            });
            for facet in counted {
                *found.entry(*facet).or_default() += trials;
            }
        }
        for facet in chosen.values().flatten() {
            found.entry(*facet).or_default();
        }
        let is_chosen = |facet: &u32| chosen.values().flatten().any(|one| one == facet);
        let mut facets: BTreeMap<String, Vec<FacetValue>> = BTreeMap::new();
        for (facet, trials) in found {
            let Some((key, value)) = kept.named.get(&facet) else { continue };
            let chosen = is_chosen(&facet);
            let value = FacetValue { value: value.clone(), trials, chosen };
            facets.entry(key.clone()).or_default().push(value);
        }
        Ok(in_order(facets))
    }

    /// How many trials of each profile the conditions let through; none where they let all through.
    fn by_profile(&self, conditions: &Conditions) -> Result<Option<HashMap<u32, u64>>, ViewError> {
        if conditions.is_everything() {
            return Ok(None);
        }
        let wheres = conditions.sql();
        let sql = format!("select profile, count(*) from trial where {wheres} group by profile");
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query(params_from_iter(conditions.values.iter()))?;
        let mut counts = HashMap::new();
        while let Some(row) = rows.next()? {
            counts.insert(row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs());
        }
        Ok(Some(counts))
    }
}

/// Where a facet stands among the others.
fn place(key: &str) -> usize {
    let order = ["task", "outcome", "verdict:", "tag:", "language", "variant", "flag"];
    order.iter().position(|begin| key.starts_with(begin)).unwrap_or(order.len())
}

/// Facets with something to choose.
fn in_order(facets: BTreeMap<String, Vec<FacetValue>>) -> Vec<Facet> {
    let mut found: Vec<Facet> = facets
        .into_iter()
        .map(|(key, mut values)| {
            values.sort_by(|one, two| {
                two.trials.cmp(&one.trials).then_with(|| one.value.cmp(&two.value))
            });
            Facet { key, values }
        })
        .filter(|facet| facet.values.len() > 1 || facet.values.iter().any(|value| value.chosen))
        .collect();
    found.sort_by(|one, two| {
        place(&one.key).cmp(&place(&two.key)).then_with(|| one.key.cmp(&two.key))
    });
    found
}
