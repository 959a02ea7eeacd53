//! The eight pillar scores of a run as small bars.

use maud::{Markup, html};

use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::PillarScore;

use crate::glance::{Glance, State};

/// The pillars where room is short.
pub(super) const SHORT: [(Pillar, &str); 8] = [
    (Pillar::Reliability, "Rel"),
    (Pillar::Crisis, "Cri"),
    (Pillar::Safety, "Saf"),
    (Pillar::Fairness, "Fai"),
    (Pillar::Privacy, "Pri"),
    (Pillar::Robustness, "Rob"),
    (Pillar::Sycophancy, "Syc"),
    (Pillar::Ethics, "Eth"),
];

/// A bar for each pillar with its number below; a dash where there is no score.
pub(super) fn bars(glance: &Glance) -> Markup {
    let Some(summary) = &glance.summary else {
        return match glance.state {
            State::Running => html! { span.small { "scored when it has ended" } },
            State::Incomplete | State::Repaired | State::Complete => {
                html! { span.small { "not scored yet" } }
            }
        };
    };
    html! {
        ul.bars aria-label="Pillar scores, 0 to 100" {
            @for (pillar, short) in SHORT {
                @let score = summary.pillars.get(&pillar);
                li title=(in_words(pillar, score)) {
                    (bar(score))
                    span { @match score { Some(score) => (format!("{:.0}", score.value)), None => "–" } }
                    span.name { (short) }
                }
            }
        }
    }
}

/// Ten wide and twenty high: the whole scale as a frame, the score filled from below.
fn bar(score: Option<&PillarScore>) -> Markup {
    let height = score.map_or(0.0, |score| (score.value / 100.0).clamp(0.0, 1.0) * 20.0);
    html! {
        svg width="14" height="22" viewBox="0 0 14 22" aria-hidden="true" {
            rect class=(if score.is_some() { "frame" } else { "frame none" }) x="0.5" y="0.5" width="13" height="21" {}
            rect.value x="1" y=(format!("{:.1}", 21.0 - height)) width="12" height=(format!("{height:.1}")) {}
        }
    }
}

fn in_words(pillar: Pillar, score: Option<&PillarScore>) -> String {
    let title = pillar.title();
    match score {
        None => format!("{title}: no score; it needs all tasks of the pillar"),
        Some(PillarScore { value, low: Some(low), high: Some(high), .. }) => {
            format!("{title}: {value:.1} of 100, 95 % interval [{low:.1}, {high:.1}]")
        }
        Some(score) => {
            format!("{title}: {:.1} of 100, too little data for an interval", score.value)
        }
    }
}
