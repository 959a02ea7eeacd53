//! Perturbed trials beside the clean ones of the same items; arms beside each other.

use std::collections::BTreeMap;

use trustmh_core::id::MeasureName;
use trustmh_core::metric::Estimate;
use trustmh_core::perturbation::{Family, Level};
use trustmh_core::scores::Score;
use trustmh_stats::bootstrap::Draws;
use trustmh_stats::mean::mean;
use trustmh_stats::proportion::proportion;
use trustmh_stats::sample::Sample;

use super::corpus::{Drawn, resampled};
use super::nothing_measured;
use crate::task::Flip;

/// A clean and a perturbed score of the same item and variant.
struct Pair<'s> {
    item: &'s str,
    /// Family and level.
    cell: (&'s str, &'s str),
    clean: f64,
    perturbed: f64,
}

fn tag<'s>(score: Score<'s>, facet: &str) -> &'s str {
    score.tag(facet).unwrap_or_default()
}

type Place<'s> = (&'s str, &'s str);

/// Clean scores by item and variant.
fn clean<'s>(scores: &[Score<'s>], of: &MeasureName) -> BTreeMap<Place<'s>, f64> {
    let clean = scores.iter().filter(|score| tag(**score, "family") == "none");
    clean
        .filter_map(|score| Some(((score.cluster(), tag(*score, "pair")), score.measure(of)?)))
        .collect()
}

fn pairs<'s>(
    scores: &[Score<'s>],
    of: &MeasureName,
    clean: &BTreeMap<Place<'s>, f64>,
) -> Vec<Pair<'s>> {
    let perturbed = scores.iter().filter(|score| tag(**score, "family") != "none");
    perturbed
        .filter_map(|score| {
            Some(Pair {
                item: score.cluster(),
                cell: (tag(*score, "family"), tag(*score, "level")),
                clean: *clean.get(&(score.cluster(), tag(*score, "pair")))?,
                perturbed: score.measure(of)?,
            })
        })
        .collect()
}

/// Mean over families and levels of 1 less perturbed over clean, with a bootstrap over items. Not defined where
/// the clean score is not clearly above `floor`: nothing can drop from nothing.
pub(super) fn drop_rate(
    scores: &[Score<'_>],
    of: &MeasureName,
    floor: f64,
    (family, level): (Option<Family>, Option<Level>),
    seed: u64,
) -> Result<Drawn, String> {
    let clean = clean(scores, of);
    let mut pairs = pairs(scores, of, &clean);
    pairs.retain(|pair| {
        family.is_none_or(|wanted| wanted.slug() == pair.cell.0)
            && level.is_none_or(|wanted| wanted.slug() == pair.cell.1)
    });
    if pairs.is_empty() {
        return Err(nothing_measured(scores));
    }
    above(&clean, floor)?;
    let of_rows = |rows: &[usize]| {
        let mut sums: BTreeMap<(&str, &str), (f64, f64)> = BTreeMap::new();
        for pair in rows.iter().filter_map(|row| pairs.get(*row)) {
            let (clean, perturbed) = sums.entry(pair.cell).or_default();
            *clean += pair.clean;
            *perturbed += pair.perturbed;
        }
        let cells = sums.len() as f64;
        let drops: Option<Vec<f64>> = sums
            .values()
            .map(|(clean, perturbed)| (*clean > 0.0).then(|| 1.0 - perturbed / clean))
            .collect();
        drops.filter(|drops| !drops.is_empty()).map(|drops| drops.iter().sum::<f64>() / cells)
    };
    let all: Vec<usize> = (0..pairs.len()).collect();
    let value = of_rows(&all).ok_or("the clean score is 0, so nothing can drop")?;
    let items: Vec<&str> = pairs.iter().map(|pair| pair.item).collect();
    let (estimate, draws) = resampled(value, &items, seed, of_rows);
    let interval = draws.as_ref().and_then(Draws::wide_interval);
    Ok((Estimate { interval, ..estimate }, draws))
}

/// Fewer items than this cannot tell a score from chance.
const FEWEST_ITEMS: usize = 5;

/// Whether the clean score's interval lies above the floor.
fn above(clean: &BTreeMap<Place<'_>, f64>, floor: f64) -> Result<(), String> {
    let items: Vec<&str> = clean.keys().map(|(item, _)| *item).collect();
    let sample = Sample::clustered(clean.values().copied().collect(), &items)
        .map_err(|error| error.to_string())?;
    if sample.cluster_count() < FEWEST_ITEMS {
        return Err(format!(
            "{} items are too few to tell the clean score from that of a subject that knows nothing",
            sample.cluster_count()
        ));
    }
    let found = mean(&sample);
    // A share has Wilson's interval, which does not shrink to nothing where all answers are alike.
    let share = proportion(&sample).ok().and_then(|share| share.interval);
    let equal = clean.values().all(|value| (value - found.value).abs() < f64::EPSILON);
    let low = match share.or(found.interval) {
        Some(interval) => interval.low,
        None if equal => found.value,
        None => f64::NEG_INFINITY,
    };
    if low > floor {
        return Ok(());
    }
    Err(format!(
        "the clean score of {:.3} is not clearly above the {floor} of a subject that knows nothing, so a drop is not defined",
        found.value
    ))
}

/// Share of pairs in which the answer turned, of those whose clean answer is as asked.
pub(super) fn flips(
    scores: &[Score<'_>],
    of: &MeasureName,
    from: Flip,
) -> Result<Estimate, String> {
    let clean = clean(scores, of);
    let right = |value: f64| value > 0.5;
    let (turned, items): (Vec<f64>, Vec<&str>) = pairs(scores, of, &clean)
        .iter()
        .filter(|pair| right(pair.clean) == (from == Flip::Right))
        .map(|pair| (f64::from(u8::from(right(pair.perturbed) != right(pair.clean))), pair.item))
        .unzip();
    let sample = Sample::clustered(turned, &items).map_err(|_| match from {
        Flip::Right => "no clean answer is right".to_owned(),
        Flip::Wrong => "no clean answer is wrong".to_owned(),
    })?;
    proportion(&sample).map_err(|error| error.to_string())
}

/// The mean of one arm less that of another, with a bootstrap over the items of both.
pub(super) fn contrast(
    scores: &[Score<'_>],
    of: &MeasureName,
    [arm, against]: [&str; 2],
    seed: u64,
) -> Result<Drawn, String> {
    let (rows, items): (Vec<(bool, f64)>, Vec<&str>) = scores
        .iter()
        .filter(|score| [arm, against].contains(&tag(**score, "arm")))
        .filter_map(|score| {
            let value = score.measure(of)?;
            Some(((tag(*score, "arm") == arm, value), score.cluster()))
        })
        .unzip();
    let of_rows = |drawn: &[usize]| {
        let mean_of = |wanted: bool| {
            let values = drawn.iter().filter_map(|row| rows.get(*row));
            let values: Vec<f64> =
                values.filter(|(is_arm, _)| *is_arm == wanted).map(|(_, value)| *value).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        Some(mean_of(true)? - mean_of(false)?)
    };
    let all: Vec<usize> = (0..rows.len()).collect();
    let value = of_rows(&all).ok_or_else(|| nothing_measured(scores))?;
    Ok(resampled(value, &items, seed, of_rows))
}

/// The highest value. It has no interval: more trials can only find a higher one.
pub(super) fn maximum(scores: &[Score<'_>], of: &MeasureName) -> Result<Estimate, String> {
    let values: Vec<f64> = scores.iter().filter_map(|score| score.measure(of)).collect();
    let n = values.len() as u64;
    let value = values.into_iter().reduce(f64::max).ok_or_else(|| nothing_measured(scores))?;
    Ok(Estimate { value, interval: None, n, clusters: n })
}
