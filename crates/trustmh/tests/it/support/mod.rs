//! The program as a process.
pub mod answering;
pub mod certificates;
pub mod cluster;
pub mod nats;
pub mod questions;
pub mod terminal;
pub mod view;
pub mod wire;

pub use trustmh_testing::shared;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_trustmh");

/// The program, in `folder`, without any setting of the person who runs the tests.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).stdin(Stdio::null());
    for variable in ["TRUSTMH_DATA", "TRUSTMH_WEIGHTS_DIR", "OPENAI_API_KEY", "NO_COLOR"] {
        command.env_remove(variable);
    }
    // Who judges unasked is not to hang on what has been fetched on the machine.
    command.env("TRUSTMH_WEIGHTS_DIR", folder.join("no-weights"));
    command.env("XDG_DATA_HOME", folder.join("data-home"));
    command.env("XDG_STATE_HOME", folder.join("state-home"));
    command
}

/// What a command came to.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs the program to its end.
pub fn trustmh<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> Ended {
    ended(program(folder).args(arguments).output().unwrap())
}

pub fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ended {
    /// Itself, after a check of the exit code.
    #[track_caller]
    pub fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// The only run below `runs`.
#[track_caller]
pub fn only_run(runs: &Path) -> PathBuf {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(runs).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(folders.len(), 1, "{folders:?}");
    folders.remove(0)
}

/// The folder of the run that a process has just begun in `runs`, once it can be resumed: its manifest is written last.
pub fn begun(runs: &Path) -> PathBuf {
    let folder = || std::fs::read_dir(runs).ok()?.next()?.ok().map(|entry| entry.path());
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(120);
    loop {
        if let Some(run) = folder().filter(|run| run.join("run.json").is_file()) {
            return run;
        }
        assert!(std::time::Instant::now() < patience, "no run was begun in {}", runs.display());
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// The project's own provider, on loopback, until it is dropped.
pub struct Provider {
    child: Child,
    pub url: String,
}

impl Provider {
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .arg("fake-provider")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Self { child, url: url.trim().to_owned() }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Where Python finds `package` for a test that reads our files with it: the folder that `scripts/check` fills. With CI=true a
/// missing one is a failure; elsewhere the test is skipped and says so.
pub fn python_packages(package: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python");
    if folder.join(package).is_dir() {
        return Some(folder);
    }
    skip(&format!("no {package} for Python"))
}

/// Where Python finds scipy and what else our numbers are computed again with: the folder that `scripts/check` fills. Where pip
/// could not fill it the test is skipped and says so, whatever CI says.
pub fn other_statistics() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/recompute");
    if ["scipy", "statsmodels", "sklearn", "krippendorff"]
        .iter()
        .all(|one| folder.join(one).is_dir())
    {
        return Some(folder);
    }
    name_skipped("no scipy, statsmodels, scikit-learn or krippendorff for Python")
}

/// Nothing, with a line that names the test and why it is skipped; with CI=true a failure.
#[track_caller]
pub fn skip<T>(why: &str) -> Option<T> {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}: {test}");
    name_skipped(why)
}

pub fn name_skipped<T>(why: &str) -> Option<T> {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let line = format!("\nskipped, {why}: {test}\n");
    drop(std::io::stderr().write_all(line.as_bytes()));
    None
}
