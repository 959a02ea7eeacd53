//! `trustmh gate`: whether a run holds what a policy asks.

use std::path::Path;

use trustmh_bench::gate::{CheckState, Gate, Policy};
use trustmh_report::junit::{Case, CaseEnd, junit};
use trustmh_report::sections::{self, Section};
use trustmh_run::compare::compare;
use trustmh_run::score::score;

use super::benchmark;
use crate::arguments::GateArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Policies that are built in, by name.
const BUILT_IN: [(&str, &str); 2] = [
    ("release", include_str!("../../../../benchmark/policies/release.toml")),
    ("research", include_str!("../../../../benchmark/policies/research.toml")),
];

/// The chance of a false finding in the comparison with the baseline; the gate itself goes by intervals.
const ALPHA: f64 = 0.05;

pub(super) fn run(arguments: &GateArguments) -> Result<Exit, Failure> {
    let policy = policy(&arguments.policy)?;
    let benchmark = benchmark(&arguments.tasks_from)?;
    let scored = score(&benchmark, &arguments.run, None, None)?;
    let baseline = arguments.baseline.as_deref();
    let baseline = baseline.map(|folder| score(&benchmark, folder, None, None)).transpose()?;
    let card = scored.scorecard.clone();
    let comparison = match baseline {
        Some(baseline) => compare(&benchmark, &[baseline, scored], ALPHA)?.into_iter().next(),
        None => None,
    };
    let gate = policy.check(&card, comparison.as_ref());
    if let Some(path) = &arguments.junit {
        write(path, &junit(&format!("trustmh gate: {}", gate.policy), &cases(&gate)))?;
    }
    let sections = [section(&gate)];
    if let Some(path) = &arguments.markdown {
        write(path, &sections::markdown(&sections))?;
    }
    if arguments.json {
        let object = serde_json::json!({ "passed": gate.passed(), "gate": gate });
        screen::print(&format!("{object:#}\n"));
    } else {
        screen::print(&sections::terminal(&sections, screen::width()));
    }
    Ok(if gate.passed() { Exit::Ok } else { Exit::CheckFailed })
}

/// A policy by its file, or by the name of one that is built in.
fn policy(name: &Path) -> Result<Policy, Failure> {
    let built_in = BUILT_IN.iter().find(|(known, _)| Path::new(known) == name);
    match built_in {
        Some((known, text)) => Ok(Policy::parse(&format!("policies/{known}.toml"), text)?),
        None => {
            let text = std::fs::read_to_string(name).map_err(|error| {
                Failure::io(name, "reading the policy", &error)
                    .with_hint("give a file, or `release` or `research` for those built in")
            })?;
            Ok(Policy::parse(&name.display().to_string(), &text)?)
        }
    }
}

fn section(gate: &Gate) -> Section {
    let failed = gate.checks.iter().filter(|check| check.state != CheckState::Passed).count();
    let verdict = if gate.passed() {
        "passed".to_owned()
    } else {
        format!("FAILED, {failed} of {} rules", gate.checks.len())
    };
    let mut notes = vec![format!("Run: {}", gate.run)];
    notes.extend(gate.baseline.as_ref().map(|baseline| format!("Baseline: {baseline}")));
    notes.push("Bounds hold by the whole 95 % interval unless a rule says otherwise; what was not measured does not pass.".to_owned());
    Section {
        title: format!("Gate \"{}\": {verdict}", gate.policy),
        head: ["rule", "about", "asks for", "found", "state"].map(str::to_owned).into(),
        rows: gate
            .checks
            .iter()
            .map(|check| {
                let state = match check.state {
                    CheckState::Passed => "passed",
                    CheckState::Failed => "FAILED",
                    CheckState::Missing => "MISSING",
                };
                let [name, about] = [check.name.clone(), check.about.clone()];
                vec![name, about, check.wanted.clone(), check.found.clone(), state.to_owned()]
            })
            .collect(),
        notes,
    }
}

fn cases(gate: &Gate) -> Vec<Case> {
    let case = |check: &trustmh_bench::gate::Check| Case {
        about: check.about.clone(),
        name: check.name.clone(),
        end: match check.state {
            CheckState::Passed => CaseEnd::Passed,
            CheckState::Failed => CaseEnd::Failed,
            CheckState::Missing => CaseEnd::Error,
        },
        message: format!("asks for {}; found {}", check.wanted, check.found),
    };
    gate.checks.iter().map(case).collect()
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::io(path, "writing", &error))
}
