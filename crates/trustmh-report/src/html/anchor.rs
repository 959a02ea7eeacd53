//! Where links lead within a report.

use maud::{Markup, html};

use trustmh_core::id::TaskId;

/// The place of a task's card.
pub(super) fn of_task(id: &TaskId) -> String {
    let plain = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '-' };
    format!("task-{}", id.to_string().chars().map(plain).collect::<String>())
}

/// A sign beside a heading that links to it.
pub(super) fn sign(place: &str, what: &str) -> Markup {
    html! { a.self href={ "#" (place) } aria-label={ "Link to " (what) } { "¶" } }
}
