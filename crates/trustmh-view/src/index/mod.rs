//! The derived index of a run: what the viewer filters and searches by, and what it shows of the run in the list.
//!
//! It is made from the run alone, can be deleted at any time, and comes out the same, byte for byte.

mod build;
mod facets;
mod filter;
mod profile;
mod query;
mod summary;

use std::path::Path;

use trustmh_core::digest::{Digest, Hashing};
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::journal;
use trustmh_run::manifest::{self, Manifest};

use crate::error::ViewError;

pub use build::build;
pub use facets::{Facet, FacetValue};
pub use filter::{Filter, Order};
pub use query::{Hit, Index, Page};
use summary::WORST;
pub(crate) use summary::{Summary, Worst};

/// The index's file inside a run's folder.
pub const FILE: &str = "index.sqlite";

/// The form of the index; one of another form is made again.
const FORMAT: &str = "5";

/// Puts blanks round the characters of writing without blanks, so that each can be found as a word, and phrases as their
/// sequence.
fn apart(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for c in text.chars() {
        let unspaced = matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}');
        if unspaced {
            spaced.extend([' ', c, ' ']);
        } else {
            spaced.push(c);
        }
    }
    spaced
}

/// The hash of the files of the benchmark by which a run is scored: tasks, prompts, rubrics and what they name.
///
/// # Errors
/// [`ViewError::Engine`] for a task that the benchmark does not have.
pub(crate) fn rule_files(benchmark: &Benchmark, manifest: &Manifest) -> Result<Digest, ViewError> {
    let mut files = Hashing::default();
    for material in benchmark.materials(manifest.tasks.keys())? {
        files.add(material.file.path.as_bytes());
        files.add(material.file.text.as_bytes());
    }
    Ok(files.end())
}

/// Bytes of a run's journal; 0 where there is none yet.
pub(crate) fn journal_length(folder: &Path) -> u64 {
    std::fs::metadata(folder.join(journal::FILE)).map_or(0, |found| found.len())
}

/// The hash of the manifest's bytes; empty where it cannot be read.
fn manifest_digest(folder: &Path) -> String {
    let bytes = std::fs::read(folder.join(manifest::FILE));
    bytes.map_or_else(|_| String::new(), |bytes| Digest::of(&bytes).to_string())
}
