//! The scorecard on a terminal.

use anstyle::{AnsiColor, Style as Ansi};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use trustmh_core::id::TaskId;
use trustmh_core::outcome::OutcomeCounts;
use trustmh_core::scorecard::{
    ItemOrigin, MetricEstimate, PillarScore, Scorecard, TaskResult, UNANSWERED_RATE,
};

use crate::client::fidelity;
use crate::facts::RunFacts;
use crate::number::{count, decimal, direction, interval};
use crate::standing;
use crate::survival;
use crate::validity;
use trustmh_core::inert::inert;

/// Whether the text carries colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// For a terminal.
    On,
    /// For a pipe or file.
    Off,
}

/// The scorecard as a table of at most `width` columns, with warnings above and caveats below.
pub fn terminal(card: &Scorecard, facts: &RunFacts, colour: Colour, width: u16) -> String {
    let paint = Paint { colour };
    let mut text = String::new();
    head(&mut text, card, facts, paint);
    let mut notes = Notes::default();
    for (suite, tasks) in card.by_suite() {
        if !suite.is_trustmh_bench() {
            line(&mut text, &paint.text(Ansi::new().bold(), &inert(&suite.heading())));
            wrapped(&mut text, "", APART, usize::from(width));
        }
        text.push_str(&table(&tasks, width, &mut notes));
        text.push('\n');
        if suite.is_trustmh_bench() {
            text.push_str(&pillars(card, width));
        }
    }
    for (id, result) in &card.tasks {
        for judge in validity::lines(result) {
            wrapped(&mut text, "", &format!("{id}: {judge}"), usize::from(width));
        }
        over_turns(&mut text, id, result, usize::from(width));
        unusual(&mut text, id, result);
    }
    for (index, note) in notes.0.iter().enumerate() {
        wrapped(&mut text, &format!("[{}] ", index + 1), note, usize::from(width));
    }
    text
}

#[derive(Clone, Copy)]
struct Paint {
    colour: Colour,
}

impl Paint {
    fn text(self, style: Ansi, text: &str) -> String {
        match self.colour {
            Colour::On => format!("{style}{text}{style:#}"),
            Colour::Off => text.to_owned(),
        }
    }
}

/// Numbered footnotes, each once.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn number(&mut self, note: &str) -> usize {
        if let Some(index) = self.0.iter().position(|known| known == note) {
            return index + 1;
        }
        self.0.push(note.to_owned());
        self.0.len()
    }

    fn marks(&mut self, notes: &[String]) -> String {
        let numbers: Vec<String> = notes.iter().map(|note| self.number(note).to_string()).collect();
        if numbers.is_empty() { String::new() } else { format!(" [{}]", numbers.join(",")) }
    }
}

fn head(text: &mut String, card: &Scorecard, facts: &RunFacts, paint: Paint) {
    let bold = Ansi::new().bold();
    let warn = Ansi::new().fg_color(Some(AnsiColor::Yellow.into())).bold();
    let subject = inert(&card.subject_shown());
    if let Some(banner) = standing::banner(card) {
        line(text, &paint.text(warn, &inert(&banner)));
    }
    line(text, &paint.text(bold, &format!("TrustMH scorecard of {subject}")));
    line(
        text,
        &format!(
            "judge {}; {}protocol {}; run {}; seed {}",
            inert(card.judge.title()),
            card.client.as_ref().map_or_else(String::new, |client| format!(
                "clients played by {}; ",
                inert(client.title())
            )),
            card.protocol,
            inert(&card.run),
            facts.seed
        ),
    );
    for banner in banners(card) {
        line(text, &paint.text(warn, &format!("! {}", inert(&banner))));
    }
}

/// What must be read before any number, after how the record stands ([`standing::banner`]): judge and how far it has been held
/// against people, items, caveats.
pub(crate) fn banners(card: &Scorecard) -> Vec<String> {
    let mut banners = standing::further_caveats(card);
    banners.extend(card.judged_numbers());
    let starter: Vec<&TaskResult> =
        card.tasks.values().filter(|result| result.source.origin == ItemOrigin::Starter).collect();
    if !starter.is_empty() {
        let which = if starter.len() == card.tasks.len() { "All" } else { "Some" };
        banners.push(format!(
            "{which} tasks used the project's starter items: for trying the program, not clinical evidence."
        ));
    }
    banners
}

/// What is said under pillar scores, wherever they are shown.
pub(crate) const PILLARS: &str = "A pillar score is the mean of its tasks' primary metrics, each mapped to 0..100 by its \
range and direction, with what is missing at the worse end: an overview, not a measure of safety. It takes all tasks of the pillar.";

/// What is said above tasks that are not of the benchmark itself, wherever they are shown.
pub(crate) const APART: &str =
    "These tasks stand apart: no pillar score and no sum of ranks takes them.";

/// Why a pillar has no score.
pub(crate) fn lacks(missing: &[TaskId]) -> String {
    let named: Vec<String> = missing.iter().map(ToString::to_string).collect();
    format!("missing, pending or not scored: {}", named.join(", "))
}

fn pillars(card: &Scorecard, width: u16) -> String {
    if card.pillars.is_empty() && card.pillars_without_score.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(["pillar score, 0 to 100", "value", "95 % interval", "tasks"]);
    for (pillar, score) in &card.pillars {
        table.add_row([
            Cell::new(pillar.title()),
            Cell::new(format!("{:.1}", score.value)).set_alignment(CellAlignment::Right),
            Cell::new(hundred(score)),
            Cell::new(score.tasks.to_string()),
        ]);
    }
    for (pillar, missing) in &card.pillars_without_score {
        table.add_row([
            Cell::new(pillar.title()),
            Cell::new("no score"),
            Cell::new(""),
            Cell::new(lacks(missing)),
        ]);
    }
    let mut text = format!("{table}\n");
    wrapped(&mut text, "", PILLARS, usize::from(width));
    text.push('\n');
    text
}

/// An interval on the scale of 0 to 100.
pub(crate) fn hundred(score: &PillarScore) -> String {
    match (score.low, score.high) {
        (Some(low), Some(high)) => format!("[{low:.1}, {high:.1}]"),
        _ => "none: a task has none".to_owned(),
    }
}

fn table(tasks: &[(&TaskId, &TaskResult)], width: u16, notes: &mut Notes) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(["task and metric", "value", "95 % interval", "n", "better"]);
    for (id, result) in tasks {
        table.add_row([Cell::new(format!("{id}{}", notes.marks(&result.caveats)))]);
        let mut metrics: Vec<_> = result.metrics.iter().collect();
        metrics.sort_by_key(|(_, metric)| !metric.primary);
        let silent = |name: &str, metric: &MetricEstimate| {
            name != UNANSWERED_RATE || metric.value > 0.0 || metric.coverage.is_some()
        };
        for (name, metric) in metrics.into_iter().filter(|(n, metric)| silent(n.as_str(), metric)) {
            table.add_row(row(name.as_str(), metric));
        }
        for (names, reason) in not_scored(result) {
            let reason = format!("[{}]", notes.number(&format!("Not scored: {reason}.")));
            table.add_row([format!("  {names}"), "-".to_owned(), format!("not scored {reason}")]);
        }
    }
    table.to_string()
}

/// Metrics that could not be scored, those with the same reason in one line.
fn not_scored(result: &TaskResult) -> Vec<(String, &str)> {
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, reason) in &result.not_scored {
        match by_reason.iter_mut().find(|(known, _)| known == reason) {
            Some((_, names)) => names.push(name.as_str()),
            None => by_reason.push((reason, vec![name.as_str()])),
        }
    }
    let line = |names: Vec<&str>| match names.as_slice() {
        [one] => (*one).to_owned(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        [] => String::new(),
    };
    by_reason.into_iter().map(|(reason, names)| (line(names), reason)).collect()
}

fn row(name: &str, metric: &MetricEstimate) -> Vec<Cell> {
    let mark = if metric.primary { "* " } else { "  " };
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    vec![
        Cell::new(format!("{mark}{name}")),
        right(decimal(metric.value)),
        Cell::new(interval(metric.low, metric.high)),
        right(count(metric.n, metric.clusters)),
        Cell::new(direction(metric.direction).trim_end_matches(" is better")),
    ]
}

/// What the turns of conversations show beside the number at one of them.
fn over_turns(text: &mut String, id: &TaskId, result: &TaskResult, width: usize) {
    for (name, metric) in &result.metrics {
        if let Some(curve) = &metric.curve {
            let said = format!("{id} {name}: {}", survival::sentence(metric, curve));
            wrapped(text, "", &said, width);
        }
    }
}

fn unusual(text: &mut String, id: &TaskId, result: &TaskResult) {
    let OutcomeCounts { scored, refused, unparsed, unanswered, cut: _, failed, broken_client } =
        result.outcomes;
    if refused + unparsed + unanswered + failed + broken_client + result.pending > 0 {
        let mut parts = vec![format!("{scored} scored")];
        for (count, word) in [
            (refused, "refused"),
            (unparsed, "unparsed"),
            (unanswered, "unanswered"),
            (failed, "failed"),
            (broken_client, "left out, since the client broke its role"),
            (result.pending, "pending"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        line(text, &format!("{id}: {} of {} trials", parts.join(", "), result.n + result.pending));
    }
    if let Some(client) = &result.client {
        line(text, &format!("{id}: {}", fidelity(client)));
    }
    for (flag, count) in &result.flags {
        line(text, &format!("{id}: {count} trials: {}", flag.title()));
    }
}

/// Adds a note, wrapped to fewer columns than `width`, with `mark` before its first line and as much
/// space before the others.
pub(crate) fn wrapped(text: &mut String, mark: &str, note: &str, width: usize) {
    let note = inert(note).split_whitespace().collect::<Vec<_>>().join(" ");
    let indent = " ".repeat(mark.len());
    let options = Options::new(width.saturating_sub(1))
        .initial_indent(mark)
        .subsequent_indent(&indent)
        .word_separator(WordSeparator::Custom(words))
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .break_words(false);
    for wrapped in textwrap::wrap(&note, options) {
        line(text, &wrapped);
    }
}

/// What a line may end after: words, and characters of Chinese, which has no spaces. No line begins
/// with a closing mark.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let is_chinese = |sign: char| matches!(sign, '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}');
    let is_closing = |sign: char| "，。、；：？！」』）》”’,.;:?!)".contains(sign);
    let signs = line.char_indices().zip(line.char_indices().skip(1));
    let ends = signs.filter_map(move |((_, before), (at, after))| {
        let is_end = match (before, after) {
            (_, ' ') => false,
            (' ', _) => true,
            (before, after) => is_chinese(before) && !is_closing(after),
        };
        is_end.then_some(at)
    });
    let ends: Vec<usize> = ends.chain([line.len()]).collect();
    let begins: Vec<usize> = std::iter::once(0).chain(ends.iter().copied()).collect();
    let parts = begins.into_iter().zip(ends).filter_map(|(begin, end)| line.get(begin..end));
    Box::new(parts.filter(|part| !part.is_empty()).map(Word::from))
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_wrap_by_columns_of_which_a_chinese_character_takes_two() {
        let note = |note: &str| {
            let mut text = String::new();
            wrapped(&mut text, "[1] ", note, 13);
            text
        };
        assert_eq!(note("one two  three"), "[1] one two\n    three\n");
        assert_eq!(note("我最近睡不着"), "[1] 我最近睡\n    不着\n");
    }
}
