//! The rows that a statistic is made of: what drawing items anew, exchanging subjects and filling in what is missing have in
//! common.

use trustmh_core::id::MeasureName;
use trustmh_core::metric::Estimate;
use trustmh_core::scores::Score;
use trustmh_stats::bootstrap::{Draws, Resampler};
use trustmh_stats::correlation::{pearson, spearman};
use trustmh_stats::sample::numbered;

use super::{corpus, followed, paired, pairs, parity, rated, turn_share};
use crate::task::Statistic;

/// The scores of a run that a statistic takes, or of several runs one after the other.
pub(super) type Tables<'t, 's> = &'t [&'t [Score<'s>]];

/// How a measure of a trial is looked up: as it was measured, or with what is missing filled in.
pub(super) type Lookup<'l> = &'l dyn Fn(Score<'_>, &MeasureName) -> Option<f64>;

/// Measures as they were measured.
pub(super) fn as_measured(score: Score<'_>, of: &MeasureName) -> Option<f64> {
    score.measure(of)
}

/// A statistic's value for any choice of its rows.
type Value<'s> = Box<dyn Fn(&[usize]) -> Option<f64> + 's>;

/// Rows of one or more tables, the item of each, and the statistic of any of them.
pub(super) struct Rows<'s> {
    /// The item that each row is of, table after table.
    pub(super) items: Vec<&'s str>,
    /// How many rows each table has.
    pub(super) of_tables: Vec<usize>,
    value: Value<'s>,
}

impl<'s> Rows<'s> {
    /// Rows of each table with their items, and a statistic of rows.
    pub(super) fn new<T: 's>(
        tables: Vec<Vec<(&'s str, T)>>,
        value: impl Fn(&[&T]) -> Option<f64> + 's,
    ) -> Self {
        let of_tables = tables.iter().map(Vec::len).collect();
        let (items, rows): (Vec<&str>, Vec<T>) = tables.into_iter().flatten().unzip();
        let value = move |chosen: &[usize]| {
            let chosen: Vec<&T> = chosen.iter().filter_map(|row| rows.get(*row)).collect();
            value(&chosen)
        };
        Self { items, of_tables, value: Box::new(value) }
    }

    /// The statistic of the rows with these numbers, each as often as it is named.
    pub(super) fn value(&self, rows: &[usize]) -> Option<f64> {
        (self.value)(rows)
    }

    /// The statistic of all rows.
    pub(super) fn value_of_all(&self) -> Option<f64> {
        self.value(&(0..self.items.len()).collect::<Vec<_>>())
    }

    /// The value with its interval from items drawn anew, and the draws. None where it is not defined.
    pub(super) fn estimate(&self, seed: u64) -> Option<(Estimate, Draws)> {
        let value = self.value_of_all()?;
        let resampler = Resampler::new(&numbered(&self.items), seed);
        let clusters = resampler.cluster_count() as u64;
        let draws = resampler.draw(value, |rows| self.value(rows));
        // One item says nothing about others.
        let interval = if clusters > 1 { draws.interval() } else { None };
        Some((Estimate { value, interval, n: self.items.len() as u64, clusters }, draws))
    }
}

/// A row of each trial that has one, table by table.
pub(super) fn by_trial<'s, T>(
    tables: Tables<'_, 's>,
    row: impl Fn(Score<'s>) -> Option<T>,
) -> Vec<Vec<(&'s str, T)>> {
    let of_table = |scores: &&[Score<'s>]| {
        scores.iter().filter_map(|score| Some((score.cluster(), row(*score)?))).collect()
    };
    tables.iter().map(of_table).collect()
}

/// The rows of a statistic. None for those that are no statistic of rows: a mean of other metrics, the variety of a text, a p value.
pub(super) fn of_statistic<'s>(
    statistic: &Statistic,
    tables: Tables<'_, 's>,
    lookup: Lookup<'_>,
) -> Option<Rows<'s>> {
    Some(match statistic {
        Statistic::Proportion { of } | Statistic::Mean { of, .. } => {
            corpus::mean_rows(tables, of, lookup)
        }
        Statistic::MeanOfItems { of } => corpus::mean_of_items_rows(tables, of, lookup),
        Statistic::SumOfItems { of } => corpus::sum_of_items_rows(tables, of, lookup),
        Statistic::SdOfItems { of } => corpus::sd_of_items_rows(tables, of, lookup),
        Statistic::SdWithinItems { of } => corpus::sd_within_items_rows(tables, of, lookup),
        Statistic::Maximum { of } => paired::maximum_rows(tables, of, lookup),
        Statistic::Pearson { x, y } => pairs::correlation_rows(tables, [x, y], lookup, pearson),
        Statistic::Spearman { x, y } => pairs::correlation_rows(tables, [x, y], lookup, spearman),
        Statistic::QuadraticKappa { x, y } => pairs::quadratic_kappa_rows(tables, x, y, lookup),
        Statistic::AlarmF1 => corpus::alarm_f1_rows(tables),
        Statistic::F1 { averaging } => corpus::f1_rows(tables, *averaging),
        Statistic::Bleu { order } => corpus::bleu_rows(tables, *order),
        Statistic::DropRate { of, family, level, .. } => {
            paired::drop_rows(tables, of, (*family, *level), lookup)
        }
        Statistic::Flips { of, from } => paired::flip_rows(tables, of, *from, lookup),
        Statistic::Contrast { of, arm, against } => {
            paired::contrast_rows(tables, of, [arm, against], lookup)
        }
        Statistic::Parity { of, part, attribute, .. } => {
            return parity::rows(tables, of, *part, attribute.as_deref(), lookup);
        }
        Statistic::FailedBy { of, turn } => followed::rows(tables, of, *turn),
        Statistic::TurnShare { of, among } => turn_share::rows(tables, of, among),
        Statistic::DimensionScore { dimension } => rated::rows(tables, dimension.as_deref()),
        Statistic::Distinct { .. } | Statistic::MeanOf { .. } => return None,
    })
}
