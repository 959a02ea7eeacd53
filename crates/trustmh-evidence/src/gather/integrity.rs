//! Whether a run's record is as it was written.

use trustmh_engine::benchmark::Benchmark;
use trustmh_run::integrity::finding::{Finding, State};
use trustmh_run::integrity::signature::SIGNATURE_FILE;
use trustmh_run::integrity::verify::verify;
use trustmh_run::journal::SealFile;

use super::{GivenRun, without_places};
use crate::error::EvidenceError;
use crate::pack::{Check, CheckState, Integrity, Presence, Sealed};

/// What `verify` says of the run, and its seal.
pub(super) fn integrity(
    benchmark: &Benchmark,
    run: GivenRun<'_>,
    id: &str,
) -> Result<Integrity, EvidenceError> {
    let places = [run.folder.display().to_string(), run.scored.scorecard.run.clone()];
    let found = verify(benchmark, run.folder, None)?;
    let checks = run.bundle.cloned().into_iter().chain(found);
    let checks = checks.map(|Finding { check, state, detail }| Check {
        check,
        state: match state {
            State::Ok => CheckState::Ok,
            State::Differs => CheckState::Differs,
            State::Broken => CheckState::Broken,
        },
        detail: without_places(&detail, &places, id),
    });
    let signature = match run.folder.join(SIGNATURE_FILE).is_file() {
        true => Presence::Present,
        false => Presence::Absent,
    };
    let seal = SealFile::read(run.folder)?.map(|(seal, _)| Sealed {
        lines: seal.lines,
        journal: seal.journal.to_string(),
        manifest: seal.manifest.to_string(),
        signature,
    });
    Ok(Integrity { checks: checks.collect(), seal })
}
