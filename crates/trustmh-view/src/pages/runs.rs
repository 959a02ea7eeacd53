//! The list of runs.

use maud::html;
use std::io::BufRead;
use std::path::Path;

use trustmh_run::journal::{SealFile, SessionEnd};
use trustmh_run::manifest::Manifest;

use super::Site;
use crate::error::ViewError;
use crate::index::journal_length;

/// A run of the list.
struct Listed {
    name: String,
    manifest: Result<Manifest, String>,
    bytes: u64,
    /// How its record stands.
    standing: Vec<&'static str>,
}

/// All runs, the newest first.
pub(crate) fn list(site: &Site<'_>) -> Result<String, ViewError> {
    let mut runs: Vec<Listed> = site
        .viewer
        .runs
        .folders()
        .into_iter()
        .map(|(name, folder)| {
            let manifest = Manifest::read(&folder).map_err(|error| error.to_string());
            let standing = manifest.as_ref().map(|manifest| standing(&folder, manifest));
            let standing = standing.unwrap_or_default();
            Listed { name, manifest, bytes: journal_length(&folder), standing }
        })
        .collect();
    runs.sort_by(|one, other| other.name.cmp(&one.name));
    let body = html! {
        main {
            h1 { "Runs" }
            @if runs.is_empty() {
                p { "There is no run yet. Make one: " code { "trustmh run --subject scripted/random" } }
            }
            form method="get" action=(site.to("/compare", &[])) {
                div.wide { table {
                    thead { tr {
                        th scope="col" { "Run" } th scope="col" { "Subject" } th scope="col" { "Judge" }
                        th scope="col" { "Protocol" } th scope="col" { "Tasks" } th scope="col" { "Trials" }
                        th scope="col" { "Size" } th scope="col" { "Compare" }
                    } }
                    tbody { @for Listed { name, manifest, bytes, standing } in &runs { tr {
                        th scope="row" {
                            a href=(site.of_run(name, "", &[])) { (name) }
                            @for word in standing { " " strong { (word) } }
                        }
                        @match manifest {
                            Ok(manifest) => {
                                td {
                                    (manifest.subject.shown())
                                    @if let Some(asked) = manifest.subject.asked.in_words() { br; span.small { (asked) } }
                                    @if let Some(repeats) = manifest.repeats.in_words() { br; span.small { (repeats) } }
                                }
                                td { (manifest.judge.name.title()) }
                                td { (manifest.protocol) @if manifest.origin.is_imported() { ", imported" } @if manifest.origin.observed().is_some() { ", transcripts" } }
                                td.number { (manifest.tasks.len()) }
                                td.number { (manifest.tasks.values().map(|task| task.trials).sum::<u64>()) }
                            }
                            Err(why) => { td colspan="5" { (why) } }
                        }
                        td.number { (bytes / 1024) " kB" }
                        td {
                            label { input type="radio" name="a" value=(name); " first" } " "
                            label { input type="radio" name="b" value=(name); " second" }
                        }
                    } } }
                } }
                @if runs.len() > 1 { p { button type="submit" { "Compare the two" } } }
            }
        }
    };
    Ok(site.page("Runs", &body))
}

/// What must be said of a run's record before its numbers, as far as it is known without reading the journal: a record whose last
/// session was not sealed as finished has trials to come, or is being written.
fn standing(folder: &Path, manifest: &Manifest) -> Vec<&'static str> {
    let ended = SealFile::read(folder).ok().flatten().map(|(seal, _)| seal.ending);
    let is_finished = ended == Some(SessionEnd::Finish) || manifest.origin.is_imported();
    let is_repaired = manifest.repaired.is_some();
    [
        (is_repaired, "REPAIRED"),
        (!is_finished && !is_repaired, "INCOMPLETE"),
        (manifest.caps.leaves_out(), "CAPPED"),
    ]
    .into_iter()
    .filter_map(|(holds, word)| holds.then_some(word))
    .collect()
}

/// How far a run is: trials that are in the journal, of those planned, and seconds since it was last written to.
pub(crate) struct Progress {
    pub(crate) begun: u64,
    pub(crate) planned: u64,
    pub(crate) quiet_for: Option<u64>,
}

/// A look at a run as it is now, which may be ahead of what is indexed.
pub(crate) fn progress(folder: &Path, indexed: usize, manifest: &Manifest) -> Progress {
    let planned = manifest.tasks.values().map(|task| task.trials).sum();
    let indexed = indexed as u64;
    let begun =
        if indexed < planned { begun(folder).unwrap_or(indexed).max(indexed) } else { indexed };
    let written = std::fs::metadata(folder.join(trustmh_run::journal::FILE))
        .and_then(|found| found.modified())
        .ok()
        .and_then(|at| at.elapsed().ok());
    Progress { begun, planned, quiet_for: written.map(|elapsed| elapsed.as_secs()) }
}

/// Trials in the journal, counted by how their lines begin; those asked again count once more, so it may be a little ahead.
fn begun(folder: &Path) -> std::io::Result<u64> {
    let file = std::fs::File::open(folder.join(trustmh_run::journal::FILE))?;
    let mut lines = std::io::BufReader::with_capacity(1 << 20, file).split(b'\n');
    lines.try_fold(0, |begun, line| {
        let line = line?;
        let head = line.get(..HEAD).unwrap_or(&line);
        Ok(begun + u64::from(head.windows(TRIAL.len()).any(|window| window == TRIAL)))
    })
}

const TRIAL: &[u8] = b"\"event\":{\"trial\":";
/// The event's name stands within so many bytes of a line, behind its format and the hash of the line before.
const HEAD: usize = 128;
