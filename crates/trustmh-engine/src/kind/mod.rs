//! Kinds of items, one module each: how an item becomes trials, what prompts and judges are given of it, what of it
//! is perturbed, which format is restated, and how a reply to it is read.

mod action;
pub(crate) mod conversation;
mod dialogue;
mod dilemma;
mod emotion;
mod facts;
mod intent;
mod labelled;
mod multiple_choice;
mod options;
mod privacy_rating;
mod rated;
mod room;
mod secret;
mod slips;
mod turns;

pub use facts::{KindFacts, Perturbed};
pub use room::{ContextBudget, estimated_tokens};

pub(crate) use dialogue::reply_index;
pub(crate) use slips::Slips;

use minijinja::Value;

use trustmh_core::item::{self, Item, ItemContent, ItemKind};
use trustmh_core::message::Message;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::{InputCut, Trial, Variant};

use crate::error::EngineError;
use crate::parse::Answer;
use crate::rubric::Rubric;
use crate::rules::TaskRules;
use crate::task::{Expansion, ParserKind, Roles};

/// An expansion that fits a kind of item, with the trials it makes of one: variants and repeats.
type Expand<K> = (Expansion, fn(&K, &Expanding<'_>) -> Vec<(Variant, u32)>);

/// A parser that fits a kind of item, with what it reads from a reply to one.
type Read<K> = (ParserKind, fn(&K, &Reply<'_>) -> Option<Answer>);

/// What one kind of item is to the engine.
trait Kind: Sized + 'static {
    /// Variables that prompts are given.
    const PROMPT: &'static [&'static str];
    /// Variables that templates are given which restate the format.
    const FORMAT: &'static [&'static str];
    /// Variables that the template is given of what a judge is shown.
    const CONTEXT: &'static [&'static str];
    /// The folder of the schemes or scales that items name.
    const CODEBOOK: Option<&'static str> = None;
    /// What of it is perturbed.
    const PERTURBED: Perturbed;
    /// How it can be shown.
    const ROLES: &'static [Roles] = &[Roles::Text];
    /// The expansions that fit it.
    const EXPANSIONS: &'static [Expand<Self>];
    /// The parsers that fit it, beside those of any text.
    const PARSERS: &'static [Read<Self>];

    /// What the prompt is given.
    fn prompt(&self, asked: &Prompting<'_>) -> Result<Value, EngineError>;

    /// The prompt, filled in. A kind whose texts come in any length cuts them to the room there is; one that is a dialogue may be shown as one.
    fn filled(&self, asked: &Prompting<'_>) -> Result<Prompt, EngineError> {
        Ok(Prompt::message(asked.render(self.prompt(asked)?)?))
    }

    /// What a template is given that restates the format.
    fn format(&self, asked: &Restating<'_>) -> Result<Value, EngineError>;

    /// What the template is given of what a judge is shown besides the reply.
    fn context(&self, judged: &Judged<'_>) -> Value;

    /// Puts slips into what the prompt shows of a person's own words.
    fn perturb(&mut self, rules: &TaskRules<'_>, variant: &Variant, slips: &mut Slips<'_>);

    /// Texts of options: what they say is not said by the subject.
    fn options(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The right answer in words, letters as the subject saw them; `None` where the item has none.
    fn key(&self, variant: &Variant, protocol: Protocol) -> Option<String>;
}

/// A kind of item behind one pointer.
pub(crate) trait AnyKind {
    fn variants(&self, expanding: &Expanding<'_>) -> Result<Vec<(Variant, u32)>, EngineError>;
    fn filled(&self, asked: &Prompting<'_>) -> Result<Prompt, EngineError>;
    fn format(&self, asked: &Restating<'_>) -> Result<Value, EngineError>;
    fn context(&self, judged: &Judged<'_>) -> Value;
    fn perturb(&mut self, rules: &TaskRules<'_>, variant: &Variant, slips: &mut Slips<'_>);
    fn options(&self) -> Vec<&str>;
    fn key(&self, variant: &Variant, protocol: Protocol) -> Option<String>;
    fn read(&self, reply: &Reply<'_>) -> Option<Answer>;
}

impl<K: Kind> AnyKind for K {
    fn variants(&self, expanding: &Expanding<'_>) -> Result<Vec<(Variant, u32)>, EngineError> {
        let wanted = expanding.rules.rule.expansion;
        let fitting = K::EXPANSIONS.iter().find(|(expansion, _)| *expansion == wanted);
        let (_, expand) = fitting.ok_or_else(|| expanding.rules.misfit("expansion", wanted))?;
        Ok(expand(self, expanding))
    }

    fn filled(&self, asked: &Prompting<'_>) -> Result<Prompt, EngineError> {
        Kind::filled(self, asked)
    }

    fn format(&self, asked: &Restating<'_>) -> Result<Value, EngineError> {
        Kind::format(self, asked)
    }

    fn context(&self, judged: &Judged<'_>) -> Value {
        Kind::context(self, judged)
    }

    fn perturb(&mut self, rules: &TaskRules<'_>, variant: &Variant, slips: &mut Slips<'_>) {
        Kind::perturb(self, rules, variant, slips);
    }

    fn options(&self) -> Vec<&str> {
        Kind::options(self)
    }

    fn key(&self, variant: &Variant, protocol: Protocol) -> Option<String> {
        Kind::key(self, variant, protocol)
    }

    /// A parser that the kind does not list is refused when the benchmark is put together. Only runs recorded before
    /// that was checked can name one, and it reads nothing, as it did then.
    fn read(&self, reply: &Reply<'_>) -> Option<Answer> {
        let wanted = reply.rules.rule.parser;
        let fitting = K::PARSERS.iter().find(|(parser, _)| *parser == wanted);
        fitting.and_then(|(_, read)| read(self, reply))
    }
}

/// Ties the words of item files to the types behind them: the one list of kinds.
macro_rules! kinds {
    ($($kind:ident),* $(,)?) => {
        /// What an item is to the engine.
        pub(crate) fn of(content: &ItemContent) -> &dyn AnyKind {
            match content { $(ItemContent::$kind(item) => item),* }
        }

        /// The same, to be changed.
        pub(crate) fn of_mut(content: &mut ItemContent) -> &mut dyn AnyKind {
            match content { $(ItemContent::$kind(item) => item),* }
        }

        /// What fits items of a kind.
        pub fn facts(kind: ItemKind) -> KindFacts {
            match kind { $(ItemKind::$kind => KindFacts::of::<item::$kind>()),* }
        }
    };
}

kinds!(
    Dilemma,
    PrivacyRating,
    Secret,
    Intent,
    MultipleChoice,
    Emotion,
    Labelled,
    Dialogue,
    Action,
    Rated,
    Conversation,
);

/// An item on the way to its trials.
pub(crate) struct Expanding<'a> {
    pub(crate) rules: &'a TaskRules<'a>,
    pub(crate) item: &'a Item,
}

/// What the subject is shown first.
pub(crate) struct Prompt {
    pub(crate) messages: Vec<Message>,
    pub(crate) cut: Option<InputCut>,
}

impl Prompt {
    /// One message, nothing cut.
    fn message(text: String) -> Self {
        Self { messages: vec![Message::user(text)], cut: None }
    }
}

/// A prompt on the way to a subject.
pub(crate) struct Prompting<'a> {
    pub(crate) rules: &'a TaskRules<'a>,
    pub(crate) item: &'a Item,
    pub(crate) variant: &'a Variant,
    pub(crate) budget: ContextBudget,
}

impl Prompting<'_> {
    /// The protocol's template, filled in. One with the item's language at its end (`intervention-zh`) is preferred to
    /// the plain one.
    fn render(&self, given: Value) -> Result<String, EngineError> {
        let benchmark = self.rules.benchmark;
        let template = benchmark.template_for(&self.rules.rule.prompt, &self.item.language);
        benchmark.templates.render(&template, &given)
    }
}

/// The format of an answer on the way to a subject that was not understood.
pub(crate) struct Restating<'a> {
    pub(crate) rules: &'a TaskRules<'a>,
    pub(crate) item: &'a Item,
}

/// A reply that is read.
pub(crate) struct Reply<'a> {
    pub(crate) rules: &'a TaskRules<'a>,
    pub(crate) variant: &'a Variant,
    pub(crate) text: &'a str,
}

/// A reply that is judged.
pub(crate) struct Judged<'a> {
    pub(crate) rules: &'a TaskRules<'a>,
    pub(crate) rubric: &'a Rubric,
    pub(crate) trial: &'a Trial,
}

/// What a template is given.
pub(crate) fn given(variables: &impl serde::Serialize) -> Value {
    Value::from(minijinja::value::Serde(variables))
}

/// No variables.
fn nothing() -> Value {
    minijinja::context! {}
}

/// Every item as its file has it, once.
fn plain<K>(_: &K, _: &Expanding<'_>) -> Vec<(Variant, u32)> {
    vec![(Variant::Plain, 0)]
}

fn once(variants: impl IntoIterator<Item = Variant>) -> Vec<(Variant, u32)> {
    variants.into_iter().map(|variant| (variant, 0)).collect()
}
