//! What can go wrong with the local model.

use std::path::PathBuf;

/// Why there are no weights, or no reply.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The weights are not where they are looked for.
    #[error("there are no weights of {title} at {}", path.display())]
    NoWeights {
        /// The model.
        title: &'static str,
        /// The file looked for.
        path: PathBuf,
    },
    /// The file is not the one this crate was made for.
    #[error("{} is not the expected file: its SHA-256 is {found}, not {expected}; remove it and fetch it again", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// What it hashes to.
        found: String,
        /// What it must hash to.
        expected: &'static str,
    },
    /// No source could deliver the weights.
    #[error("the weights of {title} could not be fetched: {}", tries.join("; "))]
    Fetch {
        /// The model.
        title: &'static str,
        /// What each source said.
        tries: Vec<String>,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The conversation does not fit the model's context.
    #[error("the prompt has {tokens} tokens; with the reply asked for there is room for {limit}")]
    PromptTooLong {
        /// Tokens of the prompt.
        tokens: u32,
        /// Tokens there is room for.
        limit: u32,
    },
    /// The model's file or its computation is faulty.
    #[error("{0}")]
    Model(#[from] candle_core::Error),
    /// Text could not be turned into tokens, or back.
    #[error("the tokenizer failed: {0}")]
    Tokenizer(String),
    /// An instance has ended and takes no more conversations.
    #[error("the model's thread has ended")]
    Ended,
}

impl LocalError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |source| Self::Io { path, source }
    }
}
