//! Task files: one TOML file is one task, readable and changeable without Rust.

mod codebook;
mod metric;
mod protocol;

pub use metric::{
    Flip, Floor, FloorRule, LabelAveraging, MeanInterval, MetricRule, ParityPart, Statistic,
    UNANSWERED,
};

pub use protocol::{
    Expansion, ParserKind, PerturbationPlan, ProtocolRule, ProtocolRules, ReleaseBasis, Roles,
    TextDecoding, UnreadLabel,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

use trustmh_core::codebook::Codebook;
use trustmh_core::digest::Digest;
use trustmh_core::id::{DatasetId, MetricName, SuiteId, TaskId};
use trustmh_core::item::{Item, ItemKind};
use trustmh_core::metric::Direction;
use trustmh_core::pillar::Pillar;
use trustmh_core::protocol::Protocol;

use crate::error::EngineError;
use crate::plain::PlainWords;

/// The word for all tasks that are not asked by name alone.
pub const ALL_TASKS: &str = "all";

/// A task as its file describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskFile {
    /// `pillar/task`.
    pub id: TaskId,
    /// The set of tasks that it belongs to; without it `trustmh-bench` for the tasks that are built in, and `own` for all others. Only
    /// tasks of `trustmh-bench` enter pillar scores and ranks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<SuiteId>,
    /// Raised whenever a change makes results incomparable.
    pub version: u32,
    /// The name reports print.
    pub title: String,
    /// What the task asks of a model, in words a clinician would use.
    pub question: String,
    /// Which kind of record it asks.
    pub items: ItemKind,
    /// How replies are measured.
    pub scorer: ScorerKind,
    /// Papers and sets it rests on.
    pub sources: Vec<String>,
    /// Known weaknesses of data and metric; reports show them.
    pub caveats: Vec<String>,
    /// Where its items come from.
    pub dataset: DatasetRule,
    /// The rules by protocol.
    pub protocols: ProtocolRules,
    /// What is estimated.
    pub metrics: Vec<MetricRule>,
}

/// Where a task's items come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetRule {
    /// The published set, read with `--data`; none for a task that has only its own items.
    #[serde(default)]
    pub published: Option<DatasetId>,
    /// The starter file's name in benchmark/starter, without ending.
    pub starter: String,
    /// Only items with these tags.
    #[serde(default)]
    pub select: BTreeMap<String, String>,
}

impl DatasetRule {
    /// Whether the item has the tags that are asked for.
    pub fn fits(&self, item: &Item) -> bool {
        self.select.iter().all(|(facet, value)| item.tags.get(facet) == Some(value))
    }
}

/// What is measured on a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScorerKind {
    /// Whether the choice is the key; a judge scores the reasoning.
    ChoiceWithReasoning,
    /// The rating beside the human rating.
    RatingAgreement,
    /// Leaks and listings in the answers to the four questions.
    LeakQuestions,
    /// What the reply does with an unsuitable request.
    RefusalVerdict,
    /// Whether the choice is the key.
    MultipleChoice,
    /// How far the rating is from the item's key.
    RatingDistance,
    /// Whether emotion and cause are right.
    EmotionAndCause,
    /// The label given beside the item's own.
    Label,
    /// Quality of a supporter's turn by a judge, and its overlap with the human one.
    SupportQuality,
    /// How fitting a reply is to somebody in crisis.
    Escalation,
    /// Whether the reply endorses an action.
    Endorsement,
    /// How toxic the reply is.
    Toxicity,
    /// What a judge says in the fields of the task's rubrics.
    Judged,
    /// What the subject does over the turns of a conversation, and how far its client played its part.
    Conversation,
    /// How the answer to a question of a survey is coded.
    SurveyAnswer,
}

/// A task with the name and hash of its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// What the file says.
    pub file: TaskFile,
    /// The file as the user knows it.
    pub path: String,
    /// Hash of the file's bytes.
    pub digest: Digest,
    /// The suite it belongs to: what the file says, or what its origin makes of it.
    pub suite: SuiteId,
    /// The label schemes and rating scales to which its items refer.
    pub codebook: Arc<Codebook>,
    /// What reports say of it in plain words.
    pub plain: Option<Arc<PlainWords>>,
}

impl Task {
    /// Reads and checks a task file.
    ///
    /// # Errors
    /// [`EngineError::Malformed`] with the line where TOML or schema break, [`EngineError::Rule`] with
    /// the field where a rule across fields is broken.
    pub fn parse(path: &str, text: &str) -> Result<Self, EngineError> {
        let file: TaskFile =
            toml::from_str(text).map_err(|error| EngineError::toml(path, &error))?;
        check(path, &file)?;
        let (path, digest) = (path.to_owned(), Digest::of(text.as_bytes()));
        // Which tasks are built in only the benchmark knows.
        let suite = file.suite.clone().unwrap_or_else(SuiteId::own);
        Ok(Self { file, path, digest, suite, codebook: Arc::default(), plain: None })
    }

    /// Whether somebody plays a part in its trials that can be left. Whoever wrote to a product in use plays none.
    pub fn has_clients(&self) -> bool {
        self.file.scorer == ScorerKind::Conversation && self.suite != SuiteId::observed()
    }

    /// The rules of `protocol`.
    pub fn rule(&self, protocol: Protocol) -> &ProtocolRule {
        match protocol {
            Protocol::Reference => &self.file.protocols.reference,
            Protocol::Corrected => &self.file.protocols.corrected,
        }
    }

    /// The starter sets that are asked too under `protocol`, without `asked`, the one that is asked already.
    pub fn also<'t>(
        &'t self,
        protocol: Protocol,
        asked: Option<&'t String>,
    ) -> impl Iterator<Item = &'t String> {
        self.rule(protocol).also.iter().filter(move |name| Some(*name) != asked)
    }

    /// The metrics of `protocol`, in file order, and last the share of replies without an answer, which every task has.
    pub fn metrics(&self, protocol: Protocol) -> impl Iterator<Item = &MetricRule> {
        let of_every_task = std::iter::once(metric::unanswered_rate());
        let all = self.file.metrics.iter().chain(of_every_task);
        all.filter(move |metric| metric.protocols.contains(&protocol))
    }
}

fn check(path: &str, file: &TaskFile) -> Result<(), EngineError> {
    let broken = |field: &str, message: String| EngineError::rule(path, field, message);
    if let Some(fault) = file.suite.as_ref().and_then(fault_of_suite) {
        return Err(broken("suite", fault));
    }
    for (name, rule) in
        [("reference", &file.protocols.reference), ("corrected", &file.protocols.corrected)]
    {
        let field = |last: &str| format!("protocols.{name}.{last}");
        if rule.reasks > 0 && rule.reask.is_none() {
            let message =
                "must name a template that restates the format, since `reasks` is above 0";
            return Err(broken(&field("reask"), message.to_owned()));
        }
        if !(0.0..=2.0).contains(&rule.temperature) {
            return Err(broken(
                &field("temperature"),
                format!("{} is not in 0..2", rule.temperature),
            ));
        }
        if rule.max_tokens == 0 {
            return Err(broken(&field("max_tokens"), "must be above 0".to_owned()));
        }
    }
    if let Some(metric) = file.metrics.iter().find(|metric| metric.protocols.is_empty()) {
        let message = "is empty: the metric would never be estimated";
        return Err(broken(&format!("metrics.{}.protocols", metric.name), message.to_owned()));
    }
    for protocol in Protocol::ALL {
        check_metrics(file, protocol).map_err(|(field, message)| broken(&field, message))?;
    }
    Ok(())
}

/// `--tasks` takes the names of suites beside those of pillars, and `all`.
fn fault_of_suite(suite: &SuiteId) -> Option<String> {
    let name = suite.as_str();
    let is_slug = |name: &str| {
        let fits = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        !name.is_empty() && name.chars().all(fits)
    };
    if !is_slug(name) {
        return Some(format!("`{name}` may hold only lower-case letters, digits and hyphens"));
    }
    (name == ALL_TASKS || name.parse::<Pillar>().is_ok())
        .then(|| format!("`{name}` means something else to --tasks; name the suite otherwise"))
}

fn check_metrics(file: &TaskFile, protocol: Protocol) -> Result<(), (String, String)> {
    let mut seen: Vec<&MetricName> = Vec::new();
    let mut primaries = 0;
    for metric in file.metrics.iter().filter(|metric| metric.protocols.contains(&protocol)) {
        let field = |last: &str| format!("metrics.{}.{last}", metric.name);
        if metric.name == metric::unanswered_rate().name {
            let message = "every task has this metric without saying so".to_owned();
            return Err((field("name"), message));
        }
        if seen.contains(&&metric.name) {
            return Err((field("name"), format!("occurs twice under protocol {protocol}")));
        }
        let (low, high) = metric.range;
        if low.is_nan() || high.is_nan() || low >= high {
            return Err((field("range"), format!("{low} is not below {high}")));
        }
        if let Some(fault) = metric.fault_of_anchors() {
            return Err((field("anchors"), fault));
        }
        let is_primary = !metric.primary.is_empty();
        if is_primary && metric.direction == Direction::None {
            let message = "a task is ranked by its primary metric, so one way must be better";
            return Err((field("direction"), message.to_owned()));
        }
        // Metrics are estimated in file order, so a mean can only be of what stands before it.
        if let Statistic::MeanOf { metrics } = &metric.statistic
            && let Some(missing) = metrics.iter().find(|name| !seen.contains(name))
        {
            let message =
                format!("names `{missing}`, which is no earlier metric of protocol {protocol}");
            return Err((field("statistic"), message));
        }
        primaries += usize::from(metric.primary.contains(&protocol));
        seen.push(&metric.name);
    }
    if primaries == 1 {
        Ok(())
    } else {
        let message = format!("{primaries} metrics are primary under protocol {protocol}, not one");
        Err(("metrics".to_owned(), message))
    }
}

/// The word by which task files name a value of an enum.
pub fn word(value: &impl Serialize) -> String {
    let word = serde_json::to_value(value).ok();
    word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// The JSON Schema of task files.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(TaskFile)
}
