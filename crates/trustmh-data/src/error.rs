//! What can be wrong with a file, said so that the file can be mended.

use std::fmt;
use std::io;
use std::path::PathBuf;

use trustmh_core::id::{DatasetId, IdError};

/// A file, and where one is known a line of it, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// The line on which the faulty record begins.
    pub line: Option<u64>,
}

impl Place {
    /// A line of a file.
    pub fn line(file: &str, line: u64) -> Self {
        Self { file: file.to_owned(), line: Some(line) }
    }

    /// A row of a file that has no lines, counted from 1.
    pub fn row(file: &str, row: u64) -> Self {
        Self { file: format!("{file}, row {row}"), line: None }
    }

    /// A record of a list, counted from 1.
    pub fn record(file: &str, record: u64) -> Self {
        Self { file: format!("{file}, record {record}"), line: None }
    }

    /// A file as a whole.
    pub fn file(file: &str) -> Self {
        Self { file: file.to_owned(), line: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// Data that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Whoever took the items could not go on.
    #[error("reading was stopped: {why}")]
    Stopped {
        /// Why, in words.
        why: String,
    },
    /// The data folder does not exist or is no folder.
    #[error("there is no data folder `{}`", path.display())]
    NoFolder {
        /// The folder that was given.
        path: PathBuf,
    },
    /// The data folder lacks a file of the set.
    #[error("{set}: the file {name} is not there; looked for {}{}", listed(looked), but(unnamed))]
    NoFile {
        /// The set that needs it.
        set: DatasetId,
        /// The file's name.
        name: String,
        /// Every path that was looked for.
        looked: Vec<PathBuf>,
        /// A table in the data folder whose name does not say of which set it is.
        unnamed: Option<PathBuf>,
    },
    /// A folder without a file that holds a table.
    #[error("`{}` has no file in Parquet, JSON lines, JSON or CSV", folder.display())]
    NoTables {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder that `save_to_disk` of `datasets` wrote.
    #[error("`{}` was written by `save_to_disk`, whose Arrow files are not read; this makes Parquet of them: {command}", folder.display())]
    Saved {
        /// The folder.
        folder: PathBuf,
        /// What turns it into Parquet.
        command: String,
    },
    /// A dataset in the hub's cache of which it is not known which snapshot is meant.
    #[error("`{}` has {found} snapshots and does not say which is in use", folder.display())]
    Snapshots {
        /// The dataset's folder in the cache.
        folder: PathBuf,
        /// How many there are.
        found: usize,
    },
    /// A file of several that make one table is not there.
    #[error("part {number} of {all} is missing beside {like}; parts are counted from 0")]
    Shards {
        /// A file of the table that is there.
        like: String,
        /// The number that is missing.
        number: u64,
        /// How many there must be, at the least.
        all: u64,
    },
    /// Two files that go by the name of one table and cannot both be of it.
    #[error(
        "`{one}` and `{other}` cannot both be of one table, which is one file or all of its numbered parts, each once"
    )]
    Apart {
        /// One of them.
        one: String,
        /// The other.
        other: String,
    },
    /// A dataset's folder with so many files that some would be left out.
    #[error("`{}` holds more than {most} files in Parquet, JSON lines, JSON or CSV, which are more than are read of one dataset", folder.display())]
    TooManyFiles {
        /// The folder.
        folder: PathBuf,
        /// How many are read at the most.
        most: usize,
    },
    /// A dataset's folder of which it is not known which part is meant.
    #[error("`{}`: which {what} is meant? There are: {known}", folder.display())]
    NoPart {
        /// The folder.
        folder: PathBuf,
        /// A configuration or a split.
        what: &'static str,
        /// Those there are, comma separated.
        known: String,
    },
    /// A recorded file lacks the file that belongs beside it.
    #[error("`{}` cannot be read without `{}`, which is not there", needed_by.display(), path.display())]
    NoSibling {
        /// The file looked for.
        path: PathBuf,
        /// The file that needs it.
        needed_by: PathBuf,
    },
    /// A path that an import format does not know.
    #[error("`{}` is no file of the format {format}, whose files are named {expected}", path.display())]
    FileName {
        /// The path that was given.
        path: PathBuf,
        /// The format's slug.
        format: &'static str,
        /// How its files are named.
        expected: &'static str,
    },
    /// A summary was given without the outputs it sums up.
    #[error("`{}` only sums up; the outputs it belongs to ({expected}) were not given", path.display())]
    OnlySummary {
        /// The summary.
        path: PathBuf,
        /// How files with outputs are named.
        expected: &'static str,
    },
    /// No path was given to import.
    #[error("no file to import was given; the format {format} reads {expected}")]
    NothingRecorded {
        /// The format's slug.
        format: &'static str,
        /// How its files are named.
        expected: &'static str,
    },
    /// A record that keeps people's labels in a file of their own was given without it.
    #[error("the format {format} keeps the labels in a file of their own, which was not given")]
    NoLabels {
        /// The format's slug.
        format: &'static str,
    },
    /// A log of Inspect without a sample: only its head, or the log of an evaluation that ended before its first one.
    #[error("{file}: the log holds no samples, only the head of an evaluation (status `{status}`)")]
    NoSamples {
        /// The log.
        file: String,
        /// How the evaluation stands, in Inspect's word.
        status: String,
    },
    /// An archive that is named like a log of Inspect and holds no head of one.
    #[error(
        "{file}: the archive holds neither `header.json` nor `_journal/start.json`, by which a log of Inspect is known"
    )]
    NoHead {
        /// The archive.
        file: String,
    },
    /// A log of Inspect of which nothing means the same here.
    #[error("{file}: nothing of the log can be taken over: {reasons}")]
    NoneUsable {
        /// The log.
        file: String,
        /// Why, with the number and the names of the samples.
        reasons: String,
    },
    /// The operating system refused to read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file's syntax is broken.
    #[error("{place}: {message}")]
    Malformed {
        /// Where.
        place: Place,
        /// What is wrong.
        message: String,
    },
    /// A value that its field cannot have.
    #[error("{place}: {field} is `{value}`; expected {expected}")]
    Value {
        /// Where.
        place: Place,
        /// The field's name.
        field: String,
        /// The value found, shortened.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// Two numbers that must agree do not.
    #[error("{file} has {found} {what}; expected {expected}, {because}")]
    Count {
        /// The file.
        file: String,
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
        /// Why.
        because: String,
    },
    /// A file in none of the known forms of transcripts.
    #[error("{file}: the file has none of the known forms of transcripts: {tried}")]
    NoTranscripts {
        /// The file.
        file: String,
        /// The forms that were tried, comma separated.
        tried: String,
    },
    /// A file whose characters are written in no known way.
    #[error("{file}: the text is neither UTF-8 nor UTF-16 with a mark nor GB18030")]
    Encoding {
        /// The file.
        file: String,
    },
    /// There is no place for rows that have to be put in order.
    #[error("{file}: its rows cannot be put aside while they are put in order: {source}")]
    NoPlaceAside {
        /// The file that is read.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// There is no starter set of this name.
    #[error("there is no starter set `{name}`; there are: {known}")]
    UnknownStarter {
        /// The name that was given.
        name: String,
        /// The names there are, comma separated.
        known: String,
    },
    /// An identifier breaks the rules of its kind.
    #[error(transparent)]
    Id(#[from] IdError),
}

impl DataError {
    /// The same of another text, whose records stand at `places`, one for each line of this one.
    pub(crate) fn moved(mut self, places: &[Place]) -> Self {
        if let Self::Malformed { place, .. } | Self::Value { place, .. } = &mut self {
            let at = place.line.and_then(|line| usize::try_from(line).ok()?.checked_sub(1));
            if let Some(moved) = at.and_then(|at| places.get(at)) {
                place.clone_from(moved);
            }
        }
        self
    }

    /// What a user can do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoFolder { .. } => {
                "fetch published data with `trustmh data fetch all --accept-licence`, name its folder \
                 with --data DIR or $TRUSTMH_DATA, or leave it out to use the starter items"
            }
            Self::NoFile { .. } => {
                "fetch the set with `trustmh data fetch`, or put the file, as its publisher gives it, \
                 into the folder given with --data DIR or $TRUSTMH_DATA; leave the folder out to use \
                 the starter items"
            }
            Self::NoTables { .. } => "name a folder with data files, as it is on the hub",
            Self::Saved { .. } => "run that where `datasets` is installed, then the same again",
            Self::Snapshots { .. } => "name the folder of the snapshot itself",
            Self::Shards { .. } => "download the dataset again, whole",
            Self::Apart { .. } => "keep the files of one download and remove the others",
            Self::TooManyFiles { .. } => {
                "name the folder of one dataset, or put its rows into fewer files"
            }
            Self::NoPart { .. } => "name it with --config or --split",
            Self::NoSibling { .. } => "keep the files of a record together, under their own names",
            Self::FileName { .. } | Self::NothingRecorded { .. } => {
                "name the recorded files one by one, under the names they were released with"
            }
            Self::NoLabels { .. } => "name the file with --labels FILE",
            Self::OnlySummary { .. } => "add the file with the outputs to the paths",
            Self::NoSamples { .. } | Self::NoHead { .. } => {
                "take the log whole, not its head alone; samples of an evaluation that crashed come back with \
                 `inspect log recover LOG` where it ran"
            }
            Self::NoneUsable { .. } => {
                "import logs of questions with choices and one letter as target, or logs that this program wrote"
            }
            Self::Malformed { .. } | Self::Value { .. } | Self::Count { .. } => {
                "mend the file at that place, or take it again, whole, from where it came from"
            }
            Self::NoTranscripts { .. } => {
                "a table needs columns for who speaks and what is said: name them with --map role=COLUMN,content=COLUMN; \
                 a form that is not found out can be named with --format"
            }
            Self::Encoding { .. } => "save the file as UTF-8",
            Self::NoPlaceAside { .. } => "make room in the folder for temporary files",
            Self::Unreadable { .. }
            | Self::Stopped { .. }
            | Self::UnknownStarter { .. }
            | Self::Id(_) => return None,
        })
    }

    pub(crate) fn value(
        place: Place,
        field: impl Into<String>,
        value: &str,
        expected: impl Into<String>,
    ) -> Self {
        Self::Value {
            place,
            field: field.into(),
            value: shortened(value),
            expected: expected.into(),
        }
    }

    /// A fault of JSON that goes over several lines.
    pub(crate) fn json(file: &str, error: &serde_json::Error) -> Self {
        let line = (error.line() > 0).then_some(error.line() as u64);
        Self::malformed(Place { file: file.to_owned(), line }, error)
    }

    pub(crate) fn malformed(place: Place, message: impl fmt::Display) -> Self {
        Self::Malformed { place, message: message.to_string() }
    }
}

/// Records may be long and sensitive: an error shows their beginning only.
fn shortened(value: &str) -> String {
    const MOST: usize = 48;
    let mut short: String =
        value.chars().take(MOST).map(|c| if c == '\n' { ' ' } else { c }).collect();
    if value.chars().nth(MOST).is_some() {
        short.push_str("...");
    }
    short
}

fn but(unnamed: &Option<PathBuf>) -> String {
    unnamed.as_ref().map_or_else(String::new, |path| {
        format!(
            "; `{}` is there, and nothing says of which set it is: name it or its folder as the file is named",
            path.display()
        )
    })
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(" and ")
}
