//! Whether the items of a task have what its file speaks of.

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::call::{CallEnd, Exchange, Finish, Purpose, Reply};
use trustmh_core::item::ARM;
use trustmh_core::item::Item;
use trustmh_core::protocol::Protocol;
use trustmh_core::request::Asking;
use trustmh_core::trial::Trial;

use super::Misfit;
use super::misfit::hint;
use crate::benchmark::{Benchmark, Facets};
use crate::conversation::JudgeQuestions;
use crate::error::EngineError;
use crate::expand::{self, ContextBudget};
use crate::judge::JudgeCall;
use crate::kind::{self, Restating};
use crate::rules::{JudgeRule, Judges, TaskRules};
use crate::score::{self, Measure, PERTURBED, RubricFields};
use crate::task::{MetricRule, Statistic, Task};

/// The items that a task asks, and what is known of those that are not at hand.
#[derive(Debug, Clone, Default)]
pub struct TaskItems {
    /// Its own, those that `dataset.select` asks for.
    pub own: Vec<Item>,
    /// Those that are asked too, under the protocols that ask them.
    pub also: BTreeMap<Protocol, Vec<Item>>,
}

/// The facets of a trial.
type Tags = BTreeMap<String, String>;

/// A trial with the facets under which it is counted.
struct Tagged {
    trial: Trial,
    tags: Tags,
}

/// Checks a task's groups, selections and arms against its items.
///
/// # Errors
/// [`EngineError`] for an item that cannot be asked.
pub fn check_items(
    benchmark: &Benchmark,
    task: &Task,
    items: &TaskItems,
) -> Result<Vec<Misfit>, EngineError> {
    let mut found = Vec::new();
    if items.own.is_empty() {
        return Ok(vec![nothing_selected(task)]);
    }
    let mut by_protocol = BTreeMap::new();
    for protocol in Protocol::ALL {
        let rules = TaskRules::new(benchmark, task, protocol, 0);
        let asked = items.own.iter().chain(items.also.get(&protocol).into_iter().flatten());
        let mut trials = Vec::new();
        for item in asked.clone() {
            let of_item = expand::trials(&rules, item, ContextBudget::Unbounded)?;
            if let Some(first) = of_item.first() {
                fill_in_other_templates(&rules, first)?;
            }
            for trial in of_item {
                let tags = tags(&rules, &trial)?;
                trials.push(Tagged { trial, tags });
            }
        }
        check_arms(&rules, asked, &mut found);
        by_protocol.insert(protocol, trials);
    }
    for metric in &task.file.metrics {
        let of_metric = metric.protocols.iter().filter_map(|protocol| by_protocol.get(protocol));
        let trials: Vec<&Tagged> = of_metric.flatten().collect();
        let checked = Checked { task, metric, trials, published: published(benchmark, task) };
        checked.check(&mut found);
    }
    Ok(found)
}

/// Fills in what a trial takes besides its prompt: the format restated, and what a judge is asked, both times.
fn fill_in_other_templates(rules: &TaskRules<'_>, trial: &Trial) -> Result<(), EngineError> {
    if let Some(template) = &rules.rule.reask {
        let restating = Restating { rules, item: &trial.item };
        let format = kind::of(&trial.item.content).format(&restating)?;
        rules.benchmark.templates.render(template, &format)?;
    }
    for rubric in rules.rubrics(trial)? {
        let call = JudgeCall { rules, asking: &Asking::USUAL, rubric, trial, reply: "?" };
        call.again(1, "?")?;
    }
    Ok(())
}

/// What a trial is tagged with: that of one whose reply says nothing.
fn tags(rules: &TaskRules<'_>, trial: &Trial) -> Result<Tags, EngineError> {
    let end = CallEnd::Replied(Reply::new("?".to_owned(), Finish::Stop, None));
    let exchange = Exchange { purpose: Purpose::Subject { turn: 0 }, end };
    let (judges, questions) = (Judges::all_by(JudgeRule::Nobody), JudgeQuestions::Together);
    Ok(score::score(rules, judges, questions, trial, &[exchange])?.tags)
}

/// Arms with rubrics of their own must be arms of items.
fn check_arms<'i>(
    rules: &TaskRules<'_>,
    items: impl Iterator<Item = &'i Item>,
    found: &mut Vec<Misfit>,
) {
    let arms: BTreeSet<&str> =
        items.filter_map(|item| item.tags.get(ARM)).map(String::as_str).collect();
    for arm in rules.rule.arm_rubrics.keys().filter(|arm| !arms.contains(arm.as_str())) {
        let message = format!("no item has the tag arm = `{arm}`: {}", hint(arm, arms.clone()));
        let field = format!("protocols.{}.arm_rubrics.{arm}", rules.protocol);
        found.push(Misfit::new(rules.task, field, message));
    }
}

/// The misfit of a task that selects none of its items.
pub fn nothing_selected(task: &Task) -> Misfit {
    let select = task.file.dataset.select.iter();
    let wanted: Vec<String> = select.map(|(facet, value)| format!("{facet} = `{value}`")).collect();
    match wanted.as_slice() {
        [] => Misfit::new(task, "dataset.starter", "the set has no items"),
        wanted => {
            let message = format!("no item of the set has {}", wanted.join(" and "));
            Misfit::new(task, "dataset.select", message)
        }
    }
}

/// The facets of the published set that a task asks.
fn published<'b>(benchmark: &'b Benchmark, task: &Task) -> Option<&'b Facets> {
    benchmark.published_facets(task.file.dataset.published.as_ref()?)
}

struct Checked<'a> {
    task: &'a Task,
    metric: &'a MetricRule,
    trials: Vec<&'a Tagged>,
    published: Option<&'a Facets>,
}

impl Checked<'_> {
    fn check(&self, found: &mut Vec<Misfit>) {
        let before = found.len();
        for facet in &self.metric.groups {
            if !self.has(facet) {
                found.push(self.unknown("groups", facet));
            }
        }
        for (facet, value) in &self.metric.select {
            self.check_value(&format!("select.{facet}"), facet, value, found);
        }
        if let Statistic::Contrast { arm, against, .. } = &self.metric.statistic {
            for (field, value) in [("arm", arm), ("against", against)] {
                self.check_value(&format!("statistic.{field}"), ARM, value, found);
            }
        }
        // Items of a published set may yield what these do not.
        if found.len() == before && self.task.file.dataset.published.is_none() {
            self.check_measures(found);
        }
    }

    fn misfit(&self, field: &str, message: String) -> Misfit {
        Misfit::new(self.task, format!("metrics.{}.{field}", self.metric.name), message)
    }

    fn has(&self, facet: &str) -> bool {
        self.published.is_some_and(|facets| facets.contains_key(facet))
            || self.trials.iter().any(|trial| trial.tags.contains_key(facet))
    }

    fn unknown(&self, field: &str, facet: &str) -> Misfit {
        let known: BTreeSet<&str> =
            self.trials.iter().flat_map(|one| one.tags.keys()).map(String::as_str).collect();
        let published = self.published.into_iter().flat_map(Facets::keys).map(String::as_str);
        let hint = hint(facet, known.into_iter().chain(published));
        self.misfit(
            field,
            format!("neither the scorer nor any item has the facet `{facet}`: {hint}"),
        )
    }

    fn check_value(&self, field: &str, facet: &str, value: &str, found: &mut Vec<Misfit>) {
        if !self.has(facet) {
            return found.push(self.unknown(field, facet));
        }
        let of_set = self.published.and_then(|facets| facets.get(facet));
        if of_set.is_some_and(Vec::is_empty) {
            return;
        }
        let of_trials = self.trials.iter().filter_map(|trial| trial.tags.get(facet));
        let known: BTreeSet<&str> =
            of_trials.chain(of_set.into_iter().flatten()).map(String::as_str).collect();
        if !known.contains(value) {
            let message = format!("no trial has {facet} = `{value}`: {}", hint(value, known));
            found.push(self.misfit(field, message));
        }
    }

    /// Some trial that counts must yield the measure.
    fn check_measures(&self, found: &mut Vec<Misfit>) {
        let counts = |tags: &Tags| {
            self.metric.select.iter().all(|(facet, value)| tags.get(facet) == Some(value))
        };
        let counted = self.trials.iter().filter(|trial| counts(&trial.tags));
        if counted.clone().next().is_none() && !self.metric.select.is_empty() {
            return found.push(self.misfit("select", "no trial has all of this".to_owned()));
        }
        let scorer = self.task.file.scorer.scorer();
        for (field, name) in self.metric.statistic.measures() {
            let named =
                |measure: &&Measure| measure.is_called(name.as_str(), &RubricFields::default());
            let Some(measure) = scorer.measures.iter().find(named) else { continue };
            if !counted.clone().any(|one| measure.is_of(name.as_str(), self.task, &one.trial)) {
                let message = format!("no trial that counts yields `{name}`: {}", measure.meaning);
                found.push(self.misfit(&format!("statistic.{field}"), message));
            }
        }
    }
}

/// Checks that a facet by which a task's metrics are grouped or selected is the scorer's or, by its name, one of
/// `tags`, those of the items that are asked.
///
/// # Errors
/// [`EngineError::Misfits`].
pub fn check_facets(
    benchmark: &Benchmark,
    task: &Task,
    protocol: Protocol,
    tags: &BTreeSet<String>,
) -> Result<(), EngineError> {
    let mut known: BTreeSet<&str> = tags.iter().map(String::as_str).collect();
    let of_set = published(benchmark, task).into_iter().flat_map(Facets::keys);
    known.extend(of_set.map(String::as_str));
    known.extend(task.file.scorer.scorer().facets.iter().map(|facet| facet.name));
    if !task.rule(protocol).perturbation.families().is_empty() {
        known.extend(PERTURBED.iter().map(|facet| facet.name));
    }
    let mut found = Vec::new();
    let metrics = task.file.metrics.iter();
    for metric in metrics.filter(|metric| metric.protocols.contains(&protocol)) {
        let groups = metric.groups.iter().map(|facet| ("groups".to_owned(), facet));
        let select = metric.select.keys().map(|facet| (format!("select.{facet}"), facet));
        for (field, facet) in groups.chain(select) {
            if !known.contains(facet.as_str()) {
                let message = format!(
                    "neither the scorer nor any item has the facet `{facet}`: {}",
                    hint(facet, known.iter().copied())
                );
                let field = format!("metrics.{}.{field}", metric.name);
                found.push(Misfit::new(task, field, message));
            }
        }
    }
    EngineError::of_misfits(found)
}
