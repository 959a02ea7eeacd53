//! Who rates: the page before the first reply.

use maud::{Markup, html};

use trustmh_core::id::TaskId;

use super::queue::{Done, by_person, drawn};
use super::{Asked, NAME, Site, Way, is_rated, way, ways};
use crate::error::ViewError;
use crate::runs::Opened;
use crate::viewer::Sample;

pub(super) fn page(site: &Site<'_>, opened: &Opened, asked: &Asked) -> Result<Markup, ViewError> {
    let usual = way(site, opened, asked)?;
    let ways =
        asked.task.parse::<TaskId>().map_or_else(|_| Vec::new(), |task| ways(site, opened, &task));
    let names = drawn(site, opened, &asked.task)?;
    let people = by_person(opened, &names, usual)?;
    let what = match usual {
        Way::Whole => "replies",
        Way::Turns => "conversations",
    };
    Ok(html! {
        main.who {
            h1 { "Rate replies to " code { (asked.task) } }
            p { "You see each reply alone: not which model wrote it, not what a judge said, not what others said. Use initials or a "
                "pseudonym; it is written into the file beside the run. Stop whenever you want: you go on where you were." }
            p { @match site.viewer.sample {
                Sample::Of { .. } => { "Everybody rates the same " (names.len()) " " (what) ", drawn at random, each in another order." }
                Sample::All => { "Everybody is asked to rate all " (names.len()) " " (what) ", each in another order: whoever stops early has "
                    "few in common with others. To have everybody rate the same N, start the viewer with " code { "--annotate --sample N" } "." }
            } }
            form method="get" {
                input type="hidden" name="task" value=(asked.task);
                label.field { span { "Your initials or pseudonym" } input name="annotator" required maxlength=(NAME) autofocus; }
                @if ways.len() > 1 {
                    fieldset {
                        legend { "What you rate" }
                        @for way in &ways { label.choice { input type="radio" name="by" value=(way.word()) checked[*way == usual];
                            " " (match way { Way::Whole => "each conversation as a whole", Way::Turns => "each reply of it by itself" }) } }
                    }
                } @else { input type="hidden" name="by" value=(usual.word()); }
                p { button type="submit" { "Begin" } }
            }
            @if !people.is_empty() {
                h2 { "How far people are" }
                (progress(&people, names.len(), usual))
            }
        }
    })
}

/// The tasks whose replies can be rated, where none is named.
pub(super) fn tasks(site: &Site<'_>, opened: &Opened) -> Markup {
    let tasks: Vec<&TaskId> =
        opened.manifest.tasks.keys().filter(|task| is_rated(site, opened, task)).collect();
    html! {
        main {
            h1 { "Rate replies" }
            @if tasks.is_empty() { p { "No task of this run has a rubric to rate by." } }
            @else {
                ul { @for task in tasks { @let id = task.to_string(); li {
                    a href=(site.of_run(&opened.name, "/rate", &[("task", &id)])) { (id) }
                } } }
            }
        }
    }
}

/// How far each person is.
pub(super) fn progress(
    people: &std::collections::BTreeMap<String, Done>,
    total: usize,
    way: Way,
) -> Markup {
    html! {
        table {
            thead { tr { th scope="col" { "Person" } th scope="col" { "Rated" } th scope="col" { "Unsure" } } }
            tbody { @for (name, done) in people { tr {
                th scope="row" { (name) }
                td { (done.rated) @match way { Way::Whole => { " of " (total) }, Way::Turns => { " replies" } } }
                td { (done.unsure) }
            } } }
        }
    }
}
