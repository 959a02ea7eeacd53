//! One rule, held to a run or to a run beside its baseline.

use trustmh_core::comparison::Comparison;
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{MetricEstimate, Scorecard, TaskResult};

use super::found::{Bound, Found, told};
use super::{By, Check, Known, Rule, baseline, beside};

impl Rule {
    pub(super) fn check(
        &self,
        card: &Scorecard,
        comparison: Option<&Comparison>,
        least: f64,
    ) -> Check {
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
            Err(why) => self.ended(about, wanted, why, Known::Missing),
            Ok(found) => {
                let lacking = found.scored.lacking(least);
                let known = self.known(found);
                let enough = match known {
                    Known::TooLittleData => self.enough(found),
                    Known::Holds | Known::Violated | Known::Missing => None,
                };
                let known = known.unless(lacking.is_some());
                let words = [Some(told(found)), lacking, enough].into_iter().flatten();
                self.ended(about, wanted, words.collect::<Vec<_>>().join("; "), known)
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

    pub(super) fn metric<'r>(
        &self,
        result: &'r TaskResult,
    ) -> Option<(&'r MetricName, &'r MetricEstimate)> {
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
    fn known(&self, found: Found) -> Known {
        let ends = match self.by {
            By::Interval => found.ends,
            By::Value => Some(found.bounds),
        };
        let Some((low, high)) = ends else { return Known::TooLittleData };
        let holds = self.at_least.is_none_or(|bound| low >= bound)
            && self.at_most.is_none_or(|bound| high <= bound);
        let is_beyond = self.at_least.is_some_and(|bound| high < bound)
            || self.at_most.is_some_and(|bound| low > bound);
        Known::of(holds, is_beyond)
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
        let missing =
            |why: &str| self.ended(about(named), wanted.clone(), why.to_owned(), Known::Missing);
        let Some(comparison) = comparison else {
            return missing("no baseline was given (--baseline RUN)");
        };
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
        let (known, told) = beside::judged(found, margin, least);
        self.ended(about(name.as_str()), wanted, told, known)
    }

    fn ended(&self, about: String, wanted: String, found: String, known: Known) -> Check {
        let (name, state) = (self.name.clone(), known.state());
        Check { name, about, wanted, found, validity: None, state, known }
    }
}

/// Why a pillar has no score.
fn without_score(card: &Scorecard, pillar: Pillar) -> String {
    match card.pillars_without_score.get(&pillar) {
        Some(missing) => {
            let named: Vec<String> = missing.iter().map(ToString::to_string).collect();
            format!("no score: {} missing, pending or not scored", named.join(", "))
        }
        None => "the run has no task of the pillar".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Policy;
    use crate::gate::found::Scored;

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
            judge_validity: None,
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
        let (interval, value) = (rule(By::Interval), rule(By::Value));
        assert_eq!((interval.known(wide), value.known(wide)), (Known::TooLittleData, Known::Holds));
        assert_eq!(interval.known(Found { ends: Some((0.71, 0.79)), ..wide }), Known::Holds);
        assert_eq!(interval.known(Found { ends: Some((0.7, 0.79)), ..wide }), Known::Holds);
        let none = interval.known(Found { ends: None, ..wide });
        assert_eq!(none, Known::TooLittleData, "no interval shows nothing");
        // Violated is only what lies wholly beyond the bound, with what is missing at either end.
        assert_eq!(interval.known(Found { ends: Some((0.5, 0.69)), ..wide }), Known::Violated);
        assert_eq!(interval.known(Found { ends: Some((0.5, 0.7)), ..wide }), Known::TooLittleData);
        let missing = |low, high| value.known(Found { bounds: (low, high), ..wide });
        assert_eq!(
            [missing(0.7, 0.8), missing(0.6, 0.8), missing(0.5, 0.6)],
            [Known::Holds, Known::TooLittleData, Known::Violated]
        );
        let most = Rule { at_least: None, at_most: Some(0.1), ..rule(By::Interval) };
        let of = |ends| most.known(Found { ends: Some(ends), ..wide });
        assert_eq!(
            [of((0.0, 0.1)), of((0.0, 0.242)), of((0.796, 1.0))],
            [Known::Holds, Known::TooLittleData, Known::Violated]
        );
    }
}
