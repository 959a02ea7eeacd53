//! Whether metrics are made of what the scorer yields.

mod over_turns;

use trustmh_core::id::MeasureName;
use trustmh_core::item::ARM;
use trustmh_core::perturbation::{Family, Level};

use super::Misfit;
use super::misfit::hint;
use super::protocol::listed;
use super::reach::{self, Reach};
use crate::rules::TaskRules;
use crate::score::{DISTANCE, Measure, MeasureLabel, RubricFields, Scale, Source};
use crate::task::{
    Expansion, Floor, FloorRule, MetricRule, PerturbationPlan, Statistic, UNANSWERED, word,
};

/// A measure that trials of the task have.
pub(super) enum Known {
    /// One of every task, or of every perturbed one.
    Common(Reach),
    /// The scorer's.
    Own(&'static Measure),
}

impl Known {
    /// The measure of a name under the rules' protocol.
    pub(super) fn find(rules: &TaskRules<'_>, name: &str) -> Option<Self> {
        let perturbs = rules.rule.perturbation != PerturbationPlan::None;
        if name == UNANSWERED || (perturbs && name == DISTANCE) {
            return Some(Self::Common((0.0, 1.0)));
        }
        let fields = rubric_fields(rules);
        let measures = rules.task.file.scorer.scorer().measures.iter();
        measures.into_iter().find(|measure| measure.is_called(name, &fields)).map(Self::Own)
    }

    fn is_mark(&self, name: &str) -> bool {
        match self {
            Self::Common(_) => name == UNANSWERED,
            // Whether a code was ever there is the only mark among what is made of turns.
            Self::Own(measure) if measure.name == MeasureLabel::OfTurns => name.ends_with("_ever"),
            Self::Own(measure) => measure.scale == Scale::Mark,
        }
    }

    /// Whether it counts turns of a conversation.
    fn is_count(&self, name: &str) -> bool {
        match self {
            Self::Common(_) => false,
            Self::Own(measure) => match measure.name {
                MeasureLabel::OfTurns => name.ends_with("_count"),
                MeasureLabel::Named(_) => measure.scale == Scale::Turns,
                MeasureLabel::OfOption(_)
                | MeasureLabel::OfRubric
                | MeasureLabel::OfRubricLabels
                | MeasureLabel::OfDimensions => false,
            },
        }
    }

    fn is_whole(&self, name: &str) -> bool {
        match self {
            Self::Common(_) => name == UNANSWERED,
            Self::Own(measure) => match measure.scale {
                Scale::Mark | Scale::Levels { .. } | Scale::Ratings => true,
                Scale::OfRubric => measure.name == MeasureLabel::OfRubric,
                Scale::Between(..) | Scale::Turns => false,
            },
        }
    }
}

/// The fields of the protocol's rubrics.
fn rubric_fields<'b>(rules: &TaskRules<'b>) -> RubricFields<'b> {
    RubricFields::of(rules.benchmark, rules.rule)
}

/// All names of measures, as far as they can be listed.
fn names(rules: &TaskRules<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for measure in rules.task.file.scorer.scorer().measures {
        match measure.name {
            MeasureLabel::Named(name) => names.push(name.to_owned()),
            MeasureLabel::OfOption(beginning) => {
                names.extend(('a'..='d').map(|letter| format!("{beginning}{letter}")));
            }
            MeasureLabel::OfRubric => {
                names.extend(rubric_fields(rules).scores.into_iter().map(str::to_owned));
            }
            MeasureLabel::OfRubricLabels => names.extend(rubric_fields(rules).labels),
            MeasureLabel::OfTurns => names.extend(rubric_fields(rules).turns),
            MeasureLabel::OfDimensions => names.extend(rubric_fields(rules).dimensions),
        }
    }
    if rules.rule.perturbation != PerturbationPlan::None {
        names.push(DISTANCE.to_owned());
    }
    names.push(UNANSWERED.to_owned());
    names
}

pub(super) fn check(rules: &TaskRules<'_>, found: &mut Vec<Misfit>) {
    let metrics = rules.task.file.metrics.iter();
    for metric in metrics.filter(|metric| metric.protocols.contains(&rules.protocol)) {
        let mut checked = Checked { rules, metric, found };
        checked.statistic();
        checked.facets();
        checked.range();
    }
}

struct Checked<'a> {
    rules: &'a TaskRules<'a>,
    metric: &'a MetricRule,
    found: &'a mut Vec<Misfit>,
}

impl Checked<'_> {
    fn misfit(&mut self, field: &str, message: String) {
        let field = format!("metrics.{}.{field}", self.metric.name);
        self.found.push(Misfit::new(self.rules.task, field, message));
    }

    fn statistic(&mut self) {
        match &self.metric.statistic {
            Statistic::Proportion { of } => self.mark(of),
            Statistic::Flips { of, .. } => {
                self.mark(of);
                self.perturbed(None, None);
            }
            Statistic::Mean { of, .. }
            | Statistic::MeanOfItems { of }
            | Statistic::SumOfItems { of }
            | Statistic::SdOfItems { of }
            | Statistic::SdWithinItems { of }
            | Statistic::Maximum { of } => self.measure("of", of),
            Statistic::Pearson { x, y } | Statistic::Spearman { x, y } => {
                self.measure("x", x);
                self.measure("y", y);
            }
            Statistic::QuadraticKappa { x, y } => {
                self.level("x", x);
                self.level("y", y);
            }
            Statistic::AlarmF1 => self.texts(&["alarm", "predicted_alarm"]),
            Statistic::F1 { .. } => self.texts(&["label", "predicted"]),
            Statistic::Bleu { order } => {
                self.texts(&["reply", "reference"]);
                self.order(*order, 4);
            }
            Statistic::Distinct { order } => {
                self.texts(&["reply"]);
                self.order(*order, 3);
            }
            Statistic::Parity { of, attribute, floor, .. } => {
                self.measure("of", of);
                self.floor("floor", of, *floor);
                self.identities(attribute.as_deref());
            }
            Statistic::DropRate { of, floor, reference_floor, family, level } => {
                self.measure("of", of);
                let score = match floor {
                    Floor::Score(score) => Some(*score),
                    Floor::Rule(FloorRule::MajorityLabel) => None,
                };
                self.floor("floor", of, score);
                self.floor("reference_floor", of, *reference_floor);
                self.perturbed(*family, *level);
                if *floor == Floor::Rule(FloorRule::MajorityLabel) {
                    self.texts(&["label"]);
                }
            }
            Statistic::Contrast { of, arm, against } => {
                self.measure("of", of);
                self.value("statistic.arm", ARM, arm);
                self.value("statistic.against", ARM, against);
                if arm == against {
                    let message = format!("`{against}` is the arm itself; name another");
                    self.misfit("statistic.against", message);
                }
            }
            Statistic::FailedBy { of, turn } => self.failed_by(of, *turn),
            Statistic::TurnShare { of, among } => self.turn_share(of, among),
            Statistic::DimensionScore { dimension } => self.dimension(dimension.as_deref()),
            Statistic::MeanOf { metrics } => {
                if metrics.is_empty() {
                    self.misfit("statistic.metrics", "is empty: name its parts".to_owned());
                }
                let select = self.metric.select.keys().map(String::clone);
                self.has_no("select", select.collect());
                self.has_no("groups", self.metric.groups.clone());
            }
        }
    }

    /// A mean of metrics has no trials of its own.
    fn has_no(&mut self, field: &str, named: Vec<String>) {
        if !named.is_empty() {
            let message = format!(
                "{} does not fit: a mean of metrics has no trials of its own; leave it to its parts",
                listed(named)
            );
            self.misfit(field, message);
        }
    }

    /// The measure, if the scorer yields it under this protocol.
    fn known(&mut self, field: &str, name: &MeasureName) -> Option<Known> {
        let (rules, name) = (self.rules, name.as_str());
        let field = format!("statistic.{field}");
        let scorer = word(&rules.task.file.scorer);
        let Some(known) = Known::find(rules, name) else {
            let names = names(rules);
            let mut hint = hint(name, names.iter().map(String::as_str));
            if name == DISTANCE {
                hint = "only perturbed trials have it, and `perturbation` is none".to_owned();
            }
            let message = format!("`{name}` is no measure of the scorer `{scorer}`: {hint}");
            self.misfit(&field, message);
            return None;
        };
        if let Known::Own(measure) = known {
            let protocol = rules.protocol;
            if let Some(only) = measure.only.filter(|only| *only != protocol) {
                let message = format!(
                    "`{name}` is no measure under protocol {protocol}: the scorer `{scorer}` yields it under {only} only; say `protocols = [\"{only}\"]`"
                );
                self.misfit(&field, message);
                return None;
            }
            if measure.source == Source::Judge && rules.rule.all_rubrics().next().is_none() {
                let message = format!(
                    "`{name}` takes a judge, and protocols.{protocol}.rubrics is empty: name a rubric there"
                );
                self.misfit(&field, message);
                return None;
            }
        }
        Some(known)
    }

    fn measure(&mut self, field: &str, name: &MeasureName) {
        self.known(field, name);
    }

    fn mark(&mut self, name: &MeasureName) {
        if self.known("of", name).is_some_and(|known| !known.is_mark(name.as_str())) {
            let message = format!(
                "`{name}` is not 0 or 1, so it has no share: take `mean` or another statistic"
            );
            self.misfit("statistic.of", message);
        }
    }

    fn level(&mut self, field: &str, name: &MeasureName) {
        if self.known(field, name).is_some_and(|known| !known.is_whole(name.as_str())) {
            let message = format!("`{name}` is no level: kappa needs whole numbers");
            self.misfit(&format!("statistic.{field}"), message);
        }
    }

    /// A floor must lie where scores can be above it.
    fn floor(&mut self, field: &str, of: &MeasureName, floor: Option<f64>) {
        let (Some(floor), Some((low, high))) = (floor, reach::of_measure(self.rules, of)) else {
            return;
        };
        if floor < low || floor >= high {
            let message =
                format!("{floor} is no floor of `{of}`, which lies between {low} and {high}");
            self.misfit(&format!("statistic.{field}"), message);
        }
    }

    fn texts(&mut self, needed: &[&str]) {
        let scorer = self.rules.task.file.scorer;
        let kept = scorer.scorer().texts;
        if let Some(missing) =
            needed.iter().find(|name| !kept.iter().any(|text| text.name == **name))
        {
            let message = format!(
                "`{}` needs the text `{missing}`, which the scorer `{}` does not keep",
                kind_of(&self.metric.statistic),
                word(&scorer)
            );
            self.misfit("statistic", message);
        }
    }

    fn order(&mut self, order: u8, most: u8) {
        if !(1..=most).contains(&order) {
            self.misfit("statistic.order", format!("{order} is not in 1..{most}"));
        }
    }

    fn identities(&mut self, attribute: Option<&str>) {
        let rule = self.rules.rule;
        if !matches!(rule.expansion, Expansion::Identities | Expansion::IdentitiesAndNeutral) {
            let message = format!(
                "`parity` compares identities, and protocols.{}.expansion is `{}`: take `identities` or `identities-and-neutral`",
                self.rules.protocol,
                word(&rule.expansion)
            );
            self.misfit("statistic", message);
        }
        let known = self.rules.benchmark.identities().counts();
        if let Some(attribute) = attribute.filter(|name| !known.contains_key(name)) {
            let hint = hint(attribute, known.keys().copied());
            let message = format!("`{attribute}` is no attribute of identities.toml: {hint}");
            self.misfit("statistic.attribute", message);
        }
    }

    fn perturbed(&mut self, family: Option<Family>, level: Option<Level>) {
        let families = self.rules.rule.perturbation.families();
        if families.is_empty() {
            let message = format!(
                "`{}` compares perturbed trials, and protocols.{}.perturbation is none",
                kind_of(&self.metric.statistic),
                self.rules.protocol
            );
            return self.misfit("statistic", message);
        }
        if let Some(family) = family.filter(|family| !families.contains(family)) {
            let message = format!(
                "`{}` is not used under protocol {}: {} is",
                family.slug(),
                self.rules.protocol,
                listed(families.iter().map(|family| family.slug().to_owned()))
            );
            self.misfit("statistic.family", message);
        }
        if let Some(level) = level.filter(|level| !Level::CHANGING.contains(level)) {
            self.misfit("statistic.level", format!("`{}` changes nothing", level.slug()));
        }
    }

    /// Whether a value is one of a facet whose values the scorer knows.
    fn value(&mut self, field: &str, facet: &str, value: &str) {
        let facets = self.rules.task.file.scorer.scorer().facets.iter();
        let closed = facets.filter(|known| known.name == facet && !known.values.is_empty());
        let mut unknown = closed.filter(|known| !known.values.contains(&value));
        if let Some(facet) = unknown.next() {
            let hint = hint(value, facet.values.iter().copied());
            let message = format!("`{value}` is no value of the facet `{}`: {hint}", facet.name);
            self.misfit(field, message);
        }
    }

    fn facets(&mut self) {
        for (facet, value) in &self.metric.select {
            self.value(&format!("select.{facet}"), facet, value);
        }
    }

    fn range(&mut self) {
        let Some((least, most)) = reach::of_metric(self.rules, self.metric) else { return };
        // The widest that any protocol allows.
        let (least, most) = self.metric.protocols.iter().fold((least, most), |(low, high), one| {
            let other = reach::of_metric(&self.rules.under(*one), self.metric);
            other.map_or((low, high), |(least, most)| (low.min(least), high.max(most)))
        });
        let (low, high) = self.metric.range;
        if low < least - 1e-9 || high > most + 1e-9 {
            let message = format!(
                "{low} to {high} is out of reach: `{}` of this measure lies between {least} and {most}",
                kind_of(&self.metric.statistic)
            );
            self.misfit("range", message);
        }
    }
}

/// The word by which task files name a statistic.
fn kind_of(statistic: &Statistic) -> String {
    let value = serde_json::to_value(statistic).unwrap_or_default();
    value.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}
