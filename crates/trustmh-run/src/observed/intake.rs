//! Reading transcripts into a run's folder.

use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use trustmh_core::digest::{Digest, Hashing};
use trustmh_core::item::Item;
use trustmh_data::error::DataError;
use trustmh_data::redact::TalkRedactor;
use trustmh_data::transcripts::{self, Options, Read, Redact, Unread};

use super::{Observed, ObservedFile, Redaction};
use crate::error::RunError;

/// The conversations as they were read, in a run's folder.
pub const TRANSCRIPTS: &str = "transcripts.jsonl";

/// The list of what could not be read, in a run's folder.
pub const UNREAD: &str = "unread.jsonl";

/// So many records that could not be read are told at once; the list has all of them.
const TOLD: usize = 10;

/// What reading came to.
#[derive(Debug)]
pub struct Intake {
    /// What the manifest says of it.
    pub observed: Observed,
    /// What reading put right or left out, with counts.
    pub warnings: Vec<String>,
    /// The first records that could not be read.
    pub first_unread: Vec<Unread>,
    /// The facets that conversations are tagged with.
    pub facets: BTreeMap<String, Values>,
    /// The file of conversations.
    pub path: PathBuf,
}

/// A line of the list of what could not be read.
#[derive(Serialize)]
struct UnreadLine<'a> {
    file: &'a str,
    line: u64,
    why: String,
}

/// A file of lines and the hash of what was written.
struct Lines {
    path: PathBuf,
    file: BufWriter<File>,
    hashing: Hashing,
}

impl Lines {
    fn create(path: PathBuf) -> Result<Self, RunError> {
        let file = File::create(&path).map_err(RunError::io(&path, "creating"))?;
        let file = BufWriter::new(file);
        Ok(Self { path, file, hashing: Hashing::default() })
    }

    fn add(&mut self, line: &impl Serialize) -> Result<(), RunError> {
        let mut bytes = serde_json::to_vec(line).map_err(|error| RunError::Manifest {
            path: self.path.clone(),
            message: error.to_string(),
        })?;
        bytes.push(b'\n');
        self.hashing.add(&bytes);
        self.file.write_all(&bytes).map_err(RunError::io(&self.path, "writing"))
    }

    fn end(mut self) -> Result<Digest, RunError> {
        self.file.flush().map_err(RunError::io(&self.path, "writing"))?;
        Ok(self.hashing.end())
    }
}

/// How many values a facet has, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// The same everywhere: it splits nothing.
    One,
    /// More than one.
    Several,
}

/// The first value of each facet, and whether there are others.
#[derive(Default)]
struct Facets(BTreeMap<String, (String, Values)>);

impl Facets {
    fn see(&mut self, item: &Item) {
        for (facet, value) in &item.tags {
            match self.0.get_mut(facet) {
                Some((first, _)) if first == value => {}
                Some((_, values)) => *values = Values::Several,
                None => drop(self.0.insert(facet.clone(), (value.clone(), Values::One))),
            }
        }
    }

    fn values(self) -> BTreeMap<String, Values> {
        self.0.into_iter().map(|(facet, (_, values))| (facet, values)).collect()
    }
}

/// Reads the transcripts at `paths` into `folder`, one conversation a line, and lists what could not be read. With a `redactor` nothing is
/// written that has not passed it.
///
/// # Errors
/// [`RunError::Data`] for files that cannot be read at all, or hold no conversation; [`RunError::Io`] for a folder that cannot be written.
pub fn take_in(
    paths: &[PathBuf],
    options: &Options<'_>,
    redactor: Option<&TalkRedactor>,
    folder: &Path,
) -> Result<Intake, RunError> {
    let redact = redactor.map(|redactor| redacting(move |text| redactor.text(text)));
    let redact = redact.as_ref().map(|redact| redact as &Redact<'_>);
    let options = &Options { redactor: redact, ..*options };
    let path = folder.join(TRANSCRIPTS);
    let mut conversations = Lines::create(path.clone())?;
    let mut list: Option<Lines> = None;
    let (mut facets, mut first_unread, mut broke) = (Facets::default(), Vec::new(), None);
    let read = {
        let mut found = |mut item: Item| {
            if let Some(redactor) = redactor {
                redactor.conversation(&mut item);
            }
            facets.see(&item);
            match conversations.add(&item) {
                Ok(()) => Ok(()),
                Err(error) => {
                    let told = DataError::Stopped { why: error.to_string() };
                    broke = Some(error);
                    Err(told)
                }
            }
        };
        let mut unread_fault = None;
        let mut unread = |one: Unread| {
            let listed = list_of(&mut list, folder).and_then(|lines| {
                let Unread { file, line, reason } = &one;
                lines.add(&UnreadLine { file, line: *line, why: reason.to_string() })
            });
            if let Err(error) = listed {
                unread_fault.get_or_insert(error);
            }
            if first_unread.len() < TOLD {
                first_unread.push(one);
            }
        };
        let read = transcripts::read(paths, options, &mut found, &mut unread);
        match unread_fault {
            Some(error) => return Err(error),
            None => read,
        }
    };
    let read = match (read, broke) {
        (_, Some(error)) => return Err(error),
        (read, None) => read?,
    };
    conversations.end()?;
    let unread_list = list.map(Lines::end).transpose()?;
    let redaction = redactor.map(|redactor| {
        let replaced = redactor.replaced();
        let kinds = replaced.iter().map(|(kind, count)| (kind.slug().to_owned(), count));
        Redaction { rules: redactor.version(), replaced: kinds.collect() }
    });
    Ok(Intake {
        observed: Observed { redaction, ..observed(&read, unread_list) },
        warnings: warnings(&read),
        first_unread,
        facets: facets.values(),
        path,
    })
}

/// A closure whose text lives as long as the one it is given.
fn redacting<F: for<'t> Fn(&'t str) -> Cow<'t, str>>(redact: F) -> F {
    redact
}

fn list_of<'l>(list: &'l mut Option<Lines>, folder: &Path) -> Result<&'l mut Lines, RunError> {
    match list {
        Some(lines) => Ok(lines),
        none => Ok(none.insert(Lines::create(folder.join(UNREAD))?)),
    }
}

fn observed(read: &Read, unread_list: Option<Digest>) -> Observed {
    let files = read.files.iter().map(|file| {
        let of_file = ObservedFile {
            format: file.format.name().to_owned(),
            digest: file.digest.clone(),
            conversations: file.conversations,
            turns: file.turns,
            unread: file.unread,
        };
        (file.name.clone(), of_file)
    });
    Observed {
        files: files.collect(),
        conversations: read.conversations,
        turns: read.turns,
        unread: read.unread,
        unread_list,
        redaction: None,
        by: Vec::new(),
    }
}

/// What reading put right or left out, in words.
fn warnings(read: &Read) -> Vec<String> {
    let counts = [
        (read.unread, "records could not be read"),
        (read.duplicates, "conversations were there twice and count once"),
        (read.renamed, "conversations had the id of another and were given one of their own"),
        (read.split, "conversations were longer than 100 replies and were split into parts"),
        (
            read.joined_turns,
            "turns were put together with the one before, which was of the same side",
        ),
        (read.blank_turns, "turns without a word were left out"),
        (read.aside, "messages of the system, of developers or tools were left out"),
        (read.not_text, "parts of messages are no text; `(not text)` stands for each"),
        (
            read.without_time,
            "conversations have no time: they are in no month, and nothing is known of reminders in them",
        ),
        (read.unread_times, "times could not be read"),
        (read.reordered, "conversations were put into the order of their times"),
    ];
    let counted = counts.into_iter().filter(|(count, _)| *count > 0);
    let counted = counted.map(|(count, what)| format!("{count} {what}"));
    counted.chain(read.warnings.iter().cloned()).collect()
}
