//! What comes of a study, from its journals alone: a report of each run, a comparison for each judge, what the judges agree on, and the
//! leaderboard.

use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use trustmh_core::panel::Panel;
use trustmh_core::scorecard::Scorecard;
use trustmh_core::validity::Demand;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::published::Published;
use trustmh_report::comparison::Shown;
use trustmh_report::matrix::{self, Brief, Matrix};
use trustmh_report::study::{Overview, OverviewComparison, OverviewRun};
use trustmh_run::derived::score::{ScoredRun, score};
use trustmh_run::journal;
use trustmh_run::journal::SEAL_FILE;
use trustmh_run::several::compare::{ALPHA, UnlikeTasks, compare};
use trustmh_run::several::leaderboard::{Leaderboard, leaderboard};
use trustmh_run::several::panel::panel;
use trustmh_run::study::{RUNS, folder_names};

use super::folder::Kept;
use super::outcome::{Tried, graver, lacks};
use crate::arguments::Replies;
use crate::failure::{Exit, Failure};
use crate::matrices::RunsBeside;
use crate::run_folder::judge_cards;
use crate::{atomic_file, scorecards};

/// What files of comparisons and of leaderboards begin with.
const COMPARISON: &str = "comparison";
const LEADERBOARD: &str = "leaderboard";

/// What came of a study.
pub(crate) struct Reported {
    pub(crate) name: String,
    pub(crate) exit: Exit,
    /// What is missing, a sentence a run.
    pub(crate) missing: Vec<String>,
    /// The runs of the study, in its own order.
    pub(crate) runs: Vec<RunState>,
    /// The comparisons, by judge.
    pub(crate) comparisons: Vec<OverviewComparison>,
    /// Files that were written, by their path from the study's folder.
    pub(crate) files: Vec<String>,
    /// All of it for programs.
    pub(crate) json: Value,
}

/// How a run of a study stands.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RunState {
    pub(crate) subject: String,
    pub(crate) judge: String,
    /// Its folder, by its path from the study's.
    pub(crate) run: String,
    pub(crate) planned: u64,
    pub(crate) pending: u64,
    /// What it lacks; nothing of a run that is whole.
    pub(crate) lacks: Vec<String>,
    #[serde(skip)]
    exit: Exit,
}

impl RunState {
    /// Whether all of it is there; of a run that is, a few calls may have failed all the same.
    pub(crate) fn is_whole(&self) -> bool {
        self.exit == Exit::Ok
    }
}

/// Renders all that comes of the study into its folder. What became of its runs just now is known where they were worked on.
pub(crate) fn report(kept: &Kept, tried: Option<&[Tried]>) -> Result<Reported, Failure> {
    let benchmark = Benchmark::embedded()?;
    let study = kept.lock.source("study.lock")?.study.study;
    let (scored, states) = scored(&benchmark, kept, tried)?;
    let missing = missing(&states);
    let mut out = Out { kept, files: Vec::new() };
    for run in &scored {
        let path = format!("{}/report.html", run.scorecard.run);
        out.put(&path, &scorecards::html(&benchmark, run, Replies::AsUsual)?)?;
    }
    let mut comparisons = BTreeMap::new();
    let mut pages = Vec::new();
    let groups = by_judge(&scored, &states);
    for (judge, stem, runs) in &groups {
        let pairs = compare(&benchmark, runs, ALPHA, UnlikeTasks::Refused)?;
        let beside = RunsBeside::of(&benchmark, runs, pairs)?;
        let page = beside.compared(Shown::Primary, UnlikeTasks::Refused);
        let page = Matrix { missing: missing.clone(), ..page };
        let brief = Brief::of(&page);
        out.put(&format!("{stem}.html"), &matrix::html::html(&page))?;
        out.put(&format!("{stem}.csv"), &matrix::csv::csv(&page))?;
        out.put(&format!("{stem}.tex"), &matrix::latex::latex(&page, None))?;
        let ranked = Matrix { missing: missing.clone(), ..beside.ranked()? };
        let leaderboard = format!("{}.html", stem.replacen(COMPARISON, LEADERBOARD, 1));
        out.put(&leaderboard, &matrix::html::html(&ranked))?;
        pages.push(OverviewComparison {
            judge: (*judge).to_owned(),
            page: format!("{stem}.html"),
            leaderboard,
            found: brief,
        });
        comparisons.insert(*judge, beside.json());
    }
    let panels = panels(&benchmark, &scored, &states)?;
    if kept.lock.judges.len() > 1 || pages.is_empty() {
        let overview = Overview {
            name: study.name.as_str(),
            description: study.description.as_deref(),
            missing: &missing,
            runs: states.iter().map(overview_run).collect(),
            comparisons: &pages,
            panels: &panels,
        };
        out.put("comparison.html", &trustmh_report::study::html(&overview))?;
    }
    let comparison = json!({ "missing": missing, "by_judge": comparisons, "panels": panels });
    out.put_json("comparison.json", &comparison)?;
    let board = leaderboard(&Published::embedded()?, &scored);
    out.put_json("leaderboard.json", &StudyBoard { missing: &missing, board: &board })?;
    let cards: Vec<&Scorecard> = scored.iter().map(|run| &run.scorecard).collect();
    out.put_json("scorecards.json", &cards)?;
    let json = json!({
        "study": study.name,
        "complete": states.iter().all(RunState::is_whole),
        "missing": missing,
        "runs": states,
        "comparison": comparison,
        "leaderboard": board,
        "scorecards": cards,
        "files": out.files,
    });
    Ok(Reported {
        name: study.name.to_string(),
        exit: states.iter().fold(Exit::Ok, |exit, run| graver(exit, run.exit)),
        missing,
        runs: states,
        comparisons: pages,
        files: out.files,
        json,
    })
}

/// The runs that were begun with their scores, those of a judge one after the other; and how every run stands, in the study's order.
fn scored(
    benchmark: &Benchmark,
    kept: &Kept,
    tried: Option<&[Tried]>,
) -> Result<(Vec<ScoredRun>, Vec<RunState>), Failure> {
    let cards = judge_cards()?;
    let mut scored: Vec<(String, ScoredRun)> = Vec::new();
    let mut states = Vec::new();
    for (place, locked) in kept.lock.runs.iter().enumerate() {
        let folder = kept.run(place);
        let run = format!("{RUNS}/{}", locked.folder);
        let mut state = RunState {
            subject: locked.subject.clone(),
            judge: locked.judge.clone(),
            run: run.clone(),
            planned: locked.trials,
            pending: locked.trials,
            lacks: vec!["was not begun".to_owned()],
            exit: Exit::Incomplete,
        };
        if was_begun(&folder) {
            let found = score(benchmark, &folder, None, None)
                .and_then(|found| found.held_to(benchmark, &cards, &Demand::USUAL));
            match found {
                Ok(mut found) => {
                    found.scorecard.run = run;
                    (state.exit, state.lacks) = lacks(&found);
                    state.pending = found.scorecard.record.pending;
                    scored.push((locked.judge.clone(), found));
                }
                // The others are reported all the same.
                Err(error) => {
                    let failure = Failure::from(error);
                    state.lacks = vec![format!("cannot be read: {}", failure.message)];
                    state.exit = failure.exit;
                }
            }
        }
        if let Some(tried) = tried.and_then(|all| all.get(place)) {
            state.exit = graver(state.exit, tried.exit());
            if let Tried::Failed(failure) = tried {
                state.lacks.push(format!("it could not go on: {}", failure.message));
            }
        }
        states.push(state);
    }
    let judges: Vec<&String> = kept.lock.runs.iter().map(|run| &run.judge).collect();
    let first = |judge: &String| judges.iter().position(|one| *one == judge);
    scored.sort_by_key(|(judge, _)| first(judge));
    Ok((scored.into_iter().map(|(_, run)| run).collect(), states))
}

/// Whether anything was recorded of a run: a seal without a journal tells that one was taken away.
fn was_begun(folder: &Path) -> bool {
    [journal::FILE, SEAL_FILE].iter().any(|name| folder.join(name).symlink_metadata().is_ok())
}

/// What is missing, a sentence a run.
fn missing(states: &[RunState]) -> Vec<String> {
    let lacking = states.iter().filter(|state| !state.lacks.is_empty());
    lacking
        .map(|state| format!("{} by {}: {}", state.subject, state.judge, state.lacks.join("; ")))
        .collect()
}

/// The runs of each judge, and what the files of their comparison are called.
fn by_judge<'s>(
    scored: &'s [ScoredRun],
    states: &'s [RunState],
) -> Vec<(&'s str, String, &'s [ScoredRun])> {
    let judge_of = |run: &ScoredRun| {
        let state = states.iter().find(|state| state.run == run.scorecard.run);
        state.map_or("", |state| state.judge.as_str())
    };
    let mut judges: Vec<&str> = Vec::new();
    for state in states {
        if !judges.contains(&state.judge.as_str()) {
            judges.push(&state.judge);
        }
    }
    let names = folder_names(judges.iter().copied(), "judge");
    let stem = |judge: &str| {
        let name = judges.iter().position(|one| *one == judge).and_then(|at| names.get(at));
        match name {
            Some(name) if judges.len() > 1 => format!("{COMPARISON}-by-{name}"),
            Some(_) | None => COMPARISON.to_owned(),
        }
    };
    let groups = scored.chunk_by(|one, other| judge_of(one) == judge_of(other));
    groups
        .filter_map(|runs| {
            let judge = judge_of(runs.first()?);
            Some((judge, stem(judge), runs))
        })
        .collect()
}

/// What the judges of each subject say of the same replies, by subject; nothing where one judge judged.
fn panels(
    benchmark: &Benchmark,
    scored: &[ScoredRun],
    states: &[RunState],
) -> Result<BTreeMap<String, Panel>, Failure> {
    let subjects: BTreeSet<&String> = states.iter().map(|state| &state.subject).collect();
    let mut panels = BTreeMap::new();
    for subject in subjects {
        let own: BTreeSet<&str> = states
            .iter()
            .filter(|state| state.subject == *subject)
            .map(|state| state.run.as_str())
            .collect();
        let runs: Vec<&ScoredRun> =
            scored.iter().filter(|run| own.contains(run.scorecard.run.as_str())).collect();
        if runs.len() > 1 {
            panels.insert(subject.clone(), panel(benchmark, &runs)?);
        }
    }
    Ok(panels)
}

fn overview_run(state: &RunState) -> OverviewRun {
    OverviewRun {
        subject: state.subject.clone(),
        judge: state.judge.clone(),
        report: (state.pending < state.planned).then(|| format!("{}/report.html", state.run)),
        planned: state.planned,
        pending: state.pending,
        lacks: state.lacks.clone(),
    }
}

/// The leaderboard of a study: what is missing of it first.
#[derive(Serialize)]
struct StudyBoard<'b> {
    missing: &'b [String],
    #[serde(flatten)]
    board: &'b Leaderboard,
}

/// Files that come of the study.
struct Out<'k> {
    kept: &'k Kept,
    files: Vec<String>,
}

impl Out<'_> {
    fn put(&mut self, path: &str, text: &str) -> Result<(), Failure> {
        atomic_file::write(
            &self.kept.folder.join(path),
            |out| Ok(out.write_all(text.as_bytes())?),
        )?;
        self.files.push(path.to_owned());
        Ok(())
    }

    fn put_json(&mut self, path: &str, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(|error| {
            Failure::usage(format!("{path} cannot be written as JSON: {error}"))
        })?;
        self.put(path, &(text + "\n"))
    }
}
