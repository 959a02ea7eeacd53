//! Which rubrics stand behind a metric: those by which a judge gave the verdicts that it is made of.

use std::collections::BTreeSet;

use trustmh_core::id::{MeasureName, RubricId};
use trustmh_core::item::{ARM, Arm};
use trustmh_core::trial::Trial;

use crate::error::EngineError;
use crate::rubric::Rubric;
use crate::rules::{TaskRules, ToxicityRule};
use crate::score::{
    EVIDENCE_UNFOUNDED, MeasureLabel, OF_CODE, OF_DIMENSION, OF_SCORE, RATINGS, RubricFields,
    Source, names_over_turns,
};
use crate::task::{MetricRule, ScorerKind, Statistic};

/// What decides by which rubrics a trial is judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrialKind {
    /// The arm that its item names, if it does.
    pub arm: Option<String>,
    /// Its item's language.
    pub language: String,
}

impl TrialKind {
    /// That of a trial.
    pub fn of(trial: &Trial) -> Self {
        let arm = trial.item.tags.get(ARM).cloned();
        Self { arm, language: trial.item.language.to_string() }
    }
}

/// What verdicts behind a metric were given by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind<'b> {
    /// By this rubric, in the language of the trials.
    Rubric(&'b Rubric),
    /// By an endpoint that scores toxicity and knows no rubric, in the place of this one.
    Endpoint(&'b RubricId),
}

impl Behind<'_> {
    /// The rubric's name.
    pub fn rubric(&self) -> &RubricId {
        match self {
            Self::Rubric(rubric) => &rubric.file.id,
            Self::Endpoint(id) => id,
        }
    }
}

/// What the verdicts behind `metric` were given by, of trials of these kinds; nothing where no judge has a part in it. A metric made of
/// others rests on all that they rest on.
///
/// # Errors
/// [`EngineError::UnknownRubric`].
pub fn behind<'b>(
    rules: &TaskRules<'b>,
    toxicity: ToxicityRule,
    metric: &MetricRule,
    kinds: &BTreeSet<TrialKind>,
) -> Result<Vec<Behind<'b>>, EngineError> {
    let mut found: Vec<Behind<'b>> = Vec::new();
    let mut add = |one: Behind<'b>| {
        if !found.iter().any(|known| known.rubric() == one.rubric()) {
            found.push(one);
        }
    };
    if let Statistic::MeanOf { metrics } = &metric.statistic {
        let parts = rules.task.metrics(rules.protocol).filter(|one| metrics.contains(&one.name));
        for part in parts {
            behind(rules, toxicity, part, kinds)?.into_iter().for_each(&mut add);
        }
        return Ok(found);
    }
    let verdicts = verdicts(rules, metric);
    for kind in selected(rules, metric, kinds) {
        for verdict in &verdicts {
            for id in verdict.ids(rules, kind) {
                if !verdict.is_by(rules.benchmark.rubric(id)?) {
                    continue;
                }
                // An endpoint knows toxicity alone: whether a harmless question was answered takes a judge.
                let by_endpoint = rules.task.file.scorer == ScorerKind::Toxicity
                    && toxicity == ToxicityRule::Endpoint
                    && kind.and_then(|kind| kind.arm.as_deref()) != Some(Arm::Benign.name());
                add(match (by_endpoint, kind) {
                    (true, _) => Behind::Endpoint(id),
                    (false, Some(kind)) => {
                        Behind::Rubric(rules.benchmark.rubric_for(id, &kind.language)?)
                    }
                    (false, None) => Behind::Rubric(rules.benchmark.rubric(id)?),
                });
            }
        }
    }
    Ok(found)
}

/// The kinds of trials that a metric counts, as far as arms and languages tell; none at all stands for trials that nobody has asked yet.
fn selected<'k>(
    rules: &TaskRules<'_>,
    metric: &MetricRule,
    kinds: &'k BTreeSet<TrialKind>,
) -> Vec<Option<&'k TrialKind>> {
    let arms: Vec<&String> = match &metric.statistic {
        Statistic::Contrast { arm, against, .. } => vec![arm, against],
        _ => metric.select.get(ARM).into_iter().collect(),
    };
    let named = |arm: &String| kinds.iter().any(|kind| kind.arm.as_ref() == Some(arm));
    // An arm that no item names is the scorer's, and is judged as all are that have no rubrics of their own.
    let is_of = |kind: &TrialKind, arm: &String| match named(arm) {
        true => kind.arm.as_ref() == Some(arm),
        false => kind.arm.as_ref().is_none_or(|own| !rules.rule.arm_rubrics.contains_key(own)),
    };
    let counts = |kind: &&TrialKind| {
        (arms.is_empty() || arms.iter().any(|arm| is_of(kind, arm)))
            && metric.select.get("language").is_none_or(|language| *language == kind.language)
    };
    let found: Vec<Option<&TrialKind>> = kinds.iter().filter(counts).map(Some).collect();
    if found.is_empty() { vec![None] } else { found }
}

/// A part of the verdicts that a metric is made of.
enum Verdicts<'m> {
    /// What the scorer takes of verdicts on replies, or on whole conversations.
    OfReplies,
    /// What it takes of verdicts on turns.
    OfTurns,
    /// What it takes of both.
    OfAll,
    /// The fields, or labels of fields, of this name.
    Field(&'m str),
    /// The code or score of turns that a measure of this name is made of.
    Code(&'m str),
    /// The ratings of a decision tree: of this dimension, or all.
    Dimension(Option<&'m str>),
}

impl Verdicts<'_> {
    /// The rubrics of the task by which trials of a kind are judged, of the sort that is meant.
    fn ids<'b>(&self, rules: &TaskRules<'b>, kind: Option<&TrialKind>) -> Vec<&'b RubricId> {
        let replies = rules.rule.rubrics_of(kind.and_then(|kind| kind.arm.as_ref())).iter();
        let turns = rules.rule.turn_rubrics.iter();
        match self {
            Self::OfReplies | Self::Field(_) | Self::Dimension(_) => replies.collect(),
            Self::OfTurns | Self::Code(_) => turns.collect(),
            Self::OfAll => replies.chain(turns).collect(),
        }
    }

    /// Whether the rubric gives what is meant.
    fn is_by(&self, rubric: &Rubric) -> bool {
        let file = &rubric.file;
        match self {
            Self::OfReplies | Self::OfTurns | Self::OfAll => true,
            Self::Field(name) => file.fields.iter().any(|field| {
                field.name == *name
                    || field.labels.iter().any(|label| field.measure_of(label) == *name)
            }),
            Self::Code(measure) => {
                let ends = OF_CODE.iter().chain(&OF_SCORE);
                let names = names_over_turns(rubric);
                names.iter().any(|(name, _)| ends.clone().any(|end| is_of(measure, name, end)))
            }
            Self::Dimension(None) => file.is_tree(),
            Self::Dimension(Some(measure)) => file.dimensions.iter().any(|dimension| {
                let name = dimension.id.as_str();
                OF_DIMENSION.iter().any(|end| is_of(measure, name, end))
            }),
        }
    }
}

/// Whether a measure is the code, score or dimension itself, or what is made of it with this end.
fn is_of(measure: &str, name: &str, end: &str) -> bool {
    let rest = measure.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('_') == Some(end))
}

/// The verdicts of a metric that is not made of others.
fn verdicts<'m>(rules: &TaskRules<'_>, metric: &'m MetricRule) -> Vec<Verdicts<'m>> {
    match &metric.statistic {
        Statistic::FailedBy { of, .. } => vec![Verdicts::Code(of.as_str())],
        Statistic::DimensionScore { dimension } => vec![Verdicts::Dimension(dimension.as_deref())],
        other => {
            let measures = other.measures().into_iter();
            measures.filter_map(|(_, measure)| of_measure(rules, measure)).collect()
        }
    }
}

/// The verdicts that a measure is made of; none where it is read from the reply.
fn of_measure<'m>(rules: &TaskRules<'_>, name: &'m MeasureName) -> Option<Verdicts<'m>> {
    let name = name.as_str();
    let fields = RubricFields::of(rules.benchmark, rules.rule);
    let measures = rules.task.file.scorer.scorer().measures.iter();
    let measure = measures.into_iter().find(|one| one.is_called(name, &fields))?;
    if measure.source == Source::Reply {
        return None;
    }
    Some(match measure.name {
        MeasureLabel::OfRubric | MeasureLabel::OfRubricLabels => Verdicts::Field(name),
        MeasureLabel::OfTurns => Verdicts::Code(name),
        MeasureLabel::OfDimensions => Verdicts::Dimension(Some(name)),
        MeasureLabel::OfOption(_) => Verdicts::OfReplies,
        MeasureLabel::Named(_) if rules.task.file.scorer != ScorerKind::Conversation => {
            Verdicts::OfReplies
        }
        MeasureLabel::Named(EVIDENCE_UNFOUNDED) => Verdicts::OfAll,
        MeasureLabel::Named(own) if RATINGS.contains(&own) => Verdicts::Dimension(None),
        MeasureLabel::Named(_) => Verdicts::OfTurns,
    })
}
