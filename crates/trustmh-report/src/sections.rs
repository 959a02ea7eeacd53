//! Tables with headings and notes, as text and Markdown: for whatever is shown in sections.

use comfy_table::{Cell, ContentArrangement, Table, presets};

use trustmh_core::inert::inert;

use crate::escape;
use crate::terminal::wrapped;

/// A table with a heading and lines below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// Column heads.
    pub head: Vec<String>,
    /// Rows of as many cells.
    pub rows: Vec<Vec<String>>,
    /// What must be read with it.
    pub notes: Vec<String>,
}

/// Sections for a terminal of `width` columns.
pub fn terminal(sections: &[Section], width: u16) -> String {
    let mut text = String::new();
    for section in sections {
        text.push_str(&format!("{}\n", inert(&section.title)));
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_width(width);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(section.head.iter().map(|head| inert(head)));
        for row in &section.rows {
            table.add_row(row.iter().map(|cell| Cell::new(inert(cell))));
        }
        text.push_str(&format!("{table}\n"));
        for note in &section.notes {
            wrapped(&mut text, "  ", note, usize::from(width));
        }
        text.push('\n');
    }
    text
}

/// Sections whose cells hold sentences, for a terminal of `width` columns: each row as a paragraph, its last cell, a word, before its first,
/// and the others below by the names of their columns. The headings stand once more at the end, where a screen ends.
pub fn listed(sections: &[Section], width: u16) -> String {
    let width = usize::from(width);
    let mut text = String::new();
    for section in sections {
        text.push_str(&format!("{}\n", inert(&section.title)));
        for row in &section.rows {
            let [first, between @ .., last] = row.as_slice() else { continue };
            text.push('\n');
            wrapped(&mut text, "", &format!("{last}: {first}"), width);
            for (head, cell) in section.head.iter().skip(1).zip(between) {
                wrapped(&mut text, "  ", &format!("{head}: {cell}"), width);
            }
        }
        text.push('\n');
        section.notes.iter().for_each(|note| wrapped(&mut text, "", note, width));
        text.push('\n');
    }
    sections.iter().for_each(|section| wrapped(&mut text, "", &section.title, width));
    text
}

/// Sections as Markdown.
pub fn markdown(sections: &[Section]) -> String {
    let mut text = String::new();
    for section in sections {
        text.push_str(&format!("### {}\n\n| ", escape::markdown(&section.title)));
        text.push_str(
            &section.head.iter().map(|head| escape::markdown(head)).collect::<Vec<_>>().join(" | "),
        );
        text.push_str(&format!(" |\n|{}\n", "---|".repeat(section.head.len())));
        for row in &section.rows {
            let cells: Vec<String> = row.iter().map(|cell| escape::markdown(cell)).collect();
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        text.push('\n');
        for note in &section.notes {
            text.push_str(&format!("- {}\n", escape::markdown(note)));
        }
        text.push('\n');
    }
    text
}
