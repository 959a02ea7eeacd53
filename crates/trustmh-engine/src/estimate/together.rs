//! A statistic of two runs on the items they share: its difference, the interval of that, and whether it can be told from nothing.

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::metric::Interval;
use trustmh_core::protocol::Protocol;
use trustmh_core::scores::Score;
use trustmh_stats::paired::Test;
use trustmh_stats::paired_bootstrap;
use trustmh_stats::parity::with_interval;
use trustmh_stats::permutation::{Labels, sign_flip};

use super::compare::Pair;
use super::coverage::is_taken;
use super::rows::{Rows, as_measured, of_statistic};
use super::{Basis, matches_tags, statistic};
use crate::task::{MetricRule, Statistic, Task};

/// A statistic of two runs, or the mean of several, item by item.
pub(super) struct Together<'s> {
    parts: Vec<Part<'s>>,
    /// Items that have rows in the same parts: these are drawn from apart.
    strata: Vec<Vec<usize>>,
    items: usize,
    drawing: Drawing,
}

/// How the interval is found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drawing {
    /// Items are drawn with replacement.
    Bootstrap,
    /// Items are left out one by one, where drawing an item twice would mean nothing.
    Jackknife,
}

/// One statistic, and the rows of each item in both runs.
struct Part<'s> {
    rows: Rows<'s>,
    /// What the part counts for in the mean; all weights come to 1.
    weight: f64,
    of_items: Vec<[Vec<usize>; 2]>,
}

impl<'s> Together<'s> {
    /// The rule's statistic on the trials that both runs have measured; of a mean of metrics, its parts.
    pub(super) fn of(
        task: &Task,
        rule: &MetricRule,
        pairs: &[Pair<'s>],
        basis: &Basis,
    ) -> Result<Self, String> {
        let rules = parts_of(task, rule, basis.protocol)?;
        let mut found = Vec::new();
        for (part, weight) in &rules {
            clear_of_floor(part, pairs, basis)?;
            let rows = rows(part, pairs).ok_or("there is no paired test of this metric")?;
            found.push((rows, *weight));
        }
        let names: BTreeSet<&str> =
            found.iter().flat_map(|(rows, _)| rows.items.iter().copied()).collect();
        let numbers: BTreeMap<&str, usize> =
            names.into_iter().enumerate().map(|(number, name)| (name, number)).collect();
        let items = numbers.len();
        let part = |(rows, weight)| Part::of(rows, weight, &numbers);
        let parts: Vec<Part<'s>> = found.into_iter().map(part).collect();
        let jackknifed =
            |(rule, _): &(&MetricRule, f64)| matches!(rule.statistic, Statistic::Parity { .. });
        let drawing =
            if rules.iter().any(jackknifed) { Drawing::Jackknife } else { Drawing::Bootstrap };
        Ok(Self { strata: strata(&parts, items), parts, items, drawing })
    }

    /// The value of each run.
    pub(super) fn values(&self) -> Option<[f64; 2]> {
        self.values_of((0..self.items).map(|item| (item, Labels::AsTheyAre)))
    }

    /// Rows of the first run.
    pub(super) fn n(&self) -> u64 {
        let of_first = self.parts.iter().filter_map(|part| part.rows.of_tables.first());
        of_first.map(|rows| *rows as u64).sum()
    }

    /// Items with rows in either run.
    pub(super) fn items(&self) -> u64 {
        self.items as u64
    }

    /// The sign-flip test of the difference.
    pub(super) fn test(&self, seed: u64) -> Option<Test> {
        sign_flip(self.items, seed, |labels| self.difference(labels.iter().copied().enumerate()))
    }

    /// The 95 % interval of the difference.
    pub(super) fn interval(&self, seed: u64) -> Option<Interval> {
        let as_they_are = |item: &usize| (*item, Labels::AsTheyAre);
        match self.drawing {
            Drawing::Bootstrap => paired_bootstrap::interval(&self.strata, seed, |drawn| {
                self.difference(drawn.iter().map(as_they_are))
            }),
            Drawing::Jackknife => {
                let n = self.n() as usize;
                let found = with_interval(self.items, n, f64::NEG_INFINITY, |out| {
                    let kept = (0..self.items).filter(|item| Some(*item) != out);
                    self.difference(kept.map(|item| (item, Labels::AsTheyAre)))
                });
                found?.interval.filter(|found| found.high > found.low)
            }
        }
    }

    fn difference(&self, items: impl Iterator<Item = (usize, Labels)>) -> Option<f64> {
        let [first, second] = self.values_of(items)?;
        Some(second - first)
    }

    fn values_of(&self, items: impl Iterator<Item = (usize, Labels)>) -> Option<[f64; 2]> {
        let items: Vec<(usize, Labels)> = items.collect();
        let mut sums = [0.0; 2];
        for part in &self.parts {
            let [first, second] = part.values(&items)?;
            sums = [sums[0] + part.weight * first, sums[1] + part.weight * second];
        }
        Some(sums)
    }
}

impl<'s> Part<'s> {
    fn of(rows: Rows<'s>, weight: f64, numbers: &BTreeMap<&str, usize>) -> Self {
        let mut of_items: Vec<[Vec<usize>; 2]> = vec![Default::default(); numbers.len()];
        let of_first = rows.of_tables.first().copied().unwrap_or_default();
        for (row, name) in rows.items.iter().enumerate() {
            let number = numbers.get(name).copied().unwrap_or_default();
            if let Some([first, second]) = of_items.get_mut(number) {
                if row < of_first { first.push(row) } else { second.push(row) }
            }
        }
        Self { rows, weight, of_items }
    }

    fn values(&self, items: &[(usize, Labels)]) -> Option<[f64; 2]> {
        let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
        for (item, labels) in items {
            let Some([first, second]) = self.of_items.get(*item) else { continue };
            let (first, second) = match labels {
                Labels::AsTheyAre => (first, second),
                Labels::Exchanged => (second, first),
            };
            firsts.extend_from_slice(first);
            seconds.extend_from_slice(second);
        }
        Some([self.rows.value(&firsts)?, self.rows.value(&seconds)?])
    }
}

/// The rule itself, or those it is a mean of, and mean of means of, each with its weight.
pub(super) fn parts_of<'t>(
    task: &'t Task,
    rule: &'t MetricRule,
    protocol: Protocol,
) -> Result<Vec<(&'t MetricRule, f64)>, String> {
    let Statistic::MeanOf { metrics } = &rule.statistic else { return Ok(vec![(rule, 1.0)]) };
    let share = 1.0 / metrics.len() as f64;
    let mut parts = Vec::new();
    for name in metrics {
        let part = task.metrics(protocol).find(|part| part.name == *name);
        let part = part.ok_or_else(|| format!("the task has no {name}"))?;
        let own = parts_of(task, part, protocol)?.into_iter();
        parts.extend(own.map(|(part, weight)| (part, weight * share)));
    }
    Ok(parts)
}

/// A figure that is not defined of a subject that knows nothing is not compared with it: nothing can drop from there, and nobody is treated
/// worse there.
fn clear_of_floor(rule: &MetricRule, pairs: &[Pair<'_>], basis: &Basis) -> Result<(), String> {
    if !matches!(rule.statistic, Statistic::DropRate { .. } | Statistic::Parity { .. }) {
        return Ok(());
    }
    let selected = pairs.iter().copied().filter(|(one, _)| matches_tags(*one, &rule.select));
    let (firsts, seconds): (Vec<Score<'_>>, Vec<Score<'_>>) = selected.unzip();
    for (run, scores) in [("first", firsts), ("second", seconds)] {
        statistic(rule, &scores, basis).map_err(|why| format!("in the {run} run: {why}"))?;
    }
    Ok(())
}

/// The rows of both runs, on the trials of which both have what the statistic rests on.
fn rows<'s>(rule: &MetricRule, pairs: &[Pair<'s>]) -> Option<Rows<'s>> {
    let both_taken = |(one, two): &Pair<'s>| {
        matches_tags(*one, &rule.select)
            && is_taken(&rule.statistic, *one)
            && is_taken(&rule.statistic, *two)
    };
    let taken = pairs.iter().copied().filter(both_taken);
    let (firsts, seconds): (Vec<Score<'s>>, Vec<Score<'s>>) = taken.unzip();
    of_statistic(&rule.statistic, &[&firsts, &seconds], &as_measured)
}

/// Items by the parts that they have rows in.
fn strata(parts: &[Part<'_>], items: usize) -> Vec<Vec<usize>> {
    let mut strata: BTreeMap<Vec<bool>, Vec<usize>> = BTreeMap::new();
    for item in 0..items {
        let has_rows = |part: &Part<'_>| {
            part.of_items.get(item).is_some_and(|rows| rows.iter().any(|rows| !rows.is_empty()))
        };
        strata.entry(parts.iter().map(has_rows).collect()).or_default().push(item);
    }
    strata.into_values().collect()
}
