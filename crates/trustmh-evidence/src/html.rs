//! The pack as one self-contained page: no network, no script, and on paper A4.

use maud::{Markup, html};

use trustmh_report::html::{STYLE, whole};

use crate::document::{Block, Document, Inline, Line, Row, Section, Table, Weight};

/// What packs need beyond the style sheet of reports.
const OWN_STYLE: &str = include_str!("html/pack.css");

/// The page.
pub fn html(document: &Document) -> String {
    let body = html! {
        header.first {
            h1 { (document.title) }
            @for one in &document.first { (block(one, Depth::FirstPage)) }
            nav aria-labelledby="contents" {
                h2 #contents { "Contents" }
                ol { @for section in &document.sections {
                    li { a href={ "#" (section.anchor) } { (section.title) } }
                } }
            }
        }
        main { @for one in &document.sections { (section(one)) } }
    };
    whole(&document.title, &[STYLE, OWN_STYLE], &body)
}

fn section(section: &Section) -> Markup {
    html! {
        section aria-labelledby=(section.anchor) {
            h2 id=(section.anchor) { (section.title) }
            @for one in &section.blocks { (block(one, Depth::InSection)) }
        }
    }
}

/// How deep a heading stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Below the title.
    FirstPage,
    /// Below the heading of a section.
    InSection,
}

fn block(block: &Block, depth: Depth) -> Markup {
    html! {
        @match block {
            Block::Heading { anchor, title } => {
                @match depth {
                    Depth::FirstPage => { h2 id=[anchor.as_ref()] { (line(title)) } }
                    Depth::InSection => { h3 id=[anchor.as_ref()] { (line(title)) } }
                }
            }
            Block::Text(text) => { p { (line(text)) } }
            Block::Warning(text) => { p.warn { strong { "Read first: " } (line(text)) } }
            Block::List(lines) => { ul { @for one in lines { li { (line(one)) } } } }
            Block::Table(shown) => { (table(shown)) }
        }
    }
}

/// A table that is too wide scrolls by itself, also by keyboard.
fn table(table: &Table) -> Markup {
    html! {
        div.wide role="region" aria-label=(table.caption) tabindex="0" { table {
            caption { (table.caption) }
            thead { tr { @for head in &table.head { th scope="col" { (head) } } } }
            tbody { @for one in &table.rows { (row(one)) } }
        } }
    }
}

fn row(row: &Row) -> Markup {
    html! {
        tr id=[row.anchor.as_ref()] class=[(row.weight == Weight::Primary).then_some("primary")] {
            @for (place, cell) in row.cells.iter().enumerate() {
                @if place == 0 { th scope="row" { (line(cell)) } } @else { td { (line(cell)) } }
            }
        }
    }
}

fn line(line: &Line) -> Markup {
    html! {
        @for part in &line.0 {
            @match part {
                Inline::Text(text) => { (text) }
                Inline::Strong(text) => { strong { (text) } }
                Inline::Code(text) => { code { (text) } }
                Inline::Link { to, text } => { a href={ "#" (to) } { (text) } }
                Inline::File(name) => { a href=(name) { (name) } }
                Inline::Break => { br; }
            }
        }
    }
}
