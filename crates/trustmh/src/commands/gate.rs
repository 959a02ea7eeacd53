//! `trustmh gate`: whether a run holds what a policy asks.

use clap::Args;
use std::path::{Path, PathBuf};

use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::caveats::caveats;
use trustmh_engine::error::EngineError;
use trustmh_engine::gate::{CheckState, Gate, Known, Policy};
use trustmh_report::junit::{Case, CaseEnd, Suite, junit};
use trustmh_report::number::counted;
use trustmh_report::sections::{self, Section};
use trustmh_report::standing::banner;
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::error::RunError;
use trustmh_run::integrity::finding::State;
use trustmh_run::several::compare::{ALPHA, UnlikeTasks, beside};

use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::run_folder::{RunFolder, exit_of, score_all, warn};
use crate::{screen, suggest};

/// Check runs against a policy, alone or against a baseline; exit code 1 if one fails
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GateArguments {
    /// Run folders or bundles; each must meet the policy
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Policy: a file, or the built-in `release`, `research` or `drift`
    #[arg(long, value_name = "POLICY")]
    policy: PathBuf,
    /// Run that the others must not be worse than, as a folder or a bundle
    #[arg(long, value_name = "RUN")]
    baseline: Option<PathBuf>,
    /// Write JUnit XML for build servers
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a Markdown summary
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh gate --policy release runs/RUN --baseline runs/BEFORE
  trustmh gate --policy policy.toml runs/RUN --junit gate.xml --markdown gate.md

docs/gate.md explains how to write a policy.";

/// Policies that are built in, by name.
const BUILT_IN: [(&str, &str); 3] = [
    ("drift", include_str!("../../../../benchmark/policies/drift.toml")),
    ("release", include_str!("../../../../benchmark/policies/release.toml")),
    ("research", include_str!("../../../../benchmark/policies/research.toml")),
];

pub(crate) fn run(arguments: &GateArguments) -> Result<Exit, Failure> {
    let (policy, file) = policy(&arguments.policy)?;
    let benchmark = benchmark(&arguments.tasks_from)?;
    let runs = score_all(&benchmark, &arguments.runs, None)?;
    let runs = runs.held_to(&benchmark, &policy.demand())?;
    let known: Vec<&Benchmark> = runs.iter().map(|run| run.benchmark(&benchmark)).collect();
    let doubts = policy.fits(&file, &[&known[..], &[&benchmark]].concat()).map_err(unfit)?;
    doubts.iter().for_each(|doubt| screen::note(&format!("warning: {doubt}")));
    let baseline = Baseline::of(&benchmark, arguments.baseline.as_deref())?;
    let gates = runs.iter().map(|run| gate(&benchmark, &policy, run, &baseline));
    let gates: Vec<Gate> = gates.collect::<Result<_, Failure>>()?;
    let passed = gates.iter().all(Gate::passed);
    if let Some(path) = &arguments.junit {
        let suites: Vec<Suite> =
            gates.iter().zip(runs.iter()).map(|(gate, run)| suite(gate, run)).collect();
        let document = junit(&format!("trustmh gate: {}", policy.title), &suites);
        let document = document.map_err(|error| Failure::usage(format!("JUnit: {error}")))?;
        write(path, &document)?;
    }
    let sections: Vec<Section> = gates.iter().map(section).collect();
    if let Some(path) = &arguments.markdown {
        write(path, &sections::markdown(&sections))?;
    }
    if arguments.output.json {
        let object = match gates.as_slice() {
            [gate] => serde_json::json!({ "passed": passed, "gate": gate }),
            gates => serde_json::json!({ "passed": passed, "gates": gates }),
        };
        screen::print_json(&object)?;
    } else {
        screen::print(&sections::listed(&sections, screen::width()));
    }
    Ok(exit_of(runs.iter(), if passed { Exit::Ok } else { Exit::CheckFailed }))
}

/// The run that others must be no worse than.
enum Baseline {
    /// None was named.
    NotNamed,
    /// What was named holds no run, as on the first build, or a bundle that is not as it was written; in words.
    NotThere(String),
    /// A run.
    Run {
        run: Box<ScoredRun>,
        /// The run reads trials from here, and that of a bundle is there for as long as this is held.
        _folder: RunFolder,
    },
}

impl Baseline {
    fn of(benchmark: &Benchmark, given: Option<&Path>) -> Result<Self, Failure> {
        let Some(given) = given else { return Ok(Self::NotNamed) };
        let folder = RunFolder::open(given)?;
        if let Some(finding) = folder.finding().filter(|finding| finding.state == State::Broken) {
            return Ok(Self::not_there(&format!("{}: {}", given.display(), finding.detail)));
        }
        match folder.score_alone(benchmark, None, None) {
            Ok(baseline) => {
                warn(&baseline);
                Ok(Self::Run { run: Box::new(baseline), _folder: folder })
            }
            Err(error @ RunError::NotARun { .. }) => Ok(Self::not_there(&error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    fn not_there(why: &str) -> Self {
        let why = format!("the baseline is missing: {why}");
        screen::note(&format!("warning: {why}"));
        Self::NotThere(why)
    }
}

/// How one run stands to the policy.
fn gate(
    benchmark: &Benchmark,
    policy: &Policy,
    run: &ScoredRun,
    baseline: &Baseline,
) -> Result<Gate, Failure> {
    let card = &run.scorecard;
    Ok(match baseline {
        Baseline::NotNamed => policy.check(card, None),
        Baseline::NotThere(why) => policy.check_without_baseline(card, why),
        Baseline::Run { run: baseline, .. } => {
            let comparison = beside(benchmark, baseline, run, ALPHA, UnlikeTasks::Refused)?;
            let mut gate = policy.check(card, Some(&comparison));
            let of_baseline = caveats(&baseline.scorecard).into_iter();
            let further: Vec<String> =
                of_baseline.filter(|caveat| !gate.caveats.contains(caveat)).collect();
            gate.caveats.extend(further.iter().map(|caveat| format!("Of the baseline: {caveat}")));
            gate
        }
    })
}

/// A policy by its file, or by the name of one that is built in, and how errors name it.
fn policy(name: &Path) -> Result<(Policy, String), Failure> {
    let built_in = BUILT_IN.iter().find(|(known, _)| Path::new(known) == name);
    let (file, text) = match built_in {
        Some((known, text)) => (format!("policies/{known}.toml"), (*text).to_owned()),
        None => {
            let text = std::fs::read_to_string(name).map_err(|error| {
                let typed = name.to_string_lossy();
                let known = BUILT_IN.map(|(known, _)| known);
                let otherwise =
                    "give a file, or a built-in policy: `release`, `research` or `drift`";
                Failure::io(name, "reading the policy", &error)
                    .with_hint(suggest::hint(&typed, known, otherwise))
            })?;
            (name.display().to_string(), text)
        }
    };
    let policy = Policy::parse(&file, &text).map_err(unfit)?;
    Ok((policy, file))
}

/// A policy that cannot be taken, with what helps.
fn unfit(error: EngineError) -> Failure {
    let hint = match &error {
        EngineError::Unknown { typed, known, .. } => {
            let known = known.iter().map(String::as_str);
            suggest::hint(typed, known, "docs/tasks.md lists all tasks with their metrics")
        }
        _ => "docs/gate.md explains how to write a policy".to_owned(),
    };
    Failure::from(error).with_hint(hint)
}

/// How what is known of a rule is called; what does not pass is in capitals.
const fn word(known: Known) -> &'static str {
    match known {
        Known::Holds => "holds",
        Known::Violated => "VIOLATED",
        Known::TooLittleData => "TOO LITTLE DATA",
        Known::Missing => "MISSING",
    }
}

/// How many rules are what.
fn verdict(gate: &Gate) -> String {
    let all = gate.checks.len();
    if gate.passed() {
        return format!(
            "passed, {} hold{}",
            counted(all as u64, "rule", "rules"),
            if all == 1 { "s" } else { "" }
        );
    }
    let of = |known: Known| gate.checks.iter().filter(|check| check.known == known).count();
    let parts = [
        (of(Known::Violated), "violated"),
        (of(Known::TooLittleData), "with too little data"),
        (of(Known::Missing), "missing"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
    format!("FAILED: of {}, {}", counted(all as u64, "rule", "rules"), parts.join(", "))
}

fn section(gate: &Gate) -> Section {
    let mut notes = vec![format!("Run: {}", gate.run)];
    notes.extend(gate.baseline.as_ref().map(|baseline| format!("Baseline: {baseline}")));
    notes.push("A rule holds if the whole 95 % interval is on the good side of its bound, and is violated if all of it is beyond; \
        too little data, and what was not measured, do not pass. docs/gate.md says what to do then.".to_owned());
    notes.extend(gate.caveats.iter().map(|caveat| format!("Caveat: {caveat}")));
    Section {
        title: format!("Gate \"{}\": {}", gate.policy, verdict(gate)),
        head: ["rule", "about", "required", "found", "state"].map(str::to_owned).into(),
        rows: gate
            .checks
            .iter()
            .map(|check| {
                let [name, about] = [check.name.clone(), check.about.clone()];
                let state = word(check.known).to_owned();
                vec![name, about, check.wanted.clone(), check.found.clone(), state]
            })
            .collect(),
        notes,
    }
}

fn suite(gate: &Gate, run: &ScoredRun) -> Suite {
    let named = |name: &str, value: &String| (name.to_owned(), value.clone());
    let record = run.scorecard.record.state.slug().to_owned();
    let mut properties = vec![named("record", &record)];
    properties.extend(banner(&run.scorecard).map(|banner| named("standing", &banner)));
    properties.push(named("run", &gate.run));
    properties.extend(gate.baseline.iter().map(|baseline| named("baseline", baseline)));
    let caveats = (1..).zip(&gate.caveats);
    properties.extend(caveats.map(|(number, text)| named(&format!("caveat {number}"), text)));
    // The name stays the same from build to build, so that a build server can follow it.
    Suite { name: format!("trustmh gate: {}", gate.policy), properties, cases: cases(gate) }
}

fn cases(gate: &Gate) -> Vec<Case> {
    let case = |check: &trustmh_engine::gate::Check| Case {
        about: check.about.clone(),
        name: check.name.clone(),
        end: match check.state {
            CheckState::Passed => CaseEnd::Passed,
            CheckState::Failed => CaseEnd::Failed,
            CheckState::Missing => CaseEnd::Error,
        },
        message: format!("{}: asks for {}; found {}", word(check.known), check.wanted, check.found),
    };
    gate.checks.iter().map(case).collect()
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::io(path, "writing", &error))
}
