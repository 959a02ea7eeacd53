//! Flags and notes on a trial: shown to everybody, put only where people may write.

use maud::{Markup, html};
use serde::Deserialize;

use trustmh_core::id::TrialId;
use trustmh_run::derived::marks::{self, Flagged, Mark};

use super::Site;
use super::trial::record;
use crate::error::ViewError;
use crate::runs::Opened;
use crate::viewer::Ratings;

/// So many characters a note may have.
const NOTE: usize = 2000;

/// A mark as it was filled in.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Given {
    name: String,
    #[serde(default)]
    flagged: String,
    #[serde(default)]
    note: String,
    /// Where to go on.
    #[serde(default)]
    pub(crate) next: String,
}

/// What is on a trial, and the form for it; `next` is where one comes back to.
pub(super) fn section(
    site: &Site<'_>,
    opened: &Opened,
    (trial, mark): (&str, Option<&Mark>),
    next: &str,
) -> Markup {
    let flagged = mark.is_some_and(|mark| mark.flagged == Flagged::Yes);
    let note = mark.map(|mark| mark.note.as_str()).unwrap_or_default();
    match site.viewer.ratings {
        Ratings::Taken => html! {
            form.mark method="post" action=(site.of_run(&opened.name, "/mark", &[])) aria-label="Flag and note" {
                input type="hidden" name="name" value=(trial);
                input type="hidden" name="next" value=(next);
                label.choice { input type="checkbox" name="flagged" value="yes" checked[flagged]; " ⚑ Flagged" }
                label { "Note" textarea name="note" rows="2" maxlength=(NOTE) { (note) } }
                button type="submit" { "Save mark" }
            }
        },
        Ratings::ReadOnly if mark.is_some() => html! {
            p.mark { @if flagged { span.tag { "⚑ flagged" } " " } (note) }
        },
        Ratings::ReadOnly => html! {},
    }
}

/// Writes a mark; it is on the disk when this returns.
pub(crate) fn save(site: &Site<'_>, run: &str, given: &Given) -> Result<(), ViewError> {
    match site.viewer.ratings {
        Ratings::Taken => {}
        Ratings::ReadOnly => {
            return Err(ViewError::Form(
                "marks are not taken here; start with: trustmh view --annotate".to_owned(),
            ));
        }
    }
    if given.note.chars().count() > NOTE {
        return Err(ViewError::Form(format!("a note has at most {NOTE} characters")));
    }
    let opened = site.open(run)?;
    // Only what is there can be marked.
    record(&opened, &given.name)?;
    let flagged = if given.flagged == "yes" { Flagged::Yes } else { Flagged::No };
    let note = given.note.replace("\r\n", "\n");
    marks::add(&opened.folder, &Mark::now(TrialId::new(&given.name), flagged, note.trim()))?;
    Ok(())
}
