//! Where task files come from.

use clap::Args;
use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use trustmh_core::id::RubricId;
use trustmh_engine::rubric::RubricTable;

/// Where task files come from.
#[derive(Debug, Default, Args)]
pub(crate) struct TaskSource {
    /// Add or replace tasks with those of a folder laid out like benchmark/
    #[arg(long, value_name = "DIR")]
    pub(crate) tasks_dir: Option<PathBuf>,
    /// Replace a rubric by a TOML file [default NAME: its own]; its anchors by a CSV file: a column
    /// `label`, then one for each score, such as the published protocol.csv [default NAME:
    /// escalation]; or its questions by a TSV file in the form of VERA-MH's rubric.tsv [default
    /// NAME: vera-mh]
    #[arg(long, value_name = "[NAME=]FILE", hide_short_help = true)]
    pub(crate) rubric: Vec<GivenRubric>,
}

/// A rubric, or a table of anchors or questions for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GivenRubric {
    /// The rubric that is replaced, or none where the file says it; and the file.
    Whole(Option<RubricId>, PathBuf),
    /// The rubric of which a part is replaced, and the table.
    Table(RubricId, PathBuf),
}

/// The rubric whose anchors or questions a table replaces unless it names another: the only one that
/// was published as such a table.
const fn published_as(table: RubricTable) -> &'static str {
    match table {
        RubricTable::Anchors => "escalation",
        RubricTable::Questions => "vera-mh",
    }
}

impl FromStr for GivenRubric {
    type Err = Infallible;

    fn from_str(typed: &str) -> Result<Self, Infallible> {
        let is_name =
            |text: &str| text.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
        let (name, file) = match typed.split_once('=') {
            Some((name, file)) if is_name(name) => (Some(name), file),
            Some(_) | None => (None, typed),
        };
        let path = PathBuf::from(file);
        Ok(if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml")) {
            Self::Whole(name.map(RubricId::new), path)
        } else {
            let name = name.unwrap_or_else(|| published_as(RubricTable::of(file)));
            Self::Table(RubricId::new(name), path)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_names_its_rubric_or_stands_for_the_published_one() {
        let read = |typed: &str| match typed.parse().unwrap() {
            GivenRubric::Table(rubric, table) => (rubric.to_string(), table.display().to_string()),
            GivenRubric::Whole(rubric, file) => {
                let named = rubric.map_or("its own".to_owned(), |rubric| rubric.to_string());
                (named, file.display().to_string())
            }
        };
        let owned = |rubric: &str, table: &str| (rubric.to_owned(), table.to_owned());
        assert_eq!(read("protocol.csv"), owned("escalation", "protocol.csv"));
        assert_eq!(read("empathy=my.csv"), owned("empathy", "my.csv"));
        assert_eq!(read("data/rubric.TSV"), owned("vera-mh", "data/rubric.TSV"));
        assert_eq!(read("own=rubric.tsv"), owned("own", "rubric.tsv"));
        assert_eq!(read("a/b=c.csv"), owned("escalation", "a/b=c.csv"));
        assert_eq!(read("tree.toml"), owned("its own", "tree.toml"));
        assert_eq!(
            read("conversation-crisis=tree.toml"),
            owned("conversation-crisis", "tree.toml")
        );
    }
}
