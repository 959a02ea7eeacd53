//! Runs beside each other: tables for terminals and Markdown.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use std::collections::BTreeMap;

use trustmh_core::comparison::{Comparison, Difference, Standing, TaskComparison, Verdict};
use trustmh_core::id::{MetricName, TaskId};

use crate::inert::inert;
use crate::number::{count, decimal, interval};

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

/// Comparisons for a terminal of `width` columns.
pub fn terminal(comparisons: &[Comparison], shown: Shown, width: u16) -> String {
    let mut text = String::new();
    for comparison in comparisons {
        text.push_str(&inert(&heading(comparison)));
        text.push('\n');
        text.push_str(&differing(comparison, "  "));
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_width(width);
        table.set_content_arrangement(ContentArrangement::Dynamic).set_header(HEAD);
        for (id, task) in &comparison.tasks {
            table.add_row([Cell::new(id)]);
            for row in of_task(task, shown) {
                let cells = row.into_iter().enumerate().map(|(place, text)| match place {
                    0 => Cell::new(format!("  {text}")),
                    1..=3 | 6 => Cell::new(text).set_alignment(CellAlignment::Right),
                    _ => Cell::new(text),
                });
                table.add_row(cells);
            }
        }
        text.push_str(&format!("{table}\n"));
        text.push_str(&changed(comparison));
        text.push('\n');
    }
    text.push_str(FOOT);
    text
}

/// All runs of each task in order, for a terminal of `width` columns.
pub fn standings(found: &BTreeMap<TaskId, Standing>, width: u16) -> String {
    let mut text = String::new();
    for (id, standing) in found {
        text.push_str(&format!("{}\n", standing_heading(id, standing)));
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_width(width);
        table.set_content_arrangement(ContentArrangement::Dynamic).set_header(STANDING_HEAD);
        for row in standing_rows(standing) {
            table.add_row(row.map(|text| inert(&text)));
        }
        text.push_str(&format!("{table}\n\n"));
    }
    text
}

/// The same as Markdown.
pub fn standings_markdown(found: &BTreeMap<TaskId, Standing>) -> String {
    let mut text = String::new();
    for (id, standing) in found {
        text.push_str(&format!("### {}\n\n", standing_heading(id, standing)));
        let bars = "---|".repeat(STANDING_HEAD.len());
        text.push_str(&format!("| {} |\n|{bars}\n", STANDING_HEAD.join(" | ")));
        for row in standing_rows(standing) {
            text.push_str(&format!("| {} |\n", row.map(|cell| escaped(&cell)).join(" | ")));
        }
        text.push('\n');
    }
    text
}

const STANDING_HEAD: [&str; 6] = ["", "subject", "value", "rank", "rank, 95 %", "told apart from"];

fn standing_heading(id: &TaskId, standing: &Standing) -> String {
    format!(
        "{id}, {}: {} of {} pairs are told apart, on {} shared trials",
        standing.metric, standing.separated, standing.pairs, standing.shared
    )
}

fn standing_rows(standing: &Standing) -> impl Iterator<Item = [String; 6]> {
    standing.rows.iter().enumerate().map(|(place, row)| {
        let apart: Vec<String> = row.told_apart_from.iter().map(u64::to_string).collect();
        let range = if row.best == row.worst {
            row.best.to_string()
        } else {
            format!("{} to {}", row.best, row.worst)
        };
        [
            (place + 1).to_string(),
            row.run.subject.to_string(),
            decimal(row.value),
            row.rank.to_string(),
            range,
            if apart.is_empty() { "nobody".to_owned() } else { apart.join(", ") },
        ]
    })
}

/// Comparisons as Markdown, for a merge request or a paper's appendix.
pub fn markdown(comparisons: &[Comparison], shown: Shown) -> String {
    let mut text = String::new();
    for comparison in comparisons {
        text.push_str(&format!("### {}\n\n", escaped(&heading(comparison))));
        text.push_str(&differing(comparison, "- "));
        text.push_str(&format!("\n| {} |\n|{}\n", HEAD.join(" | "), "---|".repeat(HEAD.len())));
        for (id, task) in &comparison.tasks {
            for row in of_task(task, shown) {
                let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
                text.push_str(&format!("| {id} {} |\n", cells.join(" | ")));
            }
        }
        text.push('\n');
    }
    text.push_str(FOOT);
    text
}

const FOOT: &str = "Intervals are those of each difference alone; p values are corrected: by Holm over all metrics that tasks are ranked by, by Benjamini and Hochberg over all others. \"not told \
apart\" does not mean equal: the interval says how large a difference may still be there.\n";

fn heading(comparison: &Comparison) -> String {
    format!(
        "{} (first, {}) and {} (second, {})",
        comparison.first.subject,
        comparison.first.run,
        comparison.second.subject,
        comparison.second.run
    )
}

fn differing(comparison: &Comparison, bullet: &str) -> String {
    if comparison.differs.is_empty() {
        return String::new();
    }
    let lines: String =
        comparison.differs.iter().map(|what| format!("{bullet}{}\n", inert(what))).collect();
    format!("Not directly comparable; besides the subjects these differ:\n{lines}")
}

fn of_task(task: &TaskComparison, shown: Shown) -> Vec<[String; 8]> {
    let metrics: Vec<(&MetricName, &Difference)> =
        task.metrics.iter().filter(|(_, found)| found.primary || shown == Shown::All).collect();
    if metrics.is_empty() {
        let why = task
            .not_compared
            .values()
            .next()
            .cloned()
            .unwrap_or_else(|| "no metric in both runs".to_owned());
        let blank = String::new;
        return vec![[
            "not compared".to_owned(),
            blank(),
            blank(),
            blank(),
            blank(),
            task.shared.to_string(),
            blank(),
            why,
        ]];
    }
    metrics
        .into_iter()
        .map(|(name, found)| {
            [
                name.to_string(),
                decimal(found.first),
                decimal(found.second),
                signed(found.difference),
                found.low.map_or_else(|| "none".to_owned(), |_| interval(found.low, found.high)),
                count(found.n, found.clusters),
                found.p_corrected.map_or_else(|| "none".to_owned(), chance),
                verdict(found.verdict).to_owned(),
            ]
        })
        .collect()
}

/// The trials that changed most, for whoever wants to read them.
fn changed(comparison: &Comparison) -> String {
    let mut text = String::new();
    for (id, task) in comparison.tasks.iter().filter(|(_, task)| !task.changed.is_empty()) {
        let named: Vec<String> = task
            .changed
            .iter()
            .take(CHANGED)
            .map(|one| format!("{} {} to {}", one.trial, decimal(one.first), decimal(one.second)))
            .collect();
        let more = task.changed.len().saturating_sub(CHANGED);
        let more = if more > 0 { format!("; {more} more") } else { String::new() };
        let line =
            format!("{id}: {} trials changed: {}{more}\n", task.changed.len(), named.join("; "));
        text.push_str(&inert(line.trim_end()));
        text.push('\n');
    }
    text
}

/// What a verdict says of the second run.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::NotSeparated => "not told apart",
        Verdict::Untested => "not tested",
    }
}

fn signed(value: f64) -> String {
    let text = decimal(value);
    if value > 0.0 && !text.trim_start_matches(['0', '.']).is_empty() {
        format!("+{text}")
    } else {
        text
    }
}

/// A p value: below .001 only that.
fn chance(p: f64) -> String {
    if p < 0.001 { "< .001".to_owned() } else { format!("{p:.3}") }
}

fn escaped(text: &str) -> String {
    inert(text).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_chances_are_as_people_write_them() {
        assert_eq!([signed(0.25), signed(-0.25), signed(0.0001)], ["+0.250", "-0.250", "0.000"]);
        assert_eq!([chance(0.0004), chance(0.05), chance(1.0)], ["< .001", "0.050", "1.000"]);
    }
}
