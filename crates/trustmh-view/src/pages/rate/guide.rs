//! The rubric in its own words, to be opened while rating.

use maud::{Markup, html};

use trustmh_engine::rubric::Rubric;

pub(super) fn drawer(rubric: &Rubric) -> Markup {
    let file = &rubric.file;
    html! {
        details.guide {
            summary { "Guideline: " (file.title) }
            div.text { (file.instructions) }
            @if file.is_tree() {
                h3 { "The questions behind it" }
                ul { @for question in &file.questions { li { strong { (question.dimension) } ": " (question.asks) } } }
            }
            @for (label, anchors) in &file.anchors {
                h3 { "What each score means where the label is " code { (label) } }
                @if let Some(field) = file.fields.iter().find(|field| field.scale.is_some()) {
                    dl.anchors { @for (score, meaning) in field.scores().iter().zip(anchors) {
                        dt { (score) } dd { (meaning) }
                    } }
                }
            }
        }
    }
}
