//! A document of sections, texts, lists and tables: what HTML and Markdown are both written of, so that they tell the same story.

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// The first page.
    pub first: Vec<Block>,
    /// What follows it.
    pub sections: Vec<Section>,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its anchor.
    pub anchor: String,
    /// Its heading.
    pub title: String,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading within the section, with an anchor where something leads to it.
    Heading {
        /// The anchor.
        anchor: Option<String>,
        /// The heading.
        title: Line,
    },
    /// A paragraph.
    Text(Line),
    /// A paragraph that must be read first.
    Warning(Line),
    /// A list.
    List(Vec<Line>),
    /// A table.
    Table(Table),
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The heads of its columns.
    pub head: Vec<&'static str>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row of a table: as many cells as there are heads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The anchor, where something leads to it.
    pub anchor: Option<String>,
    /// Its cells; the first names the row.
    pub cells: Vec<Line>,
    /// How it is shown.
    pub weight: Weight,
}

/// How a row is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// As the others.
    Usual,
    /// Bold.
    Primary,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line(pub Vec<Inline>);

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Text.
    Text(String),
    /// Text that stands out.
    Strong(String),
    /// A name or hash.
    Code(String),
    /// Leads to an anchor of the document.
    Link {
        /// The anchor.
        to: String,
        /// What is shown.
        text: String,
    },
    /// Leads to another file of the pack.
    File(String),
    /// A new line in the same paragraph or cell.
    Break,
}

impl Line {
    /// A line of this text.
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Inline::Text(text.into())])
    }

    /// A line of this name or hash.
    pub fn code(text: impl Into<String>) -> Self {
        Self(vec![Inline::Code(text.into())])
    }

    /// The line with something after it.
    #[must_use]
    pub fn and(mut self, part: Inline) -> Self {
        self.0.push(part);
        self
    }

    /// The line with text after it.
    #[must_use]
    pub fn then(self, text: impl Into<String>) -> Self {
        self.and(Inline::Text(text.into()))
    }

    /// The line with a name or hash after it.
    #[must_use]
    pub fn then_code(self, text: impl Into<String>) -> Self {
        self.and(Inline::Code(text.into()))
    }

    /// The line with text on a line of its own after it, if there is any.
    #[must_use]
    pub fn below(self, text: Option<String>) -> Self {
        match text {
            Some(text) => self.and(Inline::Break).then(text),
            None => self,
        }
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl Row {
    /// A row of these cells.
    pub fn of(cells: impl IntoIterator<Item = Line>) -> Self {
        Self { anchor: None, cells: cells.into_iter().collect(), weight: Weight::Usual }
    }
}

impl Block {
    /// A heading that nothing leads to.
    pub fn heading(title: impl Into<Line>) -> Self {
        Self::Heading { anchor: None, title: title.into() }
    }
}
