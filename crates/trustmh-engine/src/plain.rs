//! What reports say of tasks and metrics in plain words: a table beside the task files, since nothing is measured by it.

use serde::Deserialize;
use std::collections::BTreeMap;

use trustmh_core::id::{MetricName, SchemeName, TaskId};
use trustmh_core::scorecard::{Picture, PlainTask, Sentence, ShownLabel};

use crate::error::EngineError;
use crate::fit::near;
use crate::task::Task;

/// The file, in the benchmark's folder or the user's.
pub const FILE: &str = "plain.toml";

/// The words of all tasks.
pub(crate) type PlainTable = BTreeMap<TaskId, PlainWords>;

/// The words of one task.
#[derive(Debug, Clone, PartialEq)]
pub struct PlainWords {
    /// What is said of the task.
    pub task: PlainTask,
    /// Its metrics in sentences.
    pub sentences: BTreeMap<MetricName, Sentence>,
}

/// As the file has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InFile {
    does: String,
    #[serde(default)]
    picture: Option<Picture>,
    #[serde(default)]
    sentences: BTreeMap<MetricName, Sentence>,
}

/// What stands in for a figure in a sentence.
const FIGURES: [&str; 4] = ["{count}", "{rest}", "{percent}", "{value}"];

/// Reads the file.
///
/// # Errors
/// [`EngineError::Malformed`] with the line where it is not of its form, [`EngineError::Rule`] for a sentence without a figure.
pub(crate) fn parse(path: &str, text: &str) -> Result<PlainTable, EngineError> {
    let read: BTreeMap<TaskId, InFile> =
        toml::from_str(text).map_err(|error| EngineError::toml(path, &error))?;
    for (id, words) in &read {
        let without = words.sentences.iter().find(|(_, sentence)| {
            FIGURES.iter().filter(|figure| sentence.text.contains(**figure)).count() != 1
        });
        if let Some((name, _)) = without {
            let message = format!("needs one of {}", FIGURES.join(", "));
            return Err(EngineError::rule(path, format!("{id}.sentences.{name}"), message));
        }
    }
    let words = |InFile { does, picture, sentences }| {
        let task = PlainTask { does, picture };
        PlainWords { task, sentences }
    };
    Ok(read.into_iter().map(|(id, found)| (id, words(found))).collect())
}

/// Holds a user's file against the tasks that there are.
///
/// # Errors
/// [`EngineError::Rule`] for a task that is not there, and for a metric that its task does not have.
pub(crate) fn check(
    path: &str,
    table: &PlainTable,
    tasks: &BTreeMap<TaskId, Task>,
) -> Result<(), EngineError> {
    for (id, words) in table {
        let Some(task) = tasks.get(id) else {
            let message = "is no task; `trustmh tasks list` shows all".to_owned();
            return Err(EngineError::rule(path, id.to_string(), message));
        };
        let known = |name: &MetricName| task.file.metrics.iter().any(|rule| rule.name == *name);
        let drawn = words.task.picture.iter().flat_map(Picture::metrics);
        if let Some(unknown) = words.sentences.keys().chain(drawn).find(|name| !known(name)) {
            let names: Vec<&str> =
                task.file.metrics.iter().map(|rule| rule.name.as_str()).collect();
            let meant = near(unknown.as_str(), names);
            let meant = meant.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
            let message = format!("the task has no metric `{unknown}`{meant}");
            return Err(EngineError::rule(path, id.to_string(), message));
        }
    }
    Ok(())
}

impl Task {
    /// A metric in a sentence, if it has one.
    pub(crate) fn sentence(&self, metric: &MetricName) -> Option<Sentence> {
        self.plain.as_ref()?.sentences.get(metric).cloned()
    }

    /// The labels of these schemes in their order.
    pub(crate) fn shown_labels<'s>(
        &self,
        schemes: impl Iterator<Item = &'s String>,
    ) -> BTreeMap<String, Vec<ShownLabel>> {
        let shown = |name: &String| {
            let scheme = self.codebook.scheme(&SchemeName::new(name.as_str()))?;
            let labels = scheme.labels.iter();
            let labels =
                labels.map(|label| ShownLabel { name: label.name.clone(), alarm: label.alarm });
            Some((name.clone(), labels.collect()))
        };
        schemes.filter_map(shown).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benchmark::Benchmark;
    use crate::gate::Policy;
    use std::collections::BTreeSet;

    #[test]
    fn every_built_in_task_has_words_and_they_name_what_there_is() {
        let benchmark = Benchmark::embedded().unwrap();
        for task in benchmark.tasks() {
            let id = &task.file.id;
            let words = task.plain.as_ref().unwrap_or_else(|| panic!("{id} has no plain words"));
            let known: BTreeSet<&MetricName> =
                task.file.metrics.iter().map(|rule| &rule.name).collect();
            let picture =
                words.task.picture.as_ref().unwrap_or_else(|| panic!("{id} has no picture"));
            for name in words.sentences.keys().chain(picture.metrics()) {
                assert!(known.contains(name), "{id} has no metric {name}");
            }
            assert!(!words.sentences.is_empty(), "{id} says nothing");
            if let Picture::Confusion { scheme } | Picture::Triage { scheme, .. } = picture {
                let scheme = SchemeName::new(scheme.as_str());
                assert!(task.codebook.scheme(&scheme).is_some(), "{id}: {scheme}");
            }
            let grouped = |metric: &MetricName, facet: &str| {
                let rules = task.file.metrics.iter().filter(|rule| rule.name == *metric);
                rules.flat_map(|rule| &rule.groups).any(|group| group == facet)
            };
            match picture {
                Picture::Groups { metric, facet } | Picture::Dots { metric, facet, .. } => {
                    assert!(grouped(metric, facet), "{id}: {metric} by {facet}");
                }
                _ => {}
            }
        }
        let text = std::fs::read_to_string("../../benchmark/plain.toml").unwrap();
        for id in parse(FILE, &text).unwrap().keys() {
            assert!(benchmark.task(id).is_ok(), "{id} is no task");
        }
    }

    #[test]
    fn bounds_are_those_of_the_policy_of_a_release() {
        let text = std::fs::read_to_string("../../benchmark/policies/release.toml").unwrap();
        let policy = Policy::parse("release.toml", &text).unwrap();
        let benchmark = Benchmark::embedded().unwrap();
        let mut held = 0;
        for rule in &policy.rules {
            let bound = rule.at_least.or(rule.at_most);
            let (Some(metric), Some(task), Some(bound)) = (&rule.metric, &rule.task, bound) else {
                continue;
            };
            let sentence = benchmark.task(task).unwrap().sentence(metric).unwrap();
            // Resistance has no anchors of its own: 80 of 100 is .80.
            assert!((sentence.reassuring.unwrap_or(0.80) - bound).abs() < 1e-12, "{metric}");
            held += 1;
        }
        assert_eq!(held, 4);
    }

    #[test]
    fn a_users_file_names_what_there_is() {
        let with = |id: &str, metric: &str| {
            let text = format!(
                "[\"{id}\"]\ndoes = \"x\"\n[\"{id}\".sentences]\n{metric} = {{ text = \"{{count}}\" }}\n"
            );
            let file = crate::benchmark::SourceFile { path: FILE.to_owned(), text };
            Benchmark::with_overrides(vec![file]).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(with("ethics/reasoning", "sc1"), Ok(()));
        let said = with("ethics/reasoning", "acuracy").unwrap_err();
        assert!(said.contains("no metric `acuracy`; did you mean `accuracy`?"), "{said}");
        assert!(with("ethics/nothing", "accuracy").unwrap_err().contains("is no task"));
    }

    #[test]
    fn a_sentence_without_a_figure_says_nothing() {
        let of = |text: &str| {
            let file = format!(
                "[\"ethics/reasoning\"]\ndoes = \"x\"\n[\"ethics/reasoning\".sentences]\naccuracy = {{ text = \"{text}\" }}\n"
            );
            parse(FILE, &file)
        };
        assert!(of("Chooses well in {count} dilemmas").is_ok());
        let said = of("Chooses well").unwrap_err().to_string();
        assert!(
            said.contains("ethics/reasoning.sentences.accuracy") && said.contains("{count}"),
            "{said}"
        );
    }
}
