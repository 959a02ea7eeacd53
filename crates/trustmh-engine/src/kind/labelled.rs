//! Texts to be given a label.

use minijinja::Value;
use serde::Serialize;

use trustmh_core::codebook::{LABELS, LabelScheme};
use trustmh_core::item::{Labelled, option_index};
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Variant;

use super::options::{LetteredOption, lettered, letters};
use super::room::{ContextBudget, estimated_tokens, fitted};
use super::{
    Expand, Judged, Kind, Perturbed, Prompt as Filled, Prompting, Read, Restating, Slips, given,
    plain,
};
use crate::error::EngineError;
use crate::parse::{self, Answer};
use crate::perturb::Keep;
use crate::rubric::{Field, Rubric};
use crate::rules::TaskRules;
use crate::task::{Expansion, ParserKind};

#[derive(Serialize)]
struct Prompt<'a> {
    scheme: &'a str,
    text: &'a str,
    labels: &'a str,
    /// The labels as options, for those who are to answer with a letter.
    options: Vec<LetteredOption<'a>>,
    letters: &'a str,
}

impl<'a> Prompt<'a> {
    fn of(text: &'a str, named: &'a Named<'_>) -> Self {
        let Named { scheme, labels, names, letters } = named;
        Self { scheme, text, labels, options: lettered(names, None), letters }
    }
}

/// A scheme as prompts name it.
struct Named<'s> {
    scheme: &'s str,
    labels: String,
    names: Vec<String>,
    letters: String,
}

impl<'s> Named<'s> {
    fn of(scheme: &'s LabelScheme) -> Self {
        let names: Vec<String> = scheme.names().map(str::to_owned).collect();
        let letters = letters(&lettered(&names, None));
        Self { scheme: scheme.name.as_str(), labels: names.join(", "), names, letters }
    }
}

#[derive(Serialize)]
struct Format {
    labels: String,
    letters: String,
}

#[derive(Serialize)]
struct Context<'a> {
    text: &'a str,
    label: &'a str,
    /// What each score means for texts of this label, where the rubric says so.
    anchors: Option<Vec<Anchor<'a>>>,
}

#[derive(Serialize)]
struct Anchor<'a> {
    score: i32,
    meaning: &'a str,
}

/// The rubric's anchors for texts of a label, the lowest score first.
fn anchors<'r>(rubric: &'r Rubric, label: &str) -> Option<Vec<Anchor<'r>>> {
    let anchors = rubric.file.anchors.get(label)?;
    let scaled = rubric.file.fields.iter().find(|field| field.scale.is_some());
    let scores = scaled.map(Field::scores).unwrap_or_default().into_iter();
    let listed = scores.zip(anchors).map(|(score, meaning)| Anchor { score, meaning });
    Some(listed.collect())
}

impl Kind for Labelled {
    const PROMPT: &'static [&'static str] = &["scheme", "text", "labels", "options", "letters"];
    const FORMAT: &'static [&'static str] = &["labels", "letters"];
    const CONTEXT: &'static [&'static str] = &["text", "label", "anchors"];
    const CODEBOOK: Option<&'static str> = Some(LABELS);
    const PERTURBED: Perturbed = Perturbed::OwnWords;
    const EXPANSIONS: &'static [Expand<Self>] = &[(Expansion::Plain, plain)];
    const PARSERS: &'static [Read<Self>] = &[
        (ParserKind::Label, |labelled, reply| {
            let labels = reply.rules.benchmark.labels(&labelled.scheme)?;
            let label = parse::label::read(reply.text, labels);
            label.map(|label| Answer::Label(label.to_owned()))
        }),
        (ParserKind::LabelAsReleased, |labelled, reply| {
            let labels = reply.rules.benchmark.labels(&labelled.scheme)?;
            let label = parse::label::as_released(reply.text, labels);
            label.map(|label| Answer::Label(label.to_owned()))
        }),
        (ParserKind::Choice, |labelled, reply| {
            let scheme = reply.rules.task.codebook.scheme(&labelled.scheme)?;
            let options: Vec<&str> = scheme.names().collect();
            let letter = parse::choice::explicit(reply.text, &options)?;
            let label = options.get(option_index(letter)?)?;
            Some(Answer::Label((*label).to_owned()))
        }),
    ];

    fn prompt(&self, asked: &Prompting<'_>) -> Result<Value, EngineError> {
        let named = Named::of(asked.rules.task.scheme(&asked.item.id, self)?);
        Ok(given(&Prompt::of(&self.text, &named)))
    }

    /// Only texts with labels come in any length, so only they are fitted.
    fn filled(&self, asked: &Prompting<'_>) -> Result<Filled, EngineError> {
        let named = Named::of(asked.rules.task.scheme(&asked.item.id, self)?);
        let render = |text: &str| asked.render(given(&Prompt::of(text, &named)));
        let room = match asked.budget {
            ContextBudget::Unbounded => None,
            ContextBudget::Tokens { context, reply, thinking } => {
                let reply = u64::from(reply.unwrap_or(asked.rules.rule.max_tokens));
                let form = estimated_tokens(&render("")?) + reply + u64::from(thinking);
                Some(u64::from(context).saturating_sub(form))
            }
        };
        let (text, cut) = fitted(self, room);
        Ok(Filled { cut, ..Filled::message(render(&text)?) })
    }

    fn format(&self, asked: &Restating<'_>) -> Result<Value, EngineError> {
        let Named { labels, letters, .. } =
            Named::of(asked.rules.task.scheme(&asked.item.id, self)?);
        Ok(given(&Format { labels, letters }))
    }

    fn context(&self, judged: &Judged<'_>) -> Value {
        let label = self.gold(judged.rules.protocol).unwrap_or_default();
        given(&Context { text: &self.text, label, anchors: anchors(judged.rubric, label) })
    }

    /// The posts keep what their label rests on.
    fn perturb(&mut self, _: &TaskRules<'_>, _: &Variant, slips: &mut Slips<'_>) {
        for post in self.earlier.iter_mut().chain([&mut self.text]) {
            slips.make(post, Keep::Label);
        }
    }

    fn key(&self, _: &Variant, protocol: Protocol) -> Option<String> {
        self.gold(protocol).map(str::to_owned)
    }
}
