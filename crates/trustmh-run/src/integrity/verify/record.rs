//! The journal as a record: every line whole and in its place, and the seal.

use std::path::Path;

use trustmh_core::digest::Digest;

use super::transcripts::Forgot;
use crate::error::RunError;
use crate::integrity::finding::{Finding, State, finding};
use crate::journal::{
    Chain, Coverage, Event, Fault, Forgetting, SealFile, Sealed, Seen, Whereabouts,
};
use crate::manifest::{self, Manifest};

/// So many faults are told one by one.
const TOLD: usize = 20;

/// What a walk over the lines of a journal finds out about them.
pub(super) struct Record {
    sealed: Option<Sealed>,
    /// What is wrong with the file of the seal itself.
    seal_fault: Option<String>,
    /// The first lines that are no event, and how many there are in all.
    faults: Vec<(u64, Fault)>,
    faulty: u64,
    /// The first lines that do not belong where they stand, with the hash they name, and how many there are in all.
    unlinked: Vec<(u64, String, Option<Digest>)>,
    out_of_place: u64,
    /// Seals within the journal that count other lines than are before them.
    wrong_seals: Vec<u64>,
    torn: bool,
    sealed_last: bool,
    /// When words were forgotten, and how what is left differs from what was left then.
    forgettings: Vec<(Forgetting, Option<String>)>,
}

impl Record {
    pub(super) fn beside(folder: &Path) -> Result<Self, RunError> {
        let (seal, seal_fault) = match SealFile::read(folder) {
            Ok(None) => (None, None),
            Ok(Some((seal, bytes))) if seal.bytes()? == bytes => (Some(seal), None),
            Ok(Some((seal, _))) => {
                (Some(seal), Some("its bytes are not as they were written".to_owned()))
            }
            Err(error @ RunError::Manifest { .. }) => (None, Some(error.to_string())),
            Err(error) => return Err(error),
        };
        Ok(Self {
            sealed: seal.map(Sealed::by),
            seal_fault,
            faults: Vec::new(),
            faulty: 0,
            unlinked: Vec::new(),
            out_of_place: 0,
            wrong_seals: Vec::new(),
            torn: false,
            sealed_last: false,
            forgettings: Vec::new(),
        })
    }

    /// Takes a line; `chain` includes it.
    pub(super) fn take(&mut self, seen: &Seen<'_>, chain: &Chain) {
        if let Some(sealed) = &mut self.sealed {
            sealed.pass(chain);
        }
        if let Some(why) = &seen.unlinked {
            self.out_of_place += 1;
            if self.unlinked.len() < TOLD {
                self.unlinked.push((seen.number, why.clone(), seen.prev.clone()));
            }
        }
        self.sealed_last = false;
        match &seen.event {
            Ok(event) => match event.as_ref() {
                Event::Finish(seal) | Event::Interrupted(seal) => {
                    self.sealed_last = true;
                    if seal.lines + 1 != chain.lines() || Some(&seal.last) != seen.prev.as_ref() {
                        self.wrong_seals.push(seen.number);
                    }
                }
                Event::Forgot(forgetting) => {
                    let otherwise = seen.left_otherwise.clone();
                    self.forgettings.push((forgetting.clone(), otherwise));
                }
                Event::Session(_)
                | Event::Trial(_)
                | Event::Call(_)
                | Event::Lesson(_)
                | Event::Reuse { .. }
                | Event::Forgotten(_)
                | Event::Scored(_) => {}
            },
            Err(Fault::Torn) => self.torn = true,
            Err(fault) => {
                self.faulty += 1;
                if self.faults.len() < TOLD {
                    self.faults.push((seen.number, fault.clone()));
                }
            }
        }
    }

    /// Whether words were forgotten.
    pub(super) fn forgot(&self) -> Forgot {
        if self.forgettings.is_empty() { Forgot::Nothing } else { Forgot::Words }
    }

    pub(super) fn findings(
        &self,
        path: &Path,
        manifest: &Manifest,
        chain: &Chain,
    ) -> Result<Vec<Finding>, RunError> {
        let mut findings = Vec::new();
        for (line, fault) in &self.faults {
            findings.push(finding(&format!("line {line}"), State::Broken, fault.to_string()));
        }
        if !self.unlinked.is_empty() {
            let places = Whereabouts::of(path)?;
            for (line, why, prev) in &self.unlinked {
                let why = prev
                    .as_ref()
                    .map_or_else(|| why.clone(), |prev| what_became(*line, places.line(prev), why));
                findings.push(finding(&format!("line {line}"), State::Broken, why));
            }
        }
        for line in self.wrong_seals.iter().take(TOLD) {
            let why = "it seals another number of lines, or another last line, than are before it";
            findings.push(finding(&format!("line {line}"), State::Broken, why));
        }
        let wrong = self.faulty + self.out_of_place;
        findings.push(match (wrong, self.torn) {
            (0, false) => finding("journal", State::Ok, whole(chain)),
            (0, true) => finding(
                "journal",
                State::Differs,
                "the last line was torn when the writer stopped; it is left out",
            ),
            (wrong, _) => {
                let lines = if wrong == 1 { "line is" } else { "lines are" };
                let detail = format!("{wrong} {lines} not as written, of {}", chain.lines());
                finding("journal", State::Broken, detail)
            }
        });
        if manifest.format < manifest::CHAINED {
            let detail = format!(
                "run format {}: its lines name no hashes, so a careful change of them would not be seen",
                manifest.format
            );
            findings.push(finding("chain", State::Differs, detail));
        }
        findings.push(self.of_seal(manifest, chain));
        findings.extend(self.of_forgetting(chain));
        Ok(findings)
    }

    /// Whether what is left of forgotten lines is as it was left.
    fn of_forgetting(&self, chain: &Chain) -> Vec<Finding> {
        let told = |(forgetting, otherwise): &(Forgetting, Option<String>)| match otherwise {
            Some(otherwise) => finding("forgotten", State::Broken, otherwise.clone()),
            None => finding(
                "forgotten",
                State::Ok,
                format!(
                    "{} lines of {} trials were forgotten {}; what is left of them is as it was then",
                    forgetting.lines,
                    forgetting.trials,
                    forgetting.in_words()
                ),
            ),
        };
        let mut findings: Vec<Finding> = self.forgettings.iter().map(told).collect();
        findings.extend(chain.ended().err().map(|why| finding("forgotten", State::Broken, why)));
        findings
    }

    fn of_seal(&self, manifest: &Manifest, chain: &Chain) -> Finding {
        let broken = |detail: String| finding("seal", State::Broken, detail);
        if let Some(fault) = &self.seal_fault {
            return broken(fault.clone());
        }
        let Some(sealed) = &self.sealed else {
            return match self.sealed_last {
                true => broken("the journal ends with a seal, and seal.json is missing".to_owned()),
                false if manifest.format < manifest::CHAINED => {
                    finding("seal", State::Differs, "none: the run is of a format before 3")
                }
                false => finding(
                    "seal",
                    State::Differs,
                    "none: the run has not ended, so it cannot be told whether lines at its end are missing",
                ),
            };
        };
        let seal = sealed.seal();
        if seal.manifest != *chain.manifest() {
            return broken("run.json is not the one that was sealed".to_owned());
        }
        let lines = chain.lines();
        match sealed.coverage(chain) {
            Coverage::Short => broken(format!(
                "{} lines were sealed, and the journal has {lines}: lines were removed",
                seal.lines
            )),
            Coverage::Changed => {
                broken(format!("the first {} lines are not those that were sealed", seal.lines))
            }
            Coverage::Whole { after: 0 } => {
                finding("seal", State::Ok, format!("{lines} lines, the last {}", seal.journal))
            }
            Coverage::Whole { after } => finding(
                "seal",
                State::Differs,
                format!(
                    "of the first {} lines; {after} came after it, in a session that has not ended or was killed",
                    seal.lines
                ),
            ),
        }
    }
}

fn whole(chain: &Chain) -> String {
    format!("{} lines, every one whole and where it was written", chain.lines())
}

/// What became of the place before a line: `found` is the line whose hash it names, 0 for the manifest.
fn what_became(line: u64, found: Option<u64>, why: &str) -> String {
    let before = line.saturating_sub(1);
    match found {
        Some(0) => format!(
            "it was written as the first line: the {before} before it were put in or moved here"
        ),
        Some(was) if was < before => format!(
            "it was written right after line {was}: lines {} to {before} were put in or moved here",
            was + 1
        ),
        Some(was) => format!("it was written right after what is now line {was}: lines were moved"),
        None if before == 0 => why.to_owned(),
        None => format!(
            "line {before} was changed after it was written, or lines between {before} and {line} were removed"
        ),
    }
}
