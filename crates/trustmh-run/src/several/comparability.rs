//! What must be alike for the numbers of two runs to stand beside each other.

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::id::TaskId;
use trustmh_core::unlike::Unlike;

use crate::derived::score::ScoredRun;
use crate::derived::terms::Terms;

/// What is not alike about a task of two runs, besides the subjects.
pub fn differences(one: &ScoredRun, two: &ScoredRun, task: &TaskId) -> Vec<Unlike> {
    match (one.terms.get(task), two.terms.get(task)) {
        (Some(one), Some(two)) => one.differences(two),
        _ => Vec::new(),
    }
}

/// The places of `runs` in groups of runs that may be compared on what `terms` gives of each place, the largest group first, and of
/// equally large ones that of the run which comes first. Runs without terms are in none.
pub fn alike<'r>(
    runs: &'r [ScoredRun],
    terms: impl Fn(usize, &'r ScoredRun) -> Option<Vec<&'r Terms>>,
) -> Vec<Vec<usize>> {
    let mut groups: Vec<(Vec<&Terms>, Vec<usize>)> = Vec::new();
    for (place, run) in runs.iter().enumerate() {
        let Some(own) = terms(place, run) else { continue };
        let is_like = |others: &Vec<&Terms>| {
            others.len() == own.len()
                && others.iter().zip(&own).all(|(one, two)| one.forbidding(two).is_empty())
        };
        match groups.iter_mut().find(|(others, _)| is_like(others)) {
            Some((_, places)) => places.push(place),
            None => groups.push((own, vec![place])),
        }
    }
    let mut places: Vec<Vec<usize>> = groups.into_iter().map(|(_, places)| places).collect();
    places.sort_by_key(|places| std::cmp::Reverse(places.len()));
    places
}

/// The places of `runs` in groups as [`alike`] makes them, task by task.
pub fn alike_by_task(runs: &[ScoredRun]) -> BTreeMap<TaskId, Vec<Vec<usize>>> {
    let tasks: BTreeSet<&TaskId> = runs.iter().flat_map(|run| run.terms.keys()).collect();
    let of_task = |id: &TaskId| alike(runs, |_, run| run.terms.get(id).map(|terms| vec![terms]));
    tasks.into_iter().map(|id| (id.clone(), of_task(id))).collect()
}
