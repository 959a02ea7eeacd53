//! The charts of runs beside each other.

use super::{Figure, Labelled, stacked};
use crate::chart::{DUMBBELL_WIDTH, dumbbell, dumbbell_height};
use crate::matrix::{Matrix, Row};

/// All tasks by the metric that each is ranked by, a lane a run, right is good.
pub(super) fn tasks(matrix: &Matrix) -> Vec<Figure> {
    let rows = matrix.groups.iter().flat_map(|group| &group.rows).filter(|row| row.primary);
    let rows: Vec<Labelled> = rows.filter_map(|row| labelled(matrix, row)).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let named = matrix.columns.iter().map(|column| match &column.record {
        Some(record) => format!("{}: {} ({record})", column.sign, column.name),
        None => format!("{}: {}", column.sign, column.name),
    });
    let title = format!("Right is good. {}", named.collect::<Vec<_>>().join(", "));
    vec![Figure::alone("runs-by-task", &title, stacked(rows, DUMBBELL_WIDTH))]
}

fn labelled(matrix: &Matrix, row: &Row) -> Option<Labelled> {
    let lanes = matrix.lanes(row);
    Some(Labelled {
        first: row.title.clone(),
        second: format!("{}, {}", row.task, row.metric_title),
        drawn: dumbbell(&row.title, &lanes, row.scale.as_ref()?)?,
        height: dumbbell_height(lanes.len()),
    })
}
