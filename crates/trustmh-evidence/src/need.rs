//! What a duty needs to be shown: a part of the pack, or a field of system.toml.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use strum::{EnumString, IntoStaticStr, VariantArray};

use trustmh_core::pillar::Pillar;

use crate::system::{FieldName, UnknownField};

/// A part of a pack that may be there or not.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Part {
    /// Program and version, tasks, data with hashes, prompts, rubrics, judge, seeds, dates.
    TestIdentity,
    /// Every metric with value, interval, n and clusters.
    Results,
    /// What is missing, refused, failed, and bounds for it.
    Outcomes,
    /// Results by language, label, identity, theme.
    Subgroups,
    /// Test results of the pillar.
    Reliability,
    /// Test results of the pillar.
    Crisis,
    /// Test results of the pillar.
    Safety,
    /// Test results of the pillar.
    Fairness,
    /// Test results of the pillar.
    Privacy,
    /// Test results of the pillar.
    Robustness,
    /// Test results of the pillar.
    Sycophancy,
    /// Test results of the pillar.
    Ethics,
    /// Test results over whole invented conversations.
    Conversations,
    /// The operator's transcripts: crisis turns, referrals.
    ObservedCrisis,
    /// The operator's transcripts: referral notifications by calendar year.
    ObservedReferrals,
    /// The operator's transcripts: whether they say that it is an AI.
    ObservedDisclosure,
    /// The operator's transcripts: signals of dependency.
    ObservedDependency,
    /// Invented conversations in which the person asks who writes.
    TestedDisclosure,
    /// Agreement of the judge with people.
    JudgeValidity,
    /// Caveats of tasks, foreseeable adverse outcomes.
    Limits,
    /// Paired differences to an earlier run.
    ChangeLog,
    /// Hash chain, seal, manifest of SHA-256.
    RecordIntegrity,
}

/// Why a part that comes of transcripts is not there.
const NO_TRANSCRIPTS: &str = "give a run made of your own transcripts, too";

impl Part {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The word in framework files.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// The pillar whose test results it is, if it is that.
    pub const fn pillar(self) -> Option<Pillar> {
        match self {
            Self::Reliability => Some(Pillar::Reliability),
            Self::Crisis => Some(Pillar::Crisis),
            Self::Safety => Some(Pillar::Safety),
            Self::Fairness => Some(Pillar::Fairness),
            Self::Privacy => Some(Pillar::Privacy),
            Self::Robustness => Some(Pillar::Robustness),
            Self::Sycophancy => Some(Pillar::Sycophancy),
            Self::Ethics => Some(Pillar::Ethics),
            Self::TestIdentity
            | Self::Results
            | Self::Outcomes
            | Self::Subgroups
            | Self::Conversations
            | Self::ObservedCrisis
            | Self::ObservedReferrals
            | Self::ObservedDisclosure
            | Self::ObservedDependency
            | Self::TestedDisclosure
            | Self::JudgeValidity
            | Self::Limits
            | Self::ChangeLog
            | Self::RecordIntegrity => None,
        }
    }

    /// What it is called in a pack.
    pub const fn title(self) -> &'static str {
        match self {
            Self::TestIdentity => "identity of the tests",
            Self::Results => "results",
            Self::Outcomes => "how the trials ended",
            Self::Subgroups => "results by subgroup",
            Self::Reliability => "tests of reliability",
            Self::Crisis => "tests of behaviour in a crisis",
            Self::Safety => "tests of safety",
            Self::Fairness => "tests of fairness",
            Self::Privacy => "tests of privacy",
            Self::Robustness => "tests of robustness",
            Self::Sycophancy => "tests of sycophancy",
            Self::Ethics => "tests of ethics",
            Self::Conversations => "tests over whole conversations",
            Self::ObservedCrisis => "crisis turns in own transcripts",
            Self::ObservedReferrals => "referrals in own transcripts, by year",
            Self::ObservedDisclosure => "AI disclosure in own transcripts",
            Self::ObservedDependency => "signals of dependency in own transcripts",
            Self::TestedDisclosure => "tests of AI disclosure",
            Self::JudgeValidity => "the judge checked against human ratings",
            Self::Limits => "limits",
            Self::ChangeLog => "changes since an earlier run",
            Self::RecordIntegrity => "integrity of the record",
        }
    }

    /// The section of a pack where it stands.
    pub const fn section(self) -> &'static str {
        match self {
            Self::TestIdentity => "identity",
            Self::Results
            | Self::Outcomes
            | Self::Subgroups
            | Self::Reliability
            | Self::Safety
            | Self::Fairness
            | Self::Privacy
            | Self::Robustness
            | Self::Sycophancy
            | Self::Ethics => "results",
            Self::Crisis
            | Self::Conversations
            | Self::ObservedCrisis
            | Self::ObservedDisclosure
            | Self::ObservedDependency
            | Self::TestedDisclosure => "crisis",
            Self::ObservedReferrals => "referrals",
            Self::JudgeValidity => "judge",
            Self::Limits => "limits",
            Self::ChangeLog => "changes",
            Self::RecordIntegrity => "integrity",
        }
    }

    /// How the operator comes by it where it is missing.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::TestIdentity | Self::Results | Self::Outcomes | Self::Limits => {
                "give a run in which something was scored"
            }
            Self::Subgroups => "run tasks whose items carry groups, such as fairness/parity",
            Self::Reliability => "run the tasks of reliability",
            Self::Crisis => "run the tasks of crisis",
            Self::Safety => "run the tasks of safety",
            Self::Fairness => "run the tasks of fairness",
            Self::Privacy => "run the tasks of privacy",
            Self::Robustness => "run the tasks of robustness",
            Self::Sycophancy => "run the tasks of sycophancy",
            Self::Ethics => "run the tasks of ethics",
            Self::Conversations => "run tasks of the suite conversations",
            Self::ObservedCrisis
            | Self::ObservedReferrals
            | Self::ObservedDisclosure
            | Self::ObservedDependency => NO_TRANSCRIPTS,
            Self::TestedDisclosure => "run crisis/conversation or ethics/dependency",
            Self::JudgeValidity => {
                "use a judge that was checked against human ratings: see validate"
            }
            Self::ChangeLog => "name an earlier run of the same tasks with --baseline",
            Self::RecordIntegrity => "mend or replace the run whose record is damaged",
        }
    }
}

/// A part of the pack or a field of system.toml.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Need {
    /// A part of the pack.
    Part(Part),
    /// A field of system.toml.
    Field(FieldName),
}

impl FromStr for Need {
    type Err = UnknownField;

    fn from_str(text: &str) -> Result<Self, UnknownField> {
        match text.parse::<Part>() {
            Ok(part) => Ok(Self::Part(part)),
            Err(_) => text.parse().map(Self::Field),
        }
    }
}

impl TryFrom<String> for Need {
    type Error = UnknownField;

    fn try_from(text: String) -> Result<Self, UnknownField> {
        text.parse()
    }
}

impl From<Need> for String {
    fn from(need: Need) -> Self {
        need.to_string()
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Part(part) => f.write_str(part.slug()),
            Self::Field(field) => field.fmt(f),
        }
    }
}

impl JsonSchema for Need {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Need".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}
