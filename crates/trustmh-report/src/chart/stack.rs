//! Shares of a whole in one bar.

use maud::{Markup, html};

use super::fixed;

/// A part of a whole.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// Its name.
    pub(crate) name: String,
    /// Its share, 0 to 1.
    pub(crate) share: f64,
    /// The class by which it is coloured.
    pub(crate) class: &'static str,
    /// What stands with it in the list below.
    pub(crate) said: String,
}

/// The bar, and a list with the share of each part. Parts that hold a figure's width carry it.
pub(crate) fn stack(what: &str, parts: &[Part]) -> Markup {
    let mut from = 0.0;
    let mut drawn = Vec::new();
    for part in parts {
        let share = part.share.clamp(0.0, 1.0 - from);
        drawn.push((part, from, share));
        from += share;
    }
    let said: Vec<String> =
        parts.iter().map(|part| format!("{} {}", part.name, part.said)).collect();
    html! {
        svg.stack role="img" width="100%" height="26" {
            title { (what) }
            desc { (said.join("; ")) }
            @for (part, from, share) in drawn {
                rect class=(part.class) x=(percent(from)) y="2" width=(percent(share)) height="22" {}
                @if share >= ROOM {
                    text class={ "in " (part.class) } x=(percent(from + share / 2.0)) y="17" text-anchor="middle" {
                        (format!("{:.0}", 100.0 * part.share))
                    }
                }
            }
        }
        ul.key {
            @for part in parts {
                li { span class={ "swatch " (part.class) } {} (part.name) " " span.small { (part.said) } }
            }
        }
    }
}

/// The least share that has room for a figure.
const ROOM: f64 = 0.06;

fn percent(share: f64) -> String {
    format!("{}%", fixed(100.0 * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_side_by_side_and_never_beyond_the_whole() {
        let part =
            |share: f64| Part { name: "p".to_owned(), share, class: "one", said: "x".to_owned() };
        let svg = stack("Shares", &[part(0.7), part(0.25), part(0.2)]).into_string();
        assert!(svg.contains("x=\"70.00%\"") && svg.contains("width=\"25.00%\""), "{svg}");
        // The last one has only what is left.
        assert!(svg.contains("x=\"95.00%\" y=\"2\" width=\"5.00%\""), "{svg}");
    }
}
