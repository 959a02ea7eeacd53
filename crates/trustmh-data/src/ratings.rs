//! Files with labels or scores: what one or several raters said of the same units.

mod dimensions;
mod people;
mod records;
mod replies;

pub use dimensions::{LongColumns, Rated, read_annotations, read_long, read_rated};
pub use people::{PeoplesScores, ScoredUnit, is_annotations, read_people};
pub use replies::{ScoredReply, scored_replies};

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::DataError;
use records::{Record, Records, cell};

/// What a rater said of a unit.
#[derive(Debug, Clone, PartialEq)]
pub enum Rating {
    /// A label.
    Label(String),
    /// A number.
    Score(f64),
}

/// What stands in a cell that holds no rating, besides nothing at all.
const NO_RATING: [&str; 4] = ["nan", "na", "n/a", "null"];

impl Rating {
    /// A number if the text is one, else a label in lower case; none for a cell without a rating.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        match text.parse::<f64>() {
            Ok(score) if score.is_finite() => Some(Self::Score(score)),
            _ if text.is_empty() || NO_RATING.contains(&text.as_str()) => None,
            _ => Some(Self::Label(text)),
        }
    }
}

/// A unit and what a rater said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RatedUnit {
    /// Its name, or its text.
    pub unit: String,
    /// The item it is of, where several units are of one.
    pub item: Option<String>,
    /// The rating, if there is one.
    pub rating: Option<Rating>,
}

/// A rater of a file, with what they said of each unit.
#[derive(Debug, Clone, PartialEq)]
pub struct RatedFile {
    /// The file's name, or the column where a file has several raters.
    pub rater: String,
    /// Units in the order of the file.
    pub units: Vec<RatedUnit>,
}

/// One rater's ratings by unit.
pub type ByUnit = BTreeMap<String, Rating>;

/// Raters on the same units.
#[derive(Debug, Clone, PartialEq)]
pub struct Matched {
    /// The ratings of each file by unit.
    pub raters: Vec<ByUnit>,
    /// The items that units are of, where the files say it.
    pub items: BTreeMap<String, String>,
    /// How many units had to be matched by their place.
    pub by_place: usize,
}

/// The ratings of each file by unit. Files of the same length that mostly agree on the units are matched place by place, since a
/// unit's text may be damaged in one of them; any others by the units themselves, equal ones numbered.
pub fn matched(files: &[RatedFile]) -> Matched {
    let first = files.first().map(|file| file.units.as_slice()).unwrap_or_default();
    let differing = |file: &RatedFile| {
        file.units.iter().zip(first).filter(|(one, other)| one.unit != other.unit).count()
    };
    let most = files.iter().map(differing).max().unwrap_or_default();
    let in_step = files.iter().all(|file| file.units.len() == first.len());
    let (by_place, name): (usize, fn(&RatedFile) -> Vec<String>) =
        if in_step && most * 10 <= first.len() { (most, places) } else { (0, names) };
    let (mut raters, mut items) = (Vec::new(), BTreeMap::new());
    for file in files {
        let named = || name(file).into_iter().zip(&file.units);
        raters.push(named().filter_map(|(name, u)| Some((name, u.rating.clone()?))).collect());
        items.extend(named().filter_map(|(name, u)| Some((name, u.item.clone()?))));
    }
    Matched { raters, items, by_place }
}

fn places(file: &RatedFile) -> Vec<String> {
    (0..file.units.len()).map(|place| place.to_string()).collect()
}

fn names(file: &RatedFile) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let units = file.units.iter().map(|RatedUnit { unit, .. }| {
        let times = seen.entry(unit).or_default();
        *times += 1;
        format!("{unit}#{times}")
    });
    units.collect()
}

/// Fields that may name a unit, the first of them that a record has.
const UNITS: [&str; 6] = ["inputs", "text", "id", "item", "row", "key"];
/// Fields that may hold a rating, the first of them that a record has.
const RATINGS: [&str; 6] = ["evaluation", "score", "rating", "severity", "label", "verdict"];

/// The column of a table of the viewer that holds what people say together; those after it are raters.
const TOGETHER: &str = "rating";
/// The columns by which such a table is known besides.
const OF_VIEWER: [&str; 2] = ["id", "trial"];

/// Which columns of a table are raters, and which names the unit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Columns<'c> {
    /// Columns that are raters each; none for the one that holds ratings, or for all raters of a table of the viewer.
    pub raters: &'c [String],
    /// The column that names a unit; none for the first usual name.
    pub unit: Option<&'c str>,
}

/// Reads a file of ratings: a JSON array, JSON lines, or CSV. A CSV file may hold several raters, one in each of some columns; a table
/// saved from the viewer does, and is known by its header.
///
/// # Errors
/// [`DataError::Unreadable`], [`DataError::Malformed`], and [`DataError::Value`] for a file without a unit or a
/// rating.
pub fn read(path: &Path, columns: Columns<'_>) -> Result<Vec<RatedFile>, DataError> {
    let records = Records::read(path)?;
    let of_viewer = viewers_raters(&records);
    let named: Vec<&str> = match columns.raters {
        [] => of_viewer.iter().map(String::as_str).collect(),
        named => named.iter().map(String::as_str).collect(),
    };
    let what = "the field that names a unit";
    let unit = match (columns.unit, of_viewer.is_empty()) {
        (Some(unit), _) => records.field(&[unit], what)?,
        // Repeats of an item share its text, but no trial.
        (None, false) => "trial".to_owned(),
        (None, true) => records.field(&UNITS, what)?,
    };
    if named.is_empty() {
        let rating = records.field(&RATINGS, "the rating")?;
        let units = records.rows.iter().map(|record| rated(record, &unit, &rating));
        return Ok(vec![RatedFile { rater: records.stem(), units: units.collect() }]);
    }
    let of = |column: &&str| {
        let rating = records.field(&[*column], "the rating")?;
        let units = records.rows.iter().map(|record| rated(record, &unit, &rating));
        Ok(RatedFile { rater: (*column).to_owned(), units: units.collect() })
    };
    named.iter().map(of).collect()
}

/// The raters of a table that was saved from the viewer; none of any other file.
fn viewers_raters(records: &Records) -> Vec<String> {
    let place = |name: &str| records.columns.iter().position(|column| column == name);
    match (OF_VIEWER.iter().all(|name| place(name).is_some()), place(TOGETHER)) {
        (true, Some(together)) => records.columns.iter().skip(together + 1).cloned().collect(),
        _ => Vec::new(),
    }
}

fn rated(record: &Record, unit: &str, rating: &str) -> RatedUnit {
    let item = cell(record, "item");
    RatedUnit {
        unit: record.get(unit).cloned().unwrap_or_default(),
        item: (unit != "item" && !item.is_empty()).then(|| item.to_owned()),
        rating: record.get(rating).and_then(|text| Rating::of(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn written(name: &str, text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn arrays_lines_and_tables_are_read_alike() {
        let array =
            r#"[{"inputs": ["a", "b"], "label": "No_Crisis"}, {"inputs": "c | d", "label": ""}]"#;
        let lines = "{\"inputs\": [\"a\", \"b\"], \"label\": \"no_crisis\"}\n\n";
        let table = "text,label\n\"a\nb\",no_crisis\n";
        for (name, text) in [("x.json", array), ("x.jsonl", lines), ("x.csv", table)] {
            let (_folder, path) = written(name, text);
            let found = read(&path, Columns::default()).unwrap();
            let label = Rating::Label("no_crisis".to_owned());
            assert_eq!(found[0].rater, "x");
            let first = &found[0].units[0];
            assert_eq!((first.unit.as_str(), &first.rating), ("a\nb", &Some(label)), "{name}");
        }
    }

    #[test]
    fn several_columns_are_several_raters_and_repeated_units_stay_apart() {
        let (_folder, path) = written("x.csv", "id,one,two\n7,1,2\n7,3,nan\n");
        let of = |raters: &[&str]| {
            let raters: Vec<String> = raters.iter().map(|name| (*name).to_owned()).collect();
            read(&path, Columns { raters: &raters, unit: None })
        };
        let found = of(&["one", "two"]).unwrap();
        assert_eq!((found[1].units[1].unit.as_str(), &found[1].units[1].rating), ("7", &None));
        let Matched { raters, by_place, .. } = matched(&found);
        assert_eq!((raters[0].len(), raters[1].len(), by_place), (2, 1, 0));
        let error = of(&["three"]).unwrap_err().to_string();
        assert!(error.contains("a column `three`; there are id, one, two"), "{error}");
    }

    #[test]
    fn one_damaged_unit_of_many_is_matched_by_its_place() {
        let file = |rater: &str, odd: &str| {
            let units = (0..20).map(|number| {
                let name = if number == 3 { odd.to_owned() } else { number.to_string() };
                RatedUnit { unit: name, item: None, rating: Some(Rating::Score(1.0)) }
            });
            RatedFile { rater: rater.to_owned(), units: units.collect() }
        };
        let Matched { raters: ratings, by_place, .. } =
            matched(&[file("a", "3"), file("b", "T+D47")]);
        assert_eq!((by_place, ratings[0] == ratings[1]), (1, true));
        let mut shorter = file("b", "3");
        shorter.units.remove(0);
        let Matched { raters: ratings, by_place, .. } = matched(&[file("a", "3"), shorter]);
        assert_eq!((by_place, ratings[0].len(), ratings[1].len()), (0, 20, 19));
        assert!(ratings[1].keys().all(|unit| ratings[0].contains_key(unit)));
    }

    #[test]
    fn a_file_without_ratings_is_refused() {
        let (_folder, path) = written("x.json", r#"[{"mood": 1}]"#);
        let error = read(&path, Columns::default()).unwrap_err().to_string();
        assert!(error.contains("one of inputs, text"), "{error}");
    }

    #[test]
    fn tables_of_the_viewer_are_read_as_they_are() {
        let text = "\"id\",\"trial\",\"item\",\"rubric\",\"field\",\"rating\",\"DRA\",\"Dr B\",\"judge x\"\r\n\
            \"same\",\"t:1\",\"i\",\"r\",\"f\",\"2\",\"2\",\"\",\"3\"\r\n\
            \"same\",\"t:2\",\"i\",\"r\",\"f\",\"4.5\",\"4\",\"5\",\"3\"\r\n";
        let old =
            "\"id\",\"trial\",\"rating\",\"DRA\",\"Dr B\"\r\n\"x\",\"t:1\",\"2\",\"2\",\"\"\r\n";
        let (_folder, path) = written("ratings.csv", text);
        let found = read(&path, Columns::default()).unwrap();
        let names: Vec<&str> = found.iter().map(|rater| rater.rater.as_str()).collect();
        assert_eq!(names, ["DRA", "Dr B", "judge x"]);
        assert_eq!(found[1].units[0].rating, None, "a missing cell");
        let matched = matched(&found);
        assert_eq!(matched.raters.iter().map(ByUnit::len).collect::<Vec<_>>(), [2, 1, 2]);
        assert_eq!(matched.items.values().collect::<Vec<_>>(), ["i", "i"]);
        // Columns are named as the table writes them.
        let raters = ["DRA".to_owned(), "Dr B".to_owned()];
        assert_eq!(read(&path, Columns { raters: &raters, unit: None }).unwrap().len(), 2);
        let (_folder, path) = written("ratings.csv", old);
        assert_eq!(read(&path, Columns::default()).unwrap().len(), 2);
    }
}
