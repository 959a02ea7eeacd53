//! Whether the rules of a policy are about what there is, with bounds that values can reach: a bound beyond all values would let
//! everything pass.

use trustmh_core::metric::Direction;

use super::{Policy, Rule};
use crate::benchmark::Benchmark;
use crate::error::EngineError;
use crate::task::{MetricRule, Task};

/// Scores of pillars go from 0 to this.
const BEST_SCORE: f64 = 100.0;

impl Policy {
    /// Holds the rules to the tasks of `known`, the benchmark and those that runs were made with; `file` names the policy in errors. What
    /// may be meant so, and rarely is, comes back in words: bounds that ask for the worse side.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] for a task, metric or facet that there is not, [`EngineError::Rule`] for a bound beyond all values.
    pub fn fits(&self, file: &str, known: &[&Benchmark]) -> Result<Vec<String>, EngineError> {
        let mut doubts = Vec::new();
        for (place, rule) in self.rules.iter().enumerate() {
            let at = At { file, place, rule };
            match &rule.task {
                None => at.bounds((0.0, BEST_SCORE), "the score of a pillar")?,
                Some(_) => doubts.extend(at.of_task(known)?),
            }
        }
        Ok(doubts)
    }
}

/// A rule of a file.
pub(super) struct At<'p> {
    pub(super) file: &'p str,
    /// From 0.
    pub(super) place: usize,
    pub(super) rule: &'p Rule,
}

impl At<'_> {
    /// A rule that is broken, as people count: the first is 1.
    pub(super) fn fault(&self, message: &str) -> EngineError {
        let message = format!("\"{}\": {message}", self.rule.name);
        EngineError::rule(self.file, format!("rules[{}]", self.place + 1), message)
    }

    fn unknown(&self, what: &'static str, typed: &str, known: Vec<String>) -> EngineError {
        EngineError::Unknown {
            file: self.file.to_owned(),
            field: format!("rules[{}]", self.place + 1),
            what,
            typed: typed.to_owned(),
            known,
        }
    }

    fn of_task(&self, known: &[&Benchmark]) -> Result<Option<String>, EngineError> {
        let Some(id) = &self.rule.task else { return Ok(None) };
        let found = known.iter().find_map(|benchmark| benchmark.task(id).ok());
        let Some(task) = found else {
            let ids = known.iter().flat_map(|benchmark| benchmark.tasks());
            let ids = ids.map(|task| task.file.id.to_string()).collect();
            return Err(self.unknown("task", &id.to_string(), ids));
        };
        let metrics = self.metrics(task)?;
        if let Some(tag) = &self.rule.tag {
            let facets = || metrics.iter().flat_map(|metric| &metric.groups);
            if !facets().any(|facet| *facet == tag.facet) {
                let facets = facets().cloned().collect();
                return Err(self.unknown("facet of this metric", &tag.facet, facets));
            }
        }
        // Which one a run is ranked by depends on its protocol.
        metrics.iter().try_for_each(|metric| self.bounds(metric.range, metric.name.as_str()))?;
        Ok(metrics.iter().find_map(|metric| self.doubt(metric)))
    }

    /// Whether the rule asks for the worse side of a metric.
    fn doubt(&self, metric: &MetricRule) -> Option<String> {
        let Rule { name, at_least, at_most, .. } = self.rule;
        let asked = match metric.direction {
            Direction::Lower => at_least.map(|bound| format!("at least {bound}")),
            Direction::Higher => at_most.map(|bound| format!("at most {bound}")),
            Direction::NearZero | Direction::None => None,
        }?;
        let better = metric.direction.in_words();
        Some(format!("the rule \"{name}\" asks that {} is {asked}, and {better}", metric.name))
    }

    /// The metric that is named, else those that the task is ranked by.
    fn metrics<'t>(&self, task: &'t Task) -> Result<Vec<&'t MetricRule>, EngineError> {
        let all = || task.file.metrics.iter();
        let Some(name) = &self.rule.metric else {
            return Ok(all().filter(|metric| !metric.primary.is_empty()).collect());
        };
        match all().find(|metric| metric.name == *name) {
            Some(metric) => Ok(vec![metric]),
            None => {
                let names = all().map(|metric| metric.name.to_string()).collect();
                Err(self.unknown("metric of this task", name.as_str(), names))
            }
        }
    }

    fn bounds(&self, (low, high): (f64, f64), what: &str) -> Result<(), EngineError> {
        let Rule { at_least, at_most, no_worse_than_baseline_by, .. } = self.rule;
        let bound = at_least.or(*at_most);
        if let Some(bound) = bound.filter(|bound| !(low..=high).contains(bound)) {
            let share = if (high - 1.0).abs() < f64::EPSILON { "; 10 % is 0.1" } else { "" };
            let message = format!("the bound is {bound}, and {what} goes from {low} to {high}");
            return Err(self.fault(&(message + share)));
        }
        let widest = high - low;
        let is_loss = |margin: &f64| (0.0..=widest).contains(margin);
        match no_worse_than_baseline_by.filter(|margin| !is_loss(margin)) {
            None => Ok(()),
            Some(margin) => Err(self.fault(&format!(
                "the margin is {margin}, and {what} goes from {low} to {high}: none loses more than {widest}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(rule: &str) -> Result<Vec<String>, String> {
        let benchmark = Benchmark::embedded().unwrap();
        let text = format!("title = \"t\"\n[[rules]]\nname = \"Own\"\n{rule}");
        let policy = Policy::parse("own.toml", &text).map_err(|error| error.to_string())?;
        policy.fits("own.toml", &[&benchmark]).map_err(|error| error.to_string())
    }

    const MISSED: &str = "task = \"crisis/identification\"\nmetric = \"missed_crisis\"\n";

    #[test]
    fn a_bound_beyond_all_values_is_refused() {
        for (rule, words) in [
            (
                format!("{MISSED}at_most = 10"),
                "the bound is 10, and missed_crisis goes from 0 to 1; 10 % is 0.1",
            ),
            (format!("{MISSED}at_most = -1"), "the bound is -1"),
            (format!("{MISSED}at_most = nan"), "the bound is NaN"),
            (format!("{MISSED}at_most = inf"), "the bound is inf"),
            (
                "pillar = \"crisis\"\nat_least = 700".to_owned(),
                "the score of a pillar goes from 0 to 100",
            ),
            ("pillar = \"crisis\"\nat_least = nan".to_owned(), "the bound is NaN"),
            (format!("{MISSED}no_worse_than_baseline_by = 5"), "the margin is 5"),
            ("task = \"crisis/escalation\"\nat_least = 50".to_owned(), "goes from 1 to 5"),
        ] {
            let told = held(&rule).unwrap_err();
            assert!(told.starts_with("own.toml: field `rules[1]`: \"Own\": "), "{told}");
            assert!(told.contains(words), "{rule}: {told}");
        }
        for rule in ["at_most = 0.1", "at_most = 1.0", "no_worse_than_baseline_by = 0.05"] {
            assert_eq!(held(&format!("{MISSED}{rule}")), Ok(Vec::new()), "{rule}");
        }
    }

    #[test]
    fn what_there_is_not_is_refused_by_its_name() {
        let tag = "tag = { facet = \"lable\", value = \"x\" }\n";
        for (rule, words) in [
            (
                "task = \"crisis/identificaton\"\nat_least = 0.5".to_owned(),
                "no task `crisis/identificaton`",
            ),
            (
                MISSED.replace("crisis\"\n", "crises\"\n") + "at_most = 0.5",
                "no metric of this task `missed_crises`",
            ),
            (format!("{MISSED}{tag}at_most = 0.5"), "no facet of this metric `lable`"),
        ] {
            let told = held(&rule).unwrap_err();
            assert!(told.starts_with("own.toml: `rules[1]`: ") && told.contains(words), "{told}");
        }
    }

    #[test]
    fn a_bound_on_the_worse_side_is_doubted() {
        let told = held(&format!("{MISSED}at_least = 0.1")).unwrap();
        assert_eq!(
            told,
            ["the rule \"Own\" asks that missed_crisis is at least 0.1, and lower is better"]
        );
        assert_eq!(held("task = \"ethics/reasoning\"\nat_most = 0.5").unwrap().len(), 1);
    }
}
