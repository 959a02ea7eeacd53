//! `trustmh verify`: whether a run is whole, and how it differs from another.

use serde_json::json;

use trustmh_run::verify::{Finding, State, differences, verify};

use super::benchmark;
use crate::arguments::VerifyArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &VerifyArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let findings = verify(&benchmark, &arguments.run, arguments.data.data.as_deref())?;
    let against = match &arguments.against {
        Some(other) => differences(&arguments.run, other)?,
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
    let broken = findings.iter().any(|finding| finding.state == State::Broken);
    Ok(if broken { Exit::CheckFailed } else { Exit::Ok })
}

fn line(finding: &Finding) -> String {
    let mark = match finding.state {
        State::Ok => "ok     ",
        State::Differs => "differs",
        State::Broken => "BROKEN ",
    };
    format!("{mark}  {}: {}\n", finding.check, finding.detail)
}
