//! One person's order of replies, and what of it they have done.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::PoisonError;

use trustmh_core::digest::Digest;
use trustmh_engine::judge::judged_turns;
use trustmh_run::derived::annotations::{self, Annotation, Kind};
use trustmh_run::derived::people::Unit;

use super::{Asked, Site, Way, find, rubric_of, walk};
use crate::error::ViewError;
use crate::index::Filter;
use crate::runs::Opened;
use crate::viewer::Sample;

/// The replies of a task as one person is shown them.
pub(super) struct Queue<'q> {
    site: &'q Site<'q>,
    opened: &'q Opened,
    pub(super) way: Way,
    /// Trials in the person's own order.
    names: Vec<String>,
    /// What the person said last of each unit.
    done: HashMap<Unit, Annotation>,
}

/// How far somebody is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) rated: usize,
    pub(super) unsure: usize,
}

impl<'q> Queue<'q> {
    pub(super) fn of(
        site: &'q Site<'q>,
        opened: &'q Opened,
        asked: &Asked,
        way: Way,
    ) -> Result<Self, ViewError> {
        let annotator = asked.annotator();
        let mut names = drawn(site, opened, &asked.task)?;
        names.sort_by_key(|name| Digest::half(&format!("{annotator}\n{name}")));
        let done = annotations::last_words(&opened.folder)?
            .into_iter()
            .filter(|one| one.annotator == annotator && one.turn.is_some() == (way == Way::Turns))
            .map(|one| (Unit { trial: one.trial.to_string(), turn: one.turn }, one))
            .collect();
        Ok(Self { site, opened, way, names, done })
    }

    /// The replies or conversations that everybody is asked to rate.
    pub(super) fn total(&self) -> usize {
        self.names.len()
    }

    /// What the person said of a unit last.
    pub(super) fn last_word(&self, unit: &Unit) -> Option<&Annotation> {
        self.done.get(unit)
    }

    /// How far the person is, among what everybody is asked.
    pub(super) fn done(&self) -> Done {
        let names: BTreeSet<&str> = self.names.iter().map(String::as_str).collect();
        let own = self.done.iter().filter(|(unit, _)| names.contains(unit.trial.as_str()));
        own.fold(Done::default(), |done, (_, word)| match word.kind {
            Kind::Rating => Done { rated: done.rated + 1, ..done },
            Kind::Unsure => Done { unsure: done.unsure + 1, ..done },
        })
    }

    /// The place of a trial in the person's order, from 1.
    pub(super) fn number(&self, unit: &Unit) -> Option<usize> {
        Some(self.position(&unit.trial)? + 1)
    }

    fn position(&self, trial: &str) -> Option<usize> {
        self.names.iter().position(|name| name == trial)
    }

    /// What is shown: the unit that is asked for, or the next open one.
    pub(super) fn place(&self, asked: &Asked) -> Result<Option<Unit>, ViewError> {
        if !asked.at.is_empty() {
            let unit = self.unit(&asked.at, &asked.turn)?;
            let known =
                self.position(&unit.trial).is_some() && self.units(&unit.trial)?.contains(&unit);
            return match known {
                true => Ok(Some(unit)),
                false => Err(ViewError::Missing(format!("reply {unit} to rate"))),
            };
        }
        match asked.after.is_empty() {
            true => self.next_open(None),
            false => self.next_open(Some(&self.unit(&asked.after, &asked.after_turn)?)),
        }
    }

    fn unit(&self, trial: &str, turn: &str) -> Result<Unit, ViewError> {
        let wrong = || ViewError::Form(format!("`{turn}` is not a turn"));
        let turn = match self.way {
            Way::Whole => None,
            Way::Turns => Some(turn.parse().map_err(|_| wrong())?),
        };
        Ok(Unit { trial: trial.to_owned(), turn })
    }

    /// The units of a trial, in order: itself, or each reply that a rubric is about.
    pub(super) fn units(&self, trial: &str) -> Result<Vec<Unit>, ViewError> {
        let whole = Unit { trial: trial.to_owned(), turn: None };
        if self.way == Way::Whole {
            return Ok(vec![whole]);
        }
        let recorded = find(self.opened, trial)?;
        let walk = walk(self.site, self.opened, &recorded)?;
        let rubric = rubric_of(self.site, self.opened, &recorded, Some(0))?;
        let Some(talk) = walk.talk(&recorded.trial, &recorded.exchanges) else {
            return Ok(Vec::new());
        };
        let tables = walk.rules.benchmark.client_tables();
        let judged = judged_turns(tables, &recorded.trial.item.language, rubric, &talk);
        let unit = |turn| Unit { turn: Some(turn), ..whole.clone() };
        Ok(judged.into_iter().map(|(turn, _)| unit(turn)).collect())
    }

    /// The next unit of which the person has said nothing yet, behind this one and then from the beginning.
    fn next_open(&self, after: Option<&Unit>) -> Result<Option<Unit>, ViewError> {
        let open = |unit: &Unit| !self.done.contains_key(unit);
        let at = after.and_then(|unit| self.position(&unit.trial)).unwrap_or(0);
        let (before, behind) = self.names.split_at(at);
        for (place, name) in behind.iter().chain(before).enumerate() {
            let passed = after.filter(|_| place == 0);
            let is_behind = |unit: &Unit| passed.is_none_or(|after| unit > after);
            if let Some(unit) =
                self.units(name)?.into_iter().find(|unit| is_behind(unit) && open(unit))
            {
                return Ok(Some(unit));
            }
        }
        // What stands before the one that was passed, in its own trial, and that one itself.
        let Some(own) = after.filter(|unit| self.position(&unit.trial).is_some()) else {
            return Ok(None);
        };
        Ok(self.units(&own.trial)?.into_iter().find(open))
    }

    /// The unit before this one in the person's order.
    pub(super) fn before(&self, unit: &Unit) -> Result<Option<Unit>, ViewError> {
        if let Some(found) = self.units(&unit.trial)?.into_iter().rfind(|one| one < unit) {
            return Ok(Some(found));
        }
        let at = self.position(&unit.trial).unwrap_or(0);
        for name in self.names.iter().take(at).rev() {
            if let Some(last) = self.units(name)?.pop() {
                return Ok(Some(last));
            }
        }
        Ok(None)
    }

    /// What the person has said so far, in their order, with its place in it.
    pub(super) fn said(&self) -> Vec<(usize, &Unit, Kind)> {
        let places: HashMap<&str, usize> =
            (1..).zip(&self.names).map(|(place, name)| (name.as_str(), place)).collect();
        let own = self
            .done
            .iter()
            .filter_map(|(unit, word)| Some((*places.get(unit.trial.as_str())?, unit, word.kind)));
        let mut said: Vec<_> = own.collect();
        said.sort_by_key(|(place, unit, _)| (*place, unit.turn));
        said
    }
}

/// The trials of a task that everybody is asked to rate.
pub(super) fn drawn(
    site: &Site<'_>,
    opened: &Opened,
    task: &str,
) -> Result<Vec<String>, ViewError> {
    let filter =
        Filter { task: task.to_owned(), outcome: "scored".to_owned(), ..Filter::default() };
    let mut names = opened.index.lock().unwrap_or_else(PoisonError::into_inner).names(&filter)?;
    // There is nothing left to rate of those that were forgotten.
    names.retain(|name| !opened.trials.is_forgotten(name));
    draw(&mut names, site.viewer.sample, opened.manifest.seed);
    Ok(names)
}

/// How far each person is with these trials, by what they rate at once.
pub(super) fn by_person(
    opened: &Opened,
    names: &[String],
    way: Way,
) -> Result<BTreeMap<String, Done>, ViewError> {
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let mut found: BTreeMap<String, Done> = BTreeMap::new();
    for word in annotations::last_words(&opened.folder)? {
        if word.turn.is_some() != (way == Way::Turns) || !names.contains(word.trial.as_str()) {
            continue;
        }
        let done = found.entry(word.annotator).or_default();
        match word.kind {
            Kind::Rating => done.rated += 1,
            Kind::Unsure => done.unsure += 1,
        }
    }
    Ok(found)
}

/// Keeps the names that the sample takes: those whose digests with the seed are least, whatever else is there.
fn draw(names: &mut Vec<String>, sample: Sample, seed_of_run: u64) {
    let Sample::Of { count, seed } = sample else { return };
    let seed = seed.unwrap_or(seed_of_run);
    names.sort_by_key(|name| Digest::half(&format!("sample {seed}\n{name}")));
    names.truncate(count);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_the_same_for_all_and_another_by_another_seed() {
        let all = || (0..50).map(|n| format!("t:{n}:plain:0")).collect::<Vec<_>>();
        let drawn = |count, seed| {
            let mut names = all();
            draw(&mut names, Sample::Of { count, seed }, 7);
            names
        };
        assert_eq!(drawn(10, Some(1)), drawn(10, Some(1)));
        assert_eq!(drawn(10, None), drawn(10, Some(7)));
        assert_ne!(drawn(10, Some(1)), drawn(10, Some(2)));
        // More are the same and some besides.
        assert_eq!(drawn(20, Some(1))[..10], drawn(10, Some(1)));
        assert_eq!(drawn(99, Some(1)).len(), 50);
    }
}
