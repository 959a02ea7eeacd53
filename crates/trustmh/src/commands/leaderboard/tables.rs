//! A leaderboard as tables: the runs, their tasks, the published ranks, and the pillars last, where a screen ends.

use trustmh_core::id::TaskId;
use trustmh_core::pillar::Pillar;
use trustmh_core::suite::by_suite;
use trustmh_core::validity::Validity;
use trustmh_report::comparison::with_direction;
use trustmh_report::matrix::sign;
use trustmh_report::number::{count, decimal, interval};
use trustmh_report::sections::Section;
use trustmh_report::sentences::{Of, by_sentence};
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::several::leaderboard::{
    Group, Leaderboard, PillarBoard, PlacedRun, RunRow, TaskBoard,
};

/// What the tables show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// The published ranks of all tasks: there are no runs.
    PublishedAlone,
    /// The runs, each with its place among the published models.
    Runs,
    /// These models, too.
    RunsAndPublished,
}

/// Tasks that a run has, the published ranks of these, then the pillars; without runs all tasks.
pub(super) fn tables(board: &Leaderboard, runs: &[ScoredRun], shown: Shown) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    if shown != Shown::PublishedAlone {
        sections.push(legend(runs));
        let own = board.tasks.iter().map(|(id, task)| (id, task.groups.as_slice()));
        let beside = |group: &Group| group.beside_published.in_words();
        sections.extend(of_suite("TrustMH-Bench", own, runs, beside));
        // Other suites and the users' own tasks stand below, and none of them has a place among the published models.
        for (suite, tasks) in by_suite(&board.suites) {
            let tasks = tasks.into_iter().flatten();
            let tasks = tasks.map(|(id, groups)| (id, groups.as_slice()));
            sections.extend(of_suite(&suite.heading(), tasks, runs, |_| {
                "no published model was asked this; it is in no pillar and no place".to_owned()
            }));
        }
    }
    let is_shown = |task: &TaskBoard| match shown {
        Shown::PublishedAlone => true,
        Shown::RunsAndPublished => !task.groups.is_empty(),
        Shown::Runs => false,
    };
    let published_tasks = board.tasks.iter().filter(|(_, task)| is_shown(task));
    sections.extend(published_tasks.map(|(id, task)| published(&id.to_string(), task)));
    sections.push(pillars(board, runs, shown));
    sections
}

/// The runs by the signs that the other tables name them by.
fn legend(runs: &[ScoredRun]) -> Section {
    let rows = runs.iter().enumerate().map(|(place, run)| {
        vec![sign(place), run.scorecard.subject_shown(), run.scorecard.run.clone()]
    });
    Section {
        title: "Runs".to_owned(),
        head: ["", "subject", "run"].map(str::to_owned).into(),
        rows: rows.collect(),
        notes: Vec::new(),
    }
}

/// What the order of the runs is, and where more is told of it.
const ORDER: &str = "Runs of a task are in the order of their values, which may be chance: `trustmh compare` tells which of them are told \
apart.";

/// A row a task and run; nothing where no run has a task of the suite.
fn of_suite<'b>(
    suite: &str,
    tasks: impl Iterator<Item = (&'b TaskId, &'b [Group])>,
    runs: &[ScoredRun],
    beside: impl Fn(&Group) -> String,
) -> Option<Section> {
    let tasks: Vec<(String, &[Group])> = tasks
        .filter(|(_, groups)| !groups.is_empty())
        .map(|(id, groups)| (id.to_string(), groups))
        .collect();
    if tasks.is_empty() {
        return None;
    }
    let groups = || tasks.iter().flat_map(|(_, groups)| groups.iter());
    let columns: Vec<Column> = [
        Some(Column::Task),
        tasks.iter().any(|(_, groups)| groups.len() > 1).then_some(Column::Group),
        Some(Column::Run),
        Some(Column::Metric),
        Some(Column::Value),
        Some(Column::Interval),
        Some(Column::N),
        groups()
            .flat_map(|group| &group.runs)
            .any(|row| row.place.is_some())
            .then_some(Column::Place),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut rows = Vec::new();
    let mut said: Vec<(String, &str)> = Vec::new();
    for (task, groups) in &tasks {
        for (group, number) in groups.iter().zip(1..) {
            for row in &group.runs {
                let cell = |column: &Column| column.cell(task, number, row, runs);
                rows.push(columns.iter().map(cell).collect());
            }
            said.push((beside(group), task));
            let judge = group.validity.as_ref().and_then(Validity::behind_an_order);
            said.extend(judge.map(|judge| (judge, task.as_str())));
        }
        said.extend(unlike(groups).map(|differing| (differing, task.as_str())));
    }
    let sentence =
        |(words, of): (String, Of<'_>)| format!("{}: {words}.", of.in_words("All tasks"));
    let mut notes: Vec<String> =
        by_sentence(tasks.len(), said.into_iter()).into_iter().map(sentence).collect();
    if groups().any(|group| group.runs.len() > 1) {
        notes.insert(0, ORDER.to_owned());
    }
    Some(Section {
        title: format!("{suite}: runs"),
        head: columns.iter().map(|column| column.head().to_owned()).collect(),
        rows,
        notes,
    })
}

/// The sign of a run in a folder.
fn sign_of(runs: &[ScoredRun], folder: &str) -> String {
    let place = runs.iter().position(|run| run.scorecard.run == folder);
    place.map_or_else(|| folder.to_owned(), sign)
}

/// A column of the tasks' table.
#[derive(Debug, Clone, Copy)]
enum Column {
    Task,
    /// Which of several groups of runs that are alike in the task.
    Group,
    Run,
    Metric,
    Value,
    Interval,
    N,
    Place,
}

impl Column {
    const fn head(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Group => "group",
            Self::Run => "run",
            Self::Metric => "metric",
            Self::Value => "value",
            Self::Interval => "95 % interval",
            Self::N => "n",
            Self::Place => "rank among published",
        }
    }

    fn cell(self, task: &str, group: usize, row: &RunRow, runs: &[ScoredRun]) -> String {
        match self {
            Self::Task => task.to_owned(),
            Self::Group => group.to_string(),
            Self::Run => sign_of(runs, &row.run),
            Self::Metric => with_direction(&row.metric, row.direction),
            Self::Value => decimal(row.value),
            Self::Interval => interval(row.low, row.high),
            Self::N => match (count(row.n, row.clusters), row.pending) {
                (n, 0) => n,
                (n, pending) => format!("{n}, {pending} pending"),
            },
            Self::Place => match row.place {
                Some((best, worst)) if best == worst => best.to_string(),
                Some((best, worst)) => format!("{best} to {worst}"),
                None => "none".to_owned(),
            },
        }
    }
}

/// What keeps the groups of a task apart.
fn unlike(groups: &[Group]) -> Option<String> {
    let first = groups.first().filter(|_| groups.len() > 1)?;
    let values = |what: &str| {
        let mut values: Vec<&str> = Vec::new();
        for group in groups {
            let value = group.key.iter().find(|(name, _)| **name == what);
            let value = value.map_or("none", |(_, value)| value.as_str());
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    };
    let differing = first.key.keys().filter_map(|what| {
        let values = values(what);
        (values.len() > 1).then(|| format!("{what}: {}", values.join(" | ")))
    });
    let differing: Vec<String> = differing.collect();
    Some(format!(
        "runs of different groups are not alike, and are not ranked together ({})",
        differing.join("; ")
    ))
}

fn published(id: &str, task: &TaskBoard) -> Section {
    let numbers = task.published.iter().any(|row| row.value.is_some());
    let head = if numbers { vec!["rank", "model", "value"] } else { vec!["rank", "model"] };
    let rows = task.published.iter().map(|row| {
        let mut cells = vec![row.rank.to_string(), row.model.clone()];
        if numbers {
            cells.push(row.value.map(decimal).unwrap_or_default());
        }
        cells
    });
    Section {
        title: format!("{id}: published ranks of 12 models"),
        head: head.into_iter().map(str::to_owned).collect(),
        rows: rows.collect(),
        notes: vec![
            "Ranks as published, without intervals: neighbours may not differ at all.".to_owned(),
        ],
    }
}

fn pillars(board: &Leaderboard, runs: &[ScoredRun], shown: Shown) -> Section {
    let (title, head): (&str, &[&str]) = match shown {
        Shown::Runs => (
            "Pillars: scores of the runs, the best first",
            &["pillar", "run", "subject", "of 100", "95 % interval"],
        ),
        Shown::PublishedAlone | Shown::RunsAndPublished => (
            "Pillars: published ranks of 12 models, and pillar scores of the runs",
            &["pillar", "published, best first", "runs, 0 to 100"],
        ),
    };
    // What is said of the published ranks belongs where these are shown.
    let mut notes = if shown == Shown::Runs { Vec::new() } else { board.notes.clone() };
    let of_runs = |found: &PillarBoard| !(found.runs.is_empty() && found.left_out.is_empty());
    let asked = |found: &PillarBoard| shown != Shown::Runs || of_runs(found);
    let found: Vec<(&Pillar, &PillarBoard)> =
        board.pillars.iter().filter(|(_, found)| asked(found)).collect();
    let rows = found.iter().flat_map(|(pillar, found)| match shown {
        Shown::Runs => scores(pillar.title(), found, runs),
        Shown::PublishedAlone | Shown::RunsAndPublished => {
            vec![beside_published(pillar.title(), found, runs)]
        }
    });
    let left_out = found.iter().flat_map(|(pillar, found)| {
        found.left_out.iter().map(move |left| {
            (format!("no {} score: {}", pillar.title(), left.why), left.run.as_str())
        })
    });
    let said = |(words, of): (String, Of<'_>)| format!("{}: {words}", of.in_words("All runs"));
    notes.extend(by_sentence(runs.len(), left_out).into_iter().map(said));
    notes.extend(caveats(board, runs.len()));
    Section {
        title: title.to_owned(),
        head: head.iter().map(|head| (*head).to_owned()).collect(),
        rows: rows.collect(),
        notes,
    }
}

/// A row for each run with a score in the pillar; one that says so where none has.
fn scores(pillar: &str, found: &PillarBoard, runs: &[ScoredRun]) -> Vec<Vec<String>> {
    let row = |placed: &PlacedRun| {
        let PlacedRun { run, subject, score } = placed;
        let value = format!("{:.1}", score.value);
        let interval = interval(score.low, score.high);
        [pillar.to_owned(), sign_of(runs, run), subject.clone(), value, interval].to_vec()
    };
    match found.runs.as_slice() {
        [] => vec![[pillar, "", "no score", "", ""].map(str::to_owned).to_vec()],
        placed => placed.iter().map(row).collect(),
    }
}

/// A pillar's published ranks, and all that the runs have in it.
fn beside_published(pillar: &str, found: &PillarBoard, runs: &[ScoredRun]) -> Vec<String> {
    let ranks = found.published.iter().map(|(model, rank)| format!("{rank} {model}"));
    let scores = found.runs.iter().map(|placed| {
        let PlacedRun { run, subject, score } = placed;
        let sign = sign_of(runs, run);
        format!("{sign} {subject} {:.1} {}", score.value, interval(score.low, score.high))
    });
    let (ranks, scores) = (ranks.collect::<Vec<_>>(), scores.collect::<Vec<_>>());
    vec![pillar.to_owned(), ranks.join(", "), scores.join("; ")]
}

/// Each caveat once, with the runs that it is of.
fn caveats(board: &Leaderboard, runs: usize) -> Vec<String> {
    let all = board.caveats.iter().flat_map(|(run, caveats)| {
        caveats.iter().map(move |caveat| (caveat.as_str(), run.as_str()))
    });
    let said =
        |(caveat, of): (&str, Of<'_>)| format!("Caveat of {}: {caveat}", of.in_words("all runs"));
    by_sentence(runs, all).into_iter().map(said).collect()
}
