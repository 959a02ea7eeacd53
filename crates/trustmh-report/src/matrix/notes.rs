//! What must be read with a matrix: each thing once, at its end.

use super::build::{Given, pair_places};
use super::{Cell, Matrix, Number, Of, Row};

/// All notes of a matrix whose other parts are made.
pub(super) fn notes(given: &Given<'_>, matrix: &Matrix) -> Vec<String> {
    let mut notes = how_to_read(given, matrix);
    notes.extend(judges(matrix));
    notes.extend(not_comparable(given, matrix));
    notes.extend(told(given, matrix));
    notes.extend(given.notes.iter().cloned());
    notes.extend(caveats(given, matrix));
    notes
}

fn numbers(matrix: &Matrix) -> impl Iterator<Item = &Number> {
    rows(matrix).flat_map(|row| &row.cells).filter_map(|cell| match cell {
        Cell::Number(number) => Some(number.as_ref()),
        Cell::NotAsked | Cell::NotScored(_) | Cell::Withheld(_) => None,
    })
}

fn rows(matrix: &Matrix) -> impl Iterator<Item = &Row> {
    matrix.groups.iter().flat_map(|group| &group.rows)
}

fn how_to_read(given: &Given<'_>, matrix: &Matrix) -> Vec<String> {
    if matrix.columns.is_empty() {
        return Vec::new();
    }
    let mut notes = vec![
        "Each value is the run's own over all of its trials, with its 95 % interval and n; “40 in 10” are 40 trials of 10 items, which are \
         not independent of each other."
            .to_owned(),
    ];
    if let Some(pair) = given.comparisons.first() {
        notes.push(format!(
            "Who is told apart is tested pair by pair on the trials that both runs scored, at a level of {} after correction: by Holm over \
             all metrics that tasks are ranked by, by Benjamini and Hochberg over all others. “Better than B” names the runs that a run is \
             found better than; bold stands where these are all that it may be compared with. Where nothing is said the numbers do not \
             tell the runs apart, which does not make them equal.",
            pair.alpha
        ));
    }
    if numbers(matrix).any(|number| number.estimate.interval.is_none()) {
        notes.push(
            "“Too little data” stands in the place of an interval that the data cannot carry."
                .to_owned(),
        );
    }
    if numbers(matrix).any(|number| number.rank.is_some()) {
        notes.push(
            "Ranks are among the runs that may be compared. A range holds the ranks that the comparisons of all pairs leave open: all true \
             ranks lie in their ranges at once with a chance of 95 %."
                .to_owned(),
        );
    }
    let has_scores = matrix.groups.iter().any(|group| match &group.of {
        Of::Pillar { standing, .. } => standing.iter().any(|cell| cell.score.is_some()),
        Of::Suite(_) => false,
    });
    if has_scores {
        notes.push(
            "A pillar score is the mean of its tasks on a scale from 0 to 100, with all that is missing at the worse end: an overview, not a \
             measure of safety."
                .to_owned(),
        );
    }
    if matrix.groups.iter().any(|group| matches!(group.of, Of::Suite(_))) {
        notes.push(
            "Tasks of other suites, and your own, are in no pillar score and no sum of ranks."
                .to_owned(),
        );
    }
    notes
}

/// What stands behind judged numbers, each judge and rubric once.
fn judges(matrix: &Matrix) -> Vec<String> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows(matrix) {
        let Some(validity) = &row.validity else { continue };
        add(
            &mut found,
            format!("{}: {}", validity.judge, validity.in_words()),
            row.task.to_string(),
        );
    }
    found
        .into_iter()
        .map(|(judge, tasks)| format!("Judge of {}: {judge}.", tasks.join(", ")))
        .collect()
}

/// Why runs stand apart, each difference once with its tasks.
fn not_comparable(given: &Given<'_>, matrix: &Matrix) -> Vec<String> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for ((one, two), pair) in pair_places(given.cards.len()).zip(given.comparisons) {
        for (id, task) in &pair.tasks {
            for unlike in task.forbidding() {
                let between = matrix.signs(&[one, two]).replace(", ", " and ");
                add(&mut found, format!("{between} differ in {unlike}"), id.to_string());
            }
        }
    }
    found
        .into_iter()
        .map(|(differ, tasks)| format!("Not comparable: {differ} ({}).", tasks.join(", ")))
        .collect()
}

/// Differences that forbid nothing.
fn told(given: &Given<'_>, matrix: &Matrix) -> Vec<String> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for ((one, two), pair) in pair_places(given.cards.len()).zip(given.comparisons) {
        let alike = pair.tasks.values().filter(|task| task.is_alike());
        for unlike in alike.flat_map(|task| &task.differs) {
            let between = matrix.signs(&[one, two]).replace(", ", " and ");
            add(&mut found, unlike.to_string(), between);
        }
    }
    found
        .into_iter()
        .map(|(differ, pairs)| format!("Compared anyway: {} differ in {differ}.", pairs.join(", ")))
        .collect()
}

/// What must be known of runs, each sentence once with the runs it is of.
fn caveats(given: &Given<'_>, matrix: &Matrix) -> Vec<String> {
    let mut found: Vec<(String, Vec<usize>)> = Vec::new();
    for (column, caveats) in given.caveats.iter().enumerate() {
        for caveat in caveats {
            add(&mut found, caveat.clone(), column);
        }
    }
    found.into_iter().map(|(caveat, runs)| format!("{}: {caveat}", matrix.signs(&runs))).collect()
}

fn add<T: PartialEq>(found: &mut Vec<(String, Vec<T>)>, said: String, of: T) {
    match found.iter_mut().find(|(known, _)| *known == said) {
        Some((_, all)) if all.contains(&of) => {}
        Some((_, all)) => all.push(of),
        None => found.push((said, vec![of])),
    }
}
