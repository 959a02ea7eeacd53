//! The matrix for papers: tables with the package booktabs.

use trustmh_core::metric::Direction;

use super::{Cell, Change, Column, Group, Matrix, Number, Of, Place, Row, rank_in_words};
use crate::comparison::chance;
use crate::escape;
use crate::label::{self, Label};
use crate::number::{count, decimal, estimate_interval, interval, signed};

/// The table of all tasks, of two runs also that of what changed, and the notes below it. `label` is that of the first table; the
/// second one's has `-changes` at its end.
pub fn latex(matrix: &Matrix, label: Option<&Label>) -> String {
    let mut text = "% Needs \\usepackage{booktabs}.\n".to_owned();
    if !matrix.groups.is_empty() {
        text.push_str(&table(matrix, label));
    }
    if let Some(changes) = &matrix.changes {
        let all: Vec<&Change> = changes.all().collect();
        if !all.is_empty() {
            text.push_str(&changed(matrix, &changes.in_words(), &all, label));
        }
    }
    if matrix.groups.is_empty() {
        text.push_str(&ranks(matrix, label));
    }
    text + &notes(matrix)
}

fn table(matrix: &Matrix, label: Option<&Label>) -> String {
    let wide = matrix.columns.len() > 3;
    let float = if wide { "table*" } else { "table" };
    let mut text = format!(
        "\\begin{{{float}}}\n\\centering\n\\small\n\\caption{{{}{} {} Arrows show which way is better; bold: told to be better than all \
         others it may be compared with; superscripts name the runs that it is told to be better than; n.c.: not comparable.}}\n{}",
        incomplete(matrix),
        escape::latex(&format!("{}.", matrix.title())),
        escape::latex(&runs(matrix)),
        label::line(label)
    );
    let columns = "l".repeat(matrix.columns.len());
    let heads: Vec<String> = matrix
        .columns
        .iter()
        .map(|column| format!(" & {}: {}", column.sign, escape::latex(&column.name)))
        .collect();
    text.push_str(&format!(
        "\\begin{{tabular}}{{lll{columns}}}\n\\toprule\nTask & Metric & Judge{} \\\\\n",
        heads.concat()
    ));
    if let Some(all) = &matrix.overall {
        let ranks: Vec<String> =
            all.iter().map(|range| format!(" & {}", rank_in_words(range))).collect();
        text.push_str(&format!("\\midrule\nOver all pillars & &{} \\\\\n", ranks.concat()));
    }
    for group in &matrix.groups {
        text.push_str(&rows(matrix, group));
    }
    text.push_str(&format!("\\bottomrule\n\\end{{tabular}}\n\\end{{{float}}}\n"));
    text
}

/// The notes, outside of the tables: together they may be more than a page.
fn notes(matrix: &Matrix) -> String {
    let notes: Vec<String> =
        matrix.notes.iter().map(|note| format!("\\item{{}} {}\n", escape::latex(note))).collect();
    match notes.is_empty() {
        true => String::new(),
        false => {
            format!("{{\\footnotesize\n\\begin{{itemize}}\n{}\\end{{itemize}}}}\n", notes.concat())
        }
    }
}

/// What must be said first.
fn incomplete(matrix: &Matrix) -> String {
    let notes = matrix.columns.iter().filter_map(|column| {
        let note = column.record.as_deref()?;
        Some(format!("\\textbf{{{}: {}}} ", column.sign, escape::latex(note)))
    });
    notes.collect()
}

fn runs(matrix: &Matrix) -> String {
    let named = |column: &Column| {
        let model = column.model.as_ref().map_or_else(String::new, |model| format!(" ({model})"));
        format!(
            "{}: {}{model}, judge {}, protocol {}",
            column.sign, column.name, column.judge, column.protocol
        )
    };
    let runs: Vec<String> = matrix.columns.iter().map(named).collect();
    format!("{}.", runs.join("; "))
}

fn rows(matrix: &Matrix, group: &Group) -> String {
    let mut text = "\\midrule\n".to_owned();
    let heading = escape::latex(&group.of.heading());
    match &group.of {
        Of::Pillar { standing, .. } => {
            let cells: Vec<String> = standing
                .iter()
                .map(|cell| {
                    let score = cell.score.as_ref().map(|score| {
                        format!(
                            "{:.1} {{\\tiny {}}}",
                            score.value,
                            spaced(&interval(score.low, score.high))
                        )
                    });
                    let rank = cell.rank.as_ref().map(rank_in_words);
                    let parts: Vec<String> = score.into_iter().chain(rank).collect();
                    format!(" & {}", parts.join(", "))
                })
                .collect();
            text.push_str(&format!("\\emph{{{heading}}} & &{} \\\\\n", cells.concat()));
        }
        Of::Suite(_) => text.push_str(&format!(
            "\\multicolumn{{{}}}{{l}}{{\\emph{{{heading}}}; in no pillar score}} \\\\\n",
            matrix.columns.len() + 3
        )),
    }
    for row in &group.rows {
        text.push_str(&row_of(matrix, row));
    }
    text
}

fn row_of(matrix: &Matrix, row: &Row) -> String {
    let cells: Vec<String> =
        row.cells.iter().map(|cell| format!(" & {}", cell_of(matrix, cell))).collect();
    let task = row.task.to_string();
    format!(
        "{} & {} {} & {}{} \\\\\n",
        escape::latex(task.split('/').nth(1).unwrap_or_default()),
        escape::latex(row.metric.as_str()),
        row.scale.map_or("", |scale| arrow(scale.direction)),
        row.validity.as_ref().map_or("", |validity| validity.level.word()),
        cells.concat()
    )
}

fn arrow(direction: Direction) -> &'static str {
    match direction {
        Direction::Higher => "$\\uparrow$",
        Direction::Lower => "$\\downarrow$",
        Direction::NearZero => "$\\to 0$",
        Direction::None => "",
    }
}

fn cell_of(matrix: &Matrix, cell: &Cell) -> String {
    match cell {
        Cell::NotAsked => "not asked".to_owned(),
        Cell::NotScored(_) => "not scored".to_owned(),
        Cell::Withheld(_) => "n.c.".to_owned(),
        Cell::Number(number) => number_of(matrix, number),
    }
}

fn number_of(matrix: &Matrix, number: &Number) -> String {
    let value = decimal(number.estimate.value);
    let value = match number.place {
        Place::AheadOfAll => format!("\\textbf{{{value}}}"),
        Place::Among => value,
    };
    let better = match matrix.signs(&number.better_than) {
        signs if signs.is_empty() => String::new(),
        signs => format!("\\textsuperscript{{{signs}}}"),
    };
    let pending = match number.pending {
        0 => String::new(),
        pending => format!(" ({pending} pending)"),
    };
    let unlike = if number.unlike.is_empty() { "" } else { " (n.c.)" };
    format!(
        "{value}{better} {{\\tiny {}}}{pending}{unlike}",
        spaced(&estimate_interval(&number.estimate))
    )
}

/// No line ends inside an interval.
fn spaced(interval: &str) -> String {
    interval.replace(", ", ",\\,")
}

/// What changed between two runs.
fn changed(matrix: &Matrix, told: &str, changes: &[&Change], label: Option<&Label>) -> String {
    let mut text = format!(
        "\\begin{{table}}\n\\centering\n\\small\n\\caption{{{}What changed. {} {}}}\n{}",
        incomplete(matrix),
        escape::latex(told),
        escape::latex(&runs(matrix)),
        label::line(label.map(|label| label.of_part("changes")).as_ref())
    );
    text.push_str("\\begin{tabular}{llrrlrll}\n\\toprule\nTask & Metric & A & B & Change, 95\\,\\% interval & Points & $p$ & B is \\\\\n\\midrule\n");
    for change in changes {
        text.push_str(&format!(
            "{} & {} & {} & {} & {} {{\\tiny {}}}, $n$ {} & {} & {} & {} \\\\\n",
            escape::latex(&change.task.to_string()),
            escape::latex(change.metric.as_str()),
            decimal(change.first),
            decimal(change.second),
            signed(change.difference.value),
            spaced(&estimate_interval(&change.difference)),
            count(change.difference.n, change.difference.clusters),
            change.points_in_words(),
            escape::latex(&change.p.map_or_else(|| "none".to_owned(), chance)),
            escape::latex(&change.said)
        ));
    }
    text + "\\bottomrule\n\\end{tabular}\n\\end{table}\n"
}

/// The published ranks alone, where no run stands beside them.
fn ranks(matrix: &Matrix, label: Option<&Label>) -> String {
    let Some(published) = &matrix.published else { return String::new() };
    let mut text = format!(
        "\\begin{{table*}}\n\\centering\n\\small\n\\caption{{Published ranks of {} models, without intervals: neighbours may not differ at \
         all.}}\n{}\\begin{{tabular}}{{l{}}}\n\\toprule\nTask",
        published.models.len(),
        label::line(label),
        "r".repeat(published.models.len())
    );
    for model in &published.models {
        text.push_str(&format!(" & {}", escape::latex(model)));
    }
    text.push_str(" \\\\\n\\midrule\n");
    for (id, cells) in &published.tasks {
        let ranks: Vec<String> = cells
            .iter()
            .map(|cell| {
                cell.map_or_else(|| " & none".to_owned(), |cell| format!(" & {}", cell.rank))
            })
            .collect();
        text.push_str(&format!("{}{} \\\\\n", escape::latex(&id.to_string()), ranks.concat()));
    }
    text + "\\bottomrule\n\\end{tabular}\n\\end{table*}\n"
}
