//! The end: everything is rated, and what people's ratings say together.

use maud::{Markup, html};

use super::queue::{by_person, drawn};
use super::{Asked, Queue, Site, Way, who};
use crate::error::ViewError;
use crate::pages::agreement;
use crate::runs::Opened;

pub(super) fn page(
    site: &Site<'_>,
    opened: &Opened,
    asked: &Asked,
    queue: &Queue<'_>,
) -> Result<Markup, ViewError> {
    let done = queue.done();
    let names = drawn(site, opened, &asked.task)?;
    let people = by_person(opened, &names, queue.way)?;
    let person = [asked.task.as_str(), asked.annotator(), queue.way.word()];
    Ok(html! {
        main {
            h1 { "All rated" }
            p role="status" {
                @match queue.way {
                    Way::Whole => { (done.rated) " of " (queue.total()) " replies are rated" }
                    Way::Turns => { (done.rated) " replies of " (queue.total()) " conversations are rated" }
                }
                @if done.unsure > 0 { ", " (done.unsure) " left as unsure" }
                ". Thank you."
            }
            @if !people.is_empty() {
                h2 { "How far people are" }
                (who::progress(&people, names.len(), queue.way))
            }
            h2 { "How people agree" }
            (agreement::in_short(site, &opened.name, &asked.task)?)
            p { a href=(site.of_run(&opened.name, "/agreement", &[("task", &asked.task)])) { "How people and the judge agree" } }
            @if !queue.said().is_empty() {
                details {
                    summary { "Correct a rating" }
                    p.small { "You have seen how people agree: what is corrected now is no longer blind." }
                    ul.places { @for (place, unit, _) in queue.said() { li {
                        a href=(super::save::address(site, &opened.name, person, &[("at", unit)])) {
                            (place) @if let Some(turn) = unit.turn { "." (u32::from(turn) + 1) }
                        }
                    } } }
                }
            }
        }
    })
}
