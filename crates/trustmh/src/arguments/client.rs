//! Who plays the clients of simulated conversations.

use clap::{Args, ValueEnum};

use trustmh_core::request::Temperature;
use trustmh_engine::conversation::JudgeQuestions;

/// How a judge is asked the questions of a decision tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QuestionsChoice {
    // All in one call.
    Together,
    // Each in a call of its own.
    Apart,
}

impl QuestionsChoice {
    pub(crate) fn rule(self) -> JudgeQuestions {
        match self {
            Self::Together => JudgeQuestions::Together,
            Self::Apart => JudgeQuestions::Apart,
        }
    }
}

/// Who plays clients, and how it is asked.
#[derive(Debug, Args)]
pub(crate) struct ClientArguments {
    /// Who plays the clients of conversations: a model, or `offline` (rules)
    #[arg(long, value_name = "MODEL|offline", default_value = "offline", hide_short_help = true)]
    pub(crate) client: String,
    /// Client's endpoint
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub(crate) client_base_url: Option<String>,
    /// Tokens the client may think before it writes
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) client_thinking_tokens: Option<u32>,
    /// Client's temperature, from 0 to 2 [default: 0.7]
    #[arg(long, value_name = "T", hide_short_help = true)]
    pub(crate) client_temperature: Option<Temperature>,
    /// Set a field of the client's requests; repeatable
    #[arg(long, value_name = "KEY=VALUE", hide_short_help = true)]
    pub(crate) client_option: Vec<String>,
    /// Ask the questions of decision trees in one call, or each in its own
    #[arg(long, value_name = "HOW", value_enum, default_value = "together")]
    #[arg(hide_short_help = true)]
    pub(crate) judge_questions: QuestionsChoice,
}
