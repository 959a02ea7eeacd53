//! Runs beside each other as pages, tables for papers and tables for programs: what `compare` and `leaderboard` write.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;

use trustmh_core::comparison::{ComparedRun, Comparison, Standings};
use trustmh_core::id::TaskId;
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{PillarScore, Scorecard};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::caveats::caveats;
use trustmh_engine::published::Published as PublishedModels;
use trustmh_report::comparison::Shown;
use trustmh_report::figure::figures_beside;
use trustmh_report::matrix::{self, Given, Matrix, Published, PublishedCell, UnlikeValues};
use trustmh_report::sentences::{Of, by_sentence};
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::several::comparability::alike_by_task;
use trustmh_run::several::compare::{UnlikeTasks, named};
use trustmh_run::several::leaderboard::{Leaderboard, PillarBoard, TaskBoard, leaderboard};
use trustmh_run::several::standings::standings;

use crate::arguments::{BesideArguments, Layout};
use crate::failure::Failure;
use crate::{atomic_file, screen};

/// Runs beside each other: every pair, where they stand, and their leaderboard, found once for all that is made of them.
pub(crate) struct RunsBeside<'r> {
    runs: &'r [ScoredRun],
    /// Every pair, in the order of [`trustmh_run::several::compare::compare`].
    pub(crate) pairs: Vec<Comparison>,
    standings: Standings,
    /// The runs beside the published models.
    pub(crate) board: Leaderboard,
    alike: BTreeMap<TaskId, Vec<Vec<usize>>>,
}

impl<'r> RunsBeside<'r> {
    /// These runs, with the comparisons of all their pairs.
    pub(crate) fn of(
        benchmark: &Benchmark,
        runs: &'r [ScoredRun],
        pairs: Vec<Comparison>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            runs,
            standings: standings(benchmark, runs, &pairs)?,
            board: leaderboard(&PublishedModels::embedded()?, runs),
            alike: alike_by_task(runs),
            pairs,
        })
    }

    /// Where several runs stand; nothing of two, of which the comparison says it all.
    pub(crate) fn several(&self) -> Standings {
        if self.runs.len() > 2 { self.standings.clone() } else { Standings::default() }
    }

    /// The comparison as a page or a table for papers.
    pub(crate) fn compared(&self, metrics: Shown, unlike: UnlikeTasks) -> Matrix {
        let unlike = match unlike {
            UnlikeTasks::Refused => UnlikeValues::Withheld,
            UnlikeTasks::ShownAside => UnlikeValues::Marked,
        };
        let notes = without_score(self.runs, &self.board);
        matrix::matrix(Given { metrics, unlike, notes, ..self.given() })
    }

    /// The leaderboard as a page or a table for papers.
    pub(crate) fn ranked(&self) -> Result<Matrix, Failure> {
        let published = PublishedModels::embedded()?;
        let mut notes = beside_published(self.runs, &self.board);
        notes.extend(without_score(self.runs, &self.board));
        notes.extend(self.board.notes.iter().cloned());
        Ok(matrix::matrix(Given {
            unlike: UnlikeValues::Marked,
            published: Some(ranks(&published, self.runs, &self.board)),
            notes,
            ..self.given()
        }))
    }

    /// The comparison for programs.
    pub(crate) fn json(&self) -> Value {
        let several = self.several();
        let named: Vec<ComparedRun> = self.runs.iter().map(named).collect();
        json!({
            "pairs": self.pairs,
            "runs": named,
            "standings": several.tasks,
            "pillars": several.pillars,
            "overall": several.overall,
        })
    }

    /// What both pages have in common.
    fn given(&self) -> Given<'_> {
        Given {
            cards: self.runs.iter().map(|run| &run.scorecard).collect(),
            caveats: self.runs.iter().map(|run| besides(&run.scorecard)).collect(),
            comparisons: &self.pairs,
            standings: &self.standings,
            alike: &self.alike,
            pillars: pillar_scores(self.runs, &self.board),
            metrics: Shown::Primary,
            unlike: UnlikeValues::Withheld,
            published: None,
            notes: Vec::new(),
        }
    }
}

/// What must be known of a run besides what is said of it first.
fn besides(card: &Scorecard) -> Vec<String> {
    let mut all = caveats(card);
    all.retain(|caveat| card.record.note.as_ref() != Some(caveat));
    all
}

/// The scores of runs that have a place in a pillar.
fn pillar_scores(
    runs: &[ScoredRun],
    board: &Leaderboard,
) -> BTreeMap<Pillar, Vec<Option<PillarScore>>> {
    let of_pillar = |(pillar, found): (&Pillar, &PillarBoard)| {
        let score = |run: &ScoredRun| {
            let is_placed = !found.left_out.iter().any(|left| left.run == run.scorecard.run);
            run.scorecard.pillars.get(pillar).filter(|_| is_placed).cloned()
        };
        (*pillar, runs.iter().map(score).collect())
    };
    board.pillars.iter().map(of_pillar).collect()
}

/// Why runs have no place in pillars of which they have tasks.
fn without_score(runs: &[ScoredRun], board: &Leaderboard) -> Vec<String> {
    let left = board.pillars.iter().flat_map(|(pillar, found)| {
        found.left_out.iter().map(move |left| {
            (format!("no {} score: {}", pillar.title(), left.why), left.run.as_str())
        })
    });
    gathered(runs, left)
}

/// Whether runs stand beside the published numbers, by task.
fn beside_published(runs: &[ScoredRun], board: &Leaderboard) -> Vec<String> {
    let groups = board.tasks.values().flat_map(|task| &task.groups);
    let said = groups.flat_map(|group| {
        let words = group.beside_published.in_words();
        group.runs.iter().map(move |row| (words.clone(), row.run.as_str()))
    });
    gathered(runs, said)
}

fn gathered<'s>(runs: &[ScoredRun], said: impl Iterator<Item = (String, &'s str)>) -> Vec<String> {
    let shown = |folder: &&str| {
        let run = runs.iter().find(|run| run.scorecard.run == **folder);
        let subject = run.map_or_else(String::new, |run| run.scorecard.subject_shown());
        format!("{subject} in {folder}")
    };
    let sentence = |(words, of): (String, Of<'_>)| match of {
        Of::All => format!("All runs: {words}."),
        Of::These(of) => {
            format!("{}: {words}.", of.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
    };
    by_sentence(runs.len(), said).into_iter().map(sentence).collect()
}

/// The published ranks, and the places of the runs among the published numbers.
fn ranks(published: &PublishedModels, runs: &[ScoredRun], board: &Leaderboard) -> Published {
    let models = published.models.clone();
    let cells = |task: &TaskBoard| {
        let cell = |model: &String| {
            let row = task.published.iter().find(|row| row.model == *model)?;
            Some(PublishedCell { rank: row.rank, value: row.value })
        };
        models.iter().map(cell).collect()
    };
    let places = |task: &TaskBoard| {
        let rows = || task.groups.iter().flat_map(|group| &group.runs);
        let place = |run: &ScoredRun| rows().find(|row| row.run == run.scorecard.run)?.place;
        runs.iter().map(place).collect()
    };
    let pillar = |found: &PillarBoard| {
        let rank = |model: &String| {
            found.published.iter().find(|(name, _)| name == model).map(|(_, rank)| *rank)
        };
        models.iter().map(rank).collect()
    };
    Published {
        tasks: board.tasks.iter().map(|(id, task)| (id.clone(), cells(task))).collect(),
        pillars: board.pillars.iter().map(|(of, found)| (*of, pillar(found))).collect(),
        places: board.tasks.iter().map(|(id, task)| (id.clone(), places(task))).collect(),
        models,
    }
}

/// The matrix in the layout asked for; text for terminals and Markdown is each command's own, and nothing here.
pub(crate) fn text(matrix: Option<&Matrix>, arguments: &BesideArguments) -> String {
    let Some(matrix) = matrix else { return String::new() };
    match arguments.format {
        Layout::Table | Layout::Markdown => String::new(),
        Layout::Html => matrix::html::html(matrix),
        Layout::Latex => matrix::latex::latex(matrix, arguments.label.as_ref()),
        Layout::Csv => matrix::csv::csv(matrix),
    }
}

/// The charts, where they are asked for.
pub(crate) fn write_figures(
    matrix: Option<&Matrix>,
    arguments: &BesideArguments,
) -> Result<(), Failure> {
    arguments.figures.write(|| matrix.map(figures_beside).unwrap_or_default())
}

/// Puts a text where the user wants it.
pub(crate) fn put(text: &str, arguments: &BesideArguments) -> Result<(), Failure> {
    match &arguments.output {
        Some(path) => atomic_file::save(path, |out| Ok(out.write_all(text.as_bytes())?)).map(drop),
        None => {
            match arguments.format {
                // Lines of CSV end with CR LF, and its texts are inert already.
                Layout::Csv => screen::print_data(text),
                Layout::Table | Layout::Markdown | Layout::Html | Layout::Latex => {
                    screen::print(text);
                }
            }
            Ok(())
        }
    }
}
