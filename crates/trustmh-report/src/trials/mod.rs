//! Trials as tables for other programs: CSV, Parquet and JSON lines with the same columns.
//!
//! | column | type | what |
//! |---|---|---|
//! | `record` | text | whether the run is `complete`, `incomplete` or `repaired`, the same in every row |
//! | `trial` | text | the trial's identifier |
//! | `task`, `item`, `variant`, `language`, `cluster` | text | where it comes from; trials of one cluster are not independent |
//! | `repeat` | integer | which repeat, from 0 |
//! | `outcome` | text | `scored`, `refused`, `unparsed`, `unanswered`, `failed`, or `pending` |
//! | `unanswered` | text or nothing | why there is no answer: `empty`, or `cut` by the token limit or in thought |
//! | `verdict_missing` | text or nothing | why a wanted verdict is not there |
//! | `flags` | text | flags, separated by `; ` |
//! | `tags` | text | facets as a JSON object |
//! | `asked` | text | all messages, each with its role |
//! | `thought` | text or nothing | what the subject thought before its last reply; neither read nor judged |
//! | `reply` | text or nothing | the subject's last reply, without its thought |
//! | `answer` | text or nothing | the letter (as the subject saw it), label or number that was read from the reply |
//! | `key` | text or nothing | the right one |
//! | `verdicts` | text | what the judge answered, as a JSON array |
//! | `measure_…` | number or nothing | one column for each measure of the run |

mod csv;
mod items;
mod lines;
mod parquet;

pub use csv::{CsvTrials, cell};
pub use items::ParquetItems;
pub use lines::JsonLineTrials;
pub use parquet::ParquetTrials;

use trustmh_core::call::Unanswered;
use trustmh_core::outcome::Outcome;
use trustmh_core::row::TrialRow;

/// Text columns, in order; `repeat` and the measures stand beside them.
pub const TEXTS: [&str; 18] = [
    "record",
    "trial",
    "task",
    "item",
    "variant",
    "language",
    "cluster",
    "outcome",
    "unanswered",
    "verdict_missing",
    "flags",
    "tags",
    "asked",
    "thought",
    "reply",
    "answer",
    "key",
    "verdicts",
];

/// A table that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The disk, or whatever it is written to.
    #[error("writing the table failed: {0}")]
    Write(#[from] std::io::Error),
    /// What the Parquet library says.
    #[error("writing the Parquet file failed: {0}")]
    Parquet(#[from] ::parquet::errors::ParquetError),
}

/// The text columns of a row; nothing where a column may be empty.
fn texts(row: &TrialRow) -> [Option<String>; TEXTS.len()] {
    let asked = row
        .messages
        .iter()
        .map(|message| format!("[{}]\n{}", message.role.name(), message.content));
    [
        Some(row.record.slug().to_owned()),
        Some(row.trial.clone()),
        Some(row.task.to_string()),
        Some(row.item.clone()),
        Some(row.variant.clone()),
        Some(row.language.clone()),
        Some(row.cluster.clone()),
        Some(row.outcome.map_or("pending", |outcome| outcome.slug()).to_owned()),
        unanswered(row).map(|reason| reason.slug().to_owned()),
        row.verdict_missing.map(str::to_owned),
        Some(flags(row).join("; ")),
        Some(serde_json::json!(row.tags).to_string()),
        Some(asked.collect::<Vec<_>>().join("\n\n")),
        row.thought.clone(),
        row.reply.clone(),
        row.answer.clone(),
        row.key.clone(),
        Some(serde_json::json!(row.verdicts).to_string()),
    ]
}

fn flags(row: &TrialRow) -> Vec<&'static str> {
    row.flags.iter().map(|flag| flag.title()).collect()
}

fn unanswered(row: &TrialRow) -> Option<Unanswered> {
    match row.outcome? {
        Outcome::Unanswered(reason) => Some(reason),
        Outcome::Scored
        | Outcome::Refused
        | Outcome::Unparsed
        | Outcome::Failed
        | Outcome::BrokenClient => None,
    }
}

#[cfg(test)]
mod tests_support {
    use std::collections::BTreeMap;

    use trustmh_core::id::MeasureName;
    use trustmh_core::message::Message;
    use trustmh_core::outcome::Outcome;
    use trustmh_core::row::TrialRow;
    use trustmh_core::scorecard::RecordState;
    use trustmh_core::trial::Flag;

    /// An invented trial with a hostile reply.
    pub(super) fn row(number: usize) -> TrialRow {
        TrialRow {
            record: RecordState::Complete,
            trial: format!("ethics/reasoning:case-{number}:plain:0"),
            task: "ethics/reasoning".parse().unwrap(),
            item: format!("case-{number}"),
            variant: "plain".to_owned(),
            repeat: 0,
            language: "en".to_owned(),
            cluster: format!("case-{number}"),
            outcome: Some(Outcome::Scored),
            verdict_missing: None,
            flags: vec![Flag::CutShort],
            tags: BTreeMap::from([("theme".to_owned(), "trust".to_owned())]),
            measures: BTreeMap::from([(MeasureName::new("correct"), 1.0)]),
            messages: vec![Message::user("Which one?")],
            answer: Some("B".to_owned()),
            key: Some("C".to_owned()),
            thought: None,
            reply: Some("=1+1".to_owned()),
            verdicts: vec!["{\"a\": 1}".to_owned()],
            judged: BTreeMap::new(),
        }
    }
}
