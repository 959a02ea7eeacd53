//! Which trials are wanted, and in which order.

use rusqlite::types::Value;
use std::collections::BTreeSet;

use super::apart;
use super::facets::{FacetId, Kept};

/// Which trials are wanted; empty fields let all through.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// A task.
    pub task: String,
    /// `scored`, `refused`, `unparsed`, `unanswered`, `failed`, `broken-client` or `pending`.
    pub outcome: String,
    /// Facets and their values, all of which a trial has: `language`, `variant`, `flag`, `tag:method`, `verdict:refusal, verdict`.
    pub facets: Vec<(String, String)>,
    /// At least this value of the task's measure.
    pub from: Option<f64>,
    /// At most this value.
    pub to: Option<f64>,
    /// Words that must all occur; words in quotation marks as they stand.
    pub words: String,
    /// Only trials with these names, where there is such a list.
    pub names: Option<BTreeSet<String>>,
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

impl Order {
    /// What trials are put in order by, the least first; no two trials are equal by it.
    pub(super) const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Name => &["name"],
            Self::Lowest => &["value is null", "coalesce(value, 0.0)", "name"],
            Self::Highest => &["value is null", "-coalesce(value, 0.0)", "name"],
        }
    }
}

/// Conditions of a query with their values; nothing of what was typed is in the SQL itself.
pub(super) struct Conditions {
    wheres: Vec<&'static str>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    fn none() -> Self {
        Self { wheres: vec!["1"], values: Vec::new() }
    }

    pub(super) fn sql(&self) -> String {
        self.wheres.join(" and ")
    }

    pub(super) fn add(&mut self, sql: &'static str, value: Value) {
        self.wheres.push(sql);
        self.values.push(value);
    }

    pub(super) fn is_everything(&self) -> bool {
        self.values.is_empty()
    }

    /// What is not chosen by facets: score, words, names.
    pub(super) fn apart_from_facets(filter: &Filter) -> Self {
        let mut found = Self::none();
        if let Some(from) = filter.from {
            found.add("value >= ?", Value::Real(from));
        }
        if let Some(to) = filter.to {
            found.add("value <= ?", Value::Real(to));
        }
        if let Some(wanted) = phrases(&filter.words) {
            found.add("id in (select rowid from words where words match ?)", Value::Text(wanted));
        }
        if let Some(names) = &filter.names {
            found.names(names);
        }
        found
    }

    fn names(&mut self, names: &BTreeSet<String>) {
        let listed = serde_json::Value::from_iter(names.iter().map(String::as_str)).to_string();
        self.add("name in (select value from json_each(?))", Value::Text(listed));
    }

    pub(super) fn of(filter: &Filter, kept: &Kept) -> Self {
        let mut found = Self::apart_from_facets(filter);
        if !filter.task.is_empty() {
            found.add("task = ?", Value::Text(filter.task.clone()));
        }
        if !filter.outcome.is_empty() {
            found.add("outcome = ?", Value::Text(filter.outcome.clone()));
        }
        for (key, value) in &filter.facets {
            found.facet(kept.id_of(key, value));
        }
        found
    }

    /// A facet is one of the profile, or kept by trial; one that no trial has lets nothing through.
    pub(super) fn facet(&mut self, facet: Option<FacetId>) {
        match facet {
            Some(FacetId::OfProfile(id)) => self.add(
                "profile in (select profile from profile_facet where facet = ?)",
                Value::Integer(id.into()),
            ),
            Some(FacetId::OfTrial(id)) => self.add(
                "id in (select trial from wide_facet where facet = ?)",
                Value::Integer(id.into()),
            ),
            None => self.add("1 = ?", Value::Integer(0)),
        }
    }
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
        let asked = Filter { task: "x' or 1=1".to_owned(), ..Filter::default() };
        let found = Conditions::of(&asked, &Kept::default());
        assert_eq!((found.sql().as_str(), found.values.len()), ("1 and task = ?", 1));
    }
}
