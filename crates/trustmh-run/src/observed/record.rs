//! What a manifest says of transcripts.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use trustmh_core::digest::Digest;

/// Transcripts as they were read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// The files, by name.
    pub files: BTreeMap<String, ObservedFile>,
    /// Conversations.
    pub conversations: u64,
    /// Turns of both sides in them.
    pub turns: u64,
    /// Records that could not be read.
    pub unread: u64,
    /// The hash of the list that names each of them, in the run's folder; none where all could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread_list: Option<Digest>,
    /// What was taken out of texts before anything else was done with them; none where texts are as they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<Redaction>,
    /// Columns by which every figure is split.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
}

/// A file of transcripts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObservedFile {
    /// Its form, as it was found out or given.
    pub format: String,
    /// The hash of its bytes.
    pub digest: Digest,
    /// Conversations made of it.
    pub conversations: u64,
    /// Turns in them.
    pub turns: u64,
    /// Records in it that could not be read.
    pub unread: u64,
}

/// What was replaced, and by which rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// The version of the rules.
    pub rules: u32,
    /// How many of each kind were replaced.
    pub replaced: BTreeMap<String, u64>,
}

impl Observed {
    /// What is said first where records could not be read.
    pub fn unread_note(&self) -> Option<String> {
        (self.unread > 0).then(|| {
            format!(
                "{} records of the transcripts could not be read and are in no figure; each may have been a conversation, and bounds allow for that. \
                 {} in the run's folder names them.",
                self.unread,
                super::UNREAD
            )
        })
    }

    /// What was taken out, in words.
    pub fn redaction_note(&self) -> String {
        match &self.redaction {
            None => "Texts were judged as they are: nothing was redacted.".to_owned(),
            Some(redaction) => {
                let of_kind = redaction.replaced.iter();
                let kinds: Vec<String> =
                    of_kind.map(|(kind, count)| format!("{count} {kind}")).collect();
                let replaced =
                    if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") };
                format!(
                    "Redacted by rules version {} before anything was sent or stored: {replaced}. Rules miss some (docs/redaction.md).",
                    redaction.rules
                )
            }
        }
    }
}
