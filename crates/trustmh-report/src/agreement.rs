//! Raters against each other, on a terminal.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use std::collections::BTreeSet;

use trustmh_core::metric::Estimate;
use trustmh_stats::raters::{Agreement, Pair, Scale};

use crate::inert::inert;
use crate::number::{decimal, estimate_interval};

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
    if found.raters.len() > 2 {
        table.add_row([Cell::new("all together")]);
        add(&mut table, "Fleiss' kappa", found.fleiss_kappa);
        add(&mut table, "Krippendorff's alpha", found.krippendorff_alpha);
    }
    text.push_str(&table.to_string());
    text.push('\n');
    if let [pair] = found.pairs.as_slice() {
        text.push_str(&confusion(pair, width));
    }
    text
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
    use trustmh_stats::raters::{Rater, of_labels, of_numbers};

    fn rater<R: Clone>(name: &str, ratings: &[R]) -> Rater<R> {
        let ratings = ratings.iter().enumerate().map(|(unit, r)| (unit.to_string(), r.clone()));
        Rater { name: name.to_owned(), ratings: ratings.collect::<BTreeMap<_, _>>() }
    }

    #[test]
    fn two_who_label() {
        let labels = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let raters = [rater("H1", &labels("a a b b c a")), rater("H2", &labels("a b b b c a"))];
        insta::assert_snapshot!(agreement(&of_labels(&raters, 1), 100));
    }

    #[test]
    fn three_who_score() {
        let raters = [
            rater("H1", &[1.0, 2.0, 5.0, 4.0, 3.0]),
            rater("H2", &[1.0, 3.0, 4.0, 4.0, 1.0]),
            rater("offline rules", &[2.5, 3.0, 3.25, 5.0, 1.0]),
        ];
        insta::assert_snapshot!(agreement(&of_numbers(&raters, 1), 100));
    }
}
