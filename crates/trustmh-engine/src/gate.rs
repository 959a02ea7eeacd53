//! Gates: a policy says what must hold of a run, alone or beside a baseline, and the run passes or does not.
//!
//! A bound holds if the whole 95 % interval is on its good side, not if the point happens to be; it is violated if the whole
//! interval is beyond it; else the data are too few to tell, and the gate does not pass. No worse than the
//! baseline by a margin means non-inferiority: the interval of the paired difference leaves no room for a loss of the
//! margin (Piaggio et al. 2012, doi 10.1001/jama.2012.87802). What was not measured does not pass, and what is missing behind a
//! metric stands at the end of its range that is worse for the rule.

mod baseline;
mod beside;
mod fit;
mod found;
mod judged;
mod rule;

use serde::{Deserialize, Serialize};

use trustmh_core::comparison::Comparison;
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::Scorecard;
use trustmh_core::validity::{Demand, Level, Validity};

use crate::caveats::caveats;
use crate::error::EngineError;
use fit::At;

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
    /// How far the judge behind a judged number must have been checked against human ratings, in every rule that does not say otherwise.
    #[serde(default)]
    pub judge_validity: Option<Level>,
    /// What the lower end of a judge's kappa is held to, 0 to 1; where it is not said people's own agreement less .10.
    #[serde(default)]
    pub judge_floor: Option<f64>,
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
    /// How far the judge must have been checked against human ratings, where the rule asks for another level than the policy.
    #[serde(default)]
    pub judge_validity: Option<Level>,
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
    /// What stands behind the number where a judge has a part in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validity: Option<Validity>,
    /// Whether it holds.
    pub state: CheckState,
    /// What is known of it; of those that failed it tells a violation from too little data.
    pub known: Known,
}

/// What is known of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// It holds.
    Holds,
    /// It is violated: all that the data leave open lies beyond the bound.
    Violated,
    /// The data, or what is known of the judge, cannot tell.
    TooLittleData,
    /// What it is about was not measured.
    Missing,
}

impl Known {
    /// What a gate makes of it: only what is known to hold passes.
    pub const fn state(self) -> CheckState {
        match self {
            Self::Holds => CheckState::Passed,
            Self::Violated | Self::TooLittleData => CheckState::Failed,
            Self::Missing => CheckState::Missing,
        }
    }

    /// Of an interval and a bound: whether it lies on the good side, beyond the bound, or across.
    const fn of(holds: bool, is_beyond: bool) -> Self {
        match (holds, is_beyond) {
            (true, _) => Self::Holds,
            (false, true) => Self::Violated,
            (false, false) => Self::TooLittleData,
        }
    }

    /// The same where something else keeps the data from showing that it holds.
    const fn unless(self, doubt: bool) -> Self {
        match self {
            Self::Holds if doubt => Self::TooLittleData,
            known => known,
        }
    }
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
        if let Some(floor) = policy.judge_floor.filter(|floor| !(0.0..=1.0).contains(floor)) {
            let message = format!("{floor} is not in 0..1");
            return Err(EngineError::rule(file, "judge_floor".to_owned(), message));
        }
        for (place, rule) in policy.rules.iter().enumerate() {
            let fault = |message: &str| At { file, place, rule }.fault(message);
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

    /// What evidence of a judge has to show: cards that are held to the policy are scored by it.
    pub fn demand(&self) -> Demand {
        Demand { floor: self.judge_floor, ..Demand::USUAL }
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
        self.rules.iter().map(move |rule| {
            let check = rule.check(card, comparison, self.least_scored);
            judged::held(check, rule.judged_by(card), rule.judge_validity.or(self.judge_validity))
        })
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
        validity: None,
        state: CheckState::Failed,
        known: Known::Violated,
    })
}
