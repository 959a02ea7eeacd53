//! What caps a run: less than all of its tasks is asked, or replies are shorter.

use serde::{Deserialize, Serialize};

use crate::language::LanguageRange;

/// What caps a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    /// The named profile that set the caps.
    pub profile: Option<String>,
    /// Only items in these languages; all without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<LanguageRange>,
    /// At most so many items a task, evenly spread over the file.
    pub items: Option<usize>,
    /// At most about so many trials a task, by whole items and never less than one of them, and one of those that are there for comparison.
    pub trials: Option<usize>,
    /// Replies of at most so many tokens, where the task allows more.
    pub reply_tokens: Option<u32>,
    /// Replies of at most so many tokens, whatever the task allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_budget: Option<u32>,
    /// The subject takes at most so many tokens of prompt and reply; long items are cut to fit.
    #[serde(default)]
    pub context: Option<u32>,
}

impl Caps {
    /// Whether items or trials of the tasks may be left out.
    pub const fn leaves_out(&self) -> bool {
        self.items.is_some() || self.trials.is_some() || !self.languages.is_empty()
    }

    /// The caps as a sentence would have them; none if nothing is capped.
    pub fn in_words(&self) -> Option<String> {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let languages = (!self.languages.is_empty()).then(|| {
            let names: Vec<&str> = self.languages.iter().map(LanguageRange::as_str).collect();
            format!("only items in {}", names.join(" and "))
        });
        let items = self.items.map(|items| format!("at most {items} item{} a task", s(items)));
        let trials = self.trials.map(|trials| format!("about {trials} trial{} a task", s(trials)));
        let tokens = self.reply_tokens.map(|tokens| format!("replies of at most {tokens} tokens"));
        let budget = self
            .reply_budget
            .map(|tokens| format!("replies of {tokens} tokens, whatever the task allows"));
        let context = self.context.map(|tokens| format!("inputs cut to fit {tokens} tokens"));
        let parts: Vec<String> = languages
            .into_iter()
            .chain(items)
            .chain(trials)
            .chain(tokens)
            .chain(budget)
            .chain(context)
            .collect();
        let name =
            self.profile.as_deref().map_or(String::new(), |name| format!(" (profile {name})"));
        (!parts.is_empty()).then(|| format!("{}{name}", parts.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_tell_a_bound_from_a_budget() {
        let caps = Caps { items: Some(1), trials: Some(10), ..Caps::default() };
        assert_eq!(caps.in_words().unwrap(), "at most 1 item a task, about 10 trials a task");
        assert!(caps.leaves_out());
        let caps = Caps { reply_tokens: Some(80), ..Caps::default() };
        assert!(!caps.leaves_out());
        assert_eq!(caps.in_words().unwrap(), "replies of at most 80 tokens");
        let caps = Caps { reply_budget: Some(8000), ..Caps::default() };
        assert_eq!(caps.in_words().unwrap(), "replies of 8000 tokens, whatever the task allows");
    }
}
