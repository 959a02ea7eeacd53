//! The parts of what a judge is shown besides the reply. A template writes them, as headings of Markdown and what
//! stands below each.

use serde::Serialize;

use trustmh_core::item::ItemKind;

/// A part of what a judge is shown besides the reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Its heading.
    pub title: String,
    /// Its text.
    pub text: String,
}

/// What the names of the templates begin with; then comes the kind of item.
pub(crate) const CONTEXT: &str = "context-";

/// Stands before a heading in the place of the template's own sign, which texts of items may hold, too.
const HEADING: char = '\u{1e}';

/// The template of what a judge is shown with items of a kind.
pub(crate) fn template_of(kind: ItemKind) -> String {
    format!("{CONTEXT}{}", kind.slug())
}

/// The template's text with its headings marked, so that they are told from lines of the items that look like one.
pub(crate) fn marked(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| match line.strip_prefix("# ") {
        Some(title) => format!("{HEADING}{title}"),
        None => line.to_owned(),
    });
    lines.collect()
}

/// The parts of a filled-in template.
pub(crate) fn parted(filled: &str) -> Vec<Block> {
    let parts = filled.split(HEADING).skip(1).map(|part| {
        let (title, text) = part.split_once('\n').unwrap_or((part, ""));
        Block { title: title.trim().to_owned(), text: text.trim().to_owned() }
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_the_template_part_it_and_those_of_items_do_not() {
        let item = "# I am so tired\nof it all";
        let filled = marked("# The message\n{{ text }}\n\n# The label\nideation\n");
        let filled = filled.replace("{{ text }}", item);
        let block = |title: &str, text: &str| Block { title: title.into(), text: text.into() };
        assert_eq!(parted(&filled), [block("The message", item), block("The label", "ideation")]);
    }
}
