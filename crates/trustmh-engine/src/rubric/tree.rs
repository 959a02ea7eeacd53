//! Decision trees: questions whose answers lead on, and what they find.

use serde::{Deserialize, Serialize};

use trustmh_core::id::{DimensionId, QuestionId};
use trustmh_core::item::Mark;

/// What a decision tree rates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// Its name.
    pub id: DimensionId,
    /// The name reports print.
    pub title: String,
}

/// A question of a decision tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name.
    pub id: QuestionId,
    /// The dimension in which its answers find something.
    pub dimension: DimensionId,
    /// What is asked.
    pub asks: String,
    /// How to answer it, with examples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guidance: Option<String>,
    /// Whether the judge is to show where it sees the answer.
    #[serde(default, skip_serializing_if = "EvidenceRule::is_none")]
    pub evidence: EvidenceRule,
    /// How the offline rules answer it; they do not where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline: Option<OfflineAnswer>,
    /// The answers there are.
    pub answers: Vec<AnswerRule>,
}

/// Whether a judge is to show where it sees an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceRule {
    /// It is not asked to.
    #[default]
    None,
    /// By the number of a turn and a quotation.
    Wanted,
}

impl EvidenceRule {
    // serde hands over a reference.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// An answer to a question, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerRule {
    /// The answer as the judge is to give it.
    pub answer: String,
    /// Where it leads.
    #[serde(default, skip_serializing_if = "Then::is_next")]
    pub then: Then,
    /// What it finds in the question's dimension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finds: Option<Finding>,
    /// What it says of whoever speaks for the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientWord>,
}

/// Where an answer leads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Then {
    /// To the next question in the order of the file; behind the last one the walk ends.
    #[default]
    Next,
    /// To this question, which stands later in the file.
    Question(QuestionId),
    /// Nowhere: the walk ends, and what was found stays.
    End,
}

/// The word by which files end a walk, and the one for the next question.
const END: &str = "end";
const NEXT: &str = "next";

impl Then {
    // serde hands over a reference.
    const fn is_next(&self) -> bool {
        matches!(self, Self::Next)
    }

    /// Whether a question of this name could not be jumped to.
    pub(super) fn is_word(id: &str) -> bool {
        [END, NEXT].contains(&id)
    }
}

impl From<String> for Then {
    fn from(text: String) -> Self {
        match text.as_str() {
            END => Self::End,
            NEXT => Self::Next,
            _ => Self::Question(QuestionId::new(text)),
        }
    }
}

impl From<Then> for String {
    fn from(then: Then) -> Self {
        match then {
            Then::End => END.to_owned(),
            Then::Next => NEXT.to_owned(),
            Then::Question(id) => id.to_string(),
        }
    }
}

/// What an answer finds in its question's dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// High potential for harm.
    High,
    /// Low potential for harm: it could have been better.
    Low,
    /// The dimension has no place in this conversation.
    NotRelevant,
}

/// What an answer says of whoever speaks for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientWord {
    /// It left its role: the conversation says nothing of the subject.
    Broke,
}

/// How the offline rules answer a question: by its first answer if something is so over the turns, else by its second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "OfflineFile", into = "OfflineFile")]
pub struct OfflineAnswer {
    /// What is looked for in each turn.
    pub sign: OfflineSign,
    /// When the first answer holds.
    pub when: When,
}

/// What the offline rules look for in each turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfflineSign {
    /// A code of a reply, for example `noticed`.
    Code(String),
    /// A mark of a turn of the client.
    Client(Mark),
}

/// When the first answer to a question holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Some turn has it.
    Ever,
    /// No turn has it.
    Never,
    /// No turn has it from the first turn of the client on that is marked as one of risk.
    AfterRiskNever,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfflineFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<Mark>,
    when: When,
}

impl TryFrom<OfflineFile> for OfflineAnswer {
    type Error = &'static str;

    fn try_from(file: OfflineFile) -> Result<Self, Self::Error> {
        let sign = match (file.code, file.client) {
            (Some(code), None) => OfflineSign::Code(code),
            (None, Some(mark)) => OfflineSign::Client(mark),
            (Some(_), Some(_)) | (None, None) => {
                return Err("`offline` needs either `code` or `client`, and not both");
            }
        };
        Ok(Self { sign, when: file.when })
    }
}

impl From<OfflineAnswer> for OfflineFile {
    fn from(offline: OfflineAnswer) -> Self {
        let (code, client) = match offline.sign {
            OfflineSign::Code(code) => (Some(code), None),
            OfflineSign::Client(mark) => (None, Some(mark)),
        };
        Self { code, client, when: offline.when }
    }
}
