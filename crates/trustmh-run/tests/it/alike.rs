//! What is alike about two runs, and what a run keeps to be scored again.
use std::fs;
use std::path::Path;

use trustmh_core::digest::Digest;
use trustmh_core::id::{ModelId, TaskId};
use trustmh_core::protocol::Protocol;
use trustmh_core::request::RequestOptions;
use trustmh_core::scorecard::{ItemOrigin, JudgeName};
use trustmh_core::unlike::{Aspect, Unlike};
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::{Benchmark, SourceFile};
use trustmh_engine::walk::UnreadVerdict;
use trustmh_run::derived::score::{ScoredRun, score};
use trustmh_run::derived::terms::Terms;
use trustmh_run::error::{KeptFault, RunError};
use trustmh_run::integrity::finding::State;
use trustmh_run::integrity::verify::verify;
use trustmh_run::manifest::materials::{FOLDER, with_kept};
use trustmh_run::manifest::{Caps, Manifest};
use trustmh_run::plan::{Plan, Request};

use crate::support;

fn id(text: &str) -> TaskId {
    text.parse().unwrap()
}

fn request(tasks: &[&str]) -> Request {
    let name = JudgeName::Model(ModelId::new("openai/judge"));
    Request {
        judge: support::judge(name),
        caps: Caps { items: Some(2), ..Caps::default() },
        ..support::request("openai/s", tasks)
    }
}

fn terms(benchmark: &Benchmark, task: &str, request: &Request) -> Terms {
    let manifest = Plan::make(benchmark, request).unwrap().manifest;
    let judge = &manifest.judge.name;
    Terms::of(benchmark, &manifest, &id(task), manifest.protocol, judge).unwrap()
}

/// What the task's terms differ in from those of the usual request, what forbids to compare first.
fn differing(task: &str, change: impl Fn(&mut Request)) -> [Vec<Aspect>; 2] {
    let benchmark = Benchmark::embedded().unwrap();
    let usual = request(&[task]);
    let mut other = usual.clone();
    change(&mut other);
    let unlike =
        terms(&benchmark, task, &usual).differences(&terms(&benchmark, task, &other)).into_iter();
    let (forbids, told): (Vec<Unlike>, Vec<Unlike>) = unlike.partition(Unlike::forbids);
    [forbids, told].map(|unlike| unlike.into_iter().map(|one| one.what).collect())
}

#[test]
fn what_changes_the_measure_forbids_and_what_shows_elsewhere_is_told() {
    let judged = "safety/jailbreak";
    assert_eq!(differing(judged, |_| ()), [vec![], vec![]]);
    let found = differing(judged, |other| other.judge.name = JudgeName::Offline);
    assert_eq!(found, [vec![Aspect::Judge], vec![]]);
    let other_judge = JudgeName::Model(ModelId::new("openai/other"));
    let found = differing(judged, |other| other.judge.name = other_judge.clone());
    assert_eq!(found, [vec![Aspect::Judge], vec![]]);
    let options = RequestOptions::parse(["top_p=0.5"]).unwrap();
    let found = differing(judged, |other| other.judge.asked.options = options.clone());
    assert_eq!(found, [vec![Aspect::JudgeOptions], vec![]]);
    let found = differing(judged, |other| other.caps.reply_tokens = Some(80));
    assert_eq!(found, [vec![Aspect::Caps], vec![]]);
    let found = differing(judged, |other| other.caps.items = Some(3));
    assert_eq!(found, [vec![Aspect::Prompts, Aspect::Caps], vec![]]);
    let [forbids, _] = differing(judged, |other| other.protocol = Protocol::Reference);
    assert!(forbids.starts_with(&[Aspect::Protocol, Aspect::AskedBy]), "{forbids:?}");

    let found = differing(judged, |other| other.subject.asked.options = options.clone());
    assert_eq!(found, [vec![], vec![Aspect::SubjectOptions]]);
    let found = differing(judged, |other| other.unread_verdict = UnreadVerdict::StaysMissing);
    assert_eq!(found, [vec![], vec![Aspect::UnreadVerdicts]]);
    // A bound that cuts nothing, and the name of a profile, change no prompt.
    let found = differing(judged, |other| {
        other.caps.context = Some(1_000_000);
        other.caps.profile = Some("quick".to_owned());
    });
    assert_eq!(found, [vec![], vec![Aspect::Context]]);
    // Nothing is drawn for these.
    let [forbids, told] = differing("reliability/knowledge", |other| other.seed = 2);
    assert_eq!(told, [Aspect::Seed]);
    assert!(forbids.iter().all(|aspect| *aspect == Aspect::Prompts), "{forbids:?}");
}

#[test]
fn who_judges_matters_only_where_there_is_something_to_judge() {
    let nobody = |other: &mut Request| other.judge.name = JudgeName::None;
    assert_eq!(differing("reliability/knowledge", nobody), [vec![], vec![]]);
    assert_eq!(differing("ethics/reasoning", nobody), [vec![Aspect::Judge], vec![]]);
    let endpoint = |other: &mut Request| other.toxicity_url = Some("http://here".to_owned());
    assert_eq!(differing("safety/toxicity", endpoint), [vec![Aspect::ToxicityScorer], vec![]]);
    assert_eq!(differing("safety/jailbreak", endpoint), [vec![], vec![]]);
}

#[test]
fn versions_of_a_task_file_that_are_both_scored_by_are_not_alike() {
    let (one, two) = (own("", "own"), own("# another\n", "own"));
    let of = |benchmark: &Benchmark| terms(benchmark, "safety/own", &request(&["safety/own"]));
    let unlike = of(&one).differences(&of(&two));
    assert_eq!(unlike.iter().map(|one| one.what).collect::<Vec<_>>(), [Aspect::TaskFile]);
}

#[test]
fn offline_rules_of_ones_own_are_another_judge() {
    let mut usual = request(&["safety/jailbreak"]);
    usual.judge.name = JudgeName::Offline;
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benchmark/offline-judge.toml");
    let text = fs::read_to_string(rules).unwrap();
    let path = "offline-judge.toml".to_owned();
    let with = |text: String| {
        let file = SourceFile { path: path.clone(), text };
        Benchmark::with_overrides(vec![file]).unwrap()
    };
    let embedded = Benchmark::embedded().unwrap();
    let built_in = terms(&embedded, "safety/jailbreak", &usual);
    assert!(
        built_in.differences(&terms(&with(text.clone()), "safety/jailbreak", &usual)).is_empty()
    );
    let own = terms(&with(format!("{text}# own\n")), "safety/jailbreak", &usual);
    let unlike = built_in.differences(&own);
    assert_eq!(unlike.iter().map(|one| one.what).collect::<Vec<_>>(), [Aspect::Judge]);
}

fn text_of(path: &str) -> String {
    let embedded = Benchmark::embedded().unwrap();
    let materials = embedded.materials([&id("safety/jailbreak")]).unwrap();
    let found = materials.into_iter().find(|material| material.file.path == path);
    found.unwrap().file.text
}

/// The benchmark with a task of one's own, which asks by a prompt of its own.
fn own(more: &str, prompt: &str) -> Benchmark {
    let task = text_of("safety/jailbreak.toml")
        .replace("\"safety/jailbreak\"", "\"safety/own\"")
        .replace("prompt = \"safety-jailbreak\"", &format!("prompt = \"{prompt}\""));
    let files = [
        ("safety/own.toml".to_owned(), format!("{task}{more}")),
        (format!("prompts/{prompt}.md"), text_of("prompts/safety-jailbreak.md")),
    ];
    let files = files.into_iter().map(|(path, text)| SourceFile { path, text }).collect();
    Benchmark::with_overrides(files).unwrap()
}

/// A run that has not asked anything yet.
fn planned(benchmark: &Benchmark, tasks: &[&str], folder: &Path) -> Manifest {
    let plan = Plan::make(benchmark, &request(tasks)).unwrap();
    plan.write(benchmark, folder).unwrap();
    fs::write(folder.join("journal.jsonl"), "").unwrap();
    Manifest::read(folder).unwrap()
}

fn scored(benchmark: &Benchmark, folder: &Path) -> ScoredRun {
    score(benchmark, folder, None, None).unwrap()
}

#[test]
fn a_run_keeps_what_its_tasks_are_made_of_and_is_scored_by_it_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let benchmark = own("", "own");
    let manifest = planned(&benchmark, &["safety/own", "safety/jailbreak"], folder);
    for (path, kept) in &manifest.materials {
        let ending = if path.ends_with(".md") { "md" } else { "toml" };
        let file = folder.join(FOLDER).join(format!("{}.{ending}", kept.digest));
        assert_eq!(Digest::of(&fs::read(file).unwrap()), kept.digest, "{path}");
        assert!(!path.starts_with("starter/"), "{path}");
    }
    for path in
        ["safety/own.toml", "prompts/own.md", "safety/jailbreak.toml", "rubrics/refusal.toml"]
    {
        assert!(manifest.materials.contains_key(path), "{path}");
    }
    let elsewhere = Benchmark::embedded().unwrap();
    assert!(elsewhere.task(&id("safety/own")).is_err());
    let here = scored(&benchmark, folder);
    let there = scored(&elsewhere, folder);
    assert_eq!(here.scorecard, there.scorecard);
    // Nothing was asked of it yet; that is all that is to be said.
    assert!(there.warnings().all(|warning| warning.contains("INCOMPLETE. ")));
    let findings = verify(&elsewhere, folder, None).unwrap();
    let of_files = findings.iter().filter(|found| found.check.contains("file"));
    assert!(of_files.clone().all(|found| found.state == State::Ok), "{findings:?}");
    assert_eq!(of_files.count(), 3, "{findings:?}");
}

#[test]
fn kept_files_that_are_not_as_they_were_kept_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut manifest = planned(&own("", "own"), &["safety/own"], folder);
    let elsewhere = Benchmark::embedded().unwrap();
    let fault = |manifest: &Manifest| match with_kept(&elsewhere, folder, manifest) {
        Err(RunError::Kept { fault, .. }) => fault,
        other => panic!("{other:?}"),
    };
    let broken = || {
        let findings = verify(&elsewhere, folder, None).unwrap();
        findings.into_iter().any(|found| found.state == State::Broken)
    };
    assert!(!broken());
    let kept = manifest.materials["safety/own.toml"].clone();
    let file = folder.join(FOLDER).join(format!("{}.toml", kept.digest));
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n")).unwrap();
    assert_eq!(fault(&manifest), KeptFault::Changed);
    let error = score(&elsewhere, folder, None, None).unwrap_err().to_string();
    assert!(error.contains("has changed since the run kept it"), "{error}");
    assert!(broken());
    // By a task file at hand the run can be scored all the same.
    assert!(score(&own("", "own"), folder, None, None).is_ok());
    fs::remove_file(&file).unwrap();
    assert_eq!(fault(&manifest), KeptFault::Missing);
    assert!(broken());
    let outside: Digest = serde_json::from_str("\"../../../secret\"").unwrap();
    manifest.materials.get_mut("safety/own.toml").unwrap().digest = outside;
    assert_eq!(fault(&manifest), KeptFault::NoHash);
}

#[test]
fn runs_from_before_files_were_kept_are_read_and_scored() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut manifest = planned(&Benchmark::embedded().unwrap(), &["safety/jailbreak"], folder);
    fs::remove_dir_all(folder.join(FOLDER)).unwrap();
    manifest.materials.clear();
    manifest.write(folder).unwrap();
    assert!(!fs::read_to_string(folder.join("run.json")).unwrap().contains("materials"));
    let embedded = Benchmark::embedded().unwrap();
    assert!(scored(&embedded, folder).scorecard.tasks.contains_key(&id("safety/jailbreak")));
    let findings = verify(&embedded, folder, None).unwrap();
    assert!(findings.iter().all(|found| found.state != State::Broken), "{findings:?}");
    // What it planned is planned again.
    assert!(Plan::again(&embedded, Shelf::embedded(), manifest, folder, None).is_ok());
}

#[test]
fn another_task_file_than_that_of_the_run_is_said_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    planned(&own("", "own"), &["safety/own"], folder);
    let found = scored(&own("# edited\n", "own"), folder);
    // Only that the run is incomplete stands before it.
    let told = &found.scorecard.caveats[1];
    assert!(told.contains("not those the run was made with: safety/own (version"), "{told}");
    assert!(found.warnings().any(|warning| warning.contains(told)));
    // So is one that is built in and has changed since.
    let other = format!("{}# edited\n", text_of("safety/jailbreak.toml"));
    let file = SourceFile { path: "safety/jailbreak.toml".to_owned(), text: other };
    let edited = Benchmark::with_overrides(vec![file]).unwrap();
    let before = folder.join("before");
    fs::create_dir(&before).unwrap();
    planned(&Benchmark::embedded().unwrap(), &["safety/jailbreak"], &before);
    let told = scored(&edited, &before).scorecard.caveats;
    assert!(told[1].contains("version") && told[1].contains("safety/jailbreak"), "{told:?}");
}

#[test]
fn own_tasks_and_own_items_are_not_taken_for_the_projects() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let card = |name: &str, benchmark: &Benchmark, tasks: &[&str]| {
        let run = folder.join(name);
        fs::create_dir(&run).unwrap();
        planned(benchmark, tasks, &run);
        scored(benchmark, &run).scorecard
    };
    let alone = card("alone", &own("", "own"), &["safety/own"]);
    assert_eq!(alone.own_tasks, [id("safety/own")]);
    assert!(alone.pillars.is_empty() && alone.pillars_without_score.is_empty());
    assert!(alone.caveats.iter().any(|told| told.contains("in no pillar score: safety/own")));
    // Beside the benchmark's it is not missing either, where it was not asked.
    let beside = card("beside", &own("", "own"), &["safety/jailbreak"]);
    let missing = beside.pillars_without_score.values().flatten();
    assert!(missing.clone().all(|id| id.name() != "own"), "{:?}", beside.pillars_without_score);
    assert!(missing.count() > 0);
    // A file of the user's under a built-in name is the user's.
    let other = format!("{}# edited\n", text_of("safety/jailbreak.toml"));
    let file = SourceFile { path: "safety/jailbreak.toml".to_owned(), text: other };
    let edited = Benchmark::with_overrides(vec![file]).unwrap();
    assert_eq!(card("edited", &edited, &["safety/jailbreak"]).own_tasks, [id("safety/jailbreak")]);

    // Items of a folder, unless they are a copy of the project's.
    let starter = folder.join("starter");
    fs::create_dir(&starter).unwrap();
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benchmark/starter");
    for file in ["safety-jailbreak.jsonl", "safety-jailbreak.card.toml"] {
        fs::copy(built_in.join(file), starter.join(file)).unwrap();
    }
    let origin = || {
        let (_, source) = Shelf::with_folder(starter.parent().unwrap())
            .unwrap()
            .open("safety-jailbreak")
            .unwrap();
        source.origin
    };
    assert_eq!(origin(), ItemOrigin::Starter);
    let items = fs::read_to_string(starter.join("safety-jailbreak.jsonl")).unwrap();
    fs::write(starter.join("safety-jailbreak.jsonl"), format!("{items}\n")).unwrap();
    assert_eq!(origin(), ItemOrigin::Own);
}
