//! What a statistic of a measure can come to at least and at most.

use trustmh_core::id::MeasureName;
use trustmh_core::item::Conversation;

use super::metrics::Known;
use crate::rules::TaskRules;
use crate::score::{Measure, MeasureLabel, Scale};
use crate::task::{MetricRule, ParityPart, Statistic};

/// The lowest and the highest value.
pub(super) type Reach = (f64, f64);

const SHARE: Reach = (0.0, 1.0);
const CORRELATION: Reach = (-1.0, 1.0);

/// What the metric can come to under the rules' protocol; `None` where its measure is not known.
pub(super) fn of_metric(rules: &TaskRules<'_>, metric: &MetricRule) -> Option<Reach> {
    let of_measure = |name: &MeasureName| of_measure(rules, name);
    let width = |name: &MeasureName| of_measure(name).map(|(low, high)| high - low);
    match &metric.statistic {
        Statistic::Proportion { .. }
        | Statistic::F1 { .. }
        | Statistic::AlarmF1
        | Statistic::Bleu { .. }
        | Statistic::Distinct { .. }
        | Statistic::FailedBy { .. }
        | Statistic::TurnShare { .. }
        | Statistic::Flips { .. } => Some(SHARE),
        Statistic::DimensionScore { .. } => Some((0.0, 100.0)),
        Statistic::Pearson { .. }
        | Statistic::Spearman { .. }
        | Statistic::QuadraticKappa { .. } => Some(CORRELATION),
        Statistic::Mean { of, .. } | Statistic::MeanOfItems { of } | Statistic::Maximum { of } => {
            of_measure(of)
        }
        Statistic::SumOfItems { of } => {
            let (low, high) = of_measure(of)?;
            let far = |end: f64| if end == 0.0 { 0.0 } else { end * f64::INFINITY };
            Some((far(low.min(0.0)), far(high.max(0.0))))
        }
        Statistic::SdOfItems { of } | Statistic::SdWithinItems { of } => Some((0.0, width(of)?)),
        Statistic::Parity { of, part, .. } => {
            let width = width(of)?;
            Some(match part {
                ParityPart::Spread | ParityPart::Gap | ParityPart::NoiseFloor => (0.0, width),
                ParityPart::Excess => (-width, width),
                ParityPart::PermutationP => SHARE,
            })
        }
        Statistic::DropRate { of, .. } => {
            width(of)?;
            Some((f64::NEG_INFINITY, 1.0))
        }
        Statistic::Contrast { of, .. } => {
            let width = width(of)?;
            Some((-width, width))
        }
        Statistic::MeanOf { metrics } => {
            let all = rules.task.file.metrics.iter();
            let parts: Vec<Reach> = all
                .filter(|part| {
                    metrics.contains(&part.name) && part.protocols.contains(&rules.protocol)
                })
                .map(|part| part.range)
                .collect();
            let mean = |sum: f64| sum / parts.len() as f64;
            let lows: f64 = parts.iter().map(|(low, _)| low).sum();
            let highs: f64 = parts.iter().map(|(_, high)| high).sum();
            (!parts.is_empty()).then(|| (mean(lows), mean(highs)))
        }
    }
}

/// What a measure can be at least and at most; `None` where it is not known.
pub(super) fn of_measure(rules: &TaskRules<'_>, name: &MeasureName) -> Option<Reach> {
    match Known::find(rules, name.as_str())? {
        Known::Common(reach) => Some(reach),
        Known::Own(measure) => Some(of_own(rules, measure, name.as_str())),
    }
}

fn of_own(rules: &TaskRules<'_>, measure: &Measure, name: &str) -> Reach {
    if measure.name == MeasureLabel::OfTurns {
        return of_turns(rules, name);
    }
    match measure.scale {
        Scale::Mark => SHARE,
        Scale::Between(low, high) => (low, high),
        Scale::Turns => (0.0, f64::from(Conversation::MOST_TURNS)),
        Scale::Levels { lowest } => (lowest, f64::INFINITY),
        Scale::Ratings => (f64::NEG_INFINITY, f64::INFINITY),
        Scale::OfRubric => of_rubric(rules, measure, name),
    }
}

/// The scale of one field, or of all.
fn of_rubric(rules: &TaskRules<'_>, measure: &Measure, name: &str) -> Reach {
    let rubrics = rules.rule.all_rubrics().filter_map(|id| rules.benchmark.rubric(id).ok());
    let fields = rubrics.flat_map(|rubric| &rubric.file.fields);
    let own = fields.filter(|field| match measure.name {
        MeasureLabel::OfRubric => field.name == name,
        MeasureLabel::Named(_)
        | MeasureLabel::OfOption(_)
        | MeasureLabel::OfRubricLabels
        | MeasureLabel::OfTurns
        | MeasureLabel::OfDimensions => true,
    });
    let scales = own.filter_map(|field| field.scale);
    let whole = scales.fold(None, |found: Option<(i32, i32)>, (low, high)| {
        Some(found.map_or((low, high), |(least, most)| (least.min(low), most.max(high))))
    });
    let (low, high) = whole.unwrap_or_default();
    (f64::from(low), f64::from(high))
}

/// What is made of a code or a score over the turns of a conversation.
fn of_turns(rules: &TaskRules<'_>, name: &str) -> Reach {
    if name.ends_with("_share") || name.ends_with("_ever") {
        return SHARE;
    }
    let rubrics = rules.rule.turn_rubrics.iter().filter_map(|id| rules.benchmark.rubric(id).ok());
    let scaled = rubrics.flat_map(|rubric| &rubric.file.fields).filter_map(|field| {
        let (low, high) = field.scale?;
        Some((field, f64::from(low), f64::from(high)))
    });
    for (field, low, high) in scaled {
        if name == field.name || name == format!("{}_last", field.name) {
            return (low, high);
        }
        if name == format!("{}_slope", field.name) {
            return (low - high, high - low);
        }
    }
    (0.0, f64::from(Conversation::MOST_TURNS))
}
