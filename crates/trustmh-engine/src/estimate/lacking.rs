//! What two runs lack of each other's trials, and how far that could move their difference.

use trustmh_core::comparison::Difference;
use trustmh_core::scores::{Score, Scores};

use super::bounds::bounds;
use super::compare::{InRun, Matched, Pair};
use super::coverage::{is_missing, is_taken};
use super::rows::{as_measured, of_statistic};
use super::together::parts_of;
use super::{Basis, matches_tags};
use crate::task::{MetricRule, Task};

/// Counts the trials that both runs measured and those that either lacks, and moves the ends of the interval to where the difference
/// would be with all that each run lacks at its worse end for that run, and the other way round.
pub(super) fn with_missing(
    found: Difference,
    (task, rule): (&Task, &MetricRule),
    Matched { pairs, alone }: &Matched<'_>,
    [first, second]: [&Scores; 2],
    basis: &Basis,
) -> Difference {
    let Ok(parts) = parts_of(task, rule, basis.protocol) else { return found };
    let (mut measured, mut missing) = (0, 0);
    for (part, _) in &parts {
        let counts = counts(part, pairs, alone);
        measured += counts.measured;
        missing += counts.missing;
    }
    missing += basis.planned.saturating_sub((pairs.len() + alone.len()) as u64);
    if missing == 0 {
        return Difference { measured, ..found };
    }
    let ends = |scores: &Scores| ends(task, &parts, scores, basis);
    let at_worst = found.low.zip(found.high).zip(ends(first).zip(ends(second))).map(
        |((low, high), ((least_1, most_1), (least_2, most_2)))| {
            let (below, above) = (found.difference - low, high - found.difference);
            let (least, most) = (least_2 - most_1, most_2 - least_1);
            let (widest, (from, to)) = (rule.range.1 - rule.range.0, (least - below, most + above));
            (from.min(low).max(-widest), to.max(high).min(widest))
        },
    );
    Difference { measured, missing, at_worst, ..found }
}

struct Counts {
    measured: u64,
    missing: u64,
}

fn counts(part: &MetricRule, pairs: &[Pair<'_>], alone: &[(InRun, Score<'_>)]) -> Counts {
    let taken = |score: Score<'_>| is_taken(&part.statistic, score);
    let missing = |score: Score<'_>| is_missing(&part.statistic, score);
    let whole = |score: Score<'_>| taken(score) && !missing(score);
    let selects = |score: Score<'_>| matches_tags(score, &part.select);
    let selected = || pairs.iter().filter(|(one, _)| selects(*one));
    let lacking = selected().filter(|(one, two)| missing(*one) || missing(*two)).count();
    let alone = alone.iter().filter(|(_, score)| selects(*score));
    let alone = alone.filter(|(_, score)| taken(*score) || missing(*score)).count();
    Counts {
        measured: selected().filter(|(one, two)| whole(*one) && whole(*two)).count() as u64,
        missing: (lacking + alone) as u64,
    }
}

/// The least and the greatest that the metric of a run could be, as the mean of its parts.
fn ends(
    task: &Task,
    parts: &[(&MetricRule, f64)],
    scores: &Scores,
    basis: &Basis,
) -> Option<(f64, f64)> {
    let (mut least, mut most) = (0.0, 0.0);
    for (part, weight) in parts {
        let selected: Vec<Score<'_>> =
            scores.iter().filter(|score| matches_tags(*score, &part.select)).collect();
        let value = of_statistic(&part.statistic, &[&selected], &as_measured)?.value_of_all()?;
        let (low, high) = bounds(task, part, &selected, basis.pending(scores), value);
        least += weight * low;
        most += weight * high;
    }
    Some((least, most))
}
