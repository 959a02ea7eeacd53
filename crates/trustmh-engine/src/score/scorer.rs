//! What a scorer says of itself: which items it fits, what it measures, which facets it sets, and what of it takes a judge.

use trustmh_core::id::{MeasureName, RubricId};
use trustmh_core::item::{ItemContent, ItemKind, option_letter};
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Trial;

use super::conversation::{self, Kind, OF_CODE, OF_DIMENSION, OF_SCORE};
use super::{Context, Measured};
use crate::benchmark::Benchmark;
use crate::error::EngineError;
use crate::task::{ParserKind, ProtocolRule, ScorerKind, Task};

/// A scorer. Checks of task files, their schema and the docs' tables are made of this.
#[derive(Debug)]
pub struct Scorer {
    /// The word by which task files name it.
    pub kind: ScorerKind,
    /// What it measures, in one plain sentence.
    pub about: &'static str,
    /// The items it fits.
    pub items: Fits,
    /// The parsers whose answers it takes.
    pub parsers: &'static [ParserKind],
    /// The measures it yields, beside [`UNANSWERED`](super::UNANSWERED).
    pub measures: &'static [Measure],
    /// The texts it keeps for statistics of whole corpora.
    pub texts: &'static [Text],
    /// The facets it sets, by which metrics can be selected and grouped.
    pub facets: &'static [Facet],
    /// What of it takes a judge.
    pub judge: Judging,
    pub(super) measure: fn(&Context<'_>) -> Result<Measured, EngineError>,
}

/// Which kinds of items a scorer fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fits {
    /// This one.
    Only(ItemKind),
    /// All of them: it reads nothing of the item.
    All,
}

impl Fits {
    /// Whether a kind is among them.
    pub fn include(self, kind: ItemKind) -> bool {
        match self {
            Self::Only(only) => only == kind,
            Self::All => true,
        }
    }
}

/// What the rubrics of a protocol name: fields with a scale, and the labels of the others.
#[derive(Debug, Clone, Default)]
pub struct RubricFields<'r> {
    /// Fields that have a scale.
    pub scores: Vec<&'r str>,
    /// A measure for each label of each field that has labels.
    pub labels: Vec<String>,
    /// What is made of the codes and scores of turns.
    pub turns: Vec<String>,
    /// What is said of the dimensions of decision trees.
    pub dimensions: Vec<String>,
}

impl<'r> RubricFields<'r> {
    /// Those of the rubrics of a protocol; rubrics that are not there have none.
    pub fn of(benchmark: &'r Benchmark, rule: &'r ProtocolRule) -> Self {
        let mut named = Self::default();
        let there = |id: &'r RubricId| benchmark.rubric(id).ok();
        for rubric in rule.reply_rubrics().filter_map(there) {
            for field in &rubric.file.fields {
                if field.scale.is_some() {
                    named.scores.push(&field.name);
                }
                named.labels.extend(field.labels.iter().map(|label| field.measure_of(label)));
            }
            let dimensions = rubric.file.dimensions.iter();
            named.dimensions.extend(dimensions.flat_map(|dimension| {
                OF_DIMENSION.iter().map(move |end| format!("{}_{end}", dimension.id))
            }));
        }
        let of_turns = rule.turn_rubrics.iter().filter_map(there).flat_map(conversation::names);
        for (name, kind) in of_turns {
            let ends: &[&str] = match kind {
                Kind::Code => &OF_CODE,
                Kind::Score => &OF_SCORE,
            };
            named.turns.extend(ends.iter().map(|end| format!("{name}_{end}")));
            if kind == Kind::Score {
                named.turns.push(name);
            }
        }
        named
    }

    /// Whether a measure is made of them.
    pub fn yields(&self, measure: &MeasureName) -> bool {
        let name = measure.as_str();
        let made = self.labels.iter().chain(&self.turns).chain(&self.dimensions);
        self.scores.contains(&name) || made.into_iter().any(|known| known == name)
    }
}

/// A number that a scorer takes of a trial.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Its name, by which metrics refer to it.
    pub name: MeasureLabel,
    /// What it can be.
    pub scale: Scale,
    /// What it means, in one plain sentence.
    pub meaning: &'static str,
    /// Whose work it is.
    pub source: Source,
    /// The only protocol that yields it; `None` if both do.
    pub only: Option<Protocol>,
    /// Which trials yield it, if the reply can be read.
    pub of: fn(&Task, &Trial) -> bool,
}

/// The name of a measure, or the rule by which names are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureLabel {
    /// A name.
    Named(&'static str),
    /// This beginning and the small letter of an option in file order, a measure for each.
    OfOption(&'static str),
    /// The names of the rubrics' fields that have a scale, a measure for each.
    OfRubric,
    /// The rubrics' fields that have labels, each with `_` and one of its labels, a measure for each label.
    OfRubricLabels,
    /// The codes and scores of the rubrics for turns, each with what is made of it over a conversation.
    OfTurns,
    /// The dimensions of the decision trees, each with what is said of it.
    OfDimensions,
}

/// What a measure can be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// 0 or 1.
    Mark,
    /// Any number between these.
    Between(f64, f64),
    /// A number of turns of a conversation, which shares of turns can be made of.
    Turns,
    /// Levels of the items' label scheme, whole numbers; or what lies between two of them, which can be below 0.
    Levels {
        /// The lowest there can be.
        lowest: f64,
    },
    /// Numbers on the items' rating scale.
    Ratings,
    /// What the scales of the rubrics allow.
    OfRubric,
}

/// Whose work a measure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// It is read from the reply.
    Reply,
    /// A judge's, a model or the offline rules: there is none without a rubric.
    Judge,
}

/// A text that a scorer keeps of a trial.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// What it holds.
    pub holds: Holds,
}

/// What a text that a scorer keeps holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A label of a scheme.
    Label,
    /// Words of a reply or an item as they stand: what is forgotten with them.
    Words,
}

/// A facet of trials.
#[derive(Debug, Clone, Copy)]
pub struct Facet {
    /// Its name.
    pub name: &'static str,
    /// All values there are; empty where the items decide.
    pub values: &'static [&'static str],
    /// What it tells apart.
    pub meaning: &'static str,
}

/// What of a scorer takes a judge.
#[derive(Debug, Clone, Copy)]
pub enum Judging {
    /// Nothing.
    Nothing,
    /// The replies of some trials, if the task file names rubrics.
    Optional {
        /// Which trials.
        of: fn(&Trial, Protocol) -> bool,
    },
    /// The replies of some trials: without a rubric there is nothing to measure.
    Needed {
        /// Which trials.
        of: fn(&Trial, Protocol) -> bool,
        /// The field of the verdict that is read.
        field: &'static str,
        /// Arms of items of which another field is read, with that field.
        arms: &'static [(&'static str, &'static str)],
    },
    /// The replies of all trials, by whatever fields the rubrics have: without a rubric there is nothing to measure.
    ByAnyField,
}

impl Judging {
    /// Whether a judge reads the reply of a trial.
    pub fn wants(&self, trial: &Trial, protocol: Protocol) -> bool {
        match self {
            Self::Nothing => false,
            Self::Optional { of } | Self::Needed { of, .. } => of(trial, protocol),
            Self::ByAnyField => true,
        }
    }
}

/// Every trial's reply.
pub(super) fn every_trial(_: &Trial, _: Protocol) -> bool {
    true
}

fn any_trial(_: &Task, _: &Trial) -> bool {
    true
}

impl Measure {
    const fn new(name: MeasureLabel, scale: Scale, meaning: &'static str) -> Self {
        Self { name, scale, meaning, source: Source::Reply, only: None, of: any_trial }
    }

    /// A measure that is 0 or 1.
    pub(super) const fn mark(name: &'static str, meaning: &'static str) -> Self {
        Self::new(MeasureLabel::Named(name), Scale::Mark, meaning)
    }

    /// A measure on a scale.
    pub(super) const fn number(name: &'static str, scale: Scale, meaning: &'static str) -> Self {
        Self::new(MeasureLabel::Named(name), scale, meaning)
    }

    /// A mark for each option.
    pub(super) const fn of_options(beginning: &'static str, meaning: &'static str) -> Self {
        Self::new(MeasureLabel::OfOption(beginning), Scale::Mark, meaning)
    }

    /// The judge's scores by the rubrics.
    pub(super) const fn of_rubric(meaning: &'static str) -> Self {
        Self::new(MeasureLabel::OfRubric, Scale::OfRubric, meaning).judged()
    }

    /// The judge's labels by the rubrics, a mark for each.
    pub(super) const fn of_rubric_labels(meaning: &'static str) -> Self {
        Self::new(MeasureLabel::OfRubricLabels, Scale::Mark, meaning).judged()
    }

    /// The codes and scores of turns, over a conversation.
    pub(super) const fn of_turns(meaning: &'static str) -> Self {
        Self::new(MeasureLabel::OfTurns, Scale::OfRubric, meaning).judged()
    }

    /// The ratings of dimensions, a mark for each.
    pub(super) const fn of_dimensions(meaning: &'static str) -> Self {
        Self::new(MeasureLabel::OfDimensions, Scale::Mark, meaning).judged()
    }

    /// The same, as a judge's work.
    pub(super) const fn judged(self) -> Self {
        Self { source: Source::Judge, ..self }
    }

    /// The same, under one protocol only.
    pub(super) const fn under(self, protocol: Protocol) -> Self {
        Self { only: Some(protocol), ..self }
    }

    /// The same, of some trials only.
    pub(super) const fn of(self, of: fn(&Task, &Trial) -> bool) -> Self {
        Self { of, ..self }
    }

    /// Whether a trial can yield the measure under this name.
    pub fn is_of(&self, name: &str, task: &Task, trial: &Trial) -> bool {
        let options = match &trial.item.content {
            ItemContent::Dilemma(dilemma) => dilemma.options.len(),
            ItemContent::MultipleChoice(question) => question.options.len(),
            ItemContent::PrivacyRating(_)
            | ItemContent::Secret(_)
            | ItemContent::Intent(_)
            | ItemContent::Emotion(_)
            | ItemContent::Labelled(_)
            | ItemContent::Dialogue(_)
            | ItemContent::Action(_)
            | ItemContent::Rated(_)
            | ItemContent::Conversation(_) => 0,
        };
        let of_option = |beginning: &str| {
            let letters = (0..options).filter_map(option_letter);
            let mut letters = letters.map(|letter| letter.to_ascii_lowercase().to_string());
            letters.any(|letter| name.strip_prefix(beginning) == Some(&letter))
        };
        (self.of)(task, trial)
            && match self.name {
                MeasureLabel::OfOption(beginning) => of_option(beginning),
                MeasureLabel::Named(_)
                | MeasureLabel::OfRubric
                | MeasureLabel::OfRubricLabels
                | MeasureLabel::OfTurns
                | MeasureLabel::OfDimensions => true,
            }
    }

    /// Whether this is the measure of a name, given the fields of the rubrics.
    pub fn is_called(&self, name: &str, fields: &RubricFields<'_>) -> bool {
        match self.name {
            MeasureLabel::Named(own) => own == name,
            MeasureLabel::OfOption(beginning) => {
                name.strip_prefix(beginning).is_some_and(|letter| {
                    letter.len() == 1 && letter.bytes().all(|byte| byte.is_ascii_lowercase())
                })
            }
            MeasureLabel::OfRubric => fields.scores.contains(&name),
            MeasureLabel::OfRubricLabels => fields.labels.iter().any(|own| own == name),
            MeasureLabel::OfTurns => fields.turns.iter().any(|own| own == name),
            MeasureLabel::OfDimensions => fields.dimensions.iter().any(|own| own == name),
        }
    }
}

impl Facet {
    /// A facet whose values the items decide.
    pub(super) const fn open(name: &'static str, meaning: &'static str) -> Self {
        Self { name, values: &[], meaning }
    }

    /// A facet with no values but these.
    pub(super) const fn closed(
        name: &'static str,
        values: &'static [&'static str],
        meaning: &'static str,
    ) -> Self {
        Self { name, values, meaning }
    }
}
