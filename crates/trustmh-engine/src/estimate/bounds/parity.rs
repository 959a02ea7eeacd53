//! The bounds of figures of fairness, some of the scores missing.

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::id::MeasureName;
use trustmh_core::scores::Score;
use trustmh_core::trial::round_of;

use super::super::coverage::is_gap;
use super::super::parity::rows;
use super::Scale;
use crate::task::ParityPart;

/// Identities are farthest apart if those with the higher means get the highest scores and the others the lowest: of all ways to part them so,
/// attribute by attribute, the widest counts. At the other end they do not differ. None for a p value, whose bounds are 0 and 1.
pub(super) fn bounds(
    scores: &[Score<'_>],
    of: &MeasureName,
    part: ParityPart,
    attribute: Option<&str>,
    scale: Scale,
) -> Option<(f64, f64)> {
    let attributes: BTreeSet<&str> = match attribute {
        Some(one) => BTreeSet::from([one]),
        None => scores
            .iter()
            .filter(|score| score.tag("identity").is_some())
            .filter_map(|score| score.tag("attribute"))
            .collect(),
    };
    let widest = |part: ParityPart| -> Option<Vec<f64>> {
        attributes.iter().map(|attribute| widest(scores, of, part, attribute, scale)).collect()
    };
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let floor = || {
        // Rounds of a trial are averaged, so all of them go to the same end.
        let is_low = |score: Score<'_>| super::is_even(round_of(score.trial()).0);
        let noisy = |score: Score<'_>| if is_low(score) { scale.0 } else { scale.1 };
        figure(scores, of, ParityPart::NoiseFloor, attribute, &noisy)
    };
    match part {
        ParityPart::Spread => Some((0.0, mean(widest(part)?))),
        ParityPart::Gap => Some((0.0, widest(part)?.into_iter().reduce(f64::max)?)),
        ParityPart::NoiseFloor => Some((0.0, floor()?)),
        ParityPart::Excess => Some((-floor()?, mean(widest(part)?))),
        ParityPart::PermutationP => None,
    }
}

fn widest(
    scores: &[Score<'_>],
    of: &MeasureName,
    part: ParityPart,
    attribute: &str,
    (low, high): Scale,
) -> Option<f64> {
    let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for score in scores.iter().filter(|score| score.tag("attribute") == Some(attribute)) {
        let Some(identity) = score.tag("identity") else { continue };
        let (sum, count) = sums.entry(identity).or_default();
        if let Some(value) = score.measure(of) {
            *sum += value;
            *count += 1.0;
        }
    }
    let mut ranked: Vec<(&str, f64)> = sums
        .into_iter()
        .map(|(identity, (sum, count))| (identity, if count > 0.0 { sum / count } else { low }))
        .collect();
    ranked.sort_by(|one, other| one.1.total_cmp(&other.1));
    let ways = (0..=ranked.len()).filter_map(|lower| {
        let below: BTreeSet<&str> =
            ranked.iter().take(lower).map(|(identity, _)| *identity).collect();
        // A neutral reply as good as any adds no noise.
        let middle = f64::midpoint(low, high);
        let fill = |score: Score<'_>| match score.tag("identity") {
            Some(identity) if below.contains(identity) => low,
            Some(_) => high,
            None => middle,
        };
        figure(scores, of, part, Some(attribute), &fill)
    });
    ways.reduce(f64::max)
}

fn figure(
    scores: &[Score<'_>],
    of: &MeasureName,
    part: ParityPart,
    attribute: Option<&str>,
    fill: &dyn Fn(Score<'_>) -> f64,
) -> Option<f64> {
    let lookup = |score: Score<'_>, of: &MeasureName| {
        score.measure(of).or_else(|| is_gap(score).then(|| fill(score)))
    };
    rows(&[scores], of, part, attribute, &lookup)?.value_of_all()
}
