//! What a check of a run found.

use serde::Serialize;

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was checked.
    pub check: String,
    /// How it stands.
    pub state: State,
    /// What was found.
    pub detail: String,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it must be.
    Ok,
    /// Worth knowing: what was recorded stands, but something about it or around it is not as it could be.
    Differs,
    /// Not as it must be.
    Broken,
}

pub(crate) fn finding(check: &str, state: State, detail: impl Into<String>) -> Finding {
    Finding { check: check.to_owned(), state, detail: detail.into() }
}
