//! What can go wrong between coordinator, server and workers.

use trustmh_run::error::{CarrierFault, RunError};

/// A fault of the cluster; no text in it holds a credential.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// An address or a credential that cannot be used; nothing was sent.
    #[error("{message}")]
    Configuration {
        /// What is wrong, and what would be right.
        message: String,
    },
    /// Nobody answers at the address.
    #[error("no NATS server at {servers}: {cause}")]
    Unreachable {
        /// The addresses.
        servers: String,
        /// What the network says.
        cause: String,
    },
    /// The server does not let us in.
    #[error("the NATS server at {servers} refuses the credentials: {cause}")]
    Credentials {
        /// The addresses.
        servers: String,
        /// What it says.
        cause: String,
    },
    /// The server keeps no streams.
    #[error("the NATS server {version} has no JetStream for this account: {cause}")]
    NoJetStream {
        /// The server's version.
        version: String,
        /// What it says.
        cause: String,
    },
    /// The server is too old.
    #[error("the NATS server is version {version}; 2.9 or later is needed")]
    TooOld {
        /// The server's version.
        version: String,
    },
    /// Coordinator and workers of different versions.
    #[error(
        "this cluster speaks protocol {theirs} (set up by trustmh {program}); this program speaks {ours}"
    )]
    Protocol {
        /// What was set up.
        theirs: u32,
        /// By which program.
        program: String,
        /// What this program speaks.
        ours: u32,
    },
    /// No coordinator has been here.
    #[error("this server is not set up for TrustMH: {missing} is missing")]
    NotSetUp {
        /// What is missing.
        missing: String,
    },
    /// Another coordinator works on the run.
    #[error("run {run} is being coordinated by {holder}; two coordinators would pay twice")]
    Taken {
        /// The run.
        run: String,
        /// Who holds it.
        holder: String,
    },
    /// Another coordinator has taken the run over.
    #[error("run {run} was taken over by {holder} while the server could not be reached")]
    Lost {
        /// The run.
        run: String,
        /// Who holds it.
        holder: String,
    },
    /// The server stores nothing more.
    #[error("the NATS server takes no more messages: {cause}")]
    Full {
        /// What it says.
        cause: String,
    },
    /// The server could not be reached for too long.
    #[error("the NATS server could not be reached for {seconds} s: {cause}")]
    Away {
        /// How long was waited.
        seconds: u64,
        /// The last error.
        cause: String,
    },
    /// The server refuses something.
    #[error("{action}: {cause}")]
    Refused {
        /// What was tried.
        action: String,
        /// What the server says.
        cause: String,
    },
    /// A message that cannot be read.
    #[error("{what} cannot be read: {cause}")]
    Malformed {
        /// Which.
        what: String,
        /// What is wrong with it.
        cause: String,
    },
}

impl ClusterError {
    pub(crate) fn refused(action: &str, cause: impl std::fmt::Display) -> Self {
        Self::Refused { action: action.to_owned(), cause: cause.to_string() }
    }

    /// What to do about it, where that can be said.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Unreachable { .. } => {
                "start one with `nats-server -js`, or correct --cluster; docs/cluster.md has a whole setup"
            }
            Self::Credentials { .. } => {
                "set TRUSTMH_NATS_USER and TRUSTMH_NATS_PASSWORD, TRUSTMH_NATS_NKEY or --cluster-creds as the server wants them"
            }
            Self::NoJetStream { .. } => {
                "start the server with -js, and enable JetStream for the account"
            }
            Self::TooOld { .. } => "install a later nats-server",
            Self::Protocol { .. } => {
                "use the same version everywhere; when nothing runs any more, `trustmh cluster setup` sets it up for this one"
            }
            Self::NotSetUp { .. } => {
                "start a coordinator with `trustmh run --cluster`, or say `trustmh cluster setup`"
            }
            Self::Taken { .. } => "wait for it or stop it; `trustmh cluster status` shows it",
            Self::Lost { .. } => {
                "what was recorded is safe; see who works on it with `trustmh cluster status`"
            }
            Self::Full { .. } => {
                "make room on the server and go on with `trustmh resume RUN --cluster`; what was recorded is safe"
            }
            Self::Away { .. } => {
                "when it is back, go on with `trustmh resume RUN --cluster`; what was recorded is safe"
            }
            Self::Configuration { .. } | Self::Refused { .. } | Self::Malformed { .. } => {
                return None;
            }
        })
    }

    /// What kind of thing it is.
    pub fn fault(&self) -> CarrierFault {
        match self {
            Self::Unreachable { .. }
            | Self::Credentials { .. }
            | Self::NoJetStream { .. }
            | Self::TooOld { .. }
            | Self::Away { .. } => CarrierFault::Unreachable,
            Self::Full { .. } => CarrierFault::Full,
            Self::Configuration { .. }
            | Self::Protocol { .. }
            | Self::NotSetUp { .. }
            | Self::Taken { .. }
            | Self::Lost { .. }
            | Self::Refused { .. }
            | Self::Malformed { .. } => CarrierFault::Refused,
        }
    }
}

impl From<ClusterError> for RunError {
    fn from(error: ClusterError) -> Self {
        Self::Carrier {
            fault: error.fault(),
            message: error.to_string(),
            hint: error.hint().map(str::to_owned),
        }
    }
}
