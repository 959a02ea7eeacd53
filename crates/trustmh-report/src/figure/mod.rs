//! Charts as files of their own, for papers and slides: SVG that needs nothing beside it.

mod beside;
mod card;

use maud::{Markup, html};

use trustmh_core::file_name::file_name;
use trustmh_core::inert::inert;
use trustmh_core::scorecard::Scorecard;

use crate::matrix::Matrix;

/// The colours and letters of charts that stand alone: on white, by generic names of fonts.
const STYLE: &str = include_str!("style.css");
const NAMESPACE: &str = "http://www.w3.org/2000/svg";
const MARGIN: f64 = 12.0;

/// A chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The name of its file without an ending, such as every system takes; the same for the same task in every run.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// The drawing: SVG 1.1 with its own style.
    pub svg: String,
}

/// The charts of a scorecard. A new one is a line.
const OF_SCORECARDS: [fn(&Scorecard) -> Vec<Figure>; 5] =
    [card::tasks, card::pillars, card::metrics, card::levels, card::turns];

/// The charts of runs beside each other. A new one is a line.
const OF_MATRICES: [fn(&Matrix) -> Vec<Figure>; 1] = [beside::tasks];

/// Every chart of a scorecard.
pub fn figures(card: &Scorecard) -> Vec<Figure> {
    OF_SCORECARDS.iter().flat_map(|draw| draw(card)).collect()
}

/// Every chart of runs beside each other.
pub fn figures_beside(matrix: &Matrix) -> Vec<Figure> {
    OF_MATRICES.iter().flat_map(|draw| draw(matrix)).collect()
}

/// A drawing and the size of its box.
struct Drawn {
    drawn: Markup,
    width: f64,
    height: f64,
}

impl Figure {
    /// A chart under its title, in a file of its own.
    fn alone(name: &str, title: &str, Drawn { drawn, width, height }: Drawn) -> Self {
        let (wide, high) = (width + 2.0 * MARGIN, height + 2.0 * MARGIN + 20.0);
        let markup = html! {
            svg xmlns=(NAMESPACE) viewBox=(format!("0 0 {wide} {high}")) width=(wide) height=(high) role="img" {
                title { (title) }
                // The style is the project's own text; nothing of a run is in it.
                style { (maud::PreEscaped(STYLE)) }
                rect.paper width=(wide) height=(high) {}
                text.head x=(MARGIN) y=(MARGIN + 12.0) { (title) }
                g transform=(format!("translate({MARGIN} {})", MARGIN + 20.0)) { (drawn) }
            }
        };
        Self { name: file_name(name), title: title.to_owned(), svg: inert(&markup.into_string()) }
    }
}

/// Rows of charts below each other, each behind its words.
struct Labelled {
    first: String,
    second: String,
    drawn: Markup,
    height: f64,
}

const WORDS: f64 = 330.0;
/// So many characters of a title stand in front of a chart.
const MOST: usize = 46;

fn stacked(rows: Vec<Labelled>, width: f64) -> Drawn {
    let heights: Vec<f64> = rows.iter().map(|row| row.height.max(34.0) + 8.0).collect();
    let tops = heights.iter().scan(0.0, |top, height| {
        let own = *top;
        *top += height;
        Some(own)
    });
    let drawn = html! {
        @for (row, top) in rows.iter().zip(tops) {
            g transform=(format!("translate(0 {top})")) {
                text x="0" y="14" { (cut(&row.first)) }
                text.soft x="0" y="29" { (cut(&row.second)) }
                g transform=(format!("translate({WORDS} 0)")) { (row.drawn) }
            }
        }
    };
    Drawn { drawn, width: WORDS + width, height: heights.iter().sum() }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_lead_nowhere() {
        assert_eq!(file_name("metrics-privacy/leakage"), "metrics-privacy-leakage");
        assert_eq!(file_name("../a b\u{202e}.svg"), "-a-b-.svg");
    }

    #[test]
    fn a_figure_stands_alone_and_is_inert() {
        let drawn = Drawn { drawn: html! { circle r="1" {} }, width: 10.0, height: 10.0 };
        let figure = Figure::alone("a", "<script>alert(1)</script>\u{202e}", drawn);
        assert!(figure.svg.contains("xmlns=\"http://www.w3.org/2000/svg\""));
        assert!(
            !figure.svg.contains("<script") && !figure.svg.contains('\u{202e}'),
            "{}",
            figure.svg
        );
        let read = roxmltree::Document::parse(&figure.svg).unwrap();
        assert_eq!(read.root_element().tag_name().name(), "svg");
    }
}
