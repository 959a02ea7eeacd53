//! Exit codes, and errors as users meet them.

use std::process::ExitCode;

use trustmh_data::error::DataError;
use trustmh_data::sources::SourceError;
use trustmh_engine::error::EngineError;
use trustmh_model::error::{Fault, ModelError};
use trustmh_run::error::{CarrierFault, RunError};

/// The documented exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Ok,
    /// A check that was asked for does not hold.
    CheckFailed,
    /// Wrong usage, configuration or input.
    Usage,
    /// Subject or judge cannot be reached or refuses the credentials.
    Unreachable,
    /// The run is incomplete, or a task scored nothing.
    Incomplete,
    /// `verify` found a record that is not as it was written.
    NotSound,
    /// Interrupted by the user.
    Interrupted,
}

impl Exit {
    /// The number, as docs/exit-codes.md has it.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::CheckFailed => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Incomplete => 4,
            Self::NotSound => 5,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// What went wrong, what to do about it, and how the process ends.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) exit: Exit,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit: Exit::Usage }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn io(path: &std::path::Path, action: &str, error: &std::io::Error) -> Self {
        Self::usage(format!("{}: {action}: {error}", path.display()))
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let hint = match &error {
            EngineError::UnknownTask { .. } => Some("`trustmh tasks list` shows all tasks"),
            EngineError::Malformed { .. } | EngineError::Rule { .. } => {
                Some("`trustmh tasks schema` prints the schema of task files")
            }
            _ => None,
        };
        Self { message: error.to_string(), hint: hint.map(str::to_owned), exit: Exit::Usage }
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        let hint = error.hint().map(str::to_owned);
        Self { hint, ..Self::usage(error.to_string()) }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        let exit = match &error {
            SourceError::Network { .. } | SourceError::Answer { .. } => Exit::Unreachable,
            SourceError::NotPublished { .. } | SourceError::Archive { .. } => Exit::CheckFailed,
            SourceError::Unknown { .. }
            | SourceError::Gated { .. }
            | SourceError::Proxy { .. }
            | SourceError::Disk { .. } => Exit::Usage,
        };
        let hint = match &error {
            SourceError::NotPublished { .. } => Some(
                "the publisher may have changed it; `trustmh data show SET` lists the known checksums",
            ),
            _ => None,
        };
        Self { message: error.to_string(), hint: hint.map(str::to_owned), exit }
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        let exit = match (&error, error.fault()) {
            (ModelError::Configuration { .. }, _) => Exit::Usage,
            (
                _,
                Fault::Permanent | Fault::Doubtful | Fault::Transient { .. } | Fault::ThisCallOnly,
            ) => Exit::Unreachable,
        };
        Self { message: error.to_string(), hint: None, exit }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Model(error) => error.into(),
            RunError::Alike { .. } => {
                Self { message: error.to_string(), hint: None, exit: Exit::Unreachable }
            }
            RunError::Engine(error) => error.into(),
            RunError::Data(error) => error.into(),
            RunError::Append { .. } | RunError::WriterGone { .. } => Self {
                message: error.to_string(),
                hint: Some(
                    "everything recorded so far is safe; free some space and run `trustmh resume RUN`"
                        .to_owned(),
                ),
                exit: Exit::Incomplete,
            },
            RunError::Carrier { fault, message, hint } => {
                let exit = match fault {
                    CarrierFault::Unreachable => Exit::Unreachable,
                    CarrierFault::Full => Exit::Incomplete,
                    CarrierFault::Refused => Exit::Usage,
                };
                Self { message, hint, exit }
            }
            RunError::Journal { ref path, .. } => {
                let run = path.parent().unwrap_or(path).display();
                let hint = format!(
                    "`trustmh verify {run}` shows what is wrong; `trustmh repair {run}` recovers the intact part as a new run"
                );
                Self::usage(error.to_string()).with_hint(hint)
            }
            other => Self::usage(other.to_string()),
        }
    }
}
