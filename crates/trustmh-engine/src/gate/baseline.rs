//! A gate's baseline: whether it may be compared with at all, and what is said where it may not or is not there.

use std::collections::BTreeMap;

use trustmh_core::comparison::{Comparison, TaskComparison};
use trustmh_core::scorecard::Scorecard;

use super::{Check, CheckState, Gate, Known, Policy};

impl Policy {
    /// How `card` stands to the policy where a baseline was named and is not there, which `why` says. No policy passes then: rules
    /// that need the baseline are missing it, and where none does, its absence fails by itself.
    pub fn check_without_baseline(&self, card: &Scorecard, why: &str) -> Gate {
        let mut gate = self.check(card, None);
        let mut needed = false;
        for (rule, check) in self.rules.iter().zip(&mut gate.checks) {
            if rule.no_worse_than_baseline_by.is_some() {
                needed = true;
                why.clone_into(&mut check.found);
            }
        }
        if !needed {
            gate.checks.push(Check {
                name: "The baseline that was named".to_owned(),
                about: "baseline".to_owned(),
                wanted: "a run to compare with".to_owned(),
                found: why.to_owned(),
                validity: None,
                state: CheckState::Missing,
                known: Known::Missing,
            });
        }
        gate
    }
}

/// Why a task may not be compared with the baseline; none if it may.
pub(super) fn unlike(compared: &TaskComparison) -> Option<String> {
    let differs: Vec<String> = compared.forbidding().map(ToString::to_string).collect();
    (!differs.is_empty())
        .then(|| format!("not comparable with the baseline: {}", differs.join("; ")))
}

/// What differs from the baseline and forbids nothing, with the tasks it holds for.
pub(super) fn told(comparison: &Comparison) -> Option<String> {
    let mut tasks: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, task) in &comparison.tasks {
        for unlike in task.differs.iter().filter(|unlike| !unlike.forbids()) {
            tasks.entry(unlike.to_string()).or_default().push(id.to_string());
        }
    }
    let all = comparison.tasks.len();
    let named: Vec<String> = tasks
        .into_iter()
        .map(|(what, of)| match of.len() {
            many if many == all => what,
            _ => format!("{what} ({})", of.join(", ")),
        })
        .collect();
    (!named.is_empty())
        .then(|| format!("Baseline and run also differ, in this order, in {}.", named.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::comparison::ComparedRun;
    use trustmh_core::id::{ModelId, SuiteId, TaskId};
    use trustmh_core::protocol::Protocol;
    use trustmh_core::repeats::Repeats;
    use trustmh_core::scorecard::{JudgeName, Standing};
    use trustmh_core::unlike::{Aspect, Unlike};

    const RULES: &str = "title = \"t\"\n\
        [[rules]]\nname = \"a\"\ntask = \"safety/jailbreak\"\nno_worse_than_baseline_by = 0.05\n\
        [[rules]]\nname = \"b\"\ntask = \"sycophancy/pas\"\nno_worse_than_baseline_by = 0.05\n";

    fn card() -> Scorecard {
        Scorecard {
            record: Standing::default(),
            run: "now".to_owned(),
            protocol: Protocol::Corrected,
            subject: ModelId::new("s"),
            name: None,
            benchmark: None,
            repeats: Repeats::ONCE,
            judge: JudgeName::None,
            client: None,
            tasks: BTreeMap::new(),
            pillars: BTreeMap::new(),
            pillars_without_score: BTreeMap::new(),
            own_tasks: Vec::new(),
            caveats: Vec::new(),
        }
    }

    fn comparison(differs: &[Unlike]) -> Comparison {
        let run = || ComparedRun {
            run: "r".to_owned(),
            subject: ModelId::new("s"),
            name: None,
            judge: "j".to_owned(),
            protocol: Protocol::Corrected,
            seed: 1,
        };
        let task = TaskComparison {
            title: "t".to_owned(),
            suite: SuiteId::trustmh_bench(),
            shared: 0,
            only_first: 0,
            only_second: 0,
            metrics: BTreeMap::new(),
            not_compared: BTreeMap::new(),
            changed: Vec::new(),
            differs: differs.to_vec(),
            side_by_side: BTreeMap::new(),
        };
        let ids: [TaskId; 2] = ["safety/jailbreak", "sycophancy/pas"].map(|id| id.parse().unwrap());
        Comparison {
            first: run(),
            second: run(),
            alpha: 0.05,
            // Whatever the words are, they decide nothing.
            differs: vec!["all tasks: judge: a and b".to_owned()],
            tasks: ids.into_iter().map(|id| (id, task.clone())).collect(),
        }
    }

    #[test]
    fn a_difference_that_all_tasks_share_refuses_each_of_them() {
        let policy = Policy::parse("own.toml", RULES).unwrap();
        for aspect in [Aspect::Judge, Aspect::Protocol, Aspect::Caps, Aspect::Data, Aspect::Prompts]
        {
            let unlike = comparison(&[Unlike::new(aspect, "a", "b")]);
            for check in &policy.check(&card(), Some(&unlike)).checks {
                assert_eq!(check.state, CheckState::Missing);
                let told = format!("not comparable with the baseline: {}: a and b", aspect.title());
                assert_eq!(check.found, told);
            }
        }
    }

    #[test]
    fn a_seed_of_its_own_is_told_and_refuses_nothing() {
        let policy = Policy::parse("own.toml", RULES).unwrap();
        let seeds = comparison(&[Unlike::new(Aspect::Seed, "1", "2")]);
        let gate = policy.check(&card(), Some(&seeds));
        assert!(gate.checks.iter().all(|check| !check.found.contains("not comparable")));
        assert_eq!(
            gate.caveats,
            ["Baseline and run also differ, in this order, in seed: 1 and 2."]
        );
    }

    #[test]
    fn without_the_baseline_that_was_named_nothing_passes() {
        let policy = Policy::parse("own.toml", RULES).unwrap();
        let gate = policy.check_without_baseline(&card(), "gone: no run");
        assert!(gate.checks.iter().all(|check| check.found == "gone: no run"));
        assert_eq!(gate.checks.len(), 2);
        let alone = "title = \"t\"\n[[rules]]\nname = \"a\"\npillar = \"ethics\"\nat_least = 1\n";
        let gate = Policy::parse("own.toml", alone)
            .unwrap()
            .check_without_baseline(&card(), "gone: no run");
        assert_eq!(gate.checks.last().unwrap().state, CheckState::Missing);
        assert!(!gate.passed());
    }
}
