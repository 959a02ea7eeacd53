//! How much the rules of redaction find and how much they miss. The figures stand in docs/redaction.md, and this test keeps them true.
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

/// "en" and "zh" by their names.
const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("zh", "Chinese")];

/// Found spans of spans, with the share and its interval.
fn recall(spans: &[(Kind, bool)], kind: Option<Kind>) -> String {
    let of_kind = spans.iter().filter(|(of, _)| kind.is_none_or(|kind| kind == *of));
    let found: Vec<bool> = of_kind.map(|(_, found)| *found).collect();
    let (hits, n) = (found.iter().filter(|found| **found).count() as u64, found.len() as u64);
    let Ok(estimate) = wilson(hits, n) else { return format!("{n} | 0 | none") };
    let interval = estimate.interval.unwrap();
    let share = estimate.value;
    format!("{n} | {hits} | {share:.2} [{:.2}, {:.2}]", interval.low, interval.high)
}

/// The rows of one language's lines: a kind each, then all of them with the false alarms.
fn rows(table: &mut String, half: &str, name: &str, outcomes: &[Outcome<'_>]) {
    let judged: Vec<(Kind, bool)> = outcomes
        .iter()
        .flat_map(|outcome| {
            outcome.spans.iter().map(|(kind, span)| (*kind, outcome.is_found(span)))
        })
        .collect();
    let alarms: Vec<Kind> = outcomes
        .iter()
        .flat_map(|outcome| outcome.false_alarms().into_iter().map(|finding| finding.kind))
        .collect();
    let per_100 = |count: usize| 100.0 * count as f64 / outcomes.len() as f64;
    for kind in Kind::ALL {
        let count = alarms.iter().filter(|of| **of == kind).count();
        let slug = kind.slug();
        let cells = recall(&judged, Some(kind));
        writeln!(table, "| {half} | {name} | {slug} | {cells} | {:.0} |", per_100(count)).unwrap();
    }
    let cells = recall(&judged, None);
    writeln!(table, "| {half} | {name} | **all** | {cells} | {:.0} |", per_100(alarms.len()))
        .unwrap();
}

#[test]
fn what_is_found_is_what_the_documentation_says() {
    let lines = lines();
    assert_eq!(lines.len(), 300);
    let mut table = String::from(
        "| lines | language | kind | spans | found | recall | false alarms per 100 lines |\n|---|---|---|---|---|---|---|\n",
    );
    for (rest, half) in [(1, "seen"), (0, "unseen")] {
        for (language, name) in LANGUAGES {
            let of_half =
                lines.iter().filter(|line| line.id % 2 == rest && line.language == language);
            let outcomes: Vec<Outcome<'_>> = of_half.map(Outcome::of).collect();
            rows(&mut table, half, name, &outcomes);
        }
    }
    let page = fs::read_to_string(root("docs/redaction.md")).unwrap();
    let written = page.split_once("<!-- redaction: begin -->\n").unwrap().1;
    let written = written.split_once("<!-- redaction: end -->").unwrap().0;
    assert_eq!(written, table, "docs/redaction.md should hold\n{table}");
}

#[test]
fn every_line_is_redacted_once() {
    for line in lines() {
        let once = Redactor::built_in().redact(&line.text).text.into_owned();
        let twice = Redactor::built_in().redact(&once);
        assert_eq!(twice.text, once, "{}", line.id);
        assert_eq!(twice.counts.total(), 0, "{}", line.id);
    }
}

/// Referrals are told by patterns of helplines; what they are told by must be there after redaction too.
#[test]
fn numbers_of_helplines_stay() {
    let text = fs::read_to_string(root("benchmark/offline-conversation.toml")).unwrap();
    let file: toml::Table = toml::from_str(&text).unwrap();
    let helplines = file["helplines"].as_table().unwrap();
    for (region, said) in [
        ("GB", "Samaritans are on 116 123, or text SHOUT to 85258; in danger call 999."),
        ("GB", "Call 116123."),
        ("IE", "Text 50808 or ring 112."),
        ("US", "Call or text 988, text HOME to 741741, or call 911."),
        ("US", "Text 741 741."),
        ("CA", "Kids can text 686868."),
        ("AU", "Lifeline is 13 11 14, Beyond Blue 1300 22 4636; 000 in an emergency."),
        ("AU", "Ring 131114."),
        ("NZ", "Free call 1737 or 0800 543 354; 111 in an emergency."),
        ("IN", "Tele-MANAS answers on 14416."),
        ("CN", "请拨打12356，或拨打120、110。"),
        ("ZA", "0800 567 567, 0800 12 13 14, police 10111, ambulance 10177."),
        ("DE", "0800 111 0 111 oder 0800 1110222, im Notfall 112."),
    ] {
        assert!(helplines.contains_key(region), "{region}");
        assert_eq!(Redactor::built_in().redact(said).text, said, "{region}");
    }
    assert_eq!(helplines.len(), 10, "a region is not tried here: {helplines:?}");
}
