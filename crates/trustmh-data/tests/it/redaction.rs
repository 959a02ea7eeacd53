//! How much the rules of redaction find and how much they miss. The figures stand in docs/redaction.md, and this test keeps them true.
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use trustmh_data::redact::{Finding, Kind, Redactor};
use trustmh_stats::proportion::wilson;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: u32,
    language: String,
    text: String,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    kind: Kind,
    text: String,
}

/// What was found of one line.
struct Outcome<'l> {
    line: &'l Line,
    spans: Vec<(Kind, Range<usize>)>,
    findings: Vec<Finding>,
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn lines() -> Vec<Line> {
    let text = fs::read_to_string(root("fixtures/redaction/lines.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

impl<'l> Outcome<'l> {
    fn of(line: &'l Line) -> Self {
        let mut spans = Vec::new();
        let mut done = 0;
        for span in &line.spans {
            let place = line.text[done..].find(&span.text);
            let start = done + place.unwrap_or_else(|| panic!("{}: no `{}`", line.id, span.text));
            done = start + span.text.len();
            spans.push((span.kind, start..done));
        }
        Self { line, spans, findings: Redactor::built_in().findings(&line.text) }
    }

    /// Whether no letter or digit of a span is left.
    fn is_found(&self, span: &Range<usize>) -> bool {
        self.line.text[span.clone()].char_indices().all(|(place, letter)| {
            let place = span.start + place;
            !letter.is_alphanumeric()
                || self.findings.iter().any(|finding| finding.range.contains(&place))
        })
    }

    /// Findings where nothing had to go.
    fn false_alarms(&self) -> Vec<&Finding> {
        let overlaps = |finding: &Finding| {
            self.spans
                .iter()
                .any(|(_, span)| span.start < finding.range.end && finding.range.start < span.end)
        };
        self.findings.iter().filter(|finding| !overlaps(finding)).collect()
    }
}

#[test]
fn tuning() {
    let lines = lines();
    for line in lines.iter().filter(|line| line.id % 2 == 1) {
        let outcome = Outcome::of(line);
        let missed: Vec<_> = outcome
            .spans
            .iter()
            .filter(|(_, span)| !outcome.is_found(span))
            .map(|(k, s)| (k, &line.text[s.clone()]))
            .collect();
        let alarms: Vec<_> = outcome
            .false_alarms()
            .iter()
            .map(|f| (f.kind, line.text[f.range.clone()].to_owned()))
            .collect();
        let wide: Vec<_> = outcome
            .findings
            .iter()
            .filter(|f| {
                outcome.spans.iter().any(|(_, s)| {
                    s.start < f.range.end
                        && f.range.start < s.end
                        && (f.range.start < s.start || f.range.end > s.end)
                })
            })
            .map(|f| &line.text[f.range.clone()])
            .collect();
        if !missed.is_empty() || !alarms.is_empty() || !wide.is_empty() {
            println!(
                "{} missed {missed:?} alarms {alarms:?} wide {wide:?}\n    {}",
                line.id,
                Redactor::built_in().redact(&line.text).text
            );
        }
    }
}
