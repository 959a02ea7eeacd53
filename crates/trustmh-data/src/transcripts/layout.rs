//! Where the columns of a table are.

use super::cells::Cells;
use super::columns::{Column, Columns, plain};

/// The places of the known columns and of those to be kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    known: [Option<usize>; Column::ALL.len()],
    kept: Vec<(String, usize)>,
    /// How many columns there are.
    pub(super) width: usize,
}

impl Layout {
    /// By the names of the columns; none for a table without a speaker or without what is said.
    pub(super) fn of(names: &[String], map: &Columns, keep: &[String]) -> Option<Self> {
        let given = |wanted: &str| {
            let exact = names.iter().position(|name| name.trim() == wanted);
            exact.or_else(|| names.iter().position(|name| plain(name.trim()) == plain(wanted)))
        };
        let known = Column::ALL.map(|column| match map.given(column) {
            Some(name) => given(name),
            None => column
                .usual_names()
                .iter()
                .find_map(|usual| names.iter().position(|name| plain(name.trim()) == *usual)),
        });
        let kept = keep.iter().filter_map(|name| Some((name.clone(), given(name)?))).collect();
        let layout = Self { known, kept, width: names.len() };
        (layout.has(Column::Role) && layout.has(Column::Content)).then_some(layout)
    }

    /// Whether there is such a column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.known.get(column as usize).is_some_and(Option::is_some)
    }

    /// Whether the column at a place is needed.
    pub(super) fn needs(&self, place: usize) -> bool {
        self.known.contains(&Some(place)) || self.kept.iter().any(|(_, kept)| *kept == place)
    }

    /// A row's cells.
    pub(super) fn cells(&self, mut row: Vec<Option<String>>) -> Cells {
        let mut cells = Cells::default();
        for (name, place) in &self.kept {
            if let Some(Some(value)) = row.get(*place) {
                cells.kept.insert(name.clone(), value.clone());
            }
        }
        for (column, place) in Column::ALL.into_iter().zip(self.known) {
            let value = place.and_then(|place| row.get_mut(place)).and_then(Option::take);
            cells.set(column, value);
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_are_found_in_their_order_and_given_ones_count_first() {
        let names = ["Message", "text", "SENDER", "session id", "channel"].map(str::to_owned);
        let keep = ["channel".to_owned(), "none".to_owned()];
        let layout = Layout::of(&names, &Columns::default(), &keep).unwrap();
        let row = || ["m", "t", "user", "7", "web"].map(|cell| Some(cell.to_owned())).to_vec();
        let cells = layout.cells(row());
        assert_eq!(cells.get(Column::Content), Some("t"));
        assert_eq!(cells.get(Column::Role), Some("user"));
        assert_eq!(cells.get(Column::Conversation), Some("7"));
        assert_eq!(cells.kept.get("channel").map(String::as_str), Some("web"));
        let map: Columns = "content=message".parse().unwrap();
        let cells = Layout::of(&names, &map, &[]).unwrap().cells(row());
        assert_eq!(cells.get(Column::Content), Some("m"));
        let map: Columns = "content=elsewhere".parse().unwrap();
        assert_eq!(Layout::of(&names, &map, &[]), None);
    }
}
