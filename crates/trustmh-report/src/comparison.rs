//! Runs beside each other: tables for terminals and Markdown.

mod unlike;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use trustmh_core::comparison::{ComparedRun, Comparison, Difference, TaskComparison, Verdict};
use trustmh_core::id::{MetricName, SuiteId, TaskId};
use trustmh_core::metric::Direction;

use crate::escape;
use crate::number::{count, decimal, interval, signed};
use crate::sentences::{Of, by_sentence};
use crate::terminal::wrapped;
use crate::validity::{is_unvalidated, of_order};
use trustmh_core::inert::inert;
use trustmh_core::validity::Validity;

/// Which metrics are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those that tasks are ranked by.
    Primary,
    /// All that can be compared.
    All,
}

/// So many changed trials are shown of each task.
const CHANGED: usize = 5;

const HEAD: [&str; 8] =
    ["task and metric", "first", "second", "change", "95 % interval", "n", "p", "second is"];

/// Comparisons for a terminal.
pub fn terminal(comparisons: &[Comparison], shown: Shown, width: u16) -> String {
    let width = usize::from(width);
    let mut text = String::new();
    for comparison in comparisons {
        wrapped(&mut text, "", &heading(comparison), width);
        text.push_str(&unlike::differing(comparison, "  "));
        for (suite, tasks) in alike_by_suite(comparison) {
            if !suite.is_trustmh_bench() {
                text.push_str(&format!("{}\n", inert(&suite.heading())));
            }
            text.push_str(&fitted(&tasks, shown, width));
        }
        for line in judges(comparison, shown) {
            wrapped(&mut text, "", &line, width);
        }
        changed(&mut text, comparison, shown, width);
        text.push_str(&unlike::terminal(comparison, shown));
        text.push('\n');
    }
    wrapped(&mut text, "", FOOT, width);
    wrapped(&mut text, "", DAGGER, width);
    text
}

/// The tasks that are compared, by suite, the benchmark's first.
fn alike_by_suite(comparison: &Comparison) -> Vec<(&SuiteId, Vec<(&TaskId, &TaskComparison)>)> {
    let mut suites = comparison.by_suite();
    suites.iter_mut().for_each(|(_, tasks)| tasks.retain(|(_, task)| task.is_alike()));
    suites.retain(|(_, tasks)| !tasks.is_empty());
    suites
}

/// What must be known of a pair first, then the tasks whose primary metrics are told apart, suites below each other; and the values that may
/// not be compared, where they are asked for.
pub(crate) fn told_apart(text: &mut String, comparison: &Comparison, width: usize) {
    text.push_str(&unlike::differing(comparison, "  "));
    let is_apart = |task: &TaskComparison| {
        matches!(primary_verdict(task), Some(Verdict::Better | Verdict::Worse))
    };
    let apart: Vec<(&TaskId, &TaskComparison)> = alike_by_suite(comparison)
        .into_iter()
        .flat_map(|(_, tasks)| tasks)
        .filter(|(_, task)| is_apart(task))
        .collect();
    if !apart.is_empty() {
        text.push_str(&fitted(&apart, Shown::Primary, width));
    }
    text.push_str(&unlike::terminal(comparison, Shown::Primary));
}

/// The table with as many of its columns as the width has room for, the evidence of a difference before the values that it is of.
fn fitted(alike: &[(&TaskId, &TaskComparison)], shown: Shown, width: usize) -> String {
    let fits = |rows: &str| rows.lines().all(|line| line.chars().count() <= width);
    let mut text = table(alike, shown, &[]);
    for hidden in [&[FIRST, SECOND][..], &[FIRST, SECOND, P], &[FIRST, SECOND, P, N]] {
        if fits(&text) {
            break;
        }
        text = table(alike, shown, hidden);
    }
    untested(&mut text, alike, shown, width);
    for (id, task) in alike.iter().filter(|(_, task)| metrics(task, shown).next().is_none()) {
        wrapped(&mut text, " ", &format!("{id}: not compared: {}", reason(task)), width);
    }
    text
}

/// Why metrics were not tested, each reason once.
fn untested(text: &mut String, alike: &[(&TaskId, &TaskComparison)], shown: Shown, width: usize) {
    let mut said: Vec<(&str, String)> = Vec::new();
    for (id, task) in alike {
        for (name, found) in metrics(task, shown) {
            said.extend(found.untested.as_deref().map(|why| (why, format!("{id} {name}"))));
        }
    }
    let of = said.iter().map(|(why, metric)| (*why, metric.as_str()));
    for (why, metrics) in by_sentence(usize::MAX, of) {
        let metrics = metrics.in_words("all");
        wrapped(text, " ", &format!("not tested: {why}: {metrics}"), width);
    }
}

/// Columns that are left out where there is no room for them.
const P: usize = 6;
const N: usize = 5;
const FIRST: usize = 1;
const SECOND: usize = 2;

/// One line a metric below its task's name.
fn table(alike: &[(&TaskId, &TaskComparison)], shown: Shown, hidden: &[usize]) -> String {
    let mut table = Table::new();
    // Cells that never wrap make one line a row, so that the tasks' names can stand between them.
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let is_shown = |place: &usize| !hidden.contains(place);
    table.set_header(
        HEAD.iter().enumerate().filter(|(place, _)| is_shown(place)).map(|(_, head)| *head),
    );
    let mut tasks = Vec::new();
    for (id, task) in alike {
        let rows: Vec<[String; 8]> =
            metrics(task, shown).map(|(name, found)| row(name, found, brief(found))).collect();
        tasks.push((id, rows.len()));
        table.add_rows(rows.into_iter().map(|row| {
            let cells = row.into_iter().enumerate().filter(|(place, _)| is_shown(place));
            cells.map(|(place, text)| match place {
                0 => Cell::new(format!("  {}", inert(&text))),
                1..=3 | 6 => Cell::new(text).set_alignment(CellAlignment::Right),
                _ => Cell::new(text),
            })
        }));
    }
    let mut lines = table.lines();
    let mut text = lines.next().unwrap_or_default() + "\n";
    for (id, rows) in tasks.into_iter().filter(|(_, rows)| *rows > 0) {
        text.push_str(&format!(" {id}\n"));
        lines
            .by_ref()
            .take(rows)
            .for_each(|line| text.push_str(&(line.trim_end().to_owned() + "\n")));
    }
    text
}

/// The verdict on the metric that a task is ranked by; none where it is not compared.
pub(crate) fn primary_verdict(task: &TaskComparison) -> Option<Verdict> {
    task.metrics.values().find(|found| found.primary).map(|found| found.verdict)
}

/// Why nothing of a task is compared.
pub(crate) fn reason(task: &TaskComparison) -> String {
    let why = task.not_compared.values().next().cloned();
    why.unwrap_or_else(|| "no metric in both runs".to_owned())
}

/// Comparisons as Markdown, for a merge request or a paper's appendix.
pub fn markdown(comparisons: &[Comparison], shown: Shown) -> String {
    let mut text = String::new();
    for comparison in comparisons {
        text.push_str(&format!("### {}\n\n", escape::markdown(&heading(comparison))));
        text.push_str(&unlike::differing(comparison, "- "));
        for (suite, tasks) in alike_by_suite(comparison) {
            if !suite.is_trustmh_bench() {
                text.push_str(&format!("\n#### {}\n", escape::markdown(&suite.heading())));
            }
            text.push_str(&markdown_table(&tasks, shown));
        }
        let judges = judges(comparison, shown);
        if !judges.is_empty() {
            text.push('\n');
        }
        for line in judges {
            text.push_str(&format!("- {}\n", escape::markdown(&line)));
        }
        text.push_str(&unlike::markdown(comparison, shown));
        text.push('\n');
    }
    text.push_str(FOOT);
    text
}

/// The tasks of a suite as one table.
fn markdown_table(alike: &[(&TaskId, &TaskComparison)], shown: Shown) -> String {
    let rule = "---|".repeat(HEAD.len());
    let mut text = format!("\n| {} |\n|{rule}\n", HEAD.join(" | "));
    for (id, task) in alike {
        let rows = of_task(task, shown);
        if rows.is_empty() {
            let blank = " | ".repeat(HEAD.len() - 1);
            let why = escape::markdown(&reason(task));
            text.push_str(&format!("| {id}{blank}not compared: {why} |\n"));
        }
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| escape::markdown(cell)).collect();
            text.push_str(&format!("| {id} {} |\n", cells.join(" | ")));
        }
    }
    text
}

pub(crate) const FOOT: &str = "Intervals are those of each difference alone; p values are corrected: by Holm over all metrics that tasks are ranked by, by Benjamini and Hochberg over all others. Higher is better where nothing else is said. \"not told \
apart\" does not mean equal: the interval says how large a difference may still be there.\n";

/// What stands beside verdicts in a terminal.
pub(crate) const DAGGER: &str =
    "†: by a judge that has not been checked against human ratings for its rubric.";

fn heading(comparison: &Comparison) -> String {
    let named = |run: &ComparedRun, place: &str| {
        let subject = run.subject_shown();
        let ComparedRun { run, judge, protocol, seed, .. } = run;
        format!("{subject} ({place}, {run}; judge {judge}, protocol {protocol}, seed {seed})")
    };
    let (first, second) = (&comparison.first, &comparison.second);
    format!("{} and {}", named(first, "first"), named(second, "second"))
}

fn of_task(task: &TaskComparison, shown: Shown) -> Vec<[String; 8]> {
    let said = |found: &Difference| {
        verdict(found.verdict, found.validity.as_ref(), found.untested.as_deref())
    };
    metrics(task, shown).map(|(name, found)| row(name, found, said(found))).collect()
}

fn metrics(
    task: &TaskComparison,
    shown: Shown,
) -> impl Iterator<Item = (&MetricName, &Difference)> {
    task.metrics.iter().filter(move |(_, found)| found.primary || shown == Shown::All)
}

fn row(name: &MetricName, found: &Difference, verdict: String) -> [String; 8] {
    [
        with_direction(name, found.direction),
        decimal(found.first),
        decimal(found.second),
        signed(found.difference),
        found.low.map_or_else(|| "none".to_owned(), |_| interval(found.low, found.high)),
        of_planned(found),
        found.p_corrected.map_or_else(|| "none".to_owned(), chance),
        verdict,
    ]
}

/// The verdict where room is short: what weakens it, and why there is none, stands below.
fn brief(found: &Difference) -> String {
    let said = verdict(found.verdict, None, None);
    let by_unvalidated = matches!(found.verdict, Verdict::Better | Verdict::Worse)
        && is_unvalidated(found.validity.as_ref());
    if by_unvalidated { format!("{said} †") } else { said }
}

/// A metric's name; what is not better the higher it is says so.
pub fn with_direction(name: &MetricName, direction: Direction) -> String {
    match direction {
        Direction::Higher => name.to_string(),
        other => format!("{name}, {}", other.in_words()),
    }
}

/// What the orders of a comparison say of the judges behind them: each sentence once, with its tasks.
fn judges(comparison: &Comparison, shown: Shown) -> Vec<String> {
    let mut said: Vec<(String, String)> = Vec::new();
    for (id, task) in comparison.tasks.iter().filter(|(_, task)| task.is_alike()) {
        let found = metrics(task, shown).filter_map(|(_, found)| of_order(found.validity.as_ref()));
        said.extend(found.map(|judge| (judge, id.to_string())));
    }
    let of = said.iter().map(|(judge, task)| (judge.as_str(), task.as_str()));
    let line = |(judge, tasks): (&str, Of<'_>)| format!("{}: {judge}", tasks.in_words("all"));
    by_sentence(usize::MAX, of).into_iter().map(line).collect()
}

/// What a difference rests on, and what is missing behind it.
fn of_planned(found: &Difference) -> String {
    let n = count(found.n, found.clusters);
    match found.missing {
        0 => n,
        missing => format!("{n}, {missing} missing"),
    }
}

/// How many trials changed; with all metrics also those that changed most, for whoever wants to read them.
fn changed(text: &mut String, comparison: &Comparison, shown: Shown, width: usize) {
    for (id, task) in comparison.tasks.iter().filter(|(_, task)| !task.changed.is_empty()) {
        let named: Vec<String> = task
            .changed
            .iter()
            .take(CHANGED)
            .map(|one| format!("{} {} to {}", one.trial, decimal(one.first), decimal(one.second)))
            .collect();
        let more = task.changed.len().saturating_sub(CHANGED);
        let more = if more > 0 { format!("; {more} more") } else { String::new() };
        let trials = match task.changed.len() {
            1 => "1 trial".to_owned(),
            trials => format!("{trials} trials"),
        };
        let line = match shown {
            Shown::All => format!("{id}: {trials} changed: {}{more}", named.join("; ")),
            Shown::Primary => {
                format!("{id}: {trials} changed (--all names those that changed most)")
            }
        };
        wrapped(text, "", &line, width);
    }
}

/// What the verdict of a difference says of the second run, or why there is none.
pub fn verdict(of: Verdict, validity: Option<&Validity>, untested: Option<&str>) -> String {
    let unvalidated = is_unvalidated(validity);
    let said = match of {
        Verdict::Better if unvalidated => "better, by an unvalidated judge",
        Verdict::Worse if unvalidated => "worse, by an unvalidated judge",
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::NotSeparated => "not told apart",
        Verdict::Untested => match untested {
            Some(why) => return format!("not tested: {}", inert(why)),
            None => "not tested",
        },
    };
    said.to_owned()
}

/// A p value: below .001 only that.
pub fn chance(p: f64) -> String {
    if p < 0.001 { "< .001".to_owned() } else { format!("{p:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::id::RubricId;
    use trustmh_core::validity::Level;

    #[test]
    fn signs_and_chances_are_as_people_write_them() {
        assert_eq!([signed(0.25), signed(-0.25), signed(0.0001)], ["+0.250", "-0.250", "0.000"]);
        assert_eq!([chance(0.0004), chance(0.05), chance(1.0)], ["< .001", "0.050", "1.000"]);
    }

    #[test]
    fn a_verdict_by_an_unvalidated_judge_says_so() {
        let of = |said: Verdict, validity: Option<Validity>| verdict(said, validity.as_ref(), None);
        let unknown = Validity::unknown(RubricId::new("endorsement"), "a judge".to_owned());
        let known = Validity { level: Level::Directional, ..unknown.clone() };
        assert_eq!(of(Verdict::Better, None), "better");
        assert_eq!(of(Verdict::Better, Some(known)), "better");
        assert_eq!(of(Verdict::Better, Some(unknown.clone())), "better, by an unvalidated judge");
        assert_eq!(of(Verdict::Worse, Some(unknown.clone())), "worse, by an unvalidated judge");
        assert_eq!(of(Verdict::NotSeparated, Some(unknown)), "not told apart");
    }
}
