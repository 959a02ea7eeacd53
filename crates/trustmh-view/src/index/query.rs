//! How an index is asked.

use serde::de::DeserializeOwned;
use std::path::Path;
use std::sync::OnceLock;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params_from_iter};
use trustmh_core::digest::Digest;
use trustmh_core::scorecard::Scorecard;

use super::facets::Kept;
use super::filter::Conditions;
use super::{FILE, FORMAT, Filter, Summary, Worst, journal_length, manifest_digest};
use crate::error::ViewError;

/// Trials a page.
pub(crate) const PAGE: u64 = 50;

/// An index that fits its run.
pub struct Index {
    pub(super) connection: Connection,
    pub(super) kept: OnceLock<Kept>,
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

/// The neighbours of a trial among those that a filter lets through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// The trial before.
    pub before: Option<String>,
    /// The trial after.
    pub after: Option<String>,
}

impl Index {
    /// Opens the index of a run; none if there is none, or if the run, the program or the files by which it is scored, of which `rules`
    /// is the hash, have changed since.
    ///
    /// # Errors
    /// [`ViewError`] if the file cannot be read.
    pub fn open(folder: &Path, rules: &Digest) -> Result<Option<Self>, ViewError> {
        if !folder.join(FILE).exists() {
            return Ok(None);
        }
        let index = Self::made(folder)?;
        // A damaged file is as good as none: it is derived.
        let fits = [
            ("format", FORMAT.to_owned()),
            ("journal", journal_length(folder).to_string()),
            ("manifest", manifest_digest(folder)),
            ("program", env!("CARGO_PKG_VERSION").to_owned()),
            ("rules", rules.to_string()),
        ]
        .iter()
        .all(|(key, value)| index.meta(key).ok().flatten().as_ref() == Some(value));
        Ok(fits.then_some(index))
    }

    /// Opens the index that was just made; the run may have grown since.
    pub(crate) fn made(folder: &Path) -> Result<Self, ViewError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(folder.join(FILE), flags)?;
        Ok(Self { connection, kept: OnceLock::new() })
    }

    fn meta(&self, key: &str) -> Result<Option<String>, ViewError> {
        let mut statement = self.connection.prepare("select value from meta where key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    fn read<T: DeserializeOwned>(&self, key: &str) -> Result<T, ViewError> {
        let text = self.meta(key)?.unwrap_or_default();
        serde_json::from_str(&text).map_err(|error| ViewError::Broken {
            what: format!("the {key} in the index"),
            why: error.to_string(),
        })
    }

    /// The scorecard as it was when the index was made.
    ///
    /// # Errors
    /// [`ViewError`] if the index is damaged.
    pub fn scorecard(&self) -> Result<Scorecard, ViewError> {
        self.read("scorecard")
    }

    pub(crate) fn summary(&self) -> Result<Summary, ViewError> {
        self.read("summary")
    }

    pub(crate) fn worst(&self) -> Result<Vec<Worst>, ViewError> {
        self.read("worst")
    }

    /// One page of the trials that `filter` lets through; pages count from 0, and behind the last one is the last.
    ///
    /// # Errors
    /// [`ViewError`] if the index is damaged.
    pub fn page(&self, filter: &Filter, page: u64) -> Result<Page, ViewError> {
        let conditions = Conditions::of(filter, self.kept()?);
        let (wheres, order) = (conditions.sql(), filter.order.keys().join(", "));
        let total = self.counted(&conditions)?;
        let number = page.min(last_page(total));
        let skipped = number * PAGE;
        let mut statement = self.connection.prepare(&format!(
            "select name, task, outcome, value, flags, reply from trial where {wheres} order by {order} limit {PAGE} offset {skipped}"
        ))?;
        let hits = statement.query_map(params_from_iter(conditions.values.iter()), hit)?;
        Ok(Page { hits: hits.collect::<Result<_, _>>()?, total, number })
    }

    /// Names of all trials that `filter` lets through, by name.
    ///
    /// # Errors
    /// [`ViewError`] if the index is damaged.
    pub fn names(&self, filter: &Filter) -> Result<Vec<String>, ViewError> {
        let conditions = Conditions::of(filter, self.kept()?);
        let sql = format!("select name from trial where {} order by name", conditions.sql());
        let mut statement = self.connection.prepare(&sql)?;
        let names =
            statement.query_map(params_from_iter(conditions.values.iter()), |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// How many trials `filter` lets through.
    ///
    /// # Errors
    /// [`ViewError`] if the index is damaged.
    pub fn count(&self, filter: &Filter) -> Result<u64, ViewError> {
        self.counted(&Conditions::of(filter, self.kept()?))
    }

    fn counted(&self, conditions: &Conditions) -> Result<u64, ViewError> {
        let sql = format!("select count(*) from trial where {}", conditions.sql());
        let values = params_from_iter(conditions.values.iter());
        let count: i64 = self.connection.query_row(&sql, values, |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The trials before and after one, among those that `filter` lets through and in its order.
    ///
    /// # Errors
    /// [`ViewError`] if the index is damaged.
    pub fn beside(&self, filter: &Filter, name: &str) -> Result<Beside, ViewError> {
        let keys = filter.order.keys();
        let rank = keys.join(", ");
        let conditions = Conditions::of(filter, self.kept()?);
        let find = |joint: &str, direction: &str| -> Result<Option<String>, ViewError> {
            let order: Vec<String> = keys.iter().map(|key| format!("{key} {direction}")).collect();
            let sql = format!(
                "select name from trial where {} and ({rank}) {joint} (select {rank} from trial where name = ?) order by {} limit 1",
                conditions.sql(),
                order.join(", ")
            );
            let name = rusqlite::types::Value::Text(name.to_owned());
            let values = conditions.values.iter().chain([&name]);
            let mut statement = self.connection.prepare(&sql)?;
            Ok(statement.query_row(params_from_iter(values), |row| row.get(0)).optional()?)
        };
        Ok(Beside { before: find("<", "desc")?, after: find(">", "asc")? })
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
