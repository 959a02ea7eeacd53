//! How many connections the open files allow that the system gives a process.

use std::sync::Once;

use crate::failure::Failure;
use crate::screen;

/// What the program needs beside connections: journal, manifest, data, terminal, signals, sockets
/// of the runtime.
const OWN: u64 = 24;
/// Subject and judge each have this share of the connections.
const EACH: u64 = 2;

static SAID: Once = Once::new();

/// As many connections as are wanted, or as the open files allow; then that is said.
pub(crate) fn within(wanted: usize) -> Result<usize, Failure> {
    let Some(files) = open_files() else { return Ok(wanted) };
    match Fit::of(wanted, files) {
        Fit::All => Ok(wanted),
        Fit::Fewer(connections) => {
            SAID.call_once(|| {
                screen::note(&format!(
                    "at most {connections} concurrent calls instead of {wanted}: this process may open only {files} files (`ulimit -n`)"
                ));
            });
            Ok(connections)
        }
        Fit::None => Err(Failure::usage(format!(
            "this process may open only {files} files, too few for a run"
        ))
        .with_hint("raise the limit: ulimit -n 256")),
    }
}

/// What fits into a number of open files.
#[derive(Debug, PartialEq, Eq)]
enum Fit {
    All,
    Fewer(usize),
    None,
}

impl Fit {
    fn of(wanted: usize, files: u64) -> Self {
        let most = files.saturating_sub(OWN) / EACH;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        match most {
            0 => Self::None,
            most if most < wanted => Self::Fewer(most),
            _ => Self::All,
        }
    }
}

/// The limit on open files; `None` where there is none.
#[cfg(unix)]
fn open_files() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
fn open_files() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_fit_into_the_open_files() {
        assert_eq!(Fit::of(64, 1024), Fit::All);
        assert_eq!(Fit::of(200, 64), Fit::Fewer(20));
        assert_eq!(Fit::of(2_000, 1024), Fit::Fewer(500));
        assert_eq!(Fit::of(1, 20), Fit::None);
        assert_eq!(Fit::of(1, 26), Fit::All);
    }
}
