//! How the trials of a log were scored, where it is one of this program: what a run needs to come to the same numbers again.

use serde::{Deserialize, Serialize};

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
}
