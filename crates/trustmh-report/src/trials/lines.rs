//! Trials as JSON lines.

use serde_json::{Value, json};
use std::io::Write;

use trustmh_core::inert;
use trustmh_core::row::TrialRow;

use super::{TableError, flags, unanswered};

/// Writes trials as JSON, one object a line: the columns of [`super`] by name, facets and measures as objects, flags, messages and
/// verdicts as lists. Texts are as they came; characters that act on a terminal are written as `\uXXXX`.
pub struct JsonLineTrials<W: Write> {
    out: W,
}

impl<W: Write> JsonLineTrials<W> {
    /// Begins a file.
    pub fn begin(out: W) -> Self {
        Self { out }
    }

    /// Adds a trial.
    ///
    /// # Errors
    /// [`TableError::Write`].
    pub fn add(&mut self, row: &TrialRow) -> Result<(), TableError> {
        Ok(writeln!(self.out, "{}", inert::json(&line(row).to_string()))?)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`TableError::Write`].
    pub fn finish(mut self) -> Result<(), TableError> {
        Ok(self.out.flush()?)
    }
}

fn line(row: &TrialRow) -> Value {
    json!({
        "record": row.record.slug(),
        "trial": row.trial,
        "task": row.task,
        "item": row.item,
        "variant": row.variant,
        "repeat": row.repeat,
        "language": row.language,
        "cluster": row.cluster,
        "outcome": row.outcome.map_or("pending", |outcome| outcome.slug()),
        "unanswered": unanswered(row).map(|reason| reason.slug()),
        "verdict_missing": row.verdict_missing,
        "flags": flags(row),
        "tags": row.tags,
        "asked": row.messages,
        "thought": row.thought,
        "reply": row.reply,
        "answer": row.answer,
        "key": row.key,
        "verdicts": row.verdicts,
        "measures": row.measures,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::row;
    use super::*;

    #[test]
    fn a_line_is_an_object_with_what_was_read_beside_the_key() {
        let mut out = Vec::new();
        let mut lines = JsonLineTrials::begin(&mut out);
        lines.add(&row(1)).unwrap();
        lines.add(&row(2)).unwrap();
        lines.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        let read: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read.len(), 2);
        assert_eq!((read[0]["answer"].as_str(), read[0]["key"].as_str()), (Some("B"), Some("C")));
        assert_eq!(read[1]["measures"]["correct"], 1.0);
        assert_eq!(read[1]["reply"], "=1+1");
        assert!(read[0]["unanswered"].is_null());
    }
}
