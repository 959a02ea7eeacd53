//! The pack as Markdown (GitHub's, with HTML anchors): the same story as the page.

use trustmh_core::inert::inert;

use crate::document::{Block, Document, Inline, Line, Row, Table, Weight};

/// The text.
pub fn markdown(document: &Document) -> String {
    let mut text = format!("# {}\n\n", escaped(&document.title));
    document.first.iter().for_each(|one| block(&mut text, one));
    text.push_str("## Contents\n\n");
    for section in &document.sections {
        text.push_str(&format!("- [{}](#{})\n", escaped(&section.title), section.anchor));
    }
    for section in &document.sections {
        let (anchor, title) = (&section.anchor, escaped(&section.title));
        text.push_str(&format!("\n<a id=\"{anchor}\"></a>\n\n## {title}\n\n"));
        section.blocks.iter().for_each(|one| block(&mut text, one));
    }
    inert(&text)
}

fn block(text: &mut String, block: &Block) {
    match block {
        Block::Heading { anchor, title } => {
            if let Some(anchor) = anchor {
                text.push_str(&format!("<a id=\"{anchor}\"></a>\n\n"));
            }
            text.push_str(&format!("### {}\n\n", line(title)));
        }
        Block::Text(shown) => text.push_str(&format!("{}\n\n", line(shown))),
        Block::Warning(shown) => text.push_str(&format!("> **Read first:** {}\n\n", line(shown))),
        Block::List(lines) => {
            lines.iter().for_each(|one| text.push_str(&format!("- {}\n", line(one))));
            text.push('\n');
        }
        Block::Table(shown) => table(text, shown),
    }
}

fn table(text: &mut String, table: &Table) {
    let head: Vec<String> = table.head.iter().map(|head| escaped(head)).collect();
    text.push_str(&format!("{}:\n\n| {} |\n|", escaped(&table.caption), head.join(" | ")));
    text.push_str(&"---|".repeat(table.head.len()));
    text.push('\n');
    for one in &table.rows {
        row(text, one);
    }
    text.push('\n');
}

fn row(text: &mut String, row: &Row) {
    text.push('|');
    for (place, cell) in row.cells.iter().enumerate() {
        let anchor = row.anchor.as_ref().filter(|_| place == 0);
        let anchor = anchor.map_or_else(String::new, |anchor| format!("<a id=\"{anchor}\"></a>"));
        let shown = line(cell);
        let shown = match row.weight {
            Weight::Primary if place == 0 => format!("**{shown}**"),
            Weight::Primary | Weight::Usual => shown,
        };
        text.push_str(&format!(" {anchor}{shown} |"));
    }
    text.push('\n');
}

fn line(line: &Line) -> String {
    let parts = line.0.iter().map(|part| match part {
        Inline::Text(text) => escaped(text),
        Inline::Strong(text) => format!("**{}**", escaped(text)),
        Inline::Code(text) => code(text),
        Inline::Link { to, text } => format!("[{}](#{to})", escaped(text)),
        Inline::File(name) => format!("[{}]({name})", escaped(name)),
        Inline::Break => "<br>".to_owned(),
    });
    parts.collect()
}

/// A name in a code span, which ends nowhere but where it should.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ").replace('`', "'").replace('|', "\\|");
    format!("`{text}`")
}

/// Text in which nothing is markup (CommonMark 0.31, 2.4: any punctuation may be escaped), on one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (place, c) in text.chars().enumerate() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '$' => {
                escaped.extend(['\\', c]);
            }
            // A list, a heading underlined, or a rule.
            '-' | '+' | '=' if place == 0 => escaped.extend(['\\', c]),
            // An address that would become a link by itself.
            ':' if escaped.ends_with("http") || escaped.ends_with("https") => {
                escaped.push_str("\\:");
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_others_becomes_markup() {
        let hostile = "a|b\n# <img src=x> [x](//e) ![y](z) `c` **d** https://e";
        assert_eq!(
            escaped(hostile),
            "a\\|b \\# \\<img src=x\\> \\[x\\](//e) !\\[y\\](z) \\`c\\` \\*\\*d\\*\\* https\\://e"
        );
        assert_eq!(escaped("- not a list"), "\\- not a list");
        assert_eq!(code("a`|\nb"), "`a'\\| b`");
    }
}
