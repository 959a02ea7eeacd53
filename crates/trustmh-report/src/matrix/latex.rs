//! The matrix for papers: tables with the package booktabs.

use trustmh_core::metric::Direction;
use trustmh_core::validity::Level;

use super::{
    Cell, Change, Column, Group, Matrix, Number, Of, PillarCell, Place, Row, rank_in_words,
};
use crate::comparison::chance;
use crate::escape;
use crate::label::{self, Label};
use crate::number::{count, decimal, estimate_interval, signed};

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
    let wide = matrix.columns.len() > 4;
    let float = if wide { "table*" } else { "table" };
    let mut text = format!(
        "\\begin{{{float}}}\n\\centering\n\\footnotesize\n\\caption{{{}{} {} Values with the ends of their 95\\,\\% intervals; arrows show which way is better; bold: found \
         better than all others it may be compared with; $>$: the runs that it is found better than; n.c.: not comparable; t.l.d.: \
         too little data for an interval; u, d, v: the judge behind it is unvalidated, directional, validated.}}\n{}",
        incomplete(matrix),
        escape::latex(&format!("{}.", matrix.title())),
        escape::latex(&runs(matrix)),
        label::line(label)
    );
    let heads: Vec<String> =
        matrix.columns.iter().map(|column| format!(" & {}", head(column))).collect();
    text.push_str(&format!(
        "\\setlength{{\\tabcolsep}}{{4pt}}\n\\begin{{tabular}}{{ll{}}}\n\\toprule\nTask & Metric{} \\\\\n",
        "l".repeat(matrix.columns.len()),
        heads.concat()
    ));
    if let Some(all) = &matrix.overall {
        let ranks = all.iter().map(|range| [String::new(), rank_in_words(range)]);
        text.push_str("\\midrule\n");
        text.push_str(&ranked("Over all pillars", ranks));
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
            format!(
                "{{\\footnotesize\\raggedright\n\\begin{{itemize}}\n{}\\end{{itemize}}}}\n",
                notes.concat()
            )
        }
    }
}

/// What must be said first.
fn incomplete(matrix: &Matrix) -> String {
    let of_study = matrix.missing.iter().map(|missing| format!("Missing: {missing}."));
    let of_runs = matrix
        .columns
        .iter()
        .filter_map(|column| Some(format!("{}: {}", column.sign, column.record.as_deref()?)));
    let bold = |said: String| format!("\\textbf{{{}}} ", escape::latex(&said));
    of_study.chain(of_runs).map(bold).collect()
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

/// Longer names than this stand in the caption alone.
const LONG: usize = 18;

fn head(column: &Column) -> String {
    match column.name.chars().count() > LONG {
        true => column.sign.clone(),
        false => format!("{}: {}", column.sign, escape::latex(&column.name)),
    }
}

/// Two lines: the one that is looked for, and the ranks that belong to it in small letters.
fn ranked(above: &str, cells: impl Iterator<Item = [String; 2]>) -> String {
    let (mut first, mut second) = (format!("\\multicolumn{{2}}{{l}}{{{above}}}"), " & ".to_owned());
    for [one, two] in cells {
        first.push_str(&format!(" & {one}"));
        second.push_str(&match two.is_empty() {
            true => " &".to_owned(),
            false => format!(" & {{\\tiny {two}}}"),
        });
    }
    format!("{first} \\\\\n{second} \\\\\n")
}

fn rows(matrix: &Matrix, group: &Group) -> String {
    let mut text = "\\midrule\n".to_owned();
    let heading = format!("\\emph{{{}}}", escape::latex(&group.of.heading()));
    match &group.of {
        Of::Pillar { standing, .. } => {
            let is_empty = |cell: &PillarCell| cell.score.is_none() && cell.rank.is_none();
            match standing.iter().all(is_empty) {
                true => text.push_str(&format!("{heading} \\\\\n")),
                false => text.push_str(&ranked(&heading, standing.iter().map(pillar_cell))),
            }
        }
        Of::Suite(_) => text.push_str(&format!(
            "\\multicolumn{{{}}}{{l}}{{{heading}; in no pillar score}} \\\\\n",
            matrix.columns.len() + 2
        )),
    }
    for row in &group.rows {
        text.push_str(&row_of(matrix, row));
    }
    text
}

fn pillar_cell(cell: &PillarCell) -> [String; 2] {
    let score = cell
        .score
        .as_ref()
        .map(|score| format!("{:.1}{}", score.value, between(score.low.zip(score.high))));
    [
        score.unwrap_or_else(|| "no score".to_owned()),
        cell.rank.as_ref().map(rank_in_words).unwrap_or_default(),
    ]
}

/// The ends of an interval behind a value, one below the other.
fn between(ends: Option<(f64, f64)>) -> String {
    match ends {
        Some((low, high)) => format!("$_{{{}}}^{{{}}}$", decimal(low), decimal(high)),
        None => " {\\tiny t.l.d.}".to_owned(),
    }
}

fn row_of(matrix: &Matrix, row: &Row) -> String {
    let task = row.task.to_string();
    let arrow = row.scale.map_or("", |scale| arrow(scale.direction));
    let judge = row.validity.as_ref().map_or("", |validity| match validity.level {
        Level::Unvalidated => "\\textsuperscript{u}",
        Level::Directional => "\\textsuperscript{d}",
        Level::Validated => "\\textsuperscript{v}",
    });
    let cells: Vec<String> =
        row.cells.iter().map(|cell| format!(" & {}", cell_of(matrix, cell))).collect();
    format!(
        "{} & {}{judge} {arrow}{} \\\\\n",
        escape::latex(task.split('/').nth(1).unwrap_or_default()),
        escape::latex(row.metric.as_str()),
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
    let value = minus(&decimal(number.estimate.value));
    let value = match number.place {
        Place::AheadOfAll => format!("\\textbf{{{value}}}"),
        Place::Among => value,
    };
    let better = match matrix.signs(&number.better_than) {
        signs if signs.is_empty() => String::new(),
        signs => format!(" {{\\scriptsize $>${signs}}}"),
    };
    let pending = match number.pending {
        0 => String::new(),
        pending => format!(" {{\\tiny {pending} pending}}"),
    };
    let missing = match number.missing {
        0 => String::new(),
        missing => format!(" {{\\tiny {missing} missing}}"),
    };
    let unlike = if number.unlike.is_empty() { "" } else { " n.c." };
    let ends = number.estimate.interval.map(|interval| (interval.low, interval.high));
    format!("{value}{}{better}{pending}{missing}{unlike}", between(ends))
}

/// A sign of subtraction, no hyphen.
fn minus(number: &str) -> String {
    match number.strip_prefix('-') {
        Some(rest) => format!("$-${rest}"),
        None => number.to_owned(),
    }
}

/// No line ends inside an interval.
fn spaced(interval: &str) -> String {
    interval.replace(", ", ",\\,")
}

/// What changed between two runs.
fn changed(matrix: &Matrix, told: &str, changes: &[&Change], label: Option<&Label>) -> String {
    let mut text = format!(
        "\\begin{{table}}\n\\centering\n\\footnotesize\n\\caption{{{}What changed. {} {}}}\n{}",
        incomplete(matrix),
        escape::latex(told),
        escape::latex(&runs(matrix)),
        label::line(label.map(|label| label.of_part("changes")).as_ref())
    );
    text.push_str("\\setlength{\\tabcolsep}{4pt}\n\\begin{tabular}{lrrlrlp{2cm}}\n\\toprule\nTask & A & B & Change & Points & $p$ & B is \\\\\n\\midrule\n");
    for change in changes {
        text.push_str(&format!(
            "{} & {} & {} & {} & {} & {} & \\raggedright {} \\tabularnewline\n{{\\scriptsize {}}} & & & {{\\tiny {}, n {}}} & & & \\\\\n",
            escape::latex(&change.task.to_string()),
            minus(&decimal(change.first)),
            minus(&decimal(change.second)),
            minus(&signed(change.difference.value)),
            minus(&change.points_in_words()),
            escape::latex(&change.p.map_or_else(|| "none".to_owned(), chance)),
            escape::latex(&change.said),
            escape::latex(change.metric.as_str()),
            spaced(&estimate_interval(&change.difference)),
            count(change.difference.n, change.difference.clusters)
        ));
    }
    text + "\\bottomrule\n\\end{tabular}\n\\end{table}\n"
}

/// The published ranks alone, where no run stands beside them.
fn ranks(matrix: &Matrix, label: Option<&Label>) -> String {
    let Some(published) = &matrix.published else { return String::new() };
    let named: Vec<String> = (1..)
        .zip(&published.models)
        .map(|(number, model)| format!("{number}: {}", escape::latex(model)))
        .collect();
    let mut text = format!(
        "\\begin{{table}}\n\\centering\n\\footnotesize\n\\caption{{Published ranks of {} models, without intervals: neighbours may not differ at \
         all. {}.}}\n{}\\begin{{tabular}}{{l{}}}\n\\toprule\nTask",
        published.models.len(),
        named.join("; "),
        label::line(label),
        "r".repeat(published.models.len())
    );
    for number in 1..=published.models.len() {
        text.push_str(&format!(" & {number}"));
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
    text + "\\bottomrule\n\\end{tabular}\n\\end{table}\n"
}
