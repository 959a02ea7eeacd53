//! What stands between two words.

use super::wall::WALL;

/// What stands between two words, by what it means for names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Blanks alone.
    Blank,
    /// A comma.
    Comma,
    /// A colon.
    Colon,
    /// A full stop, as after a title or at the end of a sentence.
    Dot,
    /// The end of a sentence, a quotation mark or a bracket.
    Stop,
    /// A dash.
    Dash,
    /// A line break, or the beginning or end of the text.
    Line,
    /// Something that is replaced already.
    Wall,
    /// Anything else.
    Other,
}

impl Gap {
    pub(super) fn of(text: &str) -> Self {
        if text.contains(WALL) {
            return Self::Wall;
        }
        let marks = text.trim();
        if marks.ends_with(['-', '–', '—', '~']) {
            return Self::Dash;
        }
        if text.contains('\n') {
            return Self::Line;
        }
        match marks {
            "" => Self::Blank,
            "," | "，" | "、" => Self::Comma,
            ":" | "：" => Self::Colon,
            "." | "。" => Self::Dot,
            other if other.starts_with(',') => Self::Comma,
            other if other.contains(['.', '!', '?', ';', '…', '"', '“', '”', '(', ')', '。']) => {
                Self::Stop
            }
            _ => Self::Other,
        }
    }

    /// Whether a sentence, or a part of one that stands alone, begins behind it.
    pub(super) const fn opens(self) -> bool {
        match self {
            Self::Dot | Self::Stop | Self::Line | Self::Colon | Self::Dash => true,
            Self::Blank | Self::Comma | Self::Wall | Self::Other => false,
        }
    }

    /// Whether the words on both sides can be one name, as in "St. Thomas".
    pub(super) const fn joins_names(self) -> bool {
        matches!(self, Self::Blank | Self::Dot)
    }

    /// Whether what stands before it may end there: before any mark, but not before a further word.
    pub(super) const fn closes(self) -> bool {
        match self {
            Self::Comma | Self::Dot | Self::Stop | Self::Line | Self::Dash => true,
            Self::Blank | Self::Colon | Self::Wall | Self::Other => false,
        }
    }
}
