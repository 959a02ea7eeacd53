//! `trustmh verify`: whether a run is whole, and how it differs from another.

use serde_json::json;

use trustmh_run::integrity::finding::{Finding, State};
use trustmh_run::integrity::verify::{differences, of_signature, verify};

use super::benchmark;
use super::folder::Folder;
use crate::arguments::VerifyArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &VerifyArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let folder = Folder::open(&arguments.run)?;
    let mut findings: Vec<Finding> = folder.finding().cloned().into_iter().collect();
    findings.extend(verify(&benchmark, folder.path(), arguments.data.data.as_deref())?);
    if let Some(key) = &arguments.signed_by {
        findings.push(of_signature(folder.path(), key)?);
    }
    let broken = findings.iter().any(|finding| finding.state == State::Broken);
    let against = match &arguments.against {
        // What is not sound cannot be scored, and need not be compared.
        Some(_) if broken => {
            screen::note("the run is not sound, so it is not compared");
            Vec::new()
        }
        Some(other) => differences(&benchmark, folder.path(), Folder::open(other)?.path())?,
        None => Vec::new(),
    };
    if arguments.json {
        let object = json!({ "run": arguments.run, "findings": findings, "against": against });
        screen::print_json(&format!("{object:#}\n"));
    } else {
        screen::print(&findings.iter().map(line).collect::<String>());
        if let Some(other) = &arguments.against {
            let same = against.iter().filter(|finding| finding.state == State::Ok).count();
            let different: String =
                against.iter().filter(|finding| finding.state != State::Ok).map(line).collect();
            screen::print(&format!(
                "\nBeside {}: {same} things are the same\n{different}",
                other.display()
            ));
        }
    }
    Ok(if broken { Exit::NotSound } else { Exit::Ok })
}

fn line(finding: &Finding) -> String {
    let mark = match finding.state {
        State::Ok => "ok     ",
        State::Differs => "differs",
        State::Broken => "BROKEN ",
    };
    format!("{mark}  {}: {}\n", finding.check, finding.detail)
}
