//! How the trials of a log were planned and scored, where it is one of this program: what a run needs to come to the same numbers again.

use serde::{Deserialize, Serialize};

use trustmh_core::caps::Caps;
use trustmh_core::repeats::Repeats;
use trustmh_core::scorecard::{ClientName, ItemSource, JudgeName};

/// In the head of a log, in the metadata of the evaluation. Logs hold more beside it, for readers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnTerms {
    /// Who judged.
    pub judge: JudgeName,
    /// Who played the clients of conversations.
    pub client: ClientName,
    /// Seed of the intervals that are drawn, among others.
    pub seed: u64,
    /// Where the items were from.
    pub source: ItemSource,
    /// What was to be asked. Logs that were written before this was kept have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<OwnPlan>,
}

/// What was to be asked, whatever of it has a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPlan {
    /// Trials of one round.
    pub trials: u64,
    /// Rounds; where Inspect asked, it says how many in the log's head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Repeats>,
    /// A hash of the names of one round's trials, which is only ever compared with another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<String>,
    /// What bounds it.
    #[serde(default)]
    pub caps: Caps,
    /// Items that the languages asked for left out.
    #[serde(default)]
    pub other_languages: u64,
}
