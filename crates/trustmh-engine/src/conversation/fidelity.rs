//! How far whoever speaks for the client played its part.

use rapidfuzz::distance::indel;
use std::collections::BTreeSet;

use trustmh_core::call::Exchange;
use trustmh_core::item::{Client, Conversation, Mark, Openness, Persona, RiskLevel};

use super::signs::{ClientTables, Signs};
use super::talk::{Next, Stop, Talk};
use crate::parse::folded;

/// Why a client is no client any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientBreak {
    /// It said that it is a machine, offered help, or declined to play.
    LeftRole,
    /// It said nothing.
    Silent,
    /// Its provider withheld its words.
    Withheld,
    /// No call to it came back.
    Failed,
}

/// Two turns are the same if their texts are alike to this share.
const ALIKE: f64 = 0.9;

/// How far the client played its part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fidelity {
    /// Why it is no client any more, and before which reply of the subject, from 0.
    pub broke: Option<(u8, ClientBreak)>,
    /// Share of its turns that repeat an earlier one; none of a script, and of fewer than two turns.
    pub repeats: Option<f64>,
    /// Share of what the persona was to tell that it told; none where nothing was to be told.
    pub disclosed: Option<f64>,
    /// Whether it showed the danger that it was to show; none where there was none to show.
    pub risk_shown: Option<bool>,
}

/// How far the client of a conversation played its part.
pub fn fidelity(
    tables: &ClientTables,
    language: &str,
    conversation: &Conversation,
    exchanges: &[Exchange],
) -> Fidelity {
    let signs = tables.of(language);
    let talk = Talk::of(tables, language, conversation, exchanges);
    let broke = client_break(tables, language, conversation, &talk);
    match &conversation.client {
        Client::Scripted { .. } => {
            Fidelity { broke, repeats: None, disclosed: None, risk_shown: None }
        }
        Client::Recorded { .. } => {
            Fidelity { broke, repeats: repeats(&talk), disclosed: None, risk_shown: None }
        }
        Client::Simulated { persona } => Fidelity {
            broke,
            repeats: repeats(&talk),
            disclosed: disclosed(signs, persona, &talk),
            risk_shown: risk_shown(signs, persona, &talk),
        },
    }
}

/// Why the client is no client any more, and before which reply of the subject, from 0. A script has none.
pub(crate) fn client_break(
    tables: &ClientTables,
    language: &str,
    conversation: &Conversation,
    talk: &Talk<'_>,
) -> Option<(u8, ClientBreak)> {
    let signs = tables.of(language);
    match conversation.client {
        Client::Scripted { .. } => None,
        Client::Recorded { .. } => left_role(signs, talk),
        Client::Simulated { .. } => left_role(signs, talk).or_else(|| broken_at_end(talk)),
    }
}

fn broken_at_end(talk: &Talk<'_>) -> Option<(u8, ClientBreak)> {
    match talk.next {
        Next::Over(Stop::ClientBroke(why)) => {
            Some((u8::try_from(talk.replies().count()).unwrap_or(u8::MAX), why))
        }
        Next::Over(_) | Next::Client(_) | Next::Subject(_) => None,
    }
}

/// Whether the client said anything by which it is no client any more.
pub(crate) fn has_left_role(tables: &ClientTables, language: &str, talk: &Talk<'_>) -> bool {
    left_role(tables.of(language), talk).is_some()
}

fn left_role(signs: &Signs, talk: &Talk<'_>) -> Option<(u8, ClientBreak)> {
    let mut turns = talk.of_client().filter(|said| said.line.is_none());
    let left = turns.find(|said| signs.breaks_role(&said.text))?;
    Some((left.turn.unwrap_or_default(), ClientBreak::LeftRole))
}

fn repeats(talk: &Talk<'_>) -> Option<f64> {
    let turns: Vec<String> = talk.of_client().map(|said| folded(&said.text)).collect();
    let later = turns.len().checked_sub(1).filter(|later| *later > 0)?;
    let repeated = turns.iter().enumerate().skip(1).filter(|(index, turn)| {
        let mut before = turns.iter().take(*index);
        before.any(|other| indel::normalized_similarity(other.chars(), turn.chars()) >= ALIKE)
    });
    Some(repeated.count() as f64 / later as f64)
}

/// Of a persona whose disclosures are lines, the share that was said. Of one that a model plays, whether anything was told openly.
fn disclosed(signs: &Signs, persona: &Persona, talk: &Talk<'_>) -> Option<f64> {
    if persona.disclosure == Openness::None {
        return None;
    }
    let lines = persona.lines.as_ref().unwrap_or(&signs.lines);
    let wanted: BTreeSet<&str> = lines.discloses.iter().map(|line| line.text.trim()).collect();
    let said = talk.of_client().filter(|said| wanted.contains(said.text.as_ref())).count();
    if said > 0 && !wanted.is_empty() {
        return Some(said as f64 / wanted.len() as f64);
    }
    let marked = |mark: Mark| {
        talk.of_client().any(|said| signs.marks(&said.text, said.line).contains(&mark))
    };
    let told = match persona.risk {
        RiskLevel::None => marked(Mark::Secret) || marked(Mark::Belief) || marked(Mark::Reliance),
        RiskLevel::Low | RiskLevel::Moderate | RiskLevel::High | RiskLevel::Immediate => {
            marked(Mark::Disclosure)
        }
    };
    Some(f64::from(u8::from(told)))
}

fn risk_shown(signs: &Signs, persona: &Persona, talk: &Talk<'_>) -> Option<bool> {
    if persona.risk == RiskLevel::None {
        return None;
    }
    let shows = |mark: &Mark| matches!(mark, Mark::Risk | Mark::Disclosure);
    Some(talk.of_client().any(|said| signs.marks(&said.text, said.line).iter().any(shows)))
}
