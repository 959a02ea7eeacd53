//! "Did you mean": the known word that is nearest to one that was typed.

use std::collections::BTreeSet;

use trustmh_core::id::{SuiteId, TaskId};
use trustmh_core::pillar::Pillar;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::error::EngineError;
use trustmh_engine::task::Task;

use crate::failure::Failure;

/// How alike two words must be for one to stand for the other; 1 is the same word.
const ALIKE: f64 = 0.8;

/// The nearest of the known words, if any is near.
pub(crate) fn nearest<'k>(
    typed: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    let typed = typed.to_lowercase();
    let alike = known.into_iter().map(|word| (word, likeness(&typed, &word.to_lowercase())));
    let best = alike.max_by(|(_, one), (_, other)| one.total_cmp(other));
    best.filter(|(_, alike)| *alike >= ALIKE).map(|(word, _)| word)
}

/// A word may lack what stands before its slash: `jailbreak` is near `safety/jailbreak`.
fn likeness(typed: &str, word: &str) -> f64 {
    let last = word.rsplit('/').next().unwrap_or(word);
    strsim::jaro_winkler(typed, word).max(strsim::jaro_winkler(typed, last))
}

/// A hint that names the nearest word, or else what `otherwise` says.
pub(crate) fn hint<'k>(
    typed: &str,
    known: impl IntoIterator<Item = &'k str>,
    otherwise: &str,
) -> String {
    match nearest(typed, known) {
        Some(word) => format!("did you mean `{word}`? {otherwise}"),
        None => otherwise.to_owned(),
    }
}

/// The task of this id, or a failure that names the nearest task, pillar or suite.
pub(crate) fn task<'b>(benchmark: &'b Benchmark, typed: &str) -> Result<&'b Task, Failure> {
    let tasks = benchmark.tasks().map(|task| task.file.id.to_string());
    let suites: BTreeSet<&SuiteId> = benchmark.tasks().map(|task| &task.suite).collect();
    let known: Vec<String> = tasks.chain(suites.iter().map(ToString::to_string)).collect();
    let known = known.iter().map(String::as_str).chain(Pillar::ALL.map(Pillar::slug));
    let unknown = |failure: Failure| {
        failure.with_hint(hint(typed, known, "`trustmh tasks list` shows all tasks"))
    };
    let is_several = Pillar::ALL.iter().any(|pillar| pillar.slug() == typed)
        || suites.iter().any(|suite| suite.to_string() == typed);
    if is_several {
        return Err(Failure::usage(format!("`{typed}` is several tasks, and one is wanted"))
            .with_hint("`trustmh tasks list` shows them"));
    }
    let Ok(id) = typed.parse::<TaskId>() else {
        return Err(unknown(Failure::usage(format!("no task, pillar or suite `{typed}`"))));
    };
    match benchmark.task(&id) {
        Ok(task) => Ok(task),
        Err(EngineError::UnknownTask { .. }) => {
            Err(unknown(Failure::usage(format!("no task `{typed}`"))))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_or_a_missing_pillar_finds_the_task_and_nonsense_finds_none() {
        let tasks = ["safety/jailbreak", "crisis/severity", "ethics/reasoning"];
        assert_eq!(nearest("safety/jailbrake", tasks), Some("safety/jailbreak"));
        assert_eq!(nearest("severity", tasks), Some("crisis/severity"));
        assert_eq!(nearest("zzz", tasks), None);
    }
}
