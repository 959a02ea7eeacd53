//! Perturbed trials beside the clean ones of the same items; arms beside each other.

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::id::MeasureName;
use trustmh_core::item::ARM;
use trustmh_core::metric::Estimate;
use trustmh_core::perturbation::{Family, Level};
use trustmh_core::scores::Score;
use trustmh_core::trial::round_of;
use trustmh_stats::proportion::proportion;
use trustmh_stats::sample::Sample;

use super::corpus::{average, drawn};
use super::floor::{above, floor_of};
use super::nothing_measured;
use super::rows::{Lookup, Rows, Tables, as_measured, by_trial};
use crate::task::{Flip, Floor};

/// A clean and a perturbed score of the same item, variant and round.
struct Pair<'s> {
    /// Family and level.
    cell: (&'s str, &'s str),
    clean: f64,
    perturbed: f64,
}

fn tag<'s>(score: Score<'s>, facet: &str) -> &'s str {
    score.tag(facet).unwrap_or_default()
}

/// Item, variant and round.
type Place<'s> = (&'s str, &'s str, u32);

fn place<'s>(score: Score<'s>) -> Place<'s> {
    (score.cluster(), tag(score, "pair"), round_of(score.trial()).1)
}

/// Clean scores by item, variant and round.
fn clean<'s>(
    scores: &[Score<'s>],
    of: &MeasureName,
    lookup: Lookup<'_>,
) -> BTreeMap<Place<'s>, f64> {
    let clean = scores.iter().filter(|score| tag(**score, "family") == "none");
    clean.filter_map(|score| Some((place(*score), lookup(*score, of)?))).collect()
}

/// Perturbed scores with the clean one of the same item and variant, and the item.
fn pairs<'s>(
    scores: &[Score<'s>],
    of: &MeasureName,
    lookup: Lookup<'_>,
) -> Vec<(&'s str, Pair<'s>)> {
    let clean = clean(scores, of, lookup);
    let perturbed = scores.iter().filter(|score| tag(**score, "family") != "none");
    perturbed
        .filter_map(|score| {
            let pair = Pair {
                cell: (tag(*score, "family"), tag(*score, "level")),
                clean: *clean.get(&place(*score))?,
                perturbed: lookup(*score, of)?,
            };
            Some((score.cluster(), pair))
        })
        .collect()
}

/// Mean over families and levels of 1 less perturbed over clean, with a bootstrap over items. Not defined where
/// the clean score is not clearly above `floor`: nothing can drop from nothing.
pub(super) fn drop_rate(
    scores: &[Score<'_>],
    of: &MeasureName,
    floor: Floor,
    cells: (Option<Family>, Option<Level>),
    seed: u64,
) -> Result<Estimate, String> {
    let rows = drop_rows(&[scores], of, cells, &as_measured);
    if rows.items.is_empty() {
        return Err(nothing_measured(scores));
    }
    let asked = scores
        .iter()
        .copied()
        .filter(|score| tag(*score, "family") == "none" && score.measure(of).is_some());
    clearly_above(&clean(scores, of, &as_measured), floor_of(floor, asked)?)?;
    let (estimate, draws) =
        rows.estimate(seed).ok_or("the clean score is 0, so nothing can drop")?;
    Ok(Estimate { interval: draws.wide_interval(), ..estimate })
}

/// Pairs of a clean and a perturbed score, for the drop rate.
pub(super) fn drop_rows<'s>(
    tables: Tables<'_, 's>,
    of: &MeasureName,
    (family, level): (Option<Family>, Option<Level>),
    lookup: Lookup<'_>,
) -> Rows<'s> {
    let is_wanted = |cell: (&str, &str)| {
        family.is_none_or(|wanted| wanted.slug() == cell.0)
            && level.is_none_or(|wanted| wanted.slug() == cell.1)
    };
    let of_table = |scores: &&[Score<'s>]| {
        let mut pairs = pairs(scores, of, lookup);
        pairs.retain(|(_, pair)| is_wanted(pair.cell));
        pairs
    };
    Rows::new(tables.iter().map(of_table).collect(), |pairs: &[&Pair<'s>]| {
        let mut sums: BTreeMap<(&str, &str), (f64, f64)> = BTreeMap::new();
        for pair in pairs {
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
    })
}

/// Fewer items than this cannot tell a score from chance.
const FEWEST_ITEMS: usize = 5;

/// Whether the clean score lies above the floor.
fn clearly_above(clean: &BTreeMap<Place<'_>, f64>, floor: f64) -> Result<(), String> {
    let items: Vec<&str> = clean.keys().map(|(item, ..)| *item).collect();
    let different = items.iter().collect::<BTreeSet<_>>().len();
    if different < FEWEST_ITEMS {
        return Err(format!(
            "too few items ({different}) to tell the clean score from that of a subject that knows nothing"
        ));
    }
    above(clean.values().copied().collect(), &items, floor)
        .map_err(|why| format!("on clean texts {why}, so a drop is not defined"))
}

/// Share of pairs in which the answer turned, of those whose clean answer is as asked.
pub(super) fn flips(
    scores: &[Score<'_>],
    of: &MeasureName,
    from: Flip,
) -> Result<Estimate, String> {
    let (items, turned): (Vec<&str>, Vec<f64>) =
        turned(scores, of, from, &as_measured).into_iter().unzip();
    let sample = Sample::clustered(turned, &items).map_err(|_| match from {
        Flip::Right => "no clean answer is right".to_owned(),
        Flip::Wrong => "no clean answer is wrong".to_owned(),
    })?;
    proportion(&sample).map_err(|error| error.to_string())
}

/// Pairs whose clean answer is as asked, for the share that turned.
pub(super) fn flip_rows<'s>(
    tables: Tables<'_, 's>,
    of: &MeasureName,
    from: Flip,
    lookup: Lookup<'_>,
) -> Rows<'s> {
    let of_tables = tables.iter().map(|scores| turned(scores, of, from, lookup)).collect();
    Rows::new(of_tables, |turned: &[&f64]| average(turned))
}

/// Whether the answer turned, of each pair whose clean answer is as asked.
fn turned<'s>(
    scores: &[Score<'s>],
    of: &MeasureName,
    from: Flip,
    lookup: Lookup<'_>,
) -> Vec<(&'s str, f64)> {
    let right = |value: f64| value > 0.5;
    let pairs = pairs(scores, of, lookup).into_iter();
    pairs
        .filter(|(_, pair)| right(pair.clean) == (from == Flip::Right))
        .map(|(item, pair)| (item, f64::from(u8::from(right(pair.perturbed) != right(pair.clean)))))
        .collect()
}

/// The mean of one arm less that of another, with a bootstrap over the items of both.
pub(super) fn contrast(
    scores: &[Score<'_>],
    of: &MeasureName,
    arms: [&str; 2],
    seed: u64,
) -> Result<Estimate, String> {
    Ok(drawn(&contrast_rows(&[scores], of, arms, &as_measured), scores, seed)?.0)
}

/// Measures of two arms, for the difference of their means.
pub(super) fn contrast_rows<'s>(
    tables: Tables<'_, 's>,
    of: &MeasureName,
    [arm, against]: [&str; 2],
    lookup: Lookup<'_>,
) -> Rows<'s> {
    let rows = by_trial(tables, |score| {
        let own = tag(score, ARM);
        [arm, against].contains(&own).then_some(())?;
        Some((own == arm, lookup(score, of)?))
    });
    Rows::new(rows, |rows: &[&(bool, f64)]| {
        let mean_of = |wanted: bool| {
            let values = rows.iter().filter(|(is_arm, _)| *is_arm == wanted);
            average(&values.map(|(_, value)| value).collect::<Vec<_>>())
        };
        Some(mean_of(true)? - mean_of(false)?)
    })
}

/// The highest value. It has no interval: more trials can only find a higher one.
pub(super) fn maximum(scores: &[Score<'_>], of: &MeasureName) -> Result<Estimate, String> {
    let rows = maximum_rows(&[scores], of, &as_measured);
    let n = rows.items.len() as u64;
    let value = rows.value_of_all().ok_or_else(|| nothing_measured(scores))?;
    Ok(Estimate { value, interval: None, n, clusters: n })
}

/// Rows of a measure, for the highest of them.
pub(super) fn maximum_rows<'s>(
    tables: Tables<'_, 's>,
    of: &MeasureName,
    lookup: Lookup<'_>,
) -> Rows<'s> {
    Rows::new(by_trial(tables, |score| lookup(score, of)), |values: &[&f64]| {
        values.iter().map(|value| **value).reduce(f64::max)
    })
}
