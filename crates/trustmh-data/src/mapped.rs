//! Items out of tables of one's own: CSV, JSON lines, Parquet, a spreadsheet or a dataset's folder, whose columns are mapped to an item's fields.

pub(crate) mod sheet;

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use trustmh_core::codebook::Codebook;
use trustmh_core::item::{self, Item};

use crate::error::{DataError, Place};
use crate::hub::{self, Choice};
use crate::items;
use crate::tabular::{Classes, Form, Signs, Table, text};

/// Which column makes which field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The kind of item, for example `multiple-choice`.
    pub kind: String,
    /// The column with ids; without one, ids are the file's name and the row's number.
    pub id: Option<String>,
    /// BCP 47 tag of all texts.
    pub language: String,
    /// A field of the content, or `tags.<facet>`, and its column; several columns make a list, empty cells left out.
    pub columns: Vec<(String, Vec<String>)>,
    /// A field and the text that all items have in it.
    pub constants: Vec<(String, String)>,
    /// Which part of a dataset's folder is read.
    pub part: Choice,
}

/// A row of a table: where it is, and its cells by column.
pub(crate) type Row = (Place, BTreeMap<String, String>);

/// Reads the items of a table.
///
/// # Errors
/// [`DataError`], naming the line, for a table that cannot be read, a column that is not there, and a row that makes no item.
pub fn read(path: &Path, mapping: &Mapping, codebook: &Codebook) -> Result<Vec<Item>, DataError> {
    let fields = Fields::of(&mapping.kind);
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
    let mut lines = String::new();
    let mut places = Vec::new();
    for (number, (place, cells)) in (1..).zip(rows(path, &file, &mapping.part)?) {
        let id = match &mapping.id {
            Some(column) => cell(&cells, column, &place)?.to_owned(),
            None => format!("{stem}-{number:03}"),
        };
        lines.push_str(&item(&id, &cells, mapping, &fields, &place)?.to_string());
        lines.push('\n');
        places.push(place);
    }
    // The one reader of items decides what an item is; its lines are put back into the table's.
    items::read_jsonl(&lines, &file, codebook).map_err(|error| error.moved(&places))
}

fn item(
    id: &str,
    cells: &BTreeMap<String, String>,
    mapping: &Mapping,
    fields: &Fields,
    place: &Place,
) -> Result<Value, DataError> {
    let one = |field: &str, text: &str| {
        if fields.numbers.contains(field) {
            return number(field, text, place);
        }
        // Parquet and JSON keep a list in one cell.
        let list = fields.lists.contains(field).then(|| serde_json::from_str(text).ok()).flatten();
        Ok(list.filter(Value::is_array).unwrap_or_else(|| Value::from(text)))
    };
    let (mut content, mut tags) = (Map::new(), Map::new());
    content.insert("kind".to_owned(), Value::from(mapping.kind.as_str()));
    let mut set = |field: &str, value: Value| match field.strip_prefix("tags.") {
        Some(facet) => tags.insert(facet.to_owned(), value),
        None => content.insert(field.to_owned(), value),
    };
    for (field, columns) in &mapping.columns {
        let value = match columns.as_slice() {
            [column] => one(field, cell(cells, column, place)?)?,
            several => {
                let texts: Result<Vec<&str>, DataError> =
                    several.iter().map(|column| cell(cells, column, place)).collect();
                Value::from_iter(texts?.into_iter().filter(|text| !text.is_empty()))
            }
        };
        set(field, value);
    }
    for (field, text) in &mapping.constants {
        set(field, one(field, text)?);
    }
    Ok(json!({ "id": id, "language": mapping.language, "tags": tags, "content": content }))
}

/// A number as tables write it, with any kind of minus.
fn number(field: &str, text: &str, place: &Place) -> Result<Value, DataError> {
    let plain = text.replace(['\u{2212}', '\u{2013}'], "-");
    let number: f64 = plain
        .parse()
        .map_err(|_| DataError::value(place.clone(), field, text, "a number such as -1.5"))?;
    Ok(Value::from(number))
}

/// The fields of a kind of item that are no texts, by the schema of items.
#[derive(Debug, Default, PartialEq, Eq)]
struct Fields {
    numbers: BTreeSet<String>,
    lists: BTreeSet<String>,
}

impl Fields {
    fn of(kind: &str) -> Self {
        let schema = item::schema().to_value();
        let content = &schema["$defs"]["ItemContent"]["oneOf"];
        let variants = content.as_array().map(Vec::as_slice).unwrap_or_default();
        let variant =
            variants.iter().find(|variant| variant["properties"]["kind"]["const"] == kind);
        let fields = variant.and_then(|variant| variant["properties"].as_object());
        let mut found = Self::default();
        for (field, form) in fields.into_iter().flatten() {
            let forms = match &form["type"] {
                Value::Array(forms) => forms.as_slice(),
                form => std::slice::from_ref(form),
            };
            let is = |names: &[&str]| {
                forms.iter().any(|form| form.as_str().is_some_and(|form| names.contains(&form)))
            };
            if is(&["number", "integer"]) {
                found.numbers.insert(field.clone());
            } else if is(&["array"]) {
                found.lists.insert(field.clone());
            }
        }
        found
    }
}

fn cell<'c>(
    cells: &'c BTreeMap<String, String>,
    column: &str,
    place: &Place,
) -> Result<&'c str, DataError> {
    cells.get(column).map(|text| text.trim()).ok_or_else(|| {
        let known = cells.keys().cloned().collect::<Vec<_>>().join(", ");
        DataError::value(place.clone(), "column", column, format!("one of {known}"))
    })
}

fn rows(path: &Path, file: &str, part: &Choice) -> Result<Vec<Row>, DataError> {
    if path.is_dir() {
        return Ok(of_table(hub::read(path, part)?));
    }
    if file.to_lowercase().ends_with(".xlsx") {
        let bytes = std::fs::read(path)
            .map_err(|source| DataError::Unreadable { path: path.to_owned(), source })?;
        return sheet::rows(file, &bytes);
    }
    // Whatever else a file is called, it is taken for CSV.
    let form = Form::of(file).map_or(Form::Separated(Signs::Commas), |(_, form)| form);
    let classes = match form {
        Form::Parquet => hub::classes_of_file(path),
        Form::Json | Form::Lines | Form::Separated(_) => Classes::new(),
    };
    let mut table = Table::default();
    table.add(path, file, form, &classes)?;
    Ok(of_table(table))
}

/// The rows of a table; a cell that a row lacks is an empty one.
fn of_table(table: Table) -> Vec<Row> {
    let Table { columns, rows } = table;
    let cell = |cells: &Map<String, Value>, column: &String| {
        (column.clone(), cells.get(column).map(text).unwrap_or_default())
    };
    rows.into_iter()
        .map(|row| (row.place, columns.iter().map(|column| cell(&row.cells, column)).collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::built_in;
    use trustmh_core::item::ItemContent;

    fn mapping() -> Mapping {
        let column = |field: &str, columns: &[&str]| {
            (field.to_owned(), columns.iter().map(|name| (*name).to_owned()).collect())
        };
        Mapping {
            kind: "multiple-choice".to_owned(),
            id: None,
            language: "de".to_owned(),
            columns: vec![
                column("question", &["Frage"]),
                column("options", &["A", "B", "C"]),
                column("key", &["Antwort"]),
                column("tags.theme", &["Thema"]),
            ],
            constants: vec![("source".to_owned(), "own".to_owned())],
            ..Mapping::default()
        }
    }

    fn read_text(name: &str, text: &str) -> Result<Vec<Item>, DataError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        read(&path, &mapping(), built_in())
    }

    #[test]
    fn the_schema_tells_which_fields_are_numbers_and_which_are_lists() {
        let fields = |kind: &str| {
            let Fields { numbers, lists } = Fields::of(kind);
            (Vec::from_iter(numbers).join(","), Vec::from_iter(lists).join(","))
        };
        let of = |numbers: &str, lists: &str| (numbers.to_owned(), lists.to_owned());
        assert_eq!(fields("rated"), of("key", ""));
        assert_eq!(fields("privacy-rating"), of("rating", ""));
        assert_eq!(fields("multiple-choice"), of("", "options"));
        assert_eq!(fields("none"), of("", ""));
    }

    #[test]
    fn keys_become_numbers_whatever_their_minus() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rated.csv");
        std::fs::write(&path, "Says,Mean\nI slept badly.,\u{2212}1.5\nNothing helps.,high\n")
            .unwrap();
        let mut codebook = Codebook::clone(built_in());
        let scale = "name = \"fit\"\ntitle = \"Fit\"\nfrom = -3\nto = 3\nstep = 1\n";
        codebook.add("scales/fit.toml", scale).unwrap();
        let mapping = Mapping {
            kind: "rated".to_owned(),
            language: "en".to_owned(),
            columns: [("text", "Says"), ("key", "Mean")]
                .map(|(field, column)| (field.to_owned(), vec![column.to_owned()]))
                .to_vec(),
            constants: vec![("scale".to_owned(), "fit".to_owned())],
            ..Mapping::default()
        };
        let wrong = read(&path, &mapping, &codebook).unwrap_err().to_string();
        assert_eq!(wrong, "rated.csv, line 3: key is `high`; expected a number such as -1.5");
        std::fs::write(&path, "Says,Mean\nI slept badly.,\u{2212}1.5\n").unwrap();
        let items = read(&path, &mapping, &codebook).unwrap();
        let ItemContent::Rated(rated) = &items[0].content else { panic!("{items:?}") };
        assert!((rated.key + 1.5).abs() < 1e-9, "{rated:?}");
    }

    #[test]
    fn columns_become_fields() {
        let table =
            "Frage,A,B,C,Antwort,Thema\n\"Was, bitte?\",eins,zwei,,B,Schlaf\nUnd?,x,y,z,C,Angst\n";
        let items = read_text("fragen.csv", table).unwrap();
        assert_eq!(
            (items.len(), items[0].id.as_str(), items[0].tags["theme"].as_str()),
            (2, "fragen-001", "Schlaf")
        );
        let ItemContent::MultipleChoice(question) = &items[0].content else { panic!("{items:?}") };
        assert_eq!(
            (question.options.as_slice(), question.key),
            (["eins", "zwei"].map(str::to_owned).as_slice(), 'B')
        );
        let line = r#"{"Frage": "Was?", "A": "1", "B": "2", "C": null, "Antwort": "A", "Thema": "Schlaf"}"#;
        assert_eq!(read_text("fragen.jsonl", line).unwrap().len(), 1);
    }

    #[test]
    fn faults_name_the_row_of_the_table() {
        let fault = |text: &str| read_text("fragen.csv", text).unwrap_err().to_string();
        let head = "Frage,A,B,C,Antwort,Thema\n";
        let wrong = fault(&format!("{head}Was?,1,2,3,A,x\n\"Zwei\nZeilen?\",1,2,3,E,x\n"));
        assert!(wrong.starts_with("fragen.csv, line 3: key is `E`"), "{wrong}");
        let missing = fault("Frage,A,B,C,Antwort\nWas?,1,2,3,A\n");
        assert!(
            missing.contains("line 2: column is `Thema`; expected one of A, Antwort, B"),
            "{missing}"
        );
    }
}
