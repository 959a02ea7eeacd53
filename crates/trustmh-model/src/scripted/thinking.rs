//! Scripted models that think before they answer.

use std::fmt;
use std::str::FromStr;

use super::Behaviour;
use crate::error::ModelError;

/// What a scripted model does: `thinks:TOKENS:BEHAVIOUR`, or a behaviour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Script {
    /// The rule by which it answers.
    pub behaviour: Behaviour,
    /// What it thinks before.
    pub thinks: Thinks,
}

/// How long a scripted model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Thinks {
    /// It answers at once.
    Nothing,
    /// So many tokens, of four characters each.
    Tokens(u32),
}

/// A thought that changes its mind, in the forms that answers are asked for in: whoever reads it as the answer reads a wrong one.
const THOUGHT: &str = "Let me see. {\"choice\": \"A\"} may do, or {\"label\": \"no_crisis\"}, or Answer: 1. {\"verdict\": \"refused\"}? \
Yes. No. I can't help with that. Let me look at it once more. ";

impl Thinks {
    pub(super) fn thought(self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Tokens(tokens) => {
                let length = usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(4);
                Some(THOUGHT.chars().cycle().take(length).collect())
            }
        }
    }
}

impl From<Behaviour> for Script {
    fn from(behaviour: Behaviour) -> Self {
        Self { behaviour, thinks: Thinks::Nothing }
    }
}

impl FromStr for Script {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let Some(rest) = text.strip_prefix("thinks:") else {
            return text.parse().map(Behaviour::into);
        };
        let (tokens, behaviour) = rest.split_once(':').unwrap_or((rest, "random"));
        let tokens: u32 = tokens.parse().ok().filter(|tokens| *tokens <= 1_000_000).ok_or_else(|| {
            ModelError::configuration(format!(
                "`{text}`: `{tokens}` is no number of tokens; write thinks:TOKENS:BEHAVIOUR, for example thinks:500:random"
            ))
        })?;
        Ok(Self { behaviour: behaviour.parse()?, thinks: Thinks::Tokens(tokens) })
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.thinks {
            Thinks::Nothing => self.behaviour.fmt(f),
            Thinks::Tokens(tokens) => write!(f, "thinks:{tokens}:{}", self.behaviour),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_written_as_they_are_read() {
        for text in ["random", "random:7", "thinks:500:random:7", "thinks:3:empty"] {
            assert_eq!(text.parse::<Script>().unwrap().to_string(), text);
        }
        assert_eq!("thinks:9".parse::<Script>().unwrap().to_string(), "thinks:9:random");
        for text in ["thinks:", "thinks:many:random", "thinks:9:nobody", "thinks:99999999:random"] {
            assert!(text.parse::<Script>().is_err(), "{text}");
        }
        assert_eq!(Thinks::Tokens(500).thought().unwrap().len(), 2000);
    }
}
