//! The reply, and beside it the form: the text scrolls, the form stays in sight.

use maud::{Markup, html};

use trustmh_engine::rubric::Field;
use trustmh_run::derived::annotations::{Annotation, Kind};
use trustmh_run::derived::people::Unit;

use super::{Rating, Way, guide, rubric_of, talk};
use crate::error::ViewError;

/// So many ratings are listed to be corrected, the last ones of the person's order.
const LISTED: usize = 300;

pub(super) fn page(rating: &Rating<'_>) -> Result<Markup, ViewError> {
    let Rating { site, opened, asked, queue, unit, recorded } = rating;
    let rubric = rubric_of(site, opened, recorded, unit.turn)?;
    let before = queue.before(unit)?;
    let earlier = queue.last_word(unit);
    let fields = rubric.file.rated();
    Ok(html! {
        main.rate {
            header {
                h1 { (title(rating)) }
                (progress(rating)?)
            }
            section.text-pane tabindex="0" aria-label="What is rated" {
                h2.unseen { "What is rated" }
                (rating.text(rubric)?)
            }
            section.form-pane aria-label="Your rating" {
                h2.unseen { "Your rating" }
                @if let Some(earlier) = earlier { (said_before(earlier)) }
                form.rating method="post" action=(site.of_run(&opened.name, "/rate", &[])) {
                    input type="hidden" name="task" value=(asked.task);
                    input type="hidden" name="annotator" value=(asked.annotator());
                    input type="hidden" name="by" value=(queue.way.word());
                    input type="hidden" name="trial" value=(recorded.trial.id);
                    @if let Some(turn) = unit.turn { input type="hidden" name="turn" value=(turn); }
                    @for field in &fields { (choices(field, earlier)) }
                    label.field { span { "Note (optional)" }
                        input name="note" maxlength="2000" value=[earlier.map(|word| word.note.as_str())];
                    }
                    p.buttons {
                        button type="submit" name="do" value="save" { "Save and next " kbd aria-hidden="true" { "Enter" } } " "
                        button.quiet type="submit" name="do" value="unsure" formnovalidate data-press="u" { "Unsure " kbd aria-hidden="true" { "u" } } " "
                        a.button data-press="s" href=(link(rating, &[("after", unit)])) { "Skip " kbd aria-hidden="true" { "s" } } " "
                        @if let Some(before) = &before { a.button data-press="b" href=(link(rating, &[("at", before)])) { "Back " kbd aria-hidden="true" { "b" } } }
                    }
                }
                (guide::drawer(rubric))
                (list(rating))
            }
        }
    })
}

fn title(rating: &Rating<'_>) -> &'static str {
    match (talk::is_one(&rating.recorded), rating.unit.turn) {
        (true, None) => "Rate this conversation",
        (true, Some(_)) => "Rate the last reply",
        (false, _) => "Rate this reply",
    }
}

fn progress(rating: &Rating<'_>) -> Result<Markup, ViewError> {
    let Rating { queue, unit, .. } = rating;
    let (done, total) = (queue.done(), queue.total());
    let unsure = html! { @if done.unsure > 0 { ", " (done.unsure) " unsure" } };
    Ok(match queue.way {
        Way::Whole => html! { p role="status" { (done.rated) " of " (total) " rated" (unsure) } },
        Way::Turns => {
            let units = queue.units(&unit.trial)?;
            let place = units.iter().position(|one| one == unit).map_or(1, |place| place + 1);
            html! { p role="status" {
                "Conversation " (queue.number(unit).unwrap_or(1)) " of " (total) ", reply " (place) " of " (units.len())
                "; " (done.rated) " replies rated" (unsure)
            } }
        }
    })
}

fn said_before(earlier: &Annotation) -> Markup {
    let what = match earlier.kind {
        Kind::Rating => "You have rated this.",
        Kind::Unsure => "You were unsure here.",
    };
    html! { p.small role="note" { (what) " What you save now takes its place; the file keeps both." } }
}

/// A link to another place in the same person's order.
fn link(rating: &Rating<'_>, places: &[(&str, &Unit)]) -> String {
    let Rating { site, opened, asked, queue, .. } = rating;
    super::save::address(
        site,
        &opened.name,
        [&asked.task, asked.annotator(), queue.way.word()],
        places,
    )
}

/// The values that may be chosen, each with the key that chooses it.
fn choices(field: &Field, earlier: Option<&Annotation>) -> Markup {
    let values: Vec<String> = match field.scale {
        Some(_) => field.scores().iter().map(ToString::to_string).collect(),
        None => field.labels.clone(),
    };
    let chosen = earlier.and_then(|word| word.values.get(&field.name));
    // Scores of one digit are chosen by themselves, all else by its place.
    let by_itself = field.scale.is_some() && values.iter().all(|value| value.len() == 1);
    let key = |place: usize, value: &str| match by_itself {
        true => Some(value.to_owned()),
        false => (place < 9).then(|| (place + 1).to_string()),
    };
    html! {
        fieldset {
            legend { strong { (field.name) } ": " (field.meaning) }
            @for (place, value) in values.iter().enumerate() {
                @let key = key(place, value);
                label.choice {
                    input type="radio" name={ "field:" (field.name) } value=(value) required data-key=[key.as_ref()] checked[chosen == Some(value)];
                    @if let Some(key) = &key { kbd aria-hidden="true" { (key) } }
                    @if !by_itself { span { (value) } } @else { span.unseen { (value) } }
                }
            }
        }
    }
}

/// What the person has said so far, each a way back to it.
fn list(rating: &Rating<'_>) -> Markup {
    let said = rating.queue.said();
    let listed = said.get(said.len().saturating_sub(LISTED)..).unwrap_or_default();
    html! {
        @if !listed.is_empty() {
            details.earlier {
                summary { "Correct an earlier rating" }
                ul.places { @for (place, unit, kind) in listed { li {
                    a href=(link(rating, &[("at", unit)])) {
                        (place) @if let Some(turn) = unit.turn { "." (u32::from(turn) + 1) }
                        @if *kind == Kind::Unsure { " unsure" }
                    }
                } } }
            }
        }
    }
}
