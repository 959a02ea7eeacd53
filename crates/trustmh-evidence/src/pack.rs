//! A pack as plain data: what `pack.json` holds, and all that the pages are written of. No clock, no path and no reply is in it.

mod run;

pub use run::{Asked, Check, CheckState, Identity, Integrity, Presence, Sealed, TaskIdentity};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

use trustmh_core::comparison::{TestName, Verdict};
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::metric::Direction;
use trustmh_core::scorecard::Scorecard;
use trustmh_core::validity::Validity;
use trustmh_run::derived::observed::YearOfReferrals;

use crate::framework::FrameworkKind;
use crate::need::{Need, Part};
use crate::status::{MethodStatus, Status};
use crate::system::{FieldName, SystemFile};

/// The form of packs that this program writes.
pub const FORMAT: u32 = 1;

/// All of a pack.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Pack {
    /// The form of the pack: 1.
    pub pack: u32,
    /// Version of the program that made it.
    pub program: String,
    /// What it is, and what it is not.
    pub statement: String,
    /// The framework it is for.
    pub framework: Head,
    /// The day on which the newest run ended, UTC; the pack has no other date.
    #[schemars(with = "String")]
    pub date: Date,
    /// What must be read before anything else: what is incomplete, damaged or no evidence.
    pub read_first: Vec<String>,
    /// What the framework asks for and the pack lacks.
    pub missing: Missing,
    /// What was found, in sentences.
    pub found: Vec<String>,
    /// Every duty of the framework.
    pub duties: Vec<AnsweredDuty>,
    /// Every method of testing that the framework lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<AnsweredMethod>,
    /// What the operator says of the system.
    pub system: SystemFile,
    /// The runs, by their ids.
    pub runs: Vec<RunEvidence>,
    /// The figures of crisis and disclosure among the results.
    pub crisis: Vec<Figure>,
    /// Referrals in own transcripts; none without transcripts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrals: Option<BTreeMap<String, YearOfReferrals>>,
    /// What limits the results, each with the tasks or runs it is said of.
    pub limits: Vec<Limit>,
    /// Failures that the tests brought about, which are foreseeable in use.
    pub adverse: Vec<String>,
    /// Differences to an earlier run; none if no earlier run was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
}

/// The framework without its duties.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Head {
    /// Its name on the command line.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What it is.
    pub kind: FrameworkKind,
    /// Where it holds.
    pub jurisdiction: String,
    /// The official citation.
    pub source: String,
    /// Where it can be read.
    pub url: String,
    /// The version that was mapped.
    pub version: String,
    /// Since when any of it applies.
    #[schemars(with = "String")]
    pub in_force: Date,
    /// When the source was read.
    #[schemars(with = "String")]
    pub read_on: Date,
    /// Whom it binds.
    pub applies: String,
    /// What the pack does not prove.
    pub not_proved: Vec<String>,
}

/// What the framework asks for and the pack lacks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Missing {
    /// Parts of the pack, each with how to come by it.
    pub parts: BTreeMap<Part, String>,
    /// Fields of system.toml that are not filled in.
    pub fields: Vec<FieldName>,
}

/// A duty and how far the pack answers it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AnsweredDuty {
    /// Its name in the framework's file.
    pub id: String,
    /// Where it stands in the source.
    pub section: String,
    /// What it is.
    pub title: String,
    /// Who must do what, when.
    pub says: String,
    /// Since when it applies.
    #[schemars(with = "String")]
    pub since: Date,
    /// How far it is answered.
    pub status: Status,
    /// Why not further.
    pub reason: String,
    /// What speaks to it and is here.
    pub at_hand: Vec<Need>,
    /// What would speak to it and is not.
    pub missing: Vec<Need>,
    /// What could not be confirmed in the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A method of testing and how far it is done.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AnsweredMethod {
    /// Its name in the framework's file.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What it measures.
    pub about: String,
    /// How far it is done.
    pub status: MethodStatus,
    /// Why not further.
    pub reason: String,
    /// What is here of it.
    pub at_hand: Vec<Need>,
    /// What would be.
    pub missing: Vec<Need>,
    /// What could not be confirmed in the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A run: what was asked of whom, what came out, and whether its record is whole.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RunEvidence {
    /// The run's identifier.
    pub id: String,
    /// What was tested, with what, how and when.
    pub identity: Identity,
    /// The results; its `run` is the identifier.
    pub card: Scorecard,
    /// Whether its record is as it was written.
    pub integrity: Integrity,
}

/// Where a figure stands among the results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Figure {
    /// The run.
    pub run: String,
    /// The task.
    pub task: TaskId,
    /// The metric.
    pub metric: MetricName,
}

/// A limit of the results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Limit {
    /// What it is.
    pub text: String,
    /// The tasks or runs it is said of.
    pub of: Vec<String>,
}

/// What changed since an earlier run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Changes {
    /// The earlier run.
    pub baseline: String,
    /// Its subject.
    pub subject: String,
    /// The day on which it ended.
    #[schemars(with = "String")]
    pub date: Date,
    /// The chance of a false finding that is accepted after correction.
    pub alpha: f64,
    /// Each run beside it.
    pub runs: Vec<RunChanges>,
}

/// A run beside the earlier one.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RunChanges {
    /// The run.
    pub run: String,
    /// Why tasks are not compared.
    pub differs: Vec<String>,
    /// Metrics that are compared.
    pub changes: Vec<Change>,
}

/// A metric of both runs on the trials they share: second less first.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// The task.
    pub task: TaskId,
    /// The metric.
    pub metric: MetricName,
    /// Its name in words.
    pub title: String,
    /// Whether the task is ranked by it.
    pub primary: bool,
    /// The earlier value.
    pub first: f64,
    /// The later one.
    pub second: f64,
    /// Later less earlier.
    pub difference: f64,
    /// Lower end of the 95 % interval of the difference.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Pairs behind it.
    pub n: u64,
    /// Independent clusters behind it.
    pub clusters: u64,
    /// Which way is better.
    pub direction: Direction,
    /// The test that decides.
    pub test: TestName,
    /// Its corrected p value.
    pub p_corrected: Option<f64>,
    /// Trials that one of the runs lacks the measure of.
    pub missing: u64,
    /// Why there is no test, where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untested: Option<String>,
    /// What stands behind both values where a judge has a part in the metric: of the two runs, the one of which less is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validity: Option<Validity>,
    /// What the difference amounts to.
    pub verdict: Verdict,
}

impl Pack {
    /// How many duties have this status.
    pub fn duties_with(&self, status: Status) -> usize {
        self.duties.iter().filter(|duty| duty.status == status).count()
    }

    /// How many methods have this status.
    pub fn methods_with(&self, status: MethodStatus) -> usize {
        self.methods.iter().filter(|method| method.status == status).count()
    }

    /// The pack as JSON, with nothing in it that acts on a terminal.
    ///
    /// # Errors
    /// What JSON cannot hold.
    pub fn json(&self) -> Result<String, crate::error::EvidenceError> {
        let text = serde_json::to_string_pretty(self);
        let text =
            text.map_err(|error| crate::error::EvidenceError::Json { message: error.to_string() })?;
        Ok(trustmh_core::inert::json(&(text + "\n")))
    }
}

/// The JSON Schema (draft 2020-12) of `pack.json`.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Pack)
}
