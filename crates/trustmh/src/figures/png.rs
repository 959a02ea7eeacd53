//! Pictures of charts.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Family, Query};
use resvg::usvg::{Options, Tree};
use thiserror::Error;

/// Dots for each unit of a chart: sharp on paper at half its size.
const ZOOM: f32 = 2.0;

/// Families without serifs that systems come with, and that have the letters of most names.
const FAMILIES: [&str; 10] = [
    "Noto Sans",
    "DejaVu Sans",
    "Liberation Sans",
    "Helvetica Neue",
    "Segoe UI",
    "Arial",
    "Helvetica",
    "Roboto",
    "Open Sans",
    "Ubuntu",
];

/// Draws charts with the letters of this system.
pub(crate) struct Painter {
    options: Options<'static>,
    has_letters: bool,
}

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Fault {
    /// Without letters a chart would lose its words in silence.
    #[error("no font was found on this system")]
    NoFont,
    #[error("the chart cannot be drawn: {0}")]
    Drawing(String),
}

impl Painter {
    /// Looks for the fonts of this system.
    pub(crate) fn new() -> Self {
        let mut options = Options::default();
        let fonts = options.fontdb_mut();
        fonts.load_system_fonts();
        let is_there = |name: &&str| {
            fonts.query(&Query { families: &[Family::Name(name)], ..Query::default() }).is_some()
        };
        let known = FAMILIES.iter().find(|name| is_there(name)).map(|name| (*name).to_owned());
        let any =
            || fonts.faces().find_map(|face| face.families.first()).map(|(name, _)| name.clone());
        let family = known.or_else(any);
        if let Some(family) = &family {
            options.fontdb_mut().set_sans_serif_family(family.clone());
            // That of words which name none.
            options.font_family.clone_from(family);
        }
        Self { options, has_letters: family.is_some() }
    }

    /// The picture of a chart.
    pub(crate) fn png(&self, svg: &str) -> Result<Vec<u8>, Fault> {
        if !self.has_letters {
            return Err(Fault::NoFont);
        }
        let failed = |fault: String| Fault::Drawing(fault);
        let tree = Tree::from_str(svg, &self.options).map_err(|error| failed(error.to_string()))?;
        // Text without a font is left out of the tree.
        if svg.contains("<text") && !tree.has_text_nodes() {
            return Err(Fault::NoFont);
        }
        let size = tree.size().to_int_size();
        let size = size.scale_by(ZOOM).ok_or_else(|| failed("it has no size".to_owned()))?;
        let picture = Pixmap::new(size.width(), size.height());
        let mut picture = picture.ok_or_else(|| failed("it is too large".to_owned()))?;
        resvg::render(&tree, Transform::from_scale(ZOOM, ZOOM), &mut picture.as_mut());
        picture.encode_png().map_err(|error| failed(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_whose_words_cannot_be_drawn_is_no_picture() {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><text y=\"9\">a</text></svg>";
        let without = Painter { options: Options::default(), has_letters: true };
        assert_eq!(without.png(svg), Err(Fault::NoFont));
        let painter = Painter::new();
        if painter.has_letters {
            assert!(painter.png(svg).unwrap().starts_with(b"\x89PNG"));
            assert!(matches!(painter.png("<svg"), Err(Fault::Drawing(_))));
        }
    }
}
