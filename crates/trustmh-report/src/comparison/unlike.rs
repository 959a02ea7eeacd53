//! What two runs differ in besides their subjects, and their values where these may not be compared.

use comfy_table::{ContentArrangement, Table, presets};
use std::collections::BTreeMap;

use trustmh_core::comparison::{Comparison, SideBySide};
use trustmh_core::metric::Estimate;

use super::Shown;
use crate::escape;
use crate::number::{count, decimal, estimate_interval};
use trustmh_core::inert::inert;

const HEAD: [&str; 7] =
    ["task and metric", "first", "95 % interval", "n", "second", "95 % interval", "n"];

const REFUSED: &str =
    "Not directly comparable, and not compared; besides the subjects these differ:";
const TOLD: &str = "Compared all the same, though besides the subjects these differ:";
const ASIDE: &str = "Side by side, not compared: each run's own values. They measure different things, so a difference between them tells \
nothing of the subjects.";

/// What forbids to compare, and what is only told, a line each.
pub(super) fn differing(comparison: &Comparison, bullet: &str) -> String {
    let listed = |head: &str, lines: &[String]| -> String {
        let lines: String = lines.iter().map(|what| format!("{bullet}{}\n", inert(what))).collect();
        if lines.is_empty() { String::new() } else { format!("{head}\n{lines}") }
    };
    listed(REFUSED, &comparison.differs) + &listed(TOLD, &told(comparison))
}

/// Differences that forbid nothing, in tasks that are compared.
fn told(comparison: &Comparison) -> Vec<String> {
    let mut tasks: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let compared = comparison.tasks.iter().filter(|(_, task)| task.is_alike());
    for (id, task) in compared.clone() {
        for unlike in &task.differs {
            tasks.entry(unlike.to_string()).or_default().push(id.to_string());
        }
    }
    let all = compared.count();
    let named = tasks.into_iter().map(|(what, of)| match of.len() {
        many if many == all && many > 1 => format!("all compared tasks: {what}"),
        _ => format!("{}: {what}", of.join(", ")),
    });
    named.collect()
}

/// The values of tasks that are not compared, for a terminal; empty where none were asked for.
pub(super) fn terminal(comparison: &Comparison, shown: Shown) -> String {
    let rows = rows(comparison, shown);
    if rows.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(HEAD);
    table.add_rows(rows.iter().map(|row| row.each_ref().map(|cell| inert(cell))));
    let lines: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    format!("{ASIDE}\n{lines}")
}

/// The same as Markdown.
pub(super) fn markdown(comparison: &Comparison, shown: Shown) -> String {
    let rows = rows(comparison, shown);
    if rows.is_empty() {
        return String::new();
    }
    let mut text =
        format!("\n{ASIDE}\n\n| {} |\n|{}\n", HEAD.join(" | "), "---|".repeat(HEAD.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| escape::markdown(cell)).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}

fn rows(comparison: &Comparison, shown: Shown) -> Vec<[String; 7]> {
    let mut rows = Vec::new();
    for (id, task) in &comparison.tasks {
        let is_shown = |found: &SideBySide| found.primary || shown == Shown::All;
        for (name, found) in task.side_by_side.iter().filter(|(_, found)| is_shown(found)) {
            let [first, second] = [&found.first, &found.second].map(cells);
            let [[value, ends, n], [other, other_ends, other_n]] = [first, second];
            rows.push([format!("{id} {name}"), value, ends, n, other, other_ends, other_n]);
        }
    }
    rows
}

fn cells(found: &Estimate) -> [String; 3] {
    [decimal(found.value), estimate_interval(found), count(found.n, found.clusters)]
}
