//! What a report stands beside: another run, or a published model.

use std::path::Path;

use trustmh_core::comparison::Comparison;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::published::Published;
use trustmh_report::facts::Beside;
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::several::compare::{ALPHA, UnlikeTasks, beside};
use trustmh_run::several::leaderboard::{Beside as Comparable, leaderboard};

use crate::failure::Failure;
use crate::run_folder::RunFolder;
use crate::suggest;

/// The run in a folder or bundle, or else the published model of this name.
pub(crate) fn named(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    typed: &str,
) -> Result<Beside, Failure> {
    if Path::new(typed).exists() {
        let folder = RunFolder::open(Path::new(typed))?;
        let other = folder.score(benchmark, Some(scored.scorecard.protocol), None)?;
        return Ok(of_run(beside(benchmark, &other, scored, ALPHA, UnlikeTasks::Refused)?));
    }
    let published = Published::embedded()?;
    let known: Vec<&str> = published.models.iter().map(String::as_str).collect();
    match known.iter().find(|model| model.eq_ignore_ascii_case(typed)) {
        Some(model) => Ok(of_published(&published, scored, model)),
        None => Err(Failure::usage(format!("--beside: no run and no published model `{typed}`"))
            .with_hint(suggest::hint(
                typed,
                known.iter().copied(),
                "name a run folder, or one of the models that `trustmh leaderboard` lists",
            ))),
    }
}

fn of_run(comparison: Comparison) -> Beside {
    let alike = comparison.tasks.iter().filter(|(_, task)| task.is_alike());
    let values = alike.filter_map(|(id, task)| {
        let primary = task.metrics.values().find(|found| found.primary)?;
        Some((id.clone(), primary.first))
    });
    Beside {
        name: comparison.first.called(),
        values: values.collect(),
        not_comparable: comparison.differs.clone(),
        comparison: Some(comparison),
    }
}

fn of_published(published: &Published, scored: &ScoredRun, model: &str) -> Beside {
    let board = leaderboard(published, std::slice::from_ref(scored));
    let mut found = Beside { name: format!("{model} (published)"), ..Beside::default() };
    let mut unlike = 0_usize;
    for (id, task) in &board.tasks {
        let Some(group) = task.groups.first() else { continue };
        let value = task.published.iter().find(|row| row.model == model).and_then(|row| row.value);
        match (&group.beside_published, value) {
            (Comparable::Directly, Some(value)) => drop(found.values.insert(id.clone(), value)),
            (Comparable::Directly | Comparable::Not(_), _) => unlike += 1,
        }
    }
    if unlike > 0 {
        found.not_comparable.push(format!(
            "{unlike} tasks, of which no number is published or which were asked or judged otherwise"
        ));
    }
    found
}
