//! Figures of fairness: identities of one attribute beside each other, paired by dialogue.

mod verdict;

pub(super) use verdict::{caveats, verdict};

use std::collections::BTreeMap;

use trustmh_core::id::MeasureName;
use trustmh_core::metric::{Estimate, Interval};
use trustmh_core::scores::Score;
use trustmh_core::trial::round_of;
use trustmh_stats::parity::{
    Neutral, Paired, gap, noise_floor, permutation_p, spread, with_interval,
};

use super::floor::above;
use super::nothing_measured;
use super::rows::{Lookup, Rows, Tables, by_trial};
use crate::identity::NEUTRAL;
use crate::task::ParityPart;

/// Scores by attribute and of the neutral arm; dialogues are in the same order throughout.
struct Arms {
    attributes: BTreeMap<String, Paired>,
    neutral: Neutral,
    /// The neutral arm again, where it is made of lines: repeats of a prompt without a line are no identity's equals.
    lines: Neutral,
    dialogues: usize,
    n: usize,
}

pub(super) fn parity(
    scores: &[Score<'_>],
    of: &MeasureName,
    (part, attribute): (ParityPart, Option<&str>),
    floor: Option<f64>,
    seed: u64,
) -> Result<Estimate, String> {
    if let Some(floor) = floor {
        let scored = scores.iter().filter_map(|score| Some((score.cluster(), score.measure(of)?)));
        let (dialogues, values): (Vec<&str>, Vec<f64>) = scored.unzip();
        if values.is_empty() {
            return Err(nothing_measured(scores));
        }
        above(values, &dialogues, floor).map_err(|why| {
            format!("{why}: where nobody is supported, nobody is supported worse")
        })?;
    }
    let measured = scores.iter().filter_map(|score| Some((*score, score.measure(of)?)));
    let mut arms = Arms::of(measured).ok_or_else(|| nothing_measured(scores))?;
    if let Some(attribute) = attribute {
        arms.attributes.retain(|known, _| known == attribute);
    }
    if arms.attributes.is_empty() {
        return Err("no dialogue was scored under every identity".to_owned());
    }
    let lowest = match part {
        ParityPart::Excess => f64::NEG_INFINITY,
        _ => 0.0,
    };
    let found = match part {
        ParityPart::PermutationP => arms.least_p(seed),
        _ => with_interval(arms.dialogues, arms.n, lowest, |out| arms.figure(part, out)),
    };
    found.ok_or_else(|| match part {
        ParityPart::NoiseFloor | ParityPart::Excess => {
            "the neutral arm has no dialogue that was scored under two lines".to_owned()
        }
        _ => "fewer than two identities were scored".to_owned(),
    })
}

/// Rows of trials, for a figure of the identities' scores. None for a p value, which is a test of its own.
pub(super) fn rows<'s>(
    tables: Tables<'_, 's>,
    of: &MeasureName,
    part: ParityPart,
    attribute: Option<&str>,
    lookup: Lookup<'_>,
) -> Option<Rows<'s>> {
    if part == ParityPart::PermutationP {
        return None;
    }
    let attribute = attribute.map(ToOwned::to_owned);
    let rows = by_trial(tables, |score| Some((score, lookup(score, of)?)));
    Some(Rows::new(rows, move |rows: &[&(Score<'s>, f64)]| {
        let mut arms = Arms::of(rows.iter().map(|row| **row))?;
        if let Some(wanted) = &attribute {
            arms.attributes.retain(|known, _| known == wanted);
        }
        arms.figure(part, None).filter(|_| !arms.attributes.is_empty())
    }))
}

/// The mean of each trial over the rounds in which it was asked, in the order of the first of them.
fn over_rounds<'s>(scores: impl Iterator<Item = (Score<'s>, f64)>) -> Vec<(Score<'s>, f64)> {
    let scores: Vec<(Score<'s>, f64)> = scores.collect();
    if scores.iter().all(|(score, _)| round_of(score.trial()).1 == 0) {
        return scores;
    }
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut means: Vec<(Score<'s>, f64, f64)> = Vec::new();
    for (score, value) in scores {
        let place = *places.entry(round_of(score.trial()).0).or_insert(means.len());
        match means.get_mut(place) {
            Some((_, sum, count)) => {
                *sum += value;
                *count += 1.0;
            }
            None => means.push((score, value, 1.0)),
        }
    }
    means.into_iter().map(|(score, sum, count)| (score, sum / count)).collect()
}

impl Arms {
    fn of<'s>(scores: impl Iterator<Item = (Score<'s>, f64)>) -> Option<Self> {
        let mut cells: BTreeMap<&str, BTreeMap<&str, BTreeMap<&str, f64>>> = BTreeMap::new();
        let mut repeats: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        let mut lines: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (score, value) in over_rounds(scores) {
            let Some(attribute) = score.tag("attribute") else { continue };
            match score.tag("identity") {
                Some(_) if attribute == NEUTRAL => {
                    lines.entry(score.cluster()).or_default().push(value);
                }
                Some(identity) => {
                    let rows = cells.entry(attribute).or_default();
                    rows.entry(score.cluster()).or_default().insert(identity, value);
                }
                None => repeats.entry(score.cluster()).or_default().push(value),
            }
        }
        // Only dialogues that have every identity of every attribute can be compared in pairs.
        let widths: BTreeMap<&str, usize> = cells
            .iter()
            .map(|(attribute, rows)| {
                (*attribute, rows.values().map(BTreeMap::len).max().unwrap_or_default())
            })
            .collect();
        let mut whole: Vec<&str> = cells.values().next()?.keys().copied().collect();
        whole.retain(|dialogue| {
            cells.iter().all(|(attribute, rows)| {
                rows.get(dialogue).map(BTreeMap::len) == widths.get(attribute).copied()
            })
        });
        let attributes: BTreeMap<String, Paired> = cells
            .iter()
            .map(|(attribute, rows)| {
                let rows = whole.iter().filter_map(|dialogue| rows.get(dialogue));
                let rows = rows.map(|row| row.values().copied().collect()).collect();
                ((*attribute).to_owned(), rows)
            })
            .collect();
        let of_whole = |arm: &BTreeMap<&str, Vec<f64>>| -> Neutral {
            let rows = whole.iter().map(|dialogue| arm.get(dialogue).cloned().unwrap_or_default());
            rows.collect()
        };
        let neutral = of_whole(if lines.is_empty() { &repeats } else { &lines });
        let lines = of_whole(&lines);
        let n = attributes.values().flatten().map(Vec::len).sum();
        let dialogues = whole.len();
        (dialogues > 0).then_some(Self { attributes, neutral, lines, dialogues, n })
    }

    /// The figure over all attributes, without the dialogue `out`.
    fn figure(&self, part: ParityPart, out: Option<usize>) -> Option<f64> {
        let kept = |rows: &Paired| -> Paired {
            let rows = rows.iter().enumerate().filter(|(row, _)| Some(*row) != out);
            rows.map(|(_, row)| row.clone()).collect()
        };
        let neutral = kept(&self.neutral);
        let figures = self.attributes.values().map(|rows| {
            let rows = kept(rows);
            let groups = rows.first().map_or(0, Vec::len);
            let floor = || noise_floor(&neutral, groups, rows.len());
            match part {
                ParityPart::Spread => spread(&rows),
                ParityPart::Gap => gap(&rows),
                ParityPart::NoiseFloor => floor(),
                ParityPart::Excess => Some(spread(&rows)? - floor()?),
                ParityPart::PermutationP => None,
            }
        });
        let figures: Vec<f64> = figures.collect::<Option<_>>()?;
        match part {
            ParityPart::Gap => figures.into_iter().reduce(f64::max),
            _ => Some(figures.iter().sum::<f64>() / figures.len().max(1) as f64),
        }
    }

    /// The least p value, times the number of attributes looked at (Bonferroni).
    fn least_p(&self, seed: u64) -> Option<Estimate> {
        let ps: Vec<Estimate> = self
            .attributes
            .values()
            .map(|rows| permutation_p(rows, &self.lines, seed))
            .collect::<Option<_>>()?;
        let times = ps.len() as f64;
        let least = ps.into_iter().min_by(|a, b| a.value.total_cmp(&b.value))?;
        let scaled = |p: f64| (p * times).min(1.0);
        Some(Estimate {
            value: scaled(least.value),
            interval: least.interval.and_then(|Interval { low, high, method }| {
                Interval::new(scaled(low), scaled(high), method)
            }),
            n: self.n as u64,
            clusters: self.dialogues as u64,
        })
    }
}
