//! The runs of a study as they are planned: one for each subject and judge.

use trustmh_core::id::RunId;
use trustmh_core::scorecard::JudgeName;
use trustmh_run::dispatch::ModelPrices;
use trustmh_run::error::RunError;
use trustmh_run::manifest::Manifest;
use trustmh_run::plan::Plan;
use trustmh_run::study::{Lock, LockedFile, Made, folder_names};

use super::folder::Kept;
use super::opened::OpenStudy;
use super::said::as_fields;
use super::work::Bounds;
use crate::arguments::RunRequest;
use crate::benchmark::starter_sets;
use crate::failure::Failure;
use crate::run_folder::judge_cards;
use crate::running::{JudgeRequest, chosen_tasks, plan_with_notes, prices};
use crate::screen;

/// A run of a study that was planned.
pub(crate) struct PlannedRun {
    /// The place of the subject in the study file.
    pub(crate) subject: usize,
    /// The place of the judge.
    pub(crate) judge: usize,
    pub(crate) request: RunRequest,
    pub(crate) plan: Plan,
    pub(crate) prices: ModelPrices,
}

/// All runs of a study, subject by subject; nothing is written or sent.
pub(crate) fn planned(study: &OpenStudy, bounds: &Bounds) -> Result<Vec<PlannedRun>, Failure> {
    check_tasks(study)?;
    let file = &study.source.study;
    let mut runs = Vec::new();
    let mut said: Vec<String> = Vec::new();
    for (subject, asked) in file.subjects.iter().enumerate() {
        for (judge, judging) in file.judges.iter().enumerate() {
            let place = study.source.place("subjects", Some(subject), None);
            let wrong = |failure: Failure| {
                as_fields(failure, &format!("{place}, judge {}", judging.shown()))
            };
            let request = study.request((subject, judge), bounds).map_err(wrong)?;
            let (plan, notes) = plan_of(study, &request).map_err(wrong)?;
            let prices = prices(&plan.manifest, &request.calls.limits).map_err(wrong)?;
            for note in notes {
                let note = format!("{}: {}", asked.shown(), super::said::without_dashes(&note));
                if !said.contains(&note) {
                    said.push(note);
                }
            }
            runs.push(PlannedRun { subject, judge, request, plan, prices });
        }
    }
    said.iter().for_each(|note| screen::note(note));
    name_folders(study, &mut runs);
    Ok(runs)
}

fn plan_of(study: &OpenStudy, request: &RunRequest) -> Result<(Plan, Vec<String>), Failure> {
    let name = request.judge.first().unwrap_or(&JudgeName::None);
    let address = request.judge_base_url.first().map(String::as_str);
    plan_with_notes(&study.benchmark, request, JudgeRequest { name, address })
}

/// Names of tasks are looked at first, so that a slip is told with its line.
fn check_tasks(study: &OpenStudy) -> Result<(), Failure> {
    for task in &study.source.study.data.tasks {
        chosen_tasks(&study.benchmark, std::slice::from_ref(task)).map_err(|failure| {
            let place = study.source.place("data", None, Some("tasks"));
            Failure { message: format!("{place}: {}", failure.message), ..failure }
        })?;
    }
    Ok(())
}

/// Each run in a folder that is called by its subject and judge.
fn name_folders(study: &OpenStudy, runs: &mut [PlannedRun]) {
    let file = &study.source.study;
    let subjects = folder_names(file.subjects.iter().map(|subject| subject.shown()), "subject");
    let judges = folder_names(file.judges.iter().map(|judge| judge.shown()), "judge");
    let mut names = Vec::new();
    for run in runs.iter() {
        let (subject, judge) = (subjects.get(run.subject), judges.get(run.judge));
        let parts = [subject, judge].map(|part| part.map_or("run", String::as_str));
        names.push(parts.join("-by-"));
    }
    // `a-by-b` by `c` and `a` by `b-by-c` would be called alike.
    let names = folder_names(names.iter().map(String::as_str), "run");
    for (run, name) in runs.iter_mut().zip(names) {
        run.plan.manifest.id = RunId::new(name);
    }
}

/// The runs that are kept in a study's folder, as they were planned.
pub(crate) fn again(
    study: &OpenStudy,
    kept: &Kept,
    bounds: &Bounds,
) -> Result<Vec<PlannedRun>, Failure> {
    let file = &study.source.study;
    let mut runs = Vec::new();
    for (place, locked) in kept.lock.runs.iter().enumerate() {
        let subject = file.subjects.iter().position(|subject| subject.shown() == locked.subject);
        let judge = file.judges.iter().position(|judge| judge.shown() == locked.judge);
        let (Some(subject), Some(judge)) = (subject, judge) else {
            return Err(Failure::usage(format!(
                "{} by {} is not in the study file",
                locked.subject, locked.judge
            )));
        };
        let request = study.request((subject, judge), bounds)?;
        let folder = kept.run(place);
        let manifest = Manifest::read(&folder)?;
        let starter = starter_sets(&request.tasks_from)?;
        let plan =
            Plan::again(&study.benchmark, starter, manifest, &folder, request.data.data.as_deref());
        let plan = plan.map_err(|error| changed(error, study))?;
        let prices = prices(&plan.manifest, &request.calls.limits)?;
        runs.push(PlannedRun { subject, judge, request, plan, prices });
    }
    Ok(runs)
}

/// A plan that cannot be made again: tasks or data are not what they were, or not where they were.
fn changed(error: RunError, study: &OpenStudy) -> Failure {
    let hint = match &error {
        RunError::Changed { .. } => format!(
            "go on with the version of the program and the data that the study began with; `trustmh study check {}` says what has changed",
            study.source.file
        ),
        RunError::Data(_) => "if the data was moved, name its folder: --data DIR".to_owned(),
        _ => return error.into(),
    };
    Failure::from(error).with_hint(hint)
}

/// The lock of a study as it is planned now.
pub(crate) fn lock(
    study: &OpenStudy,
    runs: &[PlannedRun],
    made_in: Option<&str>,
) -> Result<Lock, Failure> {
    let manifests: Vec<(usize, usize, &Manifest)> =
        runs.iter().map(|run| (run.subject, run.judge, &run.plan.manifest)).collect();
    let prompts = study.files.iter().map(|(place, file)| (*place, file.kept.clone()));
    let prompts: std::collections::BTreeMap<usize, LockedFile> = prompts.collect();
    let (prices, cards) = (study.prices()?, judge_cards()?);
    Ok(Lock::of(Made {
        source: &study.source,
        benchmark: &study.benchmark,
        runs: &manifests,
        prices: &prices,
        cards: &cards,
        prompts: &prompts,
        made_in,
    })?)
}
