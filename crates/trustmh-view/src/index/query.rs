//! How an index is asked.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params_from_iter};
use trustmh_core::digest::Digest;
use trustmh_core::scorecard::Scorecard;

use super::{FILE, FORMAT, apart, journal_length};
use crate::error::ViewError;

/// Trials a page.
pub(crate) const PAGE: u64 = 50;

/// An index that fits its run.
pub struct Index {
    connection: Connection,
}

/// Which trials are wanted; empty fields let all through.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// A task.
    pub task: String,
    /// `scored`, `refused`, `unparsed`, `unanswered`, `failed`, `broken-client` or `pending`.
    pub outcome: String,
    /// A facet and its value, as `facet=value`.
    pub tag: String,
    /// At least this value of the task's measure.
    pub from: Option<f64>,
    /// At most this value.
    pub to: Option<f64>,
    /// Words that must all occur; words in quotation marks as they stand.
    pub words: String,
    /// In which order.
    pub order: Order,
}

/// The order of trials.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// By name.
    #[default]
    Name,
    /// Low values of the measure first.
    Lowest,
    /// High values first.
    Highest,
}

/// A trial that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its name.
    pub name: String,
    /// Its task.
    pub task: String,
    /// Its outcome.
    pub outcome: String,
    /// The value of its task's measure.
    pub value: Option<f64>,
    /// Flags in words.
    pub flags: String,
    /// The beginning of the reply.
    pub reply: String,
}

/// A page of hits.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The hits.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: u64,
    /// Which page it is, from 0.
    pub number: u64,
}

impl Page {
    /// The last page there is, from 0.
    pub fn last(&self) -> u64 {
        last_page(self.total)
    }
}

fn last_page(total: u64) -> u64 {
    total.saturating_sub(1) / PAGE
}

impl Index {
    /// Opens the index of a run; none if there is none, or if the run, the program or the task files by which it is scored, of which
    /// `files` is the hash, have changed since.
    ///
    /// # Errors
    /// [`ViewError`] if the file cannot be read.
    pub fn open(folder: &Path, files: &Digest) -> Result<Option<Self>, ViewError> {
        if !folder.join(FILE).exists() {
            return Ok(None);
        }
        let index = Self::made(folder)?;
        // A damaged file is as good as none: it is derived.
        let fits = [
            ("format", FORMAT.to_owned()),
            ("journal", journal_length(folder).to_string()),
            ("program", env!("CARGO_PKG_VERSION").to_owned()),
            ("task-files", files.to_string()),
        ]
        .iter()
        .all(|(key, value)| index.meta(key).ok().flatten().as_ref() == Some(value));
        Ok(fits.then_some(index))
    }

    /// Opens the index that was just made; the run may have grown since.
    pub(crate) fn made(folder: &Path) -> Result<Self, ViewError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Ok(Self { connection: Connection::open_with_flags(folder.join(FILE), flags)? })
    }

    fn meta(&self, key: &str) -> Result<Option<String>, ViewError> {
        let mut statement = self.connection.prepare("select value from meta where key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// The scorecard as it was when the index was made.
    ///
    /// # Errors
    /// [`ViewError`] if the index is damaged.
    pub fn scorecard(&self) -> Result<Scorecard, ViewError> {
        let text = self.meta("scorecard")?.unwrap_or_default();
        serde_json::from_str(&text).map_err(|error| ViewError::Broken {
            what: "the scorecard in the index".to_owned(),
            why: error.to_string(),
        })
    }

    /// One page of the trials that `filter` lets through; pages count from 0, and behind the last one is the last.
    ///
    /// # Errors
    /// [`ViewError`] if the index is damaged.
    pub fn page(&self, filter: &Filter, page: u64) -> Result<Page, ViewError> {
        let (wheres, values) = conditions(filter);
        let total: i64 = self.connection.query_row(
            &format!("select count(*) from trial where {wheres}"),
            params_from_iter(values.iter()),
            |row| row.get(0),
        )?;
        let order = match filter.order {
            Order::Name => "name",
            Order::Lowest => "value is null, value, name",
            Order::Highest => "value is null, value desc, name",
        };
        let total = total.unsigned_abs();
        let number = page.min(last_page(total));
        let skipped = number * PAGE;
        let mut statement = self.connection.prepare(&format!(
            "select name, task, outcome, value, flags, reply from trial where {wheres} order by {order} limit {PAGE} offset {skipped}"
        ))?;
        let hits = statement.query_map(params_from_iter(values.iter()), hit)?;
        Ok(Page { hits: hits.collect::<Result<_, _>>()?, total, number })
    }

    /// Names and values of all trials that `filter` lets through, by name.
    ///
    /// # Errors
    /// [`ViewError`] if the index is damaged.
    pub fn values(&self, filter: &Filter) -> Result<Vec<(String, Option<f64>)>, ViewError> {
        let (wheres, values) = conditions(filter);
        let sql = format!("select name, value from trial where {wheres} order by name");
        let mut statement = self.connection.prepare(&sql)?;
        let found = statement
            .query_map(params_from_iter(values.iter()), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Names of all trials that `filter` lets through, in its order.
    ///
    /// # Errors
    /// [`ViewError`] if the index is damaged.
    pub fn names(&self, filter: &Filter) -> Result<Vec<String>, ViewError> {
        let (wheres, values) = conditions(filter);
        let mut statement = self
            .connection
            .prepare(&format!("select name from trial where {wheres} order by name"))?;
        let names = statement.query_map(params_from_iter(values.iter()), |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// The trials before and after one, in the order of names.
    ///
    /// # Errors
    /// [`ViewError`] if the index is damaged.
    pub fn beside(&self, name: &str) -> Result<[Option<String>; 2], ViewError> {
        let find = |sql: &str| {
            self.connection.prepare(sql)?.query_row([name], |row| row.get(0)).optional()
        };
        Ok([
            find("select name from trial where name < ?1 order by name desc limit 1")?,
            find("select name from trial where name > ?1 order by name limit 1")?,
        ])
    }

    /// Tags and how many trials of a task have each; those of a single trial are left out.
    ///
    /// # Errors
    /// [`ViewError`] if the index is damaged.
    pub fn tags(&self, task: &str) -> Result<BTreeMap<String, u64>, ViewError> {
        let mut statement = self.connection.prepare(
            "select tag, sum(n) from tag_count where task = ?1 or ?1 = '' group by tag limit 200",
        )?;
        let counts = statement
            .query_map([task], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
        Ok(counts.collect::<Result<_, _>>()?)
    }
}

fn hit(row: &Row<'_>) -> rusqlite::Result<Hit> {
    Ok(Hit {
        name: row.get(0)?,
        task: row.get(1)?,
        outcome: row.get(2)?,
        value: row.get(3)?,
        flags: row.get(4)?,
        reply: row.get(5)?,
    })
}

/// A filter as SQL with its values; nothing of what was typed is in the SQL itself.
fn conditions(filter: &Filter) -> (String, Vec<Value>) {
    let mut wheres = vec!["1"];
    let mut values = Vec::new();
    let mut add = |sql, value: Value| {
        wheres.push(sql);
        values.push(value);
    };
    if !filter.task.is_empty() {
        add("task = ?", Value::Text(filter.task.clone()));
    }
    if !filter.outcome.is_empty() {
        add("outcome = ?", Value::Text(filter.outcome.clone()));
    }
    if !filter.tag.is_empty() {
        add("id in (select trial from tag where tag = ?)", Value::Text(filter.tag.clone()));
    }
    if let Some(from) = filter.from {
        add("value >= ?", Value::Real(from));
    }
    if let Some(to) = filter.to {
        add("value <= ?", Value::Real(to));
    }
    if let Some(wanted) = phrases(&filter.words) {
        add("id in (select rowid from words where words match ?)", Value::Text(wanted));
    }
    (wheres.join(" and "), values)
}

/// What was typed as a search of the index: every word quoted, so that nothing of it is taken for syntax.
fn phrases(typed: &str) -> Option<String> {
    let mut wanted = Vec::new();
    for (place, part) in typed.split('"').enumerate() {
        // Between the first and the second quotation mark, the third and the fourth, and so on, words stand together.
        if place % 2 == 1 {
            wanted.push(part.to_owned());
        } else {
            wanted.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    let quoted: Vec<String> = wanted
        .iter()
        .filter(|part| part.chars().any(char::is_alphanumeric))
        .map(|part| format!("\"{}\"", apart(part).trim()))
        .collect();
    (!quoted.is_empty()).then(|| quoted.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_no_syntax() {
        assert_eq!(
            phrases("cut OR \"my wrist\" NEAR(x)"),
            Some("\"cut\" \"OR\" \"my wrist\" \"NEAR(x)\"".to_owned())
        );
        assert_eq!(phrases("难过"), Some("\"难  过\"".to_owned()));
        assert_eq!(phrases(" * \"\" "), None);
        let (sql, values) =
            conditions(&Filter { task: "x' or 1=1".to_owned(), ..Filter::default() });
        assert_eq!((sql.as_str(), values.len()), ("1 and task = ?", 1));
    }
}
