//! The matrix for programs: a row for what is missing, for each run on each metric, and for each pair that was compared.

use csv::{Terminator, WriterBuilder};

use trustmh_core::comparison::Verdict;
use trustmh_core::metric::{Direction, Estimate};

use super::{Cell, Change, Matrix, NotCompared, Number, Place, Published, Row, Scale};
use crate::trials::cell as safe;

/// The columns.
pub const HEAD: [&str; 36] = [
    "row",
    "task",
    "suite",
    "title",
    "metric",
    "metric_title",
    "primary",
    "direction",
    "best",
    "worst",
    "column",
    "name",
    "subject",
    "run",
    "judge",
    "judge_validity",
    "protocol",
    "record",
    "state",
    "value",
    "low",
    "high",
    "n",
    "clusters",
    "pending",
    "missing",
    "rank",
    "rank_best",
    "rank_worst",
    "better_than",
    "worse_than",
    "other_column",
    "other_run",
    "points",
    "p",
    "verdict",
];

/// A row by the names of its columns; what is not set is empty.
struct Line(Vec<(&'static str, String)>);

impl Line {
    fn of(kind: &'static str) -> Self {
        Self(vec![("row", kind.to_owned())])
    }

    /// A text that others may have written.
    fn text(mut self, name: &'static str, text: &str) -> Self {
        self.0.push((name, safe(text)));
        self
    }

    fn number(mut self, name: &'static str, number: Option<impl ToString>) -> Self {
        self.0.extend(number.map(|number| (name, number.to_string())));
        self
    }

    fn estimate(self, found: &Estimate) -> Self {
        self.number("value", Some(found.value))
            .number("low", found.interval.map(|interval| interval.low))
            .number("high", found.interval.map(|interval| interval.high))
            .number("n", Some(found.n))
            .number("clusters", Some(found.clusters))
    }

    fn scale(self, scale: Option<&Scale>) -> Self {
        let Some(scale) = scale else { return self };
        self.text("direction", word(scale.direction))
            .number("best", scale.anchors.map(|anchors| anchors.best))
            .number("worst", scale.anchors.map(|anchors| anchors.worst))
    }

    fn cells(&self) -> Vec<&str> {
        let cell = |name: &&str| {
            let set = self.0.iter().find(|(column, _)| column == name);
            set.map_or("", |(_, text)| text.as_str())
        };
        HEAD.iter().map(cell).collect()
    }
}

/// The whole as CSV (RFC 4180, UTF-8, a heading line). Texts that a spreadsheet would take for a formula get an apostrophe in front;
/// control characters are shown as escapes.
pub fn csv(matrix: &Matrix) -> String {
    let rows = || matrix.groups.iter().flat_map(|group| &group.rows);
    let values = rows().flat_map(|row| {
        row.cells.iter().enumerate().map(move |(column, cell)| value(matrix, row, column, cell))
    });
    let pairs = matrix.pairs.iter().map(|pair| match &pair.found {
        Ok(change) => comparison(matrix, pair.columns, change),
        Err(not) => not_compared(matrix, pair.columns, not),
    });
    let published = matrix.published.iter().flat_map(published);
    let missing = matrix.missing.iter().map(|missing| Line::of("missing").text("record", missing));
    let lines: Vec<Line> = missing.chain(values).chain(pairs).chain(published).collect();
    let mut out = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    let records = std::iter::once(HEAD.to_vec()).chain(lines.iter().map(Line::cells));
    // A list in memory takes all that is written to it.
    for record in records {
        drop(out.write_record(record));
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Higher => "higher",
        Direction::Lower => "lower",
        Direction::NearZero => "near-zero",
        Direction::None => "none",
    }
}

fn of_run(matrix: &Matrix, line: Line, column: usize) -> Line {
    let Some(run) = matrix.columns.get(column) else { return line };
    line.text("column", &run.sign)
        .text("name", &run.name)
        .text("subject", run.model.as_ref().unwrap_or(&run.name))
        .text("run", &run.run)
        .text("judge", &run.judge)
        .text("protocol", &run.protocol.to_string())
        .text("record", run.record.as_deref().unwrap_or_default())
}

fn value(matrix: &Matrix, row: &Row, column: usize, cell: &Cell) -> Line {
    let line = Line::of("value")
        .text("task", &row.task.to_string())
        .text("suite", row.suite.as_str())
        .text("title", &row.title)
        .text("metric", row.metric.as_str())
        .text("metric_title", &row.metric_title)
        .number("primary", Some(row.primary))
        .scale(row.scale.as_ref())
        .text("judge_validity", row.validity.as_ref().map_or("", |known| known.level.word()));
    let line = of_run(matrix, line, column);
    match cell {
        Cell::NotAsked => line.text("state", "not asked"),
        Cell::NotScored(why) => line.text("state", &format!("not scored: {why}")),
        Cell::Withheld(differs) => line.text("state", &unlike(differs)),
        Cell::Number(number) => of_number(matrix, line, number),
    }
}

fn unlike(differs: &[String]) -> String {
    format!("not comparable: {}", differs.join(", "))
}

fn of_number(matrix: &Matrix, line: Line, number: &Number) -> Line {
    let state = match (number.unlike.is_empty(), number.place, number.estimate.interval) {
        (false, _, _) => unlike(&number.unlike),
        (true, Place::AheadOfAll, _) => "better than all".to_owned(),
        (true, Place::Among, None) => "too little data".to_owned(),
        (true, Place::Among, Some(_)) => String::new(),
    };
    line.text("state", &state)
        .estimate(&number.estimate)
        .number("pending", Some(number.pending))
        .number("missing", Some(number.missing))
        .number("rank", number.rank.map(|range| range.rank))
        .number("rank_best", number.rank.map(|range| range.best))
        .number("rank_worst", number.rank.map(|range| range.worst))
        .text("better_than", &matrix.signs(&number.better_than))
        .text("worse_than", &matrix.signs(&number.worse_than))
}

fn of_pair(matrix: &Matrix, line: Line, (first, second): (usize, usize)) -> Line {
    let line = of_run(matrix, line, first);
    let Some(other) = matrix.columns.get(second) else { return line };
    line.text("other_column", &other.sign).text("other_run", &other.run)
}

fn comparison(matrix: &Matrix, columns: (usize, usize), change: &Change) -> Line {
    let line = Line::of("comparison")
        .text("task", &change.task.to_string())
        .text("suite", change.suite.as_str())
        .text("title", &change.title)
        .text("metric", change.metric.as_str())
        .text("metric_title", &change.metric_title)
        .number("primary", Some(change.primary))
        .text("state", &change.said)
        .estimate(&change.difference)
        .number("missing", Some(change.missing))
        .number("points", change.points)
        .number("p", change.p)
        .text("verdict", verdict(change.verdict));
    of_pair(matrix, line.scale(change.scale.as_ref()), columns)
}

/// What is said of the other run.
fn verdict(of: Verdict) -> &'static str {
    match of {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::NotSeparated => "not-separated",
        Verdict::Untested => "untested",
    }
}

fn not_compared(matrix: &Matrix, columns: (usize, usize), not: &NotCompared) -> Line {
    let line = Line::of("comparison")
        .text("task", &not.task.to_string())
        .text("suite", not.suite.as_str())
        .text("title", &not.title)
        .text("state", &format!("not compared: {}", not.why));
    of_pair(matrix, line, columns)
}

fn published(published: &Published) -> Vec<Line> {
    let mut lines = Vec::new();
    for (id, cells) in &published.tasks {
        for (model, cell) in published.models.iter().zip(cells) {
            let Some(cell) = cell else { continue };
            let line = Line::of("published")
                .text("task", &id.to_string())
                .text("name", model)
                .text("subject", model)
                .number("value", cell.value)
                .number("rank", Some(cell.rank));
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_cell_a_column_and_no_formula() {
        let line = Line::of("value").text("name", "=1+1").number("n", Some(3));
        let cells = line.cells();
        assert_eq!(cells.len(), HEAD.len());
        let at = |name: &str| cells[HEAD.iter().position(|head| *head == name).unwrap()];
        assert_eq!([at("row"), at("name"), at("n"), at("p")], ["value", "'=1+1", "3", ""]);
    }
}
