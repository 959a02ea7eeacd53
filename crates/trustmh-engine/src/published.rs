//! The published results: ranks of 12 models, and numbers where there are any.

use serde::Deserialize;
use std::collections::BTreeMap;

use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::pillar::Pillar;
use trustmh_stats::ranks::of_rank_sums;

use crate::error::EngineError;

const FILE: &str = "published.toml";
const EMBEDDED: &str = include_str!("../../../benchmark/published.toml");

/// What arXiv 2603.03047 and its release say of 12 models.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The models, in the order of all ranks.
    pub models: Vec<String>,
    /// What a reader of the ranks must know.
    pub notes: Vec<String>,
    /// Ranks by task, 1 is best.
    pub task_ranks: BTreeMap<TaskId, Vec<usize>>,
    /// Ranks by pillar, 1 is best.
    pub pillar_ranks: BTreeMap<Pillar, Vec<usize>>,
    /// Numbers by model, task and metric.
    pub numbers: BTreeMap<String, BTreeMap<TaskId, BTreeMap<MetricName, f64>>>,
}

impl Published {
    /// The published results as they are built in.
    ///
    /// # Errors
    /// [`EngineError::Malformed`] if the built-in file is none.
    pub fn embedded() -> Result<Self, EngineError> {
        toml::from_str(EMBEDDED).map_err(|error| EngineError::toml(FILE, &error))
    }

    /// A pillar's ranks by the published rule, from its tasks' ranks: equals share the better rank.
    pub fn pillar_by_rule(&self, pillar: Pillar) -> Vec<usize> {
        let of_pillar = self.task_ranks.iter().filter(|(id, _)| id.pillar() == pillar);
        of_rank_sums(&of_pillar.map(|(_, ranks)| ranks.clone()).collect::<Vec<_>>())
    }

    /// The published numbers of a metric, by model; empty where there are none.
    pub fn numbers_of(&self, task: &TaskId, metric: &MetricName) -> Vec<(&str, f64)> {
        let of_model = |model: &String| Some(*self.numbers.get(model)?.get(task)?.get(metric)?);
        self.models.iter().filter_map(|model| Some((model.as_str(), of_model(model)?))).collect()
    }

    /// The published rank of a model on a task.
    pub fn rank(&self, model: &str, task: &TaskId) -> Option<usize> {
        let place = self.models.iter().position(|known| known == model)?;
        self.task_ranks.get(task)?.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Models whose published pillar rank is another than the rule gives: the rule's rank and the published one.
    fn split(published: &Published, pillar: Pillar) -> Vec<(&str, usize, usize)> {
        let printed = &published.pillar_ranks[&pillar];
        let by_rule = published.pillar_by_rule(pillar);
        let all = published.models.iter().zip(by_rule).zip(printed);
        all.filter(|((_, rule), printed)| rule != *printed)
            .map(|((model, rule), printed)| (model.as_str(), rule, *printed))
            .collect()
    }

    #[test]
    fn all_96_published_pillar_ranks_follow_from_the_task_ranks_up_to_split_ties() {
        let published = Published::embedded().unwrap();
        let found: BTreeMap<Pillar, Vec<_>> =
            Pillar::ALL.iter().map(|pillar| (*pillar, split(&published, *pillar))).collect();
        assert_eq!(published.pillar_ranks.values().map(Vec::len).sum::<usize>(), 96);
        assert_eq!(found[&Pillar::Reliability], [("PsycoLLM", 9, 10)]);
        assert_eq!(found[&Pillar::Crisis], [("Qwen3-235B", 1, 2)]);
        assert_eq!(
            found[&Pillar::Safety],
            [
                ("Qwen3-235B", 4, 5),
                ("SoulChat2", 8, 9),
                ("PsycoLLM", 8, 10),
                ("Meditron3-8B", 11, 12)
            ]
        );
        assert_eq!(found[&Pillar::Privacy], [("SoulChat2", 6, 7), ("PsycoLLM", 9, 10)]);
        assert_eq!(found[&Pillar::Sycophancy], [("SoulChat2", 10, 11)]);
        for whole in [Pillar::Fairness, Pillar::Robustness, Pillar::Ethics] {
            assert_eq!(found[&whole], [], "{whole:?}");
        }
        // Each that differs shares its rank sum with a model that has the better rank, so a tie was split.
        for (pillar, models) in &found {
            let by_rule = published.pillar_by_rule(*pillar);
            for (_, rule, printed) in models {
                let sharing = by_rule.iter().filter(|rank| *rank == rule).count();
                assert!((*rule..*rule + sharing).contains(printed), "{pillar:?}: {rule} {printed}");
            }
        }
    }

    #[test]
    fn with_the_misprint_mended_the_crisis_pillar_would_have_other_ranks() {
        let mut published = Published::embedded().unwrap();
        let escalation: TaskId = "crisis/escalation".parse().unwrap();
        let place = published.models.iter().position(|model| model == "PsycoLLM").unwrap();
        assert_eq!(published.task_ranks[&escalation][place], 2);
        assert_eq!(published.pillar_by_rule(Pillar::Crisis)[place], 8);
        published.task_ranks.get_mut(&escalation).unwrap()[place] = 12;
        let mended = published.pillar_by_rule(Pillar::Crisis);
        assert_eq!(mended, [3, 4, 6, 1, 1, 5, 10, 12, 10, 8, 9, 7]);
    }
}
