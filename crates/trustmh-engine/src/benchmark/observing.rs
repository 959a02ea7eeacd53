//! Tasks by which conversations that took place are judged: the built-in one, or one made for another rubric.

use std::collections::BTreeMap;

use trustmh_core::id::{MeasureName, MetricName, RubricId, TaskId};
use trustmh_core::metric::Direction;
use trustmh_core::protocol::Protocol;

use super::{Benchmark, SourceFile};
use crate::error::EngineError;
use crate::fit;
use crate::rubric::Rubric;
use crate::score::RubricFields;
use crate::score::conversation::{Kind, TURNS, TURNS_JUDGED, names};
use crate::task::{MetricRule, ProtocolRule, ScorerKind, Statistic, Task, TaskFile};

/// The task whose rules those for other rubrics are made of.
const BASE: &str = "crisis/observed";

/// What of a conversation is judged by a rubric.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Each reply, in the light of all before it.
    Turns,
    /// The conversation as a whole.
    Whole,
}

impl Benchmark {
    /// The rubrics by which conversations can be judged.
    pub fn conversation_rubrics(&self) -> impl Iterator<Item = &RubricId> {
        let all = self.rubrics.values();
        let of_talks = all.filter(|rubric| rubric.file.about == ScorerKind::Conversation);
        // One in another language stands behind the plain one.
        let plain = of_talks.filter(|rubric| {
            let name = rubric.file.id.as_str();
            let behind = name.rsplit_once('-').map(|(plain, _)| RubricId::new(plain));
            !behind.is_some_and(|plain| self.rubrics.contains_key(&plain))
        });
        plain.map(|rubric| &rubric.file.id)
    }

    /// The task that judges conversations which took place by this rubric, and the benchmark that has it where this one does not.
    ///
    /// # Errors
    /// [`EngineError::UnknownRubric`]; [`EngineError::Rule`] for a rubric that is about no conversations.
    pub fn observing(&self, rubric: &RubricId) -> Result<(TaskId, Option<Self>), EngineError> {
        let base = self.base()?;
        if base.file.protocols.corrected.turn_rubrics == [rubric.clone()] {
            return Ok((base.file.id.clone(), None));
        }
        let rubric = self.rubric(rubric)?;
        if rubric.file.about != ScorerKind::Conversation {
            let known: Vec<&str> = self.conversation_rubrics().map(RubricId::as_str).collect();
            let message = format!(
                "conversations are judged by rubrics that are about them: {}",
                known.join(", ")
            );
            return Err(EngineError::rule(&rubric.path, "about", message));
        }
        let file = self.task_for(base, rubric)?;
        let id = file.id.clone();
        let text = toml::to_string(&file).map_err(|error| EngineError::Malformed {
            file: format!("{id}.toml"),
            message: error.to_string(),
        })?;
        let made = SourceFile { path: format!("{id}.toml"), text };
        let benchmark = self.with_kept(vec![made])?;
        fit::check(&benchmark)?;
        Ok((id, Some(benchmark)))
    }

    fn base(&self) -> Result<&Task, EngineError> {
        let unknown = || EngineError::UnknownTask { task: BASE.to_owned(), known: String::new() };
        self.task(&BASE.parse().map_err(|_| unknown())?)
    }

    fn task_for(&self, base: &Task, rubric: &Rubric) -> Result<TaskFile, EngineError> {
        let id = &rubric.file.id;
        let like = self.tasks.values().find(|task| {
            let rule = &task.file.protocols.corrected;
            task.file.scorer == ScorerKind::Conversation && rule.all_rubrics().any(|one| one == id)
        });
        let of_turns = |task: &Task| task.file.protocols.corrected.turn_rubrics.contains(id);
        let extent = match like {
            Some(task) if of_turns(task) => Extent::Turns,
            Some(_) => Extent::Whole,
            None if rubric.file.is_tree() => Extent::Whole,
            None => Extent::Turns,
        };
        let pillar = like.map_or(base.file.id.pillar(), |task| task.file.id.pillar());
        let name = format!("{}/observed-{id}", pillar.slug());
        let mut file = base.file.clone();
        file.id = name.parse().map_err(|_| {
            EngineError::rule(&rubric.path, "id", format!("`{name}` is no name of a task"))
        })?;
        file.title = format!("Conversations that took place: {}", rubric.file.title);
        file.caveats.extend(like.into_iter().flat_map(|task| task.file.caveats.iter().cloned()));
        for rule in [&mut file.protocols.reference, &mut file.protocols.corrected] {
            let ids = vec![id.clone()];
            (rule.turn_rubrics, rule.rubrics) = match extent {
                Extent::Turns => (ids, Vec::new()),
                Extent::Whole => (Vec::new(), ids),
            };
        }
        let rule = file.protocols.corrected.clone();
        file.metrics = self.metrics_for(like, rubric, &rule, extent);
        Ok(file)
    }

    /// The metrics of the task that is like it, as far as the rubric yields them, and further ones for the rest of its fields; the first that
    /// has a better way is the primary one.
    fn metrics_for(
        &self,
        like: Option<&Task>,
        rubric: &Rubric,
        rule: &ProtocolRule,
        extent: Extent,
    ) -> Vec<MetricRule> {
        let fields = RubricFields::of(self, rule);
        let mut metrics: Vec<MetricRule> = Vec::new();
        for metric in like.into_iter().flat_map(|task| &task.file.metrics) {
            let whole = match &metric.statistic {
                Statistic::DimensionScore { .. } => rubric.file.is_tree(),
                Statistic::FailedBy { of, .. } => {
                    let own = names(rubric);
                    extent == Extent::Turns && own.iter().any(|(name, _)| name == of.as_str())
                }
                Statistic::MeanOf { metrics: parts } => {
                    parts.iter().all(|part| metrics.iter().any(|known| known.name == *part))
                }
                other => {
                    let measures = other.measures();
                    !measures.is_empty() && measures.iter().all(|(_, name)| fields.yields(name))
                }
            };
            // What told items apart was set by whoever wrote them.
            if whole && metric.select.is_empty() {
                metrics.push(MetricRule {
                    groups: Vec::new(),
                    primary: Vec::new(),
                    ..metric.clone()
                });
            }
        }
        let further = match extent {
            Extent::Turns => of_turns(rubric, &metrics),
            Extent::Whole => of_whole(rubric, &metrics),
        };
        metrics.extend(further);
        if metrics.iter().all(|metric| metric.direction == Direction::None) {
            metrics.push(answered());
        }
        let mut ranked = metrics.iter_mut().filter(|metric| metric.direction != Direction::None);
        if let Some(primary) = ranked.next() {
            primary.primary = Protocol::ALL.into();
        }
        metrics
    }
}

fn metric(name: &str, title: String, range: (f64, f64), statistic: Statistic) -> MetricRule {
    MetricRule {
        name: MetricName::new(name),
        title,
        // Whether more of it is better is not in a rubric.
        direction: Direction::None,
        range,
        anchors: None,
        protocols: Protocol::ALL.into(),
        primary: Vec::new(),
        statistic,
        select: BTreeMap::new(),
        groups: Vec::new(),
    }
}

/// A task is ranked by something that has a better way. Of a rubric that says none it is how much of the conversations was judged.
fn answered() -> MetricRule {
    let (of, among) = (MeasureName::new(TURNS_JUDGED), MeasureName::new(TURNS));
    let statistic = Statistic::TurnShare { of, among };
    let title = "Replies that have a verdict (share)".to_owned();
    MetricRule { direction: Direction::Higher, ..metric("judged", title, (0.0, 1.0), statistic) }
}

/// The share of replies with each code, and the mean of each score.
fn of_turns(rubric: &Rubric, known: &[MetricRule]) -> Vec<MetricRule> {
    let mut metrics = Vec::new();
    for (name, kind) in names(rubric) {
        let rule = match kind {
            Kind::Code => {
                let of = MeasureName::new(format!("{name}_count"));
                let among = MeasureName::new(TURNS_JUDGED);
                let statistic = Statistic::TurnShare { of, among };
                let title = format!("Replies with the code {name} (share)");
                metric(&format!("{name}_turns"), title, (0.0, 1.0), statistic)
            }
            Kind::Score => {
                let mut fields = rubric.file.fields.iter();
                let scale = fields.find(|field| field.name == name).and_then(|field| field.scale);
                let Some((low, high)) = scale else { continue };
                let of = MeasureName::new(name.clone());
                let statistic = Statistic::Mean { of, reference_interval: Default::default() };
                let title = format!("Mean of {name} over the replies of a conversation");
                metric(&name, title, (f64::from(low), f64::from(high)), statistic)
            }
        };
        if known.iter().all(|metric| metric.name != rule.name) {
            metrics.push(rule);
        }
    }
    metrics
}

/// The score of a tree, or the mean of each score and the share of each label of a flat rubric.
fn of_whole(rubric: &Rubric, known: &[MetricRule]) -> Vec<MetricRule> {
    let mut metrics = Vec::new();
    if rubric.file.is_tree() {
        let statistic = Statistic::DimensionScore { dimension: None };
        let title = "Score of the dimensions, 0 to 100".to_owned();
        let score = metric("score", title, (0.0, 100.0), statistic);
        metrics.push(MetricRule { direction: Direction::Higher, ..score });
    }
    for field in &rubric.file.fields {
        if let Some((low, high)) = field.scale {
            let of = MeasureName::new(field.name.clone());
            let statistic = Statistic::Mean { of, reference_interval: Default::default() };
            let title = format!("Mean of {}", field.name);
            metrics.push(metric(&field.name, title, (f64::from(low), f64::from(high)), statistic));
        }
        for label in &field.labels {
            let name = field.measure_of(label);
            let statistic = Statistic::Proportion { of: MeasureName::new(name.clone()) };
            let title = format!("Conversations whose {} is {label} (share)", field.name);
            metrics.push(metric(&name, title, (0.0, 1.0), statistic));
        }
    }
    metrics.retain(|rule| known.iter().all(|metric| metric.name != rule.name));
    metrics
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rubric_of_conversations_makes_a_task_that_fits_together() {
        let benchmark = Benchmark::embedded().unwrap();
        let rubrics: Vec<RubricId> = benchmark.conversation_rubrics().cloned().collect();
        assert!(rubrics.len() >= 8, "{rubrics:?}");
        for rubric in rubrics {
            let (id, made) = benchmark.observing(&rubric).unwrap();
            let task = made.as_ref().unwrap_or(&benchmark).task(&id).unwrap();
            assert_eq!(task.suite.as_str(), "observed", "{rubric}");
            let rules = &task.file.protocols.corrected;
            assert_eq!(rules.all_rubrics().collect::<Vec<_>>(), [&rubric]);
            assert!(!task.file.metrics.is_empty(), "{rubric}");
        }
        let (id, _) = benchmark.observing(&RubricId::new("turn-dependency")).unwrap();
        assert_eq!(id.to_string(), "ethics/observed-turn-dependency");
    }

    #[test]
    fn a_rubric_for_single_replies_is_refused_and_those_that_do_are_named() {
        let benchmark = Benchmark::embedded().unwrap();
        let fault = benchmark.observing(&RubricId::new("empathy")).unwrap_err().to_string();
        assert!(fault.contains("observed, "), "{fault}");
        assert!(benchmark.observing(&RubricId::new("none")).is_err());
    }
}
