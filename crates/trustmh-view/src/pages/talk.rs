//! A conversation, turn by turn: who says what, what a judge says of each reply, and where it sees its answers.

mod evidence;
mod played;
mod verdicts;

use maud::{Markup, html};

use trustmh_core::call::{Exchange, JudgedPart, Purpose};
use trustmh_core::item::{Conversation, Side};
use trustmh_core::trial::Trial;
use trustmh_engine::conversation::{Said, Talk, of};
use trustmh_engine::score::OverTurns;
use trustmh_engine::walk::Walk;
use trustmh_run::journal::Recorded;

use super::trial::{judge, said as shown};
use super::{Site, beginning};
use crate::error::ViewError;
use crate::runs::Opened;
use evidence::{Quoted, marked};

/// Whether a trial is a conversation.
pub(super) fn is_one(recorded: &Recorded) -> bool {
    of(&recorded.trial).is_some()
}

/// A conversation with all that is known of it.
struct Shown<'a> {
    walk: Walk<'a>,
    conversation: &'a Conversation,
    talk: Talk<'a>,
    recorded: &'a Recorded,
    codes: Vec<OverTurns>,
    quoted: Vec<Quoted>,
}

/// The conversation of a trial and the verdicts on it; nothing of a trial that is none.
pub(super) fn conversation(
    site: &Site<'_>,
    opened: &Opened,
    recorded: &Recorded,
) -> Result<Markup, ViewError> {
    let benchmark = opened.benchmark(&site.viewer.benchmark);
    let walk = opened.manifest.walk(benchmark, &recorded.trial.task)?;
    let Recorded { trial, exchanges } = recorded;
    let both = of(trial).zip(walk.talk(trial, exchanges));
    let Some((conversation, talk)) = both else { return Ok(html! {}) };
    let (codes, trees) = (walk.turn_codes(trial, exchanges)?, walk.trees(trial, exchanges)?);
    let quoted = evidence::quoted(&trees, &talk);
    let found = Shown { walk, conversation, talk, recorded, codes, quoted };
    Ok(html! {
        (played::about(&found, opened))
        (found.transcript())
        @for (place, (rubric, verdict)) in trees.iter().enumerate() { (verdicts::tree(&found, rubric, verdict, place)) }
        (verdicts::flat(&found)?)
        (judge_in_full(exchanges))
    })
}

/// The transcript alone, for whoever reads two side by side.
pub(super) fn transcript(walk: &Walk<'_>, trial: &Trial, exchanges: &[Exchange]) -> Markup {
    transcript_to(walk, trial, exchanges, None)
}

/// The transcript up to a reply, or all of it, for whoever rates it.
pub(super) fn transcript_to(
    walk: &Walk<'_>,
    trial: &Trial,
    exchanges: &[Exchange],
    last: Option<u8>,
) -> Markup {
    let Some(talk) = walk.talk(trial, exchanges) else { return html! {} };
    let is_behind = |said: &&Said<'_>| last.is_some_and(|last| said.turn > Some(last));
    html! {
        ol.talk { @for said in talk.said.iter().take_while(|said| !is_behind(said)) { li class=(class(said)) {
            h3 { (heading(said)) }
            (text(said, &[]))
        } } }
    }
}

impl Shown<'_> {
    fn transcript(&self) -> Markup {
        let replies: Vec<u8> = self.talk.replies().map(|(turn, _)| turn).collect();
        html! {
            section aria-labelledby="transcript" {
                h2 #transcript { "Transcript" }
                @if !self.recorded.trial.messages.is_empty() {
                    details {
                        summary { "What stood above the conversation" }
                        @for message in &self.recorded.trial.messages { (shown(message.role.name(), &message.content)) }
                    }
                }
                @if replies.len() > 1 {
                    nav.turns aria-label="Turns" {
                        "Turn " @for turn in &replies { a href={ "#turn-" (number(*turn)) } { (number(*turn)) } " " }
                    }
                }
                ol.talk { @for (place, said) in self.talk.said.iter().enumerate() { (self.turn(place, said)) } }
                p role="status" { (played::ended(self.talk.next)) }
            }
        }
    }

    fn turn(&self, place: usize, said: &Said<'_>) -> Markup {
        let quoted: Vec<&Quoted> = self.quoted.iter().filter(|one| one.said == place).collect();
        let tables = self.walk.rules.benchmark.client_tables();
        let signs = tables.of(&self.recorded.trial.item.language);
        let marks = match said.side {
            Side::Client => signs.marks(&said.text, said.line),
            Side::Subject => Vec::new(),
        };
        html! {
            li class=(class(said)) id=[anchor(said)] {
                h3 { (heading(said))
                    @for mark in &marks { " " span.tag { (mark.slug()) } }
                }
                @if said.side == Side::Subject { (self.thought(said)) }
                (text(said, &quoted))
                @if !quoted.is_empty() {
                    p.small { "Quoted for: " @for one in &quoted { a href={ "#" (one.answer) } { (one.question) } " " } }
                }
                @if let (Side::Subject, Some(turn)) = (said.side, said.turn) { (self.codes_of(turn)) }
            }
        }
    }

    fn thought(&self, said: &Said<'_>) -> Markup {
        let own = |one: &&Exchange| matches!(one.purpose, Purpose::Subject { turn } if Some(turn) == said.turn);
        let thought = self.recorded.exchanges.iter().find(own).and_then(Exchange::thought);
        html! {
            @if let Some(thought) = thought {
                details {
                    summary { "Thought before the reply; neither read nor judged" }
                    (shown("thought", &thought.text))
                }
            }
        }
    }

    /// What the rubrics for turns say of a reply.
    fn codes_of(&self, turn: u8) -> Markup {
        let of_turn = |series: &OverTurns| {
            series.values.iter().find(|(at, _)| *at == turn).map(|(_, value)| *value)
        };
        let codes: Vec<_> =
            self.codes.iter().filter_map(|one| Some((one, of_turn(one)?))).collect();
        html! {
            @if !codes.is_empty() {
                ul.codes aria-label="Codes of this reply" {
                    @for (series, value) in &codes { (verdicts::code(series, *value)) }
                }
            }
        }
    }
}

/// Turns are numbered as judges see them: replies from 1, and what the client says before one has its number.
fn number(turn: u8) -> u32 {
    u32::from(turn) + 1
}

fn class(said: &Said<'_>) -> &'static str {
    match said.side {
        Side::Client => "client",
        Side::Subject => "subject",
    }
}

fn heading(said: &Said<'_>) -> String {
    let who = match said.side {
        Side::Client => "Client",
        Side::Subject => "Reply",
    };
    match said.turn {
        Some(turn) => format!("{} {who}", number(turn)),
        None => "Greeting".to_owned(),
    }
}

/// Replies can be linked to.
fn anchor(said: &Said<'_>) -> Option<String> {
    let turn = said.turn.filter(|_| said.side == Side::Subject)?;
    Some(format!("turn-{}", number(turn)))
}

fn text(said: &Said<'_>, quoted: &[&Quoted]) -> Markup {
    let (shown, whole) = beginning(&said.text);
    html! {
        div.text dir="auto" { (marked(shown, quoted)) }
        @if !whole { p.small { "Cut: it has " (said.text.chars().count()) " characters." } }
    }
}

/// The judge's words, call by call.
fn judge_in_full(exchanges: &[Exchange]) -> Markup {
    let judged: Vec<(String, &Exchange)> = exchanges
        .iter()
        .filter_map(|exchange| match &exchange.purpose {
            Purpose::Judge { rubric, ask, part } => {
                let of = match part {
                    JudgedPart::Whole => "the whole".to_owned(),
                    JudgedPart::Turn(turn) => format!("turn {}", number(*turn)),
                    JudgedPart::Question(question) => format!("question {question}"),
                };
                let again = if *ask > 0 { format!(", ask {}", ask + 1) } else { String::new() };
                Some((format!("{rubric}, {of}{again}"), exchange))
            }
            Purpose::Subject { .. } | Purpose::Client { .. } => None,
        })
        .collect();
    html! {
        @if !judged.is_empty() {
            section {
                h2 { "What the judge said" }
                @for (name, exchange) in &judged {
                    details {
                        summary { (name) }
                        (judge::in_words(exchange.text().unwrap_or("(no reply)"), &[]))
                    }
                }
            }
        }
    }
}
