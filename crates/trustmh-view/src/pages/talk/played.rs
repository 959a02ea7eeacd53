//! Who the client is, who played it and how well, and why the conversation ended.

use maud::{Markup, html};

use trustmh_core::item::{Client, Persona};
use trustmh_engine::conversation::{ClientBreak, Fidelity, Next, Stop, fidelity};
use trustmh_report::number::decimal;

use super::{Shown, number};
use crate::runs::Opened;

/// What stands above the transcript.
pub(super) fn about(found: &Shown<'_>, opened: &Opened) -> Markup {
    let conversation = found.conversation;
    let player = opened.manifest.client_name();
    html! {
        section aria-labelledby="client" {
            h2 #client { "The client" }
            p { (conversation.situation) }
            div.wide { table { tbody {
                @if let Some(region) = &conversation.region { tr { th scope="row" { "lives in" } td { (region) } } }
                tr { th scope="row" { "spoken for by" } td {
                    @match &conversation.client {
                        Client::Scripted { .. } => { "a script: the same turns whatever is replied" }
                        Client::Simulated { .. } => { (player.title()) }
                        Client::Recorded { .. } => { "a record: the conversation took place elsewhere" }
                    }
                } }
                @if let Client::Simulated { persona } = &conversation.client { (of_persona(persona)) }
                (fidelity_rows(&of(found)))
                tr { th scope="row" { "ended" } td { (ended(found.talk.next)) } }
            } } }
        }
    }
}

fn of(found: &Shown<'_>) -> Fidelity {
    let tables = found.walk.rules.benchmark.client_tables();
    let language = &found.recorded.trial.item.language;
    fidelity(tables, language, found.conversation, &found.recorded.exchanges)
}

fn of_persona(persona: &Persona) -> Markup {
    let (risk, disclosure, reaction): (&str, &str, &str) =
        (persona.risk.into(), persona.disclosure.into(), persona.reaction.into());
    html! {
        tr { th scope="row" { "plays" } td { (persona.name) ", " (persona.about) } }
        tr { th scope="row" { "danger to life" } td { (risk) } }
        tr { th scope="row" { "openness" } td { (disclosure) } }
        tr { th scope="row" { "takes replies" } td { (reaction) } }
    }
}

fn fidelity_rows(played: &Fidelity) -> Markup {
    html! {
        @if let Some((turn, why)) = played.broke {
            tr { th scope="row" { "broke its role" } td {
                strong { "before reply " (number(turn)) ": " (broke(why)) } ". The conversation is left out, with bounds."
            } }
        }
        @if let Some(repeats) = played.repeats {
            tr { th scope="row" { "repeats itself" } td { (decimal(repeats)) " of its turns" } }
        }
        @if let Some(disclosed) = played.disclosed {
            tr { th scope="row" { "told" } td { (decimal(disclosed)) " of what it was to tell" } }
        }
        @if let Some(shown) = played.risk_shown {
            tr { th scope="row" { "showed the danger" } td { @if shown { "yes" } @else { "no" } } }
        }
    }
}

fn broke(why: ClientBreak) -> &'static str {
    match why {
        ClientBreak::LeftRole => "it says that it is a machine, offers help or declines to play",
        ClientBreak::Silent => "it said nothing",
        ClientBreak::Withheld => "its provider withheld its words",
        ClientBreak::Failed => "no call to it came back",
    }
}

/// Why nobody speaks any more, or who is waited for.
pub(super) fn ended(next: Next) -> &'static str {
    match next {
        Next::Client(_) => "Not ended: the client is to speak.",
        Next::Subject(_) => "Not ended: the subject is to reply.",
        Next::Over(stop) => match stop {
            Stop::MostTurns => "All turns that there may be are done.",
            Stop::ClientEnded => "The client took its leave.",
            Stop::ClientBroke(_) => "The client broke its role.",
            Stop::SubjectFailed => "No reply of the subject came back.",
            Stop::SubjectWithheld => "The subject's reply was withheld by its provider.",
            Stop::SubjectSilent(_) => "The subject's reply held no answer.",
            Stop::Recorded => "It was recorded elsewhere; nothing was asked.",
        },
    }
}
