//! The report as one self-contained HTML file: no network, no script. Its first screen tells what was found.

mod anchor;
mod calibration;
mod card;
mod details;
mod first;
mod forest;
mod limits;
mod matrix;
mod picture;
mod ranks;
mod run;
mod worst;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::Scorecard;

use crate::facts::{Companions, RunFacts};
use limits::Shared;
use trustmh_core::inert::inert;

/// The style sheet of reports.
pub const STYLE: &str = include_str!("style.css");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The whole report. Replies live in the run; the few worst are here, cut, only where `companions` hold them.
pub fn html(card: &Scorecard, facts: &RunFacts, companions: &Companions) -> String {
    let title = format!("TrustMH report of {}", card.subject_shown());
    whole(&title, &[STYLE], &body(card, facts, companions))
}

/// A page of its own, with these style sheets, which are the project's own text: it fetches nothing and runs nothing.
pub fn whole(title: &str, styles: &[&str], body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="referrer" content="no-referrer";
                title { (title) }
                // Nothing of a run is in a style sheet.
                style { @for sheet in styles { (PreEscaped(sheet)) } }
            }
            body { (body) }
        }
    };
    // Markup has no such characters of its own; those of names, caveats and replies must not turn the page round.
    inert(&page.into_string())
}

/// What stands in the page's body, for pages that bring a head of their own and this crate's style sheet. Steering characters are
/// still to be made inert.
pub fn body(card: &Scorecard, facts: &RunFacts, companions: &Companions) -> Markup {
    let shared = Shared::of(card);
    html! {
        header.report-head { (first::head(card, facts, companions.beside.as_ref())) }
        (contents(card, companions))
        main {
            (first::overview(card, companions))
            (card::cards(card, companions, &shared))
            @if !companions.calibration.is_empty() { (calibration::section(&companions.calibration)) }
            @if let Some(published) = &companions.published { (ranks::section(published)) }
            (limits::section(card, &shared))
            (limits::how_to_read(card))
            (run::section(card, facts))
        }
    }
}

/// The contents, which stay in sight.
fn contents(card: &Scorecard, companions: &Companions) -> Markup {
    let pillars = Pillar::ALL.into_iter().filter(|pillar| {
        card.tasks
            .iter()
            .any(|(id, result)| result.suite.is_trustmh_bench() && id.pillar() == *pillar)
    });
    let suites = card.by_suite().into_iter().filter(|(suite, _)| !suite.is_trustmh_bench());
    html! {
        nav.contents aria-label="Contents" { ul {
            li { a href="#findings" { "Findings" } }
            li { a href="#tasks" { "Tasks" } }
            @for pillar in pillars { li { a href={ "#" (pillar.slug()) } { (pillar.short_title()) } } }
            @for (suite, _) in suites { li { a href={ "#suite-" (suite) } { (suite.heading()) } } }
            @if !companions.calibration.is_empty() { li { a href="#calibration" { "Judge and people" } } }
            @if companions.published.is_some() { li { a href="#published" { "Published" } } }
            li { a href="#limits" { "Limits" } }
            li { a href="#run" { "How it was made" } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::STYLE;

    /// The value of a variable in the first block that begins so.
    fn colour(block: &str, name: &str) -> [f64; 3] {
        let style = &STYLE[STYLE.find(block).unwrap()..];
        let value = style.split_once(&format!("--{name}:#")).unwrap().1;
        let digits: String = value.chars().take_while(char::is_ascii_hexdigit).collect();
        let wide: String = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            _ => digits,
        };
        let part =
            |from: usize| f64::from(u8::from_str_radix(&wide[from..from + 2], 16).unwrap()) / 255.0;
        [part(0), part(2), part(4)]
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(colour: [f64; 3]) -> f64 {
        let linear = colour.map(|part| {
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    #[test]
    fn signs_stand_out_from_paper_and_zones_in_light_and_dark() {
        for block in [":root{", "@media (prefers-color-scheme:dark)"] {
            for sign in ["good", "unsure", "bad", "none", "accent", "soft"] {
                for ground in ["paper", "worry-zone", "calm-zone", "panel"] {
                    let [one, two] = [sign, ground].map(|name| luminance(colour(block, name)));
                    let contrast = (one.max(two) + 0.05) / (one.min(two) + 0.05);
                    // Graphics need 3 (WCAG 2.2, 1.4.11); the signs are letters, too, which need 4.5.
                    assert!(contrast >= 4.5, "{sign} on {ground}: {contrast:.2}, {block}");
                }
            }
        }
    }
}
