//! Raters against each other, on a terminal.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use std::collections::BTreeSet;

use trustmh_core::metric::Estimate;
use trustmh_stats::agreement::coefficients::{Coefficients, Figure};
use trustmh_stats::raters::dimensions::Dimensions;
use trustmh_stats::raters::{Agreement, Pair, Scale};

use crate::number::{decimal, estimate_interval, interval};
use trustmh_core::inert::inert;

/// More different values than this make no table that anybody can read.
const MOST_COLUMNS: usize = 12;

/// The agreement as tables of at most `width` columns; the confusion is shown for two raters.
pub fn agreement(found: &Agreement, width: u16) -> String {
    let what = match found.scale {
        Scale::Nominal => "labels",
        Scale::Numeric => "numbers",
    };
    let mut text = format!(
        "Agreement of {} raters who gave {what}; {} units rated by two or more\n",
        found.raters.len(),
        found.units
    );
    let mut table = plain(width);
    table.set_header(["raters and figure", "value", "95 % interval", "n"]);
    for pair in &found.pairs {
        table.add_row([Cell::new(inert(&format!("{} and {}", pair.left, pair.right)))]);
        for (name, estimate) in figures(pair) {
            add(&mut table, name, estimate);
        }
    }
    table.add_row([Cell::new("all together")]);
    add(&mut table, "Fleiss' kappa", found.fleiss_kappa);
    add(&mut table, "Krippendorff's alpha", found.krippendorff_alpha);
    for (name, figure) in chance_free(&found.pooled) {
        add_figure(&mut table, name, figure);
    }
    text.push_str(&table.to_string());
    text.push('\n');
    if let [pair] = found.pairs.as_slice() {
        text.push_str(&confusion(pair, width));
    }
    text
}

/// What stands beside kappa and alpha.
fn chance_free(found: &Coefficients) -> [(&'static str, Option<Figure>); 6] {
    [
        ("Gwet's AC1", found.ac1),
        ("Gwet's AC2, linear weights", found.ac2_linear),
        ("Gwet's AC2, quadratic weights", found.ac2),
        ("ICC(1)", found.icc1),
        ("ICC(2,1)", found.icc2_1),
        ("ICC(2,k)", found.icc2_k),
    ]
}

/// The agreement on each dimension and on all, as tables of at most `width` columns; `missing` cells held no rating.
pub fn dimensions(found: &Dimensions, missing: u64, width: u16) -> String {
    let mut text = format!(
        "Agreement of {} raters on {} dimensions of {} units; {} ratings, {missing} missing\n",
        found.raters.len(),
        found.dimensions.len(),
        found.units,
        found.ratings,
    );
    let of_all = [
        ("equal", of_equal as Pick),
        ("AC1", |c| c.ac1),
        ("Fleiss", |c| c.fleiss),
        ("alpha", |c| c.alpha),
    ];
    let of_numbers = [
        ("AC2, quadratic", (|c| c.ac2) as Pick),
        ("ICC(1)", |c| c.icc1),
        ("ICC(2,1)", |c| c.icc2_1),
        ("ICC(2,k)", |c| c.icc2_k),
    ];
    text.push_str(&matrix(found, &of_all, width));
    let dimensions = || found.dimensions.values();
    if dimensions().any(|dimension| dimension.scale == Scale::Numeric) {
        text.push('\n');
        text.push_str(&matrix(found, &of_numbers, width));
    }
    text.push_str("Gwet's AC1, Fleiss' kappa, Krippendorff's alpha. 95 % intervals count units, whose dimensions belong together.\n");
    text
}

type Pick = fn(&Coefficients) -> Option<Figure>;

fn of_equal(found: &Coefficients) -> Option<Figure> {
    found.agreement
}

/// A row for each dimension and one for all.
fn matrix(found: &Dimensions, columns: &[(&str, Pick)], width: u16) -> String {
    let mut table = plain(width);
    let names = columns.iter().map(|(name, _)| Cell::new(name));
    table.set_header(std::iter::once(Cell::new("dimension")).chain(names));
    let mut row = |name: &str, coefficients: &Coefficients| {
        let figures = columns.iter().map(|(_, pick)| Cell::new(figure_text(pick(coefficients))));
        table.add_row(std::iter::once(Cell::new(inert(name))).chain(figures));
    };
    for (name, dimension) in &found.dimensions {
        row(name, &dimension.coefficients);
    }
    row("pooled", &found.pooled);
    format!("{table}\n")
}

fn figure_text(figure: Option<Figure>) -> String {
    figure.map_or_else(String::new, |figure| {
        format!("{} {}", decimal(figure.value), interval(figure.low, figure.high))
    })
}

fn add_figure(table: &mut Table, name: &str, figure: Option<Figure>) {
    let Some(figure) = figure else { return };
    table.add_row([
        Cell::new(format!("  {name}")),
        right(decimal(figure.value)),
        Cell::new(interval(figure.low, figure.high)),
        right(figure.n.to_string()),
    ]);
}

fn figures(pair: &Pair) -> [(&'static str, Option<Estimate>); 8] {
    [
        ("exact agreement", pair.agreement),
        ("Cohen's kappa", pair.cohen_kappa),
        ("kappa, quadratic weights", pair.quadratic_kappa),
        ("mean absolute difference", pair.mae),
        ("root mean squared difference", pair.rmse),
        ("at most 1 apart", pair.within_1),
        ("mean of the second less the first", pair.bias),
        ("Spearman's rank correlation", pair.spearman),
    ]
}

fn add(table: &mut Table, name: &str, estimate: Option<Estimate>) {
    let Some(estimate) = estimate else { return };
    table.add_row([
        Cell::new(format!("  {name}")),
        right(decimal(estimate.value)),
        Cell::new(estimate_interval(&estimate)),
        right(estimate.n.to_string()),
    ]);
}

fn confusion(pair: &Pair, width: u16) -> String {
    let of_rows = pair.confusion.keys();
    let columns: BTreeSet<&String> =
        pair.confusion.values().flat_map(|row| row.keys()).chain(of_rows).collect();
    if columns.len() > MOST_COLUMNS {
        return String::new();
    }
    let mut table = plain(width);
    // Long labels would not fit over narrow columns, so a letter stands for each.
    let letters: Vec<String> = ('a'..='z').map(String::from).collect();
    let head = letters.iter().take(columns.len()).map(|letter| right(letter.clone()));
    table.set_header(std::iter::once(Cell::new("")).chain(head));
    for (letter, label) in letters.iter().zip(&columns) {
        let counts = columns.iter().map(|column| {
            let row = pair.confusion.get(*label);
            right(row.and_then(|row| row.get(*column)).copied().unwrap_or_default().to_string())
        });
        table.add_row(
            std::iter::once(Cell::new(format!("{letter}  {}", inert(label)))).chain(counts),
        );
    }
    format!("\n{} (rows) by {} (columns)\n{table}\n", inert(&pair.left), inert(&pair.right))
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

fn plain(width: u16) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use trustmh_stats::raters::{Clusters, Rater, of_labels, of_numbers};

    fn rater<R: Clone>(name: &str, ratings: &[R]) -> Rater<R> {
        let ratings = ratings.iter().enumerate().map(|(unit, r)| (unit.to_string(), r.clone()));
        Rater { name: name.to_owned(), ratings: ratings.collect::<BTreeMap<_, _>>() }
    }

    #[test]
    fn two_who_label() {
        let labels = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let raters = [rater("H1", &labels("a a b b c a")), rater("H2", &labels("a b b b c a"))];
        insta::assert_snapshot!(agreement(&of_labels(&raters, &Clusters::Units, 1), 100));
    }

    #[test]
    fn three_who_score() {
        let raters = [
            rater("H1", &[1.0, 2.0, 5.0, 4.0, 3.0]),
            rater("H2", &[1.0, 3.0, 4.0, 4.0, 1.0]),
            rater("offline rules", &[2.5, 3.0, 3.25, 5.0, 1.0]),
        ];
        insta::assert_snapshot!(agreement(&of_numbers(&raters, &Clusters::Units, 1), 100));
    }
}
