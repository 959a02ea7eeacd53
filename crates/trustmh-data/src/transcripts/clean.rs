//! Texts from which names, numbers and addresses were taken, if that was asked for.

use serde::{Deserialize, Serialize};

use super::Redact;
use super::cells::tag;

/// A text that has passed the redactor. What is said can be kept, written or handed on in no other form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Clean(String);

impl Clean {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }

    /// This text and then another, a blank line between.
    pub(super) fn and(&mut self, next: &Self) {
        self.0.push_str("\n\n");
        self.0.push_str(&next.0);
    }

    /// Fit for a tag: on one line, and not too long.
    pub(super) fn as_tag(&self) -> Self {
        Self(tag(&self.0))
    }

    pub(super) fn trimmed(self) -> Self {
        let trimmed = self.0.trim();
        if trimmed.len() == self.0.len() { self } else { Self(trimmed.to_owned()) }
    }
}

/// Makes texts clean.
#[derive(Clone, Copy)]
pub(super) struct Cleaner<'o>(pub(super) Option<&'o Redact<'o>>);

impl Cleaner<'_> {
    pub(super) fn clean(self, text: String) -> Clean {
        match self.0 {
            Some(redact) => Clean(redact(&text).into_owned()),
            None => Clean(text),
        }
    }
}
