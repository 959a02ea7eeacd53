//! Statistics of whole corpora: F1 of labels, BLEU, variety, means of items.

use std::collections::BTreeMap;

use trustmh_core::id::{ClusterId, MeasureName};
use trustmh_core::metric::Estimate;
use trustmh_core::trial::TrialScore;
use trustmh_stats::bootstrap::{Draws, Resampler};
use trustmh_stats::labels::{self, Averaging};
use trustmh_stats::mean::mean;
use trustmh_stats::sample::{Sample, numbered};
use trustmh_stats::text::{BleuCounts, bleu, distinct, tokens};

use super::nothing_measured;
use crate::task::LabelAveraging;

/// The name under which an answer without a readable label stands in a confusion table.
const UNREAD: &str = "(unread)";

type Drawn = (Estimate, Option<Draws>);

fn text<'s>(score: &'s TrialScore, name: &str) -> Option<&'s str> {
    score.texts.get(&MeasureName::new(name)).map(String::as_str)
}

/// Draws resamples of a statistic of rows, and gives it with its interval.
fn resampled(
    value: f64,
    clusters: &[&ClusterId],
    seed: u64,
    statistic: impl Fn(&[usize]) -> Option<f64>,
) -> Drawn {
    let numbers = numbered(clusters);
    let resampler = Resampler::new(&numbers, seed);
    let count = resampler.cluster_count() as u64;
    let draws = resampler.draw(value, statistic);
    // One cluster says nothing about others.
    let interval = if count > 1 { draws.interval() } else { None };
    (Estimate { value, interval, n: clusters.len() as u64, clusters: count }, Some(draws))
}

pub(super) fn f1(
    scores: &[&TrialScore],
    averaging: LabelAveraging,
    seed: u64,
) -> Result<Drawn, String> {
    let averaging = match averaging {
        LabelAveraging::Macro => Averaging::Macro,
        LabelAveraging::Weighted => Averaging::Weighted,
        LabelAveraging::Micro => Averaging::Micro,
    };
    let labelled: Vec<&TrialScore> =
        scores.iter().copied().filter(|score| text(score, "label").is_some()).collect();
    let of = |rows: &[usize]| {
        let rows = rows.iter().filter_map(|row| labelled.get(*row));
        labels::f1(
            rows.filter_map(|score| Some((text(score, "label")?, text(score, "predicted")))),
            averaging,
        )
    };
    let all: Vec<usize> = (0..labelled.len()).collect();
    let value = of(&all).ok_or_else(|| nothing_measured(scores))?;
    let clusters: Vec<&ClusterId> = labelled.iter().map(|score| &score.cluster).collect();
    Ok(resampled(value, &clusters, seed, of))
}

/// Confusion tables by scheme; empty where nothing is labelled.
pub(super) fn confusions(
    scores: &[TrialScore],
) -> BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>> {
    let mut by_scheme: BTreeMap<String, Vec<labels::Pair<'_>>> = BTreeMap::new();
    for score in scores {
        if let (Some(scheme), Some(given)) = (score.tags.get("scheme"), text(score, "label")) {
            by_scheme.entry(scheme.clone()).or_default().push((given, text(score, "predicted")));
        }
    }
    by_scheme
        .into_iter()
        .map(|(scheme, pairs)| (scheme, labels::confusion(pairs.into_iter(), UNREAD)))
        .collect()
}

pub(super) fn corpus_bleu(scores: &[&TrialScore], order: u8, seed: u64) -> Result<Drawn, String> {
    let mut counts = Vec::new();
    let mut clusters = Vec::new();
    for score in scores {
        if let (Some(reply), Some(reference)) = (text(score, "reply"), text(score, "reference")) {
            counts.push(BleuCounts::of(&tokens(reply), &tokens(reference)));
            clusters.push(&score.cluster);
        }
    }
    let of = |rows: &[usize]| {
        let mut sum = BleuCounts::default();
        rows.iter().filter_map(|row| counts.get(*row)).for_each(|count| sum.add(count));
        bleu(&sum, usize::from(order))
    };
    let all: Vec<usize> = (0..counts.len()).collect();
    let value = of(&all).ok_or_else(|| nothing_measured(scores))?;
    Ok(resampled(value, &clusters, seed, of))
}

pub(super) fn variety(scores: &[&TrialScore], order: u8) -> Result<Drawn, String> {
    let replies: Vec<(&ClusterId, Vec<String>)> = scores
        .iter()
        .filter_map(|score| Some((&score.cluster, tokens(text(score, "reply")?))))
        .collect();
    let (clusters, texts): (Vec<&ClusterId>, Vec<Vec<String>>) = replies.into_iter().unzip();
    distinct(&texts, &numbered(&clusters), usize::from(order))
        .map(|estimate| (estimate, None))
        .ok_or_else(|| nothing_measured(scores))
}

pub(super) fn mean_of_items(scores: &[&TrialScore], of: &MeasureName) -> Result<Drawn, String> {
    let mut sums: BTreeMap<&ClusterId, (f64, u32)> = BTreeMap::new();
    let mut n = 0;
    for score in scores {
        if let Some(value) = score.measures.get(of) {
            let (sum, count) = sums.entry(&score.cluster).or_default();
            *sum += value;
            *count += 1;
            n += 1;
        }
    }
    let means = sums.values().map(|(sum, count)| sum / f64::from(*count)).collect();
    let sample = Sample::independent(means).map_err(|_| nothing_measured(scores))?;
    Ok((Estimate { n, ..mean(&sample) }, None))
}
