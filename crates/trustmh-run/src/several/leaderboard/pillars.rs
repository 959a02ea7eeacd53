//! Which runs have a place in a pillar: complete ones that are alike in all of its tasks.

use std::cmp::Ordering;

use trustmh_core::id::TaskId;
use trustmh_core::pillar::Pillar;

use super::{LeftOut, PlacedRun};
use crate::derived::score::ScoredRun;
use crate::derived::terms::Terms;
use crate::several::comparability::alike;

/// The scores of the runs that are placed, the best first, and the others with the reason. Of several groups of runs that are alike
/// the largest is placed, and of equally large ones that of the run which was named first.
pub(super) fn placed(runs: &[ScoredRun], pillar: Pillar) -> (Vec<PlacedRun>, Vec<LeftOut>) {
    let mut left_out: Vec<(usize, String)> = Vec::new();
    for (place, run) in runs.iter().enumerate() {
        left_out.extend(incomplete(run, pillar).map(|why| (place, why)));
    }
    let out: Vec<usize> = left_out.iter().map(|(place, _)| *place).collect();
    let groups = alike(runs, |place, run| {
        let is_scored = run.scorecard.pillars.contains_key(&pillar);
        (is_scored && !out.contains(&place)).then(|| terms(run, pillar))
    });
    let mut groups = groups.into_iter();
    let best = groups.next().unwrap_or_default();
    if let Some(like) = best.first().and_then(|place| runs.get(*place)) {
        for place in groups.flatten() {
            let other = runs.get(place);
            left_out.extend(other.map(|other| (place, unlike(like, other, pillar))));
        }
    }
    left_out.sort_by_key(|(place, _)| *place);
    let mut found: Vec<PlacedRun> = best
        .iter()
        .filter_map(|place| {
            let card = &runs.get(*place)?.scorecard;
            let score = card.pillars.get(&pillar)?.clone();
            Some(PlacedRun { run: card.run.clone(), subject: card.subject_shown(), score })
        })
        .collect();
    found.sort_by(|one, other| {
        other.score.value.partial_cmp(&one.score.value).unwrap_or(Ordering::Equal)
    });
    let named = left_out.into_iter().filter_map(|(place, why)| {
        let card = &runs.get(place)?.scorecard;
        Some(LeftOut { run: card.run.clone(), subject: card.subject_shown(), why })
    });
    (found, named.collect())
}

/// Why a run that has tasks of the pillar is not complete in it.
fn incomplete(run: &ScoredRun, pillar: Pillar) -> Option<String> {
    let card = &run.scorecard;
    if let Some(missing) = card.pillars_without_score.get(&pillar) {
        return Some(format!("missing, pending or not scored: {}", named(missing.iter())));
    }
    let of_pillar = card.tasks.iter().filter(|(id, _)| id.pillar() == pillar);
    let waiting: Vec<String> = of_pillar
        .filter(|(id, result)| result.pending > 0 && card.enters_pillars(id))
        .map(|(id, result)| {
            format!("{id} {} of {} trials are pending", result.pending, result.n + result.pending)
        })
        .collect();
    (!waiting.is_empty()).then(|| format!("incomplete: {}", waiting.join(", ")))
}

fn named<'i>(ids: impl Iterator<Item = &'i TaskId>) -> String {
    ids.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// How the benchmark's tasks of the pillar were asked and scored.
fn terms(run: &ScoredRun, pillar: Pillar) -> Vec<&Terms> {
    let card = &run.scorecard;
    let of_pillar =
        run.terms.iter().filter(|(id, _)| id.pillar() == pillar && card.enters_pillars(id));
    of_pillar.map(|(_, terms)| terms).collect()
}

fn unlike(placed: &ScoredRun, other: &ScoredRun, pillar: Pillar) -> String {
    let mut differs: Vec<String> = terms(placed, pillar)
        .into_iter()
        .zip(terms(other, pillar))
        .flat_map(|(one, two)| one.forbidding(two))
        .map(|unlike| unlike.to_string())
        .collect();
    differs.sort();
    differs.dedup();
    format!("not like the runs that are placed: {}", differs.join("; "))
}
