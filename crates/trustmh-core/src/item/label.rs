//! Texts with labels, and the schemes the labels belong to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::protocol::Protocol;

/// Which labels a text is to be given.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum LabelScheme {
    /// What a post is about: depression, suicidal-thoughts, anxiety, bipolar, other.
    Posts,
    /// Level of depression, 0 to 3.
    Depression,
    /// Level of suicide risk, 0 to 3.
    SuicideRisk,
    /// Which crisis a message tells of, if any (LLMs-Mental-Health-Crisis).
    Crisis,
    /// How severe the suicide risk in somebody's posts is (C-SSRS, doi 10.1145/3308558.3313698).
    Severity,
    /// Level of the Columbia scale that a post reaches, 0 to 6 (arXiv 2505.13480).
    Columbia,
}

impl LabelScheme {
    /// All schemes.
    pub const ALL: [Self; 6] = [
        Self::Posts,
        Self::Depression,
        Self::SuicideRisk,
        Self::Crisis,
        Self::Severity,
        Self::Columbia,
    ];

    /// The scheme of this word.
    pub fn named(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.slug() == slug)
    }

    /// The word used in files.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Depression => "depression",
            Self::SuicideRisk => "suicide-risk",
            Self::Crisis => "crisis",
            Self::Severity => "severity",
            Self::Columbia => "columbia",
        }
    }

    /// The labels, in the order in which prompts list them; ordered schemes begin with the lowest.
    pub const fn labels(self) -> &'static [&'static str] {
        match self {
            Self::Posts => &["depression", "suicidal-thoughts", "anxiety", "bipolar", "other"],
            Self::Depression | Self::SuicideRisk => &["0", "1", "2", "3"],
            Self::Crisis => &[
                "suicidal_ideation",
                "self-harm",
                "anxiety_crisis",
                "violent_thoughts",
                "substance_abuse_or_withdrawal",
                "risk_taking_behaviours",
                "no_crisis",
            ],
            Self::Severity => &["supportive", "indicator", "ideation", "behavior", "attempt"],
            Self::Columbia => &["0", "1", "2", "3", "4", "5", "6"],
        }
    }

    /// The label that a spelling stands for: the label itself in any case, or one of the spellings listed
    /// here, blanks around it aside. No other spelling is guessed at.
    pub fn spelled(self, spelling: &str) -> Option<&'static str> {
        let said = spelling.trim().to_lowercase();
        let known = self.labels().iter().copied().find(|label| *label == said);
        known.or_else(|| {
            let listed = self.other_spellings().iter().find(|(spelling, _)| *spelling == said);
            listed.map(|(_, label)| *label)
        })
    }

    const fn other_spellings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Posts => &[
                ("suicidal thoughts", "suicidal-thoughts"),
                ("suicidal_thoughts", "suicidal-thoughts"),
            ],
            Self::Crisis => &[
                ("suicidal ideation", "suicidal_ideation"),
                ("suicidal-ideation", "suicidal_ideation"),
                ("self_harm", "self-harm"),
                ("self harm", "self-harm"),
                ("anxiety crisis", "anxiety_crisis"),
                ("anxiety-crisis", "anxiety_crisis"),
                ("violent thoughts", "violent_thoughts"),
                ("violent-thoughts", "violent_thoughts"),
                ("substance_abuse/withdrawal", "substance_abuse_or_withdrawal"),
                ("substance abuse/withdrawal", "substance_abuse_or_withdrawal"),
                ("substance abuse or withdrawal", "substance_abuse_or_withdrawal"),
                ("substance-abuse-or-withdrawal", "substance_abuse_or_withdrawal"),
                ("risk_taking_behaviors", "risk_taking_behaviours"),
                ("risk-taking_behaviours", "risk_taking_behaviours"),
                ("risk-taking behaviours", "risk_taking_behaviours"),
                ("risk-taking behaviors", "risk_taking_behaviours"),
                ("risk taking behaviours", "risk_taking_behaviours"),
                ("risk taking behaviors", "risk_taking_behaviours"),
                ("risk-taking-behaviours", "risk_taking_behaviours"),
                ("no crisis", "no_crisis"),
                ("no-crisis", "no_crisis"),
            ],
            Self::Severity => &[("behaviour", "behavior")],
            Self::Depression | Self::SuicideRisk | Self::Columbia => &[],
        }
    }

    /// The level of a label, from 0, in schemes whose labels are ordered.
    pub fn level(self, label: &str) -> Option<f64> {
        match self {
            Self::Posts | Self::Crisis => None,
            Self::Depression | Self::SuicideRisk | Self::Severity | Self::Columbia => {
                let place = self.labels().iter().position(|known| *known == label)?;
                Some(place as f64)
            }
        }
    }

    /// Whether a label calls for action, in schemes that know the difference: any crisis, and suicidal
    /// ideation or more.
    pub fn alarms(self, label: &str) -> Option<bool> {
        match self {
            Self::Crisis => Some(label != "no_crisis"),
            Self::Severity => self.level(label).map(|level| level >= 2.0),
            Self::Posts | Self::Depression | Self::SuicideRisk | Self::Columbia => None,
        }
    }
}

/// A text with the label that people, or the place it was posted in, gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Labelled {
    /// The labels to choose from.
    pub scheme: LabelScheme,
    /// Earlier posts of the same author, the oldest first; the first to go where the text is too long for
    /// the subject.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<String>,
    /// A post, or a dialogue with one speaker a line.
    pub text: String,
    /// The right label; none where those who labelled did not agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// By which label the release scored.
    #[serde(default, skip_serializing_if = "ReleasedLabel::is_same")]
    pub released: ReleasedLabel,
}

impl Labelled {
    /// The label that counts as right under a protocol, if there is one.
    pub fn gold(&self, protocol: Protocol) -> Option<&str> {
        match (protocol, &self.released) {
            (Protocol::Reference, ReleasedLabel::Other(label)) => Some(label),
            (Protocol::Reference, ReleasedLabel::Missing) => None,
            (Protocol::Reference, ReleasedLabel::Same) | (Protocol::Corrected, _) => {
                self.label.as_deref()
            }
        }
    }
}

/// The label by which a release scored, beside the right one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReleasedLabel {
    /// The same.
    #[default]
    Same,
    /// None: it left the text out.
    Missing,
    /// This one.
    Other(String),
}

impl ReleasedLabel {
    fn is_same(&self) -> bool {
        *self == Self::Same
    }
}
