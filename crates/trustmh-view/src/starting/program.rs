//! The seam to the program: pages ask it what a command line would do, and start it as a process of its own.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use trustmh_core::validity::Validity;

/// What is not done, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub message: String,
    /// What helps, if that is known.
    pub hint: Option<String>,
}

/// A set of published data in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetHere {
    /// Its name on the command line.
    pub id: String,
    /// How many of its files are there.
    pub files: usize,
    /// How many it has.
    pub of: usize,
}

/// A folder of published data that runs may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder {
    /// Where it is.
    pub path: PathBuf,
    /// The sets of which a file is there.
    pub sets: Vec<SetHere>,
}

/// What a page offers.
#[derive(Debug, Clone, Default)]
pub struct Offers {
    /// Names of models to suggest.
    pub models: Vec<String>,
    /// What stands before the slash in names of models that may be asked.
    pub prefixes: Vec<String>,
    /// Folders of data that exist.
    pub data: Vec<DataFolder>,
    /// Options that every run takes from how the viewer was started: where runs are kept, where tasks come from.
    pub fixed: Vec<String>,
    /// The variable that names a data folder, where it is set: a run on starter items is started without it.
    pub data_variable: Option<&'static str>,
    /// The seed that is taken where none is given.
    pub seed: u64,
}

/// Where the key of a model is looked for. What it is is told to nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// The model takes none.
    NotNeeded,
    /// It is in this environment variable.
    FoundIn(String),
    /// This environment variable is not set.
    MissingIn(String),
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckState {
    /// It is as it should be.
    Ok,
    /// Something is missing that may be needed.
    Note,
    /// It will not work.
    Problem,
}

/// One thing that was checked before a model was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// How it ended.
    pub state: CheckState,
    /// What was found.
    pub found: String,
    /// What helps.
    pub fix: Option<String>,
}

/// What came of one call to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestResult {
    /// A reply came.
    Replied {
        /// From the request to the whole reply.
        after: Duration,
        /// Its characters.
        characters: usize,
    },
    /// None came.
    Failed(Refusal),
}

/// What a run would ask for, as `trustmh plan` counts it.
#[derive(Debug, Clone, Default)]
pub struct Outlook {
    /// The subject's full name.
    pub subject: String,
    /// Who judges, in words.
    pub judge: String,
    /// Tasks.
    pub tasks: u64,
    /// Trials.
    pub trials: u64,
    /// Calls to the subject.
    pub subject_calls: u64,
    /// Calls to the judge.
    pub judge_calls: u64,
    /// Tokens of all prompts, about.
    pub prompt_tokens: u64,
    /// Tokens of all replies, if each were as long as it may be.
    pub reply_tokens: u64,
    /// US dollars at most; none where a model that is asked has no price.
    pub dollars: Option<f64>,
    /// Calls that the subject can usefully be asked at once; none where it cannot be opened.
    pub at_once: Option<usize>,
    /// What is known of the judge by each rubric of the chosen tasks.
    pub validity: Vec<Validity>,
    /// What whoever starts the run must know.
    pub warnings: Vec<String>,
}

/// What a process that is asked to stop is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopRequest {
    /// It is to finish the calls in flight.
    Drain,
    /// It is to leave at once.
    AtOnce,
}

/// The program as far as pages need it. Its functions may take a while and block.
pub trait Program: Send + Sync {
    /// What pages offer, as it is now.
    fn offers(&self) -> Offers;

    /// What a run by this command line would ask for. Nothing is sent.
    ///
    /// # Errors
    /// [`Refusal`]: what the command itself would say.
    fn outlook(&self, arguments: &[String]) -> Result<Outlook, Refusal>;

    /// Where the key of a model is looked for.
    ///
    /// # Errors
    /// [`Refusal`] for a name that is none.
    fn key(&self, model: &str, base_url: Option<&str>) -> Result<KeyState, Refusal>;

    /// Checks a model as `trustmh doctor` does, then makes one call if nothing stands against it.
    fn test(&self, model: &str, base_url: Option<&str>) -> (Vec<Check>, Option<TestResult>);

    /// The program itself, to be started with these arguments.
    ///
    /// # Errors
    /// [`Refusal`] where the program's file is not known.
    fn command(&self, arguments: &[String]) -> Result<Command, Refusal>;

    /// Asks a process that was started so to stop, as Ctrl-C does: first to drain, then to leave at once. The second request must be
    /// heard even where it comes before the first was heeded.
    fn interrupt(&self, process: u32, request: StopRequest);
}
