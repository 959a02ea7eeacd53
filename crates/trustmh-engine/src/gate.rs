//! Gates: a policy says what must hold of a run, alone or beside a baseline, and the run passes or does not.
//!
//! A bound holds if the whole 95 % interval is on its good side, not if the point happens to be. No worse than the
//! baseline by a margin means non-inferiority: the interval of the paired difference leaves no room for a loss of the
//! margin (Piaggio et al. 2012, doi 10.1001/jama.2012.87802). What was not measured does not pass, and what is missing behind a
//! metric stands at the end of its range that is worse for the rule.

mod baseline;
mod beside;
mod found;

use serde::{Deserialize, Serialize};

use trustmh_core::comparison::Comparison;
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{MetricEstimate, Scorecard, TaskResult};

use crate::caveats::caveats;
use crate::error::EngineError;
use found::{Bound, Found, told};

/// What must hold of a run.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// What the policy is called.
    pub title: String,
    /// Of the trials planned behind a rule's number, the least share that must have been measured, 0 to 1. Below it the rule
    /// fails whatever the number is.
    #[serde(default = "usual_share")]
    pub least_scored: f64,
    /// Its rules; all must hold.
    pub rules: Vec<Rule>,
}

/// 95 %, unless a policy says otherwise.
const fn usual_share() -> f64 {
    0.95
}

/// One rule: about a task's metric or a pillar's score, with exactly one bound.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it is for, in words.
    pub name: String,
    /// The task it is about.
    pub task: Option<TaskId>,
    /// The pillar whose score, 0 to 100, it is about.
    pub pillar: Option<Pillar>,
    /// The metric; the one the task is ranked by if not said.
    pub metric: Option<MetricName>,
    /// Only trials with this tag, for example the label of a crisis.
    pub tag: Option<Tag>,
    /// The value must not be below.
    pub at_least: Option<f64>,
    /// The value must not be above.
    pub at_most: Option<f64>,
    /// The loss against the baseline must be less, in the metric's own units.
    pub no_worse_than_baseline_by: Option<f64>,
    /// Whether the interval or the point decides about `at_least` and `at_most`.
    #[serde(default)]
    pub by: By,
}

/// A tag by which a metric is grouped.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    /// Its facet.
    pub facet: String,
    /// Its value.
    pub value: String,
}

/// What decides about a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The end of the 95 % interval that is nearer to the bound.
    #[default]
    Interval,
    /// The point estimate, whatever its uncertainty.
    Value,
}

/// How a run stands to a policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// The policy's title.
    pub policy: String,
    /// The run.
    pub run: String,
    /// The run it was compared with.
    pub baseline: Option<String>,
    /// Rule by rule.
    pub checks: Vec<Check>,
    /// What must be known of the run beside the verdict: items, judge, caps, what is missing, and how it differs from the baseline.
    pub caveats: Vec<String>,
}

impl Gate {
    /// Whether every rule holds.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.state == CheckState::Passed)
    }
}

/// One rule and what was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// The rule's name.
    pub name: String,
    /// What it is about: task and metric, or pillar.
    pub about: String,
    /// What it asks for.
    pub wanted: String,
    /// What was found.
    pub found: String,
    /// Whether it holds.
    pub state: CheckState,
}

/// Whether a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// It does.
    Passed,
    /// It does not, or the data cannot show that it does.
    Failed,
    /// What it is about was not measured.
    Missing,
}

impl Policy {
    /// Reads a policy; `file` names it in errors.
    ///
    /// # Errors
    /// [`EngineError::Malformed`], and [`EngineError::Rule`] for a policy without rules or a rule that is not about exactly
    /// one thing with exactly one bound.
    pub fn parse(file: &str, text: &str) -> Result<Self, EngineError> {
        let policy: Self = toml::from_str(text).map_err(|error| EngineError::toml(file, &error))?;
        if policy.rules.is_empty() {
            return Err(EngineError::rule(file, "rules".to_owned(), "a policy needs at least one"));
        }
        if !(0.0..=1.0).contains(&policy.least_scored) {
            let message = format!("{} is no share; give 0 to 1", policy.least_scored);
            return Err(EngineError::rule(file, "least_scored".to_owned(), message));
        }
        for rule in &policy.rules {
            let fault =
                |message: &str| EngineError::rule(file, format!("rules `{}`", rule.name), message);
            let bounds = [rule.at_least, rule.at_most, rule.no_worse_than_baseline_by];
            if bounds.iter().flatten().count() != 1 {
                return Err(fault(
                    "give exactly one of at_least, at_most and no_worse_than_baseline_by",
                ));
            }
            if rule.task.is_some() == rule.pillar.is_some() {
                return Err(fault("give either a task or a pillar"));
            }
            let of_task = rule.metric.is_some() || rule.tag.is_some();
            if rule.pillar.is_some() && (of_task || rule.no_worse_than_baseline_by.is_some()) {
                return Err(fault("a pillar has no metric, tag or baseline: name its tasks"));
            }
            if rule.tag.is_some() && rule.no_worse_than_baseline_by.is_some() {
                return Err(fault("a tag cannot be compared with a baseline: leave it out"));
            }
            if rule.no_worse_than_baseline_by.is_some_and(|margin| margin.is_nan() || margin <= 0.0)
            {
                return Err(fault(
                    "the margin must be above 0: no data can show the absence of any loss",
                ));
            }
        }
        Ok(policy)
    }

    /// Whether `card`, and its comparison with a baseline, hold what the policy asks.
    pub fn check(&self, card: &Scorecard, comparison: Option<&Comparison>) -> Gate {
        Gate {
            policy: self.title.clone(),
            run: card.run.clone(),
            baseline: comparison.map(|comparison| comparison.first.run.clone()),
            checks: unfinished(card).into_iter().chain(self.checks(card, comparison)).collect(),
            caveats: caveats(card).into_iter().chain(comparison.and_then(baseline::told)).collect(),
        }
    }

    fn checks(
        &self,
        card: &Scorecard,
        comparison: Option<&Comparison>,
    ) -> impl Iterator<Item = Check> {
        self.rules.iter().map(move |rule| rule.check(card, comparison, self.least_scored))
    }
}

/// A run that has not ended never passes, whatever the policy asks.
fn unfinished(card: &Scorecard) -> Option<Check> {
    let pending: u64 = card.tasks.values().map(|task| task.pending).sum();
    let ended: u64 = card.tasks.values().map(|task| task.n).sum();
    (pending > 0).then(|| Check {
        name: "The run is complete".to_owned(),
        about: "all tasks".to_owned(),
        wanted: "every planned trial has ended".to_owned(),
        found: format!("{pending} of {} trials have not ended: resume the run", pending + ended),
        state: CheckState::Failed,
    })
}

/// Why a pillar has no score.
fn without_score(card: &Scorecard, pillar: Pillar) -> String {
    match card.pillars_without_score.get(&pillar) {
        Some(missing) => {
            let named: Vec<String> = missing.iter().map(ToString::to_string).collect();
            format!("no score: {} missing or not scored", named.join(", "))
        }
        None => "the run has no task of the pillar".to_owned(),
    }
}

impl Rule {
    fn check(&self, card: &Scorecard, comparison: Option<&Comparison>, least: f64) -> Check {
        match self.no_worse_than_baseline_by {
            Some(margin) => self.beside(margin, card, comparison, least),
            None => self.alone(card, least),
        }
    }

    fn alone(&self, card: &Scorecard, least: f64) -> Check {
        let (about, found) = match (&self.pillar, &self.task) {
            (Some(pillar), _) => (
                format!("pillar {}", pillar.slug()),
                card.pillars
                    .get(pillar)
                    .map(|score| Found::of_pillar(score, card, *pillar))
                    .ok_or_else(|| without_score(card, *pillar)),
            ),
            (None, Some(task)) => self.of_task(card, task),
            (None, None) => ("nothing".to_owned(), Err("the rule names no task".to_owned())),
        };
        let wanted = self.wanted();
        match found {
            Err(why) => self.ended(about, wanted, why, CheckState::Missing),
            Ok(found) => {
                let lacking = found.scored.lacking(least);
                let holds = self.holds(found);
                let state = if holds && lacking.is_none() {
                    CheckState::Passed
                } else {
                    CheckState::Failed
                };
                let enough = if holds { None } else { self.enough(found) };
                let words = [Some(told(found)), lacking, enough].into_iter().flatten();
                self.ended(about, wanted, words.collect::<Vec<_>>().join("; "), state)
            }
        }
    }

    /// How many items would have been enough for the interval to keep to the bound, where the value does.
    fn enough(&self, found: Found) -> Option<String> {
        let bound = match self.by {
            By::Interval => self.at_least.map(Bound::Least).or(self.at_most.map(Bound::Most))?,
            By::Value => return None,
        };
        found.enough(bound)
    }

    fn of_task(&self, card: &Scorecard, task: &TaskId) -> (String, Result<Found, String>) {
        let tag = self.tag.as_ref().map(|tag| format!(", {} = {}", tag.facet, tag.value));
        let Some(result) = card.tasks.get(task) else {
            return (task.to_string(), Err("the run does not have this task".to_owned()));
        };
        let Some((name, metric)) = self.metric(result) else {
            let name = self.metric.as_ref().map_or("its primary metric", MetricName::as_str);
            let why = self.metric.as_ref().and_then(|name| result.not_scored.get(name));
            let why = why.or_else(|| result.not_scored.values().next());
            let why = why.map_or("the task has no such metric", |why| why);
            return (format!("{task} {name}"), Err(format!("not scored: {why}")));
        };
        let about = format!("{task} {name}{}", tag.unwrap_or_default());
        let found = match &self.tag {
            None => Some(Found::of(metric)),
            Some(tag) => metric
                .groups
                .get(&tag.facet)
                .and_then(|group| group.get(&tag.value))
                .map(|found| Found::within(metric, found)),
        };
        (
            about,
            found.ok_or_else(|| {
                "no trial has this tag, or the metric is not grouped by it".to_owned()
            }),
        )
    }

    fn metric<'r>(&self, result: &'r TaskResult) -> Option<(&'r MetricName, &'r MetricEstimate)> {
        result.metrics.iter().find(|(name, metric)| match &self.metric {
            Some(wanted) => *name == wanted,
            None => metric.primary,
        })
    }

    fn wanted(&self) -> String {
        let by = match self.by {
            By::Interval => "the whole interval",
            By::Value => "the value",
        };
        match (self.at_least, self.at_most) {
            (Some(bound), _) => format!("{by} at least {bound}"),
            (_, Some(bound)) => format!("{by} at most {bound}"),
            (None, None) => String::new(),
        }
    }

    /// Without an interval nothing is shown about a bound that the interval is to hold.
    fn holds(&self, found: Found) -> bool {
        let ends = match self.by {
            By::Interval => found.ends,
            By::Value => Some(found.bounds),
        };
        let Some((low, high)) = ends else { return false };
        self.at_least.is_none_or(|bound| low >= bound)
            && self.at_most.is_none_or(|bound| high <= bound)
    }

    fn beside(
        &self,
        margin: f64,
        card: &Scorecard,
        comparison: Option<&Comparison>,
        least: f64,
    ) -> Check {
        let task = self.task.as_ref();
        let about = |name: &str| match task {
            Some(task) => format!("{task} {name}"),
            None => name.to_owned(),
        };
        let wanted = format!("a loss of less than {margin} against the baseline");
        let named = self.metric.as_ref().map_or("primary metric", MetricName::as_str);
        let missing = |why: &str| {
            self.ended(about(named), wanted.clone(), why.to_owned(), CheckState::Missing)
        };
        let Some(comparison) = comparison else { return missing("no baseline was given") };
        let Some(compared) = task.and_then(|task| comparison.tasks.get(task)) else {
            let here = task.is_some_and(|task| card.tasks.contains_key(task));
            return missing(if here {
                "the baseline lacks the task"
            } else {
                "the run does not have this task"
            });
        };
        if let Some(why) = baseline::unlike(compared) {
            return missing(&why);
        }
        let found = compared.metrics.iter().find(|(name, found)| match &self.metric {
            Some(wanted) => *name == wanted,
            None => found.primary,
        });
        let Some((name, found)) = found else {
            let why = compared.not_compared.values().next();
            return missing(why.map_or("the metric is in neither run", |why| why));
        };
        let (state, told) = beside::judged(found, margin, least);
        self.ended(about(name.as_str()), wanted, told, state)
    }

    fn ended(&self, about: String, wanted: String, found: String, state: CheckState) -> Check {
        Check { name: self.name.clone(), about, wanted, found, state }
    }
}

#[cfg(test)]
mod tests {
    use super::found::Scored;
    use super::*;

    fn fault(rule: &str) -> String {
        let text = format!("title = \"t\"\n[[rules]]\nname = \"r\"\n{rule}");
        Policy::parse("own.toml", &text).unwrap_err().to_string()
    }

    #[test]
    fn rules_that_say_too_little_or_too_much_are_refused() {
        assert!(fault("task = \"ethics/reasoning\"").contains("exactly one of at_least"));
        assert!(fault("at_least = 1").contains("either a task or a pillar"));
        let both = "task = \"ethics/reasoning\"\nat_least = 0.5\nat_most = 0.9";
        assert!(fault(both).contains("exactly one"));
        let beside = "pillar = \"ethics\"\nno_worse_than_baseline_by = 0.1";
        assert!(fault(beside).contains("a pillar has no metric"));
        let none = "task = \"ethics/reasoning\"\nno_worse_than_baseline_by = 0.0";
        assert!(fault(none).contains("above 0"));
        assert!(fault("task = \"ethics/reasoning\"\nat_lest = 1").contains("at_lest"));
        assert!(Policy::parse("own.toml", "title = \"t\"\nrules = []").is_err());
    }

    #[test]
    fn the_interval_decides_unless_the_rule_says_the_value() {
        let rule = |by: By| Rule {
            name: "r".to_owned(),
            task: None,
            pillar: Some(Pillar::Ethics),
            metric: None,
            tag: None,
            at_least: Some(0.7),
            at_most: None,
            no_worse_than_baseline_by: None,
            by,
        };
        let wide = Found {
            value: 0.75,
            ends: Some((0.6, 0.9)),
            n: 20,
            missing: 0,
            bounds: (0.75, 0.75),
            scored: Scored { measured: 20, missing: 0 },
            estimate: None,
        };
        assert!(!rule(By::Interval).holds(wide) && rule(By::Value).holds(wide));
        let narrow = Found { ends: Some((0.71, 0.79)), ..wide };
        assert!(rule(By::Interval).holds(narrow));
        assert!(
            !rule(By::Interval).holds(Found { ends: None, ..wide }),
            "no interval shows nothing"
        );
    }
}
